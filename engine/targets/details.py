"""Everything below and around the cells of a year's targets, gathered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.plans.forecast import Forecast
from engine.plans.targets import TargetDetails
from engine.targets.chance import scenarios, sensitivity
from engine.targets.days import YearDays
from engine.targets.open_to_buy import open_to_buy
from engine.targets.outlook import KEYS, Outlook
from engine.targets.rhythm import rhythm
from engine.targets.roles import role_mix
from engine.targets.rules import Costs
from engine.targets.settings import TargetSettings
from engine.targets.spread import day_table, day_targets, owner_table, stream_table


@dataclass(frozen=True)
class Made:
    """What the programme decided: ``target`` int64 fen [cells]; ``draws`` yuan float64 [draws, cells]; ``code`` cell of
    each (group, day) of ``days``; ``before`` the base year by day."""

    dataset: Dataset
    forecast: Forecast
    outlook: Outlook
    settings: TargetSettings
    year: int
    cells: pd.DataFrame
    days: YearDays
    before: YearDays
    code: NDArray[np.int64]
    costs: Costs
    target: NDArray[np.int64]
    draws: NDArray[np.float64]


def details_of(made: Made, months: pd.DataFrame, items: pd.DataFrame, limits: pd.DataFrame) -> TargetDetails:
    """All tables of the year."""
    cells = made.cells.assign(target_fen=made.target)
    cells["forecast_fen"] = cells["actual_fen"] + cells["forecast_fen"]
    by_day = day_targets(made.days, made.code, made.target)
    days = day_table(made.days, by_day)
    of_year = months[months["month"].dt.year == made.year]
    groups, draws = _by_month(made)
    origin = made.outlook.origin
    return TargetDetails(
        year=made.year,
        origin=str(origin),
        author=made.settings.author,
        goals=made.settings.model_dump(mode="json"),
        cells=cells[[*KEYS[:1], "event", *KEYS[1:], "actual_fen", "forecast_fen", "target_fen"]],
        days=days,
        owners=owner_table(made.dataset, of_year),
        streams=stream_table(made.dataset, days, origin),
        events=rhythm(made.dataset, made.days, by_day, _by_group(made), _events_before(made.before)),
        items=items,
        roles=role_mix(made.dataset, {str(role): share for role, share in made.settings.roles.items()}, items, origin),
        scenarios=scenarios(draws, groups),
        sensitivity=sensitivity(made.draws, made.cells, float(made.target.sum()) / 100.0),
        limits=limits,
        open_to_buy=_open_to_buy(made, months),
        draws=pd.DataFrame(draws.astype(np.float32), columns=[str(place) for place in range(len(groups))]),
    )


def _by_month(made: Made) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Months x channels x categories of the year, and their draws."""
    code = made.cells.groupby(KEYS, sort=True).ngroup().to_numpy()
    groups = made.cells[KEYS].drop_duplicates().sort_values(KEYS, ignore_index=True)
    order = np.argsort(code, kind="stable")
    start = np.searchsorted(code[order], np.arange(len(groups)))
    return groups, np.add.reduceat(made.draws[:, order], start, axis=1) if len(groups) else made.draws


def _by_group(made: Made) -> NDArray[np.float64]:
    """Units a yuan of each group."""
    keys = pd.MultiIndex.from_frame(made.cells[["channel", "category"]])
    units = pd.Series(made.costs.units, index=keys).groupby(level=[0, 1]).mean()
    found = units.reindex(pd.MultiIndex.from_frame(made.days.groups[["channel", "category"]]))
    return np.asarray(found.fillna(0.0).to_numpy(float))


def _events_before(before: YearDays) -> dict[tuple[str, str], float]:
    """Yuan of the base year by (event, channel), "" for all channels."""
    names = np.array(before.events, dtype=object)[before.event.ravel()]
    channel = np.repeat(before.groups["channel"].to_numpy(dtype=object), len(before.days))
    yuan = (before.actual + before.expected).ravel() / 100.0
    frame = pd.DataFrame({"event": names, "channel": channel, "yuan": yuan})
    sums = pd.concat([frame, frame.assign(channel="")]).groupby(["event", "channel"], as_index=False)["yuan"].sum()
    return {(str(row.event), str(row.channel)): float(row.yuan) for row in sums.itertuples(index=False)}


def _open_to_buy(made: Made, months: pd.DataFrame) -> pd.DataFrame:
    """From the running month on, for the target, the forecast or the middle of both."""
    share = made.settings.supply_share
    sold = made.outlook.cells[[*KEYS, "actual_fen"]].astype({"channel": str, "category": str})
    frame = months.astype({"channel": str, "category": str}).merge(sold, on=KEYS, how="left")
    wanted = (1.0 - share) * frame["forecast_fen"] + share * frame["target_fen"] - frame["actual_fen"].fillna(0)
    frame["ahead_fen"] = wanted.clip(lower=0.0)
    frame = frame[frame["month"].to_numpy() >= made.outlook.origin.astype("datetime64[M]")]
    pairs = zip(made.cells["channel"].astype(str), made.cells["category"].astype(str), strict=True)
    goods = dict(zip(pairs, made.costs.goods.tolist(), strict=True))
    return open_to_buy(frame, goods, made.dataset, made.settings.open_to_buy, made.outlook.origin)
