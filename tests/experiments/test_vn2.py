"""The challenge: three-week demand, orders in its form from untidy files, past windows lived through again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.readers.vn2 import read_challenge
from engine.execution.run import Run
from engine.forecasting.settings import LongRunSettings
from engine.plans.errors import BadInput
from engine.plans.forecast import METHOD
from experiments.vn2.__main__ import main
from experiments.vn2.baseline import YEAR, Cover, seasonal_index
from experiments.vn2.forecast import LEVELS, forecast
from experiments.vn2.history import History
from experiments.vn2.order import order
from experiments.vn2.replay import BASELINE, PRODUCT, WARM_UP, WEEKS, live, opening, replay, starts, summary
from experiments.vn2.shelf import Shelf, one_week
from tests.experiments.shops import FAST, case

REAL = Path(__file__).parents[2] / "../shared/data/vn2"
QUICK = FAST.model_copy(update={"long_run": LongRunSettings(max_series=0, holdout_series=0), "origins": 2})
STORES, PRODUCTS = 2, 8


def write(folder: Path, weeks: int = 80, seed: int = 3) -> Path:
    """A small shop in the challenge's files: busy and slow products, some weeks without stock."""
    rng = np.random.default_rng(seed)
    items = STORES * PRODUCTS
    keys = pd.DataFrame({"Store": np.repeat([0, 7], PRODUCTS), "Product": np.tile(np.arange(100, 108), STORES)})
    dates = pd.date_range("2023-01-02", periods=weeks, freq="7D").strftime("%Y-%m-%d")
    season = 1.0 + 0.4 * np.sin(2 * np.pi * np.arange(weeks) / 52)
    units = rng.poisson(rng.gamma(1.5, 4.0, (items, 1)) * season).astype(float)
    open_weeks = rng.random((items, weeks)) > 0.05
    sales = pd.DataFrame(np.where(open_weeks, units, 0.0), columns=dates)
    state = pd.DataFrame(
        {"Start Inventory": 0, "Sales": 0, "Missed Sales": 0, "End Inventory": rng.integers(1, 9, items)}
    )
    state["In Transit W+1"], state["In Transit W+2"] = 0, rng.integers(0, 9, items)
    master = pd.DataFrame({"ProductGroup": 1, "Division": 1, "Department": keys["Product"] % 2, "StoreFormat": 1})
    tables = {
        "sales": sales,
        "in_stock": pd.DataFrame(open_weeks, columns=dates),
        "initial_state": state,
        "master": master,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pd.concat([keys, table], axis=1).to_csv(folder / f"{name}.csv", index=False)
    return folder


def edit(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv")


def test_sums_over_the_horizon_are_covered() -> None:
    table = forecast(case(skus=60).without("promotions"), 2, 4, Run(1, 1))
    ours = table[table["model"] == METHOD]
    assert len(ours) == 2 and (ours["series"] == 60).all()
    assert ours["coverage_80"].mean() == pytest.approx(0.8, abs=0.15)
    assert {f"pinball_{level:g}" for level in LEVELS} <= set(table)


def test_orders_of_untidy_files_come_in_the_given_order(tmp_path: Path) -> None:
    folder = write(tmp_path / "data", weeks=64)
    state, sales = edit(folder, "initial_state"), edit(folder, "sales")
    state = state.sample(frac=1.0, random_state=1)  # any order of rows
    state[["Start Inventory", "Sales", "Missed Sales"]] = np.nan  # a later week may leave these empty
    state.loc[state.index[0], "In Transit W+1"] = np.nan
    gone, blank = state.index[3], state.index[5]
    sales.loc[blank, sales.columns[20:24]] = np.nan
    sales = sales.drop(index=gone)  # never sold: no row
    state.to_csv(folder / "initial_state.csv", index=False)
    sales.to_csv(folder / "sales.csv", index=False)
    table = order(folder, tmp_path / "out" / "orders.csv", Run(1, 1), QUICK)
    written = pd.read_csv(tmp_path / "out" / "orders.csv")
    assert list(written.columns) == ["Store", "Product", "quantity"]
    assert written[["Store", "Product"]].to_numpy().tolist() == state[["Store", "Product"]].to_numpy().tolist()
    assert written["quantity"].dtype == np.int64 and (written["quantity"] >= 0).all()
    assert written["quantity"].sum() > 0 and written["quantity"].tolist() == table["quantity"].tolist()
    assert written["quantity"].iloc[3] == 0


def test_files_are_brought_together(tmp_path: Path) -> None:
    folder = write(tmp_path, weeks=8)
    sales, flags, state = (edit(folder, name) for name in ("sales", "in_stock", "initial_state"))
    sales.loc[2, "2023-01-09"] = np.nan
    state.loc[0, "End Inventory"] = np.nan
    sales.loc[4, sales.columns[2:]] = np.nan
    sales["2023-02-27"] = np.nan  # a week to come
    sales.to_csv(folder / "sales.csv", index=False)
    flags.drop(columns="2023-02-20").to_csv(folder / "in_stock.csv", index=False)  # flags of the last week are missing
    state.drop(index=1).to_csv(folder / "initial_state.csv", index=False)
    given = read_challenge(folder)
    assert given.sales.shape == (STORES * PRODUCTS, 8)
    assert given.sales.index[-1] == ("0", "101")  # without a state: after the others
    assert given.in_stock["2023-02-20"].all()
    assert not given.sales.loc[("0", "104")].any()
    assert np.isnan(given.sales.loc[("0", "102"), "2023-01-09"])
    assert given.state.loc[("0", "100"), "End Inventory"] == 0


def test_a_sold_out_week_is_a_lower_bound(tmp_path: Path) -> None:
    given = read_challenge(write(tmp_path))
    history, none = History.until(given, 70), np.zeros(STORES * PRODUCTS)
    shelf, week = one_week(Shelf(none + 2, none, none), none, none + np.arange(STORES * PRODUCTS))
    after = history.then(week, np.ones(STORES * PRODUCTS, dtype=bool))
    assert after.weeks == 71 and after.sales[:4, -1].tolist() == [0.0, 1.0, 2.0, 2.0]
    assert after.in_stock[:4, -1].tolist() == [True, True, False, False]
    tables = after.dataset(shelf)
    assert tables["inventory"]["on_hand"].tolist() == shelf.on_hand.tolist()
    out = tables["availability"]
    assert (out["date"] == out["date"].max()).sum() == (shelf.on_hand == 0).sum()


def test_the_cover_orders_the_gap_to_its_weeks(tmp_path: Path) -> None:
    given = read_challenge(write(tmp_path))
    history, shelf = opening(given, 60, 4.0)
    more, less = Cover(4.0)(history, shelf), Cover(3.0)(history, shelf)
    assert (more >= less).all() and more.sum() > less.sum()
    _, _, cost = live(Cover(3.0), history, shelf, 4)
    assert cost.shape == (STORES * PRODUCTS, 4) and (cost >= 0).all() and cost.sum() > 0


def test_seasonal_index_finds_the_season() -> None:
    season = 1.0 + 0.5 * np.sin(2 * np.pi * np.arange(3 * YEAR) / YEAR)
    demand = 100.0 * np.tile(season, (4, 1))
    assert seasonal_index(demand, demand > 0) == pytest.approx(season[:YEAR], abs=0.05)
    assert seasonal_index(demand[:, :30], demand[:, :30] > 0).tolist() == [1.0] * YEAR


def test_replay_gives_a_row_a_window(tmp_path: Path) -> None:
    given = read_challenge(write(tmp_path, weeks=YEAR + WARM_UP + WEEKS))
    rows = replay(given, 3, Run(1, 1), QUICK)
    assert len(rows) == 1 and rows["week"][0] == given.sales.columns[YEAR + WARM_UP]
    assert np.isfinite(rows[[BASELINE, PRODUCT]]).all(axis=None)
    assert rows["saving"][0] == pytest.approx(1.0 - rows[PRODUCT][0] / rows[BASELINE][0])


def test_too_short_a_history_is_refused(tmp_path: Path) -> None:
    assert starts(60, 5) == []
    with pytest.raises(BadInput):
        replay(read_challenge(write(tmp_path, weeks=60)), 3, Run(1, 1), QUICK)


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    rows = pd.DataFrame({"saving": [0.1, 0.2, 0.3], BASELINE: [1.0, 1.0, 2.0], PRODUCT: [0.9, 0.8, 1.4]})
    told = summary(rows)
    assert told["saving"] == pytest.approx(0.2) and told["saving_of_sum"] == pytest.approx(0.225)
    assert told["low"] == pytest.approx(0.2 - 4.302653 * 0.1 / np.sqrt(3))


@pytest.mark.skipif(not REAL.exists(), reason="needs the VN2 files in ../shared/data")
def test_the_real_files_give_one_row_a_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["forecast", "--data", str(REAL), "--origins", "1", "--warm", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["means"][METHOD]["pinball"] < told["means"]["seasonal_naive"]["pinball"]


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["forecast", "--data", str(tmp_path)])
