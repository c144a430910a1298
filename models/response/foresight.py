"""Demand that the merchant foresaw and no table holds: what spend itself tells of it.

Who spends a share of what he expects to sell spends more before weeks that sell well anyway. How far spend follows
demand shows where the controls explain it (season, festivals); what they leave may have been foreseen too. With
``d`` the foreseen part of the log of demand beyond the controls, and ``s`` = ``b d`` + own variation the log of
spend beyond the controls, the demand expected of what was spent is E[d | s] (the control function of Heckman and Robb
1985). The share is not known: uniform between none and all of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.response.period import in_weeks, periods

Floats = NDArray[np.float64]
SHARE = 0.5
"""Expected share of what the controls leave of demand that was foreseen."""
DOUBT = 1.0 / np.sqrt(3.0)
"""Standard deviation of a uniform share, in units of its mean."""
MOST_FOLLOWED = 1.5
FOLLOWS = 0.5
"""Standard deviation of how far spend follows demand (0: not, 1: in proportion) as believed without data."""
FEWEST_WEEKS = 26
LEAST_OWN = 0.2
"""Part of the variation of spend that is its own at least."""


def foreseen_demand(spend: Floats, explained: Floats, causes: Floats, rest: float) -> Floats:
    """E[d | s] of every week, float64 [weeks]; zeros where spend does not follow demand.

    ``spend`` [ads, weeks] yuan; ``explained`` [weeks]: log of the demand that the controls explain; ``causes``
    [weeks, K]: the controls; ``rest``: standard deviation of the log of revenue beyond them.

    >>> week = np.arange(104)
    >>> season, luck = np.sin(week / 8.0), 0.2 * np.cos(week**2)
    >>> told = foreseen_demand(np.exp(season + luck)[None], season, season[:, None], 0.2)
    >>> bool(np.corrcoef(told, luck)[0, 1] > 0.95), bool(told.std() < luck.std())
    (True, True)
    """
    told = np.zeros(spend.shape[1])
    foreseen = SHARE * rest**2
    precision, signal = 1.0 / max(foreseen, 1e-12), told.copy()
    for row in spend:
        on = row > 0
        if on.sum() < max(FEWEST_WEEKS, 2 * min(causes.shape[1], 20)):
            continue
        logs = np.log(row[on])
        follows = _followed(logs, explained[on])
        own = _beyond(logs, causes[on])
        spread = float(own.var())
        if follows <= 0.0 or spread <= 0.0:
            continue
        noise = max(spread - follows**2 * foreseen, LEAST_OWN * spread)
        precision += follows**2 / noise
        signal[on] += follows * own / noise
    return np.asarray(signal / precision)


def mean_followed(spend: Floats, explained: Floats) -> float:
    """How far spend [ads, weeks] follows the log of demand ``explained`` [weeks], mean by spend; 1: in proportion.

    0 also where there is no spend.
    """
    if not spend.any():
        return 0.0
    slopes = [_followed(np.log(row[row > 0]), explained[row > 0]) if (row > 0).any() else 0.0 for row in spend]
    return float(np.average(slopes, weights=spend.sum(axis=1)))


def foreseen_parts(spend: Floats, level: Floats, causes: Floats, rest: tuple[float, float], days: int) -> Floats:
    """Foreseen demand of each week, and by day of each day within its week, float64 [1 or 2, periods].

    Merchants foresee weeks; ads by auction are paid for by who comes on the day. ``level`` [periods]: demand that the
    controls explain, yuan; ``rest``: standard deviation of revenue beyond them over its mean, of a period and of the
    mean of a week.
    """
    one = periods(1, days)

    def by_week(values: Floats) -> Floats:
        return in_weeks(values, days).mean(axis=-1)

    explained, logs = (np.log(np.maximum(values, 1e-9)) for values in (by_week(level), level))
    told = np.repeat(foreseen_demand(by_week(spend), explained, by_week(causes.T).T, rest[1]), one)
    if one == 1:
        return told[None]
    usual = np.repeat(by_week(spend), one, axis=-1)
    share = np.divide(spend, usual, out=np.zeros_like(spend), where=usual > 0)
    away = causes - np.repeat(by_week(causes.T), one, axis=-1).T
    within = float(np.sqrt(max(rest[0] ** 2 - rest[1] ** 2, 0.0)))
    return np.stack([told, foreseen_demand(share, logs - np.repeat(explained, one), away, within)])


def _followed(logs: Floats, explained: Floats) -> float:
    """Slope of log spend in what the controls explain, shrunk towards none by how well it is known."""
    x = explained - explained.mean()
    energy = float(x @ x)
    if energy <= 1e-9:
        return 0.0
    slope = float(x @ logs) / energy
    error = float(((logs - logs.mean() - slope * x) ** 2).sum()) / max(len(x) - 2, 1) / energy
    return float(np.clip(slope * FOLLOWS**2 / (FOLLOWS**2 + error), 0.0, MOST_FOLLOWED))


def _beyond(logs: Floats, causes: Floats) -> Floats:
    """What a ridge regression of log spend on the controls leaves."""
    usual = causes - causes.mean(axis=0)
    usual = usual / np.maximum(usual.std(axis=0), 1e-12)
    left = logs - logs.mean()
    ridge = usual.T @ usual + 3.0 * np.eye(usual.shape[1])
    return np.asarray(left - usual @ np.linalg.solve(ridge, usual.T @ left))
