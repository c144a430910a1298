"""Settings of all rooms in one YAML file, which may extend others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from engine.budget.settings import BudgetSettings
from engine.data.configs import config_path
from engine.forecasting.settings import ForecastSettings
from engine.plans.errors import BadInput, Problem
from engine.plans.override import Override
from engine.plans.price_protection import PriceProtection
from engine.plans.settings import Settings
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.approval import ApprovalSettings
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults
from engine.replenishment.supplier_settings import SupplierSettings
from engine.reports.settings import ReportSettings
from engine.simulation.settings import SimulationSettings
from engine.targets.review.settings import ReviewSettings
from engine.targets.settings import TargetSettings

StageName = Literal["forecast", "targets", "budget", "replenish", "simulate", "report"]
ALL_STAGES: tuple[StageName, ...] = ("forecast", "targets", "budget", "replenish", "simulate", "report")


class PlanSettings(Settings):
    """Everything that plan.yaml can say."""

    merchant: str = ""
    """Name on the reports."""
    seed: int = 1
    """Seed of every random draw."""
    threads: int = Field(2, ge=1)
    """Threads of the heavy kernels; part of what makes a result repeatable to the byte."""
    frequency: Literal["D", "W"] = "D"
    """Grain of the demand history: days or weeks."""
    as_of: date | None = None
    """Plan with what was known at the end of this day (default: everything)."""
    stages: tuple[StageName, ...] = ALL_STAGES
    """Stages of `yunchou run`, in this order."""
    forecast: ForecastSettings = ForecastSettings()
    overrides: tuple[Override, ...] = ()
    """What people know better than the model; `yunchou override` keeps them in overrides.csv, not here."""
    price_protection: PriceProtection = PriceProtection()
    """Price protection (价保), counted in the review, the ad budget and the markdowns."""
    review: ReviewSettings = ReviewSettings()
    targets: TargetSettings = TargetSettings()
    budget: BudgetSettings = BudgetSettings()
    replenish: ReplenishSettings = ReplenishSettings()
    supply_defaults: SupplyDefaults | None = None
    """Stand in for missing supply tables; every line that uses one is marked assumed."""
    approval: ApprovalSettings = ApprovalSettings()
    suppliers: SupplierSettings = SupplierSettings()
    alerts: AlertSettings = AlertSettings()
    simulate: SimulationSettings = SimulationSettings()
    report: ReportSettings = ReportSettings()


def load_settings(file: Path, home: Path | None = None) -> PlanSettings:
    """Read a settings file with all that it extends, beside it, in ``home`` (the workspace) or shipped; every problem
    in one :class:`BadInput`."""
    return parse_settings(_read(file, (), home), str(file))


def parse_settings(content: dict[str, Any], origin: str) -> PlanSettings:
    """Validate settings that are already a mapping; ``origin`` names them in messages."""
    try:
        return PlanSettings.model_validate(content)
    except ValidationError as error:
        raise BadInput([_problem(origin, entry) for entry in error.errors()]) from None


def with_replenish_method(settings: PlanSettings, method: str) -> PlanSettings:
    """The settings with another ``replenish.method``."""
    content = settings.model_dump(mode="json")
    content["replenish"]["method"] = method
    return parse_settings(content, "--method")


def dump_settings(settings: PlanSettings) -> str:
    """All settings as YAML, defaults included, in a stable order."""
    return yaml.safe_dump(settings.model_dump(mode="json"), allow_unicode=True, sort_keys=True)


def _read(file: Path, seen: tuple[Path, ...], home: Path | None) -> dict[str, Any]:
    if file.resolve() in seen:
        raise BadInput([Problem(str(file), "extends itself", remedy="Remove the circle of extends:")])
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput([Problem(str(file), "there is no such settings file")]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        row = None if mark is None else mark.line + 1
        raise BadInput(
            [Problem(str(file), f"is not valid YAML: {getattr(error, 'problem', error)}", row=row)]
        ) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BadInput([Problem(str(file), "is not a mapping", expected="lines such as `seed: 1`")])
    parent = content.pop("extends", None)
    if parent is None:
        return content
    if not isinstance(parent, str):
        raise BadInput([Problem(str(file), "extends: names no file", column="extends", value=repr(parent))])
    return _merge(_read(_extended(file, parent, home), (*seen, file.resolve()), home), content)


def _extended(file: Path, parent: str, home: Path | None) -> Path:
    """The file that ``extends:`` names: beside the settings, in the workspace, or one that is shipped."""
    for folder in (file.parent, *([home] if home is not None else [])):
        if (folder / parent).is_file():
            return folder / parent
    try:
        return config_path(parent)
    except FileNotFoundError:
        raise BadInput(
            [
                Problem(
                    str(file),
                    "extends a file that is not there",
                    column="extends",
                    value=parent,
                    expected="a file beside it, or one of the shipped configs",
                )
            ]
        ) from None


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``over`` wins; mappings are merged key by key, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _problem(origin: str, error: Any) -> Problem:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return Problem(
            origin,
            f"unknown key {place}",
            column=place,
            value=str(error["input"]),
            remedy="Check the spelling; `configs/defaults.yaml` lists every key.",
        )
    return Problem(origin, error["msg"], column=place, value=repr(error["input"])[:80])
