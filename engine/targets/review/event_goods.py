"""Which categories an event sold, and which of them brought its uplift."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.goods import categories_of
from engine.targets.review import calendar
from engine.targets.review.days import Days
from engine.targets.review.slices import of_sku
from engine.targets.review.sums import Sales

SURE = 1.645
"""Central 90 % of a normal distribution."""
MONEY = ["net_fen", "everyday_fen", "gain_fen", "uplift_fen", "uplift_low_fen", "uplift_high_fen"]
COLUMNS = ["event", "kind", "category", *MONEY, "share", "multiple"]
NO_GOODS = pd.DataFrame(columns=COLUMNS)
WINDOW, AROUND, USUAL = 0, 1, 3
"""Kinds of sums: the event's days, those before and after it that are its own, quiet days nearby."""


def by_category(dataset: Dataset, sales: Sales, days: Days, sums: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Frame COLUMNS: each event, all channels together, by category, the largest first.

    ``sums``: with ``kind, number, sku, net_fen``; ``told``: events of channels by number (index), with everyday sales
    and their error. Those are split as the quiet days nearby sold, so that the categories of an event add up to it but
    for rounding. The range is of the channel's everyday and of the category's share in it; errors of channels add up.
    """
    category = categories_of(dataset)
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
    own = told[["event", "kind", "everyday_fen", "everyday_all_fen", "start", "error"]].reindex(number)
    apart = _share_errors(days, told, sales.by_category(category)).reindex(money.index).fillna(0.0)
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
            "error": np.hypot(own["error"].to_numpy(dtype=float), apart.to_numpy()) * share.to_numpy(),
        }
    )
    sizes = ["net_fen", "everyday_fen", "all_fen", "everyday_all_fen", "error"]
    table = found.groupby(["event", "kind", "category"], as_index=False).agg(
        {"start": "min", **dict.fromkeys(sizes, "sum")}
    )
    table["gain_fen"] = table["net_fen"] - table["everyday_fen"]
    table["uplift_fen"] = table["all_fen"] - table["everyday_all_fen"]
    for side, name in ((-SURE, "uplift_low_fen"), (SURE, "uplift_high_fen")):
        table[name] = table["uplift_fen"] + side * table["error"]
    total = table.groupby("event")["net_fen"].transform("sum")
    table["share"] = table["net_fen"] / total.where(total > 0)
    table["multiple"] = table["net_fen"] / table["everyday_fen"].where(table["everyday_fen"] > 0)
    first = table.groupby("event")["start"].transform("min")
    table = table.assign(start=first).sort_values(
        ["start", "event", "net_fen"], ascending=[True, True, False], kind="stable", ignore_index=True
    )
    table[MONEY] = table[MONEY].round()
    return table[COLUMNS]


def _share_errors(days: Days, told: pd.DataFrame, by_day: pd.DataFrame) -> pd.Series:
    """Fen by (number, category) by which the everyday sales of an event may be split wrongly, were they all of it."""
    found: dict[tuple[int, str], float] = {}
    for channel, rows in by_day.groupby("channel", observed=True):
        events = told[told["channel"] == channel]
        if events.empty:
            continue
        place = days.calendar.channels.index(str(channel))
        usual = days.everyday[place]
        assert usual is not None
        wide = rows.pivot_table(index="category", columns="date", values="net_fen", aggfunc="sum", observed=True)
        lines = wide.reindex(columns=days.calendar.days).fillna(0.0)
        asked = [
            (
                int(str(number)),
                days.calendar.days_of(event["row"], calendar.WINDOW, calendar.LEAD, calendar.DIP),
                days.calendar.quiet_near(str(channel), event["start"]),
            )
            for number, event in events.iterrows()
        ]
        for name, line in zip(lines.index.astype(str), lines.to_numpy(dtype=float), strict=True):
            swings = usual.share_swings(days.sold[place], line)
            found |= {(number, name): usual.share_error(swings, on, known) for number, on, known in asked}
    index = pd.MultiIndex.from_tuples(list(found), names=["number", "category"])
    return pd.Series(list(found.values()), index=index, dtype=float)
