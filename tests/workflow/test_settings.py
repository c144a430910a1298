"""Settings: extends, unknown keys, broken YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data.configs import config_path
from engine.plans.errors import BadInput
from engine.workflow.create import settings_text
from engine.workflow.document import defaults_text
from engine.workflow.settings import PlanSettings, dump_settings, load_settings


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_a_file_extends_another_key_by_key(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", "seed: 4\nforecast: {horizon_weeks: 8}\n")
    file = write(tmp_path, "plan.yaml", "extends: base.yaml\nfrequency: W\n")
    settings = load_settings(file)
    assert (settings.seed, settings.frequency, settings.forecast.horizon_weeks) == (4, "W", 8)


def test_every_unknown_key_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "plan.yaml", "sed: 4\nforecast: {horizont: 8}\nthreads: none\n")
    with pytest.raises(BadInput) as caught:
        load_settings(file)
    assert {problem.column for problem in caught.value.problems} == {"sed", "forecast.horizont", "threads"}


@pytest.mark.parametrize(
    "text", ["a: [1", "- 1\n- 2\n", "extends: plan.yaml\n", "extends: nowhere.yaml\n", "extends: 3\n"]
)
def test_files_that_cannot_be_read_are_bad_input(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput):
        load_settings(write(tmp_path, "plan.yaml", text))


def test_a_circle_by_another_way_is_named(tmp_path: Path) -> None:
    text = f"extends: ../{tmp_path.name}/plan.yaml\n"
    with pytest.raises(BadInput, match="extends itself"):
        load_settings(write(tmp_path, "plan.yaml", text))


def test_shipped_defaults_are_the_defaults_of_the_rooms(tmp_path: Path) -> None:
    assert load_settings(config_path("defaults.yaml")) == PlanSettings()


def test_a_new_plan_yaml_loads_and_keeps_what_the_source_needs(tmp_path: Path) -> None:
    file = write(tmp_path, "plan.yaml", settings_text({"frequency": "W", "merchant": "小店"}))
    settings = load_settings(file)
    assert (settings.frequency, settings.merchant) == ("W", "小店")


def test_dumped_settings_load_as_the_same(tmp_path: Path) -> None:
    settings = PlanSettings(seed=9)
    assert load_settings(write(tmp_path, "dump.yaml", dump_settings(settings))) == settings


def test_the_shipped_defaults_are_current() -> None:
    assert config_path("defaults.yaml").read_text("utf-8") == defaults_text()
