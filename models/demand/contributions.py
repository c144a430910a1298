"""Why the boosted model says what it says: the log of its mean as a level and parts by family of features.

The structural forecast is a sum of logs by construction; the trees' correction is split over features by exact
Shapley values (TreeSHAP, Lundberg et al. 2020), which add up to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.demand.boosted import LARGEST_CORRECTION, BoostedDemand
from models.features.rows import FEATURES, feature_rows

Floats = NDArray[np.float64]
LEVEL, TREND, SEASON, CALENDAR, PROMOTION = "baseline", "trend", "season", "calendar", "promotion"
FAMILIES = (LEVEL, TREND, SEASON, CALENDAR, PROMOTION)
STRUCTURE = {
    "log_level": LEVEL,
    "log_weekday_index": SEASON,
    "log_season_own": SEASON,
    "log_event_effect": CALENDAR,
    "log_event_profile": CALENDAR,
    "log_price_effect": PROMOTION,
    "log_promotion_effect": PROMOTION,
    "log_shadow_effect": CALENDAR,
    "log_rival_effect": PROMOTION,
}
"""Features that the structural forecast adds up."""
NAMES = (
    (CALENDAR, "event|shadow"),
    (PROMOTION, "price|list|promotion|discount|rival|compet"),
    (SEASON, "weekday|season|day_of"),
    (TREND, "window|momentum|recency|^age$|ahead|raw_to_clean"),
)


@dataclass(frozen=True)
class LogParts:
    """``logs`` by family, each float64 [series, periods]; their sum is the log of the model's mean but for bounds."""

    logs: dict[str, Floats]


def family_of(feature: str) -> str:
    """The family that a feature speaks for.

    >>> family_of("days_into_event"), family_of("log_window_3"), family_of("channel")
    ('calendar', 'trend', 'baseline')
    """
    return next((family for family, pattern in NAMES if re.search(pattern, feature)), LEVEL)


def log_parts(model: BoostedDemand, series: NDArray[np.integer], horizon: int) -> LogParts:
    """Parts of the given series (ascending) over the first ``horizon`` periods."""
    periods = model.past.shape[1]
    features = feature_rows(
        model.past,
        np.repeat(series, horizon),
        np.full(len(series) * horizon, periods),
        np.tile(np.arange(1, horizon + 1), len(series)),
    )
    logs = {family: np.zeros(len(features)) for family in FAMILIES}
    for name, family in STRUCTURE.items():
        if name in FEATURES:
            logs[family] += np.nan_to_num(features[:, FEATURES.index(name)].astype(np.float64))
    if model.booster is not None:
        parts = np.asarray(
            model.booster.predict(features, pred_contrib=True, num_threads=model.parameters.threads), dtype=np.float64
        )
        total = parts.sum(axis=1)
        bounded = np.clip(total, -LARGEST_CORRECTION, LARGEST_CORRECTION)
        parts *= np.where(total == 0.0, 1.0, bounded / np.where(total == 0.0, 1.0, total))[:, None]
        for number, name in enumerate((*FEATURES, "expected")):
            logs[family_of(name)] += parts[:, number]
    return LogParts({family: values.reshape(len(series), horizon) for family, values in logs.items()})
