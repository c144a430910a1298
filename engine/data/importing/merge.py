"""New rows of a table and the old ones to the next state of the table, in SQL: it runs out of memory's way.

Nothing is added up twice: repetitions are dropped, contradictions set aside, and of two kinds of export that tell of
the same shop and day only the more detailed one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.data.contract.column import Column, Table
from engine.data.importing.policy import COVERED_BY, GAP_DAYS, KEPT_DAYS, is_fact, measures
from engine.data.importing.staging import GRAIN, RANK, ROW, SHEET
from engine.data.in_memory import in_memory

REPEATED, COVERED, CONTRADICTION = "repeats an earlier row", "told in more detail by another export", "contradicts"


@dataclass(frozen=True)
class Excluded:
    """A row of a sheet that is not in the table: dropped (nothing is lost by it) or for the quarantine."""

    sheet: int
    row: int
    reason: str
    dropped: bool


@dataclass
class Merged:
    """``old``, ``new``: rows of the table before and after; ``added``, ``removed``, ``changed`` by key; ``totals``:
    sums of the measures before and after."""

    old: int = 0
    new: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    totals: dict[str, tuple[int, int]] = field(default_factory=dict)
    excluded: list[Excluded] = field(default_factory=list)
    covered_days: int = 0


class TableMerge:
    """The merge of one table: ``new`` files are staged, ``old`` is the table of the current snapshot."""

    def __init__(self, table: Table, new: Sequence[Path], old: Path | None, scratch: Path, additive: bool) -> None:
        self.table = table
        self.con = in_memory(memory_limit="2GB", temp_directory=str(scratch))
        self.con.execute("SET preserve_insertion_order = false")
        self.con.read_parquet([str(file) for file in new], union_by_name=True).create_view("staged")
        if old is not None:
            self.con.read_parquet(str(old)).create_view("old")
        self.has_old, self.additive = old is not None, additive
        self.given = [name for name in self._names("staged") if not name.startswith("_")]
        had = self._names("old") if old is not None else []
        self.columns = [column for column in table.columns if column.name in {*self.given, *had}]
        self.had = set(had)
        self.con.execute("CREATE TABLE excluded (_sheet INTEGER, _row BIGINT, reason VARCHAR, dropped BOOLEAN)")
        self.key = [name for name in table.key if any(column.name == name for column in self.columns)]

    def _names(self, view: str) -> list[str]:
        return [str(row[0]) for row in self.con.execute(f"DESCRIBE {view}").fetchall()]

    def run(self, targets: dict[str, tuple[Path, str]], target: Path) -> Merged:
        """Write the next state of the table; ``targets``: file and column for each reference that can be checked."""
        for column, (file, name) in targets.items():
            if column in self.given:
                self._check_reference(column, file, name)
        self._exclude_covered()
        self._exclude_repeated()
        self.con.execute(f"CREATE VIEW fresh AS {self._fresh()}")
        self.con.execute(f"CREATE TABLE merged AS {self._merged()}")
        self._exclude_incomplete()
        report = self._report()
        self._write(target)
        self.con.close()
        return report

    def leave(self, rows: Sequence[tuple[int, int]], reason: str) -> None:
        """Rows (sheet and number) that must not count; nothing is lost by it."""
        if rows:
            self.con.executemany("INSERT INTO excluded VALUES (?, ?, ?, true)", [[*row, reason] for row in rows])

    def _kept(self) -> str:
        """Staged rows that were not excluded."""
        if not self._scalar("SELECT count(*) FROM excluded"):
            return "staged"
        return f"(SELECT * FROM staged ANTI JOIN excluded USING ({SHEET}, {ROW}))"

    def _scalar(self, sql: str) -> int:
        row = self.con.execute(sql).fetchone()
        return 0 if row is None or row[0] is None else int(row[0])

    def _check_reference(self, column: str, file: Path, name: str) -> None:
        self.con.execute(
            f"""INSERT INTO excluded SELECT DISTINCT {SHEET}, {ROW},
            '{column} ' || "{column}" || ' is not in {file.stem}', false FROM staged
            WHERE coalesce("{column}", '') <> '' AND "{column}" NOT IN (SELECT "{name}" FROM read_parquet($file))""",
            {"file": str(file)},
        )

    def _exclude_covered(self) -> None:
        """Of two ranks for one scope and day the lower."""
        scope = COVERED_BY.get(self.table.name)
        if scope is None or self._scalar(f"SELECT count(DISTINCT {RANK}) FROM staged") < 2:
            return
        day = ", ".join(_quoted((*scope, self.table.date or "")))
        self.con.execute(
            f"""INSERT INTO excluded SELECT DISTINCT {SHEET}, {ROW}, '{COVERED}', true FROM {self._kept()} s
            JOIN (SELECT {day}, max({RANK}) AS best FROM {self._kept()} GROUP BY ALL) b USING ({day})
            WHERE {RANK} < best"""
        )

    def _exclude_repeated(self) -> None:
        """The same key and grain again: the same figures are a repetition; others contradict within a sheet, and
        between sheets the later sheet is the newer word (master data are joined column by column instead)."""
        key = ", ".join([*_quoted([name for name in self.key if name in self.given]), GRAIN])
        self.con.execute(
            f"CREATE TEMP TABLE twice AS SELECT {key} FROM {self._kept()} GROUP BY ALL HAVING count(*) > 1"
        )
        if not self._scalar("SELECT count(*) FROM twice"):
            return
        same = " AND ".join(f"s.{name} IS NOT DISTINCT FROM twice.{name}" for name in key.split(", "))
        values = ", ".join(_quoted([name for name in self.given if name != "known_at"]))
        late = "false" if not is_fact(self.table.name) and self.table.name != "orders" else f"{SHEET} < last_sheet"
        self.con.execute(
            f"""CREATE TEMP TABLE again AS SELECT s.*, hash({values}) AS figures,
            first_value(hash({values})) OVER (PARTITION BY {key}, {SHEET} ORDER BY {ROW}) AS first_figures,
            row_number() OVER (PARTITION BY {key}, {SHEET} ORDER BY {ROW}) AS place,
            max({SHEET}) OVER (PARTITION BY {key}) AS last_sheet
            FROM (SELECT s.* FROM {self._kept()} s SEMI JOIN twice ON {same}) s"""
        )
        self.con.execute(
            f"""INSERT INTO excluded SELECT {SHEET}, {ROW},
            CASE WHEN place > 1 AND figures <> first_figures THEN
                '{CONTRADICTION} an earlier row of the same ' || '{" + ".join(self.key)}'
            WHEN place > 1 THEN '{REPEATED}' ELSE 'replaced by a later file of the same import' END,
            NOT (place > 1 AND figures <> first_figures)
            FROM again WHERE place > 1 OR {late}"""
        )

    def _fresh(self) -> str:
        """One row a key from the staged rows."""
        kept = self._kept()
        key = [
            f'coalesce("{name}", \'\') AS "{name}"' if self._is_text(name) else f'"{name}"' for name in self.key_given
        ]
        rest = [column for column in self.columns if column.name in self.given and column.name not in self.key]
        if not rest:
            return f"SELECT DISTINCT {', '.join(key)} FROM {kept}"
        if is_fact(self.table.name) and not self._scalar(
            f"SELECT count(*) FROM (SELECT 1 FROM {kept} WHERE {GRAIN} IS NOT NULL LIMIT 1)"
        ):
            return f"SELECT {', '.join([*key, *_quoted([column.name for column in rest])])} FROM {kept}"
        summed = measures(self.table) if is_fact(self.table.name) else ()
        values = [
            f'CAST(sum("{column.name}") AS BIGINT) AS "{column.name}"' if column.name in summed else _latest(column)
            for column in rest
        ]
        return (
            f"SELECT {', '.join([*key, *values])} FROM {kept} GROUP BY {', '.join(str(n + 1) for n in range(len(key)))}"
        )

    @property
    def key_given(self) -> list[str]:
        return [name for name in self.key if name in self.given]

    def _is_text(self, name: str) -> bool:
        return self.table.column(name).kind == "text"

    def _merged(self) -> str:
        """Old rows that stay and the fresh ones."""
        fresh = ", ".join(self._or_null(column, self.given, "fresh") for column in self.columns)
        if not self.has_old:
            return f"SELECT {fresh} FROM fresh"
        old = ", ".join(self._or_null(column, self.had, "old") for column in self.columns)
        if is_fact(self.table.name) and not self.additive:
            self._spans()
            scope = (*COVERED_BY[self.table.name],)
            same = " AND ".join(f'old."{name}" = spans."{name}"' for name in scope)
            date = self.table.date
            return f"""SELECT {fresh} FROM fresh UNION ALL SELECT {old} FROM old ANTI JOIN spans
                ON {same} AND old."{date}" BETWEEN spans.first AND spans.last"""
        parts = []
        summed = measures(self.table) if is_fact(self.table.name) else ()
        for column in self.columns:
            name = column.name
            here = [f'{side}."{name}"' for side, has in (("fresh", self.given), ("old", self.had)) if name in has]
            here = [f"nullif({part}, '')" if column.kind == "text" and name not in self.key else part for part in here]
            joined = f"coalesce({', '.join(here)})" if len(here) > 1 else here[0]
            if name in summed and len(here) > 1:
                joined = f"CASE WHEN {here[0]} IS NULL THEN {here[1]} ELSE {here[0]} + coalesce({here[1]}, 0) END"
            parts.append(f'{joined} AS "{name}"')
        same = " AND ".join(
            f"coalesce(fresh.\"{name}\", '') = coalesce(old.\"{name}\", '')"
            if self._is_text(name)
            else f'fresh."{name}" IS NOT DISTINCT FROM old."{name}"'
            for name in self.key_given
        )
        return f"SELECT {', '.join(parts)} FROM fresh FULL JOIN old ON {same}"

    def _or_null(self, column: Column, given: Sequence[str] | set[str], view: str) -> str:
        return f'{view}."{column.name}"' if column.name in given else f'NULL AS "{column.name}"'

    def _spans(self) -> None:
        """Days that the fresh rows cover, by scope, with small gaps closed."""
        scope = ", ".join(_quoted(COVERED_BY[self.table.name]))
        date = f'"{self.table.date}"'
        self.con.execute(
            f"""CREATE TEMP TABLE spans AS SELECT {scope}, min(day) AS first, max(day) AS last FROM (
            SELECT *, sum(fresh_start) OVER (PARTITION BY {scope} ORDER BY day) AS island FROM (
            SELECT {scope}, day, CAST(coalesce(day - lag(day) OVER (PARTITION BY {scope} ORDER BY day)
            > INTERVAL {GAP_DAYS} DAY, true) AS INTEGER) AS fresh_start
            FROM (SELECT DISTINCT {scope}, {date} AS day FROM fresh))) GROUP BY {scope}, island"""
        )

    def _exclude_incomplete(self) -> None:
        """Keys of which no file gave what is required."""
        required = [column.name for column in self.columns if column.required and column.name not in self.key]
        absent = [c.name for c in self.table.columns if c.required and c.name not in {x.name for x in self.columns}]
        tests = [f'"{name}" IS NULL' for name in required] + ["true"] * bool(absent)
        if not tests or not self._scalar(f"SELECT count(*) FROM merged WHERE {' OR '.join(tests)}"):
            return
        names = (
            ", ".join(absent)
            if absent
            else "' || concat_ws(', ', "
            + ", ".join(f"CASE WHEN m.\"{n}\" IS NULL THEN '{n}' END" for n in required)
            + ") || '"
        )
        same = " AND ".join(f's."{name}" IS NOT DISTINCT FROM m."{name}"' for name in self.key_given)
        self.con.execute(
            f"""INSERT INTO excluded SELECT DISTINCT s.{SHEET}, s.{ROW}, 'no file gives {names}', false
            FROM {self._kept()} s JOIN (SELECT * FROM merged WHERE {" OR ".join(tests)}) m ON {same}"""
        )
        self.con.execute(f"DELETE FROM merged WHERE {' OR '.join(tests)}")

    def _report(self) -> Merged:
        rows = self.con.execute(
            "SELECT DISTINCT ON (_sheet, _row) * FROM excluded ORDER BY _sheet, _row, dropped"
        ).fetchall()
        found = Merged(new=self._scalar("SELECT count(*) FROM merged"))
        found.excluded = [Excluded(int(s), int(r), str(reason), bool(dropped)) for s, r, reason, dropped in rows]
        found.added = found.new
        summed = [name for name in measures(self.table) if any(c.name == name for c in self.columns)]
        for name in summed:
            before = self._scalar(f'SELECT sum("{name}") FROM old') if name in self.had else 0
            found.totals[name] = (before, self._scalar(f'SELECT sum("{name}") FROM merged'))
        if self.has_old:
            found.old = self._scalar("SELECT count(*) FROM old")
            found.added, found.removed, found.changed = self._difference()
        return found

    def _difference(self) -> tuple[int, int, int]:
        key = [name for name in self.key if name in self.had]
        same = " AND ".join(f'm."{name}" IS NOT DISTINCT FROM o."{name}"' for name in key)
        values = [c.name for c in self.columns if c.name not in self.key and c.name in self.had]
        blank = {c.name: c.kind == "text" for c in self.columns}
        differs = " OR ".join(
            f"coalesce(m.\"{n}\", '') IS DISTINCT FROM coalesce(o.\"{n}\", '')"
            if blank[n]
            else f'm."{n}" IS DISTINCT FROM o."{n}"'
            for n in values
        )
        row = self.con.execute(
            f"""SELECT count(*) FILTER (WHERE o.there IS NULL), count(*) FILTER (WHERE m.there IS NULL),
            count(*) FILTER (WHERE o.there AND m.there AND ({differs or "false"}))
            FROM (SELECT *, true AS there FROM merged) m FULL JOIN (SELECT *, true AS there FROM old) o ON {same}"""
        ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])

    def _write(self, target: Path) -> None:
        """Sorted by key, as the contract holds it: blanks of text are empty, defaults filled in."""
        kept = KEPT_DAYS.get(self.table.name)
        date = f'"{self.table.date}"'
        late = f"WHERE {date} > (SELECT max({date}) FROM merged) - INTERVAL {kept} DAY" if kept else ""
        names = ", ".join(_final(column) for column in self.columns)
        order = ", ".join(_quoted(self.key))
        self.con.execute(
            f"COPY (SELECT {names} FROM merged {late} ORDER BY {order}) TO '{_escaped(target)}' "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)"
        )


def _latest(column: Column) -> str:
    """The last word on a column: what the latest sheet says that says anything."""
    name = column.name
    value = f"nullif(\"{name}\", '')" if column.kind == "text" else f'"{name}"'
    return f'arg_max({value}, ({SHEET}, {ROW})) FILTER (WHERE {value} IS NOT NULL) AS "{name}"'


def _final(column: Column) -> str:
    name = f'"{column.name}"'
    if column.kind == "text":
        return f"coalesce({name}, '{_sql(column.default or '')}') AS {name}"
    if column.default is not None:
        return f"coalesce({name}, {column.default}) AS {name}"
    return f"coalesce({name}, false) AS {name}" if column.kind == "flag" else name


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _sql(text: str | float | int | bool) -> str:
    return str(text).replace("'", "''")


def _escaped(path: Path) -> str:
    return _sql(str(path))
