"""The chance of reaching each target, from the draws of the long run."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.forecast import Forecast

COLUMNS = ["level", "key", "forecast_fen", "target_fen", "probability", "expected_shortfall_fen"]


def chances(forecast: Forecast, cells: pd.DataFrame, target_fen: NDArray[np.int64], year: int) -> pd.DataFrame:
    """Frame of :data:`COLUMNS`: total, channels, categories and months of the year.

    ``cells``: frame ``month, channel, category, actual_fen, forecast_fen, row`` of the year. Sales so far count as
    they are, the rest is drawn. Conditional on unchanged platform rules.
    """
    draws = forecast.long_draws
    ahead = cells["row"].to_numpy() >= 0
    sales = np.zeros((max(len(draws), 1), len(cells)))
    sales[:, ahead] = (
        draws[:, cells["row"].to_numpy()[ahead]] if len(draws) else cells["forecast_fen"].to_numpy()[ahead] / 100
    )
    sales += cells["actual_fen"].to_numpy() / 100.0
    expected = (cells["actual_fen"] + cells["forecast_fen"]).to_numpy()
    keys = {
        "total": pd.Series(str(year), index=cells.index),
        "channel": cells["channel"],
        "category": cells["category"],
        "month": cells["month"].dt.strftime("%Y-%m"),
    }
    rows = []
    for level, key in keys.items():
        code, names = pd.factorize(key, sort=True)
        for position, name in enumerate(names):
            member = code == position
            goal = int(target_fen[member].sum())
            short = goal / 100.0 - sales[:, member].sum(axis=1)
            reached = float((short <= 0.005).mean())
            shortfall = int(np.rint(np.maximum(short, 0.0).mean() * 100.0))
            rows.append([level, str(name), int(expected[member].sum()), goal, reached, shortfall])
    return pd.DataFrame(rows, columns=COLUMNS)
