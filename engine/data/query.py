"""SQL over a snapshot: one SELECT, in memory, that sees the snapshot's tables and nothing else of the machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from engine.data.in_memory import in_memory
from engine.data.tables import TABLES
from engine.plans.errors import BadInput, Problem

READING = ("SELECT", "EXPLAIN")
"""Kinds of statements that change nothing."""
MEMORY = "2GB"


def query(folder: Path, sql: str, as_of: date | None = None, threads: int = 2) -> pd.DataFrame:
    """The answer to one SELECT (or EXPLAIN) over the tables of a snapshot's folder, each a view of its own name.

    ``as_of``: only rows known by the end of that day, as :meth:`Dataset.as_of` sees them. Days are DATE, money int64
    fen. Nothing is written, and files outside of the snapshot, extensions, settings and the network are out of reach.
    :class:`BadInput` names what is wrong with the statement and which tables there are.
    """
    files = {file.stem: file for file in sorted(folder.glob("*.parquet"))}
    with _connection(files, as_of, threads) as connection:
        try:
            _check(connection, sql)
            answer = connection.execute(sql).df()
        except duckdb.Error as error:
            raise _bad(str(error), files) from error
    return answer


def _connection(files: dict[str, Path], as_of: date | None, threads: int) -> duckdb.DuckDBPyConnection:
    """A connection with the views set up and every door closed behind them."""
    connection = in_memory()
    paths = ", ".join(_quoted(str(file.resolve())) for file in files.values())
    for setting in (
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        f"memory_limit = '{MEMORY}'",
        f"threads = {int(threads)}",
        "temp_directory = ''",
        f"allowed_paths = [{paths}]",
        "enable_external_access = false",
    ):
        connection.execute(f"SET {setting}")
    for name, file in files.items():
        connection.execute(_view(connection, name, file, as_of))
    connection.execute("SET lock_configuration = true")
    return connection


def _view(connection: duckdb.DuckDBPyConnection, name: str, file: Path, as_of: date | None) -> str:
    """The view of a table: days as DATE, rows that were known. The rule is that of ``engine.data.dataset``."""
    source = f"read_parquet({_quoted(str(file.resolve()))})"
    found = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    table = TABLES.get(name)
    days = [column.name for column in table.columns if column.kind == "day" and column.name in found] if table else []
    shown = "".join(f', CAST("{day}" AS DATE) AS "{day}"' for day in days)
    columns = f"* REPLACE ({shown[2:]})" if days else "*"
    moments = [f'"{column}"' for column in ("known_at",) if column in found]
    if table is not None and table.known == "date" and table.date in found:
        moments.append(f'"{table.date}"')
    known = ""
    if as_of is not None and moments:
        moment = f"coalesce({', '.join(moments)})"
        known = f" WHERE {moment} IS NULL OR {moment} <= TIMESTAMP '{as_of.isoformat()} 00:00:00'"
    return f'CREATE VIEW "{name}" AS SELECT {columns} FROM {source}{known}'


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    if len(kinds) != 1 or kinds[0] not in READING:
        found = ", ".join(kinds) or "nothing"
        raise duckdb.NotSupportedError(f"only one statement that reads is allowed, this is: {found}")


def _bad(message: str, files: dict[str, Path]) -> BadInput:
    tables = ", ".join(files) or "none yet"
    return BadInput([Problem("sql", message.strip(), expected="one SELECT", remedy=f"Tables here: {tables}.")])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
