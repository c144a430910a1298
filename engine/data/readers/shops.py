"""What the public retail sets have in common: shops that sell from their own stock room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def labels(values: Iterable[object]) -> pd.Categorical:
    """Text as a categorical with sorted string categories."""
    return pd.Categorical(pd.array([str(value) for value in values], dtype="str"))


def coded(codes: NDArray[np.integer], names: Sequence[str]) -> pd.Categorical:
    """Text given as positions in ``names`` (sorted, without repetition); no string is copied."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype="str"))


def days(values: pd.Series | pd.Index) -> NDArray[np.datetime64]:
    """Dates to the second, as the contract holds them."""
    return pd.to_datetime(values).to_numpy(dtype="datetime64[s]")


def shops(names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Channels that are shops, each its own region, served by a warehouse of the same name at no cost."""
    own = labels(names)
    return {
        "channels": pd.DataFrame({"channel": own, "kind": labels(["own"] * len(names))}),
        "warehouses": pd.DataFrame({"warehouse": own, "region": own}),
        "lanes": pd.DataFrame(
            {"origin": own, "destination": own, "kind": labels(["region"] * len(names)), "rank": 1, "days": 0.0}
        ),
        "region_shares": pd.DataFrame(
            {"category": labels([""] * len(names)), "channel": own, "region": own, "share": 1.0}
        ),
    }
