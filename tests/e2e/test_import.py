"""From a folder of exports to plans' data, as a merchant does it on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from engine.data.store import Workspace
from tests.e2e.conftest import Outcome

Call = Callable[..., Outcome]
Road = tuple[Path, Path, Outcome]


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory, call: Call) -> Road:
    """A workspace made directly, one that imported the same merchant's exports, and what the import said."""
    folder = tmp_path_factory.mktemp("road")
    a, b, exports = folder / "A", folder / "B", folder / "D"
    made = call("init", a, "--from", "demo", "--skus", "30", "--days", "120", "--as-exports", exports, "--json")
    assert made.code == 0, made.stderr
    assert call("init", b, "--json").code == 0
    return a, b, call("import", b, exports, "--json")


def test_exports_give_the_tables_of_the_direct_way(road: Road) -> None:
    a, b, outcome = road
    assert outcome.code == 0, outcome.stderr
    answer = outcome.json
    parts = [answer[name] for name in ("accepted", "quarantined", "dropped", "unmapped")]
    assert sum(parts) == answer["rows_read"] and answer["quarantined"] == answer["unmapped"] == 0
    direct, imported = Workspace.open(a).dataset(), Workspace.open(b).dataset()
    assert set(direct.tables) == set(imported.tables)
    for name in direct.tables:
        pd.testing.assert_frame_equal(direct[name], imported[name], check_categorical=False)


def test_questions_in_sql(road: Road, call: Call) -> None:
    ws = road[1]
    answer = call("sql", ws, "select sum(visitors) as visitors from traffic", "--json").json
    assert answer["rows"] == [{"visitors": float(Workspace.open(ws).dataset()["traffic"]["visitors"].sum())}]
    refused = call("sql", ws, "copy sales to 'out.csv'", "--json")
    assert refused.code == 2 and refused.json["status"] == "bad_input"


def test_log_difference_and_way_back(road: Road, call: Call, tmp_path: Path) -> None:
    ws = road[1]
    more = tmp_path / "sales.csv"
    first = Workspace.open(ws).dataset()["sales"].iloc[0]
    sku, channel = first["sku"], first["channel"]
    more.write_text(f"date,sku,channel,units_paid\n2026-11-01,{sku},{channel},7\n", "utf-8")
    before = Workspace.open(ws).current()
    assert call("import", ws, more, "--json").json["tables"]["sales"]["added"] == 1
    assert call("data", "diff", ws, before, "--json").json["tables"]["sales"]["added"] == 1
    assert call("data", "rollback", ws, before, "--json").code == 0
    log = call("data", "log", ws, "--json").json["log"]
    assert [entry["action"] for entry in log] == ["load", "load", "rollback"]
    assert Workspace.open(ws).current() == before


def test_nothing_to_read_is_bad_input(road: Road, call: Call, tmp_path: Path) -> None:
    outcome = call("import", road[1], tmp_path / "nowhere", "--json")
    assert outcome.code == 2 and "no such file" in outcome.json["problems"][0]["message"]
