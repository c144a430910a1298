"""The merge against a slow oracle in plain Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.data.importing.merge import Merged, TableMerge
from engine.data.importing.model import Rows
from engine.data.importing.staging import Staged, typed
from engine.data.store import read_table
from engine.data.tables import TABLES


def rows(table: str, lines: list[dict[str, str]], grain: list[str] | None = None) -> Rows:
    frame = pd.DataFrame(lines, dtype="str").astype("category")
    numbers = np.arange(2, len(lines) + 2)
    return Rows(table, frame, numbers, None if grain is None else pd.Series(grain, dtype="str"))


class Bench:
    """Loads of one table, one after the other."""

    def __init__(self, folder: Path, table: str) -> None:
        self.folder, self.table, self.state, self.loads = folder, TABLES[table], None, 0

    def load(self, *sheets: Rows, ranks: tuple[int, ...] = (), additive: bool = False) -> Merged:
        self.loads += 1
        scratch = self.folder / f"load{self.loads}"
        scratch.mkdir()
        staged = Staged(scratch)
        for place, sheet in enumerate(sheets):
            part = typed(sheet)
            assert not part.refused
            staged.add(self.table.name, part, place, ranks[place] if ranks else 0)
        target = scratch / f"{self.table.name}.parquet"
        done = TableMerge(self.table, staged.parts(self.table.name), self.state, scratch, additive).run({}, target)
        self.state = target
        return done

    @property
    def frame(self) -> pd.DataFrame:
        return read_table(self.state, self.table)


@pytest.fixture
def sales(tmp_path: Path) -> Bench:
    return Bench(tmp_path, "sales")


def sale(day: str, sku: str, units: int, channel: str = "天猫") -> dict[str, str]:
    return {"date": day, "sku": sku, "channel": channel, "units_paid": str(units)}


def units(bench: Bench) -> dict[tuple[str, str], int]:
    frame = bench.frame
    days = frame["date"].dt.strftime("%m-%d")
    return dict(zip(zip(days, frame["sku"].astype(str), strict=True), frame["units_paid"], strict=True))


def test_rows_of_one_key_add_up_over_their_grain(sales: Bench) -> None:
    sheet = rows("sales", [sale("2026-01-01", "A", 2), sale("2026-01-01", "A", 3)], ["w1", "w2"])
    sales.load(sheet)
    assert units(sales) == {("01-01", "A"): 5}


def test_a_repetition_is_dropped_and_a_contradiction_set_aside(sales: Bench) -> None:
    lines = [sale("2026-01-01", "A", 2), sale("2026-01-01", "A", 2), sale("2026-01-01", "A", 9)]
    done = sales.load(rows("sales", lines))
    assert units(sales) == {("01-01", "A"): 2}
    assert [(gone.row, gone.dropped) for gone in done.excluded] == [(3, True), (4, False)]


def test_a_later_file_of_the_same_import_is_the_newer_word(sales: Bench) -> None:
    done = sales.load(rows("sales", [sale("2026-01-31", "A", 2)]), rows("sales", [sale("2026-01-31", "A", 5)]))
    assert units(sales) == {("01-31", "A"): 5}
    assert [(gone.sheet, gone.dropped) for gone in done.excluded] == [(0, True)]


def test_order_lines_win_over_an_item_report_of_the_same_day(sales: Bench) -> None:
    report = rows("sales", [sale("2026-01-01", "A", 7), sale("2026-01-05", "A", 1)])
    lines = rows("sales", [sale("2026-01-01", "A", 1), sale("2026-01-01", "A", 1)], ["o1|1", "o2|1"])
    sales.load(report, lines, ranks=(0, 1))
    assert units(sales) == {("01-01", "A"): 2, ("01-05", "A"): 1}


def test_the_days_that_a_load_covers_are_replaced(sales: Bench) -> None:
    first = [sale(f"2026-01-{day:02d}", sku, 1) for day in (1, 2, 3, 20) for sku in "AB"]
    sales.load(rows("sales", [*first, sale("2026-01-02", "A", 4, "京东")]))
    done = sales.load(rows("sales", [sale("2026-01-01", "A", 5), sale("2026-01-03", "B", 6)]))
    frame = sales.frame
    mine = frame[frame["channel"].astype(str) == "天猫"]
    assert sorted(zip(mine["date"].dt.day, mine["sku"].astype(str), mine["units_paid"], strict=True)) == [
        (1, "A", 5),
        (3, "B", 6),
        (20, "A", 1),
        (20, "B", 1),
    ]
    assert len(frame) == 5
    assert (done.added, done.removed, done.changed) == (0, 4, 2)


def test_the_same_again_changes_nothing(sales: Bench) -> None:
    sheet = rows("sales", [sale("2026-01-01", "B", 2), sale("2026-01-01", "A", 3)])
    sales.load(sheet)
    before = sales.state.read_bytes()
    done = sales.load(sheet)
    assert sales.state.read_bytes() == before
    assert (done.added, done.removed, done.changed) == (0, 0, 0)


def test_a_correction_is_added(sales: Bench) -> None:
    sales.load(rows("sales", [sale("2026-01-01", "A", 2), sale("2026-01-01", "B", 3)]))
    sales.load(rows("sales", [sale("2026-01-01", "A", 1), sale("2026-01-01", "C", 4)]), additive=True)
    assert units(sales) == {("01-01", "A"): 3, ("01-01", "B"): 3, ("01-01", "C"): 4}


def test_master_data_are_joined_column_by_column(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "skus")
    names = rows("skus", [{"sku": "A", "category": "鞋", "name": "甲"}, {"sku": "B", "category": "鞋", "name": "乙"}])
    bench.load(names, rows("skus", [{"sku": "A", "unit_cost_yuan": "12.5"}]))
    bench.load(rows("skus", [{"sku": "B", "name": "丙"}]))
    frame = bench.frame.set_index("sku")
    assert frame["name"].astype(str).to_dict() == {"A": "甲", "B": "丙"}
    assert frame["unit_cost_fen"].fillna(-1).to_dict() == {"A": 1250, "B": -1}


def test_a_key_that_lacks_what_is_required_is_set_aside(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "skus")
    done = bench.load(rows("skus", [{"sku": "A", "category": "鞋"}]), rows("skus", [{"sku": "B", "name": "乙"}]))
    assert bench.frame["sku"].astype(str).tolist() == ["A"]
    assert [(gone.sheet, gone.row, gone.dropped) for gone in done.excluded] == [(1, 2, False)]


@pytest.mark.parametrize("seed", range(6))
def test_against_the_oracle(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    bench = Bench(tmp_path, "sales")
    state: dict[tuple[str, str, str], int] = {}
    for _ in range(3):
        start = int(rng.integers(1, 15))
        days = [f"2026-01-{day:02d}" for day in range(start, start + int(rng.integers(1, 6)))]
        lines = [sale(day, sku, int(rng.integers(0, 9)), channel) for day in days for sku in "ABC" for channel in "xy"]
        lines = [line for line in lines if rng.random() < 0.7]
        if not lines:
            continue
        bench.load(rows("sales", lines))
        for channel in "xy":
            mine = sorted(line["date"] for line in lines if line["channel"] == channel)
            if mine:
                state = {k: v for k, v in state.items() if k[2] != channel or not mine[0] <= k[0] <= mine[-1]}
        state |= {(line["date"], line["sku"], line["channel"]): int(line["units_paid"]) for line in lines}
    frame = bench.frame
    found = zip(
        frame["date"].dt.strftime("%Y-%m-%d"), frame["sku"].astype(str), frame["channel"].astype(str), strict=True
    )
    assert dict(zip(found, frame["units_paid"], strict=True)) == state
    assert (
        list(state) != []
        and frame[["date", "sku", "channel"]].astype(str).apply("|".join, axis=1).is_monotonic_increasing
    )
