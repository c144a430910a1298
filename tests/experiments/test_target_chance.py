"""The study of stated chances: the same merchant for the same seed, honest yardstick, bins that count."""

import numpy as np
import pandas as pd

from experiments.target_chance import judged, merchant, stated


def test_one_merchant_is_stated_and_judged():
    small = merchant(3)
    pd.testing.assert_frame_equal(small.dataset["sales"], merchant(3).dataset["sales"])
    assert small.dataset["sales"]["date"].max() < pd.Timestamp("2026-01-01") and small.series["sku"].nunique() <= 40
    found = stated(small, 3, 100).assign(merchant=3)
    assert found["probability"].between(0, 1).all() and np.isfinite(found[["forecast", "known", "sold"]]).all().all()
    for _, goals in found.groupby(["level", "key"]):
        by_goal = goals.sort_values("goal")["probability"].to_numpy()
        assert (np.diff(by_goal) <= 0).all() and by_goal[0] > 0.5 > by_goal[-1]
    total = judged(found)["total"]
    assert sum(entry["goals"] for entry in total["bins"]) == 4 and total["error_known"] > 0
