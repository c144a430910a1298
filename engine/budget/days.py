"""Each week's spend of an ad channel by day: as weekdays and days of shopping events were spent in the history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.score import whole_fen
from engine.budget.today import USUAL, daily_spend, shopping_phases
from engine.data.dataset import Dataset

Floats = NDArray[np.float64]
YEAR_DAYS = 364


@dataclass(frozen=True)
class _Days:
    """Days ahead and their phases."""

    days: NDArray[np.datetime64]
    phases: NDArray[np.str_]


def by_day(dataset: Dataset, split: pd.DataFrame, known: np.datetime64) -> pd.DataFrame:
    """``date, ad_channel, spend_fen`` of the planned weeks; the days of a week add up to it to the fen.

    A day's weight is its weekday's mean spend on usual days of the year before ``known``, from the ad channel's first
    spend on, x how its phase of a shopping event was spent against usual days; even where it has no such days.
    """
    names = sorted(split["ad_channel"].astype(str).unique())
    last = known.astype("datetime64[D]")
    past = last - np.arange(YEAR_DAYS, 0, -1)
    spent = daily_spend(dataset, names, past)
    phases = shopping_phases(dataset, past)
    media = dataset["media"]
    spending = media[media["spend_fen"] > 0]
    begun = spending.groupby(spending["ad_channel"].astype(str))["date"].min()
    week_fen = split.assign(ad_channel=split["ad_channel"].astype(str)).pivot(
        index="week", columns="ad_channel", values="spend_fen"
    )
    starts = week_fen.index.to_numpy().astype("datetime64[D]")
    days = np.asarray((starts[:, None] + np.arange(7)).ravel(), dtype="datetime64[D]")
    ahead = _Days(days, shopping_phases(dataset, days))
    columns = []
    for row, name in enumerate(names):
        there = past >= np.datetime64(begun.get(name, pd.Timestamp(last)), "D")
        weight = _weights(spent[row, there], past[there], phases[there], ahead).reshape(-1, 7)
        even = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, 1.0)
        share = even / even.sum(axis=1, keepdims=True)
        fen = week_fen[name].to_numpy()
        columns.append(np.concatenate([whole_fen(fen[n] * share[n] / 100.0) for n in range(len(fen))]))
    keys = pd.MultiIndex.from_product([days.astype("datetime64[s]"), names], names=["date", "ad_channel"])
    return pd.DataFrame({"spend_fen": np.array(columns).T.ravel()}, index=keys).reset_index()


def _weights(spent: Floats, past: NDArray[np.datetime64], phases: NDArray[np.str_], ahead: _Days) -> Floats:
    """What each day ahead would get for its weekday and phase, [days ahead]; even where the history is by week: all its
    spend on one weekday."""
    if len(np.unique(_weekday(past[spent > 0]))) < 2:
        return np.ones(len(ahead.days))
    return _weekdays(spent, past, phases)[_weekday(ahead.days)] * _factors(spent, phases, ahead.phases)


def _weekday(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return np.asarray((days.astype("datetime64[D]").astype(np.int64) + 3) % 7)


def _weekdays(spent: Floats, days: NDArray[np.datetime64], phases: NDArray[np.str_]) -> Floats:
    """Mean spend of each weekday on usual days, [7]; even where there was none."""
    usual = phases == USUAL
    total = np.bincount(_weekday(days[usual]), spent[usual], 7)
    count = np.bincount(_weekday(days[usual]), minlength=7)
    mean = total / np.maximum(count, 1)
    return mean if mean.sum() > 0 else np.ones(7)


def _factors(spent: Floats, phases: NDArray[np.str_], ahead: NDArray[np.str_]) -> Floats:
    """Mean spend on days of the phase of each day ahead over that of usual days, [days ahead]; 1 where unknown."""
    usual = spent[phases == USUAL]
    base = float(usual.mean()) if len(usual) else 0.0
    known = {str(phase): spent[phases == phase] for phase in np.unique(phases)}
    factor = {
        phase: float(past.mean()) / base if base > 0 and past.mean() > 0 else 1.0 for phase, past in known.items()
    }
    return np.array([factor.get(str(phase), 1.0) for phase in ahead])
