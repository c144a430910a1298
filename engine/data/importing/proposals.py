"""A proposal for sheets that nothing explains: by the similarity of headers and the shape of the cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from engine.data.contract.column import Column, Table
from engine.data.headers import spellings
from engine.data.importing.completion import Completed, Context, complete
from engine.data.importing.model import Feed, Recognition, Sheet
from engine.data.importing.names import Heading, fold, headings, in_unit, plain, suffix_of, unit_agrees
from engine.data.importing.platforms import LISTED_TABLES, load_vocabulary
from engine.data.importing.policy import is_fact
from engine.data.importing.shapes import MOST, Shape, is_key, sample, shape_fits, shape_of
from engine.data.tables import TABLES

SAID, EXACT, WORD, NUMBERED, WEAK, STAND_IN = 2.0, 1.0, 0.95, 0.85, 0.7, 0.6
"""Scores of a header for a column: said by the merchant, the contract's own name, a known word, a word with a number
behind it, a word of several meanings, a column that takes the place of another."""
ENOUGH = 0.6
"""Least score at which a header stands for a column; that of a column of dates under a name that says nothing."""
SIDE = 0.5
"""Weight of a header that tells rows apart or speaks for the table without feeding it."""
EXPLAINED = 0.4
"""Least share of the headers that a proposal must explain, unless it explains :data:`MANY`."""
MANY = 4
LONGEST = 40
"""Longest name, in letters, that is compared letter by letter."""
ALIKE = 0.82
"""Least similarity of two texts of which neither holds the other."""
IDS = (
    "sku",
    "spu",
    "platform_id",
    "channel",
    "warehouse",
    "region",
    "supplier",
    "po",
    "order_id",
    "line",
    "colour",
    "size",
)
_DIGITS = re.compile(r"^(?P<word>.*?[^\d])(?P<number>\d{1,2})$")


@dataclass(frozen=True)
class Proposal:
    """A table for a sheet: positions by column, further positions that tell rows apart, what speaks for it."""

    table: Table
    columns: Mapping[str, int]
    grain: tuple[int, ...]
    evidence: tuple[int, ...]
    completed: Completed
    score: float


def propose(sheet: Sheet, context: Context) -> Recognition | None:
    """The table that explains the headers best; None where none does well enough."""
    found = headings(sheet.names)
    if not sheet.header_row or not found:
        return None
    frame = sample(sheet)
    shapes = {head.position: shape_of(frame.get(head.position, pd.Series(dtype="str"))) for head in found}
    found = tuple(head for head in found if context.said(head.name) != "")
    proposals = [
        proposal
        for table in load_vocabulary().tables
        if (proposal := _for_table(TABLES[table], found, shapes, frame, sheet, context)) is not None
    ]
    if not proposals:
        return None
    best = max(proposals, key=lambda proposal: proposal.score)
    rivals = [one.table.name for one in proposals if one is not best and best.score - one.score < SIDE / 2]
    return _recognition(best, rivals, found, sheet)


def _for_table(
    table: Table,
    found: Sequence[Heading],
    shapes: Mapping[int, Shape],
    frame: pd.DataFrame,
    sheet: Sheet,
    context: Context,
) -> Proposal | None:
    columns, score = _assign(table, found, shapes, context)
    completed = complete(table.name, columns, {}, sheet, context, None)
    order_lines = table.name == "orders"
    missing = [name for name in completed.missing if not (order_lines and name == "line")]
    measured = any(table.column(name).name not in table.key for name in columns if name != "platform_id")
    if missing or (is_fact(table.name) and not measured):
        return None
    rest = [head for head in found if head.position not in columns.values()]
    grain = tuple(head.position for head in rest if is_fact(table.name) and _is_id(head))
    words = [fold(word) for word in load_vocabulary().evidence.get(table.name, ())]
    evidence = tuple(
        head.position for head in rest if head.position not in grain and any(word in head.plain for word in words)
    )
    explained = len(columns) + len(grain) + len(evidence)
    if explained < min(2, len(found)) or (explained < MANY and explained < EXPLAINED * len(found)) or explained < 2:
        return None
    keys = [columns[name] for name in table.key if name in columns]
    if not is_fact(table.name) and not order_lines and not is_key(frame, keys):
        return None
    score += SIDE * (len(grain) + len(evidence)) - SIDE * len(completed.assumed)
    return Proposal(table, columns, grain, evidence, completed, score)


def _assign(
    table: Table, found: Sequence[Heading], shapes: Mapping[int, Shape], context: Context
) -> tuple[dict[str, int], float]:
    """The assignment of headers to columns with the highest sum of scores, each used once."""
    columns = list(table.columns)
    if table.name in LISTED_TABLES and "platform_id" not in table.names:
        columns.append(replace(TABLES["listings"].column("platform_id"), required=False))
    scores = np.zeros((len(found), len(columns)))
    for row, head in enumerate(found):
        chosen = context.said(head.name)
        for place, column in enumerate(columns):
            if chosen is not None:
                scores[row, place] = SAID if chosen in (column.name, column.name.replace("_fen", "_yuan")) else 0.0
            elif shape_fits(column, shapes[head.position]):
                dated = column.name == "date" and column.required and shapes[head.position].dates >= MOST
                scores[row, place] = max(similarity(head, table.name, column), ENOUGH * dated)
    scores[scores < ENOUGH] = 0.0
    rows, places = linear_sum_assignment(scores, maximize=True)
    taken = [(int(row), int(place)) for row, place in zip(rows, places, strict=True) if scores[row, place]]
    named = {columns[place].name: found[row].position for row, place in taken}
    return named, float(sum(scores[pair] for pair in taken))


def similarity(head: Heading, table: str, column: Column) -> float:
    """How well a header names a column of a table, 0 to 1."""
    if not unit_agrees(column, head.unit):
        return 0.0
    words = _words(table, column)
    best = words.get(head.plain, 0.0)
    numbered = _DIGITS.match(head.plain)
    if numbered and numbered["word"] in words:
        best = max(best, NUMBERED - 0.01 * int(numbered["number"]))
    if not best and 1 < len(head.plain) <= LONGEST:
        best = max((score * _likeness(head.plain, word) for word, score in words.items()), default=0.0)
    return max(best, _stand_ins(column.name).get(head.plain, 0.0)) if column.required else best


@lru_cache(maxsize=2**16)
def _likeness(name: str, word: str) -> float:
    """Below 1: a word within the name, or two texts that differ little; 0 where another figure is meant."""
    within = len(word) / len(name) if len(word) >= 2 and word in name else 0.0
    matcher = SequenceMatcher(None, name, word)
    alike = matcher.ratio() if len(name) >= 4 and matcher.real_quick_ratio() > ALIKE < matcher.quick_ratio() else 0.0
    best = max(0.4 + 0.4 * within if within >= 0.6 else 0.0, 0.85 * alike if alike > ALIKE else 0.0)
    return best if best and _qualified(name) == _qualified(word) else 0.0


@cache
def _qualified(name: str) -> frozenset[str]:
    """Words in a name that make another figure of it."""
    return frozenset(word for word in load_vocabulary().qualifiers if fold(word) in name)


@cache
def _words(table: str, column: Column) -> dict[str, float]:
    """Every word for a column of a table with its score."""
    general = load_vocabulary()
    words = dict.fromkeys((plain(word) for word in general.weak.get(table, {}).get(column.name, ())), WEAK)
    words |= dict.fromkeys(map(plain, general.columns.get(column.name, ())), WORD)
    words |= dict.fromkeys(map(plain, general.tables.get(table, {}).get(column.name, ())), WORD)
    words |= dict.fromkeys(map(plain, spellings(column)), EXACT)
    return words


@cache
def _stand_ins(name: str) -> dict[str, float]:
    """Words that take the place of a column with their scores, the first the best."""
    words = [plain(word) for word in load_vocabulary().stand_ins.get(name, ())]
    return {word: STAND_IN + 0.05 / (1 + place) for place, word in enumerate(words)}


@cache
def _spelled(name: str) -> frozenset[str]:
    """Every general word for a column, whatever the table."""
    words = {plain(word) for word in load_vocabulary().columns.get(name, ())}
    for table in TABLES.values():
        words |= {plain(word) for column in table.columns if column.name == name for word in spellings(column)}
    return frozenset(words)


def _is_id(head: Heading) -> bool:
    return not head.unit and any(head.plain in _spelled(name) for name in IDS)


def _recognition(best: Proposal, rivals: Sequence[str], found: Sequence[Heading], sheet: Sheet) -> Recognition:
    units = {head.position: head.unit for head in found}
    table = best.table
    columns: dict[str, int] = {}
    suffixes: dict[str, str] = {}
    for name, position in best.columns.items():
        column = None if name == "platform_id" and name not in table.names else table.column(name)
        unit = units[position] or ("yuan" if column and column.kind == "money" and _not_ours(sheet, position) else "")
        handed = in_unit(name, column, unit) if column else name
        columns[handed] = position
        if suffix_of(units[position]):
            suffixes[handed] = suffix_of(units[position])
    general = load_vocabulary().meaning
    meaning = {name: general[name] for name in best.columns if name in general}
    feed = Feed(table.name, columns, best.completed.constants, best.grain, _kind(table.name), meaning, suffixes)
    used = {*columns.values(), *best.grain}
    unused = tuple(name for place, name in enumerate(sheet.names) if fold(name) and place not in used)
    notes = tuple(_notes(best, rivals, meaning, found, sheet))
    return Recognition("", table.zh, "similarity", (feed,), unused, notes)


def _kind(table: str) -> Literal["rows", "order_lines"]:
    return "order_lines" if table == "orders" else "rows"


def _not_ours(sheet: Sheet, position: int) -> bool:
    """Money under any other name than the contract's own is in yuan, as people write it."""
    return not sheet.names[position].strip().casefold().endswith("_fen")


def _notes(
    best: Proposal, rivals: Sequence[str], meaning: Mapping[str, str], found: Sequence[Heading], sheet: Sheet
) -> Iterator[str]:
    pairs = ", ".join(f"{sheet.names[place]} = {name}" for name, place in best.columns.items())
    yield f"taken for {best.table.name} ({best.table.zh}) by its headers: {pairs}; confirm or correct it in import.yaml"
    if rivals:
        yield f"{', '.join(rivals)} would fit nearly as well"
    for name in load_vocabulary().stand_ins:
        head = next((head for head in found if head.position == best.columns.get(name)), None)
        if head and head.plain in _stand_ins(name):
            yield f"no {name} in the file: each {head.name} is assumed to be one {name}"
    yield from best.completed.notes
    for name, text in meaning.items():
        yield f"{sheet.names[best.columns[name]]}: {text}"
    if best.evidence:
        names = ", ".join(sheet.names[place] for place in best.evidence)
        yield f"feeds nothing, unit or meaning not stated: {names} (say it with --map or in import.yaml)"
    if best.grain:
        yield f"added up over {', '.join(sheet.names[place] for place in best.grain)}"
