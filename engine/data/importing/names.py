"""Names of columns as people and platforms spell them, brought to a common form, and the unit that they state."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from engine.data.contract.column import Column, ColumnKind, Table
from engine.data.headers import FEN, YUAN

_BRACKETS = str.maketrans({"[": "(", "]": ")", "【": "(", "】": ")", "〔": "(", "〕": ")", "「": "(", "」": ")"})
_NOISE = re.compile(r"[\s_*:\"'`·.\-—–\u200b-\u200f\ufeff]+")
_BRACKETED = re.compile(r"^(?P<plain>.+)\((?P<unit>[^()]*)\)$")
_TRAILING = re.compile(r"^(?P<plain>.+?)(?P<unit>/万元|/元|/分|/件|/天|%)$")

_UNITS: dict[str, tuple[str, ...]] = {
    "yuan": ("元", "人民币", "人民币元", "¥", "rmb", "cny", "yuan", "元/件", "单位元"),
    "fen": ("分", "fen"),
    "wan_yuan": ("万元", "人民币万元"),
    "wan": ("万", "万件", "万次", "万人"),
    "percent": ("%", "百分比"),
    "count": ("件", "个", "人", "次", "单", "笔", "条", "款", "pcs", "双", "套", "瓶", "盒", "箱", "人次", "数量"),
    "m3": ("m3", "m^3", "立方米", "方", "cbm"),
    "kg": ("kg", "千克", "公斤"),
    "days": ("天", "日", "days", "d"),
    "other": (
        "g",
        "克",
        "t",
        "吨",
        "cm",
        "cm3",
        "l",
        "升",
        "m2",
        "平方米",
        "平米",
        "周",
        "月",
        "年",
        "小时",
        "分钟",
        "秒",
        "h",
        "s",
    ),
}
_UNIT_OF = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a sheet: where it stands, how it is spelled, its name folded and without unit, the unit stated."""

    position: int
    name: str
    plain: str
    unit: str


def fold(name: str) -> str:
    """One spelling for all: half width, lower case, round brackets, no spaces, underscores and marks.

    >>> fold("支付 金额（元）"), fold("Warehouse _No")
    ('支付金额(元)', 'warehouseno')
    """
    text = unicodedata.normalize("NFKC", str(name)).casefold().translate(_BRACKETS)
    return _NOISE.sub("", text)


@lru_cache(maxsize=2**14)
def split_unit(name: str) -> tuple[str, str]:
    """The folded name without its unit, and the unit ("" where none is stated; brackets of other content stay).

    >>> split_unit("支付金额（分）"), split_unit("转化率%"), split_unit("件数(含赠品)")
    (('支付金额', 'fen'), ('转化率', 'percent'), ('件数(含赠品)', ''))
    """
    folded = fold(name)
    for pattern in (_BRACKETED, _TRAILING):
        match = pattern.match(folded)
        unit = _UNIT_OF.get(match["unit"].removeprefix("单位").lstrip("/")) if match else None
        if match and unit:
            return match["plain"], unit
    return folded, ""


def plain(name: str) -> str:
    """The folded name without its unit."""
    return split_unit(name)[0]


def headings(names: Iterable[str]) -> tuple[Heading, ...]:
    """The named columns of a sheet (columns without a name can feed nothing)."""
    return tuple(Heading(place, name, *split_unit(name)) for place, name in enumerate(names) if fold(name))


def base_name(name: str) -> str:
    """The contract's name of a column that may be called by its ``_yuan`` name."""
    return name.replace(YUAN, FEN)


def find_column(table: Table, name: str) -> Column | None:
    """The column of that name in the contract, ``..._yuan`` included; None where there is none."""
    wanted = base_name(name)
    return next((column for column in table.columns if column.name == wanted), None)


def kind_of(column: Column) -> ColumnKind | Literal["share"]:
    """How cells of the column are cleaned: its kind, or ``share``."""
    return "share" if column.kind == "number" and column.unit == "share" else column.kind


def unit_agrees(column: Column, unit: str) -> bool:
    """Whether a column of the contract can be read from cells in that unit.

    >>> unit_agrees(Column("weight_kg", "number", "重量", "kg"), "other")  # such as 重量(g)
    False
    """
    if not unit:
        return True
    if column.kind == "money":
        return unit in ("yuan", "fen", "wan_yuan")
    if kind_of(column) == "share":
        return unit == "percent"
    if column.unit in ("m3", "kg", "days"):
        return unit == column.unit
    return column.kind in ("integer", "number") and unit in ("count", "wan")


def in_unit(name: str, column: Column, unit: str) -> str:
    """The name of a column under which cells in that unit are handed on: money in fen or yuan as the header says."""
    if column.kind != "money":
        return column.name
    yuan = unit != "fen" and (unit or YUAN in name)
    return column.name.replace(FEN, YUAN) if yuan else column.name


def suffix_of(unit: str) -> str:
    """What a cell lacks because the header says it."""
    return {"wan": "万", "wan_yuan": "万", "percent": "%"}.get(unit, "")


def in_units(table: Table, named: Mapping[str, Heading]) -> tuple[dict[str, int], dict[str, str]]:
    """Positions by column, money under the name of the unit that its header states, and what the cells lack."""
    columns: dict[str, int] = {}
    units: dict[str, str] = {}
    for name, head in named.items():
        column = find_column(table, name)
        handed = in_unit(name, column, head.unit) if column else name
        columns[handed] = head.position
        if suffix_of(head.unit):
            units[handed] = suffix_of(head.unit)
    return columns, units


def unused_names(names: Sequence[str], used: Iterable[int]) -> tuple[str, ...]:
    """Names of the columns that are not among those used; columns without a name do not count."""
    taken = set(used)
    return tuple(name for place, name in enumerate(names) if fold(name) and place not in taken)
