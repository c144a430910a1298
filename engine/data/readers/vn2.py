"""The VN2 inventory planning challenge: weekly sales, stock-outs, opening stock and goods in transit.

An order placed at the end of week X is sellable at the start of week X+3 (rules of the challenge). Seen from the
planning week that begins when the order is placed, that is two weeks later.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.readers.shops import days, labels, shops
from engine.data.readers.source import Source
from engine.plans.errors import BadInput, Problem

FILES = ("sales", "in_stock", "master", "initial_state")
KEYS = ["Store", "Product"]
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


def vn2(folder: str | Path) -> Source:
    """Read the challenge's folder (``sales.csv, in_stock.csv, master.csv, initial_state.csv``).

    SKU = product, channel = store, date = Monday of the week. :class:`BadInput` where a file is missing.
    """
    files = {name: Path(folder) / f"{name}.csv" for name in FILES}
    missing = [file for file in files.values() if not file.is_file()]
    if missing:
        raise BadInput([Problem(str(file), "is missing", remedy="Give the folder of VN2.") for file in missing])
    sales, in_stock, master, state = (pd.read_csv(files[name]).set_index(KEYS) for name in FILES)
    in_stock, state = in_stock.reindex(sales.index), state.reindex(sales.index)
    stores = sorted({str(store) for store in sales.index.get_level_values("Store")})
    tables = {
        "sales": _sales(sales),
        "availability": _availability(in_stock),
        "skus": _skus(master),
        **shops(stores),
        "inventory": _stock(state, days(sales.columns)[-1]),
        "purchase_orders": _in_transit(state, days(sales.columns)[-1]),
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


def _skus(master: pd.DataFrame) -> pd.DataFrame:
    first = master.reset_index().drop_duplicates("Product")
    return pd.DataFrame(
        {
            "sku": labels(first["Product"]),
            "category": labels(first["Department"]),
            "product_line": labels(first["Division"]),
            "spu": labels(first["ProductGroup"]),
        }
    )


def _stock(state: pd.DataFrame, last_week: np.datetime64) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": last_week,
            "sku": labels(state.index.get_level_values("Product")),
            "warehouse": labels(state.index.get_level_values("Store")),
            "pool": labels(["shared"] * len(state)),
            "on_hand": state["End Inventory"].to_numpy(dtype=np.int64),
        }
    )


def _in_transit(state: pd.DataFrame, last_week: np.datetime64) -> pd.DataFrame:
    """Open orders: ``W+1`` is sellable at the start of the week after the history, ``W+2`` a week later."""
    parts = []
    for ahead in (1, 2):
        open_orders = state[state[f"In Transit W+{ahead}"] > 0]
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
                    "units": open_orders[f"In Transit W+{ahead}"].to_numpy(dtype=np.int64),
                }
            ).astype({"po": str, "sku": str, "warehouse": str, "pool": str})
        )
    return pd.concat(parts, ignore_index=True)
