"""Lift tests from a CSV: experiments whose result the fit must reproduce."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.plans.errors import BadInput, Problem
from experiments.response.periods import Periods
from experiments.response.read import Question
from models.response.data import LiftTest

COLUMNS = ("channel", "start", "end", "spend", "incremental", "standard_error")


def with_tests(found: Periods, question: Question) -> Periods:
    """The histories with the tests of the question; without a file they stay as they are.

    ``spend`` and ``incremental`` (in the KPI's worth) of the days from ``start`` to ``end``, in any regions: a test in
    some of them counts by its part of all spend. Tests outside of the history are named and left out.
    """
    if question.lift_tests is None:
        return found
    table = _table(question)
    first = found.first.astype("datetime64[D]")
    begin, end = (
        np.floor((table[side].to_numpy().astype("datetime64[D]") - first[0]).astype(int) / question.days).astype(int)
        for side in ("start", "end")
    )
    inside = (end >= 0) & (begin < len(first))
    rows = zip(table["channel"], begin, end, *(table[name] for name in COLUMNS[3:]), inside, strict=True)
    tests = tuple(LiftTest(str(name), int(a), int(b), *map(float, more)) for name, a, b, *more, kept in rows if kept)
    notes = list(found.notes)
    if not inside.all():
        notes.append(f"{int((~inside).sum())} lift tests lie outside of the history and are left out")
    regions = (replace(found.regions[0], tests=tests), *found.regions[1:])
    return replace(found, regions=regions, notes=tuple(notes))


def _table(question: Question) -> pd.DataFrame:
    """The tests, checked; raises BadInput with everything that is wrong."""
    file = question.lift_tests
    assert file is not None
    if not file.is_file():
        raise BadInput([Problem(str(file), "there is no such file")])
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    lacking = [name for name in COLUMNS if name not in table]
    if lacking:
        raise BadInput([Problem(file.name, "has no such column", column=name) for name in lacking])
    problems = []
    for side in ("start", "end"):
        table[side] = pd.to_datetime(table[side], errors="coerce")
    for name in COLUMNS[3:]:
        table[name] = pd.to_numeric(table[name], errors="coerce")
    wrong = {name: table[name].isna() for name in COLUMNS[1:]}
    wrong["channel"] = ~table["channel"].isin(question.spend)
    wrong["end"] = wrong["end"] | (table["end"] < table["start"])
    wrong["spend"] = wrong["spend"] | (table["spend"] <= 0)
    wrong["standard_error"] = wrong["standard_error"] | (table["standard_error"] <= 0)
    expected = {"channel": ", ".join(question.spend), "end": "a day from start on", "spend": "above 0"}
    for name, rows in wrong.items():
        for row in np.flatnonzero(rows):
            said = expected.get(name, "a day" if name == "start" else "a number; errors above 0")
            problems.append(Problem(file.name, "cannot be used", int(row) + 2, name, expected=said))
    if problems:
        raise BadInput(problems)
    return table
