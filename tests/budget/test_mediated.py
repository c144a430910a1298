"""What content brings through search, from the merchant's tables and settings to the terminal."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import ValidationError
from rich.console import Console

from engine.budget.response import ResponseReport, study_response
from engine.budget.settings import BudgetSettings, ChannelResponse
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.interfaces.cli.show_response import response_dict, show_response
from engine.plans.errors import BadInput
from tests.budget.merchant import merchant

FED = BudgetSettings(response={"直通车": ChannelResponse(fed_by=("种草",))})
CLICK_FEN = 150.0


def fed_merchant(clicks: bool = True) -> Dataset:
    """A merchant whose content makes people search: half of it as spend of 直通车, two weeks later."""
    dataset = merchant(weeks=80)
    media = dataset["media"].copy()
    content, search = ((media["ad_channel"] == name).to_numpy() for name in ("种草", "直通车"))
    spent = media.loc[content, "spend_fen"].to_numpy(float)
    late = np.concatenate([np.full(14, spent[:14].mean()), spent[:-14]])
    media.loc[search, "spend_fen"] = np.rint(1_500_000 / 7 + 0.5 * late).astype(np.int64)
    if clicks:
        media["clicks"] = np.rint(media["spend_fen"] / CLICK_FEN).astype("Int64")
    return Dataset({**dataset.tables, "media": media}, "fed")


def report(dataset: Dataset, settings: BudgetSettings = FED) -> ResponseReport:
    return study_response(dataset, settings, "D", Run(1, 1), checks=False)


@pytest.fixture(scope="module")
def found() -> ResponseReport:
    return report(fed_merchant())


def test_it_stands_beside_the_direct_roi_and_is_not_added(found: ResponseReport) -> None:
    (row,) = found.indirect
    assert (row["ad_channel"], row["through"]) == ("种草", "直通车")
    assert row["fed_yuan_low"] < 0.5 < row["fed_yuan_high"]
    assert 0 <= row["indirect_roi_low"] < row["indirect_roi"] < row["indirect_roi_high"]
    assert any(note.startswith("种草 brings") and "not to be added" in note for note in found.notes)
    plain = report(fed_merchant(), BudgetSettings())
    assert plain.indirect == [] and plain.channels == found.channels  # the fit of revenue is the same


def test_it_is_json_and_reads_in_both_languages(found: ResponseReport) -> None:
    content = json.loads(json.dumps(response_dict(found), allow_nan=False))
    assert content["indirect"][0]["through"] == "直通车"
    for language, words in (("zh", ("经由它的 ROI", "不要再加一次")), ("en", ("ROI through it", "not to be added"))):
        console = Console(record=True, width=200)
        show_response(console, found, language)  # type: ignore[arg-type]
        text = console.export_text()
        assert all(word in text for word in words)


def test_spend_stands_for_clicks_that_are_not_told() -> None:
    found = report(fed_merchant(clicks=False))
    assert any(note.startswith("直通车: media tells no clicks") for note in found.notes)
    assert found.indirect[0]["fed_yuan_low"] < 0.5 < found.indirect[0]["fed_yuan_high"]


def test_channels_that_are_not_there_or_never_spent_are_refused() -> None:
    unknown = BudgetSettings(response={"直通车": ChannelResponse(fed_by=("没有",))})
    with pytest.raises(BadInput, match=r"budget\.response\.直通车\.fed_by names .+ \(found: 没有\)"):
        report(fed_merchant(), unknown)
    dataset = fed_merchant(clicks=False)
    media = dataset["media"].copy()
    media.loc[(media["ad_channel"] == "直通车").to_numpy(), "spend_fen"] = 0
    with pytest.raises(BadInput, match="谈不上被带动"):
        report(Dataset({**dataset.tables, "media": media}, "off"))


def test_a_channel_that_is_fed_feeds_no_other_nor_itself() -> None:
    for fed_by in (("直通车",), ("千川",)):
        with pytest.raises(ValidationError, match="也不能带动自己"):
            BudgetSettings(
                response={"直通车": ChannelResponse(fed_by=fed_by), "千川": ChannelResponse(fed_by=("种草",))}
            )
