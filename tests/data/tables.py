"""Small valid tables, random valid tables from the contract, and how a merchant would write them to CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from engine.data.contract.column import Column, Table
from engine.data.rules import GROUP_RULES, ROW_RULES
from engine.data.tables import REQUIRED_TABLES, TABLES

Tables = dict[str, pd.DataFrame]
PLAIN_TABLES = tuple(name for name in TABLES if name not in {*ROW_RULES, *GROUP_RULES} and name not in REQUIRED_TABLES)
"""Tables without rules across rows, so that random rows are valid."""
SAMPLE = ("A1", "007", "=cmd|' /C'!A0", "12345678901234567890", "裙, 红", 'say "x"', "two\nlines", "N/A", "null", "𠮷")


def small_tables() -> Tables:
    """A shop with two SKUs, two channels and three days."""
    return {
        "sales": pd.DataFrame(
            {
                "date": pd.to_datetime(["2026-01-05", "2026-01-05", "2026-01-06", "2026-01-08"]),
                "sku": ["A1", "A2", "A1", "A1"],
                "channel": ["天猫", "天猫", "京东", "天猫"],
                "units_paid": [3, 1, 2, 4],
                "amount_paid_fen": [29_700, 1_999, 19_800, 39_600],
            }
        ),
        "skus": pd.DataFrame({"sku": ["A1", "A2"], "category": ["裙", "裤"], "unit_cost_fen": [4_000, 900]}),
        "channels": pd.DataFrame({"channel": ["天猫", "京东"], "kind": ["shop", "platform_run"]}),
    }


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame], yuan: bool = False, encoding: str = "utf-8") -> Path:
    """One CSV file a table, money in fen or yuan."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        columns = [TABLES[name].column(column) for column in frame.columns]
        names = [column.name.replace("_fen", "_yuan") if yuan else column.name for column in columns]
        cells = [[_cell(value, column, yuan) for value in frame[column.name]] for column in columns]
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([names, *zip(*cells, strict=True)])
    return folder


def _cell(value: object, column: Column, yuan: bool) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if column.kind == "money":
        fen = int(value)
        sign, fen = "-" * (fen < 0), abs(fen)
        return f"{sign}{fen // 100}.{fen % 100:02d}" if yuan else f"{sign}{fen}"
    return str(int(value)) if column.kind == "integer" else str(value)


@st.composite
def valid_tables(draw: st.DrawFn) -> Tables:
    """The required tables and some others, every column drawn from its own rules in the contract."""
    seed = draw(st.integers(0, 2**32 - 1))
    others = draw(st.lists(st.sampled_from(PLAIN_TABLES), max_size=2, unique=True))
    rows = draw(st.integers(1, 12))
    rng = np.random.default_rng(seed)
    names = draw(st.lists(_words(), min_size=3, max_size=8, unique=True))
    wanted = [*REQUIRED_TABLES, *others]
    wanted += [entry.table for name in others for entry in TABLES[name].references if entry.table in PLAIN_TABLES]
    return {name: _random(TABLES[name], rows, names, rng) for name in TABLES if name in wanted}


def _words() -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))
    return st.one_of(st.sampled_from(SAMPLE), st.text(letters, max_size=8)).map(str.strip).filter(bool)


def _random(table: Table, rows: int, names: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Master tables hold all names, so that references hold; other keys are drawn and repeated ones dropped."""
    targets = {entry.target for other in TABLES.values() for entry in other.references if entry.table == table.name}
    size = len(names) if targets else rows
    frame = pd.DataFrame(
        {
            column.name: np.array(names, dtype=object) if column.name in targets else _values(column, size, names, rng)
            for column in table.columns
            if column.required or rng.random() < 0.7
        }
    )
    if {"launch_date", "end_date"} <= set(frame):
        frame["end_date"] = frame["end_date"].mask(frame["end_date"] < frame["launch_date"])
    key = [name for name in table.key if name in frame]
    defaults = {name: table.column(name).default for name in key if table.column(name).default is not None}
    repeated = frame[key].replace({name: {"": default} for name, default in defaults.items()}).duplicated()
    return frame[~repeated].reset_index(drop=True)


def _values(column: Column, size: int, names: list[str], rng: np.random.Generator) -> object:
    blank = (rng.random(size) < 0.2) & (not column.required)
    low = -1e6 if column.minimum is None else column.minimum
    high = 1e6 if column.maximum is None else column.maximum
    if column.kind == "text":
        return np.where(blank, "", rng.choice(np.array(column.choices or names, dtype=object), size))
    if column.kind == "day":
        days = np.datetime64("2024-01-01", "s") + rng.integers(0, 900, size).astype("timedelta64[D]")
        return np.where(blank, np.datetime64("NaT", "s"), days)
    if column.kind == "flag":
        return rng.random(size) < 0.5
    if column.kind == "number":
        return np.where(blank, np.nan, rng.uniform(low, high, size))
    largest = 10**12 if column.kind == "money" and column.maximum is None else high
    numbers = rng.integers(int(low), int(largest), size)
    return np.where(blank, np.nan, numbers) if blank.any() else numbers
