"""Why an ad channel gets more or less: marginal returns at the old and the new point, and the rule that holds it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput, Problem

SAME = 0.01


@dataclass(frozen=True)
class ChannelExplanation:
    """Money in fen over the planned weeks; returns are yuan of revenue for one more yuan (90 % interval at the plan).

    ``move``: up, down or same. ``price_of_budget``: what one more yuan of the whole budget adds to the objective; an ad
    channel moves up while its own marginal return is above it, until a rule (``held_by``) holds it. ``reach``: share of
    its lift by sales channel.
    """

    ad_channel: str
    move: str
    today_fen: int
    spend_fen: int
    marginal_today: float
    marginal_roi: float
    marginal_roi_low: float
    marginal_roi_high: float
    price_of_budget: float
    held_by: str
    held_price: float
    data: str
    reach: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def explain_channel(plan: BudgetPlan, name: str) -> ChannelExplanation:
    """Raises BadInput where the plan has no such ad channel."""
    rows = plan.channels[plan.channels["ad_channel"].astype(str) == name]
    if not len(rows):
        known = ", ".join(plan.channels["ad_channel"].astype(str))
        raise BadInput([Problem("--ad-channel", "the budget has no such ad channel", value=name, expected=known)])
    row = rows.iloc[0]
    today, spend = int(row["today_fen"]), int(row["spend_fen"])
    move = "same" if abs(spend - today) <= SAME * max(today, 1) else "up" if spend > today else "down"
    budget = sum(entry.price for entry in plan.report.binding if entry.rule.startswith("total budget"))
    return ChannelExplanation(
        ad_channel=name,
        move=move,
        today_fen=today,
        spend_fen=spend,
        marginal_today=float(row["marginal_today"]),
        marginal_roi=float(row["marginal_roi"]),
        marginal_roi_low=float(row["marginal_roi_low"]),
        marginal_roi_high=float(row["marginal_roi_high"]),
        price_of_budget=float(budget),
        held_by=str(row["held_by"]),
        held_price=float(row["held_price"]),
        data=str(row["data"]),
        reach=plan.reach[name],
    )
