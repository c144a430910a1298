"""Databases as sources: SQLite always, PostgreSQL where its server is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.data.importing.options import ImportOptions
from engine.data.importing.run import import_files
from engine.data.store import Workspace
from engine.plans.errors import BadInput
from engine.workflow.create import create_workspace

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")) if Path("/usr/lib/postgresql").is_dir() else []
QUERY = "select 日期, 商品编码, 渠道, 销量, 金额 from sold order by 日期"


def fill(address: str) -> None:
    """Two days of sales, with what databases hold: dates, decimals, blanks."""
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "create table sold (日期 date, 商品编码 varchar(30), 渠道 varchar(9), 销量 int, 金额 decimal(12,2))"
            )
        )
        rows = "('2026-10-01', '10000000000000000001', '天猫', 3, 29.70), ('2026-10-02', '2', '天猫', 1, null)"
        connection.execute(sa.text(f"insert into sold values {rows}"))
    engine.dispose()


def check(workspace: Workspace, address: str) -> None:
    report = import_files(workspace, [address], ImportOptions(query=QUERY, columns={"金额": "amount_paid_yuan"}))
    assert report.counts["rows_read"] == report.counts["accepted"] == 2, report.as_dict()
    sales = workspace.dataset()["sales"]
    assert sales["sku"].astype(str).tolist() == ["10000000000000000001", "2"]
    assert sales["units_paid"].tolist() == [3, 1]
    assert sales["amount_paid_fen"].fillna(-1).tolist() == [2970, -1]


def test_sqlite(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'erp.db'}"
    fill(address)
    check(create_workspace(tmp_path / "ws"), address)


@pytest.mark.parametrize(
    ("address", "query", "message"),
    [
        ("sqlite://", "select * from nothing", "cannot be asked"),
        ("sqlite://", None, "--query"),
        ("nosuchkind://host/db", "select 1", "cannot be asked"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/db", "select 1", "cannot be asked"),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path: Path, address: str, query: str | None, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        import_files(create_workspace(tmp_path / "ws"), [address], ImportOptions(query=query))
    assert "secret" not in str(caught.value)


@pytest.fixture
def server() -> Iterator[str]:
    """A PostgreSQL server of our own on a free port, with its files in a temporary folder."""
    if not SERVERS:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    tools, data = SERVERS[-1].parent, Path(tempfile.mkdtemp(prefix="yunchou-pg-"))
    user: list[str] = []
    if os.getuid() == 0:
        if not shutil.which("runuser"):
            pytest.skip("PostgreSQL does not run as root, and runuser is not installed")
        user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(data, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = [*user, str(tools / "initdb"), "-D", str(data), "-A", "trust", "-U", "erp", "-E", "UTF8", "--locale=C"]
    subprocess.run(made, check=True, capture_output=True, cwd="/")
    options = f"-p {port} -h 127.0.0.1 -k {data} -F"
    control = [*user, str(tools / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run([*control, "-o", options, "-l", str(data / "log"), "start"], check=True, cwd="/")
    try:
        yield f"postgresql+psycopg://erp@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=True, capture_output=True, cwd="/")
        shutil.rmtree(data, ignore_errors=True)


def test_postgresql(tmp_path: Path, server: str) -> None:
    fill(server)
    check(create_workspace(tmp_path / "ws"), server)
