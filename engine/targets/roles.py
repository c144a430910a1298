"""The mix of roles by number of SKUs: what there is, what is asked, what has to come or go."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.fill import largest_remainder

COLUMNS = ["role", "skus", "share", "target_share", "target_skus", "new_skus", "change"]


def role_mix(dataset: Dataset, wanted: Mapping[str, float], items: pd.DataFrame, day: np.datetime64) -> pd.DataFrame:
    """Frame of :data:`COLUMNS`: SKUs that are sold on ``day`` with the new ones of ``items`` (frame ``role, items``)
    against the mix. ``change``: SKUs to add (or to let go) beside them. A mix below 100 % leaves the rest to the roles
    that it does not name, as they stand; an empty one, and one above 100 %, asks for nothing."""
    skus = dataset["skus"].drop_duplicates("sku")
    role = text_of(skus["role"]).replace("", "regular") if "role" in skus else pd.Series("regular", index=skus.index)
    ended = skus["end_date"].to_numpy().astype("datetime64[D]") <= day if "end_date" in skus else False
    now = role[~np.asarray(ended)].value_counts() if np.any(ended) else role.value_counts()
    new = items.groupby("role")["items"].sum() if len(items) else pd.Series(dtype=np.int64)
    names = sorted({*now.index, *new.index, *wanted})
    counts = np.array([[int(now.get(name, 0)), int(new.get(name, 0))] for name in names], dtype=np.int64)
    counts = counts.reshape(len(names), 2)
    total = int(counts.sum())
    share = np.array([float(wanted.get(name, 0.0)) for name in names])
    left = counts.sum(axis=1) * np.array([name not in wanted for name in names])
    rest = max(1.0 - share.sum(), 0.0)
    share = share + rest * left / max(left.sum(), 1)
    if not wanted or share.sum() <= 0 or share.sum() > 1.0 + 1e-9:
        share = counts.sum(axis=1) / max(total, 1)
    goal = largest_remainder(share, np.zeros(len(names), dtype=np.int64), np.array([total]))
    return pd.DataFrame(
        {
            "role": names,
            "skus": counts[:, 0],
            "share": counts[:, 0] / max(int(counts[:, 0].sum()), 1),
            "target_share": share,
            "target_skus": goal,
            "new_skus": counts[:, 1],
            "change": goal - counts.sum(axis=1),
        },
        columns=COLUMNS,
    )
