"""How far event days had come by the hour: the rush at midnight, deposits and carts ahead of the day.

Laws that our model does not share: shares of the day move on the logit scale by day, channel and item; deposits and
carts per unit move by day and item.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import Assortment
from engine.demo.festivals import peak_position
from engine.demo.frames import coded, records
from engine.demo.prices import sku_codes
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

HOURS = (-24, 0, 1, 3, 6, 12)
_SHARES = {"opening": (0.20, 0.28, 0.33, 0.55), "peak": (0.13, 0.20, 0.24, 0.47)}
"""Of the day, sold by the hours after midnight."""
_BIG = ("双11", "618")
_DAY_LOGIT, _CHANNEL_LOGIT, _ITEM_LOGIT = 0.25, 0.3, 0.2
_DEPOSITS, _CARTS = 0.35, 2.5
_DAY_LOG, _ITEM_LOG = 0.15, 0.3


def progress_table(
    settings: DemoSettings, world: World, time: Timeline, goods: Assortment, events: pd.DataFrame, sold: pd.DataFrame
) -> pd.DataFrame:
    """The ``event_progress`` table of the days in ``sold``: frame ``date, sku, channel, units`` (texts coded)."""
    rng = settings.rng("progress")
    taste = dict(zip(world.channels, rng.normal(0.0, _CHANNEL_LOGIT, len(world.channels)), strict=True))
    channel = sold["channel"].astype(str).to_numpy()
    day = sold["date"].to_numpy().astype("datetime64[D]")
    parts = []
    for when, name, kind in _days(world, events):
        here = np.flatnonzero((day == when) & (channel == name))
        if len(here):
            rows = sold.iloc[here]
            parts.append(
                _day(rng, rows["units"].to_numpy(np.int64), kind, taste[name]).assign(
                    date=when.astype("datetime64[s]"),
                    channel=name,
                    row=np.tile(rows["sku"].to_numpy(object), len(HOURS)),
                )
            )
    columns = ["date", "hour", "sku", "channel", "units_paid", "deposits", "carts"]
    if not parts:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(parts, ignore_index=True).rename(columns={"row": "sku"})
    whole["sku"] = pd.Categorical(whole["sku"], pd.Index(sku_codes(goods)))
    whole["channel"] = coded([world.channels.index(name) for name in whole["channel"]], world.channels)
    return whole[columns]


def _days(world: World, events: pd.DataFrame) -> list[tuple[np.datetime64, str, str]]:
    """Day, channel and kind of day: where a big event opens, and its peak."""
    found = set()
    for entry in records(events[events["kind"].isin(_BIG)]):
        names = list(world.channels) if pd.isna(entry.channel) else [str(entry.channel)]
        first = np.datetime64(entry.start, "D")
        peak = first + np.timedelta64(peak_position(entry, world.book["festivals"][entry.kind]), "D")
        if entry.phase == "opening":
            found |= {(first, name, "opening") for name in names}
        elif entry.phase == "main":
            found |= {(peak, name, "peak") for name in names}
    return sorted(found)


def _day(rng: np.random.Generator, units: NDArray[np.int64], kind: str, taste: float) -> pd.DataFrame:
    """One day of one channel, hour by hour; ``units`` of its items."""
    share = np.array(_SHARES[kind])
    logit = np.log(share / (1.0 - share)) + taste + rng.normal(0.0, _DAY_LOGIT)
    curve = 1.0 / (1.0 + np.exp(-(logit[:, None] + rng.normal(0.0, _ITEM_LOGIT, len(units)))))
    past, so_far, parts = np.zeros(len(units)), np.zeros(len(units), dtype=np.int64), []
    deposits, carts = (
        rng.poisson(units * usual * rng.lognormal(0.0, _DAY_LOG) * rng.lognormal(0.0, _ITEM_LOG, len(units)))
        for usual in (_DEPOSITS, _CARTS)
    )
    for hour in HOURS:
        blank = np.full(len(units), np.nan)
        if hour > 0:
            reached = curve[HOURS.index(hour) - 2]
            so_far = so_far + rng.binomial(units - so_far, (reached - past) / (1.0 - past))
            past = reached
        early = rng.binomial(deposits, 0.8) if hour < 0 else deposits
        filled = rng.binomial(carts, 0.7) if hour < 0 else carts
        parts.append(
            pd.DataFrame(
                {
                    "hour": np.int64(hour),
                    "units_paid": so_far.astype(float) if hour > 0 else blank,
                    "deposits": early.astype(float) if kind == "opening" else blank,
                    "carts": filled,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
