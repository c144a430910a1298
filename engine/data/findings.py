"""Problems of many rows, told once: the first few and how many more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.errors import Problem

LISTED = 5
"""Rows that are named for one kind of problem in one column."""
HEADER_ROWS = 2
"""The first row of data is row 2 of the file."""
SHOWN = 60


@dataclass
class Findings:
    """Collects the problems of one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        message: str,
        column: str | None = None,
        value: str | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """A problem of the file or of a whole column."""
        self.problems.append(Problem(self.file, message, None, column, value, expected, remedy))

    def rows(
        self,
        wrong: NDArray[np.bool_],
        column: str,
        message: str | Callable[[int], str],
        values: pd.Series | None = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """The first rows where ``wrong``, with their values; then the number of further ones."""
        where = np.flatnonzero(wrong)
        for position in where[:LISTED]:
            text = message if isinstance(message, str) else message(int(position))
            value = None if values is None else str(values.iloc[position])[:SHOWN]
            self.problems.append(Problem(self.file, text, int(position) + HEADER_ROWS, column, value, expected, remedy))
        if len(where) > LISTED:
            self.add(f"and {len(where) - LISTED:,} more rows like the ones above", column)
