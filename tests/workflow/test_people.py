"""People and the forecast, on a small demo merchant: change it, question it, judge it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.plans.errors import BadInput
from engine.plans.forecast import Forecast
from engine.workflow import stages
from engine.workflow.facade import Merchant

LIGHT = """
forecast: {horizon_weeks: 8, origins: 1, max_rows: 5000, rounds: 20, long_run: {draws: 20, max_series: 2}}
stages: [forecast]
"""


@pytest.fixture(scope="module")
def merchant(tmp_path_factory: pytest.TempPathFactory) -> Merchant:
    """Forecast six weeks before the end of the data."""
    from engine.interfaces.cli.sources import SourceOptions, load_source
    from engine.workflow.create import create_workspace

    path = tmp_path_factory.mktemp("people") / "ws"
    create_workspace(path, load_source("demo", SourceOptions(skus=10, days=430, seed=4)), "demo")
    last = Merchant(path).dataset.last_day.date()
    (path / "plan.yaml").write_text(f"{LIGHT}\nas_of: {last - timedelta(days=42)}\n", "utf-8")
    found = Merchant(path)
    with pytest.raises(BadInput, match="no forecast yet"):
        found.explain("X", "2026-11-01")
    found.forecast()
    return found


def stored(merchant: Merchant) -> Forecast:
    plan = merchant.workspace.load_plan("forecast", Forecast)
    assert plan is not None
    return plan


def best(forecast: Forecast) -> str:
    """The SKU that sells most."""
    return str(forecast.series["sku"].iloc[int(forecast.mean.sum(axis=1).argmax())])


def test_the_parts_of_an_explanation_add_up(merchant: Merchant) -> None:
    forecast = stored(merchant)
    first = forecast.dates[0]
    for when in (str(first + 3), f"{first}..{first + 13}"):
        found = merchant.explain(best(forecast), when)
        rows = (forecast.series["sku"] == best(forecast)).to_numpy()
        days = 1 if ".." not in when else 14
        start = 3 if days == 1 else 0
        assert found.units == pytest.approx(forecast.mean[rows, start : start + days].sum(dtype=float), rel=1e-6)
        assert sum(found.parts.values()) == pytest.approx(found.units, rel=1e-9)
        parts = found.periods[list(found.parts)].sum(axis=1)
        np.testing.assert_allclose(parts, found.periods["units"], rtol=1e-6)
        assert set(found.trust.values()) <= {"A", "B", "C"} and len(found.recent) == 8
    assert found.parts["baseline"] > 0 and found.parts["override"] == 0


def test_bad_questions_are_answered_in_words(merchant: Merchant) -> None:
    forecast = stored(merchant)
    for question in (("X", "2026-11-01", None), (best(forecast), "1999-01-01", None), (best(forecast), "soon", None)):
        with pytest.raises(BadInput):
            merchant.explain(*question)
    with pytest.raises(BadInput, match="has no forecast there"):
        merchant.explain(best(forecast), str(forecast.dates[0]), "月球")


def test_an_override_is_laid_over_without_refitting_and_judged_later(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stored(merchant)
    sku, start = best(model), model.dates[0]
    end = str(start + 13)
    said = {"kind": "scale", "value": "1.5", "author": "张三", "reason": "直播", "sku": sku}
    made = merchant.override(**said, start=str(start), end=end)
    found = merchant.explain(sku, f"{start}..{end}")
    assert (
        found.parts["override"] == pytest.approx(found.units / 3, rel=1e-5) and "overrides of now" in found.warnings[0]
    )

    refit = stages.make_forecast
    monkeypatch.setattr(stages, "make_forecast", lambda *_: pytest.fail("was fitted again"))
    result = merchant.run(resume=True)
    changed = stored(merchant)
    rows = (model.series["sku"] == sku).to_numpy()
    np.testing.assert_allclose(changed.mean[rows, :14], model.mean[rows, :14] * 1.5, rtol=1e-6)
    assert np.array_equal(changed.unadjusted().mean, model.mean) and "override_units" in changed.metrics
    assert changed.long_run["units"].sum() > model.long_run["units"].sum()
    assert merchant.run(resume=True).stages["forecast"].reused
    monkeypatch.setattr(stages, "make_forecast", refit)

    assert merchant.value_added().waiting == (made.id,)
    text = merchant.workspace.settings_file.read_text("utf-8")
    merchant.workspace.settings_file.write_text(text.split("as_of")[0], "utf-8")
    later = Merchant(merchant.workspace.path).value_added()
    merchant.workspace.settings_file.write_text(text, "utf-8")
    row = later.overrides.iloc[0]
    assert later.waiting == () and row["author"] == "张三" and row["after"] == pytest.approx(1.5 * row["before"])
    assert row["value_added"] == pytest.approx(row["wape_before"] - row["wape_after"])

    assert result.run_id is not None and merchant.reproduce(result.run_id).identical
    merchant.remove_override(made.id)
    assert merchant.run(resume=True).stages["forecast"].plan is not None
    assert np.array_equal(stored(merchant).mean, model.mean) and stored(merchant).before is None


def test_an_unknown_name_in_the_file_stops_the_run(merchant: Merchant) -> None:
    file = merchant.workspace.path / "overrides.csv"
    before = file.read_bytes() if file.exists() else None
    head = "id,created,author,reason,kind,value,start,end,sku,expires\n"
    file.write_text(head + "9,2026-01-01,a,b,set,5,2026-01-01,2030-01-01,NOWHERE,\n", "utf-8")
    with pytest.raises(BadInput, match="no such sku"):
        Merchant(merchant.workspace.path).run(resume=True)
    file.write_bytes(before) if before is not None else file.unlink()


def test_what_if_answers_from_the_stored_forecast(merchant: Merchant, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("price: [{discount: 0.1}]", "utf-8")
    total = merchant.what_if(tmp_path / "f.yaml").total()
    assert total["units_difference"] > 0
    (tmp_path / "f.yaml").write_text("", "utf-8")
    assert merchant.what_if(tmp_path / "f.yaml").total()["revenue_difference"] == 0.0
