"""Claimed against true gain of the split on demo merchants: python -m benchmarks.claimed_gain [seeds] [skus].

The hidden laws of the demo (Weibull carry-over, thresholds, drift) score a split by the budget room's rules and search
against today's; the gain that it claims, as estimated and as believed, stands beside it. It is not the room's default
plan: sales count as they are (no margins), weeks are flat, without events, and the search stops at its first node.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.budget.history import response_data
from engine.budget.honest import belief, believed, half_curves
from engine.budget.limits import Situation, build_rules
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.response import fit_history
from engine.budget.score import gains
from engine.budget.search import Search, best_split
from engine.budget.settings import BudgetSettings
from engine.budget.today import everyday_spend, todays_spend
from engine.data.dataset import Dataset
from engine.demo.merchant import make_merchant
from engine.demo.response import contribution
from engine.demo.settings import DemoSettings
from engine.execution.run import Run

Floats = NDArray[np.float64]
WEEKS = 13


def study(seed: int, skus: int) -> dict[str, float]:
    """One merchant: claimed, believed and true gain, yuan, with intervals."""
    merchant = make_merchant(DemoSettings(skus=skus, seed=seed))
    dataset = Dataset(merchant.tables, "demo")
    origin = np.datetime64(dataset["sales"]["date"].max(), "D") + 1
    data, settings, run = response_data(dataset, origin), BudgetSettings(), Run(seed)
    fit = fit_history(data, settings, run)
    today = todays_spend(data, np.zeros(WEEKS))
    model = PlanningModel.of(fit.curves, WEEKS, today)
    situation = Situation(
        data.ad_channels,
        today,
        data.spend.max(axis=1),
        everyday_spend(dataset, data.ad_channels, origin),
        float(today.sum()),
        np.zeros(len(today)),
        origin + 7 * np.arange(WEEKS),
        np.zeros(WEEKS, dtype=bool),
        np.zeros(WEEKS),
    )
    rules, worth = build_rules(settings, situation), Worth(np.ones(len(today)))
    split = best_split(model, rules, worth, today, Search(0.005, 0))
    claimed = gains(model, rules.terms, worth, split, today)
    trust = belief(half_curves(data, fit.curves, settings, run), model, rules, worth, today)
    after = believed(claimed, trust)
    true = [_true_lift(merchant.truth, dataset, spend, today, origin) for spend in (split.spend, today)]
    low, high = np.quantile(after, (0.05, 0.95))
    raw_low, raw_high = np.quantile(claimed, (0.05, 0.95))
    return {
        "claimed": float(claimed.mean()),
        "claimed_low": float(raw_low),
        "claimed_high": float(raw_high),
        "share": trust.share,
        "believed": float(after.mean()),
        "low": float(low),
        "high": float(high),
        "true": true[0] - true[1],
        "lift_today": true[1],
    }


def _true_lift(
    truth: dict[str, pd.DataFrame], dataset: Dataset, spend: Floats, today: Floats, origin: np.datetime64
) -> float:
    """Yuan that the hidden laws give to a split and the six weeks after it."""
    laws = truth["ad_laws"].assign(ad_channel=truth["ad_laws"]["ad_channel"].astype(str)).sort_values("ad_channel")
    names = list(laws["ad_channel"])
    days = np.repeat(np.concatenate([spend, today[:, :6]], axis=1) / 7.0, 7, axis=1)
    media = dataset["media"]
    past = media[media["date"] >= pd.Timestamp(origin) - pd.Timedelta(days=90)]
    before = past.pivot_table(
        index=past["ad_channel"].astype(str), columns="date", values="spend_fen", aggfunc="sum", observed=True
    )
    before = before.reindex(names).fillna(0.0).to_numpy(float) / 100.0
    drift = truth["ad_drift"].set_index("date")[names].loc[pd.Timestamp(origin) :].to_numpy(float).T
    drift = np.pad(drift, ((0, 0), (0, max(days.shape[1] - drift.shape[1], 0))), mode="edge")[:, : days.shape[1]]
    return float((contribution(laws, days, before) * drift).sum())


if __name__ == "__main__":
    count, skus = (int(text) for text in [*sys.argv[1:], *("10", "60")[len(sys.argv) - 1 :]])
    rows = []
    for seed in range(100, 100 + count):
        rows.append(study(seed, skus))
        print(seed, {name: round(value) if abs(value) > 2 else round(value, 2) for name, value in rows[-1].items()})
    table = pd.DataFrame(rows)
    for label, mean, low, high in (
        ("as estimated", "claimed", "claimed_low", "claimed_high"),
        ("as believed", "believed", "low", "high"),
    ):
        covered = table["true"].between(table[low], table[high]).mean()
        bias = (table[mean] - table["true"]).sum() / table["lift_today"].sum()
        print(f"{label}: interval covers the true gain {covered:.0%}, bias {bias:.2%} of the lift of today's ads")
