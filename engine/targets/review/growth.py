"""Why the year differs from the year before: visitors x conversion x order value, and price, volume and mix."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.targets.review.funnel import Traffic
from models.decomposition import divisia, price_volume_mix, whole_parts

TRAFFIC, ITEMS = "traffic", "items"
NOTHING = pd.DataFrame({"basis": [], "part": [], "fen": [], "share": []}).astype(
    {"basis": str, "part": str, "fen": "int64", "share": float}
)


def growth_parts(basis: str, parts: Mapping[str, float], now: int, before: int) -> pd.DataFrame:
    """Frame ``basis, part, fen, share`` (of the year before); whole fen that add up to the change exactly."""
    fen = whole_parts(np.array(list(parts.values()), dtype=float), now - before)
    share = fen / before if before else np.full(len(fen), np.nan)
    return pd.DataFrame({"basis": basis, "part": list(parts), "fen": fen, "share": share})


def by_items(months: pd.DataFrame) -> pd.DataFrame:
    """Price, volume, mix, new and dropped items over SKU x channel."""
    sums = months.groupby(["sku", "channel", "before"], observed=True)[["units", "net_fen"]].sum()
    both = pd.MultiIndex.from_product([["units", "net_fen"], [False, True]])
    wide = pd.DataFrame(sums.unstack("before")).reindex(columns=both).fillna(0)
    item = pd.factorize(wide.index.get_level_values("sku"), sort=True)[0].astype(np.int64)
    units, value = (
        (wide[name, True].to_numpy(float), wide[name, False].to_numpy(float)) for name in ("units", "net_fen")
    )
    found = price_volume_mix(item, units, value)
    parts = {name: getattr(found, name) for name in ("volume", "mix", "price", "new", "dropped", "other")}
    return growth_parts(ITEMS, parts, int(value[1].sum()), int(value[0].sum()))


def by_traffic(traffic: Traffic, months: pd.DataFrame) -> pd.DataFrame:
    """Visitors, overlap, conversion and order value by channel, added up; sales without counted visitors apart.

    ``visitors``: counts of all shops and days added up. ``shops``: shift between shops of different value a visitor.
    ``overlap``: where items were counted too, items that a visitor looked at (one visitor counts once an item).
    """
    money = months.groupby(["channel", "before"], observed=True)["net_fen"].sum().unstack("before").fillna(0)
    money = money.reindex(columns=[True, False], fill_value=0).astype(float)
    money.index = money.index.astype(str)
    counted = [frame.reindex(money.index).fillna(0.0) for frame in (traffic.before, traffic.now)]
    told = [
        (frame[["visits", "visitors", "buyers"]] > 0).all(axis=1).to_numpy() & (money[before] > 0).to_numpy()
        for frame, before in zip(counted, (True, False), strict=True)
    ]
    factors = [
        _factors(frame.where(pd.Series(here, frame.index), 0.0, axis=0), money[year].to_numpy())
        for frame, here, year in zip(counted, told, (True, False), strict=True)
    ]
    found = divisia(*factors)
    names = ("visitors", "shops", "overlap", "conversion", "order_value")
    parts = dict(zip(names, found.effects.sum(axis=0).tolist(), strict=True))
    if not traffic.overlaps:
        parts.pop("overlap")
    total = [int(money[year].sum()) for year in (False, True)]
    parts["one_sided"] = float(found.one_sided.sum())
    parts["untold"] = float(money.loc[~told[1], False].sum() - money.loc[~told[0], True].sum())
    return growth_parts(TRAFFIC, parts, *total)


def _factors(counts: pd.DataFrame, money: NDArray[np.float64]) -> NDArray[np.float64]:
    """All visits, the channel's share of them, visitors a visit, buyers a visitor, money a buyer [channels, 5]; 0 for
    channels that were not counted."""
    visits, visitors, buyers = (counts[name].to_numpy(dtype=float) for name in ("visits", "visitors", "buyers"))
    over = (np.full(len(counts), visits.sum()), visits, visitors, buyers, money)
    under = (np.ones(len(counts)), np.full(len(counts), visits.sum()), visits, visitors, buyers)
    return np.stack(
        [np.divide(a, b, out=np.zeros(len(counts)), where=b > 0) for a, b in zip(over, under, strict=True)], axis=1
    )
