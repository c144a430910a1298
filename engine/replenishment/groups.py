"""Which SKUs share one order: the sizes of a style or colour whose supplier states his minimum for all of them.

They become one planning unit a warehouse and pool, with one set of terms: the largest minimum, order cost and lead
time that any of them states, and whole packs of all. With a size ratio they come in prepacks only, so that the pack of
a size is its share of the prepack.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of

PARTS = {"style": ["spu"], "colour": ["spu", "colour"]}
UNIT = ["group", "warehouse", "pool", "supplier"]
COMMON = ["moq_units", "lead_time_weeks", "order_cost_fen"]
WORDS = {"moq_units": "minimum orders", "lead_time_weeks": "lead times", "pack_units": "packs"}
NO_RATIO = "its size ratio is blank or zero, so that no prepack of its style or colour holds it"
EMPTY = "the size ratio of its style or colour adds up to zero"
SHOWN = 5


def with_groups(dataset: Dataset, items: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The items with ``group`` ("" alone) and ``ratio_units`` (0: free sizes), terms made common within a group and
    ``problem`` filled where the ratio allows no order; what the tables leave open, in words.

    ``items``: frame ``sku, warehouse, pool`` and the terms of :func:`.terms.supply_of`.
    """
    items = items.assign(group="", ratio_units=items["ratio_units"].fillna(-1).astype(np.int64))
    stated = items["level"].isin(list(PARTS)).to_numpy() & (items["problem"] == "").to_numpy()
    notes = []
    useless = (items["ratio_units"] >= 0).to_numpy() & ~stated & (items["problem"] == "").to_numpy()
    if useless.any():
        notes.append(
            _note(items[useless], "a size ratio, but the minimum order is stated by SKU: the ratio is left out")
        )
    if stated.any():
        items["group"] = _labels(dataset, items, stated)
        lost = stated & (items["group"] == "").to_numpy()
        if lost.any():
            notes.append(
                _note(
                    items[lost], "minimum by style or colour, but no spu (款号) or colour (颜色): asked of each alone"
                )
            )
        notes += _several_suppliers(items)
        notes += _make_common(items)
    items["ratio_units"] = items["ratio_units"].where(items["group"] != "", 0).clip(lower=0)
    return items.drop(columns="level"), tuple(notes)


def _labels(dataset: Dataset, items: pd.DataFrame, stated: np.ndarray) -> np.ndarray:
    """Style, or style and colour, of the items with such a minimum; "" where the master does not tell."""
    skus = dataset["skus"]
    master = pd.DataFrame({"sku": text_of(skus["sku"])})
    for name in PARTS["colour"]:
        master[name] = text_of(skus[name]) if name in skus else ""
    own = master.drop_duplicates("sku").set_index("sku").reindex(items["sku"]).fillna("")
    style, colour = own["spu"].to_numpy(dtype=object), own["colour"].to_numpy(dtype=object)
    by_style = (items["level"] == "style").to_numpy()
    known = stated & (style != "") & (by_style | (colour != ""))
    return np.where(known, np.where(by_style, style, style + " " + colour), "")


def _several_suppliers(items: pd.DataFrame) -> list[str]:
    """Groups whose sizes come from different suppliers: the minimum then counts for each supplier's sizes alone."""
    mine = items[items["group"] != ""]
    count = mine.groupby("group")["supplier"].nunique()
    split = sorted(count.index[count > 1])
    if not split:
        return []
    return [
        f"{len(split)} styles or colours whose sizes come from different suppliers: the minimum is asked of each "
        f"supplier's sizes alone ({_few(split)})"
    ]


def _make_common(items: pd.DataFrame) -> list[str]:
    """Give all sizes of a unit the same terms, in place."""
    grouped = (items["group"] != "").to_numpy()
    ratio = items["ratio_units"].to_numpy()
    prepacked = grouped & (items.assign(ratio=ratio).groupby(UNIT)["ratio"].transform("max") >= 0).to_numpy()
    total = pd.Series(np.maximum(ratio, 0), items.index).groupby([items[name] for name in UNIT]).transform("sum")
    empty = prepacked & (total == 0).to_numpy()
    items.loc[empty, "problem"] = EMPTY
    items.loc[prepacked & ~empty & (ratio <= 0), "problem"] = NO_RATIO
    live = grouped & (items["problem"] == "").to_numpy()
    unit = items[live].groupby(UNIT, sort=False)
    differ = {name: unit[name].nunique() > 1 for name in WORDS}
    largest = unit[COMMON].transform("max")
    for name in COMMON:
        items.loc[live, name] = largest[name]
    packs = unit["pack_units"].transform(lambda values: np.lcm.reduce(values.round().astype(np.int64).to_numpy()))
    items.loc[live, "pack_units"] = packs
    items.loc[live & prepacked, "pack_units"] = items.loc[live & prepacked, "ratio_units"]
    notes = []
    for name, found in differ.items():
        names = sorted({str(key[0]) for key in found.index[found]})
        if names and not (name == "pack_units" and prepacked.any()):
            how = "whole packs of all hold" if name == "pack_units" else "the largest holds"
            notes.append(
                f"{len(names)} styles or colours whose sizes state different {WORDS[name]}: {how} ({_few(names)})"
            )
    return notes


def common_alternatives(table: pd.DataFrame, items: pd.DataFrame, unit: np.ndarray) -> tuple[pd.DataFrame, int]:
    """Further suppliers that serve a whole unit, with terms made common; how many (unit, supplier) pairs were left out.

    ``table``: frame ``item, supplier, level, ratio_units`` and the terms. A supplier stays where he delivers every size
    of the unit, in the same prepack, and his minimum is stated at that level or is no more than a pack.
    """
    grouped = (items["group"] != "").to_numpy()[table["item"].to_numpy(dtype=np.int64)]
    if not grouped.any():
        return table, 0
    table = table.assign(unit=unit[table["item"].to_numpy(dtype=np.int64)])
    mine = table[grouped].copy()
    same = mine["ratio_units"].fillna(0).to_numpy() == items["ratio_units"].to_numpy()[mine["item"]]
    free = (mine["level"] != "sku") | (mine["moq_units"] <= mine["pack_units"])
    mine["fits"] = same & free.to_numpy()
    pair = mine.groupby(["unit", "supplier"])
    whole = pair["fits"].transform("sum").to_numpy() == np.bincount(unit)[mine["unit"]]
    left_out = len(mine[~whole][["unit", "supplier"]].drop_duplicates())
    if not whole.any():
        return table[~grouped].drop(columns="unit"), left_out
    mine = mine[whole].copy()
    pair = mine.groupby(["unit", "supplier"], sort=False)
    mine[COMMON] = pair[COMMON].transform("max")
    mine["rank"] = pair["rank"].transform("min")
    packs = pair["pack_units"].transform(lambda values: np.lcm.reduce(values.round().astype(np.int64).to_numpy()))
    ratio = items["ratio_units"].to_numpy()[mine["item"].to_numpy(dtype=np.int64)]
    mine["pack_units"] = np.where(ratio > 0, ratio, packs)
    both = pd.concat([table[~grouped], mine.drop(columns="fits")])
    return both.drop(columns="unit").sort_values(["item", "rank", "supplier"], ignore_index=True), left_out


def _note(items: pd.DataFrame, words: str) -> str:
    names = sorted(set(items["sku"]))
    return f"{len(names)} SKUs with {words} ({_few(names)})"


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
