"""Rules of a table that no single cell can break."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from engine.data.findings import Findings

Tables = Mapping[str, pd.DataFrame]
Rule = Callable[[pd.DataFrame, Tables, Findings], None]
SHARE_TOLERANCE = 1e-3


def _has(frame: pd.DataFrame, *columns: str) -> bool:
    return all(column in frame for column in columns)


def in_order(first: str, last: str) -> Rule:
    """A span that ends before it starts."""

    def rule(frame: pd.DataFrame, tables: Tables, found: Findings) -> None:
        if _has(frame, first, last):
            found.rows(
                (frame[last] < frame[first]).to_numpy(),
                last,
                f"lies before {first}",
                frame[last].dt.date,
                f"{first} or later",
            )

    return rule


def shares_add_up(by: Sequence[str], what: str) -> Rule:
    """Shares of one group that are not 1 together."""

    def rule(frame: pd.DataFrame, tables: Tables, found: Findings) -> None:
        keys = [name for name in by if name in frame]
        if not _has(frame, "share") or by[-1] not in keys:
            return
        total = frame.groupby(keys, observed=True)["share"].transform("sum")
        first = ~frame[keys].duplicated().to_numpy()
        off = first & ~np.isclose(total, 1.0, atol=SHARE_TOLERANCE)
        found.rows(
            off,
            "share",
            lambda row: f"the shares of {what} {_named(frame, keys, row)} add up to {total.iloc[row]:.4g}",
            expected="1 in all",
        )

    return rule


def _named(frame: pd.DataFrame, keys: Sequence[str], row: int) -> str:
    return " / ".join(str(frame[name].iloc[row]) or "(all)" for name in keys)


def price_tiers(frame: pd.DataFrame, tables: Tables, found: Findings) -> None:
    """Two ways of counting for one item."""
    keys = ["supplier", "sku"]
    if not _has(frame, *keys, "from_units"):
        return
    lowest = frame.groupby(keys, observed=True)["from_units"].transform("min")
    first = (frame["from_units"] == lowest).to_numpy()
    if "kind" in frame:
        kinds = frame[keys].assign(kind=frame["kind"].cat.codes).groupby(keys, observed=True)["kind"]
        found.rows(
            first & (kinds.transform("min") < kinds.transform("max")).to_numpy(),
            "kind",
            "tiers of one supplier and SKU mix all_units and incremental",
            expected="one kind for all tiers of a supplier and SKU",
        )


def grades(frame: pd.DataFrame, tables: Tables, found: Findings) -> None:
    """Grades of returned goods that are more than all of them."""
    if _has(frame, "grade_a_share", "grade_b_share"):
        total = frame["grade_a_share"] + frame["grade_b_share"]
        found.rows(
            (total > 1 + SHARE_TOLERANCE).to_numpy(),
            "grade_b_share",
            "grade_a_share and grade_b_share are more than 1 together",
            total,
            "1 or less, the rest is scrap",
        )


def lifted_channels(frame: pd.DataFrame, tables: Tables, found: Findings) -> None:
    """Sales channels that an ad channel is said to lift and that do not exist."""
    if not _has(frame, "lifts") or "channel" not in tables.get("channels", ()):
        return
    known = set(tables["channels"]["channel"].astype(str))
    names = frame["lifts"].cat.categories
    bad = np.array([any(part.strip() not in known for part in name.split("|")) if name else False for name in names])
    found.rows(
        np.append(bad, False)[frame["lifts"].cat.codes.to_numpy()],
        "lifts",
        "names a channel that is not in channels",
        frame["lifts"],
        "channels joined by |",
        "Add it to channels, or correct the spelling.",
    )


ROW_RULES: Mapping[str, tuple[Rule, ...]] = {
    "skus": (in_order("launch_date", "end_date"),),
    "events": (in_order("start", "end"),),
    "promotions": (in_order("start", "end"),),
    "overrides": (in_order("start", "end"),),
    "exclusions": (in_order("start", "end"),),
    "lift_tests": (in_order("start", "end"),),
    "purchase_orders": (in_order("ordered_at", "expected_at"),),
    "returns": (grades,),
}
"""What one row can break by itself, by table."""

GROUP_RULES: Mapping[str, tuple[Rule, ...]] = {
    "media": (lifted_channels,),
    "payment_terms": (shares_add_up(("supplier",), "supplier"),),
    "price_tiers": (price_tiers,),
    "region_shares": (shares_add_up(("category", "channel"), "channel"),),
}
"""What rows can break only together, or with other tables."""
