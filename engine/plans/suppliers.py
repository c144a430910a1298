"""SupplierReport: how suppliers have delivered, and which items hang on a single one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from engine.plans.orders import WORTH_COLUMNS


@dataclass(frozen=True)
class SupplierReport:
    """Suppliers, the best first.

    ``scorecard``: frame ``supplier, name, grade`` (S, A, B, C), ``stated_grade`` (in the suppliers table, "" unknown),
    ``score`` (0 to 100), ``lines`` (order lines that were due), ``on_time, late_days, late_sd_days, short_share,
    defect_rate, price_over_agreed, price_over_second, response_days`` (NaN: nothing is known), ``purchases_fen``,
    ``weak`` (bool: among the weakest) and ``reasons`` (a sentence). ``single_sourced``: frame ``sku, name, value_fen,
    supplier, grade`` of the top items that only one supplier delivers. ``rule``: how grades come about, in words.
    ``worth``: what better terms would bring for the orders of the plan, frame ``supplier, purchases_fen,
    payment_days_fen`` (15 more days to pay), ``next_tier_fen`` (see :class:`~engine.plans.orders.OrderPlan`).
    """

    scorecard: pd.DataFrame
    single_sourced: pd.DataFrame
    rule: str
    notes: tuple[str, ...] = ()
    worth: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(WORTH_COLUMNS)))

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``; what is not known is null."""
        return {
            "suppliers": self.scorecard.to_dict("records"),
            "single_sourced": self.single_sourced.to_dict("records"),
            "rule": self.rule,
            "worth_of_terms": self.worth.to_dict("records"),
            "warnings": list(self.notes),
        }
