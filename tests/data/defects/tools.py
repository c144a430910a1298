"""What injectors are made with: the register, and places to damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]
Rng = np.random.Generator
Injector = Callable[[Tables, Rng], None]


@dataclass(frozen=True)
class Defect:
    """A way to damage tables, and the tables that must be there for it."""

    name: str
    damage: Injector
    needs: tuple[str, ...]

    def inject(self, tables: Tables, rng: Rng) -> None:
        """Damages the tables in place; AssertionError where they hold no place for this defect."""
        missing = [name for name in self.needs if name not in tables]
        assert not missing, f"no {missing[0]} in these tables"
        self.damage(tables, rng)


DEFECTS: dict[str, Defect] = {}


def defect(*needs: str) -> Callable[[Injector], Injector]:
    def register(function: Injector) -> Injector:
        DEFECTS[function.__name__] = Defect(function.__name__, function, needs)
        return function

    return register


def busy_channel(tables: Tables, rng: Rng) -> str:
    """One of the channels that sell most of all."""
    sold = tables["sales"].groupby("channel", observed=True)["units_paid"].sum().sort_values()
    return str(rng.choice(sold.index[-3:].astype(str)))


def sales_days(tables: Tables) -> np.ndarray:
    return np.sort(tables["sales"]["date"].unique())


def draw_span(tables: Tables, rng: Rng, length: int, edge: int = 30) -> tuple[np.datetime64, np.datetime64]:
    days = sales_days(tables)
    start = int(rng.integers(edge, len(days) - length - 8))
    return days[start], days[start + length - 1]


def some_rows(
    frame: pd.DataFrame, rng: Rng, share: float, least: int = 3, where: np.ndarray | None = None
) -> np.ndarray:
    """Positions of a share of the rows."""
    rows = np.arange(len(frame)) if where is None else np.flatnonzero(where)
    return np.sort(rng.choice(rows, min(max(int(share * len(rows)), least), len(rows)), replace=False))


def with_values(frame: pd.DataFrame, rows: np.ndarray, column: str, values: object) -> pd.DataFrame:
    """The frame with other values in some rows; whole numbers stay whole."""
    changed = frame.copy()
    cells = changed[column].to_numpy(copy=True)
    if isinstance(changed[column].dtype, pd.CategoricalDtype):
        text = changed[column].astype(object).to_numpy(copy=True)
        text[rows] = values
        changed[column] = pd.Categorical(text)
        return changed
    if cells.dtype.kind in "iu":
        cells = cells.astype(np.int64)
        values = np.round(values).astype(np.int64) if isinstance(values, np.ndarray) else values
    cells[rows] = values
    changed[column] = cells
    return changed


def money_columns(sales: pd.DataFrame) -> list[str]:
    return [name for name in sales if name.startswith("amount_")]


def unit_columns(sales: pd.DataFrame) -> list[str]:
    return [name for name in sales if name.startswith("units_")]


def busy_sku(tables: Tables, rng: Rng, age: int = 0) -> str:
    """One of the SKUs that sell best and have been on sale to the end; sold ``age`` days before the end already."""
    sales, days = tables["sales"], sales_days(tables)
    recent = sales[sales["date"] >= days[-60]]
    if age:
        recent = recent[recent["sku"].isin(sales.loc[sales["date"] < days[-1] - np.timedelta64(age, "D"), "sku"])]
    if "inventory" in tables:
        recent = recent[recent["sku"].astype(str).isin(set(tables["inventory"]["sku"].astype(str)))]
    sold = recent.groupby("sku", observed=True)["units_paid"].sum().sort_values()
    return str(rng.choice(sold.index[-5:].astype(str)))


def quiet_days(tables: Tables, channel: str, days: np.ndarray) -> np.ndarray:
    """Which days lie outside of events and live streams."""
    busy = np.zeros(len(days), dtype=bool)
    for row in tables.get("events", pd.DataFrame(columns=["start", "end"])).itertuples():
        busy |= (days >= np.datetime64(row.start)) & (days <= np.datetime64(row.end) + np.timedelta64(2, "D"))
    if "live_streams" in tables:
        shown = tables["live_streams"]
        held = shown.loc[shown["channel"].astype(str) == channel, "date"].to_numpy()
        busy |= np.isin(days, held) | np.isin(days, held + np.timedelta64(1, "D"))
    return ~busy


def promoted_days(tables: Tables, sku: str, days: np.ndarray) -> np.ndarray:
    """Which days lie in promotions of the SKU."""
    busy = np.zeros(len(days), dtype=bool)
    if "promotions" in tables:
        for row in tables["promotions"][tables["promotions"]["sku"] == sku].itertuples():
            busy |= (days >= np.datetime64(row.start)) & (days <= np.datetime64(row.end) + np.timedelta64(1, "D"))
    return busy


def quiet_day(tables: Tables, rng: Rng, channel: str, last: int = 0) -> np.datetime64:
    """A day outside of events and live streams; within the ``last`` days where given."""
    days = sales_days(tables)[35:-8] if not last else sales_days(tables)[-last:-3]
    free = days[quiet_days(tables, channel, days)]
    assert len(free), "no quiet day in this history"
    return rng.choice(free)
