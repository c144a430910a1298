"""Google Meridian on the files of the study, in an environment of its own: peer_meridian.py FOLDER ...

Reads ``data.csv`` and ``asked.json`` of every folder and writes ``meridian.json``, first with the estimate, then with
the split as well: one that is stopped leaves the other. A national model with its default priors; :data:`SETTINGS` are
those of its tutorial less 500 draws, with a knot every two months, and stand in the answer.
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
SETTINGS = {"n_chains": 4, "n_adapt": 500, "n_burnin": 500, "n_keep": 500}


def answer(folder: Path) -> None:
    """ROAS, intervals, split and cost of one file, written as they come."""
    asked = json.loads((folder / "asked.json").read_text())
    table = pd.read_csv(folder / "data.csv")
    started = time.process_time()
    model = fit(table, asked)
    fitted = time.process_time() - started
    roi = np.asarray(analyzer.Analyzer(model).roi(use_posterior=True))
    draws = roi.reshape(-1, roi.shape[-1])
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    hats = [np.asarray(values).max() for values in analyzer.Analyzer(model).get_rhat().values() if np.size(values)]
    found = {
        "roi": draws.mean(axis=0).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "split": None,
        "r_hat": float(np.nanmax(hats)),
        "cpu_seconds": fitted,
        "split_seconds": None,
        "peak_gb": _peak_gb(),
        "settings": SETTINGS | {"knot_weeks": KNOT_WEEKS},
    }
    file = folder / "meridian.json"
    file.write_text(json.dumps(found))
    started = time.process_time()
    found["split"] = divide(model, asked, table)
    found |= {"split_seconds": time.process_time() - started, "peak_gb": _peak_gb()}
    file.write_text(json.dumps(found))


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def fit(table: pd.DataFrame, asked: dict[str, Any]) -> models.Meridian:
    """The fitted model."""
    builder = DataFrameInputDataBuilder(kpi_type="revenue", default_kpi_column="kpi", default_time_column="week")
    builder = builder.with_kpi(table).with_media(
        table, media_cols=asked["spend"], media_spend_cols=asked["spend"], media_channels=asked["spend"]
    )
    if asked["controls"]:
        builder = builder.with_controls(table, control_cols=asked["controls"])
    model = models.Meridian(builder.build(), spec.ModelSpec(knots=len(table) // KNOT_WEEKS))
    model.sample_posterior(**SETTINGS, seed=asked["seed"])
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
        answer(Path(name))
