"""Dataset: the merchant's tables as of a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from engine.data.tables import TABLES, Table
from engine.plans.errors import MissingInput


@dataclass(frozen=True)
class Dataset:
    """Validated tables, frozen. ``cutoff``: nothing that became known after this day is seen (None: everything).
    ``unreconciled``: sums that differ from the totals of the platform or the merchant; every plan says so.

    >>> sales = pd.DataFrame({"date": pd.to_datetime(["2026-01-01", "2026-01-02"]), "units_paid": [1, 2]})
    >>> len(Dataset({"sales": sales}, "0").as_of(date(2026, 1, 1))["sales"])
    1
    """

    tables: Mapping[str, pd.DataFrame]
    fingerprint: str
    cutoff: date | None = None
    assumptions: tuple[str, ...] = ()
    unreconciled: tuple[str, ...] = ()
    _seen: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table as of the cutoff; :class:`MissingInput` where the merchant has not given it."""
        if name not in self.tables:
            raise MissingInput(name, f"add {name} ({TABLES[name].zh}) to enable what depends on it")
        if name not in self._seen:
            self._seen[name] = _known(TABLES[name], self.tables[name], self.cutoff)
        return self._seen[name]

    def get(self, name: str) -> pd.DataFrame | None:
        """The table as of the cutoff, None where it is missing."""
        return self[name] if name in self.tables else None

    def require(self, name: str, remedy: str) -> pd.DataFrame:
        """The table, or :class:`MissingInput` with what would enable the stage that asks."""
        if name not in self.tables:
            raise MissingInput(name, remedy)
        return self[name]

    def as_of(self, day: date) -> Dataset:
        """The dataset as it was known at the end of that day."""
        return replace(self, cutoff=day, _seen={})

    @property
    def last_day(self) -> pd.Timestamp:
        """Last day with sales."""
        return pd.Timestamp(self["sales"]["date"].max())


def _known(table: Table, frame: pd.DataFrame, cutoff: date | None) -> pd.DataFrame:
    """Rows known at the cutoff: ``known_at`` where it stands, else by the table's own rule."""
    if cutoff is None:
        return frame
    limit = pd.Timestamp(cutoff)
    fallback = frame[table.date] if table.known == "date" and table.date in frame else None
    if "known_at" in frame:
        moment = frame["known_at"] if fallback is None else frame["known_at"].fillna(fallback)
    elif fallback is None:
        return frame
    else:
        moment = fallback
    return frame[moment.isna() | (moment <= limit)]
