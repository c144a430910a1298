"""Three-week demand: ordered quantiles from paths that hold what they say; the real files where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.execution.run import Run
from engine.plans.forecast import METHOD
from experiments.vn2 import LEVELS, forecast, main
from tests.experiments.shops import case

REAL = Path(__file__).parents[2] / "../shared/data/vn2"


def test_sums_over_the_horizon_are_covered() -> None:
    table = forecast(case(skus=60).without("promotions"), 2, 4, Run(1, 1))
    ours = table[table["model"] == METHOD]
    assert len(ours) == 2 and (ours["series"] == 60).all()
    assert ours["coverage_80"].mean() == pytest.approx(0.8, abs=0.15)
    assert {f"pinball_{level:g}" for level in LEVELS} <= set(table)


@pytest.mark.skipif(not REAL.exists(), reason="needs the VN2 files in ../shared/data")
def test_the_real_files_give_one_row_a_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["forecast", "--data", str(REAL), "--origins", "1", "--warm", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["means"][METHOD]["pinball"] < told["means"]["seasonal_naive"]["pinball"]


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["forecast", "--data", str(tmp_path)])
