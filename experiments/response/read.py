"""A CSV of KPI, spend and controls, by day or week, with or without regions: read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.conform import EXPECTED, conform
from engine.data.contract.column import Column
from engine.data.readers.text_file import open_text, read_text
from engine.plans.errors import BadInput, Problem
from models.response.forms import Form
from models.response.period import DAYS, By

Floats = NDArray[np.float64]
LISTED = 5
NONE = ("", "na", "n/a", "nan", "null", "none", "-")
MOST_LABELS = 12


@dataclass(frozen=True)
class Question:
    """The file and the columns that are named on the command line."""

    data: Path
    date: str
    kpi: str
    spend: tuple[str, ...]
    controls: tuple[str, ...] = ()
    geo: str | None = None
    revenue_per_kpi: str | None = None
    lift_tests: Path | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)
    beliefs: Path | None = None
    by: By = "week"

    @property
    def days(self) -> int:
        """Of a period."""
        return DAYS[self.by]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is asked for, in order."""
        single = [name for name in (self.geo, self.revenue_per_kpi) if name is not None]
        return (self.date, self.kpi, *self.spend, *self.controls, *single)


@dataclass(frozen=True)
class Panel:
    """``values``: every numeric column as [regions, periods], missing: NaN; ``dates`` evenly spaced by ``days``.

    ``absent`` [regions, periods]: there is no row. ``notes``: what was read otherwise than as a number.
    """

    values: dict[str, Floats]
    controls: tuple[str, ...]
    regions: tuple[str, ...]
    dates: NDArray[np.datetime64]
    days: int
    absent: NDArray[np.bool_]
    notes: tuple[str, ...]


def read_panel(question: Question) -> Panel:
    """The file as a panel; raises BadInput with everything that makes it unreadable, at once."""
    frame = _frame(question)
    problems: list[Problem] = []
    name = question.data.name
    days = conform(frame[question.date], Column(question.date, "day", question.date))
    problems += _unread(name, question.date, frame[question.date], days.wrong | days.blank, EXPECTED["day"])
    numbers: dict[str, Floats] = {}
    notes: list[str] = []
    wanted = [entry for entry in (question.kpi, *question.spend, question.revenue_per_kpi) if entry is not None]
    for column in wanted:
        numbers[column], wrong = _numbers(frame[column])
        problems += _unread(name, column, frame[column], wrong, EXPECTED["number"])
    for column in question.controls:
        values, wrong = _numbers(frame[column])
        labels = sorted(set(frame[column][wrong]))
        if not labels:
            numbers[column] = values
        elif len(labels) <= MOST_LABELS:
            numbers |= {f"{column}={label}": (frame[column] == label).to_numpy(float) for label in labels}
            notes.append(f"control {column} holds text: a column for each of its {len(labels)} labels")
        else:
            expected = f"a number, or at most {MOST_LABELS} labels"
            problems += _unread(name, column, frame[column], wrong, expected)
    region = frame[question.geo].astype(str) if question.geo else pd.Series("", index=frame.index)
    stamp = days.values.to_numpy().astype("datetime64[D]")
    problems += _repeated(name, question, stamp, region)
    step, wrong_step = _step(name, question.date, np.unique(stamp[~np.isnat(stamp)]))
    problems += wrong_step
    if problems:
        raise BadInput(problems)
    controls = tuple(column for column in numbers if column not in wanted)
    return _grid(numbers, controls, region, stamp, step, tuple(notes))


def _frame(question: Question) -> pd.DataFrame:
    """The columns as text; BadInput where the file or a column is not there, or is asked for twice."""
    name = question.data.name
    if not question.data.is_file():
        raise BadInput([Problem(str(question.data), "there is no such file")])
    file, problems = open_text(question.data)
    if file is None:
        raise BadInput(problems)
    known = [column.strip('"') for column in file.names]
    for column in sorted(set(question.columns)):
        if column not in known:
            problems.append(Problem(name, "has no such column", column=column, expected=", ".join(known)))
        if question.columns.count(column) > 1:
            problems.append(Problem(name, "column is asked for twice", column=column))
    if problems:
        raise BadInput(problems)
    frame, _, problems = read_text(file, [known.index(column) for column in question.columns])
    if problems or not len(frame):
        raise BadInput(problems or [Problem(name, "has no rows")])
    frame.columns = pd.Index([column.strip('"') for column in frame.columns])
    return frame.apply(lambda column: column.astype("object").fillna("").astype(str).str.strip())


def _numbers(raw: pd.Series) -> tuple[Floats, NDArray[np.bool_]]:
    """Values (NaN: nothing was given) and which cells are no number."""
    plain = raw.str.replace(r"(?<=\d),(?=\d{3}(\D|$))", "", regex=True)
    read = conform(plain.where(~plain.str.lower().isin(NONE), ""), Column("value", "number", "value", required=False))
    values = read.values.to_numpy(float).copy()
    values[read.blank | read.wrong] = np.nan
    return values, read.wrong


def _unread(file: str, column: str, raw: pd.Series, wrong: NDArray[np.bool_], expected: str) -> list[Problem]:
    """The first few cells that cannot be read, by row, and how many more."""
    rows = np.flatnonzero(wrong)
    found = [
        Problem(file, "cannot be read", int(row) + 2, column, str(raw.iloc[row]), expected) for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        found.append(Problem(file, f"and {len(rows) - LISTED:,} more cells like the ones above", column=column))
    return found


def _repeated(file: str, question: Question, stamp: NDArray[np.datetime64], region: pd.Series) -> list[Problem]:
    keys = pd.DataFrame({"stamp": stamp, "region": region.to_numpy()})
    twice = np.flatnonzero(keys.duplicated().to_numpy() & ~np.isnat(stamp))
    if not len(twice):
        return []
    row = int(twice[0])
    remedy = "Give each date once." if question.geo else "Name the column of regions with --geo, or add the rows up."
    text = f"{len(twice):,} rows repeat a date" + (" and region" if question.geo else "")
    value = " ".join(filter(None, [str(stamp[row]), str(region.iloc[row])]))
    return [Problem(file, text, row + 2, question.date, value, "one row a date", remedy)]


def _step(file: str, column: str, dates: NDArray[np.datetime64]) -> tuple[int, list[Problem]]:
    """Days between rows: 1 or 7."""
    if len(dates) < 2:
        return 7, []
    gaps = np.diff(dates).astype(int)
    usual = int(np.median(gaps))
    if usual in (1, 7) and (gaps % usual == 0).all():
        return usual, []
    odd = int(np.argmax(gaps % 7 != 0))
    value = f"{gaps[odd]} days from {dates[odd]} to {dates[odd + 1]}"
    return 7, [Problem(file, "dates are neither daily nor weekly", None, column, value, "steps of 1 or of 7 days")]


def _grid(
    numbers: dict[str, Floats],
    controls: tuple[str, ...],
    region: pd.Series,
    stamp: NDArray[np.datetime64],
    step: int,
    notes: tuple[str, ...],
) -> Panel:
    """Every column on regions x evenly spaced dates."""
    names, row = np.unique(region.to_numpy(str), return_inverse=True)
    first = stamp.min()
    position = (stamp - first).astype(int) // step
    shape = (len(names), int(position.max()) + 1)
    absent = np.ones(shape, dtype=bool)
    absent[row, position] = False
    values = {}
    for column, given in numbers.items():
        table = np.full(shape, np.nan)
        table[row, position] = given
        values[column] = table
    dates = first + step * np.arange(shape[1])
    return Panel(values, controls, tuple(str(name) for name in names), dates, step, absent, notes)
