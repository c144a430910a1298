"""Days that were neither everyday nor event: when, how much, and which item was behind it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.review.calendar import DIP, LEAD, ODD, QUIET
from engine.targets.review.days import Days
from engine.targets.review.settings import ReviewSettings
from engine.targets.review.sums import Sales

COLUMNS = ["start", "end", "channel", "fen", "relative", "sku", "sku_fen", "reason"]
AROUND = 21
"""Quiet days so near are what an item usually sells."""
MOST_OF_IT = 0.5
EMPTY = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})


def find_anomalies(dataset: Dataset, sales: Sales, days: Days, settings: ReviewSettings) -> pd.DataFrame:
    """Frame COLUMNS, largest first: ``fen`` above (or below) everyday sales, the item with most of it, the reason:
    ``live stream``, ``one item``, ``out of stock``, ``no sales`` or "" where nothing tells."""
    spans = _spans(days, sales.year.span(), settings)
    if not spans or not settings.anomalies:
        return EMPTY
    table = pd.DataFrame(spans, columns=["start", "end", "channel", "fen", "relative"])
    order = table["fen"].abs().sort_values(ascending=False, kind="stable").index
    table = table.loc[order].head(settings.anomalies).reset_index(drop=True)
    items = _items(sales, days, table)
    table["sku"], table["sku_fen"] = items["sku"].to_numpy(), items["fen"].to_numpy()
    table["reason"] = [_reason(dataset, row) for row in table.to_dict("records")]
    for name in ("fen", "sku_fen"):
        table[name] = table[name].round().astype("int64")
    return table[COLUMNS]


def _spans(days: Days, span: tuple[pd.Timestamp, pd.Timestamp], settings: ReviewSettings) -> list[tuple[object, ...]]:
    """Days in a row beyond half of the limit, one of them beyond it."""
    found: list[tuple[object, ...]] = []
    calendar = days.calendar
    for place, channel in enumerate(calendar.channels):
        usual = days.everyday[place]
        if usual is None:
            continue
        gap, z = days.gap(place), days.odds(place, settings)
        outside = np.asarray((calendar.days < span[0]) | (calendar.days > span[1]))
        z[~np.isin(calendar.part[place], (QUIET, LEAD, DIP, ODD)) | outside] = 0.0
        side = np.where(np.abs(z) > 0.5, np.sign(z), 0.0)
        breaks = np.flatnonzero(np.diff(side, prepend=0.0, append=0.0) != 0)
        for first, stop in pairwise(breaks):
            if side[first] == 0 or np.abs(z[first:stop]).max() <= 1.0:
                continue
            fen, level = float(gap[first:stop].sum()), float(usual.level[first:stop].sum())
            found.append((calendar.days[int(first)], calendar.days[int(stop) - 1], channel, fen, fen / level))
    return found


def _items(sales: Sales, days: Days, table: pd.DataFrame) -> pd.DataFrame:
    """The item with the largest part of each anomaly: frame ``sku, fen``, a row an anomaly."""
    calendar, count, parts, lengths = days.calendar, len(table), [], []
    for number, row in enumerate(table.to_dict("records")):
        place = calendar.channels.index(row["channel"])
        inside = (calendar.days >= row["start"]) & (calendar.days <= row["end"])
        near = (calendar.days >= row["start"] - pd.Timedelta(days=AROUND)) & (
            calendar.days <= row["end"] + pd.Timedelta(days=AROUND)
        )
        usual = near & ~inside & (calendar.part[place] == QUIET)
        lengths.append(inside.sum() / max(int(usual.sum()), 1))
        for label, mask in ((number, inside), (count + number, usual)):
            parts.append(pd.DataFrame({"date": calendar.days[mask], "channel": row["channel"], "label": label}))
    sums = sales.on(pd.concat(parts, ignore_index=True))
    kind, which = np.divmod(sums["label"].to_numpy(), count)
    fen = sums["net_fen"].to_numpy(dtype=float) * np.where(kind == 1, -np.array(lengths)[which], 1.0)
    rows = pd.DataFrame({"number": which, "sku": sums["sku"].astype(str), "fen": fen})
    gaps = rows.groupby(["number", "sku"], as_index=False)[["fen"]].sum()
    sign = np.sign(table["fen"].to_numpy(dtype=float))
    gaps["size"] = gaps["fen"] * sign[gaps["number"].to_numpy()]
    top = gaps.sort_values(["number", "size"], ascending=[True, False], kind="stable").drop_duplicates("number")
    return top.set_index("number")[["sku", "fen"]].reindex(range(count)).fillna({"sku": "", "fen": 0.0})


def _reason(dataset: Dataset, row: Mapping[Any, Any]) -> str:
    """What the other tables say about the days and the item."""
    fen, item = float(row["fen"]), float(row["sku_fen"])
    if float(row["relative"]) <= -0.999:
        return "no sales"
    if fen > 0 and _there(dataset, "live_streams", row):
        return "live stream"
    if fen < 0 and _there(dataset, "availability", row, "in_stock_share"):
        return "out of stock"
    return "one item" if fen > 0 and item / fen > MOST_OF_IT else ""


def _there(dataset: Dataset, name: str, row: Mapping[Any, Any], short: str = "") -> bool:
    """A row of the table for the item, the channel and one of the days; where ``short`` names a share, one in which
    most of it is missing."""
    table = dataset.get(name)
    if table is None or table.empty:
        return False
    day = (table["date"] >= row["start"]) & (table["date"] <= row["end"])
    near = table[day] if not short else table[day & (table[short].fillna(1.0) < MOST_OF_IT)]
    return bool(((text_of(near["sku"]) == row["sku"]) & (text_of(near["channel"]) == row["channel"])).any())
