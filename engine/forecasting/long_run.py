"""The long horizon: months to the end of the next calendar year, by channel x category, coherent with the near one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.recurrence import FestivalDays, festival_days
from engine.data.revenue import NetSales, net_sales
from engine.execution.run import Run
from engine.forecasting.long_draws import GrowthLaw, calibrate, draw_rows
from engine.forecasting.settings import LongRunSettings
from engine.forecasting.totals import History, Projection, project
from engine.plans.forecast import Demand
from models.demand.growth import WEEKS_A_YEAR, GrowthBelief
from models.panel import DAYS, Dates

Floats = NDArray[np.float64]
DAY = np.timedelta64(1, "D")
LEVEL_BOUND = 1.5
"""The near forecast moves the level of the months after it by at most this factor."""

DISAGREEMENT = 0.25
"""Log ratio of the near forecast to the totals' own beyond which the planner is told."""


@dataclass(frozen=True)
class LongRun:
    """``table``: frame ``month, channel, category, units, amount_fen``; ``draws`` float32 [draws, rows]: yuan."""

    table: pd.DataFrame
    draws: NDArray[np.float32]
    warnings: tuple[str, ...] = ()


def long_run(dataset: Dataset, near: Demand, settings: LongRunSettings, run: Run) -> LongRun:
    """Forecast from the day after the last sales day through December of the next calendar year.

    Months are whole but for the first one: where the month is running, only its days after the last sales day are
    counted, never what has been sold already. Money is net paid revenue (paid minus cancelled, tax included), at the
    announced price where ``near`` has one. Within ``near`` the table is the sum of ``near``; over its last
    ``seam_days`` the reconciled Prophet forecasts take over. Without any money the amounts are 0, with a warning.
    """
    sales = net_sales(dataset, ("channel", "category"))
    origin = np.datetime64(near.dates[0], "D")
    days = horizon_days(origin)
    groups = _groups(sales, near, origin)
    near_units, near_yuan, near_known = _near(near, groups, sales, origin, len(days))
    money = sales.amount_fen is not None
    near_value = near_yuan if money else near_units
    history = _history(sales, groups, origin, near_value[:, :91].mean(axis=1) * 7.0)
    festivals = _calendar(dataset, groups, history, days)
    belief = GrowthBelief(settings.calm_years, settings.part_calm_years)
    run.progress("long run: Prophet on channel and category totals", 0.0)
    projection = project(history, festivals, days, settings.max_series, belief, run)
    blended, weight = _blend(near_value, projection.daily, near_known, settings)
    agreement = float(near_value.sum() / max(float(projection.daily[:, :near_known].sum()), 1e-9))
    price = _price(sales, groups, origin) if money else np.ones((len(groups), 12))
    month = days.astype("datetime64[M]")
    far_units = blended / price[:, month.astype(int) % 12]
    units = weight * near_units + (1.0 - weight) * far_units if money else blended
    table, amount, ahead = _table(groups, month, units, blended if money else np.zeros_like(blended))
    run.progress("long run: held-out year", 0.6)
    growth = _growth(history, projection, festivals, settings, belief, run)
    draws = draw_rows(table, amount, ahead, growth, settings.draws, run.rng("long_run"))
    return LongRun(table.drop(columns="group"), draws, _warnings(projection, history, money, agreement))


def horizon_days(origin: np.datetime64) -> Dates:
    """Days from the origin to 31 December of the calendar year after that of the last day before it.

    >>> str(horizon_days(np.datetime64("2026-11-01"))[-1])
    '2027-12-31'
    """
    year = (origin - DAY).astype("datetime64[Y]") + 1
    return cast(Dates, np.arange(origin, (year + 1).astype("datetime64[D]")))


def _groups(sales: NetSales, near: Demand, origin: np.datetime64) -> pd.DataFrame:
    """Channel x category with sales in the last 53 weeks or in the near forecast, sorted."""
    since = sales.dates >= origin - np.timedelta64(7 * (WEEKS_A_YEAR + 1), "D")
    alive = sales.groups[(sales.units[:, since] > 0).any(axis=1)]
    expected = near.series.loc[near.mean.sum(axis=1) > 0, ["channel", "category"]].astype(str)
    both = pd.concat([alive, expected]).drop_duplicates()
    if both.empty:
        both = pd.concat([sales.groups, near.series[["channel", "category"]].astype(str)]).drop_duplicates()
    found: pd.DataFrame = both.sort_values(["channel", "category"], ignore_index=True)
    return found


def _rows(groups: pd.DataFrame, frame: pd.DataFrame) -> NDArray[np.intp]:
    """Row of ``groups`` of each row of ``frame``, -1 where there is none."""
    index = pd.MultiIndex.from_frame(groups[["channel", "category"]])
    asked = pd.MultiIndex.from_frame(frame[["channel", "category"]].astype(str))
    return np.asarray(index.get_indexer(asked))


def _near(
    near: Demand, groups: pd.DataFrame, sales: NetSales, origin: np.datetime64, days: int
) -> tuple[Floats, Floats, int]:
    """Units and yuan a day [groups, days] of the near forecast, and how many days it covers."""
    step = DAYS[near.frequency]
    rows = _rows(groups, near.series)
    units = np.zeros((len(groups), len(near.dates)))
    yuan = np.zeros_like(units)
    inside = rows >= 0
    np.add.at(units, rows[inside], near.mean[inside])
    usual = _price(sales, groups, origin).mean(axis=1) if sales.amount_fen is not None else np.ones(len(groups))
    price = np.full(near.mean.shape, np.nan) if near.price_yuan is None else near.price_yuan
    filled = np.where(np.isfinite(price[inside]), price[inside], usual[rows[inside], None])
    np.add.at(yuan, rows[inside], near.mean[inside] * filled)
    covered = min(step * len(near.dates), days)
    spread = [np.repeat(values / step, step, axis=1)[:, :covered] for values in (units, yuan)]
    padded = [np.pad(values, ((0, 0), (0, days - covered))) for values in spread]
    return padded[0], padded[1], covered


def _history(sales: NetSales, groups: pd.DataFrame, origin: np.datetime64, near: Floats) -> History:
    """Whole 7-day blocks before the origin; an incomplete first one is left out."""
    values = sales.units if sales.amount_fen is None else sales.amount_fen / 100.0
    block = (sales.dates - origin).astype(int) // 7
    whole = (sales.dates - (origin + block.astype("timedelta64[D]") * 7)).astype(int) == 0
    first = int(block[np.argmax(whole)]) if len(block) and whole.any() else int(block.min()) if len(block) else -1
    count = max(-first, 1)
    grid = np.zeros((len(groups), count))
    rows = _rows(groups, sales.groups)
    used = np.flatnonzero((block >= first) & (block < 0))
    inside = np.flatnonzero(rows >= 0)
    by_block = np.zeros((len(inside), count))
    np.add.at(by_block.T, block[used] - first, values[np.ix_(inside, used)].T)
    grid[rows[inside]] = by_block
    weeks = origin + np.arange(-count, 0) * np.timedelta64(7, "D")
    return History(groups, weeks, grid, near)


def _calendar(dataset: Dataset, groups: pd.DataFrame, history: History, days: Dates) -> FestivalDays:
    return festival_days(dataset, sorted(groups["channel"].unique()), history.weeks[0], days[-1])


def _price(sales: NetSales, groups: pd.DataFrame, origin: np.datetime64) -> Floats:
    """Yuan a unit [groups, calendar months] in the last year; a group's mean where a month had no sale."""
    last = np.flatnonzero(sales.dates >= origin - np.timedelta64(365, "D"))
    month = sales.dates[last].astype("datetime64[M]").astype(int) % 12
    rows = _rows(sales.groups, groups)
    amount, units = np.zeros((len(groups), 12)), np.zeros((len(groups), 12))
    inside = rows >= 0
    assert sales.amount_fen is not None
    for grid, source in ((amount, sales.amount_fen / 100.0), (units, sales.units)):
        part = np.zeros((int(inside.sum()), 12))
        np.add.at(part.T, month, source[np.ix_(rows[inside], last)].T)
        grid[inside] = part
    everywhere = amount.sum() / units.sum() if units.sum() > 0 and amount.sum() > 0 else 1.0
    sold = units.sum(axis=1)
    own = np.where((sold > 0) & (amount.sum(axis=1) > 0), amount.sum(axis=1) / np.maximum(sold, 1e-9), everywhere)
    known = (units > 0) & (amount > 0)
    return np.where(known, amount / np.where(known, units, 1.0), own[:, None])


def _blend(near: Floats, far: Floats, covered: int, settings: LongRunSettings) -> tuple[Floats, Floats]:
    """The near forecast first, the far one after it, and between them a slope; also the weight of the near one.

    The far one starts at the near one's level over their common span, and returns to its own with
    ``level_memory_days``.
    """
    days = far.shape[1]
    seam = min(settings.seam_days, covered // 2)
    step = np.arange(days)
    weight = np.clip((covered - step - 0.5) / max(seam, 1), 0.0, 1.0)
    sums = near[:, :covered].sum(axis=1), far[:, :covered].sum(axis=1)
    both = (sums[0] > 0) & (sums[1] > 0)
    ratio = np.where(both, sums[0] / np.where(both, sums[1], 1.0), 1.0)
    log_level = np.log(np.clip(ratio, 1.0 / LEVEL_BOUND, LEVEL_BOUND))
    memory = np.exp(-np.maximum(step - covered, 0) / max(settings.level_memory_days, 1e-9))
    return weight * near + (1.0 - weight) * far * np.exp(log_level[:, None] * memory), weight


def _table(groups: pd.DataFrame, month: Dates, units: Floats, yuan: Floats) -> tuple[pd.DataFrame, Floats, Floats]:
    """Rows by month, channel and category; yuan of each row; months ahead of each row."""
    months, start = np.unique(month, return_index=True)
    size = (len(months), len(groups))
    unit_sums = np.add.reduceat(units, start, axis=1).T
    fen = np.rint(np.add.reduceat(yuan, start, axis=1).T * 100.0).astype(np.int64)
    table = pd.DataFrame(
        {
            "month": np.repeat(months.astype("datetime64[s]"), size[1]),
            "channel": np.tile(groups["channel"].to_numpy(), size[0]),
            "category": np.tile(groups["category"].to_numpy(), size[0]),
            "units": unit_sums.ravel(),
            "amount_fen": fen.ravel(),
            "group": np.tile(np.arange(size[1]), size[0]),
        }
    )
    return table, fen.ravel() / 100.0, np.repeat(np.arange(1.0, size[0] + 1.0), size[1])


def _growth(
    history: History,
    projection: Projection,
    festivals: FestivalDays,
    settings: LongRunSettings,
    belief: GrowthBelief,
    run: Run,
) -> GrowthLaw:
    """The default law, corrected by the errors of the same method in the last year if there is one more before it."""
    channel = pd.factorize(history.groups["channel"], sort=True)[0]
    noise = _monthly_noise(history.values, projection.fitted)
    prior = GrowthLaw.default(settings.channel_growth_sd, settings.group_growth_sd, noise)
    train = len(history.weeks) - WEEKS_A_YEAR
    if train < WEEKS_A_YEAR + 8:
        return prior
    past = history.until(train)
    days = festivals.days[7 * train : 7 * (train + WEEKS_A_YEAR)]
    held_out = project(past, festivals, days, settings.holdout_series, belief, run)
    old = past.values[:, -WEEKS_A_YEAR:].sum(axis=1) > 0
    actual = np.where(old, history.values[:, train:].sum(axis=1), 0.0)
    return calibrate(actual, held_out.daily.sum(axis=1), channel, prior)


def _monthly_noise(values: Floats, fitted: Floats) -> Floats:
    """Standard deviation of the log of 4-week sums around the fit, by group, between 3 % and 80 %."""
    blocks = values.shape[1] // 4
    noise = np.full(len(values), 0.3)
    if blocks < 4:
        return noise
    shape = (len(values), blocks, 4)
    actual = values[:, -4 * blocks :].reshape(shape).sum(axis=2)
    expected = fitted[:, -4 * blocks :].reshape(shape).sum(axis=2)
    usable = (actual > 0) & (expected > 0)
    error = np.where(usable, np.log(np.where(usable, actual, 1.0) / np.where(usable, expected, 1.0)), 0.0)
    count = usable.sum(axis=1)
    noise = np.where(count >= 4, np.sqrt((error**2).sum(axis=1) / np.maximum(count, 1)), noise)
    return np.asarray(np.clip(noise, 0.03, 0.8))


def _warnings(projection: Projection, history: History, money: bool, agreement: float) -> tuple[str, ...]:
    """What a planner should know before he builds on these months."""
    found = []
    if not money:
        found.append("long run: no amounts and no prices, so months hold units only (amount 0)")
    top = projection.methods[0]
    weeks = len(history.weeks)
    if top == "prophet_short":
        found.append(f"long run: {weeks} weeks of history: season and growth cannot be told apart well below two years")
    elif top in ("no_year", "flat"):
        found.append(f"long run: {weeks} weeks of history: months hold no season, only the recent level and festivals")
    elif top == "ended":
        found.append("long run: nothing was sold in the last year; the months repeat the near forecast, then 0")
    elif abs(np.log(max(agreement, 1e-9))) > DISAGREEMENT:
        found.append(
            f"long run: over the weeks that both cover, the near forecast is {agreement:.0%} of the forecast of the "
            "totals; later months return to the latter, so look at both before you rely on the year's growth"
        )
    return tuple(found)
