"""The claimed gain of a split, less what is claimed because the best of noisy estimates is picked.

The best split by an estimate looks better by that estimate than it is (Smith and Winkler 2006, "the optimizer's
curse"). How much is seen by estimating twice: the split that is best by one half of the history is scored by the
curves of the other half. What is left of its gain is the share in which a claim can be believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.budget.feasible import nearest
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.polish import polish
from engine.budget.response import fit_history
from engine.budget.rules import Rules
from engine.budget.score import incremental
from engine.budget.settings import BudgetSettings
from engine.execution.run import Run
from models.response.by_week import curves_by_week
from models.response.curves import ResponseCurves
from models.response.data import ResponseData
from models.response.period import periods

Floats = NDArray[np.float64]
LEAST_WEEKS = 26


@dataclass(frozen=True)
class Belief:
    """``share`` of a claimed gain that is believed, between 0 and 1; ``claimed`` and ``left``: yuan, of both halves.

    ``tested``: False where the history cannot tell; the claim then stands as it is.
    """

    share: float
    claimed: float
    left: float
    tested: bool = True

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, where a part of the claim is not believed or it could not be tested."""
        if not self.tested:
            return (UNTESTED,)
        if round(self.share, 2) >= 1.0:
            return ()
        return (
            f"the gain over today is shown at {self.share:.0%} of its estimate: so much of it is left when one half of "
            "the history picks the split and the other half judges it",
        )


UNKNOWN = Belief(1.0, 0.0, 0.0, tested=False)
UNTESTED = "the gain over today is shown as estimated: the history is too short or too even to test it by its halves"


def halves(data: ResponseData) -> tuple[ResponseData, ResponseData]:
    """The older and the younger half of a history."""
    middle = periods(data.weeks // 2, data.days)
    return data.until(middle), data.since(middle)


def half_curves(
    data: ResponseData, curves: ResponseCurves, settings: BudgetSettings, run: Run
) -> tuple[ResponseCurves, ...]:
    """Curves by week of each half, as they stand at the end of the whole history; nothing where the history is too
    short, or no ad channel ran in both halves.

    A half in which an ad channel did not run says nothing of it: it takes the channel's curve from the whole history.
    """
    parts = halves(data)
    if data.weeks < LEAST_WEEKS or not np.all([half.spend.any(axis=1) for half in parts], axis=0).any():
        return ()
    fits = [curves_by_week(fit_history(half, settings, run).curves).dearer(settings.click_price) for half in parts]
    ran = [np.asarray(half.spend.any(axis=1)) for half in parts]
    return tuple(fit.filled(curves, half).continued(curves) for fit, half in zip(fits, ran, strict=True))


def belief(
    estimates: tuple[ResponseCurves, ...], model: PlanningModel, rules: Rules, worth: Worth, today: Floats
) -> Belief:
    """What is left of the gain of each half's best split when the other half scores it; unknown without
    estimates, or where neither half sees a better split."""
    if len(estimates) < 2:
        return UNKNOWN
    mean = replace(worth, care=0.0)
    models = [PlanningModel(curves, model.weeks, model.tail, _even(curves)) for curves in estimates]
    pattern = rules.terms.pattern_of(today)
    start = (today, pattern) if not rules.broken(today, pattern, 0.01) else nearest(rules, today)
    splits = [polish(own, rules, mean, *start).spend for own in models]

    def gain(place: int, judge: int) -> float:
        moved = incremental(models[judge], splits[place]) - incremental(models[judge], start[0])
        cash = (rules.terms.rates(start[1])[:, None] * (splits[place] - start[0])).sum()
        return float((moved @ worth.margin).mean() - worth.cost * cash)

    claimed, left = gain(0, 0) + gain(1, 1), gain(0, 1) + gain(1, 0)
    return Belief(float(np.clip(left / claimed, 0.0, 1.0)), claimed, left) if claimed > 0 else UNKNOWN


def believed(gains: Floats, found: Belief) -> Floats:
    """Gains by draw, shrunk by their mean's unbelieved part, which also widens them: it is itself only an estimate.
    Losses are not made smaller.

    >>> believed(np.array([1.0, 3.0]), Belief(0.5, 2.0, 1.0)).round(2).tolist()
    [-0.41, 2.41]
    """
    mean, spread = float(gains.mean()), float(gains.std())
    if mean <= 0.0:
        return gains
    taken = (1.0 - found.share) * mean
    wider = np.hypot(spread, taken) / spread if spread > 0 else 1.0
    return np.asarray(found.share * mean + wider * (gains - mean))


def _even(curves: ResponseCurves) -> Floats:
    return np.full(curves.draws, 1.0 / curves.draws)
