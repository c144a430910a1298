"""The texts of the reports in both languages, and how numbers are written in a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.reports.labels import HEADERS, LABELS, MEASURE_UNITS, UNITS
from engine.reports.patterns import PATTERNS
from engine.reports.settings import Language
from engine.reports.texts import TEXTS

_STEPS_ZH = ((1e8, " 亿"), (1e4, " 万"), (0.0, " "))
_STEPS_EN = ((1e9, "bn"), (1e6, "m"), (0.0, ""))


@dataclass(frozen=True)
class Words:
    """Texts in one language."""

    language: Language = "zh"

    def __call__(self, key: str, **fields: object) -> str:
        """The text of that key with its fields filled in."""
        return TEXTS[key][self._place].format(**fields)

    def label(self, code: str) -> str:
        """What a code (measure, policy, reason, metric) is called; the code itself where it has no name."""
        if code in LABELS:
            return LABELS[code][self._place]
        if self.language == "en":
            return code
        return _in_chinese(code)

    def joined(self, codes: str, between: str) -> str:
        """Codes or sentences in one text, each by its name.

        >>> Words("zh").joined("in whole packs of 12; at the lower price of its quantity", "; ")
        '整箱，每箱 12 件；享受阶梯价'
        """
        parts = [self.label(part) for part in codes.split(between)]
        return between.join(parts) if self.language == "en" else {"; ": "；", ", ": "、"}[between].join(parts)

    def with_unit(self, name: str, unit: str) -> str:
        """A title with its unit in the language's brackets.

        >>> Words("zh").with_unit("库存", "件"), Words("en").with_unit("stock", "units")
        ('库存（件）', 'stock (units)')
        """
        return f"{name}（{unit}）" if self.language == "zh" else f"{name} ({unit})"

    def header(self, name: str, kind: str = "text") -> str:
        """Head of a column with its unit; the name itself where it is not in the table.

        >>> Words("zh").header("cost_fen", "money")
        '金额（不含税，元）'
        """
        head = HEADERS[name][self._place] if name in HEADERS else name
        unit = UNITS[kind][self._place] if kind in UNITS else ""
        if not unit:
            return head
        return f"{head[:-1]}，{unit}）" if head.endswith("）") else self.with_unit(head, unit)

    def unit(self, code: str) -> str:
        """How the unit of a measure is called; fen are shown as yuan, shares as per cent."""
        return MEASURE_UNITS[code][self._place] if code in MEASURE_UNITS else code

    def money(self, fen: float) -> str:
        """Money for a sentence, from fen.

        >>> Words("zh").money(1_234_567_00), Words("zh").money(100_000), Words("en").money(-1_234_567_00)
        ('123.5 万元', '1,000 元', '-¥1.23m')
        """
        return self.yuan(fen / 100.0)

    def yuan(self, value: float) -> str:
        """Money for a sentence, from yuan."""
        if self.language == "en":
            return ("-" if value < 0 else "") + "¥" + _short(abs(value), _STEPS_EN)
        return f"{_short(value, _STEPS_ZH)}元"

    def units(self, value: float) -> str:
        """Units for a sentence.

        >>> Words("zh").units(123_456), Words("en").units(950)
        ('12.3 万件', '950 units')
        """
        return f"{_short(value, _STEPS_ZH)}件" if self.language == "zh" else f"{_short(value, _STEPS_EN)} units"

    def share(self, value: float, digits: int = 1) -> str:
        """A share as per cent."""
        return "-" if not math.isfinite(value) else f"{value:.{digits}%}"

    def shares(self, parts: Mapping[str, float]) -> str:
        """Parts of one thing with their shares.

        >>> Words("zh").shares({"天猫": 0.62, "京东": 0.38}), Words("en").shares({"Tmall": 1.0})
        ('天猫 62%、京东 38%', 'Tmall 100%')
        """
        between = "、" if self.language == "zh" else ", "
        return between.join(f"{name} {self.share(value, 0)}" for name, value in parts.items())

    def change(self, value: float) -> str:
        """A relative change with its sign."""
        return "-" if not math.isfinite(value) else f"{value:+.1%}"

    @property
    def _place(self) -> int:
        return 0 if self.language == "zh" else 1


def _short(value: float, steps: tuple[tuple[float, str], ...]) -> str:
    """Three digits and the name of the size."""
    size, name = next((size, name) for size, name in steps if abs(value) >= size)
    scaled = value / max(size, 1.0)
    digits = 0 if abs(scaled) >= 1000 or size == 0.0 else 1 if abs(scaled) >= 10 else 2
    return f"{scaled:,.{digits}f}{name}"


@lru_cache(maxsize=10_000)
def _in_chinese(sentence: str) -> str:
    """A sentence of the rooms in Chinese; itself where it is not known."""
    for pattern, chinese in PATTERNS:
        if match := re.fullmatch(pattern, sentence):
            return chinese.format(*(Words("zh").label(group) for group in match.groups()))
    return sentence
