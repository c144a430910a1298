"""Order lines of the last weeks, unit by unit, in agreement with the sales table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.frames import coded, records
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

_STATES = ("ordered", "cancelled", "returned", "refund_only", "shipped", "settled")
_REASONS = ("尺码不合", "颜色不符", "质量问题", "七天无理由", "少件漏发")
_PRESALE_SHARE = 0.6
_SETTLED_DAYS = 15
_SAME_ORDER = 0.18


def orders_table(
    settings: DemoSettings,
    world: World,
    time: Timeline,
    sales: pd.DataFrame,
    shares: NDArray[np.float64],
    category: NDArray[np.int64],
    events: pd.DataFrame,
) -> pd.DataFrame:
    """One line a unit of the last ``order_days`` days. ``category`` [skus]; ``shares`` by category, channel, region."""
    rng = settings.rng("orders")
    start = max(time.history - settings.order_days, 0)
    recent = sales[sales["date"] >= time.dates(np.array([start]))[0]]
    recent = recent.sort_values(["date", "channel", "sku"], kind="stable", ignore_index=True)
    row, state = _states(recent, time)
    day = recent["date"].to_numpy()[row].astype("datetime64[D]")
    position = (day - time.days[0]).astype(np.int64)
    channel, sku = recent["channel"].cat.codes.to_numpy()[row], recent["sku"].cat.codes.to_numpy()[row]
    count = len(row)
    joined = (rng.random(count) < _SAME_ORDER) & np.r_[False, (day[1:] == day[:-1]) & (channel[1:] == channel[:-1])]
    order = np.cumsum(~joined)
    customer, region = _customers(rng, order, channel)
    edges = np.cumsum(shares, axis=2)[category[sku], channel]
    region_code = (region[:, None] > edges[:, :-1]).sum(axis=1)
    line = np.arange(count) - np.maximum.accumulate(np.where(~joined, np.arange(count), 0)) + 1
    due = _balance_days(world, time, events)[channel, position]
    presale = (due >= 0) & (rng.random(count) < _PRESALE_SHARE)
    shipped = position + rng.integers(0, 3, count)
    shipped = np.where(presale, np.maximum(due, position) + rng.integers(0, 4, count), shipped)
    moved = np.isin(state, ("returned", "refund_only", "shipped", "settled"))
    back = np.minimum(shipped + 4 + rng.integers(0, 18, count), time.history - 1)
    returned = state == "returned"
    reason = pd.Series(rng.choice(_REASONS, count, p=[0.32, 0.12, 0.14, 0.37, 0.05])).where(returned)
    return pd.DataFrame(
        {
            "order_id": pd.Categorical([f"2{c}{number:017d}" for c, number in zip(channel, order, strict=True)]),
            "line": pd.Categorical(line.astype(str)),
            "ordered_at": day.astype("datetime64[s]"),
            "channel": coded(channel, list(world.channels)),
            "sku": coded(sku, list(recent["sku"].cat.categories)),
            "customer_id": pd.Categorical([f"C{number:08d}" for number in customer]),
            "region": coded(region_code, list(world.regions)),
            "units": np.int64(1),
            "amount_paid_fen": _amounts(recent, row, state),
            "state": pd.Categorical(state, ["ordered", "paid", *_STATES[1:]]),
            "deposit_at": _where(time, position, presale),
            "balance_at": _where(time, due, presale & (due < time.history) & (state != "ordered")),
            "promised_ship_at": _where(time, np.maximum(due, position) + 2, state != "ordered"),
            "shipped_at": _where(time, shipped, moved & (shipped < time.history)),
            "returned_at": _where(time, back, returned),
            "return_reason": reason.astype("category"),
            "suspicious": rng.random(count) < 0.002,
        }
    )


def _states(recent: pd.DataFrame, time: Timeline) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Row of ``recent`` and state of every unit ordered."""
    counts = {
        "ordered": recent["units_ordered"] - recent["units_paid"],
        "cancelled": recent["units_cancelled"],
        "returned": recent["units_returned"],
        "refund_only": recent["units_refund_only"],
    }
    counts["shipped"] = recent["units_shipped"] - counts["returned"] - counts["refund_only"]
    rows, states = [], []
    for name, units in counts.items():
        rows.append(np.repeat(np.arange(len(recent)), units.to_numpy()))
        states.append(np.full(len(rows[-1]), name, dtype="<U11"))
    row, state = np.concatenate(rows), np.concatenate(states)
    order = np.argsort(row, kind="stable")
    row, state = row[order], state[order]
    old = recent["date"].to_numpy()[row].astype("datetime64[D]") < time.last_day - _SETTLED_DAYS
    return row, np.where((state == "shipped") & old, "settled", state)


def _amounts(recent: pd.DataFrame, row: NDArray[np.int64], state: NDArray[np.str_]) -> NDArray[np.int64]:
    """Fen paid for every unit: cancelled, returned and refunded units add up to their amounts in ``recent``, all of
    them to what was paid. What is left where nothing was kept (a fen of rounding) is paid and not refunded.
    """
    parts = {name: recent[f"amount_{name}_fen"].to_numpy() for name in ("cancelled", "returned", "refund_only")}
    group = np.select([state == name for name in ("ordered", *parts)], range(4), 4) + 5 * row
    units = np.bincount(group, minlength=5 * len(recent)).reshape(-1, 5)
    kept = recent["amount_paid_fen"].to_numpy() - sum(parts.values())
    total = np.column_stack([np.zeros_like(kept), *parts.values(), np.zeros_like(kept)])
    last = 4 - np.argmax(units[:, :0:-1] > 0, axis=1)
    total[np.arange(len(recent)), last] += kept
    start = np.cumsum(units) - units.ravel()
    rank = np.arange(len(group)) - start[group]
    share, rest = np.divmod(total.ravel(), np.maximum(units.ravel(), 1))
    return np.asarray(share[group] + (rank < rest[group]), dtype=np.int64)


def _customers(
    rng: np.random.Generator, order: NDArray[np.int64], channel: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Customer of each line, some of whom come again, and a fixed place between 0 and 1 for each customer."""
    orders = int(order[-1]) if len(order) else 0
    pool = max(int(orders * 0.75), 1)
    drawn = (pool * rng.random(orders + 1) ** 1.6).astype(np.int64)
    home = rng.random(pool)
    customer = drawn[order]
    return customer * 10 + channel, home[customer]


def _balance_days(world: World, time: Timeline, events: pd.DataFrame) -> NDArray[np.int64]:
    """For days of a pre-sale the day of the balance payment, [channels, days], else -1."""
    due = np.full((len(world.channels), len(time)), -1, dtype=np.int64)
    for entry in records(events[events["phase"].astype(str) == "presale"]):
        first, last = time.index(entry.start), time.index(entry.end)
        due[world.channels.index(entry.channel), max(first, 0) : max(last + 1, 0)] = last + 1
    return due


def _where(time: Timeline, position: NDArray[np.int64], mask: NDArray[np.bool_]) -> pd.Series:
    return pd.Series(time.dates(np.maximum(position, 0))).where(mask)
