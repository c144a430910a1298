"""Our own format: a folder with one CSV file a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.findings import HEADER_ROWS
from engine.data.headers import Header, read_header
from engine.data.readers.source import Source
from engine.data.readers.text_file import TextFile, line_numbers, open_text, read_text
from engine.data.tables import TABLES
from engine.data.validate import validate
from engine.plans.errors import BadInput, Problem

Records = NDArray[np.int64]
DAYS_A_WEEK = 7


def read_csv_folder(path: str | Path) -> Source:
    """Read ``<table>.csv`` files in UTF-8 or GB18030 and check them against the contract.

    Columns have their contract name, Chinese name or an alias; money in fen (``..._fen``) or yuan (``..._yuan``, and
    under its Chinese name). Everything that is wrong with any file is in one :class:`BadInput`. Columns and files that
    the contract does not know are left out and named in the assumptions.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise BadInput(
            [Problem(str(folder), "there is no such folder", remedy="Name the folder that holds the CSV files.")]
        )
    files = {file.stem: file for file in sorted(folder.glob("*.csv"))}
    notes = [
        f"{file.name}: no table of the contract has this name; left out"
        for name, file in files.items()
        if name not in TABLES
    ]
    opened: dict[str, tuple[TextFile, Records]] = {}
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    unread = set()
    for name in (name for name in TABLES if name in files):
        file, trouble = open_text(files[name])
        if file is not None:
            header = read_header(TABLES[name], file.names)
            frame, records, uneven = read_text(file, _positions(header, file))
            trouble = [*trouble, *uneven]
            opened[name] = file, records
            notes += _notes(name, file, header, len(frame))
            tables[name] = frame
        if trouble:
            unread.add(files[name].name)
        problems += trouble
    clean, found = validate(tables, {name: f"{name}.csv" for name in TABLES})
    found = tuple(problem for problem in found if not (problem.file in unread and problem.message == "is missing"))
    problems += _with_file_rows(found, opened)
    if problems:
        raise BadInput(problems)
    return Source(clean, _settings(clean), tuple(notes))


def _positions(header: Header, file: TextFile) -> list[int]:
    """Columns to read: those that the contract knows, also where several stand for the same."""
    return [position for position, name in enumerate(file.names) if name not in header.ignored]


def _notes(name: str, file: TextFile, header: Header, rows: int) -> list[str]:
    notes = []
    if header.ignored:
        names = ", ".join(name for name in header.ignored if name) or "(without a name)"
        notes.append(f"{file.path.name}: columns that the contract does not know are left out: {names}")
    chinese = [file.names[header.found[column]] for column in sorted(header.yuan)]
    taken = [spelled for spelled in chinese if "yuan" not in spelled.casefold() and "元" not in spelled]
    if taken:
        notes.append(f"{file.path.name}: read as yuan: {', '.join(taken)}")
    if not rows:
        notes.append(f"{file.path.name}: holds no rows; {name} counts as not given")
    return notes


def _with_file_rows(problems: Sequence[Problem], opened: Mapping[str, tuple[TextFile, Records]]) -> list[Problem]:
    """Rows of the tables to rows of the files, which may hold blank lines and texts of several lines."""
    rows: dict[str, dict[int, int]] = {}
    for name, (file, records) in opened.items():
        mine = [problem.row for problem in problems if problem.file == f"{name}.csv" and problem.row is not None]
        positions = [row - HEADER_ROWS for row in mine if row - HEADER_ROWS < len(records)]
        found = line_numbers(file, (int(records[position]) for position in positions))
        rows[f"{name}.csv"] = {position + HEADER_ROWS: found[int(records[position])] for position in positions}
    return [
        problem
        if problem.row is None
        else replace(problem, row=rows.get(problem.file, {}).get(problem.row, problem.row))
        for problem in problems
    ]


def _settings(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Weekly where all sales stand on the same weekday and there is more than one of them."""
    days = tables["sales"]["date"].drop_duplicates().to_numpy().astype("datetime64[D]").astype(np.int64)
    weekly = len(days) > 1 and len(np.unique(days % DAYS_A_WEEK)) == 1
    return {"frequency": "W" if weekly else "D"}
