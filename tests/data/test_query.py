"""SQL over a snapshot answers what was asked and opens no other door."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.query import query
from engine.data.store import write_parquet
from engine.data.validate import validate
from engine.plans.errors import BadInput
from tests.data.tables import small_tables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables, problems = validate(small_tables() | {"prices": _prices()})
    assert not problems
    snapshot = tmp_path / "snap'shot"
    snapshot.mkdir()
    for name, frame in tables.items():
        write_parquet(frame, snapshot / f"{name}.parquet")
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n", "utf-8")
    write_parquet(pd.DataFrame({"a": [1]}), tmp_path / "secret.parquet")
    return snapshot


def _prices() -> pd.DataFrame:
    days = pd.to_datetime(["2026-01-01", "2026-01-05", "2026-01-09"])
    return pd.DataFrame(
        {
            "sku": "A1",
            "channel": "天猫",
            "date": days,
            "paid_price_fen": [100, 200, 300],
            "known_at": [pd.NaT, days[0], days[2]],
        }
    )


def test_answers_with_the_tables_dtypes(folder: Path) -> None:
    answer = query(
        folder, "select sku, sum(units_paid) as units from sales join skus using (sku) group by 1 order by 1"
    )
    assert answer.values.tolist() == [["A1", 9.0], ["A2", 1.0]]
    day = query(folder, "select typeof(date) as kind, date from sales where date = '2026-01-06'")
    assert day["kind"].tolist() == ["DATE"] and day["date"].tolist() == [pd.Timestamp("2026-01-06")]


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2026, 1, 5), date(2026, 1, 6), date(2030, 1, 1)])
def test_as_of_sees_what_a_dataset_sees(folder: Path, day: date) -> None:
    tables, _ = validate(small_tables() | {"prices": _prices()})
    seen = Dataset(tables, "0").as_of(day)
    for name in tables:
        assert query(folder, f"select count(*) as n from {name}", as_of=day)["n"].item() == len(seen[name]), name


@pytest.mark.parametrize(
    "sql",
    [
        "copy sales to '{outside}/out.csv'",
        "copy (select 1) to '{folder}/sales.parquet' (format parquet)",
        "export database '{outside}/out'",
        "attach '{outside}/new.db' as other",
        "attach ':memory:' as other",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "set enable_external_access = true",
        "reset enable_external_access",
        "pragma database_list",
        "call pragma_version()",
        "create table copy_of as select 1",
        "drop view sales",
        "insert into sales select * from sales",
        "with gone as (delete from sales returning 1) select 1",
        "select 1; copy sales to '{outside}/out.csv'",
        "select * from '{outside}/secret.csv'",
        "select * from read_csv('{outside}/secret.csv')",
        "select * from read_parquet('{outside}/secret.parquet')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/etc/*')",
        "select * from read_csv('https://example.com/a.csv')",
        "select * from query('select * from ''{outside}/secret.csv''')",
        "select * from frame_in_the_caller",
        "",
        "select nothing from sales",
        "selec 1",
    ],
)
def test_refused(folder: Path, tmp_path: Path, sql: str) -> None:
    frame_in_the_caller = pd.DataFrame({"a": [1]})
    before = {file: file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file()}
    place = {"outside": tmp_path.as_posix(), "folder": folder.as_posix().replace("'", "''")}
    with pytest.raises(BadInput, match="sales") as error:
        query(folder, sql.format(**place))
    assert "skus" in str(error.value.problems[0].remedy)
    assert before == {file: file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file()}
    assert len(frame_in_the_caller) == 1


def test_an_empty_folder_has_no_tables(tmp_path: Path) -> None:
    assert query(tmp_path, "select 1 as one")["one"].item() == 1
    with pytest.raises(BadInput, match="none yet"):
        query(tmp_path, "select * from sales")


def test_columns_named_like_words_of_sql(folder: Path) -> None:
    days = pd.to_datetime(["2026-11-01", "2026-11-11"])
    event = {"event": "双11-2026", "kind": "双11", "phase": "main", "start": days[:1], "end": days[1:]}
    write_parquet(pd.DataFrame(event), folder / "events.parquet")
    answer = query(folder, 'select "end" - start as days from events')
    assert answer["days"].tolist() == [10]
