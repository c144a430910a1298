"""All alerts of a merchant, ranked by the money at stake."""

from __future__ import annotations

import pandas as pd

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.alerts import Alerts, no_alerts
from engine.plans.errors import MissingInput
from engine.plans.price_protection import USUAL_PROTECTION, PriceProtection
from engine.replenishment.alerts.broken_sizes import broken_sizes
from engine.replenishment.alerts.event_order import event_order
from engine.replenishment.alerts.parcels import parcels
from engine.replenishment.alerts.positions import Planned
from engine.replenishment.alerts.return_rate import return_rate
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.alerts.stock_out import stock_out
from engine.replenishment.alerts.surplus import SURPLUS_KINDS, surplus_alerts
from engine.replenishment.alerts.view import Kind, View
from engine.replenishment.settings import ReplenishSettings

KINDS: dict[str, Kind] = {
    "stock_out": stock_out,
    "event_order": event_order,
    "parcels": parcels,
    "broken_sizes": broken_sizes,
    "return_rate": return_rate,
}


def make_alerts(
    dataset: Dataset,
    planned: Planned | None,
    settings: AlertSettings,
    replenish: ReplenishSettings,
    run: Run,
    protection: PriceProtection = USUAL_PROTECTION,
) -> Alerts:
    """Alerts from the last snapshot, the forecast's paths and the order plan.

    A kind whose table is missing is skipped with a note; without a plan only what stock and sales say is told.
    """
    view = View(dataset, planned, settings, replenish, run, protection)
    notes: list[str] = []
    found, surplus = [], []
    for name, kind in KINDS.items():
        try:
            found.append(kind(view))
        except MissingInput as missing:
            notes.append(f"{name} skipped: {missing}")
    for name, rule in SURPLUS_KINDS.items():
        try:
            rows = rule(view)
            surplus.append(rows.assign(kind=name))
        except MissingInput as missing:
            notes.append(f"{name} skipped: {missing}")
    surplus = [part for part in surplus if len(part)]
    if surplus:
        found.append(surplus_alerts(view, pd.concat(surplus, ignore_index=True)))
    if planned is not None and len(planned.orders.unplanned):
        count = planned.orders.unplanned["sku"].nunique()
        notes.append(f"{count} SKUs are not planned and not watched for stock-outs")
    return _ranked(found, settings, notes)


def _ranked(found: list[pd.DataFrame], settings: AlertSettings, notes: list[str]) -> Alerts:
    parts = [part for part in found if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else no_alerts()
    small = table["stake_fen"] < 100.0 * settings.smallest_yuan
    if small.any():
        notes.append(
            f"{int(small.sum())} alerts with less than {settings.smallest_yuan:,.0f} yuan at stake are left out"
        )
    order = ["stake_fen", "kind", "sku", "warehouse", "pool", "date"]
    ranked = table[~small].sort_values(order, ascending=[False, *[True] * 5], kind="stable", ignore_index=True)
    return Alerts(ranked, tuple(notes))
