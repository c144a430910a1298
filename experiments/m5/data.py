"""The M5 files as arrays, cut at an origin: sales up to it, calendar and prices up to the end of the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.hierarchy import SumTree

Grid = NDArray[np.float32]
Codes = NDArray[np.int32]

KEYS = ["item_id", "dept_id", "cat_id", "store_id", "state_id"]
LEVELS: list[tuple[str, ...]] = [
    (),
    ("state_id",),
    ("store_id",),
    ("cat_id",),
    ("dept_id",),
    ("state_id", "cat_id"),
    ("state_id", "dept_id"),
    ("store_id", "cat_id"),
    ("store_id", "dept_id"),
    ("item_id",),
    ("item_id", "state_id"),
    ("item_id", "store_id"),
]
"""The twelve levels of the competition, in its order; the last one is the leaves."""
FIRST_ORIGIN = 1500
SALES_FILES = "sales_train_*.parquet"


@dataclass(frozen=True)
class Market:
    """What is known at ``origin`` (days counted from 1, day d in column d - 1).

    ``keys``: frame of the id columns [series]. ``sales`` float32 [series, origin]. ``prices`` float32
    [series, origin + horizon], NaN before a product is listed. ``calendar``: one row a day, origin + horizon rows.
    """

    origin: int
    horizon: int
    keys: pd.DataFrame
    sales: Grid
    prices: Grid
    calendar: pd.DataFrame

    @property
    def ids(self) -> list[str]:
        """Names of the leaves, such as FOODS_1_001_CA_1."""
        return (self.keys["item_id"] + "_" + self.keys["store_id"]).tolist()

    def tree(self) -> SumTree:
        """The first eleven levels over the leaves."""
        return SumTree.of(self.keys, LEVELS[:-1])


def load(folder: Path, origin: int, horizon: int) -> Market:
    """What was known at the origin. Raises ValueError where the files do not reach that far."""
    path = _sales_file(folder)
    last = max(int(name[2:]) for name in pq.read_schema(path).names if name.startswith("d_"))
    calendar = pd.read_parquet(folder / "calendar.parquet")
    if not FIRST_ORIGIN <= origin <= last:
        raise ValueError(f"--origin is a day from {FIRST_ORIGIN} to {last}, not {origin}")
    if not 1 <= horizon <= len(calendar) - origin:
        raise ValueError(f"the calendar ends {len(calendar) - origin} days after day {origin}: --horizon {horizon}")
    frame = pd.read_parquet(path, columns=KEYS + [f"d_{day}" for day in range(1, origin + 1)])
    keys = frame[KEYS].astype(str)
    calendar = calendar.iloc[: origin + horizon].reset_index(drop=True)
    sales = frame.drop(columns=KEYS).to_numpy(dtype=np.float32)
    return Market(origin, horizon, keys, sales, _daily_prices(folder, keys, calendar), calendar)


def actuals(folder: Path, origin: int, horizon: int) -> Grid | None:
    """Sales of the horizon [series, horizon] in the order of :func:`load`; None where the file ends before."""
    path = _sales_file(folder)
    wanted = [f"d_{day}" for day in range(origin + 1, origin + horizon + 1)]
    if not set(wanted) <= set(pq.read_schema(path).names):
        return None
    return pd.read_parquet(path, columns=wanted).to_numpy(dtype=np.float32)


def _sales_file(folder: Path) -> Path:
    found = sorted(folder.glob(SALES_FILES))
    if len(found) != 1:
        raise FileNotFoundError(f"{folder} holds {len(found)} files {SALES_FILES}, one is needed")
    return found[0]


def _daily_prices(folder: Path, keys: pd.DataFrame, calendar: pd.DataFrame) -> Grid:
    weeks = pd.Index(calendar["wm_yr_wk"].unique())
    prices = pd.read_parquet(folder / "sell_prices.parquet")
    names = pd.Index(keys["item_id"] + "|" + keys["store_id"])
    goods = pd.MultiIndex.from_frame(prices[["item_id", "store_id"]])
    code, unique = pd.factorize(goods)
    row = names.get_indexer(pd.Index([f"{item}|{store}" for item, store in unique]))[code]
    column = weeks.get_indexer(prices["wm_yr_wk"])
    here = (row >= 0) & (column >= 0)
    weekly = np.full((len(names), len(weeks)), np.nan, dtype=np.float32)
    weekly[row[here], column[here]] = prices["sell_price"].to_numpy(dtype=np.float32)[here]
    return weekly[:, weeks.get_indexer(calendar["wm_yr_wk"])]
