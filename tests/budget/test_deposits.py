"""Ads of a deposit phase: credited with the sales whose balance is paid weeks later."""

import numpy as np
import pandas as pd
import pytest

from engine.budget.deposits import deposit_moves
from engine.budget.history import response_data, response_history
from engine.budget.response import fit_history
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.execution.run import Run
from models.response.summary import channel_summary

ORIGIN = np.datetime64("2026-11-02")
WEEKS, LATER, ROI = 104, 14, 4.0
PRICE = 50_00


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Every sixth week is one of deposits, and 预热 runs in it alone: each yuan brings four of deposits, whose balances
    are paid 14 days later. The sales hold them on that day."""
    rng = np.random.default_rng(4)
    days = ORIGIN - np.arange(WEEKS * 7, 0, -1)
    spend = np.zeros(WEEKS)
    spend[1 : WEEKS - 3 : 6] = 5000.0 * rng.lognormal(0.0, 0.8, len(spend[1 : WEEKS - 3 : 6]))
    base = np.repeat(20_000.0 * (1 + 0.03 * rng.standard_normal(WEEKS)), 7) / 7
    deposits = np.repeat(np.rint(ROI * spend / 7.0 / (PRICE / 100.0)), 7).astype(int)
    by_balance = np.concatenate([np.zeros(LATER, dtype=int), deposits[:-LATER]])
    units = np.rint(base / (PRICE / 100.0)).astype(int)
    shared = {"sku": "s", "channel": "天猫"}
    sales = pd.DataFrame({"date": days, **shared, "units_paid": units + by_balance})
    media = pd.DataFrame({"date": days, "ad_channel": "预热", "spend_fen": np.rint(np.repeat(spend, 7) * 100 / 7)})
    always = media.assign(ad_channel="搜索", spend_fen=np.rint(1e5 * rng.lognormal(0, 0.4, WEEKS * 7)))
    deposit = np.repeat(days, deposits)
    orders = pd.DataFrame({"ordered_at": deposit, "deposit_at": deposit, "balance_at": deposit + LATER, "units": 1})
    usual = pd.DataFrame({"ordered_at": days, "units": units})
    orders = pd.concat([orders, usual], ignore_index=True).assign(**shared, state="settled")
    orders["amount_paid_fen"] = PRICE * orders["units"]
    whole = {"sales": sales.assign(amount_paid_fen=PRICE * sales["units_paid"]), "orders": orders}
    whole["media"] = pd.concat([media, always], ignore_index=True).assign(campaign_type="all")
    for frame in whole.values():
        for name in frame.columns[frame.dtypes == "datetime64[D]"]:
            frame[name] = frame[name].astype("datetime64[s]")
    return whole


def _roi(dataset: Dataset) -> tuple[float, float, float]:
    data = response_data(dataset, ORIGIN)
    settings = BudgetSettings()
    fit = fit_history(data, settings, Run(1))
    found = channel_summary(fit, data, data.ad_channels.index("预热"), _priors(settings))
    return found["roi"], found["roi_low"], found["roi_high"]


def _priors(settings: BudgetSettings):  # type: ignore[no-untyped-def]
    from models.response.priors import Priors

    return Priors(ads_share=settings.ads_share)


def test_an_ad_that_brings_deposits_gets_their_revenue(tables: dict[str, pd.DataFrame]) -> None:
    mean, low, high = _roi(Dataset(tables, "told"))
    blind = {name: tables[name] for name in ("sales", "media")}
    without, _, top = _roi(Dataset(blind, "blind"))
    assert low < ROI < high and mean == pytest.approx(ROI, rel=0.25)
    assert top < ROI and without < 0.5 * ROI


def test_sales_by_the_day_of_the_order_stay_as_they_are(tables: dict[str, pd.DataFrame]) -> None:
    orders = tables["orders"]
    sold = orders.groupby(["ordered_at", "sku", "channel"], as_index=False)[["units", "amount_paid_fen"]].sum()
    sales = sold.rename(columns={"ordered_at": "date", "units": "units_paid"})
    told = Dataset({**tables, "sales": sales}, "order")
    blind = Dataset({"sales": sales, "media": tables["media"]}, "blind")
    left, right = (response_data(data, ORIGIN).revenue for data in (told, blind))
    assert left.tobytes() == right.tobytes() and response_history(told, ORIGIN)[1] == ()


def test_balances_paid_after_the_last_known_ads_count_too(tables: dict[str, pd.DataFrame]) -> None:
    """The last deposits are of week 97, their balances of week 99; the ads are known up to week 98."""
    media = tables["media"]
    early = media[media["date"] < pd.Timestamp(ORIGIN) - pd.Timedelta(weeks=6)]
    full, short = (response_data(Dataset({**tables, "media": rows}, "ads"), ORIGIN) for rows in (media, early))
    assert short.weeks == 98 and short.revenue.tobytes() == full.until(98).revenue.tobytes()


def test_balances_still_due_count_as_far_as_they_were_paid_before(tables: dict[str, pd.DataFrame]) -> None:
    day = pd.Timestamp(ORIGIN) - pd.Timedelta(days=3)
    row = {"ordered_at": day, "deposit_at": day, "units": 40, "sku": "s", "channel": "天猫", "state": "ordered"}
    events = [("presale", day, day + pd.Timedelta(days=5)), ("opening", *[day + pd.Timedelta(days=6)] * 2)]
    calendar = pd.DataFrame(
        [("e", "e", *entry) for entry in events], columns=["event", "kind", "phase", "start", "end"]
    )
    prices = pd.DataFrame({"sku": ["s"], "channel": "天猫", "date": day, "paid_price_fen": PRICE})
    orders = pd.concat([tables["orders"], pd.DataFrame([row])], ignore_index=True)
    open_ = Dataset({**tables, "orders": orders, "events": calendar, "prices": prices}, "open")
    money = tables["sales"]["amount_paid_fen"].to_numpy(float) / 100.0
    moves = deposit_moves(open_, money, ORIGIN)
    expected = moves[moves["expected"].astype(bool)]
    assert expected["date"].tolist() == [day] and expected["yuan"].tolist() == [pytest.approx(40 * 50.0 * 0.8)]
    assert moves.loc[~moves["expected"].astype(bool), "yuan"].sum() == pytest.approx(0.0)
    assert "1,600 of them are balances still expected" in response_history(open_, ORIGIN)[1][0]
    paid_later = orders.assign(
        balance_at=orders["balance_at"].where(orders["state"] != "ordered", pd.Timestamp(ORIGIN))
    )
    later = Dataset({**open_.tables, "orders": paid_later.assign(state="paid")}, "later")
    pd.testing.assert_frame_equal(deposit_moves(later, money, ORIGIN), moves)
