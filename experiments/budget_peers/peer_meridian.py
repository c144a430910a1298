"""Google Meridian on the files of the study, in an environment of its own: peer_meridian.py ANSWER.json ...

Reads ``data.csv`` and ``asked.json`` beside every file asked for, and writes it, first with the estimate, then with
the split as well: one that is stopped leaves the other. A national model with its default backend (JAX), priors and
adstock; :data:`SETTINGS` stand in the answer. They are its documented ones but for these, each in its favour:

- a knot every nine weeks instead of none (its default for a national model knows no season);
- 500 draws a chain for adaptation, burn-in and keeps: R-hat is there, and compiling takes most of the time anyway;
- the budget's optimiser evaluates the whole posterior once for every step of its grid of spend. Its default step,
  1/10,000 to 1/1,000 of the budget, takes minutes; ten times that step takes seconds.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd
from meridian import backend
from meridian.analysis.analyzer import Analyzer
from meridian.analysis.optimizer import BudgetOptimizer
from meridian.analysis.tensors import DataTensors
from meridian.data.data_frame_input_data_builder import DataFrameInputDataBuilder
from meridian.model.model import Meridian
from meridian.model.spec import ModelSpec

KNOT_WEEKS = 9
DRAWS = {"n_chains": 4, "n_adapt": 500, "n_burnin": 500, "n_keep": 500}
GRID = {"gtol": 0.001, "batch_size": DRAWS["n_keep"]}
SETTINGS = DRAWS | GRID | {"knot_weeks": KNOT_WEEKS}


def answer(file: Path) -> None:
    """ROAS, intervals, split and cost of one question, written as they come."""
    asked = json.loads((file.parent / "asked.json").read_text())
    table = pd.read_csv(file.parent / "data.csv")
    started = time.process_time()
    model = fit(table, asked)
    fitted = time.process_time() - started
    analyzer = Analyzer(model_context=model.model_context, inference_data=model.inference_data)
    roi = np.asarray(analyzer.roi(use_posterior=True))
    draws = roi.reshape(-1, roi.shape[-1])
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    hats = [np.nanmax(values) for values in map(np.asarray, analyzer.get_rhat().values()) if not np.isnan(values).all()]
    found = {
        "roi": draws.mean(axis=0).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "split": None,
        "r_hat": float(max(hats)),
        "cpu_seconds": fitted,
        "split_seconds": None,
        "peak_gb": _peak_gb(),
        "settings": SETTINGS,
    }
    file.write_text(json.dumps(found))
    started = time.process_time()
    found["split"] = divide(analyzer, asked, table)
    found |= {"split_seconds": time.process_time() - started, "peak_gb": _peak_gb()}
    file.write_text(json.dumps(found))


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def fit(table: pd.DataFrame, asked: dict[str, Any]) -> Meridian:
    """The fitted model."""
    builder = DataFrameInputDataBuilder(kpi_type="revenue", default_kpi_column="kpi", default_time_column="week")
    builder = builder.with_kpi(table).with_media(
        table, media_cols=asked["spend"], media_spend_cols=asked["spend"], media_channels=asked["spend"]
    )
    if asked["controls"]:
        builder = builder.with_controls(table, control_cols=asked["controls"])
    model = Meridian(builder.build(), ModelSpec(knots=len(table) // KNOT_WEEKS))
    model.sample_posterior(**DRAWS, seed=asked["seed"])
    return model


def divide(analyzer: Analyzer, asked: dict[str, Any], table: pd.DataFrame) -> list[float] | None:
    """Its own optimiser's spend a week by channel over the weeks asked; None where it fails.

    Every channel spends evenly, as the question is scored: by its mean of the past, also in the weeks before that still
    work. Total and bounds hold within a step of the grid.
    """
    try:
        lead, weeks = analyzer.model_context.model_spec.max_lag, asked["weeks"]
        begin = pd.Timestamp(asked["first_week"]) - pd.Timedelta(weeks=lead)
        days = pd.date_range(begin, periods=lead + weeks, freq="7D").strftime("%Y-%m-%d").tolist()
        usual = table[asked["spend"]].mean().to_numpy()
        even = backend.to_tensor(np.tile(usual, (1, len(days), 1)), dtype=backend.float_dtype)
        ones = backend.to_tensor(np.ones((1, len(days))), dtype=backend.float_dtype)
        found = BudgetOptimizer(analyzer=analyzer).optimize(
            new_data=DataTensors(media=even, media_spend=even, revenue_per_kpi=ones, time=days),
            start_date=days[lead],
            end_date=days[-1],
            budget=asked["budget"] * weeks,
            pct_of_spend=(usual / usual.sum()).tolist(),
            spend_constraint_lower=1.0,
            spend_constraint_upper=(np.array(asked["most"]) / usual - 1.0).tolist(),
            **GRID,
        )
        return [float(value) / weeks for value in found.optimized_data["spend"].to_numpy()]
    except Exception as error:
        print(f"split: {type(error).__name__}: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    for name in sys.argv[1:]:
        answer(Path(name))
        jax.clear_caches()  # what was compiled for one model is of no use to the next, and fills the memory
