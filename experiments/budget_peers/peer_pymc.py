"""PyMC-Marketing on the files of the study, in an environment of its own: peer_pymc.py ANSWER.json ...

Reads ``data.csv`` and ``asked.json`` beside every file asked for, and writes it. Geometric adstock of 8 weeks, Hill
saturation, three yearly harmonics and a line as trend, the priors of its tutorial (width of an ad channel's effect by
its share of spend); nutpie, 4 chains of 1,000 draws after 1,000.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import arviz as az
import numpy as np
import pandas as pd
import xarray as xr
from pymc_extras.prior import Prior
from pymc_marketing.mmm import MMM, GeometricAdstock, HillSaturation
from pymc_marketing.mmm.mmm import BudgetOptimizerWrapper


def answer(folder: Path) -> dict[str, Any]:
    """ROAS, intervals, split and cost of one file."""
    asked = json.loads((folder / "asked.json").read_text())
    table = pd.read_csv(folder / "data.csv", parse_dates=["week"])
    table["trend"] = np.arange(len(table)) / len(table)
    started = time.process_time()
    model = fit(table, asked)
    fitted = time.process_time() - started
    spend = table[asked["spend"]].sum().to_numpy()
    lift = model.posterior["channel_contribution_original_scale"].sum("date") / xr.DataArray(spend, dims="channel")
    draws = lift.stack(sample=("chain", "draw")).transpose("sample", "channel").to_numpy()
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    started = time.process_time()
    split = divide(model, asked)
    return {
        "roi": draws.mean(axis=0).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "split": split,
        "r_hat": float(az.rhat(lift.to_dataset(name="roi"))["roi"].max()),
        "ess": float(az.ess(lift.to_dataset(name="roi"))["roi"].min()),
        "cpu_seconds": fitted,
        "split_seconds": time.process_time() - started,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def fit(table: pd.DataFrame, asked: dict[str, Any]) -> MMM:
    """The fitted model."""
    channels = asked["spend"]
    share = table[channels].sum() / table[channels].sum().sum()
    width = len(channels) * share.to_numpy()
    model = MMM(
        date_column="week",
        channel_columns=channels,
        target_column="kpi",
        control_columns=[*asked["controls"], "trend"],
        adstock=GeometricAdstock(l_max=8),
        saturation=HillSaturation(),
        yearly_seasonality=3,
        model_config={"saturation_beta": Prior("HalfNormal", sigma=width, dims="channel")},
    )
    causes, target = table.drop(columns="kpi"), table["kpi"]
    model.build_model(causes, target)
    model.add_original_scale_contribution_variable(var=["channel_contribution"])
    model.fit(
        causes,
        target,
        chains=4,
        cores=1,
        draws=1000,
        tune=1000,
        random_seed=asked["seed"],
        nuts_sampler="nutpie",
        progressbar=False,
    )
    return model


def divide(model: MMM, asked: dict[str, Any]) -> list[float] | None:
    """Its own optimiser's spend a week by channel; None where it fails."""
    try:
        first = pd.Timestamp(asked["first_week"])
        last = first + pd.Timedelta(weeks=asked["weeks"] - 1)
        wrapper = BudgetOptimizerWrapper(model=model, start_date=str(first.date()), end_date=str(last.date()))
        bounds = xr.DataArray(
            [[0.0, top] for top in asked["most"]],
            dims=["channel", "bound"],
            coords={"channel": asked["spend"], "bound": ["lower", "upper"]},
        )
        found = wrapper.optimize_budget(budget=asked["budget"], budget_bounds=bounds)
        return [float(found.budgets.sel(channel=name)) for name in asked["spend"]]
    except Exception as error:
        print(f"split: {type(error).__name__}: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(json.dumps(answer(Path(name).parent)))
