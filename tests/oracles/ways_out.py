"""What stock is worth, one item and one week at a time."""

from __future__ import annotations

from collections.abc import Sequence


def worth(
    units: float,
    demand: Sequence[float],
    usual: Sequence[float],
    revenue: Sequence[tuple[float, float]],
    item: dict[str, float],
) -> float:
    """Yuan: ``revenue`` holds the net yuan of a unit of this stock and of one that is bought anew, week by week."""
    yuan, left = 0.0, units
    for asked, normal, (earned, anew) in zip(demand, usual, revenue, strict=True):
        sold = min(left, asked)
        yuan += sold * earned
        if item["end"] == float("inf") and normal > sold:
            yuan += (normal - sold) * max(anew - item["cost"], 0.0)
        before, left = left, left - sold
        yuan -= item["holding"] * (before + left) / 2.0
    return yuan + item["salvage"] * left


def cut(
    units: float,
    demand: Sequence[float],
    revenue: Sequence[float],
    item: dict[str, float],
    plan: tuple[float, int, float],
) -> float:
    """Worth of the stock when the price is cut by ``plan``: depth, weeks and the share of more sales pulled forward."""
    depth, weeks, pulled = plan
    first, after = int(item["wait"]), int(item["wait"]) + weeks
    changed, price, more = [], [], 0.0
    for week, asked in enumerate(demand):
        inside = first <= week < after
        now = asked * (1.0 - depth) ** item["elasticity"] if inside else asked
        more += now - asked
        changed.append(now)
        price.append(revenue[week] - (depth * item["cut_cost"] if inside else 0.0))
    for week in range(after, min(after + weeks, len(demand))):
        changed[week] = max(changed[week] - pulled * more / weeks, 0.0)
    return worth(units, changed, demand, list(zip(price, revenue, strict=True)), item)
