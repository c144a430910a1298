"""Which categories an event sold, and which of them brought its uplift."""

from __future__ import annotations

import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.targets.review.slices import of_sku

MONEY = ["net_fen", "everyday_fen", "gain_fen", "uplift_fen"]
COLUMNS = ["event", "kind", "category", *MONEY, "share", "multiple"]
NO_GOODS = pd.DataFrame(columns=COLUMNS)
WINDOW, AROUND, USUAL = 0, 1, 3
"""Kinds of sums: the event's days, those before and after it that are its own, quiet days nearby."""


def by_category(dataset: Dataset, sums: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Frame COLUMNS: each event, all channels together, by category, the largest first.

    ``sums``: with ``kind, number, sku, net_fen``; ``told``: events of channels by number (index), with everyday sales.
    Those are split as the quiet days nearby sold, so that the categories of an event add up to it but for rounding.
    """
    master = dataset["skus"].drop_duplicates("sku")
    category = pd.Series(text_of(master["category"]).to_numpy(), index=text_of(master["sku"]))
    rows = sums[sums["number"].isin(told.index)]
    rows = rows.assign(category=of_sku(rows["sku"], category).astype(str))
    if rows.empty:
        return NO_GOODS
    money = rows.pivot_table(
        index=["number", "category"], columns="kind", values="net_fen", aggfunc="sum", fill_value=0
    ).reindex(columns=[WINDOW, AROUND, USUAL], fill_value=0)
    number = money.index.get_level_values("number")
    usual = money[USUAL].clip(lower=0).groupby(level="number")
    share = (money[USUAL].clip(lower=0) / usual.transform("sum").where(lambda total: total > 0)).fillna(0.0)
    own = told[["event", "kind", "everyday_fen", "everyday_all_fen", "start"]].reindex(number)
    found = pd.DataFrame(
        {
            "event": own["event"].to_numpy(),
            "kind": own["kind"].to_numpy(),
            "start": own["start"].to_numpy(),
            "category": money.index.get_level_values("category"),
            "net_fen": money[WINDOW].to_numpy(dtype=float),
            "everyday_fen": own["everyday_fen"].to_numpy() * share.to_numpy(),
            "all_fen": (money[WINDOW] + money[AROUND]).to_numpy(dtype=float),
            "everyday_all_fen": own["everyday_all_fen"].to_numpy() * share.to_numpy(),
        }
    )
    sizes = ["net_fen", "everyday_fen", "all_fen", "everyday_all_fen"]
    table = found.groupby(["event", "kind", "category"], as_index=False).agg(
        {"start": "min", **dict.fromkeys(sizes, "sum")}
    )
    table["gain_fen"] = table["net_fen"] - table["everyday_fen"]
    table["uplift_fen"] = table["all_fen"] - table["everyday_all_fen"]
    total = table.groupby("event")["net_fen"].transform("sum")
    table["share"] = table["net_fen"] / total.where(total > 0)
    table["multiple"] = table["net_fen"] / table["everyday_fen"].where(table["everyday_fen"] > 0)
    first = table.groupby("event")["start"].transform("min")
    table = table.assign(start=first).sort_values(
        ["start", "event", "net_fen"], ascending=[True, True, False], kind="stable", ignore_index=True
    )
    table[MONEY] = table[MONEY].round()
    return table[COLUMNS]
