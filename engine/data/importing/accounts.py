"""The account of an import: every row is accepted, quarantined, dropped or unmapped, and counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.data.importing.model import Block, Odd, Recognition, Sheet


@dataclass
class SheetAccount:
    """What became of the rows of one sheet. ``refused``: reasons by row; ``left``: how many of the sheet's tables did
    without a row; ``split``: rows split by a size curve, by table; ``tables``: those that it feeds;
    ``skip``: rows that are left out from the start, counted as dropped."""

    sheet: Sheet
    recognition: Recognition
    rows_read: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    totals: list[Odd] = field(default_factory=list)
    refused: dict[int, list[str]] = field(default_factory=dict)
    left: Counter[int] = field(default_factory=Counter)
    left_reason: dict[int, str] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    split: Counter[str] = field(default_factory=Counter)
    skip: set[int] = field(default_factory=set)

    def count(self, block: Block) -> None:
        """Rows of a block when it is read for the first time."""
        self.rows_read += block.rows_read
        self.dropped.update(odd.reason for odd in block.dropped)
        self.totals += [odd for odd in block.dropped if odd.reason == "total"]
        self.refuse(block.broken)

    def refuse(self, odd: Iterable[Odd]) -> None:
        """Rows for the quarantine."""
        for entry in odd:
            reasons = self.refused.setdefault(entry.row, [])
            if entry.reason not in reasons:
                reasons.append(entry.reason)

    def refuse_row(self, row: int, reason: str) -> None:
        """One row for the quarantine."""
        self.refuse((Odd(row, reason, ()),))

    def fail(self) -> None:
        """The sheet cannot be read to its end: nothing of it is loaded or counted, the problem says why."""
        self.rows_read = 0
        self.recognition = replace(self.recognition, feeds=())
        for store in (self.dropped, self.totals, self.refused, self.left):
            store.clear()

    def leave(self, row: int, reason: str) -> None:
        """A row that one of the tables does without."""
        self.left[row] += 1
        self.left_reason[row] = reason

    @property
    def estimated(self) -> int:
        """Rows that name a style and were split to its SKUs by the size curve."""
        return max(self.split.values(), default=0)

    @property
    def mapped(self) -> bool:
        return bool(self.recognition.feeds)

    @property
    def left_rows(self) -> dict[int, str]:
        """Rows that no table needs: repetitions and what another export tells in more detail."""
        return {
            row: self.left_reason[row]
            for row, times in self.left.items()
            if times >= len(self.tables) and row not in self.refused
        }

    def balance(self) -> dict[str, int]:
        """The four ways of a row; they add up to ``rows_read``."""
        gone = sum(self.dropped.values())
        if not self.mapped:
            rest = self.rows_read - gone
            return {"rows_read": self.rows_read, "accepted": 0, "quarantined": 0, "dropped": gone, "unmapped": rest}
        gone += len(self.left_rows)
        bad = len(self.refused)
        return {
            "rows_read": self.rows_read,
            "accepted": self.rows_read - gone - bad,
            "quarantined": bad,
            "dropped": gone,
            "unmapped": 0,
        }

    def drop_reasons(self) -> dict[str, int]:
        """Why rows were dropped."""
        return dict(self.dropped + Counter(self.left_rows.values()))
