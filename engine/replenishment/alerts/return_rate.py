"""SKUs that come back far more often than their category: stop buying, or claim on the supplier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from engine.data.network import text_of
from engine.plans.alerts import alert_table
from engine.replenishment.alerts.chance import planned_arrivals
from engine.replenishment.alerts.view import View
from engine.replenishment.value import series_terms
from models.economics import waterfall

Floats = NDArray[np.float64]
STOP, CLAIM, CHECK = "stop_ordering", "supplier_claim", "check_listing"


def return_rate(view: View) -> pd.DataFrame:
    """SKUs whose return rate is above the limit with the certainty asked for (Beta posterior around the category)."""
    rates = _rates(view)
    settings = view.settings
    limit = np.maximum(settings.return_ratio * rates["usual"].to_numpy(), settings.return_rate)
    back, kept = rates["back"].to_numpy(), rates["shipped"].to_numpy() - rates["back"].to_numpy()
    prior = np.clip(rates["usual"].to_numpy(), 1e-3, 1.0 - 1e-3)
    probability = np.where(limit < 1.0, beta.sf(np.minimum(limit, 1.0), prior + back, 1.0 - prior + kept), 0.0)
    rates["probability"] = probability
    found = rates[(probability >= settings.return_probability) & (rates["rate"] > limit)].reset_index(drop=True)
    money = _money(view, found)
    units = money["units"].to_numpy() * (found["rate"] - found["usual"]).to_numpy()
    stops = money["saved"].to_numpy(dtype=float)
    claims = money["scrapped"].to_numpy(dtype=float)
    action = np.where((stops > claims) & (stops > 0), STOP, np.where(claims > 0, CLAIM, CHECK))
    reason = [
        f"{rate:.0%} come back, {usual:.0%} in its category"
        for rate, usual in zip(found["rate"], found["usual"], strict=True)
    ]
    return alert_table(
        kind="return_rate",
        sku=found["sku"].to_numpy(),
        date=np.full(len(found), np.datetime64(view.today, "D")),
        probability=found["probability"].to_numpy(),
        units=units,
        stock=money["stock"].to_numpy(),
        stake=money["stake"].to_numpy(),
        action=action,
        value=np.maximum(np.where(action == STOP, stops, claims), 0.0),
        reason=reason,
    )


def _rates(view: View) -> pd.DataFrame:
    """Frame ``sku, category, shipped, back, rate, usual`` over the window whose returns have come."""
    sales, settings = view.dataset["sales"], view.settings
    if "units_returned" not in sales:
        raise view.lack("units_returned (退货件数) to sales")
    last = view.today - pd.Timedelta(days=settings.return_lag_days)
    rows = sales[(sales["date"] <= last) & (sales["date"] > last - pd.Timedelta(days=settings.return_window_days))]
    shipped = rows["units_shipped"] if "units_shipped" in rows else rows["units_paid"]
    back = rows["units_returned"].fillna(0)
    if "units_refund_only" in rows:
        back = back + rows["units_refund_only"].fillna(0)
    sums = pd.DataFrame({"shipped": shipped.fillna(0).astype(float), "back": back.astype(float)})
    sums = sums.groupby(rows["sku"], observed=True).sum()
    sums = sums.set_axis(sums.index.astype(str)).rename_axis("sku").reset_index()
    sums["back"] = np.minimum(sums["back"], sums["shipped"])
    skus = view.dataset["skus"]
    category = pd.Series(text_of(skus["category"]).to_numpy(), text_of(skus["sku"]))
    sums["category"] = category[~category.index.duplicated()].reindex(sums["sku"]).fillna("").to_numpy()
    total = sums.groupby("category")[["shipped", "back"]].transform("sum")
    # a SKU is not held against itself
    others = total["shipped"] - sums["shipped"]
    whole = sums["back"].sum() / max(sums["shipped"].sum(), 1.0)
    sums["usual"] = ((total["back"] - sums["back"]) / others.where(others > 0)).fillna(whole)
    sums["rate"] = (sums["back"] / sums["shipped"].where(sums["shipped"] > 0)).fillna(0.0)
    return sums[sums["shipped"] > 0].reset_index(drop=True)


def _money(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """By SKU of ``found``: ``units`` expected to be sold in the weeks that count, ``stock`` at cost, ``stake`` (yuan by
    which returns above the category's cut what these sales earn), ``saved`` (yuan by which planned purchases lose
    money at this rate), ``scrapped`` (cost of what comes back beyond the usual and is worth nothing)."""
    plan, positions = view.plan, view.positions
    demand = plan.demand
    keys = pd.DataFrame({name: text_of(demand.series[name]) for name in ("sku", "channel")})
    asked = keys.merge(found[["sku", "rate", "usual"]], on="sku", how="left")
    terms = series_terms(view.dataset, demand)
    weeks = min(view.settings.return_cost_weeks, terms.price.shape[1])
    units = np.asarray(demand.weekly_mean[:, :weeks], dtype=np.float64)
    cost = _cost(view, keys["sku"])
    unit = terms.unit(cost)
    earned = []
    for rate in (asked["rate"], asked["usual"]):
        share = rate.fillna(0.0).to_numpy()[:, None]
        changed = replace(unit, return_rate=share, refund_only_rate=0.0)
        earned.append(np.nan_to_num(waterfall(changed).contribution[:, :weeks]))
    grade_c = (1.0 - terms.returns["grade_a_share"] - terms.returns["grade_b_share"]).clip(0.0, 1.0).to_numpy()
    more = (asked["rate"] - asked["usual"]).fillna(0.0).clip(lower=0.0).to_numpy()
    sums = pd.DataFrame(
        {
            "sku": keys["sku"],
            "units": units.sum(axis=1),
            "stake": np.maximum((earned[1] - earned[0]) * units, 0.0).sum(axis=1),
            "loss": np.maximum(-earned[0] * units, 0.0).sum(axis=1),
            "scrapped": grade_c * more * cost * units.sum(axis=1),
        }
    )
    sums = sums.groupby("sku").sum().reindex(found["sku"]).fillna(0.0)
    bought = planned_arrivals(plan.orders)[:, :weeks].sum(axis=1)
    row = pd.Series(bought).groupby(positions.table["sku"].to_numpy()[: positions.planned]).sum()
    share = np.minimum(
        row.reindex(found["sku"]).fillna(0.0).to_numpy() / np.maximum(sums["units"].to_numpy(), 1.0), 1.0
    )
    sums["saved"] = sums["loss"].to_numpy() * share
    worth = pd.Series(positions.column("on_hand") * positions.column("unit_cost"))
    sums["stock"] = worth.groupby(positions.table["sku"].to_numpy()).sum().reindex(found["sku"]).fillna(0.0).to_numpy()
    return sums.reset_index()


def _cost(view: View, sku: pd.Series) -> Floats:
    """Unit cost by SKU, yuan."""
    table = view.positions.table.drop_duplicates("sku").set_index("sku")["unit_cost"].astype(float)
    return np.asarray(table.reindex(sku).fillna(0.0), dtype=np.float64)
