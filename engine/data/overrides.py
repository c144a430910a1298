"""Overrides of a workspace: ``overrides.csv``, one line each, which a planner may also edit in a spreadsheet.

Lines are never deleted: a withdrawn override has the day in ``removed``. Written whole or not at all.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from engine.data.atomic import write_bytes
from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.plans.errors import BadInput, Problem
from engine.plans.override import FILTERS, KINDS, Override

FILE, NEW = "overrides.csv", "the override"
COLUMNS = tuple(Override.model_fields)
Cells = Mapping[str, str | None]
LISTED = 5


def read_overrides(folder: Path) -> tuple[Override, ...]:
    """All overrides of a workspace folder in the order in which they were made; every bad line in one
    :class:`BadInput`."""
    file = folder / FILE
    if not file.is_file():
        return ()
    rows = list(csv.DictReader(io.StringIO(_text(file.read_bytes()))))
    strange = [name for name in (rows[0] if rows else {}) if name not in COLUMNS]
    problems = [Problem(FILE, "unknown column", 1, str(name), expected=", ".join(COLUMNS)) for name in strange]
    found = []
    for number, row in enumerate(rows, start=2):
        if not problems and any((value or "").strip() for value in row.values()):
            parsed = parse_override(row, FILE, number)
            problems.extend(parsed if isinstance(parsed, list) else [])
            found.extend([] if isinstance(parsed, list) else [parsed])
    repeated = {entry.id for entry in found if [other.id for other in found].count(entry.id) > 1}
    problems += [Problem(FILE, "the same id twice", column="id", value=str(entry)) for entry in sorted(repeated)]
    if problems:
        raise BadInput(problems)
    return tuple(sorted(found, key=lambda entry: entry.created))


def parse_override(cells: Cells, place: str, row: int | None = None) -> Override | list[Problem]:
    """An override from texts by column, or all that is wrong with them. ``expires`` is the end where it is blank.

    >>> print(parse_override({"kind": "set", "value": "-1", "start": "2026-03-01"}, "--", 2)[0])
    --, row 2, column value: units cannot be negative (found: -1); expected 0 or more
    """
    text = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    problems: list[Problem] = []

    def wrong(column: str, message: str, expected: str | None = None) -> None:
        problems.append(Problem(place, message, row, column, text[column] or None, expected))

    value = _number(text["value"])
    if text["kind"] not in KINDS:
        wrong("kind", "says not what to do", " | ".join(KINDS))
    if value is None:
        wrong("value", "is no number", "units of the whole period, or a factor for scale")
    elif value < 0 and text["kind"] != "add":
        what = "a factor" if text["kind"] == "scale" else "units"
        wrong("value", f"{what} cannot be negative", "0 or more")
    for name, question in (("author", "who says so"), ("reason", "why")):
        if not text[name]:
            wrong(name, f"is missing: {question}?")
    days = {name: _day(text[name]) for name in ("created", "start", "end", "expires", "removed")}
    for name, day in days.items():
        if day is None and (text[name] or name in ("created", "start", "end")):
            wrong(name, "is no date" if text[name] else "is missing", "a day such as 2026-11-01")
    start, end = days["start"], days["end"]
    if start is not None and end is not None and end < start:
        wrong("end", f"lies before the start {start}", "the start or a later day")
    if not text["id"].isdigit():
        wrong("id", "is no number")
    if problems:
        return problems
    return Override.model_validate({**text, **days, "value": value, "expires": days["expires"] or end})


def unknown_names(overrides: Sequence[Override], dataset: Dataset) -> list[Problem]:
    """Filters that name nothing in the data."""
    skus, channels = dataset["skus"], dataset.get("channels")
    names = {name: set(text_of(skus[name])) for name in FILTERS if name in skus}
    names["channel"] = set(text_of((dataset["sales"] if channels is None else channels)["channel"]))
    asked = [(entry, name, getattr(entry, name)) for entry in overrides for name in FILTERS]
    return [
        Problem(
            f"override {entry.id}",
            f"there is no such {column} in the data",
            column=column,
            value=value,
            expected=_some(names.get(column, set())),
        )
        for entry, column, value in asked
        if value and value not in names.get(column, set())
    ]


def add_override(folder: Path, cells: Cells, dataset: Dataset) -> Override:
    """Append an override made of texts by column; its id and day of creation are given to it.

    Every problem in one :class:`BadInput`, and then nothing is written.
    """
    present = read_overrides(folder)
    number = max((entry.id for entry in present), default=0) + 1
    parsed = parse_override({**cells, "id": str(number), "created": str(today(dataset))}, NEW)
    problems = parsed if isinstance(parsed, list) else []
    named = {name: (cells.get(name) or "").strip() for name in FILTERS}
    day = today(dataset)
    probe = Override(
        id=number, created=day, author="", reason="", kind="add", value=0, start=day, end=day, expires=day, **named
    )
    problems = [*problems, *(replace(entry, file=NEW) for entry in unknown_names([probe], dataset))]
    if not isinstance(parsed, list) and parsed.expires < day:
        problems.append(Problem(NEW, f"has expired: the data reach {day}", None, "expires", str(parsed.expires)))
    if problems or isinstance(parsed, list):
        raise BadInput(problems)
    _write(folder, (*present, parsed))
    return parsed


def remove_override(folder: Path, number: int, dataset: Dataset) -> Override:
    """Take an override back; it stays in the file with the day."""
    present = read_overrides(folder)
    found = [entry for entry in present if entry.id == number and entry.removed is None]
    if not found:
        raise BadInput(
            [Problem(FILE, "there is no such override in force", value=str(number), remedy="`yunchou override list`.")]
        )
    gone = found[0].model_copy(update={"removed": today(dataset)})
    _write(folder, tuple(gone if entry.id == number else entry for entry in present))
    return gone


def today(dataset: Dataset) -> date:
    """The day that the data have reached: what a plan takes for today."""
    day: date = dataset.last_day.date()
    return day if dataset.cutoff is None else dataset.cutoff


def _write(folder: Path, overrides: Sequence[Override]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in overrides:
        row = entry.model_dump()
        writer.writerow(["" if row[name] is None else _shown(row[name]) for name in COLUMNS])
    write_bytes(folder / FILE, stream.getvalue().encode("utf-8-sig"))


def _shown(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _text(content: bytes) -> str:
    """Spreadsheets write UTF-8 or GB18030."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _day(text: str) -> date | None:
    parts = text.replace("/", "-").split("-")
    try:
        return date(*[int(part) for part in parts]) if len(parts) == 3 else None
    except ValueError:
        return None


def _some(names: set[str]) -> str | None:
    shown = sorted(names - {""})
    more = f" and {len(shown) - LISTED:,} more" if len(shown) > LISTED else ""
    return f"one of {', '.join(shown[:LISTED])}{more}" if shown else None
