from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.response.worlds import small_business, small_business_days
from models.response.adstock import LAGS, adstock
from models.response.by_week import fit_by_week
from models.response.checks import late_ads
from models.response.data import LiftTest, ResponseData, bridged
from models.response.fit import fit_response, roi_prior
from models.response.forms import Form
from models.response.priors import Priors
from models.response.roi_prior import ENDS, RoiPrior
from models.response.saturation import hill
from models.response.verdicts import UNTOLD, warnings

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "mmm"


def _one(spend: np.ndarray, revenue: np.ndarray) -> ResponseData:
    rows = np.atleast_2d(spend)
    names = tuple(f"ad{row}" for row in range(len(rows)))
    weeks = rows.shape[1]
    return ResponseData(names, ("shop",), rows, revenue[None], np.zeros((1, weeks, 0)), np.ones((len(rows), 1)))


def test_the_published_truth_is_reproduced_and_recovered() -> None:
    business = small_business()
    assert business.roas == pytest.approx([13.00, 17.90, 3.20, 43.11], abs=0.01)
    fit = fit_response(business.data, seed=1)
    error = np.abs(fit.roi.mean(axis=0) / business.roas - 1.0)
    assert error.mean() < 0.10  # published packages: 0.086-0.114 on this file
    low, high = np.quantile(fit.roi, [0.05, 0.95], axis=0)
    assert ((low <= business.roas) & (business.roas <= high)).sum() >= 3
    assert fit.metrics["r_hat"] < 1.02
    assert fit.data == ("strong",) * 4


def test_intervals_cover_the_truth_over_many_businesses() -> None:
    inside = []
    for seed in range(6):
        business = small_business(seed)
        low, high = np.quantile(fit_response(business.data, seed=seed).roi, [0.05, 0.95], axis=0)
        inside += list((low <= business.roas) & (business.roas <= high))
    assert 0.75 <= np.mean(inside) <= 1.0


def test_sharp_data_are_met_between_any_two_points_of_the_first_search() -> None:
    rng = np.random.default_rng(7)
    spend = rng.lognormal(5.0, 0.7, (2, 110)) * (rng.random((2, 110)) > 0.25)
    lift = [hill(adstock(row, np.array(0.37), row[:4].mean()), row.mean(), np.array(1.77)) for row in spend]
    sold = sum(6.0 * row.sum() * part / part.sum() for row, part in zip(spend, lift, strict=True))
    fit = fit_response(_one(spend, 3000.0 + 20.0 * rng.standard_normal(110) + sold))
    assert fit.metrics["r_hat"] < 1.05
    assert fit.roi.mean(axis=0) == pytest.approx([6.0, 6.0], rel=0.02)
    assert np.median(fit.curves.slope, axis=0) == pytest.approx([1.77, 1.77], rel=0.05)


def test_the_same_seed_gives_the_same_draws() -> None:
    data = small_business(3, weeks=60).data
    first, second = fit_response(data, seed=5), fit_response(data, seed=5)
    assert (first.roi == second.roi).all()
    assert (first.curves.half_saturation == second.curves.half_saturation).all()


def test_constant_spend_leaves_the_prior() -> None:
    rng = np.random.default_rng(0)
    revenue = 1000.0 + 50.0 * rng.standard_normal(104)
    fit = fit_response(_one(np.full(104, 100.0), revenue))
    believed = RoiPrior(0.0, 2.0).quantiles(ENDS)
    found = np.quantile(fit.roi[:, 0], [0.05, 0.95])
    assert fit.data == (UNTOLD,)
    assert any("always spends the same" in entry for entry in fit.warnings)
    assert found[1] > 0.4 * believed[1]


def test_degenerate_histories_are_defined() -> None:
    rng = np.random.default_rng(1)
    spend = rng.lognormal(5, 0.5, 104)
    never = fit_response(_one(np.stack([spend, np.zeros(104)]), 1000.0 + 2.0 * spend))
    assert never.data[1].startswith("never on") and (never.curves.scale[:, 1] == 0).all()
    silent = fit_response(_one(spend, np.zeros(104)))
    assert (silent.curves.scale == 0).all() and silent.data == (UNTOLD,) and silent.warnings
    twins = fit_response(_one(np.stack([spend, 2.0 * spend]), 1000.0 + 2.0 * spend))
    assert all("moves together" in entry for entry in twins.data)
    for weeks in (1, 2, 3):
        short = _one(spend[:weeks], 1000.0 + 2.0 * spend[:weeks])
        low, middle, high = roi_prior(short, Priors(), 0).quantiles((0.05, 0.5, 0.95))
        found = fit_response(short).roi[:, 0]
        assert np.quantile(found, 0.95) - np.quantile(found, 0.05) > 0.5 * (high - low)
        assert np.median(found) < 2.0 * middle
    for weeks in (1, 5, 30):
        short = fit_response(_one(spend[:weeks], 1000.0 + 2.0 * spend[:weeks]))
        assert np.isfinite(short.roi).all() and "history" in short.warnings[0] and short.data[0] != "strong"


def test_weeks_without_records_say_nothing_and_are_named() -> None:
    business = small_business(2)
    holed = business.data.revenue.copy()
    holed[:, [20, 21, 60]] = 0.0
    fits = [
        fit_response(bridged(replace(business.data, revenue=revenue))) for revenue in (business.data.revenue, holed)
    ]
    assert fits[1].roi.mean(axis=0) == pytest.approx(fits[0].roi.mean(axis=0), rel=0.1)
    assert "no sales at all in 3 of 104 weeks" in fits[1].warnings[0] and not fits[0].warnings
    rare = np.where(np.arange(104) % 2, 0.0, 1000.0)
    assert not bridged(_one(business.data.spend[0], rare)).gap


def test_days_without_records_are_holes_and_single_days_without_a_sale_are_not() -> None:
    spend = np.ones((1, 140))
    revenue = np.full(140, 1000.0)
    revenue[[10, 20, 21, 40, 41, 42]] = 0.0
    data = ResponseData(("a",), ("x",), spend, revenue[None], np.zeros((1, 140, 0)), np.ones((1, 1)), days=1)
    found = bridged(data)
    assert found.gap == (40, 41, 42) and found.revenue[0, 41] == 1000.0 and found.revenue[0, 20] == 0.0
    assert found.controls.shape == (1, 140, 3) and found.until(42).gap == (40, 41)


def test_days_tell_more_than_their_weeks() -> None:
    business = small_business_days(4, 60, ads=3)
    assert business.truth is not None
    fits = [fit_response(data) for data in (business.data, business.data.by_week())]
    low, high = np.quantile(fits[0].roi, [0.01, 0.99], axis=0)
    assert ((low < business.roas) & (business.roas < high)).all()
    widths = [np.ptp(np.quantile(fit.roi, [0.05, 0.95], axis=0), axis=0).mean() for fit in fits]
    assert widths[0] < 0.85 * widths[1] and fits[0].metrics["weeks"] == 60 and fits[0].curves.days == 1
    weekly, data = fit_by_week(fits[0]).curves, business.data.by_week()
    brought = weekly.started(data.spend[:, :4].mean(axis=1)).lift(data.spend).sum(axis=2)
    told = fits[0].roi * data.spend.sum(axis=1)
    assert brought.mean(axis=0) == pytest.approx(told.mean(axis=0), rel=0.05)  # even days bring a little more


def test_ads_by_auction_are_not_credited_with_the_demand_of_their_days() -> None:
    business = small_business_days(3, 60, ads=2, follows=1.0)
    error = np.abs(fit_response(business.data).roi.mean(axis=0) / business.roas - 1.0).mean()
    assert error < 0.7  # 1.6 where demand is foreseen by week alone


def test_what_ran_in_a_few_weeks_only_and_chains_that_do_not_settle_are_named() -> None:
    few = np.where(np.isin(np.arange(104), (60, 61)), 500.0, 0.0)
    data = _one(np.stack([small_business(2).data.spend[1], few]), small_business(2).data.revenue[0])
    fit = fit_response(data)
    assert any("ad1 ran in 2 weeks only" in entry for entry in fit.warnings)
    found = warnings(data, np.ones(2), {"ads_share": 0.2, "r_hat": 1.2, "ess": 50.0})
    assert "R-hat 1.20" in found[-2] and "50 effective draws" in found[-1]


def test_a_lift_test_moves_the_roi_to_what_it_measured() -> None:
    rng = np.random.default_rng(2)
    spend = rng.lognormal(5, 0.1, 104)
    data = _one(spend, 2000.0 + 400.0 * rng.standard_normal(104))
    spent = float(spend[80:88].sum())
    tested = replace(data, tests=(LiftTest("ad0", 80, 87, spent, 3.0 * spent, 0.1 * spent),))
    found = fit_response(tested).roi[:, 0]
    assert found.mean() == pytest.approx(3.0, abs=0.3)
    assert found.std() < 0.5 * fit_response(data).roi[:, 0].std()


def test_a_lift_test_that_the_history_holds_in_part_is_left_out_and_named() -> None:
    rng = np.random.default_rng(2)
    data = _one(rng.lognormal(5, 0.1, 60), 2000.0 + 400.0 * rng.standard_normal(60))
    tests = tuple(LiftTest("ad0", first, first + 7, 1000.0, 9000.0, 10.0) for first in (-4, 56, -30))
    found = fit_response(replace(data, tests=tests))
    assert found.roi == pytest.approx(fit_response(data).roi)
    assert [entry for entry in found.warnings if "lift test" in entry] == [
        "2 lift tests of ad0 lie in part outside of the history: they are not used"
    ]


def test_ads_that_lift_one_shop_are_found_in_that_shop() -> None:
    rng = np.random.default_rng(4)
    spend = rng.lognormal(5, 0.6, (2, 120))
    revenue = 3000.0 + 60.0 * rng.standard_normal((2, 120))
    revenue[0] += 4.0 * spend[0]
    data = ResponseData(("a", "b"), ("x", "y"), spend, revenue, np.zeros((2, 120, 0)), np.eye(2))
    roi = fit_response(data, Priors(ads_share=0.2)).roi.mean(axis=0)
    assert roi[0] == pytest.approx(4.0, rel=0.25)
    assert roi[1] < 1.0


@pytest.mark.parametrize(
    ("file", "revenue", "spends", "factor"),
    [
        ("robyn_dt_simulated_weekly.csv", "revenue", ["tv_S", "ooh_S", "print_S", "facebook_S", "search_S"], None),
        (
            "meridian_national_media.csv",
            "conversions",
            [f"Channel{number}_spend" for number in range(4)],
            "revenue_per_conversion",
        ),
    ],
)
def test_published_files_run(file: str, revenue: str, spends: list[str], factor: str | None) -> None:
    if not (PUBLISHED / file).is_file():
        pytest.skip(f"{PUBLISHED / file} is not here")
    table = pd.read_csv(PUBLISHED / file)
    money = table[revenue] * (table[factor] if factor else 1.0)
    fit = fit_response(_one(table[spends].to_numpy(float).T, money.to_numpy(float)))
    assert np.isfinite(fit.roi).all() and (fit.roi >= 0).all()
    assert fit.metrics["r_hat"] < 1.05


def test_late_effects_are_found_by_their_own_form_and_missed_by_the_geometric_one() -> None:
    form = Form("delayed")
    business = small_business(11, form=form)
    priors = Priors(forms=dict.fromkeys(business.data.ad_channels, form))
    right, plain = fit_response(business.data, priors, seed=2), fit_response(business.data, seed=2)
    errors = [np.abs(fit.roi.mean(axis=0) / business.roas - 1.0).mean() for fit in (right, plain)]
    assert errors[0] < 0.2 and errors[1] > 2.0 * errors[0] and right.metrics["r_hat"] < 1.05
    forms, truth = right.curves.forms, business.truth.forms
    assert forms is not None and truth is not None and plain.curves.forms is None
    low, high = np.quantile(forms.lag_weeks, [0.005, 0.995], axis=0)
    assert ((low <= truth.lag_weeks[0]) & (truth.lag_weeks[0] <= high)).all()
    late = late_ads([business.data], replace(Priors(), forms={"Email": form}), 2)
    assert set(late) == {"Search-Ads", "Social-Media", "Local-Ads"} and min(late.values()) > 0.95
    assert late_ads([small_business(11).data], Priors(), 2) == {}
    assert (forms.past == business.data.spend[:, -(LAGS - 1) :]).all()


def test_ads_of_a_sales_channel_that_has_not_sold_yet_are_assumed_to_do_nothing() -> None:
    rng = np.random.default_rng(0)
    spend, sold = rng.lognormal(5.0, 0.5, (1, 80)), 1000.0 + rng.normal(0.0, 50.0, 80)
    revenue = np.stack([np.zeros(80), sold])
    data = ResponseData(("a",), ("new", "old"), spend, revenue, np.zeros((2, 80, 0)), np.array([[1.0, 0.0]]))
    fit = fit_response(data)
    assert not fit.roi.any() and "no revenue" in fit.warnings[0]
