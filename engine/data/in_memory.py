"""DuckDB in memory, silent."""

from __future__ import annotations

from typing import Any

import duckdb


def in_memory(**config: Any) -> duckdb.DuckDBPyConnection:
    """A connection of its own, with DuckDB's ``config``. Its progress bar is off: it is drawn on standard output after
    two seconds, which would break ``--json``.

    >>> in_memory(threads=1).execute("SELECT current_setting('enable_progress_bar')").fetchall()
    [(False,)]
    """
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection
