"""With and without promotions: the planted ones are worth a lot, and are the only difference."""

from __future__ import annotations

import experiments.completejourney as study
from engine.execution.run import Run
from engine.plans.forecast import METHOD
from tests.experiments.shops import case


def test_promotions_lower_the_error_where_they_move_demand() -> None:
    table = study.compare(case(), 2, Run(1, 1))
    wape = table[table["model"] == METHOD].groupby("drivers")["wape"].mean()
    assert wape[study.WITH] < 0.8 * wape[study.WITHOUT]
    assert table.groupby("origin")["series"].nunique().max() == 1
