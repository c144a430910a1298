"""Which platform's report a sheet is, by its headers and by what stands around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.data.importing.completion import Context, complete, sells_on
from engine.data.importing.model import Feed, Recognition, Sheet
from engine.data.importing.names import (
    Heading,
    base_name,
    find_column,
    fold,
    headings,
    in_units,
    plain,
    unit_agrees,
    unused_names,
)
from engine.data.importing.platforms import LISTED_TABLES, ORDER_LINE_COLUMNS, Export, Platform, load_platforms
from engine.data.importing.policy import is_fact
from engine.data.importing.preamble import surroundings
from engine.data.tables import TABLES

MARK, OWN_MARK = 2, 3
"""What a platform's word and a report's own word around the table count, in headers."""
LACKS = "looks like"
"""Beginning of notes on reports that cannot be used as they are."""


@dataclass(frozen=True)
class _Match:
    platform: Platform
    export: Export
    feeds: tuple[Feed, ...]
    notes: tuple[str, ...]
    score: tuple[int, bool, int]


def match_report(sheet: Sheet, context: Context) -> Recognition | None:
    """The report that has the most headers in common with the sheet, words around it counted; None where none has.

    Without feeds (``source`` ``none``, ``notes`` say why) where the sheet is such a report and lacks what it needs.
    """
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
    best = max(matches, key=lambda match: (bool(match.feeds), match.score))
    if not best.feeds:
        return Recognition(
            best.platform.platform, best.export.name, "none", (), unused_names(sheet.names, ()), best.notes
        )
    equal = [one.export.name for one in matches if one is not best and one.feeds and one.score == best.score]
    notes = (*best.notes, *([f"{', '.join(equal)} would fit as well"] if equal else []))
    used = (place for feed in best.feeds for place in (*feed.columns.values(), *feed.grain))
    unused = unused_names(sheet.names, used)
    return Recognition(best.platform.platform, best.export.name, "platform", best.feeds, unused, notes)


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
        feeds += [] if feed is None else [feed]
        notes += told
    words = {plain(word) for word in (*export.known, *export.grain)}
    explained = {head.position for head in named.values()} | {head.position for head in found if head.plain in words}
    told = [word[1:] for group in export.requires for word in group if word.startswith("~")]
    marks = OWN_MARK * (_said(export.marks, around) + _said(told, around)) + MARK * _said(platform.marks, around)
    score = (len(explained) + marks, sells_on(platform, context), len(named))
    told_notes = [note for note in dict.fromkeys(notes) if not (feeds and note.startswith(LACKS))]
    return _Match(platform, export, tuple(feeds), tuple(told_notes), score)


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
    columns, units = in_units(TABLES[table], mine)
    completed = complete(table, columns, export.constants, sheet, context, platform)
    lacking = [name for name in completed.missing if not (export.kind == "order_lines" and name == "line")]
    measured = not is_fact(table) or any(base_name(name) not in (*TABLES[table].key, "platform_id") for name in columns)
    goods = {"sku", "platform_id"} & set(columns)
    by_item = "sku" in TABLES[table].key and completed.constants.get("basis") != "shop_day"
    if by_item and not goods:
        lacking = list(dict.fromkeys(["sku", *lacking]))
    if lacking or not measured:
        wanted = ", ".join(f"{TABLES[table].column(name).zh} ({name})" for name in lacking)
        return None, [f"{LACKS} {export.name} for {table}: no {wanted}; name a header or a constant in import.yaml"]
    further = tuple(dict.fromkeys(place for place in grain if place not in columns.values()))
    feed = Feed(table, columns, completed.constants, further, export.kind, export.meaning, units)
    return feed, completed.notes
