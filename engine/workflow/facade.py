"""Yunchou from Python: the same as the command line, which is a thin layer over this.

>>> import engine
>>> merchant = engine.open(demo_workspace)
>>> forecast = merchant.forecast()
>>> forecast.mean.shape == (len(forecast.series), len(forecast.dates))
True
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engine.data.dataset import Dataset
from engine.data.overrides import read_overrides
from engine.data.store import Workspace
from engine.plans.errors import Infeasible, MissingInput
from engine.workflow.progress import Progress, quiet
from engine.workflow.settings import PlanSettings, load_settings, with_replenish_method

# Solvers, LightGBM and MLflow take seconds to import; whoever only asks or loads data does not wait for them.
if TYPE_CHECKING:
    import pandas as pd

    from engine.budget.explain import ChannelExplanation
    from engine.budget.response import ResponseReport
    from engine.data.importing.options import ImportOptions, ImportReport
    from engine.data.quality import Finding
    from engine.forecasting.explain import Explanation
    from engine.forecasting.progress import Reforecast
    from engine.forecasting.value_added import ValueAdded
    from engine.forecasting.whatif import WhatIf
    from engine.plans.alerts import Alerts
    from engine.plans.budget import BudgetPlan
    from engine.plans.forecast import Forecast
    from engine.plans.orders import OrderPlan
    from engine.plans.override import Override
    from engine.plans.parts import Plan
    from engine.plans.replay import Replay
    from engine.plans.review import Review
    from engine.plans.suppliers import SupplierReport
    from engine.plans.targets import TargetPlan
    from engine.replenishment.explain import LineExplanation
    from engine.targets.bridge import Bridge
    from engine.tracking.record import RunRecord
    from engine.workflow.calendars import CalendarsCompared
    from engine.workflow.orders import HandedOut
    from engine.workflow.pipeline import RunResult
    from engine.workflow.reproduce import Reproduction
    from engine.workflow.targets import Tracked
    from engine.workflow.versions import Version


class Merchant:
    """A workspace that has been opened. ``config`` names another settings file than its own plan.yaml.

    Single stages reuse the stored plans of earlier stages where nothing they depend on has changed.
    """

    def __init__(self, path: str | Path, config: str | Path | None = None, progress: Progress = quiet) -> None:
        self.workspace = Workspace.open(path)
        self._written = load_settings(Path(config) if config else self.workspace.settings_file, self.workspace.path)
        self._progress = progress
        self._reload_overrides()

    @property
    def dataset(self) -> Dataset:
        """The merchant's tables, as of the date in the settings."""
        dataset = self.workspace.dataset()
        return dataset if self.settings.as_of is None else dataset.as_of(self.settings.as_of)

    def check(self) -> list[Finding]:
        """What is good and bad about the data, and what it does to the plans."""
        from engine.data.quality import health

        return health(self.dataset)

    def write_health(self, findings: Sequence[Finding]) -> Path:
        """The findings as a page under ``reports/``."""
        from engine.reports.health import write_health

        merchant = self.settings.merchant or self.workspace.path.resolve().name
        return write_health(self.workspace.reports, findings, self.dataset, merchant, self.settings.report.language)

    def load(self, *paths: str | Path, options: ImportOptions | None = None) -> ImportReport:
        """Load files, folders or databases as platforms and ERPs give them, our own CSV tables among them."""
        from engine.data.importing.options import ImportOptions
        from engine.data.importing.run import import_files

        return import_files(
            self.workspace,
            paths,
            options or ImportOptions(),
            lambda text, share: self._progress("import", text, share),
        )

    def query(self, sql: str, as_of: date | None = None) -> pd.DataFrame:
        """The answer to one SELECT over the tables of the current snapshot."""
        from engine.data.query import query

        return query(self.workspace.snapshot_folder("current"), sql, as_of or self.settings.as_of)

    def backtest(self, quick: bool = False) -> pd.DataFrame:
        """Errors of the forecast, its parts and simple yardsticks at past origins; ``quick``: fitted once only."""
        from engine.execution.run import Run
        from engine.forecasting.backtest import backtest

        run = Run(
            self.settings.seed, self.settings.threads, lambda text, share: self._progress("backtest", text, share)
        )
        settings = self.settings.forecast.model_copy(update={"quick": quick or self.settings.forecast.quick})
        return backtest(self.dataset, settings, self.settings.frequency, run)

    def forecast(self) -> Forecast:
        """What will sell."""
        return cast("Forecast", self._plan("forecast"))

    def reforecast(self, at: str) -> Reforecast:
        """Event days of the last forecast again, by what was known at a moment such as 2026-11-11 03:00."""
        from engine.workflow.people import updated

        return updated(self.workspace, self.settings, self.dataset, at)

    def override(self, **said: str | None) -> Override:
        """Say better than the model: columns of overrides.csv as texts, such as ``kind="set", value="500"``."""
        from engine.data.overrides import add_override

        made = add_override(self.workspace.path, said, self.dataset)
        self._reload_overrides()
        return made

    def remove_override(self, number: int) -> Override:
        """Take an override back."""
        from engine.data.overrides import remove_override

        gone = remove_override(self.workspace.path, number, self.dataset)
        self._reload_overrides()
        return gone

    def value_added(self) -> ValueAdded:
        """Whether overrides whose time is over came closer to sales than the model."""
        from engine.workflow.people import judged

        return judged(self.workspace, self.settings, self.dataset)

    def explain(self, sku: str, when: str, channel: str | None = None) -> Explanation:
        """The parts of a number of the last forecast; ``when``: 2026-11-11, 2026-W45, 2026-11 or a span with ``..``."""
        from engine.workflow.people import explained

        return explained(self.workspace, self.settings, sku, channel, when)

    def explain_order(self, line: str) -> LineExplanation:
        """Why a line of the last order plan has its quantity; ``line``: its number from 1, or SKU@WAREHOUSE."""
        from engine.workflow.orders import line_explained

        return line_explained(self.workspace, self.settings, line)

    def explain_ads(self, ad_channel: str) -> ChannelExplanation:
        """Why an ad channel gets more or less in the last budget."""
        from engine.budget.explain import explain_channel
        from engine.plans.budget import BudgetPlan
        from engine.plans.errors import BadInput, Problem

        plan = self.workspace.load_plan("budget", BudgetPlan)
        if plan is None:
            raise BadInput([Problem(str(self.workspace.path), "has no budget yet", remedy="Run `yunchou budget`.")])
        return explain_channel(plan, ad_channel)

    def what_if(self, file: str | Path) -> WhatIf:
        """Units and revenue under the prices, promotions and ad spend of a YAML file."""
        from engine.workflow.people import imagined

        return imagined(self.workspace, self.settings, Path(file))

    def review(self) -> Review:
        """The past year against the year before."""
        from engine.workflow.review import reviewed

        return reviewed(self.workspace, self.dataset, self.settings, self._progress)

    def targets(self) -> TargetPlan:
        """Next year's targets."""
        return cast("TargetPlan", self._plan("targets"))

    def response(self, checks: bool = True) -> ResponseReport:
        """What each ad channel brings, by the same fit as the budget's; ``checks``: holdout and placebo too."""
        from engine.budget.response import study_response
        from engine.execution.run import Run

        run = Run(
            self.settings.seed, self.settings.threads, lambda text, share: self._progress("response", text, share)
        )
        settings = self.settings
        return study_response(self.dataset, settings.budget, settings.frequency, run, checks, settings.price_protection)

    def bridge(self) -> Bridge:
        """What closes the gap between the forecast and the targets, the cheapest lever first."""
        from engine.workflow.targets import bridged

        return bridged(self.workspace, self.dataset, self.settings)

    def open_to_buy(self) -> pd.DataFrame:
        """What may be bought by category and month, at cost without VAT, fen."""
        from engine.workflow.targets import standing_targets

        return standing_targets(self.workspace)[1].open_to_buy

    def progress(self, day: date | None = None) -> Tracked:
        """How far the year of ``day`` has come against its targets."""
        from engine.workflow.targets import tracked

        return tracked(self.workspace, self.dataset, self.settings, day)

    def calendars(self, first: str | Path | None, second: str | Path | None = None) -> CalendarsCompared:
        """The year's targets under two calendar files; None is the calendar that stands."""
        from engine.workflow.calendars import compare_calendars

        files = (Path(first) if first else None, Path(second) if second else None)
        return compare_calendars(self.workspace, self.dataset, self.settings, files, self._progress)

    def versions(self) -> tuple[Version, ...]:
        """Every set of targets so far, who proposed it, what changed, and who approved it."""
        from engine.workflow.versions import versions

        return versions(self.workspace)

    def approve(self, number: int, who: str) -> Version:
        """Approve a version of the targets: budget, orders, reports and progress go by it from now on."""
        from engine.workflow.versions import approve

        return approve(self.workspace, number, who)

    def budget(self) -> BudgetPlan:
        """Next quarter's ad budget."""
        return cast("BudgetPlan", self._plan("budget"))

    def replenish_by(self, method: str) -> None:
        """From now on plan orders by this method: ``auto``, ``decomposition`` or ``milp``."""
        self._written = with_replenish_method(self._written, method)
        self._reload_overrides()

    def replenish(self) -> OrderPlan:
        """What to buy."""
        return cast("OrderPlan", self._plan("replenish"))

    def hand_out(self, folder: str | Path, weeks: int = 1, replace: bool = False) -> HandedOut:
        """The order lines of the next weeks as one workbook a supplier and one CSV for an ERP."""
        from engine.workflow.orders import hand_out

        return hand_out(self.workspace, self.settings, Path(folder), weeks, replace)

    def alerts(self) -> Alerts:
        """What needs a look, most money at stake first; from the stored plans."""
        from engine.workflow.watch import watched

        return watched(self.workspace, self.settings, self._progress)

    def suppliers(self) -> SupplierReport:
        """How suppliers delivered, top items that have only one, and what better terms would bring the last plan."""
        from engine.plans.orders import OrderPlan
        from engine.workflow.watch import judged_suppliers

        return judged_suppliers(self.dataset, self.settings, self.workspace.load_plan("replenish", OrderPlan))

    def simulate(self) -> Replay:
        """How the orders fare on demand that the plan has not seen."""
        return cast("Replay", self._plan("simulate"))

    def report(self) -> tuple[Path, ...]:
        """Workbooks and page of the current plans."""
        return self.run_stage("report").files

    def run_stage(self, stage: str) -> RunResult:
        """One stage; those before it only where their stored plan is out of date."""
        from engine.workflow.pipeline import closure, run_stages
        from engine.workflow.stages import listed

        needed = closure([stage], listed(self.settings))
        reuse = self.settings.stages if stage == "report" else [name for name in needed if name != stage]
        return run_stages(self.workspace, self.settings, [stage], self._progress, reuse)

    def run(self, stages: Sequence[str] | None = None, resume: bool = False) -> RunResult:
        """All stages of the settings; ``resume`` goes on after the last one that was finished."""
        from engine.workflow.pipeline import run_stages

        names = list(stages or self.settings.stages)
        return run_stages(self.workspace, self.settings, names, self._progress, names if resume else ())

    def runs(self, limit: int = 50) -> list[RunRecord]:
        """The latest recorded runs, newest first."""
        from engine.tracking.record import open_tracker

        tracker = open_tracker(self.workspace.path)
        try:
            return tracker.runs(limit)
        finally:
            tracker.close()

    def reproduce(self, run_id: str) -> Reproduction:
        """Repeat a recorded run and compare its plans to the byte."""
        from engine.workflow.reproduce import reproduce

        return reproduce(self.workspace, run_id, self._progress)

    def _reload_overrides(self) -> None:
        made = (*self._written.overrides, *read_overrides(self.workspace.path))
        self.settings: PlanSettings = self._written.model_copy(update={"overrides": made})

    def _plan(self, stage: str) -> Plan:
        result = self.run_stage(stage)
        if stage in result.plans:
            return result.plans[stage]
        outcome = result.stages[stage]
        if outcome.status == "infeasible":
            raise Infeasible(outcome.relaxations)
        raise MissingInput(stage, outcome.message)
