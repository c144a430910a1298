"""What can go wrong by the user's doing, worded for a buyer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the input: where it is, what was found, what was expected, what to do."""

    file: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str | None = None
    remedy: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        text = f"{place}: {self.message}"
        if self.value is not None:
            text += f" (found: {self.value})"
        if self.expected is not None:
            text += f"; expected {self.expected}"
        if self.remedy is not None:
            text += f". {self.remedy}"
        return text

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class BadInput(Exception):
    """Input or settings that cannot be used; holds every problem found, not only the first. Exit code 2.

    >>> print(BadInput([Problem("sales.csv", "unknown SKU", row=3, column="sku", value="X9")]))
    1 problem:
    - sales.csv, row 3, column sku: unknown SKU (found: X9)
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'' if count == 1 else 's'}:"
        super().__init__("\n".join([head, *(f"- {problem}" for problem in self.problems)]))


class MissingInput(Exception):
    """A stage cannot run because a table or setting is not there; the stage is skipped and says what enables it."""

    def __init__(self, table: str, remedy: str) -> None:
        self.table = table
        super().__init__(f"table {table} is missing: {remedy}")


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A rule that stands in the way and by how much it must give."""

    rule: str
    amount: float
    unit: str
    remedy: str


class Infeasible(Exception):
    """No plan keeps all hard rules; names what to relax and by how much. Exit code 3. ``problems``: what else was wrong
    in the input, and left aside."""

    def __init__(self, relaxations: Sequence[Relaxation], problems: Sequence[Problem] = ()) -> None:
        self.relaxations, self.problems = tuple(relaxations), tuple(problems)
        lines = [f"- {entry.rule}: {entry.amount:,.2f} {entry.unit}. {entry.remedy}" for entry in self.relaxations]
        aside = [f"- left aside: {problem}" for problem in self.problems]
        super().__init__("\n".join(["no plan keeps all rules; the smallest changes that allow one:", *lines, *aside]))
