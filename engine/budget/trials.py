"""Which ad channel to test next: what a better plan is worth once a test has told more of its curve.

Expected value of partial perfect and of sample information (Strong, Oakley and Brennan 2014), by bins of draws: draws
in which a test of an ad channel would come out alike stand together, the money is split anew on their mean, and the
split is scored on draws that it has not seen (halves in turn), so that luck is not taken for knowledge. Money moves
between whole ad channels; weeks keep the profile of the plan, on/off decisions stand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.exchange import Menu, best, menu_of
from engine.budget.question import Asked
from engine.budget.score import fen, incremental
from engine.budget.search import Split
from models.response.data import ResponseData
from models.response.fit import ResponseFit
from models.response.period import in_weeks
from models.response.predict import fitted

Floats = NDArray[np.float64]
BINS, REPEATS = 5, 5
"""Of a test's outcome; outcomes drawn for each draw of the curves."""
LENGTHS, CHANGES = (4, 8), (-0.5, 0.5)
"""Weeks and changes of spend of the tests that are weighed."""
COLUMNS = ["ad_channel", "know_fen", "start", "end", "change", "moved_fen", "effect_fen", "error_fen"]
COLUMNS += ["learn_fen", "cost_fen", "net_fen"]


@dataclass(frozen=True)
class Trial:
    """A test of an ad channel: weeks ``first`` to before ``stop`` of the plan at 1 + ``change`` times its spend.
    ``effect`` [draws] on revenue, ``error`` (standard) of its measurement, ``moved`` yuan of spend, ``cost``: worth
    that is lost by it."""

    first: int
    stop: int
    change: float
    effect: Floats
    error: float
    moved: float
    cost: float


def weekly_noise(data: ResponseData, fit: ResponseFit) -> tuple[float, float]:
    """Standard deviation of weekly revenue that the fit leaves unexplained, yuan, and its memory from week to week."""
    rest = in_weeks(data.revenue.sum(axis=0) - fitted([data], fit), data.days).sum(axis=1)
    energy = float((rest**2).sum())
    memory = float((rest[1:] * rest[:-1]).sum()) / energy if energy > 0 else 0.0
    return float(np.sqrt(energy / max(len(rest), 1))), float(np.clip(memory, 0.0, 0.9))


def measurement_error(noise: tuple[float, float], weeks: int) -> float:
    """Standard error of what a test of so many weeks shows against as many weeks before, yuan.

    >>> round(measurement_error((100.0, 0.0), 4), 6)  # 100 x sqrt(2 x 4)
    282.842712
    """
    deviation, memory = noise
    return deviation * float(np.sqrt(2.0 * weeks * (1.0 + memory) / (1.0 - memory)))


def trials(asked: Asked, split: Split, noise: tuple[float, float], price: float, seed: int) -> pd.DataFrame:
    """A row an ad channel: what full knowledge of its curve and its best test are worth, frame of ``COLUMNS``.

    ``price``: worth of one more yuan of the budget. Values hold for the planned weeks; ``learn`` less ``cost`` is
    ``net``, by which the rows are ordered. Empty where the objective is no money, or no money can move.
    """
    menu = menu_of(asked, split)
    if menu is None or menu.draws < 4 * BINS or asked.settings.objective == "new_customers":
        return pd.DataFrame(columns=COLUMNS)
    usual = best(menu, np.full(menu.draws, 1.0 / menu.draws), menu.start)
    luck = np.random.default_rng(seed).standard_normal((REPEATS, menu.draws))
    rows = []
    for row, name in enumerate(asked.fit.curves.ad_channels):
        tests = _tests(asked, split, row, noise, price)
        if not tests or menu.high[row] <= menu.low[row]:
            continue
        known = _worth_of(menu, menu.swing(row)[None], usual)
        told = [min(_worth_of(menu, test.effect + test.error * luck, usual), known) for test in tests]
        place = int(np.argmax([value - test.cost for value, test in zip(told, tests, strict=True)]))
        rows.append(_row(asked, name, known, tests[place], told[place]))
    table = pd.DataFrame(rows, columns=COLUMNS)
    order, up = ["net_fen", "know_fen", "ad_channel"], [False, False, True]
    return table.sort_values(order, ascending=up, kind="stable", ignore_index=True)


def _row(asked: Asked, name: str, known: float, test: Trial, told: float) -> dict[str, object]:
    starts = asked.situation.starts.astype("datetime64[D]")
    money = {"know": known, "moved": test.moved, "effect": float(test.effect.mean()), "error": test.error}
    money |= {"learn": told, "cost": test.cost, "net": told - test.cost}
    return {
        "ad_channel": name,
        "start": pd.Timestamp(starts[test.first]),
        "end": pd.Timestamp(starts[test.stop - 1] + 6),
        "change": test.change,
        **{f"{key}_fen": int(fen(np.array(value))) for key, value in money.items()},
    }


def _tests(asked: Asked, split: Split, row: int, noise: tuple[float, float], price: float) -> list[Trial]:
    """Tests of an ad channel in the first weeks without a shopping event; none where it does not run."""
    found = []
    for length in LENGTHS:
        weeks = min(length, split.spend.shape[1])
        first = _quiet(asked.situation.events, weeks)
        inside = slice(first, first + weeks)
        if split.spend[row, inside].sum() <= 0:
            continue
        for change in CHANGES:
            spend = split.spend.copy()
            spend[row, inside] *= 1.0 + change
            lift = (incremental(asked.model, spend) - incremental(asked.model, split.spend))[:, row]
            moved = float((spend - split.spend).sum())
            lost = (price + asked.worth.cost) * moved - float(lift.mean()) * float(asked.worth.margin[row])
            error = measurement_error(noise, weeks)
            found.append(Trial(first, first + weeks, change, lift, error, moved, max(lost, 0.0)))
    return found


def _quiet(events: NDArray[np.bool_], weeks: int) -> int:
    """First week of the earliest run of so many weeks with the fewest event weeks.

    >>> _quiet(np.array([True, False, False, True]), 2)
    1
    """
    busy = np.convolve(events.astype(float), np.ones(weeks), mode="valid")
    return int(np.argmin(busy))


def _worth_of(menu: Menu, outcomes: Floats, usual: Floats) -> float:
    """What it is worth to split anew once an outcome is known, yuan. ``outcomes`` [repeats, draws]."""
    edges = np.quantile(outcomes, np.arange(1, BINS) / BINS)
    place = np.searchsorted(edges, outcomes)
    even = np.arange(menu.draws) % 2 == 0
    total = 0.0
    for number in range(BINS):
        weight = (place == number).mean(axis=0)
        halves = [np.where(even, weight, 0.0), np.where(even, 0.0, weight)]
        if min(half.sum() for half in halves) <= 0:
            continue
        for own, other in (halves, halves[::-1]):
            anew = best(menu, own / own.sum(), usual)
            gain = menu.value(other / other.sum(), anew) - menu.value(other / other.sum(), usual)
            total += 0.5 * gain * weight.sum() / menu.draws
    return max(total, 0.0)
