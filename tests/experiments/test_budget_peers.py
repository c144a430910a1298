"""The comparison with peers, without them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.budget_peers.case import Case, paired
from experiments.response.worlds import following_shop, small_business
from models.response.fit import fit_response


def _answer(case: Case, split: object) -> dict[str, object]:
    roas = case.business.roas
    cost = {"cpu_seconds": 1.0, "split_seconds": 1.0, "peak_gb": 1.0, "r_hat": 1.0}
    return {"roi": roas, "low": 0.9 * roas, "high": 1.1 * roas, "split": split, **cost}


def test_knowing_the_truth_has_no_error_and_no_regret_and_today_has_no_gain() -> None:
    case = Case(small_business(1, weeks=60), 1)
    best = case.score(_answer(case, case.split(case.business.truth)))
    assert (best["error"], best["covered"], best["regret"]) == (0.0, 1.0, pytest.approx(0.0, abs=1e-9))
    assert best["width"] == pytest.approx(0.2)
    today = case.score(_answer(case, (2.0 * case.usual).tolist()))  # scaled back to the budget
    assert today["gain"] == pytest.approx(0.0, abs=1e-12) and today["regret"] > 0.05
    assert "regret" not in case.score(_answer(case, None))


def test_differences_are_paired_by_seed() -> None:
    ours, theirs = [{"error": 0.1}, {"error": 0.2}], [{"error": 0.2}, {"error": 0.2, "regret": 0.1}]
    found = paired("peer", ours, theirs)
    assert found["ours less peer"]["error"] == pytest.approx(-0.05)
    assert found["  its standard error"]["error"] == pytest.approx(0.05)
    assert len(paired("peer", ours[:1], theirs[:1])) == 1


def test_files_hold_what_a_peer_needs(tmp_path: Path) -> None:
    case = Case(following_shop(3, weeks=60), 3)
    case.write(tmp_path)
    asked, table = json.loads((tmp_path / "asked.json").read_text()), pd.read_csv(tmp_path / "data.csv")
    assert table["kpi"].to_numpy() == pytest.approx(case.business.data.revenue[0])
    assert pytest.approx(case.business.data.spend) == table[asked["spend"]].to_numpy().T
    assert pd.Timestamp(asked["first_week"]) - pd.Timestamp(table["week"].iloc[-1]) == pd.Timedelta(days=7)
    assert asked["budget"] == pytest.approx(table[asked["spend"]].mean().sum())


def test_worlds_are_seeded_and_their_curves_give_their_roas() -> None:
    shop = following_shop(5)
    assert (shop.data.revenue == following_shop(5).data.revenue).all()
    share = float(shop.roas @ shop.data.spend.sum(axis=1) / shop.data.revenue.sum())
    assert 0.05 < share < 0.5
    foreseen = np.corrcoef(shop.data.spend.sum(axis=0), shop.data.controls[0, :, 0])[0, 1]
    assert foreseen > 0.1  # spend follows promotions
    assert fit_response(shop.data, draws=20).roi.shape == (20, 5)
