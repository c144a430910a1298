"""The M5 study on a tiny market of the same shape, its scorer against a slow, obvious one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.m5.__main__ import main, node_names, score
from experiments.m5.bottom import BottomParameters
from experiments.m5.course import course
from experiments.m5.data import KEYS, LEVELS, actuals, load
from experiments.m5.features import past_of, rows
from experiments.m5.forecast import M5Forecast
from experiments.m5.score import QUANTILES, Yardstick, seasonal_naive

ROOT = Path(__file__).parents[2]
REAL = ROOT / "../shared/data/m5"
DAYS, ORIGIN, HORIZON = 1600, 1560, 28
SALES = "sales_train_d1_d1600.parquet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two states, two stores each, six items of three departments; one launched late, one never sold."""
    out = tmp_path_factory.mktemp("m5")
    rng = np.random.default_rng(3)
    depts = ["FOODS_1", "FOODS_2", "HOBBIES_1"]
    goods = [(f"{dept}_{number:03d}", dept, dept.split("_")[0]) for dept in depts for number in (1, 2)]
    keys = [(*good, store, store[:2]) for store in ("CA_1", "CA_2", "TX_1", "TX_2") for good in goods]
    dates = pd.date_range("2011-01-29", periods=DAYS + 40)
    weekly = 1.0 + 0.4 * np.isin(dates[:DAYS].weekday, (5, 6))
    sales = rng.poisson(rng.gamma(1.0, 3.0, len(keys))[:, None] * weekly).astype(np.int16)
    sales[2, :1400] = 0
    sales[5] = 0
    frame = pd.DataFrame(keys, columns=KEYS)
    grid = pd.DataFrame(sales, columns=[f"d_{day}" for day in range(1, DAYS + 1)])
    pd.concat([frame, grid], axis=1).to_parquet(out / SALES)
    calendar = pd.DataFrame({"date": dates.strftime("%Y-%m-%d"), "wm_yr_wk": 11101 + np.arange(len(dates)) // 7})
    holiday = np.where(dates.dayofyear == 359, "Christmas", None)
    calendar = calendar.assign(event_name_1=holiday, event_name_2=None)
    for state in ("CA", "TX", "WI"):
        calendar[f"snap_{state}"] = (dates.day <= 10).astype(int)
    calendar.to_parquet(out / "calendar.parquet")
    weeks = calendar["wm_yr_wk"].unique()
    prices = frame[["store_id", "item_id"]].merge(pd.DataFrame({"wm_yr_wk": weeks}), how="cross")
    prices["sell_price"] = rng.choice([1.0, 2.5, 4.0], len(prices))
    prices.drop(index=prices.index[:20]).to_parquet(out / "sell_prices.parquet")
    return out


def slow_scores(folder: Path, mean: np.ndarray, quantiles: pd.DataFrame) -> tuple[float, float]:
    """WRMSSE and WSPL as the competition's guide states them, node by node."""
    market, truth = load(folder, ORIGIN, HORIZON), actuals(folder, ORIGIN, HORIZON)
    assert truth is not None
    dollars = np.nansum(market.sales[:, -28:] * market.prices[:, ORIGIN - 28 : ORIGIN], axis=1)
    days = [f"F{day}" for day in range(1, HORIZON + 1)]
    ordered = quantiles.sort_values("quantile", kind="stable")
    guesses = {key: part[days].to_numpy(dtype=float) for key, part in ordered.groupby(["level", "key"])}
    wrmsse, wspl = [], []
    for number, level in enumerate(LEVELS, start=1):
        text = market.keys[list(level)].agg("|".join, axis=1) if level else pd.Series("X", index=market.keys.index)
        root = loss = 0.0
        for key in sorted(text.unique()):
            at = (text == key).to_numpy()
            past, future, guess = market.sales[at].sum(axis=0), truth[at].sum(axis=0), mean[at].sum(axis=0)
            if not past.any():
                continue
            change = np.diff(past[np.flatnonzero(past)[0] :])
            weight = dollars[at].sum() / dollars.sum()
            root += weight * np.sqrt(np.mean((future - guess) ** 2) / np.mean(change**2))
            for share, quantile in zip(QUANTILES, guesses[number, key], strict=True):
                gap = future - quantile
                spl = np.mean(np.where(gap >= 0, share * gap, (share - 1) * gap)) / np.mean(np.abs(change))
                loss += weight * spl / len(QUANTILES)
        wrmsse.append(root)
        wspl.append(loss)
    return float(np.mean(wrmsse)), float(np.mean(wspl))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trees from few windows: the tests ask for shapes and scores, not for skill."""
    monkeypatch.setattr("experiments.m5.correction.ROUNDS", 10)
    monkeypatch.setattr("experiments.m5.correction.WINDOWS", 4)
    monkeypatch.setattr("experiments.m5.quantiles.FOLD", 2)
    monkeypatch.setattr("experiments.m5.forecast.BottomParameters", partial(BottomParameters, rounds=20, leaves=15))


def command(folder: Path, out: Path, origin: int = ORIGIN, horizon: int = HORIZON) -> None:
    asked = ["--data", str(folder), "--origin", str(origin), "--horizon", str(horizon), "--out", str(out)]
    main([*asked, "--threads", "1", "--score", "--json"])


@pytest.mark.usefixtures("small")
def test_command_writes_coherent_complete_files_scored_as_the_guide_says(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(folder, tmp_path)
    report = json.loads(capsys.readouterr().out)
    mean, quantiles = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("mean", "quantiles"))
    days = [f"F{day}" for day in range(1, 29)]
    assert list(mean.columns) == ["id", *days]
    assert mean["id"].iloc[0] == "FOODS_1_001_CA_1"
    assert list(quantiles.columns) == ["level", "key", "quantile", *days]
    assert (mean[days].to_numpy() >= 0).all()
    assert np.isfinite(quantiles[days].to_numpy()).all()
    assert set(quantiles.loc[quantiles["level"] == 8, "key"]) >= {"CA_1|FOODS", "TX_2|HOBBIES"}
    wide = quantiles.pivot(index=["level", "key"], columns="quantile", values="F7").to_numpy()
    assert (np.diff(wide, axis=1) >= 0).all()
    expected = slow_scores(folder, mean[days].to_numpy(), quantiles)
    assert (report["wrmsse"], report["wspl"]) == pytest.approx(expected, abs=1e-4)


def test_scorer_agrees_with_the_guide_on_the_yardstick(folder: Path) -> None:
    market, truth = load(folder, ORIGIN, HORIZON), actuals(folder, ORIGIN, HORIZON)
    assert truth is not None
    mean, yardstick = seasonal_naive(market), Yardstick.of(market)
    spread = np.linspace(0.2, 1.8, len(QUANTILES))[:, None, None] * (yardstick.sums @ mean.astype(float))
    frames = [
        node_names(market).assign(quantile=share, **{f"F{day + 1}": values[:, day] for day in range(HORIZON)})
        for share, values in zip(QUANTILES, spread, strict=True)
    ]
    report = score(market, M5Forecast(mean, spread), truth)
    expected = slow_scores(folder, mean, pd.concat(frames))
    assert (report["wrmsse"], report["wspl"]) == pytest.approx(expected, abs=1e-4)


@pytest.mark.usefixtures("small")
def test_sales_after_the_origin_change_nothing(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "data"
    shutil.copytree(folder, other)
    sales = pd.read_parquet(other / SALES)
    sales[[f"d_{day}" for day in range(ORIGIN + 1, DAYS + 1)]] += 9
    sales.to_parquet(other / SALES)
    command(folder, tmp_path / "a")
    command(other, tmp_path / "b")
    for name in ("mean", "quantiles"):
        assert (tmp_path / f"a/{name}.parquet").read_bytes() == (tmp_path / f"b/{name}.parquet").read_bytes()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("origin", "horizon"), [(1500, 100), (DAYS, 3)])
def test_other_horizons_and_the_last_day(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], origin: int, horizon: int
) -> None:
    command(folder, tmp_path, origin, horizon)
    mean, quantiles = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("mean", "quantiles"))
    assert list(mean.columns) == ["id", *(f"F{day}" for day in range(1, horizon + 1))]
    assert np.isfinite(mean.iloc[:, 1:].to_numpy()).all()
    assert np.isfinite(quantiles.iloc[:, 3:].to_numpy()).all()
    report = json.loads(capsys.readouterr().out)
    assert "score" in report if origin + horizon > DAYS else report["wrmsse"] > 0


def test_features_do_not_read_the_future(folder: Path) -> None:
    market = load(folder, ORIGIN, HORIZON)
    series = np.repeat(np.arange(len(market.sales)), 28)
    ahead = np.tile(np.arange(1, 29), len(market.sales))
    origin = np.full(len(series), ORIGIN - 100)
    before = rows(past_of(market), series, origin, ahead)
    changed = market.sales.copy()
    changed[:, ORIGIN - 100 :] += 7
    after = rows(past_of(replace(market, sales=changed)), series, origin, ahead)
    np.testing.assert_array_equal(before, after)


def test_the_course_knows_weekdays_growth_and_closed_days() -> None:
    week = np.array([1.0, 1, 1, 1, 1, 4, 5])
    history = np.tile(week, 120)[None, :] * np.repeat([1.0, 2.0], 420)
    history[0, -3] = 0.0  # closed: stands for the same day a week before
    level, base, ratios = course(history, 10)
    assert level.tolist() == [[4.0]]
    ahead = np.tile(week, 2)[:10]
    np.testing.assert_allclose(base[0], 2 * ahead)
    day, _, growth, day_two_years, _, growth_two_years = (values[0] for values in ratios[4:10])
    np.testing.assert_allclose([day, day_two_years], [ahead / 2] * 2)
    np.testing.assert_allclose([growth, growth_two_years], [[1.0] * 10, [2.0] * 10])
    assert np.isnan(course(history[:, 420:], 10)[2][9]).all()


def test_an_origin_out_of_range_is_named(folder: Path) -> None:
    for origin, horizon in ((1499, 28), (DAYS + 1, 28), (DAYS, 41)):
        with pytest.raises(ValueError, match=r"--origin|--horizon"):
            load(folder, origin, horizon)


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="shared M5 data are not there")
def test_seasonal_naive_scores_as_published() -> None:
    whole = []
    for origin in (1829, 1857, 1885, 1913):
        market, truth = load(REAL, origin, HORIZON), actuals(REAL, origin, HORIZON)
        assert truth is not None
        whole.append(Yardstick.of(market).wrmsse(truth, seasonal_naive(market)).mean())
    assert np.mean(whole) == pytest.approx(0.925, abs=5e-4)
