"""The GMV bridge: from what was ordered down to what the platforms have paid out, every step in fen."""

from __future__ import annotations

import pandas as pd

from engine.plans.review import BRIDGE, LEVELS
from engine.targets.review.sums import Sales

_LOSSES = {
    "unpaid": ("ordered", "paid"),
    "cancelled": ("paid", "net"),
    "not_shipped": ("net", "shipped"),
    "under_way": ("shipped", "received"),
    "not_settled": ("kept", "settled"),
}
"""Losses between two levels."""


def gmv_bridge(months: pd.DataFrame, sales: Sales) -> tuple[pd.DataFrame, list[str]]:
    """Frame ``step, kind, now, before`` of the steps that the merchant's columns tell, and notes on the others.

    The year before is shown as it stands today: all of it has been shipped, returned and settled by now.
    """
    notes: list[str] = []
    if not sales.priced:
        what = "amounts in sales are all 0" if "amount_paid_fen" in sales.known else "no amounts in sales"
        return pd.DataFrame(columns=["step", "kind", "now", "before"]), [
            f"{what} and no prices: money, and with it most of the review, cannot be told"
        ]
    sums = {before: rows.sum(numeric_only=True) for before, rows in months.groupby("before")}
    columns = {now: _steps(sums.get(before)) for now, before in (("now", False), ("before", True))}
    untold = _untold(sales, notes)
    steps = [step for step in BRIDGE if step not in untold]
    kinds = ["level" if step in LEVELS else "change" for step in steps]
    bridge = pd.DataFrame({"step": steps, "kind": kinds})
    for name, values in columns.items():
        bridge[name] = pd.array([values[step] for step in steps], dtype="int64")
    return bridge, notes


def _steps(sums: pd.Series | None) -> dict[str, int]:
    """Every step; losses are negative, so that a level plus the losses below it is the next level."""
    if sums is None:
        return dict.fromkeys(BRIDGE, 0)
    steps = {name: int(sums[f"{name}_fen"]) for name in ("ordered", "paid", "net", "shipped")}
    steps["received"] = steps["shipped"] - int(sums["under_way_fen"])
    for name in ("returned", "refund_only"):
        steps[name] = -int(sums[f"{name}_fen"])
    steps["kept"] = steps["received"] + steps["returned"] + steps["refund_only"]
    steps["settled"] = steps["kept"] - int(sums["not_settled_fen"])
    return steps | {name: steps[below] - steps[above] for name, (above, below) in _LOSSES.items()}


def _untold(sales: Sales, notes: list[str]) -> set[str]:
    """Steps that no column tells."""
    missing: set[str] = set()
    if "amount_ordered_fen" not in sales.known:
        missing |= {"ordered", "unpaid"}
        notes.append("no ordered amounts in sales: the bridge begins with what was paid")
    if "units_shipped" not in sales.known:
        missing |= {"not_shipped"}
        notes.append("no units_shipped in sales: all that was not cancelled counts as shipped")
    for name in ("returned", "refund_only"):
        if not {f"amount_{name}_fen", f"units_{name}"} & sales.known:
            missing |= {name}
            notes.append(f"no {name} amounts in sales: none are taken off")
    return missing
