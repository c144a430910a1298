"""Overrides laid over a model's forecast: spread down to series and days in proportion to it, months kept in step.

They are applied in the order in which they were made, each on what the ones before it left, so the later one wins. A
level without any forecast is filled in equal shares. What an override says of days that are no longer, or not yet,
forecast counts pro rata: 100 units for 20 days of which 5 are forecast are 25 units. Beyond the weekly horizon only
months by channel and category are known; overrides of a brand, SPU or SKU count there once those weeks come near.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.forecast import Forecast
from engine.plans.override import FILTERS, MONTHLY_FILTERS, Override
from models.panel import DAYS, Dates

Floats = NDArray[np.float64]
DAY = np.timedelta64(1, "D")
NOTHING = 1e-9
"""Units below which a level is taken for not forecast at all."""


@dataclass(frozen=True)
class Far:
    """The long run beyond the weekly horizon, its months cut into equal days: ``groups`` frame ``channel, category``,
    ``days``, ``row`` of the long run [groups, days] (-1: none), ``units`` [groups, days]."""

    groups: pd.DataFrame
    days: Dates
    row: NDArray[np.int64]
    units: Floats


@dataclass(frozen=True)
class Region:
    """What an override speaks about: ``rows`` of series and ``share`` of each period's days [periods]; ``groups`` and
    ``days`` (bool) of the far days; ``answered``: share of the override's days that are forecast at all."""

    rows: NDArray[np.int64]
    share: Floats
    groups: NDArray[np.int64]
    days: NDArray[np.bool_]
    answered: float


@dataclass(frozen=True)
class Step:
    """What one override did: units of its region before and after it, the units that it ``found`` [series, periods]
    and left, ``near`` [series, periods] and ``far`` [groups, days]."""

    override: Override
    region: Region
    before: float
    after: float
    found: Floats
    near: Floats
    far: Floats


def with_overrides(forecast: Forecast, overrides: Sequence[Override]) -> Forecast:
    """The forecast with these overrides in place of any that it holds; ``before`` keeps what the model said.

    Quantiles and paths follow the mean. ``overrides`` of the result: one row each, with the units of its level and
    period ``before`` and ``after``. Without overrides it is the model's forecast itself.
    """
    model = forecast.unadjusted()
    steps = list(replay_overrides(model, overrides))
    if not steps:
        return model
    mean = steps[-1].near.astype(np.float32)
    rows = [{**step.override.model_dump(mode="json"), "before": step.before, "after": step.after} for step in steps]
    table = pd.DataFrame(rows)
    table["removed"] = table["removed"].fillna("").astype(str)
    months, draws = _months(model, mean, steps[-1])
    change = float(mean.sum(dtype=float) - model.mean.sum(dtype=float))
    return replace(
        model,
        mean=mean,
        long_run=months,
        long_draws=draws,
        warnings=(*model.warnings, *_warnings(model, steps)),
        metrics={**model.metrics, "units": float(mean.sum(dtype=float)), "override_units": change},
        before=model,
        overrides=table,
    )


def replay_overrides(model: Forecast, overrides: Sequence[Override]) -> Iterator[Step]:
    """The overrides one after the other on the model's forecast."""
    beyond = far_days(model)
    near, far = model.mean.astype(np.float64), beyond.units
    for entry in overrides:
        region = region_of(model, beyond, entry)
        cells = np.ix_(region.groups, region.days)
        near_part, far_part = near[region.rows] * region.share, far[cells]
        before = float(near_part.sum() + far_part.sum())
        after = _total(entry, before, region)
        if before > NOTHING:
            near_after, far_after = near_part * (after / before), far_part * (after / before)
        else:
            near_after, far_after = _equal_shares(model, beyond, region, after)
        found, near, far = near, near.copy(), far.copy()
        near[region.rows] += near_after - near_part
        far[cells] = far_after
        yield Step(entry, region, before, float(near_after.sum() + far_after.sum()), found, near, far)


def far_days(model: Forecast) -> Far:
    """The days after the weekly horizon until the end of the long run."""
    table = model.long_run
    first, last = _month_span(model)
    end = _period_span(model)[1][-1]
    days = cast(Dates, np.arange(end, max(last.max(initial=end), end)))
    groups = table[list(MONTHLY_FILTERS)].astype(str).drop_duplicates(ignore_index=True)
    place = pd.MultiIndex.from_frame(groups).get_indexer(
        pd.MultiIndex.from_frame(table[list(MONTHLY_FILTERS)].astype(str))
    )
    row = np.full((len(groups), len(days)), -1, dtype=np.int64)
    for number in range(len(table)):
        inside = (days >= first[number]) & (days < last[number])
        row[place[number], inside] = number
    by_day = table["units"].to_numpy(np.float64) / np.maximum((last - first).astype(np.float64), 1.0)
    units = np.where(row >= 0, by_day[row], 0.0) if len(table) else np.zeros(row.shape)
    return Far(groups, days, row, units)


def region_of(model: Forecast, beyond: Far, entry: Override) -> Region:
    """Series, periods, groups and far days that an override speaks about."""
    rows = _fitting(model.series, entry)
    start, stop = np.datetime64(entry.start, "D"), np.datetime64(entry.end, "D") + DAY
    share = _overlap(start, stop, *_period_span(model)) / DAYS[model.frequency]
    monthly = all(not getattr(entry, name) for name in FILTERS if name not in MONTHLY_FILTERS)
    groups = _fitting(beyond.groups, entry) if monthly else np.zeros(0, dtype=np.int64)
    days = (beyond.days >= start) & (beyond.days < stop)
    covered = DAYS[model.frequency] * float(share.sum()) if len(rows) else 0.0
    covered += float(days.sum()) if len(groups) else 0.0
    return Region(rows, share, groups, days, min(covered / entry.days, 1.0))


def _fitting(frame: pd.DataFrame, entry: Override) -> NDArray[np.int64]:
    """Rows that all filters of an override let through; none where the frame knows not of one."""
    chosen = np.ones(len(frame), dtype=bool)
    for name in FILTERS:
        value = getattr(entry, name)
        if value:
            chosen &= (frame[name].astype(str) == value).to_numpy() if name in frame else False
    return np.flatnonzero(chosen)


def _total(entry: Override, before: float, region: Region) -> float:
    value = entry.value * region.answered
    if entry.kind == "set":
        return value
    if entry.kind == "scale":
        return before * entry.value
    return min(before, value) if entry.kind == "cap" else max(before + value, 0.0)


def _equal_shares(model: Forecast, beyond: Far, region: Region, total: float) -> tuple[Floats, Floats]:
    """The same number of units for each series and day; a group counts as many series as it has."""
    near = np.repeat(region.share[None, :] * DAYS[model.frequency], len(region.rows), axis=0)
    keys = list(MONTHLY_FILTERS)
    count = pd.MultiIndex.from_frame(model.series[keys].astype(str)).value_counts()
    size = count.reindex(pd.MultiIndex.from_frame(beyond.groups.iloc[region.groups])).fillna(1.0).to_numpy(np.float64)
    far = np.repeat(size[:, None], int(region.days.sum()), axis=1)
    weight = float(near.sum() + far.sum())
    each = total / weight if weight > 0 else 0.0
    return near * each, np.asarray(far * each, dtype=np.float64)


def _months(model: Forecast, mean: NDArray[np.float32], last: Step) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    """The long run with the same changes, near and far.

    Money follows at the announced price; where there is none, and beyond, at the row's own revenue per unit.
    """
    table = model.long_run
    old_units, old_fen = table["units"].to_numpy(np.float64), table["amount_fen"].to_numpy(np.float64)
    per_unit = np.where(old_units > 0, old_fen / np.where(old_units > 0, old_units, 1.0), 0.0)
    beyond = far_days(model)
    units, fen = np.zeros(len(table)), np.zeros(len(table))
    known = beyond.row >= 0
    np.add.at(units, beyond.row[known], (last.far - beyond.units)[known])
    fen += units * per_unit
    change = mean.astype(np.float64) - model.mean
    price = model.under().price_yuan
    yuan = np.full(change.shape, np.nan) if price is None else price.astype(np.float64)
    place, weight = _rows_by_month(model)
    for column in range(place.shape[1]):
        inside = place[:, column] >= 0
        rows, part = place[inside, column], change[inside] * weight[:, column]
        each = np.where(np.isfinite(yuan[inside]), yuan[inside] * 100.0, per_unit[rows][:, None])
        np.add.at(units, rows, part.sum(axis=1))
        np.add.at(fen, rows, (part * each).sum(axis=1))
    fen = np.rint(np.maximum(old_fen + (fen if old_fen.any() else 0.0), 0.0))
    ratio = np.where(old_fen > 0, fen / np.where(old_fen > 0, old_fen, 1.0), 0.0)
    draws = model.long_draws * ratio + np.where(old_fen > 0, 0.0, fen / 100.0)
    changed = table.assign(units=np.maximum(old_units + units, 0.0), amount_fen=fen.astype(np.int64))
    return changed, draws.astype(np.float32)


def _rows_by_month(model: Forecast) -> tuple[NDArray[np.int64], Floats]:
    """Row of the long run [series, months], -1 where there is none, and the share of each period's days that lies in
    the month [periods, months]."""
    first, last = _month_span(model)
    months, column = np.unique(model.long_run["month"].to_numpy(), return_inverse=True)
    keys = list(MONTHLY_FILTERS)
    group = pd.MultiIndex.from_frame(model.long_run[keys].astype(str))
    names = group.unique()
    table = np.full((len(names) + 1, len(months)), -1, dtype=np.int64)
    table[names.get_indexer(group), column] = np.arange(len(model.long_run))
    series = names.get_indexer(pd.MultiIndex.from_frame(model.series[keys].astype(str)))
    dates, ends = _period_span(model)
    step = DAYS[model.frequency]
    spans = {int(number): (first[row], last[row]) for row, number in enumerate(column)}
    weight = np.stack(
        [_overlap(*spans[number], dates, ends) / step for number in range(len(months))] or [np.zeros(len(dates))],
        axis=1,
    )
    return table[series], weight


def _period_span(model: Forecast) -> tuple[Dates, Dates]:
    """First day of each period and the day after its last."""
    first = model.dates.astype("datetime64[D]")
    return first, cast(Dates, first + DAYS[model.frequency] * DAY)


def _month_span(model: Forecast) -> tuple[Dates, Dates]:
    """First day of each row of the long run and the day after its last; nothing before the origin is counted."""
    month = model.long_run["month"].to_numpy().astype("datetime64[M]")
    first = np.maximum(month.astype("datetime64[D]"), model.origin.astype("datetime64[D]"))
    return first, (month + 1).astype("datetime64[D]")


def _overlap(start: np.datetime64, stop: np.datetime64, first: Dates, last: Dates) -> Floats:
    """Days that [start, stop) shares with each [first, last)."""
    days = np.minimum(last, stop) - np.maximum(first, start)
    return np.asarray(np.maximum(days.astype("timedelta64[D]").astype(np.float64), 0.0))


def _warnings(model: Forecast, steps: Sequence[Step]) -> list[str]:
    found = []
    for step in steps:
        entry = step.override
        name = f"override {entry.id} ({entry.author})"
        if step.region.answered == 0.0:
            ahead = np.datetime64(entry.start, "D") > model.dates[-1]
            why = "its days are not forecast yet at this level" if ahead else "nothing that is forecast fits it"
            found.append(f"{name} changes nothing: {why}")
        elif step.region.answered < 1.0:
            found.append(f"{name}: {step.region.answered:.0%} of its days are forecast; it counts pro rata")
        if entry.kind == "add" and step.after == 0.0 < -entry.value:
            found.append(f"{name} takes away more than there is: its level is forecast at 0")
    return found
