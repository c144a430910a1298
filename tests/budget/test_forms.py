"""Ad channels that work late or saturate otherwise: planned, scored, kept, refused."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engine.budget.objective import Worth
from engine.budget.plan import plan_budget
from engine.budget.planning import PlanningModel
from engine.budget.response import study_response
from engine.budget.rules import Rule, Rules
from engine.budget.score import incremental
from engine.budget.search import Search, best_split
from engine.budget.settings import BudgetSettings, ChannelResponse
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput
from engine.reports.words import Words
from models.response.adstock import LAGS
from models.response.curves import ResponseCurves
from models.response.forms import Forms
from tests.budget.merchant import ADS, forecast, merchant, varied

SETTINGS = BudgetSettings(
    weeks=5,
    nodes=2,
    frontier=(1.0,),
    response={
        "种草": ChannelResponse(carry="delayed", weeks=(1.0, 4.0), roi=(0.5, 6.0), half_week_yuan=(5e3, 4e4)),
        "千川": ChannelResponse(carry="weibull", saturation="logistic"),
        "直通车": ChannelResponse(saturation="logistic"),
        "京东快车": ChannelResponse(carry="auto"),
    },
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return merchant(weeks=60)


@pytest.fixture(scope="module")
def plan(dataset: Dataset) -> BudgetPlan:
    return plan_budget(dataset, forecast(dataset), SETTINGS, Run(1))


def test_a_plan_of_ads_that_were_fitted_by_day_has_weeks_and_is_kept(dataset: Dataset) -> None:
    asked = SETTINGS.model_copy(update={"by": "day", "nodes": 0})
    plan = plan_budget(varied(dataset), forecast(dataset), asked, Run(1))
    assert plan.curves.days == 7 and plan.curves.forms is not None and plan.curves.forms.fitted == 1
    kept = BudgetPlan.from_parts(plan.to_parts())
    assert kept.curves.forms is not None and kept.curves.forms.weights.shape[2] == LAGS
    spend = plan.spend_yuan(
        plan.reference["week"].to_numpy(), plan.reference[list(plan.curves.ad_channels)].to_numpy().T
    )
    assert kept.curves.lift(spend) == pytest.approx(plan.curves.lift(spend))
    assert plan.split["spend_fen"].sum() == pytest.approx(plan.split["today_fen"].sum(), rel=1e-6)
    assert plan.metrics["response_weeks"] == 60


def _model(late: bool) -> PlanningModel:
    """Two draws of three ad channels; the last two are logistic, one of them delayed where asked for."""
    rng, both = np.random.default_rng(3), np.ones((2, 3))
    bent = np.array([0.0, 1.0, 1.0]) * both
    carry = np.array([0.0, 0.0, float(late)]) * both
    forms = Forms(carry, 0.5 * carry, 2.0 * carry, bent, rng.uniform(0.0, 90.0, (3, LAGS - 1)))
    values = [rng.uniform(*edges, (2, 3)) for edges in ((0.2, 0.6), (30, 90), (1.0, 3.0), (100, 300), (0, 50))]
    curves = ResponseCurves(("a", "b", "c"), ("shop",), *values, np.ones((3, 1)), forms)
    return PlanningModel.of(curves, 4, np.full((3, 4), 40.0))


def test_the_planning_model_bends_as_the_curves_do_and_knows_how_steep() -> None:
    model = _model(late=False)
    curves = model.curves
    same = replace(curves, carryover=0.0 * curves.carryover + model.carryover, start=0.0 * curves.start + model.start)
    spend = np.random.default_rng(4).uniform(10.0, 90.0, (3, 4))
    assert model.by_draw(spend) == pytest.approx(same.lift(model.with_tail(spend)).sum(axis=2))
    for cell in ((0, 1), (1, 0), (2, 3)):
        step = np.zeros((3, 4))
        step[cell] = 1e-4
        rise = (model.by_draw(spend + step) - model.by_draw(spend - step))[:, cell[0]] / 2e-4
        assert model.slopes(spend)[:, cell[0], cell[1]] == pytest.approx(rise, rel=1e-5)


def test_a_split_over_logistic_curves_is_the_best_of_all_within_its_bound() -> None:
    curves = _model(late=False).curves
    model = PlanningModel.of(curves, 1, np.zeros((3, 1)))
    upper = np.full((3, 1), 200.0)
    everything = Rule("total budget", np.ones((3, 1), dtype=bool), 150.0, 150.0, "", True)
    rules = Rules.plain(curves.ad_channels, 0.0 * upper, upper, (everything,))
    split = best_split(model, rules, Worth(np.ones(3)), np.full((3, 1), 50.0), Search(0.002, 16))
    places = np.linspace(0.0, 150.0, 61)
    worths = [model.value(np.array([[a], [b], [150.0 - a - b]])) for a, b in product(places, places) if a + b <= 150.0]
    best = (max(worths) - model.value(0.0 * upper)) * 100.0
    assert split.report.objective >= best * (1 - 1e-3) and split.report.bound >= best


def test_late_effects_are_scored_as_they_come_whatever_the_weeks_were_sought_with() -> None:
    model, spend = _model(late=True), np.zeros((3, 4))
    spend[2, 0] = 80.0
    curves = replace(model.curves, forms=replace(model.curves.forms, past=np.zeros((3, LAGS - 1))))  # type: ignore[type-var]
    weeks = curves.lift(spend)[:, 2].mean(axis=0)
    assert weeks.argmax() == 2
    brought = incremental(replace(model, curves=curves, tail=np.zeros((3, 0))), spend)[:, 2]
    assert brought == pytest.approx(curves.lift(spend)[:, 2].sum(axis=1))


def test_the_plan_says_which_channels_work_late_and_keeps_their_forms(plan: BudgetPlan) -> None:
    late = [note for note in plan.warnings if "mean lag" in note]
    assert {"千川", "种草"} <= {note.split()[2] for note in late} <= {"千川", "种草", "京东快车"}
    assert all("几何衰减" in Words("zh").label(note) for note in late)
    assert "geometrically" in Words("en").label(late[0])
    again = BudgetPlan.from_parts(plan.to_parts()).curves
    spend = plan.spend_yuan(plan.reference["week"].to_numpy()[:5], np.zeros((len(ADS), 5)))
    assert (again.lift(spend) == plan.curves.lift(spend)).all()
    assert plan.report.bound >= plan.report.objective


def test_the_response_names_forms_and_their_parameters(dataset: Dataset) -> None:
    found = study_response(dataset, SETTINGS, "D", Run(1), checks=False).channels
    assert (found["种草"]["carry"], found["种草"]["saturation"]) == ("delayed", "hill")
    assert 1.0 <= found["种草"]["delay_weeks_low"] <= found["种草"]["delay_weeks"] <= 4.0
    assert found["种草"]["prior_roi_low"] == pytest.approx(0.5) and found["千川"]["prior_roi_low"] != pytest.approx(0.5)
    assert found["种草"]["prior_half_saturation_high"] == pytest.approx(4e4, rel=0.01)
    assert found["千川"]["weibull_weeks"] > 0 and found["千川"]["delay_weeks"] is None
    assert found["直通车"]["slope_low"] == pytest.approx(found["直通车"]["slope_high"])
    assert sum(found["京东快车"]["carry_shares"].values()) == pytest.approx(1.0) and found["种草"]["carry_shares"] == {
        "delayed": 1.0
    }
    assert len({tuple(sorted(numbers)) for numbers in found.values()}) == 1


def test_forms_of_unknown_channels_and_impossible_weeks_are_refused(dataset: Dataset) -> None:
    named = BudgetSettings(response={"没有": ChannelResponse(carry="delayed")}, channels={"也没有": {}})  # type: ignore[dict-item]
    with pytest.raises(BadInput) as caught:
        plan_budget(dataset, forecast(dataset), named, Run(1))
    assert [problem.value for problem in caught.value.problems] == ["也没有", "没有"]
    for bad, named in (
        ({"carry": "delayed", "carryover": (0.1, 0.2)}, "仅用于"),
        ({"roi": (4.0, 2.0)}, "下限"),
        ({"roi": (-1.0, 2.0)}, "下限"),
        ({"half_week_yuan": (0.0, 9.0)}, "须大于 0"),
        ({"carryover": (0.5, 1.0)}, "须小于"),
    ):
        with pytest.raises(ValueError, match=named):
            ChannelResponse(**bad)  # type: ignore[arg-type]
    for bad in (
        {"carry": "geometric", "weeks": (1.0, 2.0)},
        {"carry": "delayed", "weeks": (3.0, 2.0)},
        {"carry": "delayed", "weeks": (3.0, 40.0)},
        {"carry": "weibull", "weeks": (0.0, 2.0)},
    ):
        with pytest.raises(ValueError, match="weeks"):
            ChannelResponse(**bad)
