"""What a sheet is: our own format, the merchant's mapping, a platform's report, else a proposal by similarity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Literal

from engine.data.headers import FEN, YUAN, read_header
from engine.data.importing.completion import Context, complete
from engine.data.importing.mapping import Entry
from engine.data.importing.model import Feed, Recognition, Sheet
from engine.data.importing.names import Heading, base_name, find_column, fold, headings, in_units, unused_names
from engine.data.importing.order_lines import line_notes
from engine.data.importing.platforms import vocabulary
from engine.data.importing.proposals import propose
from engine.data.importing.reports import match_report
from engine.data.tables import TABLES

__all__ = ["Context", "recognise", "vocabulary"]


def recognise(sheet: Sheet, context: Context) -> Recognition:
    """The tables that a sheet feeds and how. Reads at most the sheet's first block.

    Order: the merchant's mapping file; our own format; the platform's report with the most headers in common; a
    proposal by similarity; else nothing (``source`` is ``none`` and ``notes`` say what it lacked). Headers named on
    the command line (``context.columns``) win over all of these.
    """
    if not headings(sheet.names):
        return Recognition("", "", "none", (), (), ("no header was found",))
    result = _mapped(sheet, context) or _own(sheet)
    if result is None:
        report = match_report(sheet, context)
        result = report if report is not None and report.feeds else propose(sheet, context) or report
    if result is None:
        note = "its headers match no table well enough"
        return Recognition("", "", "none", (), unused_names(sheet.names, ()), (note,))
    result = _as_said(result, sheet, context) if result.feeds else result
    notes = (note for feed in result.feeds if feed.kind == "order_lines" for note in line_notes(feed))
    return replace(result, notes=(*result.notes, *notes))


def _mapped(sheet: Sheet, context: Context) -> Recognition | None:
    """By the merchant's file; an entry that he has not confirmed stays a proposal."""
    entries = context.mapping.entries_for(sheet.names)
    if not entries:
        return None
    if all(entry.ignore for entry in entries):
        note = "left out as import.yaml says"
        return Recognition("", "", "mapping", (), unused_names(sheet.names, ()), (note,))
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
    return Recognition("", "import.yaml", source, tuple(feeds), unused_names(sheet.names, _places(feeds)), tuple(notes))


def _entry_feed(entry: Entry, sheet: Sheet, context: Context) -> tuple[Feed, tuple[str, ...], tuple[str, ...]]:
    by_name = {fold(head.name): head for head in reversed(headings(sheet.names))}
    named = {column: by_name[fold(header)] for header, column in entry.columns.items()}
    columns, units = in_units(TABLES[entry.table], named)
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
            column.replace(FEN, YUAN) if column in header.yuan else column: place
            for column, place in header.found.items()
        }
        notes = [f"several columns for {column}: {names[0]} is read" for column, names in header.doubled.items()]
        return Recognition("", table.name, "own", (Feed(table.name, columns),), tuple(ignored), tuple(notes))
    return None


def _titles(sheet: Sheet) -> set[str]:
    """Names of file and sheet without numbers at their ends: ``sales_2026-01 (2).csv`` is ``sales``."""
    names = (sheet.sheet, PurePath(sheet.file).stem)
    return {fold(re.sub(r"[\W\d_]+$", "", name)) for name in names} | {fold(name) for name in names}


def _as_said(result: Recognition, sheet: Sheet, context: Context) -> Recognition:
    """What the merchant says of single headers on the command line, over what was recognised."""
    said = {
        head.position: (head, name) for head in headings(sheet.names) if (name := context.said(head.name)) is not None
    }
    if not said:
        return result
    feeds = tuple(_overridden(feed, said) for feed in result.feeds)
    return replace(result, feeds=feeds, unused=unused_names(sheet.names, _places(feeds)))


def _overridden(feed: Feed, said: Mapping[int, tuple[Heading, str]]) -> Feed:
    columns = {name: place for name, place in feed.columns.items() if place not in said}
    units = {name: unit for name, unit in feed.units.items() if name in columns}
    for head, name in said.values():
        if name and (find_column(TABLES[feed.table], name) or name == "platform_id"):
            columns = {have: place for have, place in columns.items() if base_name(have) != base_name(name)}
            added, suffixes = in_units(TABLES[feed.table], {name: head})
            columns |= added
            units |= suffixes
    have = set(map(base_name, columns))
    constants = {name: value for name, value in feed.constants.items() if base_name(name) not in have}
    grain = tuple(place for place in feed.grain if place not in said)
    return replace(feed, columns=columns, constants=constants, grain=grain, units=units)


def _places(feeds: Iterable[Feed]) -> Iterator[int]:
    for feed in feeds:
        yield from feed.columns.values()
        yield from feed.grain
