"""The law of three-week demand (an order covers the weeks until the next one can be sold) at rolling origins.

Origins lie one horizon apart. Sample paths of weekly demand are summed; the spread comes from the errors of earlier
origins only (``--warm`` of them are not judged). Judged are the sums whose three weeks were all in stock, which leaves
out weeks of high demand for everybody. Beside it the same spread around simple yardsticks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.forecasting.backtest import weekly_errors
from engine.plans.forecast import METHOD
from experiments.cases import Case
from experiments.rolling import Origin, roll
from models.demand.yardsticks import FOUR_WEEK_MEAN, SEASONAL_NAIVE, yardsticks
from models.metrics import bias, coverage, pinball, wape
from models.paths import SamplePaths
from models.spread import Spread
from models.spread_fit import WeeklyErrors, fit_spread

LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.833, 0.9, 0.95, 0.975])
"""0.833 = 1.0 / (1.0 + 0.2) is where a lost sale and a week's holding weigh the same."""
PATHS = 1000
Grid = NDArray[np.floating]


def forecast(case: Case, number: int, warm: int, run: Run) -> pd.DataFrame:
    """One row an origin and model: errors of the three-week sums."""
    seen: dict[str, list[WeeklyErrors]] = {}
    rows: list[dict[str, object]] = []
    for place, origin in enumerate(roll(case, warm + number, run)):
        group = pd.factorize(origin.until.series["category"], sort=True)[0].astype(np.int32)
        simple = yardsticks(origin.fold.panel, case.horizon)
        kept = {name: simple[name] for name in (FOUR_WEEK_MEAN, SEASONAL_NAIVE) if name in simple}
        for name, mean in ({METHOD: origin.mean.astype(np.float32)} | kept).items():
            errors = seen.setdefault(name, [])
            if place >= warm:
                spread = fit_spread(errors, run.seed_for("spread", name), origin.kind)
                judged = scores(origin, mean, group, spread, run.seed_for("paths"))
                rows.append({"origin": str(origin.fold.origin), "model": name, **judged})
            errors.append(weekly_errors(origin.until, len(origin.fold.panel.dates), mean, group, origin.kind))
    return pd.DataFrame(rows)


def scores(origin: Origin, mean: Grid, group: NDArray[np.int32], spread: Spread, seed: int) -> dict[str, float]:
    """Errors of the sums over the horizon, of the series in stock throughout."""
    paths = SamplePaths(mean.astype(np.float32), group, spread, seed)
    sums = paths.block(np.arange(len(mean)), 0, PATHS).sum(axis=2)
    quantiles = np.quantile(sums, LEVELS, axis=1, method="inverted_cdf")[:, :, None]
    actual = origin.yardstick.actual.sum(axis=1, keepdims=True)
    scored = origin.yardstick.scored.min(axis=1, keepdims=True)
    guess = mean.sum(axis=1, keepdims=True)
    out = {
        "series": float(scored.sum()),
        "pinball": pinball(actual, quantiles, LEVELS, scored),
        "wape": wape(actual, guess, scored),
        "bias": bias(actual, guess, scored),
        "coverage_80": coverage(actual, quantiles[1], quantiles[6], scored),
    }
    each = {
        f"pinball_{level:g}": pinball(actual, quantiles[[at]], LEVELS[[at]], scored) for at, level in enumerate(LEVELS)
    }
    return out | each
