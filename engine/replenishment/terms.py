"""Who supplies each item, how soon, in which quantities and at what price; and which items cannot be planned."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.calendar import lunar_new_year
from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.plans.errors import MissingInput
from engine.plans.orders import ALTERNATIVE_COLUMNS, TIER_COLUMNS
from engine.replenishment.groups import common_alternatives
from engine.replenishment.settings import SupplyDefaults
from models.panel import Dates

ASSUMED_SUPPLIER = "assumed"
WEEKS_A_YEAR = 52.0
REMEDY = "add supply_terms (供货条件), or supply_defaults in plan.yaml with lead time, minimum order and costs"


def supply_of(dataset: Dataset, items: pd.DataFrame, defaults: SupplyDefaults | None) -> pd.DataFrame:
    """Terms of the first supplier of each item's SKU.

    Frame by item: ``supplier, lead_time_weeks, lead_time_sd_weeks, moq_units, pack_units, unit_cost_fen`` (float, NaN
    unknown), ``order_cost_fen, level`` (of the minimum), ``ratio_units`` (NaN without), ``assumed, problem`` ("" where
    the item can be planned so far).
    """
    terms = dataset.get("supply_terms")
    if terms is None or terms.empty:
        if defaults is None:
            raise MissingInput("supply_terms", REMEDY)
        return _by_default(dataset, items, defaults)
    table = stated_terms(terms).drop_duplicates("sku")
    merged = items[["sku"]].merge(table.drop(columns="rank"), on="sku", how="left").drop(columns="sku")
    absent = merged["supplier"].isna()
    merged["problem"] = np.where(absent, "no supplier: add the SKU to supply_terms", "")
    free = ~absent & ~(merged["unit_cost_fen"] > 0)
    merged.loc[free, "problem"] = "the purchase price is zero, negative or missing"
    merged["supplier"] = merged["supplier"].fillna("")
    merged["assumed"] = ""
    return merged.fillna(
        {
            "lead_time_weeks": 0,
            "lead_time_sd_weeks": 0,
            "moq_units": 1,
            "pack_units": 1,
            "order_cost_fen": 0,
            "level": "sku",
        }
    )


def stated_terms(terms: pd.DataFrame) -> pd.DataFrame:
    """The terms table in planning units, by SKU: those with a price first, then by rank."""
    rank = terms["rank"].to_numpy() if "rank" in terms else np.ones(len(terms))
    table = pd.DataFrame(
        {
            "sku": text_of(terms["sku"]),
            "rank": rank,
            "supplier": text_of(terms["supplier"]),
            "lead_time_weeks": np.ceil(terms["lead_time_days"].to_numpy(dtype=float) / 7.0 - 1e-9),
            "lead_time_sd_weeks": _column(terms, "lead_time_sd_days", 0.0) / 7.0,
            "moq_units": np.maximum(_column(terms, "moq_units", 1.0), 1.0),
            "pack_units": np.maximum(_column(terms, "pack_units", 1.0), 1.0),
            "unit_cost_fen": terms["unit_price_fen"].to_numpy(dtype=float),
            "order_cost_fen": _column(terms, "order_cost_fen", 0.0),
            "level": text_of(terms["moq_level"]).replace("", "sku") if "moq_level" in terms else "sku",
            "ratio_units": _column(terms, "ratio_units", np.nan),
        }
    )
    return (
        table.assign(free=~(table["unit_cost_fen"] > 0))
        .sort_values(["sku", "free", "rank", "supplier"], ignore_index=True)
        .drop(columns="free")
    )


def alternatives_of(
    dataset: Dataset, items: pd.DataFrame, unit: NDArray[np.int64], weeks: int, most: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Suppliers of each item beside its first one, at most ``most``, by rank: frame of ``ALTERNATIVE_COLUMNS``; what
    was left out, in words.

    Those without a price, or whose goods would come after the planning horizon, are left out, and those who do not
    serve a whole style or colour that is ordered as one ``unit`` [items].
    """
    columns = list(ALTERNATIVE_COLUMNS)
    terms = dataset.get("supply_terms")
    if terms is None or terms.empty or most == 0:
        return pd.DataFrame(dict.fromkeys(columns, np.zeros(0, np.int64))), ()
    keys = items[["sku", "supplier"]].rename(columns={"supplier": "first"}).assign(item=np.arange(len(items)))
    table = keys.merge(stated_terms(terms), on="sku")
    table = table[
        (table["supplier"] != table["first"]) & (table["unit_cost_fen"] > 0) & (table["lead_time_weeks"] < weeks)
    ]
    table = table.sort_values(["item", "rank", "supplier"], ignore_index=True)
    table, left_out = common_alternatives(table, items, unit)
    table = table[table.groupby("item").cumcount() < most]
    whole = [name for name in columns if name != "supplier"]
    note = f"{left_out} further suppliers of styles or colours are left out: they do not serve all sizes on one minimum"
    return table[columns].astype(dict.fromkeys(whole, np.int64)).reset_index(drop=True), (note,) if left_out else ()


def _by_default(dataset: Dataset, items: pd.DataFrame, defaults: SupplyDefaults) -> pd.DataFrame:
    """The assumed terms; cost from skus where it stands there."""
    cost = np.full(len(items), np.nan if defaults.unit_cost_yuan is None else 100.0 * defaults.unit_cost_yuan)
    skus, problem = dataset["skus"], np.full(len(items), "", dtype=object)
    assumed = np.full(len(items), "supplier, lead_time_weeks, moq_units, pack_units, unit_cost_fen", dtype=object)
    if "unit_cost_fen" in skus:
        known = (
            skus.assign(sku=text_of(skus["sku"]))
            .set_index("sku")["unit_cost_fen"]
            .reindex(items["sku"])
            .to_numpy(float)
        )
        problem[known <= 0] = "the unit cost is zero or negative"
        stated = ~np.isnan(known)
        cost = np.where(stated, known, cost)
        assumed[stated] = "supplier, lead_time_weeks, moq_units, pack_units"
    return pd.DataFrame(
        {
            "supplier": ASSUMED_SUPPLIER,
            "lead_time_weeks": float(defaults.lead_time_weeks),
            "lead_time_sd_weeks": defaults.lead_time_sd_weeks,
            "moq_units": float(defaults.moq_units),
            "pack_units": float(defaults.pack_units),
            "unit_cost_fen": cost,
            "order_cost_fen": 0.0,
            "level": "sku",
            "ratio_units": np.nan,
            "assumed": assumed,
            "problem": problem,
        }
    )


def price_tiers(dataset: Dataset, sources: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Prices that fall with the quantity: frame of ``TIER_COLUMNS``; what was left out, in words.

    ``sources``: frame ``item, supplier, sku, unit_cost_fen, moq_units``. A tier that is not cheaper than those before
    it is left out, and named where it is dearer.
    """
    tiers = dataset.get("price_tiers")
    if tiers is None or tiers.empty:
        return pd.DataFrame(dict.fromkeys(TIER_COLUMNS, np.zeros(0, np.int64))), ()
    table = pd.DataFrame(
        {
            "supplier": text_of(tiers["supplier"]),
            "sku": text_of(tiers["sku"]),
            "from_units": tiers["from_units"].to_numpy(),
            "tier_fen": tiers["unit_price_fen"].to_numpy(),
            "incremental": text_of(tiers["kind"]) == "incremental" if "kind" in tiers else False,
        }
    )
    rows = sources.merge(table, on=["supplier", "sku"])
    rows = rows.sort_values(["item", "supplier", "from_units"], ignore_index=True)
    one = [rows["item"], rows["supplier"]]
    before = rows["tier_fen"].groupby(one).cummin().groupby(one).shift().fillna(rows["unit_cost_fen"])
    rising = (rows["tier_fen"] > rows["unit_cost_fen"]) | (rows["tier_fen"] > before)
    kept = rows[(rows["tier_fen"] < np.minimum(before, rows["unit_cost_fen"])) & (rows["tier_fen"] > 0)]
    kept = kept.drop(columns="unit_cost_fen").rename(columns={"tier_fen": "unit_cost_fen"})[list(TIER_COLUMNS)]
    lowest = rows["from_units"] == rows["from_units"].groupby(one).transform("min")
    hole = lowest & (rows["from_units"] > rows["moq_units"].clip(lower=1))
    told = {
        "price tiers that rise with the quantity are left out": rising,
        "price tiers begin above the smallest order, below them the price of supply_terms holds": hole,
    }
    return kept.reset_index(drop=True), tuple(
        f"{words}: {_few(rows.loc[of, 'sku'])}" for words, of in told.items() if of.any()
    )


def payment_profiles(dataset: Dataset, suppliers: list[str]) -> pd.DataFrame:
    """Instalments: frame ``supplier, milestone, weeks, share``; whole payment with the order where no terms stand."""
    terms, parts = dataset.get("payment_terms"), []
    if terms is not None and len(terms):
        table = pd.DataFrame(
            {
                "supplier": text_of(terms["supplier"]),
                "milestone": text_of(terms["milestone"]),
                "weeks": np.floor(_column(terms, "days", 0.0) / 7.0).astype(np.int64),
                "share": terms["share"].to_numpy(dtype=float),
            }
        )
        table = table[table["supplier"].isin(suppliers) & (table["share"] > 0)]
        table["share"] /= table.groupby("supplier")["share"].transform("sum")
        parts.append(table)
    known = set(parts[0]["supplier"]) if parts else set()
    rest = [name for name in suppliers if name not in known]
    parts.append(pd.DataFrame({"supplier": rest, "milestone": "order", "weeks": 0, "share": 1.0}))
    frame = pd.concat(parts, ignore_index=True).astype(
        {"supplier": str, "milestone": str, "weeks": int, "share": float}
    )
    return frame.sort_values(["supplier", "milestone", "weeks"], ignore_index=True)


def open_weeks(dataset: Dataset, items: pd.DataFrame, weeks: Dates) -> NDArray[np.bool_]:
    """Weeks [items, weeks] whose first day is not in the supplier's shutdown around Lunar New Year."""
    is_open = np.ones((len(items), len(weeks)), dtype=bool)
    suppliers = dataset.get("suppliers")
    if suppliers is None or suppliers.empty:
        return is_open
    days = weeks.astype("datetime64[D]")
    first, last = (day.astype(date).year for day in (days[0], days[-1]))
    new_years = [np.datetime64(lunar_new_year(year), "D") for year in range(first, last + 2)]
    names = text_of(suppliers["supplier"]).tolist()
    before, after = (_column(suppliers, f"shutdown_days_{side}", 0.0).astype(int) for side in ("before", "after"))
    shut = np.zeros((len(names), len(weeks)), dtype=bool)
    for day in new_years:
        distance = (days - day).astype(int)
        shut |= (distance[None, :] >= -before[:, None]) & (distance[None, :] < after[:, None])
    row = pd.Index(names).get_indexer(items["supplier"])
    is_open[row >= 0] = ~shut[row[row >= 0]]
    return is_open


def last_orders(dataset: Dataset, items: pd.DataFrame, weeks: Dates) -> NDArray[np.bool_]:
    """Weeks [items, weeks] whose first day is not after the last day on which the supplier takes orders of the SKU.

    ``items``: frame ``supplier, sku``.
    """
    terms = dataset.get("supply_terms")
    if terms is None or "last_order_date" not in terms:
        return np.ones((len(items), len(weeks)), dtype=bool)
    keys = pd.MultiIndex.from_arrays([text_of(terms["supplier"]), text_of(terms["sku"])])
    last = pd.Series(terms["last_order_date"].to_numpy(dtype="datetime64[D]"), keys)
    own = last[~keys.duplicated()].reindex(pd.MultiIndex.from_frame(items[["supplier", "sku"]].astype(str)))
    day = own.to_numpy().astype("datetime64[D]")
    in_time: NDArray[np.bool_] = (weeks.astype("datetime64[D]")[None, :] <= day[:, None]) | np.isnat(day)[:, None]
    return in_time


def _column(frame: pd.DataFrame, name: str, default: float) -> NDArray[np.float64]:
    """A numeric column with blanks filled; the default where the column is absent."""
    if name not in frame:
        return np.full(len(frame), default)
    return frame[name].to_numpy(dtype=float, na_value=default)


def _few(names: pd.Series) -> str:
    distinct = sorted(set(names))
    return ", ".join(distinct[:5]) + (f" and {len(distinct) - 5} more" if len(distinct) > 5 else "")
