"""One business as files that any Python can read, and what answers to it are worth on the truth."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.feasible import nearest
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rule, Rules
from engine.budget.search import Search, best_split
from experiments.record import peak_gb
from experiments.response.business import Business
from models.response.curves import ResponseCurves
from models.response.data import ResponseData
from models.response.fit import fit_response

Floats = NDArray[np.float64]
WEEKS = 13
MOST = 3.0
"""An ad channel may get so many times its mean spend a week."""
SEARCH = Search(0.005, 16)
FIRST = np.datetime64("2023-01-02")


@dataclass(frozen=True)
class Case:
    """The history of a business, and the question: split the mean spend of a week over the next 13 weeks."""

    business: Business
    seed: int

    @property
    def usual(self) -> Floats:
        """Mean spend a week by ad channel, yuan."""
        return np.asarray(self.business.data.spend.mean(axis=1))

    @property
    def data(self) -> ResponseData:
        """What the files hold, so that nobody knows more: no lift tests and no claims of platforms."""
        return replace(self.business.data, tests=(), claims=None)

    def write(self, folder: Path) -> None:
        """``data.csv`` and ``asked.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        data = self.data
        weeks = FIRST + 7 * np.arange(data.weeks + 1)
        columns: dict[str, Any] = {"week": weeks[:-1].astype(str), "kpi": data.revenue[0]}
        columns |= dict(zip(data.ad_channels, data.spend, strict=True))
        controls = {f"control_{number}": row for number, row in enumerate(data.controls[0].T)}
        pd.DataFrame(columns | controls).to_csv(folder / "data.csv", index=False)
        asked = {
            "spend": list(data.ad_channels),
            "controls": list(controls),
            "seed": self.seed,
            "weeks": WEEKS,
            "first_week": str(weeks[-1]),
            "budget": float(self.usual.sum()),
            "most": (MOST * self.usual).tolist(),
        }
        (folder / "asked.json").write_text(json.dumps(asked))

    def ours(self) -> dict[str, Any]:
        """Our answer, in the form of the peers'; the split differs by week."""
        started = time.process_time()
        fit = fit_response(self.data, seed=self.seed)
        fitted = time.process_time() - started
        low, high = np.quantile(fit.roi, [0.05, 0.95], axis=0)
        started = time.process_time()
        split = None if self.business.truth is None else self.split(fit.curves)
        return {
            "roi": fit.roi.mean(axis=0),
            "low": low,
            "high": high,
            "split": split,
            "r_hat": fit.metrics["r_hat"],
            "cpu_seconds": fitted,
            "split_seconds": time.process_time() - started,
            "peak_gb": peak_gb(),
        }

    def split(self, curves: ResponseCurves) -> Floats:
        """The product's best split under curves, yuan [ads, weeks]."""
        model, total = self._model(curves), WEEKS * float(self.usual.sum())
        upper = np.repeat(MOST * self.usual[:, None], WEEKS, axis=1)
        rows = (Rule("total budget", np.ones_like(upper), total, total, "", cash=True),)
        rules = Rules.plain(curves.ad_channels, np.zeros_like(upper), upper, rows)
        worth = Worth(np.ones(len(upper)))
        return best_split(model, rules, worth, nearest(rules, upper / MOST)[0], SEARCH).spend

    def score(self, answer: dict[str, Any]) -> dict[str, float]:
        """Error, coverage and width of the ROAS; with known curves regret and gain of the split (shares of the best,
        of today)."""
        true, mean, low, high = self.business.roas, *(np.asarray(answer[key]) for key in ("roi", "low", "high"))
        scores = {
            "error": float(np.abs(mean / true - 1.0).mean()),
            "covered": float(((low <= true) & (true <= high)).mean()),
            "width": float(((high - low) / true).mean()),
        }
        costs = ("cpu_seconds", "split_seconds", "peak_gb", "r_hat")
        scores |= {name: answer[name] for name in costs if answer[name] is not None}
        if answer["split"] is None or self.business.truth is None:
            return scores
        value = self._value(self._whole(np.asarray(answer["split"], dtype=float)))
        return scores | {"regret": 1.0 - value / self._best, "gain": value / self._value(self._today) - 1.0}

    def _whole(self, split: Floats) -> Floats:
        """A split [ads] a week or [ads, weeks], scaled to the budget where it is spent in part or more than once."""
        spend = np.repeat(split[:, None], WEEKS, axis=1) if split.ndim == 1 else split
        return spend * (WEEKS * self.usual.sum() / spend.sum())

    @property
    def _today(self) -> Floats:
        return np.repeat(self.usual[:, None], WEEKS, axis=1)

    def _model(self, curves: ResponseCurves) -> PlanningModel:
        return PlanningModel.of(curves, WEEKS, self.usual[:, None])

    def _value(self, spend: Floats) -> float:
        assert self.business.truth is not None
        return self._model(self.business.truth).value(spend)

    @cached_property
    def _best(self) -> float:
        """What the best split known brings: sought on the true curves, or the best of the even ones."""
        assert self.business.truth is not None
        return self._value(self.split(self.business.truth))


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Mean of every score over the seeds that have it, and the worst R-hat."""
    frame = pd.DataFrame(rows)
    found = {str(name): float(value) for name, value in frame.mean().items()}
    return found | {"worst_r_hat": float(frame["r_hat"].max()), "seeds": float(len(frame))}


def paired(
    peer: str, ours: Sequence[dict[str, float]], theirs: Sequence[dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Ours less the peer's on the same seeds: the mean, and its standard error where there are two seeds or more."""
    apart = pd.DataFrame(ours) - pd.DataFrame(theirs)
    seeds = {"seeds": float(len(apart))}
    found = {f"ours less {peer}": seeds | {str(name): float(value) for name, value in apart.mean().items()}}
    if len(apart) > 1:
        error = apart.std() / np.sqrt(apart.count())
        found["  its standard error"] = seeds | {str(name): float(value) for name, value in error.items()}
    return found
