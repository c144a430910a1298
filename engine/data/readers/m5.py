"""M5: daily unit sales of Walmart stores, with prices known ahead, events and SNAP days."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.data.readers.shops import coded, days, labels, shops
from engine.data.readers.source import Source
from engine.plans.errors import BadInput, Problem

FILES = ("sales_train_d1_d1941", "calendar", "sell_prices")
ATTRIBUTES = ["item_id", "dept_id", "cat_id", "store_id", "first_price_d"]
CENTS = 100
SETTINGS = {
    "frequency": "D",
    "supply_defaults": {"lead_time_weeks": 2, "margin_share": 0.3, "opening_cover_weeks": 3.0},
}
ASSUMPTIONS = (
    "M5: prices are US dollars shown as yuan, tax taken as included",
    "M5: there are no supply tables; lead time, margin and opening stock come from supply_defaults",
)


def m5(folder: str | Path, stores: Sequence[str] | None = None, items: int | None = None) -> Source:
    """Read M5 from Parquet files (``sales_train_d1_d1941, calendar, sell_prices``).

    SKU = item, channel = store, category = department. ``stores``: these only; ``items``: the first so many items
    of the file, for small trials. :class:`BadInput` where a file or store is missing.
    """
    root = Path(folder)
    missing = [root / f"{name}.parquet" for name in FILES if not (root / f"{name}.parquet").is_file()]
    if missing:
        raise BadInput([Problem(str(file), "is missing", remedy="Give the folder of M5.") for file in missing])
    rows = pd.read_parquet(root / f"{FILES[0]}.parquet", columns=ATTRIBUTES)
    rows = _chosen(rows, stores, items, root)
    calendar = pd.read_parquet(root / "calendar.parquet").sort_values("date", ignore_index=True)
    names = sorted(rows["item_id"].unique()), sorted(rows["store_id"].unique())
    sku = pd.Index(names[0]).get_indexer(rows["item_id"])
    channel = pd.Index(names[1]).get_indexer(rows["store_id"])
    order = np.lexsort((channel, sku))
    rows, sku, channel = rows.iloc[order], sku[order].astype(np.int32), channel[order].astype(np.int32)
    weekly = _weekly_prices(root / "sell_prices.parquet", names, calendar)
    price = weekly[channel, sku]
    tables = {
        "sales": _sales(root / f"{FILES[0]}.parquet", rows.index.to_numpy(), (sku, channel), names, calendar, price),
        "skus": _skus(rows, days(calendar["date"])),
        "prices": _prices(price, (sku, channel), names, calendar),
        "events": _events(calendar, names[1]),
        **shops(names[1]),
    }
    return Source(tables, SETTINGS, ASSUMPTIONS)


def _chosen(rows: pd.DataFrame, stores: Sequence[str] | None, items: int | None, root: Path) -> pd.DataFrame:
    known = set(rows["store_id"])
    unknown = [store for store in stores or () if store not in known]
    if unknown:
        expected = ", ".join(sorted(known))
        raise BadInput(
            [Problem(str(root), "there is no such store", value=name, expected=expected) for name in unknown]
        )
    if stores is not None:
        rows = rows[rows["store_id"].isin(list(stores))]
    if items is not None:
        rows = rows[rows["item_id"].isin(rows["item_id"].unique()[:items])]
    return rows


def _sales(
    file: Path,
    positions: NDArray[np.int64],
    keys: tuple[NDArray[np.int32], NDArray[np.int32]],
    names: tuple[list[str], list[str]],
    calendar: pd.DataFrame,
    price: NDArray[np.int32],
) -> pd.DataFrame:
    """Rows with a sale, sorted by date, SKU and store; read a year of columns at a time to bound the memory."""
    columns = [name for name in pq.read_schema(file).names if name.startswith("d_")]
    day_of = {name: position for position, name in enumerate(calendar["d"])}
    week_of = pd.factorize(calendar["wm_yr_wk"])[0]
    dates, parts = days(calendar["date"]), []
    for start in range(0, len(columns), 365):
        block = columns[start : start + 365]
        units = np.stack([column.to_numpy() for column in pq.read_table(file, columns=block).columns])[:, positions]
        day, row = np.nonzero(units)
        where = np.array([day_of[name] for name in block])[day]
        sold = units[day, row].astype(np.int64)
        amount = sold * price[row, week_of[where]]
        parts.append((dates[where], keys[0][row], keys[1][row], sold, amount))
    date, sku, channel, sold, amount = (np.concatenate(list(column)) for column in zip(*parts, strict=True))
    return pd.DataFrame(
        {
            "date": date,
            "sku": coded(sku, names[0]),
            "channel": coded(channel, names[1]),
            "units_paid": sold,
            "amount_paid_fen": amount,
        }
    )


def _skus(rows: pd.DataFrame, dates: NDArray[np.datetime64]) -> pd.DataFrame:
    """One row an item; it is launched on the first day on which any of the stores has a price for it."""
    items = rows.groupby("item_id", as_index=False).agg(
        dept=("dept_id", "first"), line=("cat_id", "first"), first=("first_price_d", "min")
    )
    return pd.DataFrame(
        {
            "sku": labels(items["item_id"]),
            "category": labels(items["dept"]),
            "product_line": labels(items["line"]),
            "launch_date": dates[items["first"].to_numpy() - 1],
        }
    )


def _weekly_prices(file: Path, names: tuple[list[str], list[str]], calendar: pd.DataFrame) -> NDArray[np.int32]:
    """Price in cents [stores, items, weeks], 0 before the first one; a gap keeps the price before it."""
    keys = ["item_id", "store_id"]
    rows = pq.read_table(file, filters=[("store_id", "in", names[1])], read_dictionary=keys).to_pandas()
    weeks = pd.Index(pd.unique(calendar["wm_yr_wk"]))
    item, store = (
        pd.Index(own).get_indexer(rows[key].cat.categories)[rows[key].cat.codes]
        for own, key in zip(names, keys, strict=True)
    )
    week = weeks.get_indexer(rows["wm_yr_wk"])
    kept = (store >= 0) & (item >= 0) & (week >= 0)
    grid = np.zeros((len(names[1]), len(names[0]), len(weeks)), dtype=np.int32)
    grid[store[kept], item[kept], week[kept]] = np.rint(rows["sell_price"].to_numpy()[kept] * CENTS)
    last = np.maximum.accumulate(np.where(grid > 0, np.arange(len(weeks), dtype=np.int16), 0), axis=2)
    return np.take_along_axis(grid, last.astype(np.int64), axis=2)


def _prices(
    price: NDArray[np.int32],
    keys: tuple[NDArray[np.int32], NDArray[np.int32]],
    names: tuple[list[str], list[str]],
    calendar: pd.DataFrame,
) -> pd.DataFrame:
    """A row where the price changes; prices of the weeks ahead are known, as in the competition."""
    first_day = days(calendar.drop_duplicates("wm_yr_wk")["date"])
    row, week = np.nonzero(np.diff(price, axis=1, prepend=0))
    return pd.DataFrame(
        {
            "sku": coded(keys[0][row], names[0]),
            "channel": coded(keys[1][row], names[1]),
            "date": first_day[week],
            "paid_price_fen": price[row, week].astype(np.int64),
        }
    )


def _events(calendar: pd.DataFrame, stores: Sequence[str]) -> pd.DataFrame:
    """Holidays and sport of the whole calendar; SNAP days for the stores of the state, runs of days merged."""
    named = [calendar[["date", f"event_name_{slot}"]].set_axis(["date", "kind"], axis=1).dropna() for slot in (1, 2)]
    holidays = pd.concat(named).drop_duplicates()
    parts = [
        pd.DataFrame({"kind": holidays["kind"], "channel": "", "start": holidays["date"], "end": holidays["date"]})
    ]
    for store in stores:
        snap = pd.to_datetime(calendar.loc[calendar[f"snap_{store.split('_')[0]}"] == 1, "date"])
        run = (snap.diff() != pd.Timedelta(days=1)).cumsum()
        span = snap.groupby(run).agg(["min", "max"])
        parts.append(pd.DataFrame({"kind": "SNAP", "channel": store, "start": span["min"], "end": span["max"]}))
    table = pd.concat(parts, ignore_index=True)
    start = days(table["start"])
    return pd.DataFrame(
        {
            "event": labels(
                f"{kind}-{day}" for kind, day in zip(table["kind"], start.astype("datetime64[D]"), strict=True)
            ),
            "kind": labels(table["kind"]),
            "channel": labels(table["channel"]),
            "phase": labels(["holiday"] * len(table)),
            "start": start,
            "end": days(table["end"]),
            "source": labels(["M5 calendar"] * len(table)),
        }
    )
