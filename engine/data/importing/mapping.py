"""The merchant's own mapping file (``import.yaml``): what a sheet with these headers is; proposals are added to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import indent
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from engine.data.atomic import write_text
from engine.data.importing.model import Feed, Recognition, Sheet
from engine.data.importing.names import find_column, fold
from engine.data.importing.platforms import LISTED_TABLES, ORDER_LINE_COLUMNS, load_vocabulary
from engine.data.tables import TABLES
from engine.plans.errors import BadInput, Problem
from engine.plans.settings import Settings

MAPPING_FILE = "import.yaml"
"""Its name in a workspace."""
_TOP = "sheets"
_HEAD = """\
# What sheets that no platform explains are. An entry counts for every file whose headers are the same.
#   headers    all headers of the sheet, in any order
#   table      the table of the contract that it fills (docs/data-contract.md); two entries may share their headers
#   columns    header: column of the table; money ends in _yuan or _fen; platform_id is the platform's own id of goods
#   constants  column: what holds for every row, such as channel
#   grain      headers that tell rows of one key apart (such rows are added up)
#   meaning    column: what the figure means (ordered, paid, settled; refunds in or out)
#   ignore     true: leave such sheets out
#   confirmed  false: proposed and not yet looked at by you; set it to true, or delete the line, when it is right
"""


class Entry(Settings):
    """What a sheet with these headers is."""

    headers: tuple[str, ...]
    table: str = ""
    kind: Literal["rows", "order_lines"] = "rows"
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    grain: tuple[str, ...] = ()
    meaning: dict[str, str] = Field(default_factory=dict)
    ignore: bool = False
    confirmed: bool = True

    @property
    def key(self) -> frozenset[str]:
        """The set of headers, folded."""
        return header_key(self.headers)

    @field_validator("headers", "grain", "columns", "constants", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        """Years, dates and flags that YAML reads as such are text here."""
        if isinstance(value, dict):
            return {str(key): _text(content) for key, content in value.items()}
        return [_text(content) for content in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if self.ignore:
            return self
        if self.table not in TABLES:
            raise ValueError(f"table: no table is called {self.table!r}; there are {', '.join(TABLES)}")
        strange = [header for header in (*self.columns, *self.grain) if fold(header) not in self.key]
        if strange:
            raise ValueError(f"not among the headers: {', '.join(strange)}")
        unknown = [name for name in (*self.columns.values(), *self.constants) if not self._has(name)]
        if unknown:
            raise ValueError(f"table {self.table} has no column {', '.join(unknown)}")
        doubled = {name for name in self.columns.values() if list(self.columns.values()).count(name) > 1}
        if doubled:
            raise ValueError(f"several headers for {', '.join(sorted(doubled))}")
        return self

    def _has(self, name: str) -> bool:
        extra = name == "platform_id" and self.table in LISTED_TABLES
        line = self.kind == "order_lines" and name in ORDER_LINE_COLUMNS
        return extra or line or find_column(TABLES[self.table], name) is not None


class MerchantMapping(Settings):
    """The entries of the mapping file."""

    entries: tuple[Entry, ...] = ()

    def entries_for(self, names: Iterable[str]) -> tuple[Entry, ...]:
        """The entries for a sheet with these headers."""
        key = header_key(names)
        return tuple(entry for entry in self.entries if entry.key == key)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def header_key(names: Iterable[str]) -> frozenset[str]:
    """Headers as a set, however they are spelled and ordered; columns without a name do not count."""
    return frozenset(filter(None, map(fold, names)))


def read_mapping(path: Path) -> MerchantMapping:
    """The mapping file; empty where there is none. Raises :class:`BadInput` with everything that is wrong with it."""
    if not path.is_file():
        return MerchantMapping()
    loader = yaml.SafeLoader(path.read_text("utf-8-sig", errors="replace"))
    try:
        root = loader.get_single_node()
        nodes = _entry_nodes(root, path.name)
        found = [(node.start_mark.line + 1, loader.construct_object(node, deep=True)) for node in nodes]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", None) or error)
        row = mark.line + 1 if mark else None
        raise BadInput(
            [Problem(path.name, f"is not valid YAML: {reason}", row=row, remedy="Correct the line.")]
        ) from error
    finally:
        loader.dispose()
    entries: list[Entry] = []
    problems: list[Problem] = []
    for row, content in found:
        try:
            entries.append(Entry.model_validate(content))
        except ValidationError as error:
            problems += [_problem(path.name, row, detail) for detail in error.errors()]
    if problems:
        raise BadInput(problems)
    return MerchantMapping(entries=tuple(entries))


def _entry_nodes(root: Any, file: str) -> Sequence[Any]:
    """The nodes of the entries; raises :class:`BadInput` where the file is built otherwise."""
    if root is None:
        return ()
    pairs = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
    entries = pairs.pop(_TOP, None)
    empty = isinstance(entries, yaml.ScalarNode) and not entries.value
    if pairs or not (empty or isinstance(entries, yaml.SequenceNode)):
        row = root.start_mark.line + 1
        raise BadInput([Problem(file, "is no mapping file", row=row, expected=f"{_TOP}: with a list of entries")])
    return () if empty or entries is None else entries.value


def _problem(file: str, row: int, detail: Any) -> Problem:
    place = ".".join(map(str, detail["loc"]))
    message = str(detail["msg"]).removeprefix("Value error, ")
    return Problem(file, f"{place}: {message}" if place else message, row=row, remedy="Correct this entry.")


def parse_map(text: str) -> Mapping[str, str]:
    """Columns by folded header from ``表头=column,表头=column``; nothing behind ``=`` leaves the header out.

    Raises :class:`BadInput` with every part that cannot be used.

    >>> dict(parse_map("仓容上限=storage_m3, 件型="))
    {'仓容上限': 'storage_m3', '件型': ''}
    """
    columns: dict[str, str] = {}
    problems: list[Problem] = []
    for part in filter(None, (piece.strip() for piece in text.replace("，", ",").split(","))):
        header, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or not header:
            problems.append(Problem("--map", "is no pair", value=part, expected="表头=column"))
        elif column and not _is_column(column):
            problems.append(
                Problem("--map", "no table has such a column", value=column, expected="a column of the contract")
            )
        else:
            columns[fold(header)] = column
    if problems:
        raise BadInput(problems)
    return columns


def _is_column(name: str) -> bool:
    extra = ("platform_id", *ORDER_LINE_COLUMNS)
    return name in extra or any(find_column(table, name) for table in TABLES.values())


def write_proposals(path: Path, recognised: Sequence[tuple[Sheet, Recognition]]) -> int:
    """Add what was proposed (and what was not understood, as comments) to the mapping file; the number of new entries.

    What stands in the file stays as it is, comments included; sheets with headers that it knows are left alone.
    """
    known = {entry.key for entry in read_mapping(path).entries}
    before = path.read_text("utf-8-sig") if path.is_file() else ""
    text, column = _ready_to_add(before)
    count = 0
    for sheet, result in recognised:
        key = header_key(sheet.names)
        if not key or key in known:
            continue
        known.add(key)
        if result.source == "similarity":
            added = "".join(_entry_text(sheet, result, feed) for feed in result.feeds)
            text = text.rstrip("\n") + "\n" + indent(added, " " * column)
            count += len(result.feeds)
        elif result.source == "none":
            question = _question(sheet)
            text = text if question in text else text.rstrip("\n") + "\n" + question
    if column < 0 or not (count or "\n# ?" in text):
        return 0
    if text != before:
        write_text(path, text)
    return count


def _ready_to_add(text: str) -> tuple[str, int]:
    """The text so that entries can follow, and the column at which they start; -1: a list in brackets, not to cut."""
    root = yaml.compose(text, yaml.SafeLoader)
    if root is None:
        return f"{text.rstrip()}\n{_TOP}:\n" if text.strip() else f"{_HEAD}{_TOP}:\n", 0
    entries = root.value[0][1]
    if isinstance(entries, yaml.SequenceNode) and entries.value:
        return text, -1 if entries.flow_style else entries.start_mark.column
    start, end = entries.start_mark.index, entries.end_mark.index
    return text[:start] + text[end:], 0


def _entry_text(sheet: Sheet, result: Recognition, feed: Feed) -> str:
    columns = {sheet.names[place]: column for column, place in feed.columns.items()}
    content: dict[str, Any] = {
        "headers": [name for name in sheet.names if fold(name)],
        "table": feed.table,
        "kind": feed.kind,
        "columns": columns,
        "constants": _general_constants(feed),
        "grain": [sheet.names[place] for place in feed.grain],
        "meaning": dict(feed.meaning),
        "confirmed": False,
    }
    content = {key: value for key, value in content.items() if value not in ({}, [], "rows")}
    notes = [f"# {sheet.label}", *(f"#   {note}" for note in result.notes)]
    if result.unused:
        notes.append(f"#   feeds nothing: {', '.join(result.unused)}")
    body = yaml.safe_dump([content], allow_unicode=True, sort_keys=False, width=1000, default_flow_style=None)
    return "\n".join([*map(_one_line, notes), body])


def _general_constants(feed: Feed) -> dict[str, str]:
    """Those that hold for other files with these headers too: not the period or shop of this one."""
    general = load_vocabulary().assumed.get(feed.table, {})
    return {name: value for name, value in feed.constants.items() if general.get(name) == value}


def _question(sheet: Sheet) -> str:
    headers = yaml.safe_dump(
        [name for name in sheet.names if fold(name)], allow_unicode=True, width=10_000, default_flow_style=True
    )
    lines = [f"# ? {sheet.label}: matches nothing; to use it, fill in and uncomment", f"# - headers: {headers.strip()}"]
    return "\n".join([*map(_one_line, lines), "#   table:", "#   columns: {}", ""])


def _one_line(text: str) -> str:
    return " ".join(text.split())
