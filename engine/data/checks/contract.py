"""Tables that no longer keep the contract: what an import refuses, found in tables that came another way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from engine.data.checks.facts import Facts
from engine.data.checks.finding import Finding, tell
from engine.data.checks.tools import Mask, codes_in, codes_of, number, spots, text
from engine.data.contract.column import Column, Table
from engine.data.findings import Findings
from engine.data.keys import key_codes
from engine.data.rules import GROUP_RULES, ROW_RULES
from engine.data.tables import TABLES
from engine.plans.errors import Problem


def contract(facts: Facts) -> Iterator[Finding]:
    """Columns, cells, keys, references and rules of every table."""
    for name, table in TABLES.items():
        frame = facts.data.get(name)
        if frame is None:
            continue
        missing = [column.name for column in table.columns if column.required and column.name not in frame]
        yield from tell("contract.missing_column", len(missing), missing, table=name)
        for column in table.columns:
            if column.name in frame:
                yield from _cells(table, column, frame)
        if not missing:
            yield from _keys(table, frame)
        yield from _references(facts, table, frame)
        yield from _rules(facts, table, frame)


def _cells(table: Table, column: Column, frame: pd.DataFrame) -> Iterator[Finding]:
    """Blanks in a required column, values out of range, words that are no choice."""
    key = [name for name in table.key if name in frame]
    details: dict[str, Any] = {"column": column.name, "zh": column.zh}
    values = frame[column.name]
    if column.kind == "text":
        codes, names = codes_of(values)
        if column.choices:
            bad = np.append(~names.isin(column.choices), False)[codes]
            yield from tell("contract.choice", *spots(frame, bad, *key), table=table.name, **details)
        blank = codes < 0
    else:
        blank = values.isna().to_numpy()
        if column.kind in ("integer", "number", "money"):
            yield from _range(table, column, frame, key)
    if column.required:
        yield from tell("contract.blank", *spots(frame, blank, *key), table=table.name, **details)


def _range(table: Table, column: Column, frame: pd.DataFrame, key: list[str]) -> Iterator[Finding]:
    values = number(frame, column.name)
    assert values is not None
    for limit, kind, sign in ((column.minimum, "contract.below", 1.0), (column.maximum, "contract.above", -1.0)):
        if limit is not None:
            with np.errstate(invalid="ignore"):
                bad: Mask = sign * values < sign * limit
            details: dict[str, Any] = {"column": column.name, "zh": column.zh, "limit": f"{limit:g}"}
            yield from tell(kind, *spots(frame, bad, *key), table=table.name, **details)


def _keys(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    codes = key_codes(frame.assign(**_coded(table, frame)), table.key)
    if len(codes) > 1 and not (np.diff(codes) > 0).all():
        again = pd.Series(codes).duplicated().to_numpy()
        key = [name for name in table.key if name in frame]
        yield from tell("contract.key", *spots(frame, again, *key), table=table.name, key="+".join(key))


def _coded(table: Table, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Key columns that are no categories any more, as integers."""
    return {
        name: pd.Series(codes_of(frame[name])[0], index=frame.index)
        for name in table.key
        if name in frame and frame[name].dtype.kind == "O" and not isinstance(frame[name].dtype, pd.CategoricalDtype)
    }


def _references(facts: Facts, table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    for entry in table.references:
        target = facts.data.get(entry.table)
        if entry.column not in frame or target is None or not len(target) or entry.target not in target:
            continue
        unknown = (codes_in(frame[entry.column], _used(target[entry.target])) < 0) & (
            codes_of(frame[entry.column])[0] >= 0
        )
        details: dict[str, Any] = {"column": entry.column, "other": entry.table}
        names = sorted(set(text(frame.loc[unknown, entry.column])))
        yield from tell("contract.reference", int(unknown.sum()), names, table=table.name, **details)


def _used(values: pd.Series) -> pd.Index:
    codes, names = codes_of(values)
    return pd.Index(names[np.unique(codes[codes >= 0])])


def _rules(facts: Facts, table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    """Rules across cells: spans that end before they start, shares that do not add up, tiers with a hole."""
    found = Findings(table.name)
    for rule in (*ROW_RULES.get(table.name, ()), *GROUP_RULES.get(table.name, ())):
        rule(_categories(table, frame), {name: facts.data[name] for name in facts.data.tables}, found)
    if found.problems:
        first = found.problems[0]
        yield from tell("contract.rule", len(found.problems), [_said(first)], table=table.name)


def _categories(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    texts = {
        column.name: text(frame[column.name]).astype("category")
        for column in table.columns
        if column.kind == "text"
        and column.name in frame
        and not isinstance(frame[column.name].dtype, pd.CategoricalDtype)
    }
    return frame.assign(**texts) if texts else frame


def _said(problem: Problem) -> str:
    return f"{problem.column} {problem.message}"
