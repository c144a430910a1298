"""Live streams: hosts, what they show, and whether it hits or flops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import Assortment
from engine.demo.demand import StyleDemand
from engine.demo.frames import coded
from engine.demo.prices import PriceBook, sku_codes
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

LIVE_CHANNELS = {"抖音": 0.8, "天猫": 0.2}
BOOKED_DAYS, OFFERED_DAYS, SIGNING_DAYS = 21, 42, 7
"""Days ahead for which own streams are booked, hosts are on offer, and by which their contracts are signed."""
_MOST = 14.0
_COLUMNS = ["stream", "day", "channel", "host", "sku", "price", "units", "outcome"]


@dataclass(frozen=True)
class Streams:
    """``shown``: frame by stream and SKU ``stream, day, channel, host, sku, price, units, outcome`` (codes; yuan;
    ``units`` is the demand at the stream).
    """

    shown: pd.DataFrame

    def of_skus(self, rows: NDArray[np.int64], days: int) -> pd.DataFrame:
        """Streams of some SKUs before position ``days``."""
        return self.shown[self.shown["sku"].isin(rows) & (self.shown["day"] < days)]


def make_streams(
    settings: DemoSettings, world: World, time: Timeline, goods: Assortment, demand: StyleDemand, prices: PriceBook
) -> Streams:
    """A few streams a week; one in eight hits (about 4 x), one in three flops."""
    rng = settings.rng("streams")
    hosts = list(world.book["hosts"].values())
    places = [world.channels.index(name) for name in LIVE_CHANNELS]
    ready = goods.styles["category"].to_numpy() != world.book["bundle_category"]
    size = float(np.sqrt(len(goods.styles) / 50.0))
    members = pd.Series(np.arange(len(goods.skus))).groupby(goods.style_of).apply(np.array)
    rows: list[tuple[int, int, int, int, int, float, int, str]] = []
    number = 0
    for code, host in enumerate(hosts):
        count = rng.poisson(host["streams"] * len(time) / 365.25)
        for day in np.sort(rng.integers(0, len(time), count)):
            channel = int(rng.choice(places, p=list(LIVE_CHANNELS.values())))
            level = demand.mean[:, :, max(day - 28, 0) : day + 1].sum(axis=1).mean(axis=1)
            level = np.where(ready & goods.listed[:, channel] & (demand.mean[:, channel, day] > 0), level, 0.0)
            if (level > 0).sum() < 4:
                continue
            styles = rng.choice(len(level), size=min(4, max(2, round(2 * size))), replace=False, p=level / level.sum())
            outcome = str(rng.choice(["hit", "usual", "flop"], p=[0.12, 0.54, 0.34]))
            factor = {"hit": 4.0, "usual": 1.0, "flop": 0.12}[outcome] * rng.lognormal(0.0, 0.4) * host["pull"]
            factor = min(factor, _MOST) / len(styles)
            for style in np.sort(styles):
                price = np.round(prices.reference[style, channel] * (1.0 - host["discount"]))
                price = float(min(price, prices.paid[style, channel, day]))
                skus = members[style]
                units = rng.poisson(level[style] * factor * goods.skus["share"].to_numpy()[skus])
                rows += [
                    (number, int(day), channel, code, int(sku), price, int(unit), outcome)
                    for sku, unit in zip(skus, units, strict=True)
                ]
            number += 1
    shown = pd.DataFrame(rows, columns=_COLUMNS)
    return Streams(shown.astype(dict.fromkeys(("stream", "day", "channel", "host", "sku", "units"), np.int64)))


def streams_table(world: World, time: Timeline, goods: Assortment, streams: Streams, sold: pd.Series) -> pd.DataFrame:
    """The ``live_streams`` table: held ones with units sold (``sold``, same index), booked and offered ones without."""
    paid = np.array([host["slot_yuan"] > 0 for host in world.book["hosts"].values()])
    mine, ahead = streams.shown, streams.shown["day"] - time.history
    offered = ahead.between(SIGNING_DAYS, OFFERED_DAYS - 1) & paid[mine["host"]]
    kept = (ahead < BOOKED_DAYS) | offered
    shown, offered = mine[kept], offered[kept]
    known = np.where(shown["day"] >= time.history, shown["day"] - OFFERED_DAYS - 7, -1)
    units = sold.reindex(shown.index).astype(float)
    return pd.DataFrame(
        {
            "stream": pd.Categorical([f"LIVE{number:05d}" for number in shown["stream"]]),
            "date": time.dates(shown["day"].to_numpy()),
            "channel": coded(shown["channel"].to_numpy(), list(world.channels)),
            "host": coded(shown["host"].to_numpy(), list(world.book["hosts"])),
            "sku": coded(shown["sku"].to_numpy(), sku_codes(goods)),
            "price_fen": np.round(shown["price"].to_numpy() * 100).astype(np.int64),
            "units_paid": units.to_numpy(),
            "signed": ~offered.to_numpy(),
            "known_at": pd.Series(time.dates(known), index=shown.index).where(shown["day"] >= time.history).to_numpy(),
        }
    )


def hosts_table(world: World) -> pd.DataFrame:
    """The ``hosts`` table."""
    hosts = world.book["hosts"]
    return pd.DataFrame(
        {
            "host": pd.Categorical(list(hosts)),
            "tier": pd.Categorical([host["tier"] for host in hosts.values()]),
            "slot_fee_fen": [int(host["slot_yuan"] * 100) for host in hosts.values()],
            "commission_rate": [float(host["commission"]) for host in hosts.values()],
            "guaranteed_roi": [float(host.get("guaranteed_roi", np.nan)) for host in hosts.values()],
            "guarantee": pd.Categorical([host.get("guarantee", "refund") for host in hosts.values()]),
        }
    )


def commissions_table(world: World) -> pd.DataFrame:
    """The ``host_commissions`` table."""
    steps = [(name, *step) for name, host in world.book["hosts"].items() for step in host.get("commissions", [])]
    names, starts, rates = zip(*steps, strict=True)
    return pd.DataFrame(
        {
            "host": pd.Categorical(names),
            "from_fen": np.array(starts, dtype=np.int64) * 100,
            "commission_rate": np.array(rates, dtype=float),
        }
    )
