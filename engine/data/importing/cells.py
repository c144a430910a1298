"""Cells as platforms write them to cells as the contract reads them, on distinct values."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.contract.column import ColumnKind
from engine.data.importing.days import day_text, ranges

__all__ = ["CellKind", "clean", "damaged_ids", "number_text", "ranges"]

Labels = NDArray[np.object_]
CellKind = ColumnKind | Literal["share"]

BLANK = re.compile(
    r"[-—–─/／\\]{1,3}|\\N|[(]?null[)]?|#?n/a|nan|none|#(REF|VALUE|DIV/0|NAME|NUM|NULL)[!?]", re.IGNORECASE
)
"""What stands for nothing in a column of text."""
BLANK_VALUE = re.compile(BLANK.pattern + r"|na|暂?无(数据)?|[(（]?空白?[)）]?|[*]{1,3}|…+|\.\.\.", re.IGNORECASE)
"""What stands for nothing in a column of numbers or dates: never zero."""

SCALES = {"": 0, "千": 3, "k": 3, "K": 3, "万": 4, "w": 4, "W": 4, "百万": 6, "千万": 7, "亿": 8}
CURRENCY = r"(?:¥|RMB|CNY|人民币)?"
UNITS = (
    r"(?:元|圆|RMB|CNY|人民币|件|个|只|套|双|瓶|盒|包|袋|条|台|支|张|本|罐|桶|片|份|次|人|名|位|单|笔|款|种|家|天|日"
    r"|pcs|PCS)?"
)
"""Of one each; a case (箱) holds many, foreign money is no yuan."""
NUMBER = re.compile(
    rf"^(?P<sign>[-+]?){CURRENCY}(?P<inner>[-+]?)"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:[eE](?P<power>[-+]?\d{1,3}))?"
    rf"(?P<scale>百万|千万|[千万亿kKwW]?){UNITS}(?P<share>[%‰]?)$"
)
PLAIN = {
    "number": r"^(-?[1-9]\d{0,14}|0)(\.\d{1,2})?$",
    "day": r"^\d{4}-\d\d-\d\d$",
    "text": r"^[0-9][0-9A-Za-z_-]*$",
}
"""Cells that need no work; by far the most. They are found by the column."""
SIMPLE = r"^(-?[¥￥]?([1-9]\d{0,14}|[1-9]\d{0,2}(,\d{3})+)(\.\d{1,2})?|[¥￥]?0(\.\d{1,2})?)元?$"
SIGNS, ZEROS = r"[,¥￥元]", r"(\.0+|(\.\d)0)$"
"""Amounts that need no more than some signs and zeros taken away, by the column too."""
STAMP, CLOCK = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", r"[ T].*$"
BRACKETS = re.compile(r"^\((.+)\)$")
SPACES = re.compile(r"(?<=\d) (?=\d{3}(\D|$))|(?<!\d)\s+|\s+(?!\d)")
FEN = Decimal("0.01")
DAMAGED_ID = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")
DIGITS_KEPT = 15


def clean(labels: Labels, kind: CellKind) -> Labels:
    """Distinct texts as :mod:`engine.data.conform` reads them; what stands for nothing becomes the empty text.

    Numbers lose separators, currency, units and percent signs (``3.21%`` is 0.0321), full-width signs become plain
    and 万 and 亿 are multiplied out, all in exact decimals; money is rounded to fen, half up. Dates lose their time;
    a month is its first day. What cannot be read without guessing stays as it is, for the quarantine.

    >>> clean(np.array(["1,234.50", "￥88", "1.2万", "--", "(12.5)", "12箱"], dtype=object), "money").tolist()
    ['1234.5', '88', '12000', '', '-12.5', '12箱']
    """
    if kind in ("text", "flag"):
        return _each(labels, _CLEANERS[kind], PLAIN["text"])
    plain, light = (PLAIN["day"], _without_clock) if kind == "day" else (PLAIN["number"], _without_signs)
    cleaned = labels.astype(object)
    left = ~_matching(_arrow(labels), plain)
    cleaned[left] = _each(light(labels[left]), _CLEANERS[kind], plain)
    return cleaned


def damaged_ids(labels: Labels) -> NDArray[np.bool_]:
    """Ids that a spreadsheet turned into numbers: in powers of ten, or with zeros where long ids had digits.

    The latter needs more than half of all long ids to end so: a single id may end in zeros.

    >>> damaged_ids(np.array(["1.23457E+18", "690123456789012345"], dtype=object)).tolist()
    [True, False]
    """
    texts = [str(label).strip() for label in labels]
    scientific = np.array([bool(DAMAGED_ID.match(text)) for text in texts], dtype=bool)
    long = np.array([len(text) > DIGITS_KEPT + 1 and text.isdecimal() for text in texts], dtype=bool)
    zeros = np.array([not text[DIGITS_KEPT:].strip("0") for text in texts], dtype=bool) & long
    return scientific | (zeros if 2 * zeros.sum() > long.sum() else False)


def number_text(label: str) -> str | None:
    """A number in plain decimals, None where it cannot be read.

    >>> [number_text(text) for text in ("１，２３４", "3.21%", "−5", "1.2e3", "1,23", "$5")]
    ['1234', '0.0321', '-5', '1200', None, None]
    """
    value = _decimal(label)
    return None if value is None else _plain(value)


def _each(labels: Labels, cleaner: Callable[[str], str], plain: str) -> Labels:
    """Every label that is not plain already, one by one."""
    cleaned = labels.astype(object)
    hard = np.flatnonzero(~_matching(_arrow(labels), plain))
    cleaned[hard] = [cleaner(str(label).strip()) for label in labels[hard]]
    return cleaned


def _without_signs(labels: Labels) -> Labels:
    """Amounts such as ``￥1,234.50`` as plain numbers."""
    texts = _arrow(labels)
    simple = _matching(texts, SIMPLE)
    bare = pc.replace_substring_regex(texts.filter(pa.array(simple)), SIGNS, "")
    cleaned = labels.astype(object)
    cleaned[simple] = pc.replace_substring_regex(bare, ZEROS, r"\2").to_numpy(zero_copy_only=False)
    return cleaned


def _without_clock(labels: Labels) -> Labels:
    """Moments in time as their days: a column of moments has far fewer days."""
    texts = _arrow(labels)
    stamps = _matching(texts, STAMP)
    coded = pc.replace_substring_regex(texts.filter(pa.array(stamps)), CLOCK, "").dictionary_encode()
    days = np.array([day_text(day) for day in coded.dictionary.to_pylist()], dtype=object)[coded.indices.to_numpy()]
    cleaned = labels.astype(object)
    cleaned[stamps] = np.where(days == None, cleaned[stamps], days)  # noqa: E711 (elementwise)
    return cleaned


def _arrow(labels: Labels) -> pa.StringArray:
    return pa.array(labels, type=pa.string())


def _matching(texts: pa.StringArray, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), dtype=bool)


def _text(label: str) -> str:
    return "" if BLANK.fullmatch(label) else label


def _number(label: str) -> str:
    if BLANK_VALUE.fullmatch(label):
        return ""
    return number_text(label) or label


def _integer(label: str) -> str:
    """A whole number without a fraction; a real fraction stays, it is wrong."""
    return re.sub(r"\.0+$", "", _number(label))


def _money(label: str) -> str:
    if BLANK_VALUE.fullmatch(label):
        return ""
    value = _decimal(label)
    if value is None or label.endswith(("%", "％", "‰")) or value.adjusted() > DIGITS_KEPT:
        return label
    return _plain(value.quantize(FEN, ROUND_HALF_UP))


def _day(label: str) -> str:
    return "" if BLANK_VALUE.fullmatch(label) or not label.strip("0-/: ") else day_text(label) or label


def _decimal(label: str) -> Decimal | None:
    text = SPACES.sub("", normalize("NFKC", label).replace("−", "-").replace("–", "-").replace("￥", "¥"))
    negative = BRACKETS.match(text)
    found = NUMBER.match(negative[1] if negative else text)
    signs = found["sign"] + found["inner"] if found else ""
    if not found or len(signs) > 1 or (negative and signs):
        return None
    value = Decimal(found["digits"].replace(",", ""))
    power = int(found["power"] or 0) + SCALES[found["scale"]] - {"": 0, "%": 2, "‰": 3}[found["share"]]
    value = value.scaleb(power)
    return -value if negative or signs == "-" else value


def _plain(value: Decimal) -> str:
    """Digits without exponent or zeros at the end; no negative zero."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


_CLEANERS: dict[Any, Callable[[str], str]] = {
    "text": _text,
    "flag": lambda label: "" if BLANK_VALUE.fullmatch(label) else label,
    "integer": _integer,
    "number": _number,
    "share": _number,
    "money": _money,
    "day": _day,
}
