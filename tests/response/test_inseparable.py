from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.response.worlds import small_business
from models.response.fit import fit_response
from models.response.inseparable import inseparable
from models.response.priors import Priors
from models.response.summary import channel_summary, together


def _free(seed: int, count: int, weeks: int = 100) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(3.0, 0.6, (count, weeks))


def test_each_way_of_moving_together_is_one_group() -> None:
    a, b, c, d = _free(1, 4)
    jitter = 1.0 + 0.01 * np.random.default_rng(2).standard_normal(100)
    assert inseparable(np.stack([a, b, c, d])) == ()
    assert inseparable(np.stack([a, b, 3.0 * a * jitter])) == ((0, 2),)
    assert inseparable(np.stack([a, b, c, (a + 2.0 * b) * jitter])) == ((0, 1, 3),)  # the total of two
    assert inseparable(np.stack([a, 1000.0 - a * jitter, b])) == ((0, 1),)  # a fixed sum shared out
    assert inseparable(np.stack([a, b, 2.0 * a, 3.0 * a, c])) == ((0, 2, 3),)  # three alike
    assert inseparable(np.stack([a, b, a + b, c, d, c + d])) == ((0, 1, 2), (3, 4, 5))
    assert inseparable(np.stack([a, 2.0 * a, b, 3.0 * a + b])) == ((0, 1, 2, 3),)  # a pair within a total
    assert inseparable(np.stack([np.full(100, 5.0), np.zeros(100), a])) == ()
    assert inseparable(np.zeros((0, 10))) == ()


@given(st.permutations(range(5)), st.lists(st.floats(0.01, 1000), min_size=5, max_size=5))
def test_neither_order_nor_currency_matters(order: list[int], units: list[float]) -> None:
    a, b, c, d = _free(3, 4)
    spend = np.stack([a, b, c, a + b, d]) * np.array(units)[:, None]
    assert inseparable(spend[order]) == (tuple(sorted(order.index(row) for row in (0, 1, 3))),)


def test_a_group_is_named_and_its_sum_is_told() -> None:
    business = small_business(4)
    data = business.data
    usual = data.spend / data.spend.std(axis=1, keepdims=True)
    spend = np.concatenate([data.spend, 100.0 * (usual[:1] + usual[1:2])])
    idle = replace(data, ad_channels=(*data.ad_channels, "both"), spend=spend, split=np.ones((5, 1)))
    fit = fit_response(idle, seed=1)
    names = ["Search-Ads", "Social-Media", "both"]
    told = [entry for name, entry in zip(idle.ad_channels, fit.data, strict=True) if name in names]
    assert all(entry.endswith("they cannot be told apart") for entry in told)
    assert told[0] == "moves together with Social-Media, both: they cannot be told apart"
    assert "told apart" not in fit.data[2] + fit.data[3]
    (group,) = together(fit, idle)
    assert group["channels"] == names
    spent, alone = spend[[0, 1, 4]].sum(axis=1), channel_summary(fit, idle, 4, Priors())
    truth = business.roas[:2] @ spent[:2] / spent.sum()
    assert group["roi_low"] < truth < group["roi_high"]
    assert group["roi_high"] - group["roi_low"] < 0.7 * (alone["roi_high"] - alone["roi_low"])
    assert group["roi"] == pytest.approx(truth, rel=0.3)
