"""Policies of random demand against textbooks, stockpyl 1.0.2 (numbers written down once) and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from models.inventory.exact_policies import newsvendor, poisson_base_stock, poisson_r_Q, poisson_R_S, poisson_s_S


@pytest.mark.parametrize(
    ("holding", "shortage", "mean", "sd", "lead", "answer"),
    [
        (0.18, 0.70, 50, 8, 0, (56.60395592743389, 1.9976051931766445)),
        (1, 9, 100, 30, 0, (138.44654696633802, 52.649499579746056)),
        (0.2, 1.0, 12, 5, 0, (16.837107830508504, 1.499105643684261)),
        (0.18, 0.70, 50, 8, 4, (264.76689437415484, 4.466781004149577)),
    ],
)
def test_newsvendor(holding: float, shortage: float, mean: float, sd: float, lead: int, answer: tuple) -> None:
    """Snyder, Shen 2019, examples 4.3 and 4.4; ``newsvendor_normal``."""
    assert newsvendor(mean, sd, holding, shortage, lead) == pytest.approx(answer, rel=1e-6)


@pytest.mark.parametrize(
    ("holding", "shortage", "mean", "answer"),
    [(1, 4, 6, (8, 3.5701069457709376)), (0.2, 1.0, 2.5, (4, 0.5049260913887281)), (1, 19, 20, (28, 9.76551303066088))],
)
def test_poisson_base_stock(holding: float, shortage: float, mean: float, answer: tuple) -> None:
    """``newsvendor_poisson``."""
    assert poisson_base_stock(mean, holding, shortage) == pytest.approx(answer, rel=1e-6)


@pytest.mark.parametrize(
    ("holding", "shortage", "order", "mean", "answer"),
    [
        (1, 4, 5, 6, (4, 10, 8.034111561471642)),
        (1, 9, 64, 10, (6, 40, 35.021555272320384)),
        (1, 9, 64, 25, (19, 56, 54.26216671858924)),
        (0.2, 1.0, 3.0, 4, (1, 12, 2.1571595272273565)),
        (1, 19, 20, 15, (15, 36, 26.53391899987347)),
    ],
)
def test_exact_s_and_S(holding: float, shortage: float, order: float, mean: float, answer: tuple) -> None:
    """Snyder, Shen 2019, example 4.7; Zheng, Federgruen 1991, table 1; ``s_s_discrete_exact``."""
    assert poisson_s_S(mean, holding, shortage, order) == pytest.approx(answer, rel=1e-6)


@pytest.mark.parametrize(
    ("holding", "shortage", "order", "mean", "lead", "answer"),
    [
        (1, 4, 5, 6, 1, (4, 10, 8.33087561910046)),
        (20, 150, 100, 1.5, 2, (3, 5, 107.92358063314975)),
        (1, 9, 64, 10, 0.5, (1, 38, 34.57717422447392)),
        (0.5, 10, 20, 30, 0.2, (3, 51, 24.47856608411941)),
    ],
)
def test_exact_r_and_Q(holding: float, shortage: float, order: float, mean: float, lead: float, answer: tuple) -> None:
    """Snyder, Shen 2019, example 5.8; ``r_q_poisson_exact``."""
    assert poisson_r_Q(mean, holding, shortage, order, lead) == pytest.approx(answer, rel=1e-6)


def simulated(kind: str, parameters: tuple[int, int], review: int, lead: int) -> float:
    """Mean cost a period of 200,000 periods with backorders: h = 1, p = 9, K = 5, Poisson 4."""
    demand = np.random.default_rng(3).poisson(4.0, 200_000)
    first, second = parameters
    net, pipeline, cost = float(second), [0.0] * lead, 0.0
    for period, units in enumerate(demand):
        position = net + sum(pipeline)
        low = position <= first if kind == "s_S" else period % review == 0
        order = float(second) - position if low and position < second else 0.0
        pipeline.append(order)
        net += pipeline.pop(0)
        net -= units
        cost += 5.0 * (order > 0) + max(net, 0.0) + 9.0 * max(-net, 0.0)
    return cost / len(demand)


def test_s_and_S_with_a_lead_time_cost_what_they_say() -> None:
    s, S, cost = poisson_s_S(4, 1, 9, 5, lead_periods=2)
    assert simulated("s_S", (s, S), 1, 2) == pytest.approx(cost, rel=0.01)


def test_R_and_S_cost_what_they_say_and_no_other_S_is_better() -> None:
    S, cost = poisson_R_S(4, 1, 9, 5, review=3, lead_periods=1)
    assert simulated("R_S", (0, S), 3, 1) == pytest.approx(cost, rel=0.01)
    assert min(simulated("R_S", (0, S + step), 3, 1) for step in (-2, 2)) > cost
