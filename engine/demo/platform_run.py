"""A channel that a platform runs: it buys some styles by the carton, once a week, and sells them for itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import NEVER, Assortment
from engine.demo.demand import StyleDemand
from engine.demo.frames import coded
from engine.demo.prices import sku_codes
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

_GUESS = 0.25
"""Scatter of what the platform expects to sell, as a standard deviation of its log."""


def _bought(world: World, goods: Assortment, time: Timeline) -> NDArray[np.int64]:
    """SKUs that the platform buys: of the best styles that last, those that are in no bundle and come with no gift."""
    entry, styles = world.platform, goods.styles
    here = goods.listed[:, world.channels.index(entry["like"])]
    lasting = (styles["launch"] < time.history // 2) & (styles["end"] == NEVER)
    rank = np.where(here & lasting, styles["weight"], 0.0)
    chosen = np.argsort(-rank, kind="stable")[: max(round(entry["styles"] * len(styles)), 1)]
    tied = [goods.bundles["bundle"], goods.bundles["component"], goods.gifts["item"], goods.gifts["gift"]]
    row = np.arange(len(goods.skus))
    free = ~np.isin(row, np.concatenate(tied))
    return row[free & np.isin(goods.style_of, chosen[rank[chosen] > 0])]


def platform_demand(
    settings: DemoSettings,
    world: World,
    time: Timeline,
    goods: Assortment,
    demand: StyleDemand,
    factor: NDArray[np.float32],
) -> dict[int, NDArray[np.int32]]:
    """Units that the platform orders by day, int32 [days], of each SKU that it buys.

    Once a week it orders up to what it expects to sell until the next order is there, and some weeks of cover.
    """
    entry = world.platform
    channel = world.channels.index(entry["like"])
    rng = settings.rng("platform")
    weeks = -(-len(time) // 7)
    mondays = np.flatnonzero(time.weekday == entry["weekday"])
    out = {}
    for row in _bought(world, goods, time):
        share = entry["share"] * goods.skus["share"].iloc[row]
        mean = share * demand.mean[goods.style_of[row], channel] * factor[channel]
        sold = np.concatenate([[0], np.cumsum(rng.poisson(mean.astype(float)))])
        known = np.concatenate([[0.0], np.cumsum(mean, dtype=float)])
        guess = rng.lognormal(0.0, _GUESS, weeks)
        bought, units = 0, np.zeros(len(time), dtype=np.int32)
        for number, day in enumerate(mondays):
            until = min(day + 7 + entry["cover_days"], len(time))
            wish = guess[number] * (known[until] - known[day]) - (bought - sold[day])
            units[day] = max(np.ceil(wish / entry["carton"]), 0) * entry["carton"]
            bought += units[day]
        out[int(row)] = units
    return out


def platform_orders_table(
    world: World, time: Timeline, goods: Assortment, supplied: dict[int, NDArray[np.int32]]
) -> pd.DataFrame:
    """The ``platform_orders`` table: what the merchant could deliver of each order, at the platform's price."""
    name, entry = world.platform_name, world.platform
    parts = [
        pd.DataFrame({"day": days, "row": row, "units": units[days]})
        for row, units in supplied.items()
        if len(days := np.flatnonzero(units[: time.history]))
    ]
    lines = pd.concat(parts) if parts else pd.DataFrame({"day": [], "row": [], "units": []}).astype(np.int64)
    lines = lines.sort_values(["day", "row"], kind="stable", ignore_index=True)
    dates = pd.DatetimeIndex(time.dates(lines["day"].to_numpy()))
    price = goods.styles["list_price"].to_numpy()[goods.style_of[lines["row"].to_numpy()]] * entry["price"]
    return pd.DataFrame(
        {
            "platform_order": pd.Categorical(dates.strftime("PF%y%m%d")),
            "date": dates.astype("datetime64[s]"),
            "sku": coded(lines["row"].to_numpy(), sku_codes(goods)),
            "channel": pd.Categorical([name] * len(lines)),
            "units": lines["units"].to_numpy(dtype=np.int64),
            "unit_price_fen": np.round(100 * price).astype(np.int64),
        }
    )
