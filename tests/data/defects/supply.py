"""Defects of suppliers' terms."""

from __future__ import annotations

import numpy as np

from tests.data.defects.tools import Rng, Tables, busy_sku, defect, sales_days, some_rows, with_values


@defect("supply_terms")
def no_supplier(tables: Tables, rng: Rng) -> None:
    """SKUs that nobody supplies."""
    gone = [busy_sku(tables, rng) for _ in range(4)]
    bundles = set(tables["bundles"]["bundle_sku"].astype(str)) if "bundles" in tables else set()
    terms = tables["supply_terms"]
    sold = [sku for sku in tables["sales"]["sku"].astype(str).unique() if sku not in bundles]
    gone = [sku for sku in gone if sku not in bundles] or sold[:2]
    for name in ("supply_terms", "price_tiers"):
        if name in tables:
            tables[name] = tables[name][~tables[name]["sku"].isin(gone)].reset_index(drop=True)
    assert len(tables["supply_terms"]) < len(terms)


@defect("supply_terms")
def lead_time_zero(tables: Tables, rng: Rng) -> None:
    """Lead times of 0."""
    terms = tables["supply_terms"]
    tables["supply_terms"] = with_values(terms, some_rows(terms, rng, 0.03, 3), "lead_time_days", 0.0)


@defect("supply_terms")
def lead_time_years(tables: Tables, rng: Rng) -> None:
    """Lead times in hours."""
    terms = tables["supply_terms"]
    rows = some_rows(terms, rng, 0.03, 3)
    tables["supply_terms"] = with_values(
        terms, rows, "lead_time_days", terms["lead_time_days"].to_numpy()[rows] * 24 + 100
    )


@defect("supply_terms", "sales")
def moq_in_years(tables: Tables, rng: Rng) -> None:
    """Minimum orders of a SKU far above a year of demand."""
    terms = tables["supply_terms"]
    by_sku = tables["sales"].groupby("sku", observed=True).agg(units=("units_paid", "sum"), first=("date", "min"))
    days = (sales_days(tables)[-1] - by_sku["first"]).dt.days + 1
    sold = by_sku["units"][(by_sku["units"] > 50) & (days >= 28)]
    alone = (terms["moq_level"].astype(str) == "sku").to_numpy()
    rows = some_rows(terms, rng, 0.0, 3, alone & terms["sku"].isin(sold.index.astype(str)).to_numpy())
    yearly = (sold * 365 / days).reindex(terms["sku"].astype(str)).to_numpy(dtype=float)[rows]
    tables["supply_terms"] = with_values(terms, rows, "moq_units", np.ceil(6 * yearly + 500))


@defect("price_tiers")
def tiers_rise(tables: Tables, rng: Rng) -> None:
    """A tier dearer than the one below."""
    tiers = tables["price_tiers"]
    rows = some_rows(tiers, rng, 0.03, 3, (tiers["from_units"] > 1).to_numpy())
    tables["price_tiers"] = with_values(tiers, rows, "unit_price_fen", tiers["unit_price_fen"].to_numpy()[rows] * 1.3)


@defect("payment_terms")
def instalments_do_not_add_up(tables: Tables, rng: Rng) -> None:
    """Shares of a supplier are 80 % together."""
    terms = tables["payment_terms"]
    rows = some_rows(terms, rng, 0.0, 1)
    tables["payment_terms"] = with_values(terms, rows, "share", terms["share"].to_numpy()[rows] * 0.7)


@defect("payment_terms", "supply_terms")
def no_payment_terms(tables: Tables, rng: Rng) -> None:
    """Suppliers without terms."""
    terms = tables["payment_terms"]
    used = np.unique(tables["supply_terms"]["supplier"].astype(str))
    tables["payment_terms"] = terms[terms["supplier"].astype(str) != rng.choice(used)].reset_index(drop=True)


@defect("suppliers")
def capacity_zero(tables: Tables, rng: Rng) -> None:
    """A capacity of 0 where none was known."""
    table = tables["suppliers"]
    tables["suppliers"] = with_values(table, some_rows(table, rng, 0.1, 1), "capacity_units_week", 0)
