"""What a check says: a kind of finding with its count and examples, worded by ``configs/health/*.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any, Literal

import yaml

from engine.data.configs import config_path

Level = Literal["error", "warning", "note"]
Language = Literal["en", "zh"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
NAMED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the data: what it is, what it does to the plans, what to do about it.

    ``kind`` is a stable id; ``count`` says how many rows or things; ``examples`` are the first of them; ``details`` are
    the other figures of the message.
    """

    level: Level
    table: str
    message: str
    effect: str = ""
    remedy: str = ""
    kind: str = ""
    count: int = 0
    examples: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def tell(
    kind: str,
    count: int,
    examples: Iterable[object] = (),
    level: Level | None = None,
    table: str | None = None,
    **details: Any,
) -> Iterator[Finding]:
    """The finding of that kind where ``count`` is above 0; ``level`` and ``table`` where not the kind's own."""
    if count <= 0:
        return
    named = tuple(str(value) for value in islice(examples, NAMED))
    entry = _kinds()[kind]
    texts = _filled(entry["en"], count, named, details)
    place = table or entry.get("table") or kind.partition(".")[0]
    yield Finding(level or entry["level"], place, *texts, kind, int(count), named, details)


def texts_of(finding: Finding, language: Language) -> tuple[str, str, str]:
    """Message, effect and remedy of a finding in a language; as they stand where its kind has no texts."""
    entry = _kinds().get(finding.kind)
    if entry is None:
        return finding.message, finding.effect, finding.remedy
    return _filled(entry[language], finding.count, finding.examples, finding.details)


def kinds() -> tuple[str, ...]:
    """Every kind of finding that has a text."""
    return tuple(_kinds())


def _filled(
    texts: list[str], count: int, examples: tuple[str, ...], details: Mapping[str, Any]
) -> tuple[str, str, str]:
    more = ", ..." if count > len(examples) and examples else ""
    message, effect, remedy = ([*texts, "", ""])[:3]
    return message.format(count=count, examples=", ".join(examples) + more, **details), effect, remedy


@cache
def _kinds() -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for file in sorted(config_path("health").glob("*.yaml")):
        merged |= yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return merged
