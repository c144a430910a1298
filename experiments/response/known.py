"""Error, coverage and width of the ROAS where the truth is known.

Run: ``python -m experiments.response.known --world small-business|following-shop|regional-shop|small-business-days
[--carry delayed|weibull] [--saturation logistic] [--fit plain|auto] [--claims truth|noise] [--weight 0.2]
[--weeks 40] [--by-week] --seeds 200 [--first 1000] --json``.
Every seed is another business of ``worlds.py``; the fit is the product's own with the priors it ships. Claims: what
platforms report, in a world that holds no claims (see ``with_claims``); weight: how far they count. Width: of the 90 %
interval as a share of the true ROAS. ``z``: how far the posterior mean lies from the truth in posterior standard
deviations; its spread is 1 where the intervals are honest.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from experiments.record import peak_gb
from experiments.response.business import Business
from experiments.response.claims import CLAIMS, with_claims
from experiments.response.worlds import WORLDS
from models.response.fit import fit_regions
from models.response.forms import CARRIES, PLAIN, SATURATIONS, Form
from models.response.priors import Priors

DRAWS = 2000
FORMED = ("small-business", "following-shop")


def judge(business: Business, seed: int, form: Form = PLAIN, weight: float = Priors.claims) -> dict[str, float]:
    """Scores of one business, means over its ad channels; ``below``, ``above``: truth outside of the interval.

    ``form``: in which every ad channel is fitted; ``weight``: of what platforms claim.
    """
    priors = Priors(claims=weight, forms=dict.fromkeys(business.data.ad_channels, form))
    started = time.process_time()
    fit = fit_regions(business.regions or (business.data,), priors, seed, DRAWS)
    seconds = time.process_time() - started
    low, high = np.quantile(fit.roi, [0.05, 0.95], axis=0)
    mean, true = fit.roi.mean(axis=0), business.roas
    z = (mean - true) / fit.roi.std(axis=0)
    return {
        "error": float(np.abs(mean / true - 1.0).mean()),
        "covered": float(((low <= true) & (true <= high)).mean()),
        "below": float((true < low).mean()),
        "above": float((true > high).mean()),
        "width": float(((high - low) / true).mean()),
        "z": float(z.mean()),
        "z_square": float((z**2).mean()),
        "r_hat": fit.metrics["r_hat"],
        "ess": fit.metrics["ess"],
        "cpu_seconds": seconds,
        "period_days": float(fit.curves.days),
    }


def main() -> None:
    """Scores of all seeds, and their means."""
    parser = argparse.ArgumentParser(prog="python -m experiments.response.known", description=__doc__)
    parser.add_argument("--world", choices=sorted(WORLDS), default="small-business")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--carry", choices=CARRIES, default=PLAIN.carry, help="how the ads of the world carry over")
    parser.add_argument("--saturation", choices=SATURATIONS, default=PLAIN.saturation)
    parser.add_argument("--fit", choices=("right", "plain", "auto"), default="right", help="the form that is fitted")
    parser.add_argument("--weeks", type=int, help="of history; else as the world has it")
    parser.add_argument("--claims", choices=CLAIMS, help="what platforms claim is worth")
    parser.add_argument("--weight", type=float, default=Priors.claims, help="how far claims count")
    parser.add_argument("--by-week", action="store_true", help="add the days of the world up to weeks")
    asked = parser.parse_args()
    form = Form(asked.carry, asked.saturation)
    if form != PLAIN and asked.world not in FORMED:
        parser.error(f"--carry and --saturation are for {' and '.join(FORMED)}")
    if asked.weeks is not None and asked.world.startswith("demo"):
        parser.error("--weeks are not for demo merchants")
    options: dict[str, Any] = {} if form == PLAIN else {"form": form}
    options |= {} if asked.weeks is None else {"weeks": asked.weeks}
    fitted = {"right": form, "plain": PLAIN, "auto": Form("auto", asked.saturation)}[asked.fit]
    rows = []
    for seed in range(asked.first, asked.first + asked.seeds):
        business = WORLDS[asked.world](seed, **options)
        business = business.by_week() if asked.by_week else business
        business = with_claims(business, seed, asked.claims) if asked.claims else business
        rows.append(judge(business, seed, fitted, asked.weight))
    found = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    found["worst_r_hat"] = max(row["r_hat"] for row in rows)
    found["error_standard_error"] = float(np.std([row["error"] for row in rows]) / np.sqrt(len(rows)))
    found |= {"seeds": asked.seeds, "peak_gb": round(peak_gb(), 2)}
    if asked.json:
        by_seed = {"error_by_seed": [round(row["error"], 4) for row in rows]}
        kind = {"world": asked.world, "form": f"{form.carry} {form.saturation}", "fit": asked.fit}
        kind |= {"claims": asked.claims, "weight": asked.weight, "weeks": asked.weeks}
        print(json.dumps(kind | found | by_seed))
    else:
        print("\n".join(f"{name:22s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
