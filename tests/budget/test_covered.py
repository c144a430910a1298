"""A media table that ends before the sales: what is learned, what is planned, and what is said."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from engine.budget.covered import ads_known_until, coverage_notes
from engine.budget.history import response_data
from engine.budget.plan import plan_budget
from engine.budget.response import ResponseReport, study_response
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.execution.run import Run
from tests.budget.merchant import ADS, ORIGIN, forecast, merchant

SETTINGS = BudgetSettings(frontier=(), nodes=4)
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def whole() -> Dataset:
    return merchant()


def _with_media(dataset: Dataset, media: pd.DataFrame) -> Dataset:
    return Dataset({**dataset.tables, "media": media}, "media")


def _ending(dataset: Dataset, days: int) -> Dataset:
    """Without the last days of all media."""
    media = dataset["media"]
    return _with_media(dataset, media[media["date"] < pd.Timestamp(ORIGIN) - days * DAY])


def _by_week(dataset: Dataset, every: int = 1) -> Dataset:
    """Media as rows of the days on which weeks begin, every so many weeks."""
    media = dataset["media"]
    ago = (pd.Timestamp(ORIGIN) - media["date"]).dt.days
    return _with_media(dataset, media[ago % (7 * every) == 0].assign(spend_fen=lambda rows: 7 * rows["spend_fen"]))


def _study(dataset: Dataset) -> ResponseReport:
    return study_response(dataset, SETTINGS, "D", Run(1, 1), checks=False)


@pytest.mark.parametrize(
    ("days", "weeks"), [(0, 0), (1, 1), (6, 1), (7, 1), (8, 2), (28, 4), (91, 13), (92, 0), (400, 0)]
)
def test_missing_days_are_missing_weeks_up_to_a_quarter(whole: Dataset, days: int, weeks: int) -> None:
    short = _ending(whole, days)
    assert ads_known_until(short, ORIGIN) == ORIGIN - 7 * weeks
    assert len(coverage_notes(short, ORIGIN)) == int(weeks > 0)
    assert response_data(short, ORIGIN).weeks == 110 - weeks


def test_a_weekly_row_stands_for_its_week(whole: Dataset) -> None:
    weekly = _by_week(whole)
    assert ads_known_until(weekly, ORIGIN) == ORIGIN and not coverage_notes(weekly, ORIGIN)
    assert ads_known_until(_ending(weekly, 7), ORIGIN) == ORIGIN - 7
    assert "media ends on 2026-10-17, 14 days" in coverage_notes(_ending(weekly, 14), ORIGIN)[0]
    assert ads_known_until(weekly, ORIGIN + 3) == ORIGIN - 4  # the week of sales that began by then has no row


def test_ads_now_and_then_pause_and_are_not_missing(whole: Dataset) -> None:
    monthly = _by_week(whole, every=4)
    assert ads_known_until(_ending(monthly, 20), ORIGIN) == ORIGIN and not coverage_notes(monthly, ORIGIN)
    media = _ending(whole, 28)["media"]
    pause = media["date"].between(pd.Timestamp(ORIGIN) - 56 * DAY, pd.Timestamp(ORIGIN) - 43 * DAY)
    assert ads_known_until(_with_media(whole, media[~pause]), ORIGIN) == ORIGIN


def test_rows_of_zero_are_known(whole: Dataset) -> None:
    media = whole["media"]
    late = (media["date"] >= pd.Timestamp(ORIGIN) - 28 * DAY).to_numpy()
    stopped = _with_media(whole, media.assign(spend_fen=media["spend_fen"].where(~late, 0)))
    assert ads_known_until(stopped, ORIGIN) == ORIGIN and not coverage_notes(stopped, ORIGIN)


def test_the_history_is_that_of_the_weeks_before(whole: Dataset) -> None:
    full, short = (response_data(data, ORIGIN) for data in (whole, _ending(whole, 26)))
    before = full.until(106)
    for name in ("spend", "revenue", "controls"):
        assert getattr(short, name).tobytes() == getattr(before, name).tobytes(), name


@pytest.mark.parametrize("days", [3, 28])
def test_what_ads_bring_is_learned_up_to_the_end_of_media(whole: Dataset, days: int) -> None:
    full, short = (_study(data) for data in (whole, _ending(whole, days)))
    for name in ADS:
        assert short.channels[name]["roi"] == pytest.approx(full.channels[name]["roi"], rel=0.15)
    known = ORIGIN - (7 if days == 3 else 28)
    assert sum(f"{days} days before the sales: ads are learned up to {known - 1}" in note for note in short.notes) == 1
    assert not any("media ends" in note for note in full.notes)
    media = whole["media"]
    spent = media.loc[media["date"].between(pd.Timestamp(known) - 364 * DAY, pd.Timestamp(known) - DAY), "spend_fen"]
    assert short.review["spend_fen"].sum() == spent.sum()


def test_the_plan_carries_on_the_spend_of_the_known_weeks(whole: Dataset) -> None:
    short, settings = _ending(whole, 28), SETTINGS.model_copy(update={"start": date(2026, 9, 20), "total_yuan": 9e5})
    plan = plan_budget(short, forecast(whole), settings, Run(1, 1))
    data, media = response_data(short, ORIGIN), short["media"]
    usual, sold = data.spend[:, -13:].sum(axis=1), data.revenue[:, -13:].sum()
    ahead = forecast(whole).under().weekly_revenue_yuan.sum(axis=0, dtype=float)
    found = plan.reference[list(data.ad_channels)].to_numpy()
    assert found == pytest.approx(np.outer(ahead, usual) / sold, rel=1e-6)
    assert plan.split["week"].min() == pd.Timestamp(ORIGIN)
    said = [note for note in plan.warnings if "media ends" in note]
    assert len(said) == 1 and "nor in what the quarter has cost" in said[0]
    spent = media.loc[media["date"] >= pd.Timestamp("2026-09-20"), "spend_fen"].sum() / 100.0
    assert any(note.startswith(f"{spent:,.0f} yuan of the quarter are spent") for note in plan.warnings)


def test_one_ad_channel_that_ends_early_is_only_named(whole: Dataset) -> None:
    media = whole["media"]
    mine, late = ((media["ad_channel"] == "千川").to_numpy(), media["date"] >= pd.Timestamp(ORIGIN) - 14 * DAY)
    gone = _with_media(whole, media[~(mine & late)])
    (said,) = coverage_notes(gone, ORIGIN)
    assert said.startswith("ad channel 千川 has no rows after 2026-10-17 while others have: taken as no spend")
    assert response_data(gone, ORIGIN).spend[:, -1].tolist().count(0.0) == 1
    zeros = media.assign(spend_fen=media["spend_fen"].where(~(mine & late), 0))
    assert coverage_notes(_with_media(whole, zeros), ORIGIN) == ()
    six = media[~(mine & (media["date"] >= pd.Timestamp(ORIGIN) - 6 * DAY))]
    assert coverage_notes(_with_media(whole, six), ORIGIN) == ()
    quarter = media[~(mine & (media["date"] >= pd.Timestamp(ORIGIN) - 92 * DAY))]
    assert coverage_notes(_with_media(whole, quarter), ORIGIN) == ()
