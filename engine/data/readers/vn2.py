"""The VN2 inventory planning challenge: weekly sales, stock-outs, opening stock and goods in transit.

An order placed at the end of week X is sellable at the start of week X+3 (rules of the challenge). Seen from the
planning week that begins when the order is placed, that is two weeks later.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.readers.shops import days, labels, shops
from engine.data.readers.source import Source
from engine.plans.errors import BadInput, Problem

FILES = ("sales", "in_stock", "master", "initial_state")
KEYS = ["Store", "Product"]
STOCK, IN_TRANSIT = "End Inventory", ("In Transit W+1", "In Transit W+2")
WEEK = np.timedelta64(7, "D")
LEAD_TIME_WEEKS = 2
SETTINGS = {
    "frequency": "W",
    "supply_defaults": {
        "lead_time_weeks": LEAD_TIME_WEEKS,
        "holding_cost_yuan_unit_week": 0.2,
        "lost_sale_cost_yuan_unit": 1.0,
    },
}
ASSUMPTIONS = (
    "VN2: holding 0.2 and lost sales 1.0 a unit (EUR, shown as yuan) are the challenge's; there are no prices",
    "VN2: weeks with in_stock False count as not in stock for the whole week",
)


@dataclass(frozen=True)
class Challenge:
    """The files, wide, one row a store and product: ``sales`` (units, NaN unknown) and ``in_stock`` (bool) by week,
    ``state`` (stock and goods in transit), all in the order of ``state``; ``master``: attributes."""

    sales: pd.DataFrame
    in_stock: pd.DataFrame
    state: pd.DataFrame
    master: pd.DataFrame


def vn2(folder: str | Path) -> Source:
    """The challenge's folder (``sales.csv, in_stock.csv, master.csv, initial_state.csv``) as tables.

    SKU = product, channel = store, date = Monday of the week. :class:`BadInput` where a file or its key is missing.
    """
    return source_of(read_challenge(folder))


def read_challenge(folder: str | Path) -> Challenge:
    """The files as they stand, rows brought together. A store and product without a row of sales has sold nothing;
    a blank within a row is a week of which nothing is known; a blank stock is none."""
    files = {name: Path(folder) / f"{name}.csv" for name in FILES}
    missing = [file for file in files.values() if not file.is_file()]
    if missing:
        raise BadInput([Problem(str(file), "is missing", remedy="Give the folder of VN2.") for file in missing])
    frames = {
        name: pd.read_csv(file, skipinitialspace=True, dtype=dict.fromkeys(KEYS, str)) for name, file in files.items()
    }
    unkeyed = [name for name, frame in frames.items() if not set(KEYS) <= set(frame)]
    if unkeyed:
        raise BadInput([Problem(f"{name}.csv", "has no Store and Product", remedy="Keep both.") for name in unkeyed])
    frames = {name: frame.dropna(subset=KEYS).drop_duplicates(KEYS, keep="last") for name, frame in frames.items()}
    sales, in_stock, state = (frames[name].set_index(KEYS) for name in ("sales", "in_stock", "initial_state"))
    rows = state.index.append(sales.index.difference(state.index, sort=False))
    weeks = [name for name in sales.columns if not pd.isna(pd.to_datetime(name, errors="coerce"))]
    units = sales[weeks].apply(pd.to_numeric, errors="coerce").clip(lower=0.0)
    weeks = weeks[: int(units.notna().any().to_numpy().nonzero()[0].max(initial=0)) + 1]  # weeks to come may be blank
    units = units[weeks]
    units.loc[units.isna().all(axis=1)] = 0.0
    units = units.reindex(rows, fill_value=0.0)
    flags = in_stock.reindex(index=rows, columns=weeks).astype(str).apply(lambda week: week.str.strip().str.lower())
    return Challenge(units, ~flags.isin(["false", "0", "0.0"]), _quantities(state.reindex(rows)), frames["master"])


def _quantities(state: pd.DataFrame) -> pd.DataFrame:
    """Stock and goods in transit in whole units; blank or absent is none."""
    wanted = state.reindex(columns=[STOCK, *IN_TRANSIT]).apply(pd.to_numeric, errors="coerce")
    return wanted.fillna(0.0).clip(lower=0.0).round().astype(np.int64)


def source_of(given: Challenge) -> Source:
    """The tables. A week that ends with an empty shelf counts as sold out, where the state tells."""
    weeks = days(given.sales.columns)
    stores = sorted({str(store) for store in given.sales.index.get_level_values("Store")})
    open_weeks = given.in_stock & given.sales.notna()
    open_weeks.iloc[:, -1] &= given.state[STOCK] > 0
    tables = {
        "sales": _sales(given.sales.fillna(0.0)),
        "availability": _availability(open_weeks),
        "skus": _skus(given.master, given.sales.index),
        **shops(stores),
        "inventory": _stock(given.state, weeks[-1]),
        "purchase_orders": _in_transit(given.state, weeks[-1]),
    }
    return Source(tables, SETTINGS, ASSUMPTIONS)


def _keys(rows: pd.Index) -> dict[str, pd.Categorical]:
    return {"sku": labels(rows.get_level_values("Product")), "channel": labels(rows.get_level_values("Store"))}


def _sales(wide: pd.DataFrame) -> pd.DataFrame:
    """Rows with a sale; a series without any keeps a row of 0 in the last week, so that it is known to exist."""
    units = wide.to_numpy(dtype=np.int64)
    kept = units > 0
    kept[~kept.any(axis=1), -1] = True
    if not kept[:, -1].any():
        kept[0, -1] = True
    row, week = np.nonzero(kept)
    return pd.DataFrame({"date": days(wide.columns)[week], **_keys(wide.index[row]), "units_paid": units[row, week]})


def _availability(wide: pd.DataFrame) -> pd.DataFrame:
    row, week = np.nonzero(~wide.to_numpy(dtype=bool))
    return pd.DataFrame({"date": days(wide.columns)[week], **_keys(wide.index[row]), "in_stock_share": 0.0})


def _skus(master: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    """Attributes of every product that has a row; one that the master does not know is of no department."""
    products = rows.get_level_values("Product").drop_duplicates()
    first = master.drop_duplicates("Product").set_index("Product").reindex(products)
    return pd.DataFrame(
        {
            "sku": labels(products),
            "category": labels(_codes(first["Department"])),
            "product_line": labels(_codes(first["Division"])),
            "spu": labels(_codes(first["ProductGroup"])),
        }
    )


def _codes(values: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value) for value in values]


def _stock(state: pd.DataFrame, last_week: np.datetime64) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": last_week,
            "sku": labels(state.index.get_level_values("Product")),
            "warehouse": labels(state.index.get_level_values("Store")),
            "pool": labels(["shared"] * len(state)),
            "on_hand": state[STOCK].to_numpy(),
        }
    )


def _in_transit(state: pd.DataFrame, last_week: np.datetime64) -> pd.DataFrame:
    """Open orders: ``W+1`` is sellable at the start of the week after the history, ``W+2`` a week later."""
    parts = []
    for ahead, column in enumerate(IN_TRANSIT, start=1):
        open_orders = state[state[column] > 0]
        expected = last_week + ahead * WEEK
        parts.append(
            pd.DataFrame(
                {
                    "po": labels([f"in-transit-W+{ahead}"] * len(open_orders)),
                    "sku": labels(open_orders.index.get_level_values("Product")),
                    "warehouse": labels(open_orders.index.get_level_values("Store")),
                    "pool": labels(["shared"] * len(open_orders)),
                    "ordered_at": expected - LEAD_TIME_WEEKS * WEEK,
                    "expected_at": expected,
                    "units": open_orders[column].to_numpy(),
                }
            ).astype({"po": str, "sku": str, "warehouse": str, "pool": str})
        )
    return pd.concat(parts, ignore_index=True)
