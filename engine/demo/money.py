"""Cash, market size and who answers for what."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.frames import coded
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

OPENING_WEEKS = 2.5
"""Opening balance in weeks of the cost of goods."""
_HEADROOM = 1.12


def cash_table(
    settings: DemoSettings, time: Timeline, weekly_cost: NDArray[np.float64], owed: NDArray[np.float64]
) -> pd.DataFrame:
    """Money for purchases after the history, fen.

    ``weekly_cost``: expected cost of goods sold by coming week, yuan; ``owed``: instalments of open purchase orders
    by coming week. Income settles two weeks after the sale and is released week by week, so that a purchase ahead of
    an event meets a tight fortnight while the half-year as a whole affords every sensible order.
    """
    rng = settings.rng("cash")
    weeks = len(weekly_cost)
    mean = float(weekly_cost.mean())
    settled = np.concatenate([np.full(2, weekly_cost[:2].mean()), weekly_cost[:-2]])[:weeks]
    released = np.convolve(np.pad(settled, (1, 1), mode="edge"), np.full(3, 1 / 3), mode="valid")
    released = _HEADROOM * released * rng.lognormal(0.0, 0.06, weeks)
    first = time.history
    rows: list[tuple[int, str, float, str]] = [
        (first, "opening", OPENING_WEEKS * mean + float(owed[:4].sum()), "期初可用采购资金")
    ]
    rows += [(first + 7 * week, "flow", float(released[week]), "平台回款拨付采购") for week in range(weeks)]
    rows += [(first + 7 * week + 4, "flow", -0.12 * mean, "工资房租") for week in range(2, weeks, 4)]
    rows += [(first + 7 * week + 2, "flow", -0.3 * mean, "季度税费") for week in range(8, weeks, 13)]
    if weeks > 13:
        rows.append((first + 7 * 12, "flow", -0.8 * mean, "年终奖"))
    frame = pd.DataFrame(rows, columns=["position", "kind", "amount", "note"]).sort_values(
        ["position", "kind", "note"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
    return pd.DataFrame(
        {
            "date": time.dates(frame["position"].to_numpy()),
            "kind": frame["kind"].astype("category"),
            "amount_fen": np.round(frame["amount"] * 100).astype(np.int64),
            "note": frame["note"].astype("category"),
        }
    )


def owed_by_week(time: Timeline, lines: pd.DataFrame, terms: pd.DataFrame, weeks: int) -> NDArray[np.float64]:
    """Instalments of placed orders that fall due in the coming weeks, yuan.

    ``lines``: ``supplier, ordered, arrival, amount`` (positions, yuan); ``terms``: the ``payment_terms`` table.
    """
    merged = lines.merge(terms.astype({"supplier": str}), on="supplier")
    start = np.where(merged["milestone"].astype(str) == "order", merged["ordered"], merged["arrival"])
    week = (start + merged["days"].to_numpy() - time.history) // 7
    due = (start + merged["days"].to_numpy() >= time.history) & (week < weeks)
    amounts = (merged["amount"] * merged["share"]).to_numpy()[due]
    return np.bincount(week[due].astype(int), weights=amounts, minlength=weeks)[:weeks].astype(float)


def market_size_table(settings: DemoSettings, world: World, monthly: pd.DataFrame) -> pd.DataFrame:
    """Size of the market by category and month; ``monthly``: frame ``date, category, amount`` of own sales in yuan."""
    rng = settings.rng("market")
    base = rng.uniform(0.004, 0.03, len(world.categories))
    own = monthly.groupby("category", observed=False)["amount"].transform("mean")
    part = base[monthly["category"].cat.codes]
    blend = 0.6 * monthly["amount"] + 0.4 * own
    amount = blend / part * rng.lognormal(0.0, 0.05, len(monthly))
    return pd.DataFrame(
        {
            "date": monthly["date"].to_numpy(),
            "category": monthly["category"].array,
            "amount_fen": np.round(amount * 100).astype(np.int64),
            "source": pd.Categorical(["第三方估算"] * len(monthly)),
        }
    )


def owners_table(world: World) -> pd.DataFrame:
    """One owner for a few categories each, one for each channel."""
    people = ["王芳", "李强", "赵敏"]
    rows: list[tuple[str, str | None, str | None]]
    rows = [(people[i % len(people)], name, None) for i, name in enumerate(world.categories)]
    leads = ["陈晨", "周洋", "吴桐", "孙悦", "何静"]
    rows += [(leads[i % len(leads)], None, name) for i, name in enumerate([*world.channels, world.platform_name])]
    frame = pd.DataFrame(rows, columns=["owner", "category", "channel"])
    return frame.astype("category")


def channels_table(world: World) -> pd.DataFrame:
    """The ``channels`` table: the shops, and the channel that a platform runs."""
    entries = world.book["channels"]
    shops = pd.DataFrame(
        {
            "channel": coded(np.arange(len(entries)), list(entries)),
            "name": pd.Categorical([f"云作{name}店" for name in entries]),
            "kind": pd.Categorical([entry["kind"] for entry in entries.values()]),
            "platform": pd.Categorical(list(entries)),
            "commission_rate": world.of("channels", "commission"),
            "payment_rate": world.of("channels", "payment"),
            "freight_fen": np.round(world.of("channels", "freight_yuan") * 100).astype(np.int64),
            "freight_insurance_fen": np.round(world.of("channels", "insurance_yuan") * 100).astype(np.int64),
            "settlement_days": world.of("channels", "settlement_days").astype(np.int64),
            "fixed_cost_fen_month": np.round(world.of("channels", "fixed_yuan") * 100).astype(np.int64),
            "currency": pd.Categorical(["CNY"] * len(entries)),
        }
    )
    entry = world.platform
    own = {
        "channel": world.platform_name,
        "name": world.platform_name,
        "kind": "platform_run",
        "platform": entry["platform"],
        "commission_rate": 0.0,
        "payment_rate": 0.0,
        "freight_fen": round(entry["freight_yuan"] * 100),
        "freight_insurance_fen": 0,
        "settlement_days": entry["settlement_days"],
        "fixed_cost_fen_month": round(entry["fixed_yuan"] * 100),
        "currency": "CNY",
    }
    texts = list(shops.select_dtypes("category"))
    both = pd.concat([shops.astype(dict.fromkeys(texts, str)), pd.DataFrame([own])], ignore_index=True)
    return both.astype(dict.fromkeys(texts, "category"))


def returns_table(world: World, grade_a: float) -> pd.DataFrame:
    """Return behaviour by category and channel."""
    rate = world.of("categories", "return")[:, None] * world.of("channels", "returned")[None, :]
    group, channel = np.indices(rate.shape)
    return pd.DataFrame(
        {
            "category": coded(group.ravel(), list(world.categories)),
            "channel": coded(channel.ravel(), list(world.channels)),
            "rate": np.round(rate.ravel(), 4),
            "delay_days": 11.0,
            "grade_a_share": grade_a,
            "grade_b_share": 0.12,
            "refund_only_rate": 0.012,
        }
    )
