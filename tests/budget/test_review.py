"""What past ads left, by hand."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.first_time import FirstTime
from engine.budget.goals import Economics
from engine.budget.history import response_data
from engine.budget.margin import STEPS, shares_of_revenue
from engine.budget.review import COLUMNS, review_ads
from engine.data.dataset import Dataset
from engine.plans.price_protection import USUAL_PROTECTION, PriceProtection
from models.response.curves import ResponseCurves
from models.response.data import ResponseData
from models.response.part_share import PartShare
from tests.budget.merchant import ADS, ORIGIN, merchant

SHARES = dict(zip(STEPS, (0.1, 0.2, 0.05, 0.02, 0.1, 0.3, 0.01, 0.32), strict=True))


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """千川 in two campaign types, one of every three visits in the first; claims of the platform."""
    data = merchant(weeks=60)
    media = data["media"].assign(clicks=300, attributed_fen=data["media"]["spend_fen"] * 4)
    media["campaign_type"] = media["campaign_type"].astype(str)
    own = media["ad_channel"] == "千川"
    halves = [media[own].assign(campaign_type=name, clicks=clicks) for name, clicks in (("标准", 100), ("推商品", 200))]
    for half in halves:
        half["spend_fen"] //= 2
    return Dataset({**data.tables, "media": pd.concat([media[~own], *halves], ignore_index=True)}, "two types")


@pytest.fixture(scope="module")
def curves(dataset: Dataset) -> ResponseCurves:
    data, factor = response_data(dataset, ORIGIN), np.array([[0.5], [1.0], [1.5]])
    one = np.ones((3, len(ADS)))
    scale = factor * np.full(len(ADS), 40_000.0)
    return ResponseCurves(data.ad_channels, data.channels, 0 * one, 15_000 * one, one, scale, 0 * one, data.split)


def _reviewed(dataset: Dataset, curves: ResponseCurves) -> tuple[pd.DataFrame, ResponseData]:
    shares = pd.DataFrame([SHARES] * len(ADS), index=list(curves.ad_channels))
    told = np.array([0.4, 0.5, np.nan, np.nan])  # of 京东快车, 千川; the orders tell nothing of the others
    first = FirstTime(PartShare(told, told - 0.2, told + 0.1), told, ())
    economics = Economics(shares, np.full(len(ADS), 0.002), np.zeros(len(ADS)), first, {}, (), 0.06 / 1.06)
    data = response_data(dataset, ORIGIN)
    return review_ads(dataset, data, curves, economics, ORIGIN), data


def test_a_channel_adds_up_to_what_its_curve_brought(dataset: Dataset, curves: ResponseCurves) -> None:
    table, data = _reviewed(dataset, curves)
    row = table[table["ad_channel"] == "直通车"].iloc[0]
    spend = data.spend[data.ad_channels.index("直通车"), -52:]
    lift = (40_000.0 * spend / (15_000.0 + spend)).sum()
    assert row["spend_fen"] == pytest.approx(100 * spend.sum(), rel=1e-6) and row["basis"] == "response"
    assert row["incremental_fen"] == pytest.approx(100 * lift, rel=1e-6)
    assert row["roi"] == pytest.approx(lift / spend.sum()) and row["attributed_roi"] == pytest.approx(4.0)
    more = (40_000.0 * 1.01 * spend / (15_000.0 + 1.01 * spend)).sum() - lift
    assert row["marginal_roi"] == pytest.approx(more / (0.01 * spend.sum()))
    assert row["contribution_fen"] == pytest.approx(100 * (0.32 * lift - spend.sum() / 1.06), rel=1e-6)
    assert row["vat_fen"] == pytest.approx(100 * (0.1 * lift - spend.sum() * 0.06 / 1.06), rel=1e-6)
    taken = sum(row[f"{step}_fen"] for step in STEPS[1:-1])
    assert row["incremental_fen"] - taken - row["spend_fen"] == pytest.approx(row["contribution_fen"], abs=5)
    assert row["buyers"] == round(0.002 * lift) and row["buyer_fen"] == pytest.approx(
        row["spend_fen"] / (0.002 * lift), abs=1
    )
    assert row["visitors"] == 300 * 364 and row["visit_fen"] == pytest.approx(row["spend_fen"] / row["visitors"], abs=1)
    assert row["roi_low"] < row["roi"] < row["roi_high"]
    assert tuple(table.columns) == COLUMNS
    told = table.set_index("ad_channel")[["new_share", "new_share_low", "new_share_high"]]
    assert told.loc["京东快车"].tolist() == pytest.approx([0.4, 0.2, 0.5]) and told.loc["种草"].isna().all()


def test_campaign_types_share_the_response_by_visits(dataset: Dataset, curves: ResponseCurves) -> None:
    table, data = _reviewed(dataset, curves)
    own = table[table["ad_channel"] == "千川"].set_index("campaign_type")
    assert (own["basis"] == "by visits").all() and own.loc["推商品", "roi"] == pytest.approx(2 * own.loc["标准", "roi"])
    spend = data.spend[data.ad_channels.index("千川"), -52:]
    assert own["incremental_fen"].sum() == pytest.approx((4_000_000 * spend / (15_000 + spend)).sum(), rel=1e-6)
    silent = dataset["media"].drop(columns=["clicks", "attributed_fen"])
    table, _ = _reviewed(Dataset({**dataset.tables, "media": silent}, "silent"), curves)
    assert set(table.loc[table["ad_channel"] == "千川", "basis"]) == {"by spend"}
    assert table[["visitors", "visit_fen", "attributed_roi"]].isna().all(axis=None)


def test_a_yuan_of_revenue_by_hand() -> None:
    data = merchant(weeks=60)
    sales = data["sales"].assign(units_paid=10, units_returned=2, amount_paid_fen=113_000)
    cut = sales["date"].max() - pd.Timedelta(days=60)
    prices = pd.DataFrame({"sku": "sku-天猫", "channel": "天猫", "date": [sales["date"].min(), cut]})
    prices = prices.assign(paid_price_fen=[11_300, 10_300], list_price_fen=14_125)
    channels = data["channels"].assign(freight_fen=300)
    some = Dataset({**data.tables, "sales": sales, "prices": prices, "channels": channels}, "hand")
    table, note = shares_of_revenue(some, ("天猫", "抖音", "无"), None, PriceProtection(claims=0.5))
    row = table.loc["抖音"]
    # a unit of 113 costs 40; of 5 one comes back, and 80 % + half of 10 % of those are sold again
    goods = 40 * (1 - 0.2 * 0.85) / 113
    expected = {"refunds": 0.2, "commission": 0.05 * 0.8, "freight": 3 / 113, "vat": 0.8 * 13 / 113, "goods": goods}
    assert row[list(expected)].to_dict() == pytest.approx(expected)
    assert row["coupons"] == row["protection"] == 0.0
    assert row["contribution"] == pytest.approx(1 - sum(expected.values()))
    # 天猫: listed at 141.25; buyers of the 15 days before the cut (of 335 settled ones) may ask for 10 yuan
    assert table.loc["天猫", "coupons"] == pytest.approx(0.25)
    assert table.loc["天猫", "protection"] == pytest.approx(0.5 * 10 / 113 * 15 / 335, rel=1e-6)
    assert table.loc["无", "contribution"] == pytest.approx(table.iloc[:2]["contribution"].mean(), rel=1e-2)
    assert note is not None and "before ads" in note
    # in 抖音 half of what comes back is as good as new, a fifth is worth half; 天猫 takes its category's all scrap
    returns = pd.DataFrame({"category": ["A", "A"], "channel": ["抖音", None]})
    returns = returns.assign(grade_a_share=[0.5, 0.0], grade_b_share=[0.2, 0.0], rate=0.3, refund_only_rate=0.05)
    graded = Dataset({**some.tables, "returns": returns}, "graded")
    table, _ = shares_of_revenue(graded, ("抖音", "天猫"), None, PriceProtection(claims=0.5))
    assert table["goods"].tolist() == pytest.approx([40 * (1 - 0.2 * 0.6) / 113, 40 / 113])
    # sales count what comes back (not the 30 % that are stated), and nothing that is refunded without goods
    assert table["refunds"].tolist() == pytest.approx([0.2 + 0.05] * 2)
    uncounted = Dataset({**graded.tables, "sales": sales.drop(columns="units_returned")}, "uncounted")
    table, _ = shares_of_revenue(uncounted, ("抖音",), None, PriceProtection(claims=0.5))
    assert table.loc["抖音", "refunds"] == pytest.approx(0.35)
    assert table.loc["抖音", "goods"] == pytest.approx(40 * (1 - 0.3 * 0.6) / 113)
    bare = Dataset({**some.tables, "skus": data["skus"].drop(columns="unit_cost_fen")}, "bare")
    table, note = shares_of_revenue(bare, ("天猫",), None, USUAL_PROTECTION)
    assert table["contribution"].tolist() == [0.3] and table["goods"].isna().all() and "assumed" in str(note)
