"""What state texts of order exports mean, and the state of the contract that follows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.configs import read_config
from engine.plans.settings import Settings

Mask = NDArray[np.bool_]
Stage = Literal["unpaid", "paid", "shipped", "settled", "closed"]
Outcome = Literal["none", "refunded", "partial", "returned", "refund_only", "cancelled"]
Kind = Literal["none", "returned", "refund", "refund_only", "cancelled"]
UNKNOWN = ""
_NOISE = re.compile(r"[\W_]+")


class StateTexts(Settings):
    """``configs/order_states.yaml``: texts by what they mean."""

    stages: dict[Stage, tuple[str, ...]]
    combined: dict[str, tuple[Stage, Outcome]]
    after_sale: dict[Outcome, tuple[str, ...]]
    kinds: dict[Kind, tuple[str, ...]]
    gifts: tuple[str, ...]
    unsaid: Literal["returned", "refund_only"]


@dataclass(frozen=True)
class Evidence:
    """What a line says beside its texts: whether it was paid, left the warehouse, came back (masks), and whether less
    was paid back than paid; ``refund``: something was paid back, where no text tells.
    """

    paid: Mask
    shipped: Mask
    back: Mask
    refund: Mask
    less: Mask


@dataclass(frozen=True)
class States:
    """``state``: of the contract, "" where the texts do not tell; ``partial``: some of the money went back."""

    state: NDArray[np.str_]
    partial: Mask


@cache
def state_texts() -> StateTexts:
    """The shipped vocabulary."""
    return StateTexts.model_validate(read_config("order_states.yaml"))


def folded(text: object) -> str:
    """Without punctuation, spaces and brackets.

    >>> folded("已发货，退款成功"), folded("-")
    ('已发货退款成功', '')
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", str(text)).casefold())


def meanings(column: pd.Series, groups: Mapping[Any, Sequence[str]]) -> NDArray[np.str_]:
    """The group of each cell; ``UNKNOWN`` for texts of no group. Blank cells count as empty text."""
    known = {folded(text): group for group, texts in groups.items() for text in texts}
    values = column.astype("category")
    labels = [known.get(folded(label), UNKNOWN) for label in values.cat.categories]
    return np.array([*labels, known.get("", UNKNOWN)], dtype=np.str_)[values.cat.codes]


def contract_states(
    stage_text: pd.Series, after_text: pd.Series | None, kind_text: pd.Series | None, evidence: Evidence
) -> States:
    """State of each line from 订单状态, 售后状态 and 售后类型 (None: the export has no such column).

    What has been paid back before it left is cancelled; after that the goods came back (returned) or not
    (refund_only). Complaints that are open or were turned down change nothing. Closed and never paid is ordered.
    """
    texts = state_texts()
    both = {name: (name,) for name in texts.combined}
    merged = meanings(stage_text, both)
    stage = meanings(stage_text, texts.stages)
    stage = _combined(merged, stage, 0)
    outcome = _outcomes(after_text, evidence, len(stage))
    said = _combined(merged, np.full(len(stage), "none", dtype=outcome.dtype), 1)
    outcome = np.where((outcome == "none") & (said != "none"), said, outcome)
    kind = np.full(len(stage), "none") if kind_text is None else meanings(kind_text, texts.kinds)
    return _resolved(stage, outcome, kind, evidence, texts.unsaid)


def _combined(merged: NDArray[np.str_], otherwise: NDArray[np.str_], place: int) -> NDArray[np.str_]:
    """One half of the texts that say two things, ``otherwise`` for all other texts."""
    found = otherwise.astype("<U11")
    for name, halves in state_texts().combined.items():
        found[merged == name] = halves[place]
    return found


def _outcomes(after_text: pd.Series | None, evidence: Evidence, count: int) -> NDArray[np.str_]:
    if after_text is not None:
        return meanings(after_text, state_texts().after_sale)
    return np.where(evidence.refund, np.where(evidence.less, "partial", "refunded"), "none")


def _resolved(
    stage: NDArray[np.str_], outcome: NDArray[np.str_], kind: NDArray[np.str_], evidence: Evidence, unsaid: str
) -> States:
    unknown = (stage == UNKNOWN) | (outcome == UNKNOWN) | (kind == UNKNOWN)
    gone = evidence.shipped | np.isin(stage, ("shipped", "settled"))
    refunded = ~np.isin(outcome, ("none", "partial"))
    told = np.where(np.isin(outcome, ("returned", "refund_only", "cancelled")), outcome, kind)
    unpaid = (stage == "unpaid") | ((stage == "closed") & ~evidence.paid & ~refunded)
    closed = (stage == "closed") & ~unpaid & ~refunded
    state = np.select(
        [
            unknown,
            unpaid,
            refunded & (told == "cancelled"),
            (refunded | (outcome == "partial")) & (told == "returned"),
            refunded & (told == "refund_only"),
            refunded & ~gone,
            refunded & (told == "refund"),
            refunded & evidence.back,
            refunded,
            closed & ~gone & ~evidence.back,
            closed & (outcome == "partial"),
            closed,
        ],
        [
            *(UNKNOWN, "ordered", "cancelled", "returned", "refund_only", "cancelled", "refund_only", "returned"),
            *(unsaid, "cancelled", "settled", UNKNOWN),
        ],
        stage,
    )
    return States(state.astype("<U11"), (outcome == "partial") & ~unknown & ~unpaid)
