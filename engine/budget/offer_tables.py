"""What a live stream on offer would bring, what it takes to pay, and the stock it binds, as tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.budget.objective import Worth
from engine.budget.score import INTERVAL
from engine.budget.streams import Stream, Streams
from engine.data.dataset import Dataset
from engine.data.stock import stock_units


def offer_table(
    streams: Streams, taken: tuple[bool, ...], worth: Worth, price: float, stock: pd.DataFrame
) -> pd.DataFrame:
    """A row a stream on offer, by day; see ``BudgetPlan.offers``. ``price``: what a yuan of the budget adds to the
    objective; ``stock``: see :func:`stock_table`."""
    units, short = (dict(stock.groupby("stream")[name].sum()) for name in ("units", "short_units"))
    rows = []
    for item, value, took, decided in zip(streams.items, streams.worth, taken, streams.decided, strict=True):
        fee, borne, found = item.terms.fee, item.terms.burden, item.found
        row = {"stream": item.name, "date": item.day, "channel": item.channel, "host": item.host}
        row |= {"decision": "sign" if took else "leave", "decided": decided is not None, "slot_fee_fen": _fen(fee)}
        row |= _spread("sales", found.sales) | {"refund_fen": _fen(found.refund.mean())}
        row |= _spread("contribution", found.earned - borne) | {"pays": float((found.earned > borne).mean())}
        row |= _break_even(item) | {"reserve_units": int(units[item.name])}
        row |= {"short_units": int(short[item.name])}
        rows.append(row | {"surplus_fen": _fen(float(value.mean()) - (worth.cost + price) * fee)})
    table = pd.DataFrame(rows)
    if len(table):
        table = table.astype(dict.fromkeys(("break_even_units", "break_even_fen"), "Int64"))
        table = table.sort_values(["date", "stream"], ignore_index=True)
    return table


def stock_table(streams: Streams, dataset: Dataset) -> pd.DataFrame:
    """``stream, date, sku, units, on_hand, short_units``: stock to reserve before a stream is signed, and what of it is
    not there today."""
    held = stock_units(dataset)
    parts = [
        pd.DataFrame(
            {
                "stream": item.name,
                "date": item.day,
                "sku": item.shown["sku"].to_numpy(),
                "units": np.ceil(item.reserve * item.shown["usual"].to_numpy(float)).astype(np.int64),
            }
        )
        for item in streams.items
    ]
    if not parts:
        return pd.DataFrame({"stream": [], "date": [], "sku": [], "units": [], "on_hand": [], "short_units": []})
    table = pd.concat(parts, ignore_index=True).sort_values(["date", "stream", "sku"], ignore_index=True)
    table["on_hand"] = table["sku"].map(held).fillna(0).to_numpy(float).round().astype(np.int64)
    return table.assign(short_units=np.maximum(table["units"] - table["on_hand"], 0))


def _break_even(item: Stream) -> dict[str, int | None]:
    """Units and money from which the slot pays; None where no sales pay it."""
    money = item.of_one.break_even(item.terms)
    shown = item.shown
    usual_price = float((shown["usual"] * shown["price"]).sum() / shown["usual"].sum())
    if money is None:
        return {"break_even_units": None, "break_even_fen": None}
    return {"break_even_units": int(np.ceil(money / usual_price - 1e-9)), "break_even_fen": _fen(money)}


def _spread(name: str, values: np.ndarray) -> dict[str, int]:
    low, high = np.quantile(values, INTERVAL)
    return {f"{name}_fen": _fen(values.mean()), f"{name}_low_fen": _fen(low), f"{name}_high_fen": _fen(high)}


def _fen(yuan: float) -> int:
    return round(100.0 * float(yuan))
