"""Sentences of targets, budget feed, progress and long run have Chinese; what the merchant wrote stays in them."""

import re

import numpy as np

from engine.execution.run import Run
from engine.reports.words import Words
from engine.targets.plan import set_targets
from engine.targets.progress import year_progress
from engine.targets.settings import TargetSettings
from tests.targets.shops import dataset, forecast


def test_what_a_short_and_bent_year_says_is_chinese():
    goals = TargetSettings(
        growth=0.2, months={11: {"share": 0.4, "hard": False}}, limits={"supply_yuan": {"x": 5.0}, "ads_yuan": 1.0}
    )
    found = set_targets(dataset("2025-06"), forecast(), goals, Run())
    assert found.details is not None and len(found.warnings) >= 4
    progress = year_progress(dataset("2025-06"), found.details, np.datetime64("2027-03-01"), np.random.default_rng(0))
    assert any(note.startswith("behind target") for note in progress.notes)
    for note in (*found.warnings, *progress.notes):
        text = Words("zh").label(note)
        assert text != note and re.search("[\\u4e00-\\u9fff]", text), note
