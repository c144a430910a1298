"""Two calendars compared: targets, peak stock and parcels of the same year, event by event and month by month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.another_calendar import EventChange, read_calendar, under_calendar
from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.forecasting.long_run import long_run
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from engine.plans.targets import TargetPlan
from engine.targets.plan import set_targets
from engine.workflow.progress import Progress
from engine.workflow.settings import PlanSettings

STANDING = "standing"
"""Name of the calendar that stands."""
SEASON = "{}: the season holds part of what came every year, so that changes are rough, likely too small"
EVENT = ["first_day", "last_day", "days", "forecast_fen", "target_fen", "stock_units", "peak_day", "peak_fen"]
EVENT += ["peak_parcels"]


@dataclass(frozen=True)
class CalendarsCompared:
    """``totals``: a row a calendar; ``events`` and ``months``: columns of both, ``a_`` and ``b_``; ``notes``."""

    year: int
    names: tuple[str, str]
    totals: pd.DataFrame
    events: pd.DataFrame
    months: pd.DataFrame
    notes: tuple[str, ...]


def compare_calendars(
    workspace: Workspace,
    dataset: Dataset,
    settings: PlanSettings,
    files: tuple[Path | None, Path | None],
    progress: Progress,
) -> CalendarsCompared:
    """The year's targets under two calendar files (None: the calendar that stands), all else the same.

    The long run is forecast anew under each; the weekly forecast stays, so that events within its weeks do.
    """
    forecast = workspace.load_plan("forecast", Forecast)
    if forecast is None:
        raise BadInput([Problem(str(workspace.path), "has no forecast yet", remedy="Run `yunchou forecast`.")])
    changes = [{} if file is None else dict(read_calendar(file).events) for file in files]
    first = forecast.dates[0].astype("datetime64[D]")
    year = settings.targets.year or int(str(first - 1)[:4]) + 1
    plans = []
    for place, change in enumerate(changes):
        progress("targets", f"calendar {place + 1} of 2", place / 2)
        seen = under_calendar(dataset, change, year)
        plans.append(_targets(seen, forecast, settings))
    names = [STANDING if file is None else file.stem for file in files]
    both = names if names[0] != names[1] else [f"{name} {side}" for name, side in zip(names, "AB", strict=True)]
    return CalendarsCompared(
        year,
        (both[0], both[1]),
        pd.DataFrame([_total(name, plan) for name, plan in zip(both, plans, strict=True)]),
        _side_by_side([_events(plan) for plan in plans], ["event", "run"]).drop(columns="run"),
        _side_by_side([_months(plan, year) for plan in plans], ["month"]),
        _notes(plans, changes, forecast),
    )


def _targets(dataset: Dataset, forecast: Forecast, settings: PlanSettings) -> TargetPlan:
    run = Run(settings.seed, settings.threads)
    far = long_run(dataset, forecast.under(), settings.forecast.long_run, run)
    return set_targets(dataset, replace(forecast, long_run=far.table, long_draws=far.draws), settings.targets, run)


def _total(name: str, plan: TargetPlan) -> dict[str, object]:
    assert plan.details is not None
    events = plan.details.events
    every = events[events["channel"] == ""]
    return {
        "calendar": name,
        "forecast_fen": int(plan.details.cells["forecast_fen"].sum()),
        "target_fen": int(plan.details.cells["target_fen"].sum()),
        "probability": float(plan.metrics["probability_total"]),
        "stock_units": int(every["stock_units"].max()) if len(every) else 0,
        "peak_fen": int(every["peak_fen"].max()) if len(every) else 0,
        "peak_parcels": int(every["peak_parcels"].max()) if len(every) else 0,
    }


def _events(plan: TargetPlan) -> pd.DataFrame:
    """Runs of events, all channels together; ``run``: which of a kind in the year."""
    assert plan.details is not None
    rows = plan.details.events
    rows = rows[rows["channel"] == ""].sort_values(["first_day", "event"])
    return rows.assign(run=rows.groupby("event").cumcount())[["event", "run", *EVENT]]


def _months(plan: TargetPlan, year: int) -> pd.DataFrame:
    rows = plan.months[plan.months["month"].dt.year == year]
    return rows.groupby("month", as_index=False)[["forecast_fen", "target_fen"]].sum()


def _side_by_side(tables: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Rows by ``keys`` with the figures of both; 0 and no day where one calendar has no such row."""
    renamed = [
        table.rename(columns={name: f"{side}_{name}" for name in table if name not in keys})
        for table, side in zip(tables, "ab", strict=True)
    ]
    both = renamed[0].merge(renamed[1], on=keys, how="outer")
    columns = [str(name) for name in both]
    numbers = [name for name in columns if name.startswith(("a_", "b_")) and not name.endswith("_day")]
    both[numbers] = both[numbers].fillna(0).round().astype(np.int64)
    order = both[["a_first_day", "b_first_day"]].min(axis=1) if "a_first_day" in both else both["month"]
    found: pd.DataFrame = both.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)
    return found


def _notes(plans: list[TargetPlan], changes: list[dict[str, EventChange]], forecast: Forecast) -> tuple[str, ...]:
    """What both plans say, and what the forecasts cannot see of the changes."""
    until = forecast.dates[-1]
    changed = sorted({name for change in changes for name in change})
    found = [SEASON.format(", ".join(changed))] if changed else []
    for plan, change in zip(plans, changes, strict=True):
        assert plan.details is not None
        rows = plan.details.events
        early = rows[(rows["first_day"].to_numpy() <= until) & rows["event"].isin(list(change))]
        found += [f"{name}: within the weekly forecast, whose weeks keep it as announced" for name in early["event"]]
    said = [note for plan in plans for note in plan.warnings]
    return tuple(dict.fromkeys([*found, *said]))
