"""The comparison with peers, without them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.budget_peers import __main__ as study
from experiments.budget_peers.case import Case, paired
from experiments.response.worlds import WORLDS, following_shop, small_business
from models.response.data import LiftTest
from models.response.fit import fit_response

PEER = """
import json, sys
from pathlib import Path
for file in map(Path, sys.argv[1:]):
    asked = json.loads((file.parent / "asked.json").read_text())
    ads, cost = len(asked["spend"]), dict.fromkeys(("cpu_seconds", "split_seconds", "peak_gb", "r_hat"), 1.0)
    split = [asked["budget"] / ads] * ads
    file.write_text(json.dumps({"roi": [1.0] * ads, "low": [0.5] * ads, "high": [9.0] * ads, "split": split} | cost))
"""
UV = """
import sys
from pathlib import Path
if sys.argv[1] == "venv":
    python = Path(sys.argv[-1], "bin", "python")
    python.parent.mkdir(parents=True, exist_ok=True)
    python.unlink(missing_ok=True)
    python.symlink_to(sys.executable)
elif "broken" in Path(sys.argv[-1]).read_text():
    sys.exit("an install that breaks")
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study with one small peer that really runs, and a uv that installs nothing."""
    (tmp_path / "peer_small.py").write_text(PEER)
    (tmp_path / "requirements-small.txt").write_text("nothing==1")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "uv").write_text(f"#!{sys.executable}\n{UV}")
    (tmp_path / "path" / "uv").chmod(0o755)
    monkeypatch.setattr(study, "HERE", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


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


def test_ours_sees_no_more_than_the_files_hold() -> None:
    business = small_business(1, weeks=60)
    told = replace(business.data, tests=(LiftTest("Email", 1, 4, 900.0, 50.0, 1.0),), claims=9.0 * business.data.spend)
    seen = Case(replace(business, data=told), 1).data
    assert seen.tests == () and seen.claims is None and (seen.revenue == business.data.revenue).all()


def test_worlds_are_seeded_and_their_curves_give_their_roas() -> None:
    shop = following_shop(5)
    assert (shop.data.revenue == following_shop(5).data.revenue).all()
    share = float(shop.roas @ shop.data.spend.sum(axis=1) / shop.data.revenue.sum())
    assert 0.05 < share < 0.5
    foreseen = np.corrcoef(shop.data.spend.sum(axis=0), shop.data.controls[0, :, 0])[0, 1]
    assert foreseen > 0.1  # spend follows promotions
    assert fit_response(shop.data, draws=20).roi.shape == (20, 5)


def test_an_environment_counts_once_its_install_has_ended_and_for_its_requirements(here: Path) -> None:
    (here / "requirements-small.txt").write_text("broken==1")
    for _ in range(2):  # the Python of the first try is there, but not what it needs
        with pytest.raises(subprocess.CalledProcessError):
            study.environment(here / "built", "small")
    (here / "requirements-small.txt").write_text("nothing==2")
    python = study.environment(here / "built", "small")
    assert subprocess.run([python, "-c", ""], check=True).returncode == 0
    (here / "path" / "uv").write_text(f"#!{sys.executable}\nraise SystemExit('built again')")
    assert study.environment(here / "built", "small") == python
    (here / "requirements-small.txt").write_text("nothing==3")
    with pytest.raises(subprocess.CalledProcessError):
        study.environment(here / "built", "small")


def test_an_answer_is_used_again_only_for_the_same_question_script_and_requirements(here: Path) -> None:
    Case(small_business(1, weeks=60), 1).write(here / "1")
    study.run_peer("small", Path(sys.executable), [here / "1"])
    first = study.answer_file("small", here / "1")
    first.write_text("{}")
    study.run_peer("small", Path(sys.executable), [here / "1"])
    assert first.read_text() == "{}"  # used as it stood
    files = {first}
    for changed in (here / "1" / "data.csv", here / "peer_small.py", here / "requirements-small.txt"):
        changed.write_text(changed.read_text() + "\n")
        study.run_peer("small", Path(sys.executable), [here / "1"])
        files.add(study.answer_file("small", here / "1"))
    Case(small_business(1, weeks=60), 2).write(here / "1")  # another seed is asked for
    study.run_peer("small", Path(sys.executable), [here / "1"])
    files.add(study.answer_file("small", here / "1"))
    assert len(files) == 5 and all(file.exists() for file in files)


def test_the_study_prints_a_peer_beside_ours(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(WORLDS, "small-business", lambda seed: small_business(seed, weeks=60))
    study.main(["--seeds", "1", "--peers", "small", "--environment", str(here / "built"), "--json"])
    table = json.loads(capfd.readouterr().out)["table"]
    assert list(table) == ["ours", "small", "ours less small"]
    assert table["small"]["seeds"] == 1.0 and table["small"]["cpu_seconds"] == 1.0
    apart = table["ours"]["regret"] - table["small"]["regret"]
    assert table["ours less small"]["regret"] == pytest.approx(apart)
