"""Each week's spend of an ad channel by day: as weekdays and days of shopping events were spent in the history."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.score import whole_fen
from engine.budget.today import SHOPPING
from engine.data.dataset import Dataset

Floats = NDArray[np.float64]
YEAR_DAYS = 364
USUAL = ""


def by_day(dataset: Dataset, split: pd.DataFrame, origin: np.datetime64) -> pd.DataFrame:
    """``date, ad_channel, spend_fen`` of the planned weeks; the days of a week add up to it to the fen.

    A day's weight is its weekday's mean spend on usual days of the last year x how its phase of a shopping event was
    spent against usual days; even where an ad channel has no such days.
    """
    names = sorted(split["ad_channel"].astype(str).unique())
    last = origin.astype("datetime64[D]")
    past = last - np.arange(YEAR_DAYS, 0, -1)
    spent = _daily(dataset, names, past)
    phases = _phases(dataset, past)
    week_fen = split.assign(ad_channel=split["ad_channel"].astype(str)).pivot(
        index="week", columns="ad_channel", values="spend_fen"
    )
    starts = week_fen.index.to_numpy().astype("datetime64[D]")
    days = np.asarray((starts[:, None] + np.arange(7)).ravel(), dtype="datetime64[D]")
    ahead = _phases(dataset, days)
    columns = []
    for row, name in enumerate(names):
        weight = (_weekdays(spent[row], past, phases)[_weekday(days)] * _factors(spent[row], phases, ahead)).reshape(
            -1, 7
        )
        even = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, 1.0)
        share = even / even.sum(axis=1, keepdims=True)
        fen = week_fen[name].to_numpy()
        columns.append(np.concatenate([whole_fen(fen[n] * share[n] / 100.0) for n in range(len(fen))]))
    keys = pd.MultiIndex.from_product([days.astype("datetime64[s]"), names], names=["date", "ad_channel"])
    return pd.DataFrame({"spend_fen": np.array(columns).T.ravel()}, index=keys).reset_index()


def _daily(dataset: Dataset, names: list[str], days: NDArray[np.datetime64]) -> Floats:
    """Yuan [ad_channels, days]."""
    media = dataset["media"]
    table = media.groupby([media["ad_channel"].astype(str), media["date"]])["spend_fen"].sum().unstack(fill_value=0)
    found = table.reindex(index=names, columns=pd.DatetimeIndex(days)).fillna(0.0)
    return found.to_numpy(float) / 100.0


def _phases(dataset: Dataset, days: NDArray[np.datetime64]) -> NDArray[np.str_]:
    """Phase of a shopping event of each day, blank on usual days; the last one named where several meet."""
    found = np.full(len(days), USUAL, dtype="U20")
    events = dataset.get("events")
    if events is None or not len(events):
        return found
    for phase in SHOPPING:
        rows = events[events["phase"].astype(str) == phase]
        first, last = (rows[side].to_numpy().astype("datetime64[D]")[:, None] for side in ("start", "end"))
        found[((first <= days) & (last >= days)).any(axis=0)] = phase
    return found


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
