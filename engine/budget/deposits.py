"""Pre-sale orders count in the week of their deposit: what brought the deposit brought the sale.

Sales tables book such an order on the day it was placed (by contract) or, where they hold payments as platforms report
them, on the day its balance was paid. Which of the two it is shows in the sums: order lines by either day against the
sales of the same days. Balances that are still due count as far as balances were paid before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.deposits import USUAL_RATE, deposit_lines, paid_share
from engine.data.network import text_of
from engine.data.revenue import price_on

Floats = NDArray[np.float64]
CLEARLY = 0.8
"""Sales book by the day of the balance where they then differ from the order lines by less than this part."""
COLUMNS = ["channel", "date", "yuan", "expected"]


def deposit_moves(dataset: Dataset, money: Floats, origin: np.datetime64) -> pd.DataFrame:
    """What to add to the revenue of each sales channel and day, frame of ``COLUMNS``; ``expected``: a balance that is
    still due. Empty without order lines with a deposit.

    ``money`` [rows of sales]: yuan of each.
    """
    lines = deposit_lines(dataset, pd.Timestamp(origin))
    lines = lines[lines["paid"] | lines["open"]].reset_index(drop=True)
    if lines.empty:
        return pd.DataFrame(columns=COLUMNS)
    lines["yuan"] = _worth(dataset, lines)
    paid, open_ = lines[lines["paid"]], lines[lines["open"]]
    booked = _booked(dataset, paid, money)
    moved = (booked != paid["deposit_at"]).to_numpy()
    keys = paid.loc[moved, ["channel", "yuan"]]
    rate = open_["channel"].map(paid_share(lines)).astype(float).fillna(USUAL_RATE)
    parts = [
        keys.assign(date=booked[moved], yuan=-keys["yuan"], expected=False),
        keys.assign(date=paid.loc[moved, "deposit_at"], expected=False),
        open_[["channel"]].assign(date=open_["deposit_at"], yuan=open_["yuan"] * rate, expected=True),
    ]
    found = pd.concat([part[COLUMNS] for part in parts], ignore_index=True)
    return found.groupby(["channel", "date", "expected"])["yuan"].sum().reset_index().reindex(columns=COLUMNS)


def _worth(dataset: Dataset, lines: pd.DataFrame) -> Floats:
    """Yuan of each line: its amount, else its units at the price of the day of the deposit, else 0."""
    amount, prices = lines["amount_fen"].to_numpy(), dataset.get("prices")
    if prices is None or prices.empty:
        return np.asarray(amount / 100.0)
    price = np.nan_to_num(price_on(prices, lines.rename(columns={"deposit_at": "date"})))
    return np.where(amount > 0, amount, lines["units"].to_numpy() * price) / 100.0


def _booked(dataset: Dataset, paid: pd.DataFrame, money: Floats) -> pd.Series:
    """Day on which the sales hold each paid line: that of its order, or of its balance where the sums say so."""
    placed = paid["ordered_at"].fillna(paid["deposit_at"])
    balance = paid["balance_at"].fillna(placed)
    apart = paid[(balance != placed).to_numpy()]
    if apart.empty:
        return placed
    days = pd.concat([placed[apart.index], balance[apart.index]]).unique()
    sold, told = _sold(dataset, money, days), _told(dataset, days)
    late = []
    for channel in sorted(apart["channel"].unique()):
        rows = apart[apart["channel"] == channel]
        others = sold.get(channel, _nothing()).sub(told.get(channel, _nothing()), fill_value=0.0)
        # lines are told by their order's day; the other reading moves them to that of the balance
        by_order = rows.groupby(placed[rows.index])["yuan"].sum()
        by_balance = rows.groupby(balance[rows.index])["yuan"].sum()
        shifted = others.add(by_order, fill_value=0.0).sub(by_balance, fill_value=0.0)
        if shifted.abs().sum() < CLEARLY * others.abs().sum():
            late.append(channel)
    return placed.where(~paid["channel"].isin(late), balance)


def _nothing() -> pd.Series:
    return pd.Series([], index=pd.DatetimeIndex([]), dtype=float)


def _sold(dataset: Dataset, money: Floats, days: NDArray[np.datetime64]) -> dict[str, pd.Series]:
    """Yuan of the sales of some days by channel and day."""
    sales = dataset["sales"]
    inside = sales["date"].isin(days).to_numpy()
    rows = pd.DataFrame({"channel": text_of(sales.loc[inside, "channel"]), "date": sales.loc[inside, "date"]})
    return _by_day(rows.assign(yuan=money[inside]))


def _told(dataset: Dataset, days: NDArray[np.datetime64]) -> dict[str, pd.Series]:
    """Yuan of all order lines that were paid and kept, by channel and the day of the order, on some days."""
    orders = dataset["orders"]
    date = orders["ordered_at"] if "ordered_at" in orders else orders["deposit_at"]
    kept = date.isin(days).to_numpy() & ~orders["state"].isin(["ordered", "cancelled"]).to_numpy()
    rows = orders[kept].reset_index(drop=True)
    names = {"sku": text_of(rows["sku"]), "channel": text_of(rows["channel"]), "deposit_at": date[kept].to_numpy()}
    lines = pd.DataFrame({**names, "units": rows["units"].astype(float)})
    given = rows["amount_paid_fen"].fillna(0).to_numpy(dtype=float) if "amount_paid_fen" in rows else 0.0
    lines["amount_fen"] = given
    return _by_day(lines.assign(yuan=_worth(dataset, lines), date=lines["deposit_at"]))


def _by_day(rows: pd.DataFrame) -> dict[str, pd.Series]:
    sums = rows.groupby(["channel", "date"])["yuan"].sum()
    return {str(name): part.droplevel(0) for name, part in sums.groupby(level=0)}
