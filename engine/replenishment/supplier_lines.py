"""Order lines and what became of them: when they were complete, how many units were defective, at which price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.replenishment.supplier_settings import SupplierSettings

LINE = ["po", "sku", "warehouse"]


def judged_lines(dataset: Dataset, today: pd.Timestamp, settings: SupplierSettings) -> pd.DataFrame:
    """Order lines that were due by ``today``, one row each.

    Frame ``po, sku, warehouse, supplier, units, price_fen`` (NaN unknown), ``response_days`` (NaN unknown), ``came,
    defects`` (units received up to today), ``late_days`` (negative: early; of a line that is not complete: so far).
    Lines without a supplier are left out.
    """
    orders = dataset["purchase_orders"]
    table = pd.DataFrame({name: text_of(orders[name]) for name in LINE})
    table["supplier"] = text_of(orders["supplier"]) if "supplier" in orders else ""
    table["expected_at"] = orders["expected_at"].to_numpy(dtype="datetime64[s]")
    table["units"] = orders["units"].to_numpy(dtype=float)
    price = orders["unit_price_fen"].to_numpy(dtype=float) if "unit_price_fen" in orders else np.nan
    table["money"] = table["units"] * price
    table["unpriced"] = table["money"].isna()
    table["response_days"] = np.nan
    if "confirmed_at" in orders:
        days = (orders["confirmed_at"] - orders["ordered_at"]).dt.days.to_numpy(dtype=float)
        table["response_days"] = np.where(days >= 0, days, np.nan)
    first = today - pd.Timedelta(days=settings.days)
    due = table["expected_at"].between(first, today) & (table["supplier"] != "") & (table["units"] > 0)
    # pools of one line come on the same truck
    lines = (
        table[due]
        .groupby(LINE, as_index=False, sort=True)
        .agg(
            supplier=("supplier", "first"),
            expected_at=("expected_at", "max"),
            units=("units", "sum"),
            money=("money", "sum"),
            unpriced=("unpriced", "any"),
            response_days=("response_days", "mean"),
        )
    )
    lines["price_fen"] = (lines.pop("money") / lines["units"]).where(~lines.pop("unpriced"))
    return _with_receipts(lines, dataset, today, settings)


def _with_receipts(
    lines: pd.DataFrame, dataset: Dataset, today: pd.Timestamp, settings: SupplierSettings
) -> pd.DataFrame:
    receipts = dataset["receipts"]
    came = pd.DataFrame({name: text_of(receipts[name]) for name in LINE})
    came["date"] = receipts["date"].to_numpy(dtype="datetime64[s]")
    came["came"] = receipts["units"].to_numpy(dtype=float)
    came["defects"] = receipts["defects"].fillna(0).to_numpy(dtype=float) if "defects" in receipts else 0.0
    came = came[came["date"] <= today].merge(lines[[*LINE, "units"]], on=LINE).sort_values([*LINE, "date"])
    came["so_far"] = came.groupby(LINE)["came"].cumsum()
    whole = came["so_far"] >= settings.complete_share * came["units"] - 1e-9
    complete = came[whole].groupby(LINE, as_index=False).agg(complete_at=("date", "min"))
    sums = came.groupby(LINE, as_index=False)[["came", "defects"]].sum()
    lines = lines.merge(sums, on=LINE, how="left").merge(complete, on=LINE, how="left")
    lines[["came", "defects"]] = lines[["came", "defects"]].fillna(0.0)
    until = lines["complete_at"].fillna(today)
    lines["late_days"] = (until - lines["expected_at"]).dt.days.clip(upper=settings.most_late_days).astype(float)
    missing = lines["complete_at"].isna() & (lines["late_days"] <= settings.tolerance_days)
    return lines[~missing].drop(columns=["complete_at", "expected_at"]).reset_index(drop=True)


def with_agreed_prices(lines: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Adds ``agreed_fen`` (the supplier's own price for the quantity of the order) and ``second_fen`` (the cheapest
    other supplier's first price of the SKU); NaN where there is none."""
    terms = dataset.get("supply_terms")
    if terms is None or terms.empty:
        return lines.assign(agreed_fen=np.nan, first_fen=np.nan, second_fen=np.nan)
    own = pd.DataFrame(
        {
            "supplier": text_of(terms["supplier"]),
            "sku": text_of(terms["sku"]),
            "first_fen": terms["unit_price_fen"].to_numpy(dtype=float),
        }
    ).drop_duplicates(["supplier", "sku"])
    own = own.sort_values(["sku", "first_fen", "supplier"], ignore_index=True)
    # rows of a SKU stand by price: the cheapest supplier is held against the second, every other against the cheapest
    after = own["first_fen"].shift(-1).where(own["sku"] == own["sku"].shift(-1))
    own["second_fen"] = after.where(~own["sku"].duplicated(), own.groupby("sku")["first_fen"].transform("min"))
    rows = lines.merge(own, on=["supplier", "sku"], how="left")
    rows["agreed_fen"] = np.fmin(rows["first_fen"], _tier_price(rows, dataset))
    return rows


def _tier_price(rows: pd.DataFrame, dataset: Dataset) -> np.ndarray:
    """All-units tier price of the whole order of the SKU; NaN where none applies."""
    tiers = dataset.get("price_tiers")
    if tiers is None or tiers.empty or rows.empty:
        return np.full(len(rows), np.nan)
    table = pd.DataFrame(
        {
            "supplier": text_of(tiers["supplier"]),
            "sku": text_of(tiers["sku"]),
            "quantity": tiers["from_units"].to_numpy(dtype=float),
            "tier_fen": tiers["unit_price_fen"].to_numpy(dtype=float),
        }
    )
    if "kind" in tiers:
        table = table[(text_of(tiers["kind"]) == "all_units").to_numpy()]
    quantity = rows.groupby(["po", "sku"])["units"].transform("sum")
    asked = pd.DataFrame(
        {"supplier": rows["supplier"], "sku": rows["sku"], "quantity": quantity, "row": np.arange(len(rows))}
    )
    found = pd.merge_asof(
        asked.sort_values("quantity"), table.sort_values("quantity"), on="quantity", by=["supplier", "sku"]
    )
    return found.sort_values("row")["tier_fen"].to_numpy()
