"""How far the year has come: actuals against targets at any level, the pace it now takes, and how it may end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.data.revenue import net_sales
from engine.plans.targets import TargetDetails
from engine.targets.limits import ad_ratio
from engine.targets.outlook import KEYS
from engine.targets.reforecast import updated_rest
from models.panel import Dates

Floats = NDArray[np.float64]
STANDING = [
    "level",
    "key",
    "target_fen",
    "target_to_date_fen",
    "actual_fen",
    "achieved",
    "remaining_fen",
    "required_pace",
    "required_fen_day",
]
YEAR_END = ["level", "key", "target_fen", "expected_fen", "low_fen", "high_fen", "probability"]
REPLAN = ["quarter", "target_fen", "actual_fen", "replanned_fen", "ads_fen"]


BEHIND = 0.97
"""Below this part of its target to date a level is called behind."""
MOST_BEHIND = 5


@dataclass(frozen=True)
class Progress:
    """``standing``: frame of :data:`STANDING`. ``achieved``: actual / target to date. ``required_pace``: what is left
    of the target / what the plan had for the days left, so that season and festivals are in it (1: as planned).
    ``year_end``: frame of :data:`YEAR_END` (10 % and 90 %). ``replan``: frame of :data:`REPLAN`, targets of the
    quarters that still reach the year's total, and ad money within what is left of it."""

    day: str
    standing: pd.DataFrame
    year_end: pd.DataFrame
    replan: pd.DataFrame
    ads_left_fen: int
    notes: tuple[str, ...]


def year_progress(dataset: Dataset, plan: TargetDetails, day: np.datetime64, rng: np.random.Generator) -> Progress:
    """Standing at the end of ``day``, which lies in the plan's year; ``dataset`` knows what was known then."""
    days = plan.days.assign(date=plan.days["date"].to_numpy().astype("datetime64[D]"))
    sold = _sold(dataset, plan.year, day)
    merged = days.merge(sold, on=["date", "channel", "category"], how="outer")
    for name in ("target_fen", "actual_fen"):
        merged[name] = merged[name].fillna(0).astype(np.int64)
    merged["event"] = merged["event"].fillna("")
    past = merged["date"].to_numpy().astype("datetime64[D]") <= day
    left = int((np.datetime64(f"{plan.year}-12-31") - day).astype(int))
    standing = _standing(merged, past, left, plan)
    groups, rest, done = _rest(plan, merged, past, day, rng)
    year_end = _year_end(groups, rest, done, plan)
    replan, ads_left = _replan(merged, past, groups, rest, plan, (dataset, day))
    notes = [
        *behind(standing, year_end),
        f"year-end draws are those of the plan of {plan.origin}, updated by sales until {day}",
    ]
    if not past.any():
        notes.append("the year has not begun: nothing is held against it yet")
    return Progress(str(day), standing, year_end, replan, ads_left, tuple(notes))


def _sold(dataset: Dataset, year: int, day: np.datetime64) -> pd.DataFrame:
    """Paid less cancelled by day, channel and category in the year until ``day``."""
    sales = net_sales(dataset, ("channel", "category"))
    inside = (sales.dates >= np.datetime64(f"{year}-01-01")) & (sales.dates <= day)
    days: Dates = sales.dates[inside]
    size = (len(sales.groups), len(days))
    fen = np.zeros(size, dtype=np.int64) if sales.amount_fen is None else sales.amount_fen[:, inside]
    frame = pd.DataFrame(
        {
            "date": np.tile(days, size[0]),
            "channel": np.repeat(sales.groups["channel"].to_numpy(dtype=object), size[1]),
            "category": np.repeat(sales.groups["category"].to_numpy(dtype=object), size[1]),
            "actual_fen": fen.ravel(),
        }
    )
    return frame[frame["actual_fen"] != 0]


def _standing(merged: pd.DataFrame, past: NDArray[np.bool_], left: int, plan: TargetDetails) -> pd.DataFrame:
    month = pd.DatetimeIndex(merged["date"]).strftime("%Y-%m")
    frame = merged.assign(
        past_target=np.where(past, merged["target_fen"], 0),
        actual_fen=np.where(past, merged["actual_fen"], 0),
        total=str(plan.year),
        month=month,
        pair=merged["channel"].astype(str) + " / " + merged["category"].astype(str),
    )
    parts = []
    levels = {"total": "total", "channel": "channel", "category": "category", "channel x category": "pair"}
    for level, column in {**levels, "month": "month", "event": "event"}.items():
        sums = frame.groupby(column, sort=True)[["target_fen", "past_target", "actual_fen"]].sum()
        parts.append(sums[sums.index != ""].rename_axis("key").reset_index().assign(level=level))
    parts += _owners(frame, plan)
    table = pd.concat(parts, ignore_index=True).rename(columns={"past_target": "target_to_date_fen"})
    planned = (table["target_fen"] - table["target_to_date_fen"]).to_numpy(float)
    table["achieved"] = _ratio(table["actual_fen"], table["target_to_date_fen"])
    table["remaining_fen"] = np.maximum(table["target_fen"] - table["actual_fen"], 0)
    table["required_pace"] = _ratio(table["remaining_fen"], planned)
    table["required_fen_day"] = np.rint(table["remaining_fen"] / max(left, 1)).astype(np.int64)
    return table[STANDING]


def _owners(frame: pd.DataFrame, plan: TargetDetails) -> list[pd.DataFrame]:
    """Standing by owner, of both sides."""
    parts = []
    for side, own in plan.owners.groupby("side", sort=True):
        of = own.drop_duplicates(["channel", "category"])[["channel", "category", "owner"]]
        rows = frame.merge(of, on=["channel", "category"], how="inner")
        sums = rows.groupby("owner", sort=True)[["target_fen", "past_target", "actual_fen"]].sum()
        parts.append(sums.rename_axis("key").reset_index().assign(level=f"owner by {side}"))
    return parts


def behind(standing: pd.DataFrame, year_end: pd.DataFrame) -> list[str]:
    """Who is behind: the total, then channels and categories, the most money first; what the rest of the year would
    have to do, and the chance of it."""
    chance = year_end.set_index(["level", "key"])["probability"]
    rows = standing[standing["level"].isin(chance.index.get_level_values(0)) & (standing["target_to_date_fen"] > 0)]
    late = rows[rows["achieved"] < BEHIND].assign(
        missing=lambda table: table["target_to_date_fen"] - table["actual_fen"]
    )
    late = late.assign(part=late["level"] != "total").sort_values(
        ["part", "missing", "level", "key"], ascending=[True, False, True, True]
    )
    return [
        f"behind target: {row['level']} {row['key']} has {row['achieved']:.0%} of its target to date, "
        f"{row['missing'] / 100:,.0f} yuan short; the rest of the year would have to bring {row['required_pace']:.2f} "
        f"times its plan, chance of the year {chance[(row['level'], row['key'])]:.0%}"
        for row in late.head(MOST_BEHIND).to_dict("records")
    ]


def _ratio(over: pd.Series, under: pd.Series | Floats) -> Floats:
    """0 where there is nothing to compare with."""
    base = np.asarray(under, dtype=float)
    return np.where(base > 0, np.asarray(over, dtype=float) / np.where(base > 0, base, 1.0), 0.0)


def _rest(
    plan: TargetDetails, merged: pd.DataFrame, past: NDArray[np.bool_], day: np.datetime64, rng: np.random.Generator
) -> tuple[pd.DataFrame, Floats, Floats]:
    """Channel x category, draws of what is still to come [draws, groups], what was sold [groups], yuan."""
    cells = plan.scenarios[KEYS].astype({"channel": str, "category": str})
    draws = plan.draws.to_numpy(float)
    share = _elapsed(plan, cells, day)
    groups = cells[["channel", "category"]].drop_duplicates().sort_values(["channel", "category"], ignore_index=True)
    keys = pd.MultiIndex.from_frame(groups)
    code = keys.get_indexer(pd.MultiIndex.from_frame(cells[["channel", "category"]]))
    member = (code[:, None] == np.arange(len(groups))).astype(float)
    rest = (draws * (1.0 - share)) @ member
    channel, names = pd.factorize(groups["channel"], sort=True)
    by_channel = (channel[:, None] == np.arange(len(names))).astype(float)
    sums = merged[past].groupby(["channel", "category"])["actual_fen"].sum() / 100.0
    sold = sums.reindex(keys).fillna(0.0).to_numpy(float)
    so_far = (draws * share) @ member @ by_channel
    return groups, updated_rest(rest, so_far, sold @ by_channel, rng), sold


def _elapsed(plan: TargetDetails, cells: pd.DataFrame, day: np.datetime64) -> Floats:
    """Share of each month x channel x category that lies behind ``day``, by the forecast's days."""
    days = plan.days.assign(month=plan.days["date"].to_numpy().astype("datetime64[M]").astype("datetime64[s]"))
    behind = days["date"].to_numpy().astype("datetime64[D]") <= day
    days = days.assign(behind=np.where(behind, days["forecast_fen"], 0)).astype({"channel": str, "category": str})
    sums = days.groupby(KEYS)[["forecast_fen", "behind"]].sum().reindex(pd.MultiIndex.from_frame(cells))
    whole = cells["month"].to_numpy().astype("datetime64[M]") < day.astype("datetime64[M]")
    known = (sums["forecast_fen"] > 0).to_numpy()
    part = np.where(known, (sums["behind"] / sums["forecast_fen"].where(known, 1)).to_numpy(float), whole)
    return np.nan_to_num(part)


def _year_end(groups: pd.DataFrame, rest: Floats, sold: Floats, plan: TargetDetails) -> pd.DataFrame:
    target = plan.cells.groupby(["channel", "category"])["target_fen"].sum()
    goal = target.reindex(pd.MultiIndex.from_frame(groups)).fillna(0).to_numpy(float)
    levels = {"total": pd.Series(str(plan.year), index=groups.index), "channel": groups["channel"]}
    rows = []
    for level, values in (levels | {"category": groups["category"]}).items():
        code, names = pd.factorize(values, sort=True)
        for place, name in enumerate(names):
            member = code == place
            end = rest[:, member].sum(axis=1) + sold[member].sum()
            wanted = int(goal[member].sum())
            low, high = np.quantile(end, (0.1, 0.9))
            fen = [round(100.0 * float(value)) for value in (end.mean(), low, high)]
            rows.append([level, str(name), wanted, *fen, float((100.0 * end >= wanted - 1).mean())])
    return pd.DataFrame(rows, columns=YEAR_END)


def _replan(
    merged: pd.DataFrame,
    past: NDArray[np.bool_],
    groups: pd.DataFrame,
    rest: Floats,
    plan: TargetDetails,
    known: tuple[Dataset, np.datetime64],
) -> tuple[pd.DataFrame, int]:
    """Quarters whose targets still reach the year's total: what is missing is laid on the days left as the plan lies on
    them. Ad money: the year's (``limits.ads_yuan``, else the ad ratio of the plan's sales) less what was spent."""
    quarter = pd.DatetimeIndex(merged["date"]).quarter.to_numpy()
    target, actual = merged["target_fen"].to_numpy(float), np.where(past, merged["actual_fen"], 0).astype(float)
    ahead = np.where(past, 0.0, target)
    missing = max(target.sum() - actual.sum(), 0.0)
    factor = missing / ahead.sum() if ahead.sum() > 0 else 0.0
    rows = []
    for number in range(1, 5):
        own = quarter == number
        rows.append([target[own].sum(), actual[own].sum(), actual[own].sum() + factor * ahead[own].sum()])
    dataset, day = known
    stated = dict(plan.goals.get("limits", {})).get("ads_yuan")
    whole = 100.0 * stated if stated is not None else ad_ratio(dataset) * target.sum()
    left = max(whole - _spent(dataset, plan.year, day), 0.0)
    open_part = np.array([ahead[quarter == number].sum() for number in range(1, 5)])
    ads = left * open_part / open_part.sum() if open_part.sum() > 0 else np.zeros(4)
    names = [f"{plan.year}Q{number}" for number in range(1, 5)]
    values = np.rint(np.column_stack([np.array(rows), ads])).astype(np.int64)
    frame = pd.DataFrame(values, columns=REPLAN[1:])
    frame.insert(0, "quarter", names)
    return frame, round(left)


def _spent(dataset: Dataset, year: int, day: np.datetime64) -> float:
    """Fen of ads in the year until ``day``."""
    media = dataset.get("media")
    if media is None or media.empty:
        return 0.0
    days = media["date"].to_numpy().astype("datetime64[D]")
    return float(media.loc[(days >= np.datetime64(f"{year}-01-01")) & (days <= day), "spend_fen"].sum())


def owner_names(dataset: Dataset) -> dict[str, str]:
    """Owner of each channel and category by its name, where one is named."""
    table = dataset.get("owners")
    if table is None or table.empty:
        return {}
    found: dict[str, str] = {}
    for side in ("channel", "category"):
        if side in table:
            names = text_of(table[side])
            found |= {name: owner for name, owner in zip(names, text_of(table["owner"]), strict=True) if name}
    return found
