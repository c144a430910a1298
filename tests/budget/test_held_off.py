"""Ad channels without spend of late: the note agrees with the bounds, and what it advises works."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from engine.budget.held_off import off_notes
from engine.budget.limits import Situation, build_rules
from engine.budget.plan import plan_budget
from engine.budget.settings import BudgetSettings, ChannelRule
from engine.data.dataset import Dataset
from engine.execution.run import Run
from tests.budget.merchant import ORIGIN, forecast, merchant

WEEKS = 4
SITUATION = Situation(
    ad_channels=("runs", "paused", "never"),
    today=np.array([[100.0] * WEEKS, [0.0] * WEEKS, [0.0] * WEEKS]),
    largest=np.array([150.0, 80.0, 0.0]),
    everyday=np.array([14.0, 0.0, 0.0]),
    total=400.0,
    spent=np.zeros(3),
    starts=ORIGIN + 7 * np.arange(WEEKS),
    events=np.zeros(WEEKS, dtype=bool),
    without_ads=np.full(WEEKS, 1000.0),
)


def _notes(settings: BudgetSettings) -> dict[str, str]:
    """Note by ad channel, and that it agrees with the bounds."""
    upper = build_rules(settings, SITUATION).upper
    notes = off_notes(settings, SITUATION, upper)
    found = {name: note for name in SITUATION.ad_channels for note in notes if note.startswith(f"ad channel {name} ")}
    assert len(found) == len(notes)
    assert all((upper[SITUATION.ad_channels.index(name)].sum() > 0) != ("stays off" in found[name]) for name in found)
    return found


def test_what_holds_an_ad_channel_off_is_named() -> None:
    usual = _notes(BudgetSettings())
    assert "as change_limit allows parts" in usual["paused"] and "change_limit, stretch allow" in usual["never"]
    free = _notes(BudgetSettings(change_limit=None))
    assert "may get money" in free["paused"] and "as stretch allow" in free["never"]
    capped = _notes(BudgetSettings(daily_cap=3.0, channels={"paused": ChannelRule(), "never": ChannelRule()}))
    assert "as daily_cap allow" in capped["paused"] and "daily_cap, stretch allow" in capped["never"]
    largest = _notes(BudgetSettings(channels={name: ChannelRule(max_week_yuan=50.0) for name in ("paused", "never")}))
    assert "paused" not in largest and "as stretch allow" in largest["never"]
    wanted = _notes(BudgetSettings(channels={name: ChannelRule(max_week_yuan=0.0) for name in ("paused", "never")}))
    assert wanted == {}


@pytest.mark.parametrize(("change", "cap", "name"), list(product([None, 0.5], [None, 2.0], ["paused", "never"])))
def test_what_is_advised_works(change: float | None, cap: float | None, name: str) -> None:
    settings = BudgetSettings(change_limit=change, daily_cap=cap)
    note = _notes(settings)[name]
    rule = ChannelRule(min_week_yuan=10.0 if "min_week_yuan" in note else 0.0)
    rule = ChannelRule(max_week_yuan=0.0) if "may get money" in note else rule
    after = settings.model_copy(update={"channels": {name: rule}})
    upper = build_rules(after, SITUATION).upper[SITUATION.ad_channels.index(name)]
    assert (upper.sum() > 0) == ("stays off" in note)
    assert name not in _notes(after)


def test_a_plan_says_what_it_does() -> None:
    """A channel that paused for half a year is named, so no change limit holds it; the daily cap does."""
    data = merchant(weeks=60)
    media = data["media"]
    late = (media["ad_channel"] == "直通车") & (media["date"] >= pd.Timestamp(ORIGIN) - pd.Timedelta(weeks=26))
    paused = Dataset({**data.tables, "media": media.assign(spend_fen=media["spend_fen"].where(~late, 0))}, "paused")
    settings = BudgetSettings(frontier=(), nodes=4, weeks=4, daily_cap=3.0, channels={"直通车": ChannelRule()})
    plan = plan_budget(paused, forecast(data), settings, Run(1, 1))
    (said,) = (note for note in plan.warnings if note.startswith("ad channel 直通车 had no spend"))
    assert "stays off, as daily_cap allow" in said
    assert plan.channels.set_index("ad_channel").loc["直通车", "spend_fen"] == 0
