"""What content brings through search, for merchants who say which ad channels feed which (``fed_by``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.budget.grid import Grid
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.plans.errors import BadInput, Problem
from models.response.data import ResponseData
from models.response.fit import ResponseFit
from models.response.mediation import Indirect, indirect
from models.response.period import WEEK
from models.response.summary import interval
from models.response.verdicts import UNTOLD

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mediated:
    """``rows``: by ad channel and the one that it feeds (``through``) ``indirect_roi``, revenue a yuan that comes
    through it, and ``fed_yuan``, yuan of its clicks that a yuan brings, with 90 % intervals, and ``data``: what the
    history can tell of it. ``notes``: what the user should know."""

    rows: list[dict[str, Any]]
    notes: tuple[str, ...]


def mediated(
    dataset: Dataset, data: ResponseData, fit: ResponseFit, settings: BudgetSettings, origin: np.datetime64, seed: int
) -> Mediated:
    """Indirect effects of all ad channels with ``fed_by``; ``data`` and ``fit`` by week up to the day before
    ``origin``. Raises BadInput where what is fed never spent."""
    feeds = {name: told.fed_by for name, told in settings.response.items() if told.fed_by}
    places = {name: row for row, name in enumerate(data.ad_channels)}
    _check_spent(data, [places[name] for name in feeds])
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for name, feeding in feeds.items():
        clicks = weekly_clicks(dataset, name, Grid(origin, data.weeks, WEEK))
        if clicks is None:
            notes.append(f"{name}: media tells no clicks: its spend stands for them, which its budget moves too")
        ran = [places[other] for other in feeding if data.spend[places[other]].any()]
        found = indirect(data, fit, places[name], ran, clicks, seed) if ran and fit.metrics else ()
        rows += [_row(one) for one in found]
        notes += _notes(found)
    return Mediated(rows, tuple(notes))


def weekly_clicks(dataset: Dataset, ad_channel: str, grid: Grid) -> Floats | None:
    """Clicks of an ad channel, float64 [weeks]; None where they are not told for all of its spend."""
    media = dataset["media"]
    media = media.loc[(media["ad_channel"].astype(str) == ad_channel).to_numpy() & (grid.place(media["date"]) >= 0)]
    if "clicks" not in media:
        return None
    clicks = media["clicks"].to_numpy(dtype=float, na_value=np.nan)
    if not clicks[np.isfinite(clicks)].any() or (np.isnan(clicks) & (media["spend_fen"].to_numpy(float) > 0)).any():
        return None
    sums = grid.sums(np.zeros(len(media), dtype=np.int64), media["date"], np.nan_to_num(clicks), 1)
    return np.asarray(sums[0])


def _check_spent(data: ResponseData, fed: list[int]) -> None:
    problems = [
        Problem(
            "plan.yaml",
            "an ad channel that never spent and has no clicks cannot be fed / 该渠道从未花费也没有点击，谈不上被带动",
            column=f"budget.response.{data.ad_channels[row]}.fed_by",
            expected="an ad channel with spend in media / media 中有花费的渠道",
            remedy="Give its spend and clicks in media, or leave it out / 请在 media 提供其花费和点击，或删去",
        )
        for row in fed
        if not data.spend[row].any()
    ]
    if problems:
        raise BadInput(problems)


def _row(one: Indirect) -> dict[str, Any]:
    roi = interval("indirect_roi", one.roi, float(one.roi.mean()))
    fed = interval("fed_yuan", one.fed, float(one.fed.mean()))
    return {"ad_channel": one.ad_channel, "through": one.through, **roi, **fed, "data": one.data}


def _notes(found: tuple[Indirect, ...]) -> list[str]:
    """How to read them."""
    said = []
    for one in found:
        low, high = one.interval
        if one.data == UNTOLD:
            said.append(f"what {one.ad_channel} brings through {one.through} cannot be told: the data say nothing")
        else:
            said.append(
                f"{one.ad_channel} brings {low:.2f} to {high:.2f} yuan a yuan through {one.through}, for clicks that "
                f"cost {one.fed.mean():.2f} yuan there: part of the ROI of {one.through}, not to be added to it; "
                "in shops whose truth is known half of it was found, and a little where there was none. "
                "The split of the budget counts direct effects only"
            )
    return said
