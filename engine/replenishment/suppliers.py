"""Supplier scorecard from orders and receipts, and the top items that hang on a single supplier."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.goods import vat_rates
from engine.data.network import text_of
from engine.plans.suppliers import SupplierReport
from engine.replenishment.supplier_lines import judged_lines, with_agreed_prices
from engine.replenishment.supplier_settings import SupplierSettings
from models.economics import USUAL_VAT

REMEDY = "add purchase_orders (采购单) with suppliers and receipts (入库)"
MEASURES = ("on_time", "lateness", "defects", "agreed_price", "second_price", "response")
COLUMNS = ["supplier", "name", "grade", "stated_grade", "score", "lines", "on_time", "late_days", "late_sd_days"]
COLUMNS += ["short_share", "defect_rate", "price_over_agreed", "price_over_second", "response_days"]
COLUMNS += ["purchases_fen", "weak", "reasons"]
LOST_POINTS = 3.0
"""A measure that costs fewer points of the score is no reason."""


def supplier_report(dataset: Dataset, settings: SupplierSettings) -> SupplierReport:
    """Grades of all suppliers; :class:`MissingInput` without orders or receipts."""
    dataset.require("purchase_orders", REMEDY)
    dataset.require("receipts", REMEDY)
    today = dataset.last_day
    lines = with_agreed_prices(judged_lines(dataset, today, settings), dataset)
    card = _graded(_measured(lines, dataset, settings), settings)
    single, notes = single_sourced(dataset, card, settings)
    if lines.empty:
        notes = (*notes, "no order line with a supplier was due: every supplier starts in the middle")
    return SupplierReport(card, single, rule_of(settings), notes)


def rule_of(settings: SupplierSettings) -> str:
    """The rule of the grades in words."""
    weights = ", ".join(f"{name.replace('_', ' ')} {getattr(settings, name).weight:.0%}" for name in MEASURES)
    return (
        f"score = weighted mean of {weights}, each 0 to 100 (unknown ones drop out), shrunk towards "
        f"{settings.start_score:.0f} as if {settings.start_lines:.0f} order lines said so; S from "
        f"{settings.grade_s:.0f}, A from {settings.grade_a:.0f}, B from {settings.grade_b:.0f}, else C"
    )


def _measured(lines: pd.DataFrame, dataset: Dataset, settings: SupplierSettings) -> pd.DataFrame:
    """One row a supplier that is named anywhere, with its measures."""
    lines = lines.assign(
        on_time=(lines["late_days"] <= settings.tolerance_days).astype(float),
        purchases_fen=(lines["price_fen"] * lines["units"]).fillna(0.0),
        short=(lines["units"] - lines["came"]).clip(lower=0.0),
    )
    for base, over in (("agreed_fen", "price_fen"), ("second_fen", "first_fen")):
        known = lines[base].gt(0) & lines[over].notna()
        lines[f"{base}_paid"] = (lines[over] * lines["units"]).where(known, 0.0)
        lines[f"{base}_base"] = (lines[base] * lines["units"]).where(known, 0.0)
    group = lines.groupby("supplier")
    card = group.agg(
        lines=("po", "size"),
        on_time=("on_time", "mean"),
        late_days=("late_days", "mean"),
        late_sd_days=("late_days", lambda days: days.std(ddof=0)),
        response_days=("response_days", "mean"),
        purchases_fen=("purchases_fen", "sum"),
    )
    sums = group[["units", "came", "defects", "short"]].sum()
    card["short_share"] = sums["short"] / sums["units"]
    card["defect_rate"] = (sums["defects"] / sums["came"].where(sums["came"] > 0)).clip(upper=1.0)
    for name, base in (("price_over_agreed", "agreed_fen"), ("price_over_second", "second_fen")):
        spent, usual = group[f"{base}_paid"].sum(), group[f"{base}_base"].sum()
        card[name] = spent / usual.where(usual > 0) - 1.0
    card = card.reindex(_named(dataset, lines))
    card["lines"] = card["lines"].fillna(0).astype(np.int64)
    card["purchases_fen"] = card["purchases_fen"].fillna(0).round().astype(np.int64)
    table = dataset.get("suppliers")
    for name, column in (("name", "name"), ("stated_grade", "grade")):
        known = pd.Series(dtype=str)
        if table is not None and column in table:
            known = pd.Series(text_of(table[column]).to_numpy(), text_of(table["supplier"]))
        card[name] = known[~known.index.duplicated()].reindex(card.index).fillna("")
    return card.rename_axis("supplier").reset_index()


def _named(dataset: Dataset, lines: pd.DataFrame) -> list[str]:
    """Every supplier of the orders, the terms and the suppliers table."""
    names = set(lines["supplier"])
    for table in (dataset.get("suppliers"), dataset.get("supply_terms")):
        if table is not None:
            names |= set(text_of(table["supplier"]))
    return sorted(names - {""})


def _graded(card: pd.DataFrame, settings: SupplierSettings) -> pd.DataFrame:
    late = (card["late_days"].clip(lower=0.0) + card["late_sd_days"] - settings.tolerance_days).clip(lower=0.0)
    values = {
        "on_time": card["on_time"],
        "lateness": late,
        "defects": card["defect_rate"],
        "agreed_price": card["price_over_agreed"],
        "second_price": card["price_over_second"],
        "response": card["response_days"],
    }
    scores, weights = pd.DataFrame(index=card.index), pd.DataFrame(index=card.index)
    for name, value in values.items():
        law = getattr(settings, name)
        share = (value - law.worst) / (law.best - law.worst) if law.best != law.worst else (value - law.best) * np.inf
        scores[name] = 100.0 * share.clip(0.0, 1.0)
        weights[name] = np.where(scores[name].notna(), law.weight, 0.0)
    total = weights.sum(axis=1)
    weights = weights.div(total.where(total > 0, 1.0), axis=0)
    raw = (scores.fillna(0.0) * weights).sum(axis=1)
    count = card["lines"].where(total > 0, 0)
    known = count + settings.start_lines
    start = settings.start_score
    shrunk = (raw * count + start * settings.start_lines) / known.where(known > 0, 1.0)
    card["score"] = shrunk.where(known > 0, start)
    edges = (settings.grade_s, settings.grade_a, settings.grade_b)
    card["grade"] = np.select([card["score"] >= edge for edge in edges], ["S", "A", "B"], "C")
    lost = ((100.0 - scores).fillna(0.0) * weights).to_dict("records")
    card["reasons"] = [_reason(row, points) for row, points in zip(card.to_dict("records"), lost, strict=True)]
    card = card.sort_values(["score", "supplier"], ascending=[False, True], kind="stable", ignore_index=True)
    card["weak"] = _weakest(card, settings.weak_share)
    return card[COLUMNS]


def _weakest(card: pd.DataFrame, share: float) -> np.ndarray:
    """The share of the judged suppliers with the lowest scores; ``card`` holds the best first."""
    judged = np.flatnonzero(card["lines"] > 0)
    weak = np.zeros(len(card), dtype=bool)
    count = round(share * len(judged))
    weak[judged[len(judged) - count :]] = True
    return weak


def _reason(row: Mapping[Hashable, Any], points: Mapping[Hashable, float]) -> str:
    """What costs a supplier most points, the worst first."""
    if not row["lines"]:
        return "no order line was due yet"
    words = {
        "on_time": f"{row['on_time']:.0%} on time",
        "lateness": f"{row['late_days']:.1f} days late on average, give or take {row['late_sd_days']:.1f}",
        "defects": f"{row['defect_rate']:.1%} defective",
        "agreed_price": f"charges {row['price_over_agreed']:.1%} over the agreed price",
        "second_price": f"{row['price_over_second']:.1%} dearer than the cheapest other supplier",
        "response": f"confirms after {row['response_days']:.1f} days",
    }
    worst = sorted((name for name in words if points[name] >= LOST_POINTS), key=lambda name: (-points[name], name))
    return "; ".join(words[name] for name in worst) or "nothing to object to"


def single_sourced(
    dataset: Dataset, card: pd.DataFrame, settings: SupplierSettings
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The top SKUs by margin (by revenue or units where costs or money are not known) with fewer than two suppliers."""
    value, basis = _value_by_sku(dataset, settings.top_days)
    top = value[value > 0].sort_values(ascending=False, kind="stable").head(settings.top_items)
    terms = dataset.get("supply_terms")
    empty = pd.DataFrame(columns=["sku", "name", "value_fen", "supplier", "grade"])
    if terms is None:
        return empty, ("no supply_terms: nobody knows which items have a second supplier",)
    pairs = pd.DataFrame({"sku": text_of(terms["sku"]), "supplier": text_of(terms["supplier"])}).drop_duplicates()
    made_up = _components(dataset)
    count = pairs.groupby("sku").size().reindex(top.index).fillna(0)
    single = top[(count < 2) & ~top.index.isin(made_up)]
    only = pairs.drop_duplicates("sku").set_index("sku")["supplier"].reindex(single.index).fillna("")
    skus = dataset["skus"]
    names = pd.Series(text_of(skus["name"]).to_numpy() if "name" in skus else "", text_of(skus["sku"]))
    grades = card.set_index("supplier")["grade"]
    frame = pd.DataFrame(
        {
            "sku": single.index.astype(str),
            "name": names[~names.index.duplicated()].reindex(single.index).fillna("").to_numpy(),
            "value_fen": single.round().astype(np.int64).to_numpy(),
            "supplier": only.to_numpy(),
            "grade": grades.reindex(only.to_numpy()).fillna("").to_numpy(),
        }
    )
    return frame, (f"top items by {basis} of the last {settings.top_days} days",)


def _components(dataset: Dataset) -> set[str]:
    """Bundles: they are put together, not bought."""
    bundles = dataset.get("bundles")
    if bundles is None or bundles.empty:
        return set()
    return set(text_of(bundles["bundle_sku"])[(text_of(bundles["kind"]) == "bundle").to_numpy()])


def _value_by_sku(dataset: Dataset, days: int) -> tuple[pd.Series, str]:
    """Gross margin by SKU, fen; revenue where no cost is known, units where no money is."""
    sales, skus = dataset["sales"], dataset["skus"]
    sales = sales[sales["date"] > dataset.last_day - pd.Timedelta(days=days)]
    kept = {}
    for what in ("units", "amount"):
        names = [name for name in (f"{what}_paid", f"{what}_paid_fen") if name in sales]
        minus = [name for name in (f"{what}_cancelled", f"{what}_cancelled_fen") if name in sales]
        if names:
            values = sales[names[0]].astype(float) - (sales[minus[0]].fillna(0).astype(float) if minus else 0.0)
            kept[what] = values.groupby(sales["sku"], observed=True).sum()
            kept[what].index = kept[what].index.astype(str)
    if "amount" not in kept:
        return kept["units"], "units"
    table = skus.assign(sku=text_of(skus["sku"])).drop_duplicates("sku").set_index("sku").reindex(kept["amount"].index)
    revenue = kept["amount"] / (1.0 + vat_rates(dataset).reindex(kept["amount"].index).fillna(USUAL_VAT))
    if "unit_cost_fen" not in table or table["unit_cost_fen"].isna().all():
        return revenue, "revenue"
    cost = table["unit_cost_fen"].astype(float)
    share = (cost * kept["units"])[cost.notna()].sum() / max(revenue[cost.notna()].sum(), 1.0)
    goods = (cost * kept["units"]).fillna(share * revenue)
    return revenue - goods, "gross margin"
