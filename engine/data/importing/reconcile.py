"""Sums against the totals that stand in the export itself or that the merchant enters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engine.data.importing.cells import clean
from engine.data.importing.model import Block, Feed, Odd
from engine.data.importing.policy import measures
from engine.data.tables import TABLES

TOLERANCE = 1e-3
"""Share of the total by which a sum may differ."""
CHECKED = ("sales", "inventory", "media", "purchase_orders", "receipts")
"""Tables whose figures add up; visitors of a shop do not."""


@dataclass(frozen=True)
class Comparison:
    """``read``: what was loaded; ``total``: what it should be."""

    place: str
    measure: str
    read: float
    total: float

    @property
    def difference(self) -> float:
        """Share of the total that is missing (negative) or too much."""
        return (self.read - self.total) / abs(self.total) if self.total else float(np.sign(self.read))

    @property
    def reconciled(self) -> bool:
        return abs(self.difference) <= TOLERANCE

    def __str__(self) -> str:
        return f"{self.place}: {self.measure} {self.read:,.2f} against {self.total:,.2f} ({self.difference:+.2%}), " + (
            "reconciled" if self.reconciled else "unreconciled"
        )


@dataclass
class Sums:
    """Running sums of a sheet's figures by column position."""

    columns: Mapping[int, str]
    values: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, feed: Feed) -> Sums:
        if feed.kind != "rows" or feed.table not in CHECKED:
            return cls({})
        summed = measures(TABLES[feed.table])
        names = {name.replace("_fen", "_yuan"): name for name in summed} | {name: name for name in summed}
        return cls({place: name for name, place in feed.columns.items() if name in names})

    def add(self, block: Block, keep: Iterable[int] | None = None, sign: int = 1) -> None:
        """The rows of a block, or only those of the given row numbers."""
        chosen = None if keep is None else np.isin(block.rows, list(keep))
        for place in self.columns:
            values = block.frame[place]
            labels = np.append(_numbers(values.cat.categories.to_numpy(dtype=object)), 0.0)
            codes = values.cat.codes.to_numpy() if chosen is None else values.cat.codes.to_numpy()[chosen]
            counts = np.bincount(np.where(codes < 0, len(labels) - 1, codes), minlength=len(labels))
            self.values[place] = self.values.get(place, 0.0) + sign * float(labels @ counts)

    def compare(self, totals: Iterable[Odd], label: str, names: tuple[str, ...]) -> list[Comparison]:
        """Against the last total row of the sheet."""
        rows = list(totals)
        if not rows:
            return []
        cells = rows[-1].cells
        given = {
            p: _numbers(np.array([cells[p]], dtype=object))[0] for p in self.columns if p < len(cells) and cells[p]
        }
        return [
            Comparison(label, names[place], self.values.get(place, 0.0), total)
            for place, total in given.items()
            if clean(np.array([cells[place]], dtype=object), "number")[0]
        ]


def _numbers(labels: np.ndarray) -> np.ndarray:
    cleaned = pd.to_numeric(pd.Series(clean(labels, "number"), dtype=object), errors="coerce")
    return cleaned.fillna(0.0).to_numpy(dtype=np.float64)


def control_totals(sales: pd.DataFrame, totals: pd.DataFrame | None) -> list[Comparison]:
    """Monthly sums of a shop against what the merchant entered (table ``control_totals``)."""
    if totals is None or not len(totals):
        return []
    found = []
    month = sales["date"].to_numpy().astype("datetime64[M]")
    for entry in totals.itertuples():
        mine = (month == np.datetime64(str(entry.date)[:7], "M")) & (sales["channel"].astype(str) == str(entry.channel))
        for name, unit in (("units_paid", 1), ("amount_paid_fen", 100)):
            total = getattr(entry, name, np.nan)
            if name in sales and not pd.isna(total):
                read = float(sales.loc[mine, name].sum()) / unit
                place = f"{entry.channel} {str(entry.date)[:7]}"
                found.append(Comparison(place, name.replace("_fen", "_yuan"), read, float(total) / unit))
    return found
