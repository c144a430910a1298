"""What the merchant may say about an import, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.data.importing.accounts import SheetAccount
from engine.data.importing.merge import Merged
from engine.data.importing.reconcile import Comparison
from engine.plans.errors import Problem

COUNTS = ("rows_read", "accepted", "quarantined", "dropped", "unmapped")
NAMED_IDS = 20


@dataclass(frozen=True)
class ImportOptions:
    """``channel``: shop of files that name none. ``columns``: column of the contract by header, for headers that
    nobody knows. ``overlap``: whether days that were loaded before are replaced, or the import is refused.
    ``query``: what databases among the sources are asked."""

    channel: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    overlap: Literal["replace", "refuse"] = "replace"
    query: str | None = None


@dataclass
class ImportReport:
    """What an import did."""

    snapshot: str | None = None
    parent: str | None = None
    accounts: list[SheetAccount] = field(default_factory=list)
    tables: dict[str, Merged] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    unmatched: dict[str, int] = field(default_factory=dict)
    quarantine: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Rows of all sheets by what became of them."""
        balances = [account.balance() for account in self.accounts]
        return {name: sum(balance[name] for balance in balances) for name in COUNTS}

    @property
    def changed(self) -> bool:
        return self.snapshot != self.parent

    @property
    def status(self) -> str:
        """``done``, or ``partial`` where something was not loaded."""
        counts = self.counts
        return "partial" if self.problems or counts["quarantined"] or counts["unmapped"] else "done"

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "status": self.status,
            "snapshot": self.snapshot,
            "parent": self.parent,
            "changed": self.changed,
            **self.counts,
            "tables": {name: _table(merged) for name, merged in self.tables.items()},
            "files": [_sheet(account) for account in self.accounts],
            "reconciliation": [
                {
                    "place": entry.place,
                    "measure": entry.measure,
                    "read": entry.read,
                    "total": entry.total,
                    "difference": entry.difference,
                    "status": "reconciled" if entry.reconciled else "unreconciled",
                }
                for entry in self.comparisons
            ],
            "unmatched_ids": dict(sorted(self.unmatched.items(), key=lambda item: (-item[1], item[0]))[:NAMED_IDS]),
            "unmatched_id_count": len(self.unmatched),
            "quarantine": self.quarantine,
            "problems": [problem.as_dict() for problem in self.problems],
            "notes": self.notes,
        }


def _table(merged: Merged) -> dict[str, Any]:
    return {
        "rows": merged.new,
        "rows_before": merged.old,
        "added": merged.added,
        "removed": merged.removed,
        "changed": merged.changed,
        "totals": {name: {"before": before, "after": after} for name, (before, after) in merged.totals.items()},
    }


def _sheet(account: SheetAccount) -> dict[str, Any]:
    known = account.recognition
    return {
        "file": account.sheet.file,
        "sheet": account.sheet.sheet,
        "header_row": account.sheet.header_row,
        "platform": known.platform,
        "export": known.export,
        "source": known.source if account.mapped else "unmapped",
        "tables": sorted(account.tables or {feed.table for feed in known.feeds}),
        "meaning": {feed.table: dict(feed.meaning) for feed in known.feeds},
        **account.balance(),
        "drop_reasons": account.drop_reasons(),
        "estimated": account.estimated,
        "unused_columns": list(known.unused),
        "notes": list(known.notes),
    }
