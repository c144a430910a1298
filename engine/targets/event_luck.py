"""How much an event may turn out better or worse than the weeks around it, and what that does to the draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.targets.days import NO_EVENT, DayLaw, around, kinds_of, weekday_of

Floats = NDArray[np.float64]
USUAL_SD = 0.2
"""Standard deviation of the log of an event's uplift around its own mean where nothing was seen twice."""
PRIOR_RUNS = 5.0
"""Repeats of events that the usual one counts for against those seen."""
COMMON = 0.5
"""Part of an event's luck that all channels share."""
APART_DAYS = 21
"""Days of an event further apart belong to two runs of it."""


def event_sd(law: DayLaw) -> float:
    """Standard deviation of the log of an event's uplift from one run of it to the next, pooled over events and
    channels (scaled inverse chi-squared, Gelman et al. 2013, section 2.6)."""
    sales = law.sales
    if not law.by_day or sales.amount_fen is None or not len(sales.dates):
        return USUAL_SD
    start = int((sales.dates[0] - law.festivals.days[0]).astype(int))
    cover = law.festivals.values[:, start : start + len(sales.dates)] > 0
    kinds = kinds_of(law.festivals)
    place = pd.Index(law.channels).get_indexer(pd.Index(sales.groups["channel"].astype(str)))
    values = np.zeros((len(law.channels), len(sales.dates)))
    np.add.at(values, place[place >= 0], sales.amount_fen[place >= 0].astype(np.float64))
    usual = around(values, np.asarray(~cover.any(axis=2)), law.weekday[:, weekday_of(sales.dates)])
    squares, runs = 0.0, 0
    for channel in range(len(law.channels)):
        for kind in sorted(set(kinds) - {NO_EVENT}):
            on = cover[channel][:, [name == kind for name in kinds]].any(axis=1)
            logs = _runs(on & (usual[channel] > 0), values[channel], usual[channel])
            squares += float(((logs - logs.mean()) ** 2).sum()) if len(logs) else 0.0
            runs += max(len(logs) - 1, 0)
    return float(np.sqrt((PRIOR_RUNS * USUAL_SD**2 + squares) / (PRIOR_RUNS + runs)))


def _runs(on: NDArray[np.bool_], sold: Floats, usual: Floats) -> Floats:
    """Log of what each run of an event sold over everyday sales of its days."""
    days = np.flatnonzero(on)
    parts = np.split(days, np.flatnonzero(np.diff(days) > APART_DAYS) + 1) if len(days) else []
    sums = [(sold[part].sum(), usual[part].sum()) for part in parts]
    return np.array([np.log(above / below) for above, below in sums if above > 0 and below > 0])


def with_luck(draws: Floats, cells: pd.DataFrame, sd: float, rng: np.random.Generator) -> Floats:
    """Draws [draws, cells] in which each event takes more or less of its month; the months stay as they were drawn.

    ``cells``: frame ``event, channel, row, part``: the row of the long run (-1: nothing is ahead) and the part of it.
    An event has the same luck in all months and categories of a channel, and half of it in all channels.
    """
    event = cells["event"].to_numpy(dtype=object)
    names = sorted(set(event) - {""})
    ahead = (cells["row"].to_numpy() >= 0) & (cells["part"].to_numpy() > 0)
    if len(draws) < 2 or not names or not ahead.any() or sd <= 0:
        return draws
    channel, channels = pd.factorize(cells["channel"], sort=True)
    kind = pd.Index(["", *names]).get_indexer(pd.Index(event))
    common = rng.standard_normal((len(draws), len(names) + 1))
    own = rng.standard_normal((len(draws), len(names) + 1, len(channels)))
    luck = np.sqrt(COMMON) * common[:, kind] + np.sqrt(1.0 - COMMON) * own[:, kind, channel]
    weight = cells["part"].to_numpy() * np.exp(np.where(kind > 0, sd * luck, 0.0))
    rows, code = np.unique(cells["row"].to_numpy()[ahead], return_inverse=True)
    whole = np.zeros((len(draws), len(rows)))
    total, share = whole.copy(), weight[:, ahead]
    np.add.at(whole.T, code, share.T)
    np.add.at(total.T, code, draws[:, ahead].T)
    out = draws.copy()
    out[:, ahead] = share / whole[:, code] * total[:, code]
    return out
