"""What a sheet is: our own format, the merchant's mapping, a platform's report, else a proposal by similarity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

from engine.data.headers import YUAN, read_header
from engine.data.importing.completion import Context, complete, sells_on
from engine.data.importing.mapping import Entry
from engine.data.importing.model import Feed, Recognition, Sheet
from engine.data.importing.names import (
    Heading,
    base_name,
    find_column,
    fold,
    headings,
    in_unit,
    plain,
    suffix_of,
    unit_agrees,
)
from engine.data.importing.platforms import (
    LISTED_TABLES,
    ORDER_LINE_COLUMNS,
    Export,
    Platform,
    load_platforms,
    vocabulary,
)
from engine.data.importing.policy import is_fact
from engine.data.importing.preamble import surroundings
from engine.data.importing.proposals import propose
from engine.data.tables import TABLES

__all__ = ["Context", "recognise", "vocabulary"]

MARK, OWN_MARK = 2, 3
"""What a platform's word and a report's own word around the table count, in headers."""


@dataclass(frozen=True)
class _Match:
    platform: Platform
    export: Export
    feeds: tuple[Feed, ...]
    notes: tuple[str, ...]
    score: tuple[int, bool, int]


def recognise(sheet: Sheet, context: Context) -> Recognition:
    """The tables that a sheet feeds and how. Reads at most the sheet's first block.

    Order: the merchant's mapping file; our own format; the platform's report with the most headers in common; a
    proposal by similarity; else nothing (``source`` is ``none`` and ``notes`` say what it lacked). Headers named on
    the command line (``context.columns``) win over all of these.
    """
    if not headings(sheet.names):
        return Recognition("", "", "none", (), (), ("no header was found",))
    result = _mapped(sheet, context) or _own(sheet) or _platform(sheet, context)
    if result is not None:
        return _as_said(result, sheet, context) if result.feeds else result
    proposal = propose(sheet, context)
    if proposal is not None:
        return proposal
    unused = tuple(name for name in sheet.names if fold(name))
    return Recognition("", "", "none", (), unused, ("its headers match no table well enough",))


def _mapped(sheet: Sheet, context: Context) -> Recognition | None:
    """By the merchant's file; an entry that he has not confirmed stays a proposal."""
    entries = context.mapping.entries_for(sheet.names)
    if not entries:
        return None
    if all(entry.ignore for entry in entries):
        names = tuple(name for name in sheet.names if fold(name))
        return Recognition("", "", "mapping", (), names, ("left out as import.yaml says",))
    feeds: list[Feed] = []
    notes: list[str] = []
    for entry in (entry for entry in entries if not entry.ignore):
        feed, lacking, told = _entry_feed(entry, sheet, context)
        notes += told
        if lacking:
            wanted = ", ".join(lacking)
            notes.append(f"import.yaml: {entry.table} needs {wanted}: name a header or a constant for it")
        else:
            feeds.append(feed)
    confirmed = all(entry.confirmed for entry in entries)
    if not confirmed:
        notes.append("proposed in import.yaml and not confirmed yet")
    source: Literal["none", "mapping", "similarity"] = "none" if not feeds else "mapping" if confirmed else "similarity"
    return Recognition("", "import.yaml", source, tuple(feeds), _unused(sheet, feeds), tuple(notes))


def _entry_feed(entry: Entry, sheet: Sheet, context: Context) -> tuple[Feed, tuple[str, ...], tuple[str, ...]]:
    by_name = {fold(head.name): head for head in reversed(headings(sheet.names))}
    named = {column: by_name[fold(header)] for header, column in entry.columns.items()}
    columns, units = _in_units(entry.table, named)
    completed = complete(entry.table, columns, entry.constants, sheet, context, None)
    lacking = tuple(name for name in completed.missing if not (entry.kind == "order_lines" and name == "line"))
    grain = tuple(by_name[fold(header)].position for header in entry.grain)
    feed = Feed(entry.table, columns, completed.constants, grain, entry.kind, entry.meaning, units)
    return feed, lacking, completed.notes


def _own(sheet: Sheet) -> Recognition | None:
    """Our own format: a file or sheet named after a table, or nothing but names of one table's columns."""
    for table in TABLES.values():
        header = read_header(table, sheet.names)
        ignored = [name for name in header.ignored if fold(name)]
        titles = _titles(sheet)
        named = fold(table.name) in titles or (fold(table.zh) in titles and not ignored)
        ours = not ignored and all(
            base_name(sheet.names[place].strip()) == column for column, place in header.found.items()
        )
        if header.missing or not (named or ours):
            continue
        columns = {
            column.replace("_fen", YUAN) if column in header.yuan else column: place
            for column, place in header.found.items()
        }
        notes = [f"several columns for {column}: {names[0]} is read" for column, names in header.doubled.items()]
        return Recognition("", table.name, "own", (Feed(table.name, columns),), tuple(ignored), tuple(notes))
    return None


def _titles(sheet: Sheet) -> set[str]:
    """Names of file and sheet without numbers at their ends: ``sales_2026-01 (2).csv`` is ``sales``."""
    names = (sheet.sheet, PurePath(sheet.file).stem)
    return {fold(re.sub(r"[\W\d_]+$", "", name)) for name in names} | {fold(name) for name in names}


def _platform(sheet: Sheet, context: Context) -> Recognition | None:
    """The report that has the most headers in common with the sheet."""
    if not sheet.header_row:
        return None
    around = surroundings(sheet)
    found = headings(sheet.names)
    matches = [
        match
        for platform in load_platforms()
        for export in platform.exports
        if (match := _match(platform, export, found, around, sheet, context)) is not None
    ]
    if not matches:
        return None
    best = max(matches, key=lambda match: match.score)
    equal = [one.export.name for one in matches if one is not best and one.score == best.score]
    notes = (*best.notes, *([f"{', '.join(equal)} would fit as well"] if equal else []))
    return Recognition(
        best.platform.platform, best.export.name, "platform", best.feeds, _unused(sheet, best.feeds), notes
    )


def _match(
    platform: Platform, export: Export, found: Sequence[Heading], around: str, sheet: Sheet, context: Context
) -> _Match | None:
    present: dict[str, list[Heading]] = {}
    for head in found:
        present.setdefault(head.plain, []).append(head)

    def holds(word: str) -> bool:
        return fold(word[1:]) in around if word.startswith("~") else plain(word) in present

    if not all(any(map(holds, group)) for group in export.requires):
        return None
    firsts = {name: _first(export, name, words, present) for name, words in export.columns.items()}
    named = {name: head for name, head in firsts.items() if head is not None}
    grain = [head.position for word in export.grain for head in present.get(plain(word), [])]
    feeds: list[Feed] = []
    notes: list[str] = []
    for table in export.tables:
        feed, told = _export_feed(table, platform, export, named, grain, sheet, context)
        if feed is not None:
            feeds.append(feed)
            notes += told
    if not feeds:
        return None
    words = {plain(word) for word in (*export.known, *export.grain)}
    explained = {head.position for head in named.values()} | {head.position for head in found if head.plain in words}
    told = [word[1:] for group in export.requires for word in group if word.startswith("~")]
    marks = OWN_MARK * (_said(export.marks, around) + _said(told, around)) + MARK * _said(platform.marks, around)
    score = (len(explained) + marks, sells_on(platform, context), len(named))
    return _Match(platform, export, tuple(feeds), tuple(dict.fromkeys(notes)), score)


def _said(words: Sequence[str], around: str) -> bool:
    return any(fold(word) in around for word in words)


def _first(export: Export, name: str, words: Sequence[str], present: Mapping[str, Sequence[Heading]]) -> Heading | None:
    """The first header for a column whose unit the column can be read from."""
    column = next(filter(None, (find_column(TABLES[table], name) for table in export.tables)), None)
    for word in words:
        for head in present.get(plain(word), ()):
            if column is None or unit_agrees(column, head.unit):
                return head
    return None


def _export_feed(
    table: str,
    platform: Platform,
    export: Export,
    named: Mapping[str, Heading],
    grain: Sequence[int],
    sheet: Sheet,
    context: Context,
) -> tuple[Feed | None, Sequence[str]]:
    """How the report feeds one table; None where it does not hold what the table needs."""
    listed, line = table in LISTED_TABLES, export.kind == "order_lines"
    extra = (*(("platform_id",) if listed else ()), *(ORDER_LINE_COLUMNS if line else ()))
    mine = {name: head for name, head in named.items() if name in extra or find_column(TABLES[table], name)}
    columns, units = _in_units(table, mine)
    completed = complete(table, columns, export.constants, sheet, context, platform)
    lacking = [name for name in completed.missing if not (export.kind == "order_lines" and name == "line")]
    measured = not is_fact(table) or any(base_name(name) not in (*TABLES[table].key, "platform_id") for name in columns)
    goods = {"sku", "platform_id"} & set(columns)
    by_item = "sku" in TABLES[table].key and completed.constants.get("basis") != "shop_day"
    if lacking or not measured or (by_item and not goods):
        return None, ()
    further = tuple(dict.fromkeys(place for place in grain if place not in columns.values()))
    feed = Feed(table, columns, completed.constants, further, export.kind, export.meaning, units)
    return feed, completed.notes


def _in_units(table: str, named: Mapping[str, Heading]) -> tuple[dict[str, int], dict[str, str]]:
    """Positions by column, money under the name of the unit that its header states, and what the cells lack."""
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    for name, head in named.items():
        column = find_column(TABLES[table], name)
        handed = in_unit(name, column, head.unit) if column else name
        columns[handed] = head.position
        if suffix_of(head.unit):
            units[handed] = suffix_of(head.unit)
    return columns, units


def _as_said(result: Recognition, sheet: Sheet, context: Context) -> Recognition:
    """What the merchant says of single headers on the command line, over what was recognised."""
    said = {
        head.position: (head, name) for head in headings(sheet.names) if (name := context.said(head.name)) is not None
    }
    if not said:
        return result
    feeds = tuple(_overridden(feed, said) for feed in result.feeds)
    return replace(result, feeds=feeds, unused=_unused(sheet, feeds))


def _overridden(feed: Feed, said: Mapping[int, tuple[Heading, str]]) -> Feed:
    columns = {name: place for name, place in feed.columns.items() if place not in said}
    units = {name: unit for name, unit in feed.units.items() if name in columns}
    for head, name in said.values():
        if name and (find_column(TABLES[feed.table], name) or name == "platform_id"):
            columns = {have: place for have, place in columns.items() if base_name(have) != base_name(name)}
            added, suffixes = _in_units(feed.table, {name: head})
            columns |= added
            units |= suffixes
    have = set(map(base_name, columns))
    constants = {name: value for name, value in feed.constants.items() if base_name(name) not in have}
    grain = tuple(place for place in feed.grain if place not in said)
    return replace(feed, columns=columns, constants=constants, grain=grain, units=units)


def _unused(sheet: Sheet, feeds: Sequence[Feed]) -> tuple[str, ...]:
    used = {place for feed in feeds for place in _places(feed)}
    return tuple(name for place, name in enumerate(sheet.names) if fold(name) and place not in used)


def _places(feed: Feed) -> Iterator[int]:
    yield from feed.columns.values()
    yield from feed.grain
