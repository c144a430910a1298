"""Below the cells: days, owners and booked live streams, each adding up to what it is a part of."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.days import YearDays
from engine.targets.fill import largest_remainder

Counts = NDArray[np.int64]
UNASSIGNED = "(未分配)"
"""Stands where nobody, or nothing that is forecast, answers for a part."""
SHELF = "(货架)"
"""What a channel sells beside its streams."""
MOST_LIVE = 0.9
"""Largest part of a channel's day that booked streams are given."""


def day_targets(days: YearDays, code: Counts, target: Counts) -> Counts:
    """Fen of each (group, day): what was sold, and the rest of each cell in proportion to what is expected.

    ``code`` [groups, days] cell of each; ``target`` [cells].
    """
    sold = np.zeros(len(target), dtype=np.int64)
    np.add.at(sold, code.ravel(), days.actual.ravel())
    ahead = np.maximum(target - sold, 0)
    rest = largest_remainder(days.expected.ravel().astype(float), code.ravel(), ahead).reshape(code.shape)
    return np.asarray(days.actual + rest, dtype=np.int64)


def day_table(days: YearDays, target: Counts) -> pd.DataFrame:
    """Frame ``date, channel, category, event, forecast_fen, target_fen`` of days with either."""
    groups, count = len(days.groups), len(days.days)
    frame = pd.DataFrame(
        {
            "date": np.tile(days.days.astype("datetime64[s]"), groups),
            "channel": np.repeat(days.groups["channel"].to_numpy(dtype=object), count),
            "category": np.repeat(days.groups["category"].to_numpy(dtype=object), count),
            "event": np.array(days.events, dtype=object)[days.event.ravel()],
            "forecast_fen": (days.actual + days.expected).ravel(),
            "target_fen": target.ravel(),
        }
    )
    kept = (frame["forecast_fen"] > 0) | (frame["target_fen"] > 0)
    return frame[kept].reset_index(drop=True)


def owner_table(dataset: Dataset, months: pd.DataFrame) -> pd.DataFrame:
    """Frame ``side, owner, channel, category, month, target_fen``. A shop may have owners of categories and owners of
    channels: each side holds all sales once, so each adds up to the total; an owner of one category in one channel
    goes before both."""
    table = dataset.get("owners")
    columns = ["side", "owner", "channel", "category", "month", "target_fen"]
    if table is None or table.empty:
        return pd.DataFrame({name: [] for name in columns}).astype({"target_fen": "int64", "month": "datetime64[s]"})
    named = pd.DataFrame(
        {name: text_of(table[name]) if name in table else "" for name in ("owner", "category", "channel")}
    )
    pairs = named[(named["category"] != "") & (named["channel"] != "")]
    cells = pd.MultiIndex.from_frame(months[["channel", "category"]].astype(str))
    pair = pairs.drop_duplicates(["channel", "category"]).set_index(["channel", "category"])["owner"].reindex(cells)
    parts = []
    for side, other in (("category", "channel"), ("channel", "category")):
        own = named[(named[side] != "") & (named[other] == "")].drop_duplicates(side).set_index(side)["owner"]
        if own.empty and (side == "channel" or pairs.empty):
            continue
        owner = pd.Series(pair.to_numpy(), index=months.index).fillna(months[side].astype(str).map(own))
        part = months[["channel", "category", "month", "target_fen"]].assign(owner=owner.fillna(UNASSIGNED), side=side)
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame({name: [] for name in columns})
    return frame.astype({"target_fen": "int64"})


def stream_table(dataset: Dataset, days: pd.DataFrame, origin: np.datetime64) -> pd.DataFrame:
    """Frame ``date, stream, channel, host, target_fen`` of booked streams in the year and, on their days, what the
    channel sells beside them: together the channel's target of the day. A stream gets what its host's streams brought
    of a channel's day before, all streams together at most :data:`MOST_LIVE` of it."""
    columns = ["date", "stream", "channel", "host", "target_fen"]
    empty = pd.DataFrame({name: [] for name in columns}).astype({"date": "datetime64[s]", "target_fen": "int64"})
    table = dataset.get("live_streams")
    if table is None or table.empty or days.empty:
        return empty
    held = table.assign(stream=text_of(table["stream"]), channel=text_of(table["channel"]), host=text_of(table["host"]))
    ahead = held[held["date"].to_numpy().astype("datetime64[D]") >= origin]
    ahead = ahead[["date", "stream", "channel", "host"]].drop_duplicates("stream").sort_values(["date", "stream"])
    daily = days.groupby(["date", "channel"])["target_fen"].sum()
    ahead = ahead[pd.MultiIndex.from_frame(ahead[["date", "channel"]]).isin(daily.index)].reset_index(drop=True)
    if ahead.empty:
        return empty
    share = ahead["host"].map(host_shares(dataset, held[held["date"].to_numpy() < origin])).fillna(0.1).to_numpy(float)
    keys = pd.MultiIndex.from_frame(ahead[["date", "channel"]])
    code, found = pd.factorize(keys)
    together = np.bincount(code, share)
    share = share * np.minimum(MOST_LIVE / np.maximum(together, 1e-9), 1.0)[code]
    shelf = pd.DataFrame({"date": [k[0] for k in found], "stream": SHELF, "channel": [k[1] for k in found], "host": ""})
    frame = pd.concat([ahead, shelf], ignore_index=True)
    weight = np.concatenate([share, 1.0 - np.bincount(code, share)])
    group = np.concatenate([code, np.arange(len(found))]).astype(np.int64)
    frame["target_fen"] = largest_remainder(weight, group, daily.reindex(found).to_numpy(dtype=np.int64))
    return frame.astype({"date": "datetime64[s]"}).sort_values(["date", "channel", "stream"], ignore_index=True)[
        columns
    ]


def host_shares(dataset: Dataset, held: pd.DataFrame) -> pd.Series:
    """Share of a channel's day that one stream of a host brought, on average, by host."""
    if held.empty or "units_paid" not in held or "price_fen" not in held:
        return pd.Series(dtype=float)
    money = held["units_paid"].fillna(0).to_numpy(float) * held["price_fen"].fillna(0).to_numpy(float)
    keys = ["date", "channel", "host", "stream"]
    streams = pd.DataFrame(held.assign(money=money).groupby(keys, observed=True)["money"].sum()).reset_index()
    sales = dataset["sales"]
    if "amount_paid_fen" not in sales:
        return pd.Series(dtype=float)
    day = sales["amount_paid_fen"].fillna(0).groupby([sales["date"], text_of(sales["channel"])]).sum()
    whole = day.reindex(pd.MultiIndex.from_frame(streams[["date", "channel"]])).to_numpy(float)
    known = whole > 0
    share = np.minimum(streams["money"].to_numpy(float)[known] / whole[known], MOST_LIVE)
    found: pd.Series = pd.Series(share).groupby(streams["host"].to_numpy()[known]).mean()
    return found
