"""Targets of a year: goals -> programme -> cells, SKUs, days, owners, chances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.goods import categories_of
from engine.execution.run import Run
from engine.plans.errors import BadInput, Infeasible, Problem
from engine.plans.forecast import Forecast
from engine.plans.targets import TargetPlan
from engine.targets.allocate import Allocation, allocate
from engine.targets.chance import cell_draws, chances
from engine.targets.costs import costs_of
from engine.targets.days import DayLaw, YearDays, learn_days, year_days
from engine.targets.details import Made, details_of
from engine.targets.event_luck import event_sd
from engine.targets.fill import largest_remainder
from engine.targets.goals import Base, stated_goals
from engine.targets.limits import Situation, held_against, limits_around
from engine.targets.market import known_market
from engine.targets.new_products import can_hold, place_table, places_of, reserve
from engine.targets.outlook import KEYS, Outlook, base_of, look_out
from engine.targets.settings import TargetSettings
from engine.targets.skus import allocate_skus

BENT = 0.3
"""A month that leaves the year's growth by more than this share is told."""
HELD_OUT_MONTHS = 24
"""With less history no year can be held out and judged by the one before."""


def set_targets(dataset: Dataset, forecast: Forecast, settings: TargetSettings, run: Run) -> TargetPlan:
    """Targets by month x event x channel x category and below for a calendar year, adding up to the fen on every level.

    Months are whole: in the running month what has been sold counts with what is still expected. Months between now
    and the year keep their forecast as target. Goals that cannot be meant are left aside and named in ``problems``.
    Raises :class:`MissingInput` without money, :class:`BadInput` for a year out of reach, :class:`Infeasible` where
    hard goals contradict.
    """
    outlook = look_out(dataset, forecast)
    year = _year(settings, forecast)
    run.progress("targets: the year by day", 0.0)
    laid = _lay_out(dataset, forecast, outlook, year)
    cells = laid.cells
    base, warnings = base_of(outlook, year)
    base |= laid.event_base
    run.progress("targets: goals and limits", 0.2)
    costs, notes = costs_of(dataset, cells)
    places = places_of(dataset, settings.new_products, year, list(forecast.series["sku"].astype(str)), outlook.origin)
    room = can_hold(cells, places, settings.new_products.most_of_cell)
    stated = stated_goals(settings, cells, base, costs, year, known_market(dataset), room)
    between = _between(outlook, year)
    situation = Situation(dataset, outlook.origin, cells, costs, between, laid.event_days)
    around = limits_around(situation, settings.limits)
    try:
        allocation = allocate(cells, [*stated.rules, *around.kept], settings)
    except Infeasible as clash:
        raise Infeasible(clash.relaxations, stated.problems) from None
    ahead = round_tree(cells, allocation.ahead)
    target = cells["actual_fen"].to_numpy() + ahead
    run.progress("targets: SKUs", 0.5)
    months = _months(outlook.cells, cells, target, forecast, year)
    alive = _alive(dataset, outlook.origin)
    reserved, unplaced = reserve(_ahead(months, cells, ahead), places, settings.new_products, year, alive)
    skus, more = allocate_skus(dataset, forecast.under(), months, settings, (places, reserved))
    run.progress("targets: chances and details", 0.8)
    draws = cell_draws(forecast, cells, event_sd(laid.law), run.rng("targets", "events"))
    probability = chances(draws, cells, target, year, stated.rules)
    limits, told = held_against(around, target / 100.0)
    made = Made(
        dataset, forecast, outlook, settings, year, cells, laid.days, laid.before, laid.code, costs, target, draws
    )
    details = details_of(made, months, place_table(places, reserved, year), limits)
    last = (f"targets: {unplaced:,.0f} yuan of new products found no room",) if unplaced > 1.0 else ()
    return TargetPlan(
        months,
        skus,
        probability,
        allocation.report,
        (
            *stated.notes(),
            *warnings,
            *_unsaid(outlook),
            *notes,
            *allocation.warnings,
            *_bent(cells, target, allocation),
            *told,
            *more,
            *last,
        ),
        _metrics(cells, target, base, probability, allocation),
        details,
        tuple(stated.problems),
    )


@dataclass(frozen=True)
class _LaidOut:
    """``law``: how months lie on days. The year's ``cells`` (frame ``month, event, channel, category, actual_fen,
    forecast_fen, row, part``), the cell of each (group, day), the days themselves, and sales of the base year's
    events."""

    law: DayLaw
    cells: pd.DataFrame
    code: NDArray[np.int64]
    days: YearDays
    before: YearDays
    event_base: Mapping[tuple[str, str], float]
    event_days: Mapping[str, int]


def _lay_out(dataset: Dataset, forecast: Forecast, outlook: Outlook, year: int) -> _LaidOut:
    groups = outlook.cells[["channel", "category"]].drop_duplicates().sort_values(["channel", "category"])
    groups = groups.reset_index(drop=True)
    law = learn_days(dataset, forecast, groups, np.datetime64(f"{year}-12-31"))
    days = year_days(law, forecast, groups, outlook.year(year), year)
    code, cells = days.cell_codes()
    rows = outlook.cells.assign(month=outlook.cells["month"].astype("datetime64[s]"))
    whole = rows[[*KEYS, "row", "forecast_fen"]].rename(columns={"forecast_fen": "whole"})
    cells = cells.merge(whole, on=KEYS, how="left")
    cells["row"] = cells["row"].fillna(-1).astype(np.int64)
    cells["part"] = cells["forecast_fen"] / cells["whole"].where(cells["whole"] > 0)
    cells["part"] = cells["part"].fillna(0.0)
    before = year_days(law, forecast, groups, outlook.year(year - 1), year - 1)
    names = np.array(before.events, dtype=object)
    sums = np.bincount(before.event.ravel(), (before.actual + before.expected).ravel() / 100.0, len(names))
    base = {("event", str(name)): float(yuan) for name, yuan in zip(names, sums, strict=True) if name and yuan > 0}
    counts = {str(name): int((days.event == place).any(axis=0).sum()) for place, name in enumerate(days.events) if name}
    return _LaidOut(law, cells.drop(columns="whole"), code, days, before, base, {k: n for k, n in counts.items() if n})


def _bent(cells: pd.DataFrame, target: NDArray[np.int64], allocation: Allocation) -> tuple[str, ...]:
    """Months that the goals push far off the forecast's shape, and the goals that do so."""
    expected = (cells["actual_fen"] + cells["forecast_fen"]).groupby(cells["month"]).sum().astype(float)
    wanted = pd.Series(target, cells.index).groupby(cells["month"]).sum() / expected.where(expected > 0)
    whole = float(target.sum()) / max(float(expected.sum()), 1.0)
    off = wanted[(wanted / whole - 1.0).abs() > BENT] - 1.0
    rules = [entry.rule for entry in allocation.report.binding if ": " in entry.rule][:3]
    if off.empty or not rules:
        return ()
    months = ", ".join(f"{month:%Y-%m} {change:+.0%}" for month, change in off.items())
    return (
        f"targets: the goals bend the year: {months} against the forecast; loosen what asks for it: {'; '.join(rules)}",
    )


def _unsaid(outlook: Outlook) -> tuple[str, ...]:
    """What a short history cannot tell."""
    months = int((outlook.origin.astype("datetime64[M]") - np.datetime64(outlook.first_month, "M")).astype(int))
    if months >= HELD_OUT_MONTHS:
        return ()
    return (
        f"targets: {months} months of history: no year could be held out, so chances rest on the default uncertainty "
        "of growth, and what festivals bring is known from few of them",
    )


def round_tree(cells: pd.DataFrame, yuan: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole fen by cell, rounded from the total down to channel, category, month and event by largest remainder."""
    exact = yuan * 100.0
    total = np.array([int(np.rint(exact.sum()))])
    fen: NDArray[np.int64] = total
    parent: NDArray[np.integer] = np.zeros(len(cells), dtype=np.int64)
    levels = [["channel"], ["channel", "category"], KEYS, *([[*KEYS, "event"]] if "event" in cells else [])]
    for keys in levels:
        code = cells.groupby(keys, sort=True).ngroup().to_numpy()
        size = int(code.max(initial=-1)) + 1
        above = np.zeros(size, dtype=np.int64)
        above[code] = parent
        fen, parent = largest_remainder(np.asarray(np.bincount(code, exact, size), dtype=np.float64), above, fen), code
    return np.asarray(fen[parent], dtype=np.int64)


def _alive(dataset: Dataset, day: np.datetime64) -> pd.Series:
    """SKUs by category that have not ended on ``day``."""
    category, skus = categories_of(dataset), dataset["skus"].drop_duplicates("sku")
    if "end_date" in skus:
        category = category[~(skus["end_date"].to_numpy().astype("datetime64[D]") <= day)]
    found: pd.Series = category.value_counts()
    return found


def _ahead(months: pd.DataFrame, cells: pd.DataFrame, ahead: NDArray[np.int64]) -> pd.DataFrame:
    """The months with what is still to be sold of the year's targets."""
    fen = cells.assign(fen=ahead).groupby(KEYS, observed=True)["fen"].sum()
    left = fen.reindex(pd.MultiIndex.from_frame(months[KEYS])).fillna(0).to_numpy(np.int64)
    return months.assign(ahead_fen=left)


def _between(outlook: Outlook, year: int) -> pd.Series:
    """Yuan still expected from now to the year, by category."""
    rows = outlook.cells[outlook.cells["month"].dt.year < year]
    found: pd.Series = rows.groupby("category")["forecast_fen"].sum() / 100.0
    return found


def _months(
    every: pd.DataFrame, cells: pd.DataFrame, target: NDArray[np.int64], forecast: Forecast, year: int
) -> pd.DataFrame:
    """From the running month (or January of a running year) to December of the year."""
    begin = pd.Timestamp(forecast.origin.astype("datetime64[M]").astype("datetime64[s]"))
    between = every[(every["month"] >= begin) & (every["month"].dt.year < year)]
    of_year = (
        cells.assign(target_fen=target)
        .groupby(KEYS, as_index=False)[["actual_fen", "forecast_fen", "target_fen"]]
        .sum()
    )
    frame = pd.concat(
        [between.assign(target_fen=between["actual_fen"] + between["forecast_fen"]), of_year], ignore_index=True
    )
    frame["forecast_fen"] = frame["actual_fen"] + frame["forecast_fen"]
    frame = frame[(frame["forecast_fen"] > 0) | (frame["target_fen"] > 0)]
    frame = frame.astype({"target_fen": "int64"}).sort_values(KEYS, ignore_index=True)
    return pd.DataFrame(frame[[*KEYS, "forecast_fen", "target_fen"]])


def _metrics(
    cells: pd.DataFrame, target: NDArray[np.int64], base: Base, probability: pd.DataFrame, allocation: Allocation
) -> dict[str, float]:
    expected = float((cells["actual_fen"] + cells["forecast_fen"]).sum()) / 100.0
    wanted, total = float(target.sum()) / 100.0, base[("total", "")]
    return {
        "base_yuan": total,
        "forecast_yuan": expected,
        "target_yuan": wanted,
        "target_growth": wanted / total - 1.0 if total > 0 else 0.0,
        "forecast_growth": expected / total - 1.0 if total > 0 else 0.0,
        "probability_total": float(probability["probability"].iloc[0]) if len(probability) else 0.0,
        "distortion_yuan": allocation.report.objective,
    }


def _year(settings: TargetSettings, forecast: Forecast) -> int:
    """The year asked for; it must lie in the long run's months."""
    last_day = forecast.origin.astype("datetime64[D]") - np.timedelta64(1, "D")
    running = int(str(last_day)[:4])
    year = running + 1 if settings.year is None else settings.year
    allowed = (running, running + 1)
    if year not in allowed:
        raise BadInput(
            [
                Problem(
                    "plan.yaml",
                    "targets can be set for the running and the next year only",
                    column="targets.year",
                    value=str(year),
                    expected=" or ".join(map(str, allowed)),
                )
            ]
        )
    return year
