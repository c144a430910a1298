"""What was loaded when, what two snapshots differ in, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from engine.data.contract.column import Table
from engine.data.importing.policy import measures
from engine.data.in_memory import in_memory
from engine.data.store import Workspace
from engine.data.tables import TABLES

SHOWN_KEYS = 20


@dataclass(frozen=True)
class TableDifference:
    """Rows of a table that were ``added``, ``removed`` or ``changed`` between two snapshots, by key; ``totals``: sums
    of the measures before and after; ``examples``: the first keys with what happened to them."""

    table: str
    before: int
    after: int
    added: int
    removed: int
    changed: int
    totals: dict[str, tuple[int, int]]
    examples: pd.DataFrame


def difference(workspace: Workspace, before: str, after: str) -> list[TableDifference]:
    """Tables in which two snapshots differ. ``before`` and ``after``: hashes, their beginnings, or ``current``."""
    old, new = workspace.snapshot_folder(before), workspace.snapshot_folder(after)
    first, second = workspace.manifest(old.name)["tables"], workspace.manifest(new.name)["tables"]
    names = [name for name in TABLES if first.get(name, {}).get("sha256") != second.get(name, {}).get("sha256")]
    found = [_table_difference(TABLES[name], old / f"{name}.parquet", new / f"{name}.parquet") for name in names]
    return [entry for entry in found if entry.added or entry.removed or entry.changed]


def _table_difference(table: Table, old: Path, new: Path) -> TableDifference:
    """One table; a file that is not there holds no rows."""
    con = in_memory(memory_limit="2GB")
    names: dict[str, list[str]] = {}
    for view, file, other in (("a", old, new), ("b", new, old)):
        source = con.read_parquet(str(file if file.is_file() else other))
        (source if file.is_file() else source.limit(0)).create_view(view)
        names[view] = [str(entry[0]) for entry in source.description]
    shared = [column for column in table.columns if column.name in {*names["a"], *names["b"]}]
    key = [column for column in shared if column.name in table.key]
    value = {view: {c.name: _cell(view, c.name, c.kind, c.name in names[view]) for c in shared} for view in "ab"}
    same = " AND ".join(f"{value['a'][c.name]} IS NOT DISTINCT FROM {value['b'][c.name]}" for c in key)
    rest = [column.name for column in shared if column not in key]
    differs = " OR ".join(f"{value['a'][name]} IS DISTINCT FROM {value['b'][name]}" for name in rest) or "false"
    shown = ", ".join(f'coalesce({value["b"][c.name]}, {value["a"][c.name]}) AS "{c.name}"' for c in key)
    con.execute(
        f"""CREATE TEMP TABLE different AS SELECT {shown}, CASE WHEN a.here IS NULL THEN 'added'
        WHEN b.here IS NULL THEN 'removed' ELSE 'changed' END AS change
        FROM (SELECT *, true AS here FROM a) a FULL JOIN (SELECT *, true AS here FROM b) b ON {same}
        WHERE a.here IS NULL OR b.here IS NULL OR {differs}"""
    )
    counts = dict(con.execute("SELECT change, count(*) FROM different GROUP BY 1").fetchall())
    rows = [int((con.execute(f"SELECT count(*) FROM {view}").fetchone() or (0,))[0]) for view in "ab"]
    totals = {
        name: (_sum(con, "a", name, names["a"]), _sum(con, "b", name, names["b"]))
        for name in measures(table)
        if name in rest
    }
    examples = con.execute(f"SELECT * FROM different ORDER BY ALL LIMIT {SHOWN_KEYS}").df()
    con.close()
    made = [int(counts.get(name, 0)) for name in ("added", "removed", "changed")]
    return TableDifference(table.name, rows[0], rows[1], made[0], made[1], made[2], totals, examples)


def _cell(view: str, name: str, kind: str, there: bool) -> str:
    """A column as it is compared: a blank text and an absent one are the same."""
    if not there:
        return "''" if kind == "text" else "NULL"
    return f"coalesce({view}.\"{name}\", '')" if kind == "text" else f'{view}."{name}"'


def _sum(con: duckdb.DuckDBPyConnection, view: str, name: str, names: list[str]) -> int:
    if name not in names:
        return 0
    row = con.execute(f'SELECT sum("{name}") FROM {view}').fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def roll_back(workspace: Workspace, snapshot: str) -> str:
    """Make an earlier snapshot the current one again; nothing is deleted. Returns its name."""
    name = workspace.snapshot_folder(snapshot).name
    workspace.point_to(name, "rollback", "rollback")
    return name
