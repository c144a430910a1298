"""Stock flow with lost sales, one path at a time, in plain Python."""

from __future__ import annotations


def run_out(demand: list[float], on_hand: float, arrivals: list[float], late: int) -> tuple[float, list[float]]:
    """Day on which stock first falls short (inf: never) and units lost by week."""
    coming = [0.0] * len(demand)
    for week, units in enumerate(arrivals):
        if week + late < len(demand):
            coming[max(week + late, 0)] += units
    stock, day, lost = on_hand, float("inf"), []
    for week, asked in enumerate(demand):
        stock += coming[week]
        if asked > stock and day == float("inf"):
            day = 7.0 * week + 7.0 * stock / asked
        lost.append(max(asked - stock, 0.0))
        stock = max(stock - asked, 0.0)
    return day, lost
