"""Rolling origins over the last tenth of the weeks: does knowing the ads help to foresee the KPI?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from experiments.response.weeks import Weeks
from models.response.fit import fit_regions
from models.response.predict import predict
from models.response.priors import Priors

SHARE = 0.1
FEWEST_AHEAD, FEWEST_KNOWN = 4, 26
ORIGINS = 3


def holdout(weeks: Weeks, priors: Priors, seed: int) -> dict[str, object]:
    """MAPE and R2 of the weeks held out, with ads and with controls alone; spend and controls are taken as known.

    Each origin knows nothing of the KPI after it. R2 below 0: worse than the mean of the weeks held out.
    """
    regions, total = weeks.regions, weeks.regions[0].weeks
    ahead = max(round(SHARE * total), FEWEST_AHEAD)
    if total - ahead < FEWEST_KNOWN:
        return {"skipped": f"{total} weeks are too few to hold some out"}
    actual = np.sum([region.revenue.sum(axis=0) for region in regions], axis=0)
    origins = np.unique(np.linspace(total - ahead, total, ORIGINS + 1).astype(int))
    ours, plain = np.zeros(total), np.zeros(total)
    for begin, end in pairwise(origins):
        until = [region.until(int(end)) for region in regions]
        fit = fit_regions([region.until(int(begin)) for region in regions], priors, seed)
        ours[begin:end] = predict(until, int(begin), fit)
        plain[begin:end] = predict(until, int(begin), None)
    judged = np.flatnonzero(~weeks.gap & (actual > 0) & (np.arange(total) >= origins[0]))
    scores: dict[str, object] = {"origins": len(origins) - 1, "weeks": len(judged)}
    if len(judged) < FEWEST_AHEAD:
        return {"skipped": "the KPI of the weeks held out is missing or zero"}
    for name, guess in (("", ours), ("_controls_only", plain)):
        error = guess[judged] - actual[judged]
        spread = float(((actual[judged] - actual[judged].mean()) ** 2).sum())
        scores |= {f"mape{name}": float(np.abs(error / actual[judged]).mean())}
        scores |= {f"r2{name}": 1.0 - float((error**2).sum()) / spread if spread > 0 else None}
    return scores
