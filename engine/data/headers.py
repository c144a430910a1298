"""Which column of a file stands for which column of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.contract.column import Column, Table

FEN, YUAN = "_fen", "_yuan"


@dataclass(frozen=True)
class Header:
    """``found``: position in the file by contract column; ``yuan``: money columns given in yuan.

    ``ignored``: names that the contract does not know. ``missing``: required columns that are not there. ``doubled``:
    contract columns for which several columns of the file stand, with those names.
    """

    found: dict[str, int]
    yuan: frozenset[str]
    ignored: tuple[str, ...]
    missing: tuple[Column, ...]
    doubled: dict[str, tuple[str, ...]]


def spellings(column: Column) -> dict[str, bool]:
    """Every accepted name of a column, folded, and whether it means yuan.

    Money: the contract name is in fen; its ``_yuan`` name, the Chinese name and the aliases are in yuan, as platforms
    export them, unless they end in （分）.
    """
    if column.kind != "money":
        return dict.fromkeys(map(_folded, (column.name, column.zh, *column.aliases)), False)
    plain = (column.zh, *column.aliases)
    names = {_folded(column.name): False, _folded(column.name.replace(FEN, YUAN)): True}
    names |= {_folded(name): True for name in plain} | {_folded(f"{name}(元)"): True for name in plain}
    return names | {_folded(f"{name}(分)"): False for name in plain}


def read_header(table: Table, names: Sequence[str]) -> Header:
    """Find the contract's columns among the names of a file; exact contract names win over other spellings."""
    known = {spelling: (column, yuan) for column in table.columns for spelling, yuan in spellings(column).items()}
    claims: dict[str, list[tuple[int, bool]]] = {}
    ignored = []
    for position, name in enumerate(names):
        match = known.get(_folded(name))
        if match is None:
            ignored.append(name)
        else:
            claims.setdefault(match[0].name, []).append((position, match[1]))
    found = {column: claim[0][0] for column, claim in claims.items()}
    yuan = frozenset(column for column, claim in claims.items() if claim[0][1])
    doubled = {
        column: tuple(names[position] for position, _ in claim) for column, claim in claims.items() if len(claim) > 1
    }
    missing = tuple(column for column in table.columns if column.required and column.name not in found)
    return Header(found, yuan, tuple(ignored), missing, doubled)


def _folded(name: object) -> str:
    return str(name).strip().casefold().replace("（", "(").replace("）", ")")
