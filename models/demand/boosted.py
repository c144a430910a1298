"""One global LightGBM for all series: a correction of the structural forecast, direct over the horizon.

The trees start from the logarithm of a structural forecast (``log_base``: level, weekday, season, price and event
effects), so that scale and promotions are handled before the first split and sparse data falls back to it. Tweedie
deviance (Jorgensen 1987) suits intermittent sales.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from models.drivers import Drivers
from models.features.rows import CATEGORICAL, FEATURES, feature_rows
from models.features.state import FeatureState, feature_state
from models.panel import Panel
from models.price import DemandEffects
from models.price_fit import fit_effects
from models.restoration import as_demand

if TYPE_CHECKING:
    import lightgbm as lgb

FloatGrid = NDArray[np.float32]
BASE = FEATURES.index("log_base")
CHUNK_ROWS = 400_000
LEAST_ROWS = 200
LARGEST_CORRECTION = 2.0
NEAR_SHARE = 0.6
"""Share of training rows within the near horizon."""


@dataclass(frozen=True)
class BoostedParameters:
    """``max_rows``: sampled (series, origin, target) rows a fit; ``near``: steps ahead that matter most; ``years``: how
    far back rows are drawn; ``threads``: fixed, for equal results."""

    horizon: int = 182
    near: int = 28
    max_rows: int = 300_000
    years: float = 2.0
    rounds: int = 150
    learning_rate: float = 0.06
    leaves: int = 31
    tweedie_power: float = 1.3
    least_rows_leaf: int = 100
    threads: int = 2


@dataclass(frozen=True)
class BoostedDemand:
    """A fitted model with the history it speaks about. ``booster`` None: too little history, the base alone."""

    parameters: BoostedParameters
    effects: DemandEffects
    booster: lgb.Booster | None
    past: FeatureState

    @classmethod
    def fit(cls, panel: Panel, drivers: Drivers, seed: int, parameters: BoostedParameters | None = None) -> Self:
        """Estimate effects, clean the history, train the trees on sampled rows."""
        wanted = parameters or BoostedParameters()
        effects = fit_effects(as_demand(panel), drivers, seed)
        past = feature_state(panel, drivers, effects)
        return cls(wanted, effects, _train(past, wanted, seed), past)

    def update(self, panel: Panel, drivers: Drivers) -> Self:
        """The same effects and trees on a newer history."""
        return replace(self, past=feature_state(panel, drivers, self.effects))

    def predict(self, horizon: int) -> FloatGrid:
        """Mean units, float32 [series, horizon]."""
        series, periods = self.past.shape
        out = np.empty((series, horizon), dtype=np.float32)
        step = max(CHUNK_ROWS // horizon, 1)
        for first in range(0, series, step):
            rows = np.arange(first, min(first + step, series))
            features = feature_rows(
                self.past,
                np.repeat(rows, horizon),
                np.full(len(rows) * horizon, periods),
                np.tile(np.arange(1, horizon + 1), len(rows)),
            )
            out[rows] = self._mean(features).reshape(len(rows), horizon)
        out[~self.past.history.known.any(axis=1)] = 0.0
        return out

    def base(self, horizon: int) -> FloatGrid:
        """The structural forecast alone, float32 [series, horizon]."""
        return replace(self, booster=None).predict(horizon)

    def _mean(self, features: FloatGrid) -> NDArray[np.float64]:
        base = features[:, BASE].astype(np.float64)
        if self.booster is None:
            return np.exp(base)
        raw = self.booster.predict(features, raw_score=True, num_threads=self.parameters.threads)
        correction = np.clip(np.asarray(raw, dtype=np.float64), -LARGEST_CORRECTION, LARGEST_CORRECTION)
        return np.exp(base + correction)

    def state(self) -> Mapping[str, Any]:
        """Parameters, effects and trees as text."""
        return {
            "parameters": asdict(self.parameters),
            "elasticity": self.effects.elasticity.tolist(),
            "lift": {name: values.tolist() for name, values in self.effects.lift.items()},
            "booster": None if self.booster is None else self.booster.model_to_string(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], panel: Panel, drivers: Drivers) -> Self:
        """The model of a saved state on a history of the same categories."""
        empty = fit_effects(as_demand(panel), drivers, 0)
        lift = {name: np.asarray(values) for name, values in state["lift"].items()}
        effects = replace(empty, elasticity=np.asarray(state["elasticity"]), lift=lift)
        from lightgbm import Booster

        booster = None if state["booster"] is None else Booster(model_str=state["booster"])
        parameters = BoostedParameters(**state["parameters"])
        return cls(parameters, effects, booster, feature_state(panel, drivers, effects))


def sample_rows(
    state: FeatureState, parameters: BoostedParameters, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Series, origin and steps ahead of training rows, sorted by series; targets are known, origins have a past."""
    series, periods = state.shape
    known, clock = state.history.known, state.clock
    reach = max(int(parameters.years * clock.year), 2 * clock.week)
    first = max(periods - reach, 1)
    if periods - first < 1:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, empty
    rng = np.random.default_rng(seed)
    cells = int(known[:, first:].sum(dtype=np.int64))
    wanted = min(parameters.max_rows, 2 * cells)
    draws = int(1.1 * wanted * series * (periods - first) / max(cells, 1)) + 100
    row = rng.integers(0, series, draws)
    target = rng.integers(first, periods, draws)
    near, far = min(parameters.near, periods - 1), min(parameters.horizon, periods - 1)
    is_near = rng.random(draws) < NEAR_SHARE
    ahead = np.where(is_near, rng.integers(1, near + 1, draws), rng.integers(1, far + 1, draws))
    origin = target - ahead + 1
    start = np.where(known.any(axis=1), known.argmax(axis=1), periods)
    usable = np.flatnonzero(known[row, target] & (origin - start[row] >= min(2 * clock.week, periods // 2)))[:wanted]
    row, origin, ahead = row[usable], origin[usable], ahead[usable]
    order = np.lexsort((ahead, origin, row))
    return row[order], origin[order], ahead[order]


def _train(state: FeatureState, parameters: BoostedParameters, seed: int) -> lgb.Booster | None:
    import lightgbm as lgb  # seconds to import, needed only to fit

    row, origin, ahead = sample_rows(state, parameters, seed)
    if len(row) < LEAST_ROWS:
        return None
    features = feature_rows(state, row, origin, ahead)
    target = state.history.units[row, origin + ahead - 1]
    if not target.any():
        return None
    data = lgb.Dataset(
        features,
        label=target,
        init_score=features[:, BASE].astype(np.float64),
        feature_name=list(FEATURES),
        categorical_feature=[name for name in CATEGORICAL if features[:, FEATURES.index(name)].max() < 64],
        free_raw_data=True,
    )
    settings = {
        "objective": "tweedie",
        "tweedie_variance_power": parameters.tweedie_power,
        "learning_rate": parameters.learning_rate,
        "num_leaves": parameters.leaves,
        "min_data_in_leaf": min(parameters.least_rows_leaf, max(len(row) // 50, 1)),
        "lambda_l2": 1.0,
        "feature_fraction": 0.7,
        "cat_smooth": 50,
        "max_cat_threshold": 16,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": parameters.threads,
        "seed": seed,
        "verbose": -1,
    }
    return lgb.train(settings, data, num_boost_round=parameters.rounds)
