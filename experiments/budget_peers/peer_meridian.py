"""Google Meridian on the files of the study, in an environment of its own: meridian.py FOLDER ...

Reads ``data.csv`` and ``asked.json`` of every folder and writes ``meridian.json``. A national model with its default
priors and knots every two months; 4 chains of 500 draws after 500 + 500, the settings of its tutorial less 500 draws.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from meridian.analysis import analyzer, optimizer
from meridian.data.data_frame_input_data_builder import DataFrameInputDataBuilder
from meridian.model import model as models
from meridian.model import spec

KNOT_WEEKS = 9


def answer(folder: Path) -> dict[str, Any]:
    """ROAS, intervals, split and cost of one file."""
    asked = json.loads((folder / "asked.json").read_text())
    table = pd.read_csv(folder / "data.csv")
    started = time.process_time()
    model = fit(table, asked)
    fitted = time.process_time() - started
    found = np.asarray(analyzer.Analyzer(model).roi(use_posterior=True))
    draws = found.reshape(-1, found.shape[-1])
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    hats = [np.asarray(values).max() for values in analyzer.Analyzer(model).get_rhat().values() if np.size(values)]
    started = time.process_time()
    split = divide(model, asked, table)
    return {
        "roi": draws.mean(axis=0).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "split": split,
        "r_hat": float(np.nanmax(hats)),
        "cpu_seconds": fitted,
        "split_seconds": time.process_time() - started,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def fit(table: pd.DataFrame, asked: dict[str, Any]) -> models.Meridian:
    """The fitted model."""
    builder = DataFrameInputDataBuilder(kpi_type="revenue", default_kpi_column="kpi", default_time_column="week")
    builder = builder.with_kpi(table).with_media(
        table, media_cols=asked["spend"], media_spend_cols=asked["spend"], media_channels=asked["spend"]
    )
    if asked["controls"]:
        builder = builder.with_controls(table, control_cols=asked["controls"])
    model = models.Meridian(builder.build(), spec.ModelSpec(knots=len(table) // KNOT_WEEKS))
    model.sample_posterior(n_chains=4, n_adapt=500, n_burnin=500, n_keep=500, seed=asked["seed"])
    return model


def divide(model: models.Meridian, asked: dict[str, Any], table: pd.DataFrame) -> list[float] | None:
    """Its own optimiser's spend a week by channel over the last weeks' flighting; None where it fails."""
    try:
        weeks = table["week"].tolist()[-asked["weeks"] :]
        recent = table[asked["spend"]].tail(asked["weeks"]).sum()
        share = recent / recent.sum()
        most = np.array(asked["most"]) / (asked["budget"] * share.to_numpy()) - 1.0
        found = optimizer.BudgetOptimizer(model).optimize(
            start_date=weeks[0],
            end_date=weeks[-1],
            fixed_budget=True,
            budget=asked["budget"] * asked["weeks"],
            pct_of_spend=share.tolist(),
            spend_constraint_lower=1.0,
            spend_constraint_upper=np.maximum(most, 0.0).tolist(),
        )
        return [float(value) / asked["weeks"] for value in found.optimized_data["spend"].to_numpy()]
    except Exception as error:
        print(f"split: {type(error).__name__}: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    for name in sys.argv[1:]:
        (Path(name) / "meridian.json").write_text(json.dumps(answer(Path(name))))
