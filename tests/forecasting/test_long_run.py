"""The long run: right months, coherent with the near forecast, no jump, honest draws, short histories."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_t

from engine.execution.run import Run
from engine.forecasting.long_draws import SHARED, GrowthLaw, calibrate, draw_rows
from engine.forecasting.long_run import horizon_days, long_run
from engine.forecasting.settings import LongRunSettings
from tests.forecasting.shops import ORIGIN, PRICE, near, shape, shop

SETTINGS = LongRunSettings(draws=200, max_series=4, holdout_series=1)
RUN = Run(3, 2)


@pytest.fixture(scope="module")
def found():
    dataset = shop()
    return long_run(dataset, near(dataset), SETTINGS, RUN)


def truth(months) -> np.ndarray:
    """Yuan a month of the four groups together."""
    days = horizon_days(ORIGIN)
    yuan = 2 * (shape(days, 0) * PRICE["x"] + shape(days, 1) * PRICE["y"])
    return pd.Series(yuan).groupby(days.astype("datetime64[M]")).sum().reindex(months).to_numpy()


def test_months_run_to_december_of_next_year(found):
    months = found.table["month"].dt.strftime("%Y-%m").unique()
    assert (months[0], months[-1], len(months)) == ("2026-11", "2027-12", 14)
    assert len(found.table) == 14 * 4
    assert found.table["amount_fen"].dtype == np.int64
    assert found.warnings == ()


def test_near_months_are_the_near_forecast(found):
    dataset = shop()
    demand = near(dataset)
    yuan = (demand.mean * demand.price_yuan)[:, :61].sum()
    two = found.table[found.table["month"] < "2027-01-01"]
    assert two["amount_fen"].sum() / 100 == pytest.approx(yuan, rel=1e-5)
    assert two["units"].sum() == pytest.approx(demand.mean[:, :61].sum(), rel=1e-5)


def test_festival_month_peaks_and_no_jump_at_the_seam(found):
    by_month = found.table.groupby("month")["amount_fen"].sum() / 100
    expected = truth(by_month.index.to_numpy().astype("datetime64[M]"))
    np.testing.assert_allclose(by_month.to_numpy(), expected, rtol=0.12)
    assert by_month.loc["2027-11-01"] == by_month.loc["2027"].max()


def test_draws_have_the_table_in_their_middle_and_hang_together(found):
    amount = found.table["amount_fen"].to_numpy() / 100
    assert found.draws.shape == (200, len(found.table)) and found.draws.dtype == np.float32
    assert (found.draws >= 0).all()
    np.testing.assert_allclose(found.draws.mean(axis=0, dtype=float), amount, rtol=0.03)
    months = [found.draws[:, (found.table["month"] == month).to_numpy()].sum(axis=1) for month in found.table["month"]]
    whole = found.table.groupby("month")["amount_fen"].transform("sum").to_numpy() / 100
    np.testing.assert_allclose(np.median(months, axis=1), whole, rtol=0.02)
    year = found.table["month"].dt.year.to_numpy() == 2027
    total = found.draws[:, year].sum(axis=1, dtype=float)
    assert 0.04 < total.std() / total.mean() < 0.2


def test_same_seed_same_bytes(found):
    dataset = shop()
    again = long_run(dataset, near(dataset), SETTINGS, RUN)
    assert again.draws.tobytes() == found.draws.tobytes()
    pd.testing.assert_frame_equal(again.table, found.table)


def test_near_level_fades_out_smoothly():
    dataset = shop()
    high = long_run(dataset, near(dataset, factor=1.3), SETTINGS, RUN)
    by_month = high.table.groupby("month")["amount_fen"].sum() / 100
    lift = by_month.to_numpy() / truth(by_month.index.to_numpy().astype("datetime64[M]"))
    assert "near forecast is 13" in high.warnings[0] or "near forecast is 12" in high.warnings[0]
    assert lift[0] == pytest.approx(1.3, rel=0.01)
    assert 0.9 < lift[-1] < 1.15
    assert np.abs(np.diff(lift)).max() < 0.15


@pytest.mark.parametrize("days", [400, 200, 20])
def test_short_history_warns_and_stays_sane(days):
    dataset = shop(days)
    found = long_run(dataset, near(dataset), SETTINGS, RUN)
    assert found.warnings
    assert np.isfinite(found.draws).all() and (found.table["amount_fen"] > 0).all()


def test_without_money_there_are_units_and_a_warning():
    dataset = shop(500, money=False)
    found = long_run(dataset, near(dataset, priced=False), SETTINGS, RUN)
    assert (found.table["amount_fen"] == 0).all() and (found.table["units"] > 0).all()
    assert "no amounts" in found.warnings[0]
    assert (found.draws == 0).all()


def test_prices_stand_in_for_amounts():
    dataset = shop(500, money=False)
    prices = pd.DataFrame(
        [(s, c, pd.Timestamp("2020-01-01"), p) for s, p in (("x1", 10000), ("y1", 5000)) for c in "AB"],
        columns=["sku", "channel", "date", "paid_price_fen"],
    )
    with_prices = type(dataset)({**dataset.tables, "prices": prices}, "0")
    found = long_run(with_prices, near(with_prices), SETTINGS, RUN)
    paid = long_run(shop(500), near(dataset), SETTINGS, RUN)
    pd.testing.assert_frame_equal(found.table, paid.table)


def test_nothing_sold_at_all():
    dataset = shop(60)
    dataset["sales"]["units_paid"] = 0
    dataset["sales"]["amount_paid_fen"] = 0
    found = long_run(dataset, near(dataset, factor=0.0, priced=False), SETTINGS, RUN)
    assert (found.table["units"] == 0).all() and (found.draws == 0).all()


def test_one_channel_one_category():
    dataset = shop(800, channels=("A",))
    only = dataset["sales"]["sku"] == "x1"
    single = type(dataset)({**dataset.tables, "sales": dataset["sales"][only].reset_index(drop=True)}, "0")
    found = long_run(single, near(single), SETTINGS, RUN)
    assert len(found.table) == 14


def test_running_month_counts_only_days_ahead():
    days = horizon_days(np.datetime64("2026-11-21"))
    assert (str(days[0]), str(days[-1])) == ("2026-11-21", "2027-12-31")
    assert str(horizon_days(np.datetime64("2027-01-01"))[-1]) == "2027-12-31"


def test_held_out_year_moves_the_law_towards_what_was_seen():
    prior = GrowthLaw.default(0.1, 0.1, np.full(4, 0.1))
    channel = np.array([0, 0, 1, 1])
    calm = calibrate(np.full(4, 10.0), np.full(4, 10.0), channel, prior)
    wild = calibrate(np.array([20.0, 5.0, 30.0, 2.0]), np.full(4, 10.0), channel, prior)
    assert (calm.scale < prior.scale).all() and (wild.scale > prior.scale).all()
    assert calm.group < prior.group < wild.group
    assert calibrate(np.zeros(4), np.ones(4), channel, prior) == prior


def test_what_channels_share_is_learned_by_hand():
    """Two equal channels: the posterior over the shared part is that of a bivariate Student law."""
    prior, channel = GrowthLaw.default(0.1, 0.1, np.zeros(2)), np.array([0, 1])
    alike, apart = (
        calibrate(np.exp(np.array(error)), np.ones(2), channel, prior) for error in ([0.2, 0.2], [0.2, -0.2])
    )
    assert alike.freedom == pytest.approx(8.0, rel=0.01)
    means = alike.chance @ SHARED, apart.chance @ SHARED
    assert means[0] > 0.55 and means[1] < 0.45
    mixed = calibrate(np.exp(np.array([0.3, 0.1])), np.exp(np.array([0.02, -0.02])), channel, prior)
    errors = np.array([0.28, 0.12])
    exact = np.array(
        [multivariate_t.pdf(errors, np.zeros(2), 0.01 * np.array([[1.0, r], [r, 1.0]]), df=6) for r in SHARED]
    )
    # sales of the channels are not quite equal, logs of sums are not quite means of logs
    np.testing.assert_allclose(mixed.chance, exact / exact.sum(), atol=0.01)


def test_one_channel_learns_no_more_than_its_own_width():
    prior = GrowthLaw.default(0.1, 0.1, np.zeros(1))
    found = calibrate(np.array([np.exp(0.3)]), np.ones(1), np.array([0]), prior)
    np.testing.assert_allclose(found.chance, prior.chance)
    np.testing.assert_allclose(found.scale, np.sqrt((6 * 0.1**2 + 0.3**2) / 7))


def test_first_year_has_the_stated_deviation_around_its_forecast():
    table = pd.DataFrame({"channel": "A", "group": 0}, index=range(12))
    law = replace(GrowthLaw.default(0.1, 0.0, np.zeros(1)), freedom=1e6)
    draws = draw_rows(table, np.full(12, 5.0), np.arange(1.0, 13.0), law, 4000, np.random.default_rng(0))
    year = draws.sum(axis=1)
    assert np.log(year).std() == pytest.approx(0.1, rel=0.06)
    assert np.median(year) == pytest.approx(60.0, rel=0.005)


def test_drawn_years_have_the_deviations_of_the_law():
    sizes = {"A": (6.0, 3.0, 1.0), "B": (2.0, 2.0), "C": (1.0,)}
    groups = [(channel, size) for channel, all_of in sizes.items() for size in all_of]
    table = pd.DataFrame([(c, g) for g, (c, _) in enumerate(groups) for _ in range(12)], columns=["channel", "group"])
    amount = np.repeat([size for _, size in groups], 12) / 12.0
    third = np.zeros(len(SHARED))
    third[3] = 1.0
    law = GrowthLaw(np.full(len(SHARED), 0.1), 0.05, np.zeros(len(groups)), third, freedom=1e6)
    ahead = np.tile(np.arange(1.0, 13.0), len(groups))
    draws = draw_rows(table, amount, ahead, law, 6000, np.random.default_rng(1)).astype(float)
    year = draws.reshape(6000, len(groups), 12).sum(axis=2)
    channel = pd.factorize(table["channel"][::12])[0]
    sums = np.log(np.stack([year[:, channel == c].sum(axis=1) for c in range(3)], axis=1))
    np.testing.assert_allclose(sums.std(axis=0), 0.1, rtol=0.06)
    np.testing.assert_allclose(np.corrcoef(sums.T)[np.triu_indices(3, 1)], SHARED[3], atol=0.05)
    share = np.array([10.0, 4.0, 1.0]) / 15.0
    expected = 0.1 * np.sqrt(SHARED[3] + (1 - SHARED[3]) * (share**2).sum())
    assert np.log(year.sum(axis=1)).std() == pytest.approx(expected, rel=0.06)
