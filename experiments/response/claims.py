"""What platforms claim, for worlds that have none."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from experiments.response.business import Business

Kind = Literal["truth", "noise"]
CLAIMS: tuple[Kind, ...] = get_args(Kind)
OVERCLAIM = 2.0
DOUBT = 1.0  # standard deviation of log claim around log truth
APART = 0.5  # of log truth between ad channels, so that noise varies as much as true claims do


def with_claims(business: Business, seed: int, kind: Kind) -> Business:
    """The business with claims in every week. truth: the true ROAS, twice over, times a factor of about e either way by
    ad channel. noise: as wide, but nothing of it is true."""
    rng, data = np.random.default_rng([seed, 34]), business.data
    if kind == "truth":
        factor = business.roas * rng.lognormal(0.0, DOUBT, len(business.roas))
    else:
        factor = business.roas.mean() * rng.lognormal(0.0, np.hypot(DOUBT, APART), len(business.roas))
    return replace(business, data=replace(data, claims=OVERCLAIM * factor[:, None] * data.spend))
