"""Why a file, or a sheet of it, cannot be read at all."""

from __future__ import annotations

from engine.plans.errors import Problem

LARGEST_WIDTH = 2_000


class Unreadable(Exception):
    """Nothing of a file can be used; ``remedy`` says what the merchant can do."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(message)

    def problem(self, file: str) -> Problem:
        """As the user reads it."""
        return Problem(file, self.message, remedy=self.remedy)


def check_width(columns: int) -> None:
    """Raises :class:`Unreadable` where a table is too wide to be one."""
    if columns > LARGEST_WIDTH:
        raise Unreadable(
            f"has {columns:,} columns, at most {LARGEST_WIDTH:,} are read",
            "Remove the columns that are not needed, or check the separator.",
        )
