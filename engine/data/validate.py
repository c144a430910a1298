"""Whether tables keep the contract: every problem of every table at once, and the tables in their final dtypes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.conform import EXPECTED, Conformed, conform
from engine.data.contract.column import Column, Reference, Table
from engine.data.findings import Findings
from engine.data.headers import Header, read_header
from engine.data.keys import key_codes
from engine.data.rules import GROUP_RULES, ROW_RULES
from engine.data.tables import REQUIRED_TABLES, TABLES
from engine.plans.errors import Problem

Tables = dict[str, pd.DataFrame]
SUGGESTIONS = 5


def validate(
    tables: Mapping[str, pd.DataFrame], files: Mapping[str, str] | None = None
) -> tuple[Tables, tuple[Problem, ...]]:
    """Bring tables to the dtypes of the contract and list all that is wrong with them.

    ``files`` names the tables in messages (default: the table's name); rows count from 2, as a file with a header
    shows them. Columns may have their contract name, Chinese name or alias; unknown columns are dropped, optional
    tables without rows too. Text becomes categorical with sorted string categories, whole numbers and money int64
    (float64 where an optional one has blanks), dates datetime64[s]. Rows are sorted by key. What is returned is only
    good where there is no problem.
    """
    names = dict(files or {})
    collected: dict[str, Findings] = {}
    clean: Tables = {}
    for name in (*TABLES, *(name for name in tables if name not in TABLES)):
        if name not in tables and name not in REQUIRED_TABLES:
            continue
        found = collected[name] = Findings(names.get(name, name))
        if name not in TABLES:
            found.add("is no table of the contract", expected=_similar(name))
        elif name not in tables:
            found.add(
                "is missing", remedy=f"Give the table {name} ({TABLES[name].zh}); without it nothing can be planned."
            )
        elif len(tables[name]) or name in REQUIRED_TABLES:
            clean[name] = _check_table(TABLES[name], tables[name], found)
    for name, frame in clean.items():
        _check_references(TABLES[name], frame, clean, collected[name])
        for rule in (*ROW_RULES.get(name, ()), *GROUP_RULES.get(name, ())):
            rule(frame, clean, collected[name])
    problems = tuple(problem for found in collected.values() for problem in found.problems)
    return {name: _sorted(TABLES[name], frame) for name, frame in clean.items()}, problems


def _similar(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, TABLES, n=SUGGESTIONS, cutoff=0.5)
    return "one of " + ", ".join(close or TABLES)


def _check_table(table: Table, frame: pd.DataFrame, found: Findings) -> pd.DataFrame:
    """Header, cells and keys of one table; the columns that could be found, in contract order."""
    header = read_header(table, [str(name) for name in frame.columns])
    _check_header(header, frame, found)
    if not len(frame):
        found.add("holds no rows", expected="at least one row below the header")
    columns = {}
    for column in table.columns:
        if column.name in header.found:
            raw = frame.iloc[:, header.found[column.name]].reset_index(drop=True)
            columns[column.name] = check_column(column, raw, column.name in header.yuan, found).values
    clean = pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))
    if not header.missing:
        _check_key(table, clean, found)
    return clean


def _check_header(header: Header, frame: pd.DataFrame, found: Findings) -> None:
    for column in header.missing:
        found.add(
            "the column is missing",
            column.name,
            expected=f"a column {column.name} ({column.zh})",
            remedy="The file has: " + ", ".join(str(name) for name in frame.columns[:12]) + ".",
        )
    for name, spelled in header.doubled.items():
        found.add("several columns stand for the same", name, value=", ".join(spelled), remedy="Keep one of them.")


def check_column(column: Column, raw: pd.Series, yuan: bool, found: Findings) -> Conformed:
    """The column as the contract holds it; ``found`` hears of blanks where something is required, cells that cannot be
    read, values out of range or out of the list of choices."""
    cells = conform(raw, column, yuan)
    label = str(raw.name)
    expected = EXPECTED["yuan" if yuan else column.kind]
    if column.required:
        found.rows(cells.blank, label, "is blank", expected=_wanted(column, expected))
    found.rows(cells.wrong, label, "cannot be read", raw, expected, _hint(column))
    good = ~(cells.blank | cells.wrong)
    if column.kind == "text":
        if column.choices:
            bad = ~cells.values.isin(column.choices).to_numpy() & good
            found.rows(bad, label, "is not one of the choices", raw, "one of " + ", ".join(column.choices))
    else:
        _check_range(column, cells, good, raw, label, found)
    return cells


def _check_range(
    column: Column, cells: Conformed, good: NDArray[np.bool_], raw: pd.Series, label: str, found: Findings
) -> None:
    if column.minimum is not None:
        low = good & (cells.values < column.minimum).to_numpy()
        found.rows(low, label, f"is below {column.minimum:g}", raw, f"{column.minimum:g} or more", _sign_hint(column))
    if column.maximum is not None:
        high = good & (cells.values > column.maximum).to_numpy()
        found.rows(high, label, f"is above {column.maximum:g}", raw, f"{column.maximum:g} or less")


def _wanted(column: Column, expected: str) -> str:
    return "one of " + ", ".join(column.choices) if column.choices else expected


def _hint(column: Column) -> str | None:
    if column.kind in ("integer", "number", "money"):
        return "Leave the cell empty where nothing is known; no thousands separators, units or symbols."
    return None


def _sign_hint(column: Column) -> str | None:
    if column.minimum == 0:
        return "Correct it at the source: returns, cancellations and corrections have columns of their own."
    return None


def _check_key(table: Table, frame: pd.DataFrame, found: Findings) -> None:
    codes = key_codes(frame, table.key)
    if len(codes) < 2 or (np.diff(codes) > 0).all():
        return
    order = np.argsort(codes, kind="stable")
    again = np.zeros(len(codes), dtype=bool)
    again[order[1:]] = codes[order[1:]] == codes[order[:-1]]
    if not again.any():
        return
    key = [name for name in table.key if name in frame]
    found.rows(
        again,
        "+".join(key),
        lambda row: f"duplicate key, an earlier row has {_shown(frame, key, row)} too",
        remedy="Remove the repetition, or add the rows up where they are parts of one.",
    )


def _shown(frame: pd.DataFrame, key: Sequence[str], row: int) -> str:
    cells = (frame[name].iloc[row] for name in key)
    return ", ".join(str(cell.date()) if isinstance(cell, pd.Timestamp) else str(cell) for cell in cells)


def _check_references(table: Table, frame: pd.DataFrame, tables: Tables, found: Findings) -> None:
    """Values that must stand in another table; a table that was not given, or holds nothing, is not asked."""
    for reference in table.references:
        targets = tables.get(reference.table, pd.DataFrame()).get(reference.target, pd.Series())
        if reference.column not in frame or targets.empty:
            continue
        unknown = _unknown(frame[reference.column], targets)
        found.rows(
            unknown,
            reference.column,
            f"is not in {reference.table}",
            frame[reference.column],
            f"a {reference.target} of the table {reference.table}",
            _add_hint(reference),
        )


def _unknown(values: pd.Series, targets: pd.Series) -> NDArray[np.bool_]:
    names = values.cat.categories
    bad = ~names.isin([*targets.cat.categories, ""])
    return np.asarray(np.append(bad, False)[values.cat.codes.to_numpy()])


def _add_hint(reference: Reference) -> str:
    return f"Add it to {reference.table}, or correct the spelling."


def _sorted(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    codes = key_codes(frame, table.key)
    if len(codes) < 2 or (np.diff(codes) >= 0).all():
        return frame
    return frame.iloc[np.argsort(codes, kind="stable")].reset_index(drop=True)
