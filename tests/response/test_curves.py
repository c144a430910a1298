from dataclasses import replace

import numpy as np
import pytest

from models.response.adstock import LAGS, delayed, weibull
from models.response.curves import ResponseCurves
from models.response.forms import Forms


def test_lift_falls_on_sales_channels_by_the_split() -> None:
    one = np.ones((1, 1))
    curves = ResponseCurves(("a",), ("x", "y"), 0 * one, 10 * one, one, 100 * one, 0 * one, np.array([[0.25, 0.75]]))
    assert curves.lift_by_channel(np.array([[10.0]])) == pytest.approx(np.array([[12.5], [37.5]]))


@pytest.fixture
def mixed() -> ResponseCurves:
    """Two draws of three ad channels: geometric with Hill, delayed with a logistic, Weibull with Hill."""
    rng = np.random.default_rng(0)
    both = np.ones((2, 3))
    forms = Forms(
        np.array([0.0, 1.0, 2.0]) * both,
        rng.uniform(0.3, 0.9, (2, 3)) + np.array([0.0, 0.0, 1.0]),
        rng.uniform(1.0, 4.0, (2, 3)),
        np.array([0.0, 1.0, 0.0]) * both,
        rng.uniform(0.0, 100.0, (3, LAGS - 1)),
    )
    half, slope, scale, start = (rng.uniform(*edges, (2, 3)) for edges in ((20, 80), (0.8, 2.5), (500, 900), (0, 60)))
    carryover = rng.uniform(0.1, 0.8, (2, 3))
    return ResponseCurves(("a", "b", "c"), ("x",), carryover, half, slope, scale, start, np.ones((3, 1)), forms)


def test_every_draw_lifts_by_its_own_form_with_what_past_spend_carries_in(mixed: ResponseCurves) -> None:
    spend = np.random.default_rng(1).uniform(0.0, 100.0, (3, 6))
    found, forms = mixed.lift(spend), mixed.forms
    assert forms is not None
    for draw in range(2):
        for ad, law in enumerate((None, delayed, weibull)):
            half, slope, scale = (getattr(mixed, name)[draw, ad] for name in ("half_saturation", "slope", "scale"))
            stock, line = mixed.start[draw, ad], [*forms.past[ad], *spend[ad]]
            for week in range(6):
                if law is None:
                    stock = (1 - mixed.carryover[draw, ad]) * spend[ad, week] + mixed.carryover[draw, ad] * stock
                else:
                    weights = law(forms.lag_shape[draw, ad], forms.lag_weeks[draw, ad])
                    stock = sum(weights[lag] * line[LAGS - 1 + week - lag] for lag in range(LAGS))
                decay = np.exp(-np.log(3.0) / half * stock)
                share = (1 - decay) / (1 + decay) if ad == 1 else stock**slope / (stock**slope + half**slope)
                assert found[draw, ad, week] == pytest.approx(scale * share)


def test_dearer_clicks_bring_the_same_for_so_much_more_money(mixed: ResponseCurves) -> None:
    spend = np.random.default_rng(2).uniform(0.0, 100.0, (3, 5))
    assert mixed.dearer(1.3).lift(1.3 * spend) == pytest.approx(mixed.lift(spend))


def test_a_level_kept_up_brings_the_same_every_week(mixed: ResponseCurves) -> None:
    level = np.array([30.0, 50.0, 70.0])
    lift = mixed.started(level).lift(np.repeat(level[:, None], 4, axis=1))
    assert lift == pytest.approx(np.repeat(lift[:, :, :1], 4, axis=2))
    assert lift[:, 1, 0] == pytest.approx(mixed.steady(1, level)[:, 1])


def test_half_a_history_takes_what_it_did_not_see_from_the_whole(mixed: ResponseCurves) -> None:
    plain = replace(mixed, forms=None, carryover=0.5 * mixed.carryover)
    kept = np.array([True, False, True])
    spend = np.full((3, 4), 40.0)
    found = plain.filled(mixed, kept).continued(mixed)
    assert found.lift(spend)[:, 1] == pytest.approx(mixed.lift(spend)[:, 1])
    assert found.lift(spend)[:, 2] == pytest.approx(plain.continued(mixed).lift(spend)[:, 2])
