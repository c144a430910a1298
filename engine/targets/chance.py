"""The chance of reaching each target, and the years that the draws tell of: pessimistic, base, optimistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.forecast import Forecast
from engine.plans.targets import SCENARIOS
from engine.targets.event_luck import with_luck
from engine.targets.fill import largest_remainder
from engine.targets.rules import Rule

Floats = NDArray[np.float64]
COLUMNS = ["level", "key", "forecast_fen", "target_fen", "probability", "expected_shortfall_fen"]


def cell_draws(forecast: Forecast, cells: pd.DataFrame, event_sd: float, rng: np.random.Generator) -> Floats:
    """Yuan of each cell in each draw, float64 [draws, cells], what was sold included; one row without draws.

    ``cells``: frame ``event, channel, actual_fen, forecast_fen, row, part``: the row of the long run that a cell is a
    part of. Months are as the long run drew them; within a month an event has luck of its own (``event_sd``).
    """
    draws = forecast.long_draws
    ahead = cells["row"].to_numpy() >= 0
    out = np.zeros((max(len(draws), 1), len(cells)))
    rows, part = cells["row"].to_numpy()[ahead], cells["part"].to_numpy()[ahead]
    out[:, ahead] = draws[:, rows] * part if len(draws) else cells["forecast_fen"].to_numpy()[ahead] / 100
    return with_luck(out, cells, event_sd, rng) + cells["actual_fen"].to_numpy() / 100.0


def chances(
    draws: Floats, cells: pd.DataFrame, target_fen: NDArray[np.int64], year: int, rules: Sequence[Rule]
) -> pd.DataFrame:
    """Frame of :data:`COLUMNS`: the total, channels, categories, months, quarters, events, tiers and market shares.

    Conditional on unchanged platform rules. A threshold counts with its own amount, everything else with the target
    that it got.
    """
    expected = (cells["actual_fen"] + cells["forecast_fen"]).to_numpy()
    rows = [
        [level, key, *_chance(draws[:, member], expected[member], int(target_fen[member].sum()))]
        for level, values in _levels(cells, year).items()
        for key, member in _members(values)
        if level == "total" or expected[member].any() or target_fen[member].any()
    ]
    for rule in rules:
        if rule.level in ("tier", "market_share") and rule.member is not None:
            member = rule.member
            goal = round(100.0 * rule.yuan)
            rows.append([rule.level, rule.key, *_chance(draws[:, member], expected[member], goal)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _levels(cells: pd.DataFrame, year: int) -> Mapping[str, pd.Series]:
    month = cells["month"].dt
    return {
        "total": pd.Series(str(year), index=cells.index),
        "channel": cells["channel"],
        "category": cells["category"],
        "month": month.strftime("%Y-%m"),
        "quarter": month.year.astype(str) + "Q" + month.quarter.astype(str),
        "event": cells["event"],
    }


def _members(values: pd.Series) -> list[tuple[str, NDArray[np.bool_]]]:
    code, names = pd.factorize(values, sort=True)
    return [(str(name), code == position) for position, name in enumerate(names) if name]


def _chance(draws: Floats, expected: NDArray[np.int64], goal: int) -> list[float | int]:
    """Forecast, target, probability, expected shortfall."""
    short = goal / 100.0 - draws.sum(axis=1)
    # float32 draws of a sum this large are exact to a few parts in a million
    reached = float((short <= 0.005 + 1e-6 * abs(goal) / 100.0).mean())
    return [int(expected.sum()), goal, reached, int(np.rint(np.maximum(short, 0.0).mean() * 100.0))]


def scenarios(draws: Floats, groups: pd.DataFrame) -> pd.DataFrame:
    """``groups`` (frame ``month, channel, category``) with the columns of :data:`SCENARIOS`, int64 fen.

    Each is a quantile of the total; below it what is expected of each part in a year with that total (its regression
    on the total, never falling with it), so that every level adds up and what swings most is highest and lowest.
    ``draws`` [draws, groups].
    """
    total = draws.sum(axis=1)
    mean, centred = draws.mean(axis=0), total - total.mean()
    spread = float(centred @ centred)
    slope = np.maximum(centred @ (draws - mean) / spread, 0.0) if spread > 0 else np.zeros(len(mean))
    slope /= max(float(slope.sum()), 1e-12)
    out = groups.copy()
    for name, level in SCENARIOS.items():
        goal = float(np.quantile(total, level))
        shape = np.maximum(mean + slope * (goal - total.mean()), 0.0)
        fen = np.array([round(100.0 * goal)])
        out[name] = largest_remainder(shape, np.zeros(len(groups), dtype=np.int64), fen)
    return out


def sensitivity(draws: Floats, cells: pd.DataFrame, goal_yuan: float) -> pd.DataFrame:
    """Which part of the year decides it: frame ``assumption, key, size, share, low_fen, high_fen, probability_low,
    probability_high``, largest first.

    For each channel, category and quarter: its share of the total (``size``) and of the variance of the total (more
    than its size: it is shakier than the rest), and the total and the chance of the
    goal in the fifth of the draws in which it does worst and best (what moves with it moves with it here, too).
    """
    total = draws.sum(axis=1)
    spread = float(total.var())
    fifth = max(len(total) // 5, 1)
    rows = []
    levels = _levels(cells, int(cells["month"].dt.year.iloc[0]) if len(cells) else 0)
    for level in ("channel", "category", "quarter"):
        for key, member in _members(levels[level]):
            own = draws[:, member].sum(axis=1)
            share = float(np.cov(own, total, bias=True)[0, 1] / spread) if spread > 0 and len(total) > 1 else 0.0
            order = np.argsort(own, kind="stable")
            ends = [total[order[:fifth]], total[order[-fifth:]]]
            means = [int(np.rint(100.0 * end.mean())) for end in ends]
            size = float(own.mean() / max(float(total.mean()), 1e-9))
            rows.append([level, key, size, share, *means, *(float((end >= goal_yuan).mean()) for end in ends)])
    columns = ["assumption", "key", "size", "share", "low_fen", "high_fen", "probability_low", "probability_high"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["share", "assumption", "key"], ascending=[False, True, True], ignore_index=True)
