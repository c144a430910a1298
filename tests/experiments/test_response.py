"""The response study on small files whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.plans.errors import BadInput
from experiments.response.__main__ import main
from experiments.response.answer import answer
from experiments.response.periods import histories
from experiments.response.read import Question, read_panel
from experiments.response.worlds import small_business, small_business_days
from models.response.adstock import adstock
from models.response.forms import Form
from models.response.saturation import hill

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "mmm"
WEEKS = 110


def _lift(spend: np.ndarray, roi: float) -> np.ndarray:
    """A curve with carry-over .3, half saturation at the mean and slope 1.3, of that ROI over the history."""
    saturated = hill(adstock(spend, np.array(0.3), np.array(spend[:4].mean())), spend.mean(), np.array(1.3))
    return roi * spend.sum() * saturated / saturated.sum()


def _table(seed: int = 1, size: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(5.0, 0.7, (2, WEEKS)) * (rng.random((2, WEEKS)) > 0.25) * size  # one week in four pauses
    rain = rng.standard_normal(WEEKS)
    noise = 250.0 * size * rng.standard_normal(WEEKS)
    sold = size * (3000.0 + 200.0 * rain) + noise + _lift(a, 6.0) + _lift(b, 2.0)
    day = np.datetime64("2023-01-02") + 7 * np.arange(WEEKS)
    return pd.DataFrame({"day": day.astype(str), "sold": sold, "a": a, "b": b, "rain": rain})


def _ask(table: pd.DataFrame, folder: Path, spend: tuple[str, ...] = ("a", "b"), **more: Any) -> dict[str, Any]:
    file = folder / "sales.csv"
    table.to_csv(file, index=False)
    return answer(Question(file, "day", "sold", spend, ("rain",), **more), held_out=False)


def _covers(channel: dict[str, Any], truth: float) -> bool:
    return bool(channel["roi_low"] < truth < channel["roi_high"])


def test_known_roi_is_found_and_scales_with_the_unit_of_the_kpi(tmp_path: Path) -> None:
    table = _table()
    found = _ask(table, tmp_path)
    assert _covers(found["channels"]["a"], 6.0) and _covers(found["channels"]["b"], 2.0)
    assert found["channels"]["a"]["roi"] == pytest.approx(6.0, rel=0.25)
    assert found["channels"]["a"]["width_against_prior"] < 0.6 and found["diagnostics"]["r_hat"] < 1.05
    pieces = _ask(table.assign(sold=1000.0 * table["sold"]), tmp_path)
    assert pieces["channels"]["a"]["roi"] == pytest.approx(1000.0 * found["channels"]["a"]["roi"], rel=0.02)
    worth = _ask(table.assign(sold=table["sold"] / 50.0, price=50.0), tmp_path, revenue_per_kpi="price")
    assert worth["channels"]["a"]["roi"] == pytest.approx(found["channels"]["a"]["roi"], rel=0.1)
    assert worth["unit"] == "yuan a yuan of spend"


def test_days_are_added_up_to_weeks(tmp_path: Path) -> None:
    table = _table()
    daily = table.loc[table.index.repeat(7)].reset_index(drop=True)
    daily["day"] = (np.datetime64("2023-01-02") + np.arange(len(daily))).astype(str)
    daily[["sold", "a", "b"]] /= 7.0
    early = daily.iloc[:2].assign(day=["2022-12-31", "2023-01-01"])
    found = _ask(pd.concat([early, daily]), tmp_path)
    assert found["diagnostics"]["weeks"] == WEEKS and "2 days make no whole week" in found["notes"][0]
    assert found["channels"]["b"]["roi"] == pytest.approx(_ask(table, tmp_path)["channels"]["b"]["roi"], rel=1e-6)


def test_a_file_by_day_is_fitted_by_day_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    business = small_business_days(4, 40, ads=2)
    data = business.data
    day = (np.datetime64("2023-01-01") + np.arange(data.periods)).astype(str)
    spend = dict(zip(data.ad_channels, data.spend, strict=True))
    table = pd.DataFrame({"day": day, "sold": data.revenue[0], "sale": data.controls[0, :, 0], **spend})
    table.loc[[100, 101, 150], "sold"] = np.nan
    table.drop(index=[0, 200]).to_csv(tmp_path / "f.csv", index=False)  # no row on one day, no whole first week
    given = ["--data", str(tmp_path / "f.csv"), "--date", "day", "--kpi", "sold", "--spend", "ad-1,ad-2"]
    given += ["--controls", "sale", "--json", "--by", "day"]
    assert main(given) == 0
    found = json.loads(capsys.readouterr().out)
    told = found["diagnostics"]
    assert (told["by"], told["weeks"], told["gap_days"], told["gap_weeks"]) == ("day", 39, 4, 3)
    assert told["holdout"]["weeks"] == 4
    assert found["notes"][0].startswith("ad-1: 1 periods without a row") and "6 days make no whole week" in str(found)
    assert found["curve_units"]["half_saturation"] == "yuan of spend a day"
    assert told["residuals"]["r2"] > 0.4 and not told["placebo"]["found"] and set(told["late"]) <= set(data.ad_channels)
    busiest = data.spend.max(axis=1)
    for channel, truth, most in zip(found["channels"].values(), business.roas, busiest, strict=True):
        assert _covers(channel, truth) and channel["half_saturation"] < 5.0 * most
    _table().iloc[:40].to_csv(tmp_path / "f.csv", index=False)
    assert main([*given[:4], "--kpi", "sold", "--spend", "a,b", "--by", "day", "--json"]) == 2
    assert "rows are by week" in capsys.readouterr().out


def test_regions_share_curves_and_are_counted_by_what_they_add(tmp_path: Path) -> None:
    sizes = (1.0, 0.5, 2.0)
    regions = [_table(seed, size).assign(place=f"r{seed}") for seed, size in enumerate(sizes, 3)]
    found = _ask(pd.concat(regions), tmp_path, geo="place")
    alone = _ask(regions[0], tmp_path)
    a = found["channels"]["a"]
    assert _covers(a, 6.0) and found["diagnostics"]["independent_regions"] > 1.5
    assert a["roi_high"] - a["roi_low"] < alone["channels"]["a"]["roi_high"] - alone["channels"]["a"]["roi_low"]
    copies = pd.concat([regions[0].assign(place=place) for place in ("x", "y", "z")])
    again = _ask(copies, tmp_path, geo="place")
    assert again["diagnostics"]["independent_regions"] == pytest.approx(1.0, abs=0.01)
    assert again["channels"]["a"]["roi"] == pytest.approx(alone["channels"]["a"]["roi"], rel=0.02)


def test_flaws_that_can_be_lived_with_are_named_at_once(tmp_path: Path) -> None:
    table = _table().assign(never=0.0, flat=100.0)
    table["twin"] = 3.0 * table["a"]
    table.loc[[20, 21], "sold"] = np.nan
    table.loc[40, "b"] = -5.0
    table = table.drop(index=60)
    found = _ask(table, tmp_path, ("a", "b", "twin", "never", "flat"))
    notes = " | ".join(found["notes"])
    for word in (
        "sold is missing in 3 of 110 weeks",
        "b is negative in 1 rows",
        "flat is always on",
        "never never ran",
    ):
        assert word in notes
    assert found["channels"]["never"]["roi"] is None and found["channels"]["never"]["effect"] is None
    assert found["channels"]["flat"]["width_against_prior"] > 0.4
    (pair,) = found["together"]
    assert pair["channels"] == ["a", "twin"] and _covers(pair, 6.0 / 4.0)
    width = [entry["roi_high"] - entry["roi_low"] for entry in (pair, found["channels"]["a"])]
    assert width[0] < 0.5 * width[1] and "moves together" in found["channels"]["a"]["data"]


def test_nothing_sold_and_short_histories_give_no_confident_number(tmp_path: Path) -> None:
    silent = _ask(_table().assign(sold=0.0), tmp_path)
    assert silent["channels"]["a"]["roi"] is None and "no revenue" in " ".join(silent["notes"])
    short = _ask(_table().iloc[:20], tmp_path)
    assert "20 weeks of history" in " ".join(short["notes"]) and short["channels"]["a"]["data"].startswith("prior")


def test_weeks_before_the_first_sale_are_not_known_whether_blank_or_zero(tmp_path: Path) -> None:
    table, before = _table(), np.arange(WEEKS) < 60
    late, blank = table.assign(sold=np.where(before, 0.0, table["sold"])), table.assign(sold=table["sold"].mask(before))
    found, same = (_ask(part, tmp_path) for part in (late, blank))
    assert found == same and found["diagnostics"]["weeks"] == WEEKS - 60
    assert "60 weeks before the first or after the last KPI are left out" in found["notes"]


def test_a_region_that_opens_late_leaves_the_others_their_weeks(tmp_path: Path) -> None:
    old, new = (_table(seed).assign(place=f"r{seed}") for seed in (3, 4))
    new["sold"] = np.where(np.arange(WEEKS) < 60, 0.0, new["sold"])
    file = tmp_path / "sales.csv"
    pd.concat([old, new]).to_csv(file, index=False)
    asked = Question(file, "day", "sold", ("a",), geo="place")
    found = histories(read_panel(asked), asked)
    assert found.gap.tolist() == [True] * 60 + [False] * (WEEKS - 60)
    assert [region.controls[0].sum() for region in found.regions] == [0.0, 60.0]  # an indicator a week, of its own only
    assert (found.regions[0].revenue[0] == old["sold"]).all() and found.regions[1].revenue[0].min() > 0.0
    assert "1 of 2 regions begin to sell later than the first: the 60 weeks before say nothing of the ads there" in str(
        found.notes
    )


def test_channels_are_fitted_in_the_forms_that_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _table().iloc[:40].to_csv(tmp_path / "f.csv", index=False)
    given = ["--data", str(tmp_path / "f.csv"), "--date", "day", "--kpi", "sold", "--spend", "a,b", "--no-holdout"]
    assert main([*given, "--json", "--forms", "a=delayed,b=logistic"]) == 0
    a, b = json.loads(capsys.readouterr().out)["channels"].values()
    assert (a["carry"], a["saturation"], b["carry"], b["saturation"]) == ("delayed", "hill", "geometric", "logistic")
    assert a["retention_low"] < a["retention"] < a["retention_high"] and b["retention"] is None
    for bad in ("a=tomorrow", "a=delayed+weibull", "c=delayed"):
        with pytest.raises(SystemExit) as left:
            main([*given, "--forms", bad])
        assert left.value.code == 2


def test_what_cannot_be_read_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = _table().astype(object)
    table.loc[3, "day"] = "yesterday"
    table.loc[4, "a"] = "much"
    table.loc[5, "day"] = table.loc[6, "day"]
    table.to_csv(tmp_path / "f.csv", index=False)
    given = ["--data", str(tmp_path / "f.csv"), "--date", "day", "--kpi", "sold", "--json", "--spend"]
    assert main([*given, "a,b"]) == 2
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [(entry["row"], entry["column"]) for entry in problems] == [(5, "day"), (6, "a"), (8, "day")]
    assert main([*given, "a,zz,yy"]) == 2
    assert {entry["column"] for entry in json.loads(capsys.readouterr().out)["problems"]} == {"zz", "yy"}


def test_lift_tests_of_a_file_move_the_roi_and_what_is_wrong_with_them_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "tests.csv"
    head = "channel,start,end,spend,incremental,standard_error\n"
    table = _table()
    spent = float(table["b"][60:68].sum())
    day = np.datetime64("2023-01-02") + 7 * np.array([60, 68])
    file.write_text(f"{head}b,{day[0]},{day[1] - 1},{spent},{4 * spent},{0.1 * spent}\nb,2030-01-01,2030-02-01,9,9,9\n")
    found = _ask(table, tmp_path, lift_tests=file)
    assert found["channels"]["b"]["roi"] > 1.2 * _ask(table, tmp_path)["channels"]["b"]["roi"]
    assert "1 lift tests lie outside of the history" in " ".join(found["notes"])
    file.write_text(f"{head}x,2023-01-09,2023-01-02,0,much,1\n")
    with pytest.raises(BadInput) as bad:
        _ask(table, tmp_path, lift_tests=file)
    assert [problem.column for problem in bad.value.problems] == ["end", "spend", "incremental", "channel"]


def test_beliefs_of_a_file_stand_where_the_data_say_nothing_and_contradictions_are_named(tmp_path: Path) -> None:
    file = tmp_path / "beliefs.yaml"
    file.write_text("flat: {roi: [8, 9], half_week_yuan: [300, 600]}\n")
    flat = _ask(_table().assign(flat=100.0), tmp_path, ("a", "b", "flat"), beliefs=file)["channels"]["flat"]
    assert (flat["roi_low"], flat["roi_high"]) == pytest.approx((8.0, 9.0), rel=0.05)
    assert flat["data"].startswith("prior") and flat["prior_half_saturation_high"] == pytest.approx(600.0, rel=0.01)
    wrong = {
        "a: {roi: [4, 2]}": "a.roi",
        "a: {carryover: [0.5, 1.2]}": "a",
        "a: {half_week_yuan: [0, 9]}": "a",
        "a: {roas: [1, 2]}": "a.roas",
        "a: {carryover: [0.1, 0.2]}\nzz: {}": None,
        "- a": None,
    }
    for text, column in wrong.items():
        file.write_text(text)
        with pytest.raises(BadInput) as bad:
            _ask(_table(), tmp_path, beliefs=file, forms={"a": Form("delayed")})
        assert bad.value.problems[0].column == column
    assert "区间写作" in str(_bad(tmp_path, "a: {roi: [4, 2]}")) and "zz" in str(_bad(tmp_path, "zz: {}"))


def _bad(folder: Path, beliefs: str) -> BadInput:
    (folder / "beliefs.yaml").write_text(beliefs)
    with pytest.raises(BadInput) as bad:
        _ask(_table(), folder, beliefs=folder / "beliefs.yaml")
    return bad.value


def test_the_command_prints_json_with_a_holdout_that_ads_improve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _table().to_csv(tmp_path / "f.csv", index=False)
    given = [
        "--data",
        str(tmp_path / "f.csv"),
        "--date",
        "day",
        "--kpi",
        "sold",
        "--spend",
        "a,b",
        "--controls",
        "rain",
    ]
    assert main([*given, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    held = found["diagnostics"]["holdout"]
    assert held["weeks"] == 11 and held["mape"] < 0.7 * held["mape_controls_only"]
    assert held["r2"] > held["r2_controls_only"]
    assert not found["diagnostics"]["placebo"]["found"] and found["diagnostics"]["residuals"]["r2"] > 0.5


@pytest.mark.slow
def test_published_generator_error_and_coverage(tmp_path: Path) -> None:
    errors, inside = [], []
    for seed in (20250715, *range(11)):
        business = small_business(seed)
        data = business.data
        day = (np.datetime64("2020-01-06") + 7 * np.arange(data.weeks)).astype(str)
        columns = {"day": day, "sold": data.revenue[0], "rain": data.controls[0, :, 0], "other": data.controls[0, :, 1]}
        table = pd.DataFrame(columns | dict(zip(data.ad_channels, data.spend, strict=True)))
        table.to_csv(tmp_path / "f.csv", index=False)
        question = Question(tmp_path / "f.csv", "day", "sold", data.ad_channels, ("rain", "other"))
        for found, truth in zip(answer(question, held_out=False)["channels"].values(), business.roas, strict=True):
            errors.append(abs(found["roi"] / truth - 1.0))
            inside.append(_covers(found, truth))
    print(f"mean error {np.mean(errors):.4f}, covered {np.mean(inside):.4f}")
    assert np.mean(errors) < 0.1 and 0.84 <= np.mean(inside) <= 0.98


@pytest.mark.parametrize(
    ("file", "date", "kpi", "spend", "more"),
    [
        ("robyn_dt_simulated_weekly.csv", "DATE", "revenue", "tv_S,ooh_S,print_S,facebook_S,search_S", {}),
        (
            "meridian_geo_media.csv",
            "time",
            "conversions",
            "Channel0_spend,Channel1_spend,Channel2_spend,Channel3_spend",
            {"geo": "geo", "revenue_per_kpi": "revenue_per_conversion"},
        ),
    ],
)
def test_published_files_run(file: str, date: str, kpi: str, spend: str, more: dict[str, str]) -> None:
    if not (PUBLISHED / file).is_file():
        pytest.skip(f"{PUBLISHED / file} is not here")
    found = answer(Question(PUBLISHED / file, date, kpi, tuple(spend.split(",")), **more), held_out=False)
    assert all(entry["roi_low"] < entry["roi"] < entry["roi_high"] for entry in found["channels"].values())
    assert found["diagnostics"]["r_hat"] < 1.05
