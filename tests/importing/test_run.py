"""Imports as a merchant makes them: several files, faults in them, corrections, again and at once."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from engine.data.history import difference, roll_back
from engine.data.importing import run
from engine.data.importing.options import ImportOptions, ImportReport
from engine.data.quality import health
from engine.data.store import Workspace
from engine.plans.errors import BadInput
from engine.workflow.create import create_workspace

ZH = Path(__file__).parents[3] / "shared" / "data" / "zh_exports"
SKUS = "商品编码,款号,商品名称,类目,成本价\nA-1,A,甲 S,鞋,10\nA-2,A,甲 M,鞋,10\nB-1,B,乙,帽,5.5\n"
REPORT = """店铺名称：某某旗舰店
统计周期：2026-10-01~2026-10-02
统计日期,商品ID,商品名称,商品访客数,加购件数,支付买家数,支付件数,支付金额,成功退款金额
2026-10-01,10000000000000000001,甲,"1,200",30,4,5,"￥1,500.00",--
2026-10-01,10000000000000000002,乙,800,12,1,2,￥100.00,0
2026-10-02,10000000000000000001,甲,900,20,6,7,￥2100.00,300.00
合计,,,"2,900",62,11,14,"￥3,700.00",300.00
"""
LISTINGS = "渠道,平台商品ID,商家编码,数量\n天猫,10000000000000000001,A-1,1\n天猫,10000000000000000002,B-1,2\n"
CHANNELS = "channel,name,kind,platform\n天猫,某某旗舰店,shop,天猫\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "ws")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    place.mkdir()
    (place / "商品.csv").write_bytes(SKUS.encode("gb18030"))
    (place / "listings.csv").write_text(LISTINGS, "utf-8-sig")
    (place / "channels.csv").write_text(CHANNELS, "utf-8")
    (place / "商品效果.csv").write_bytes(REPORT.encode("gb18030"))
    return place


def load(workspace: Workspace, *paths: Path, **options: object) -> ImportReport:
    report = run.import_files(workspace, paths, ImportOptions(**options))  # type: ignore[arg-type]
    counts = report.counts
    assert sum(counts[name] for name in ("accepted", "quarantined", "dropped", "unmapped")) == counts["rows_read"]
    return report


def sold(workspace: Workspace) -> dict[tuple[str, str], int]:
    sales = workspace.dataset()["sales"]
    keys = zip(sales["date"].dt.strftime("%m-%d"), sales["sku"].astype(str), strict=True)
    return dict(zip(keys, sales["units_paid"], strict=True))


def test_a_platform_report_under_its_own_ids(workspace: Workspace, folder: Path) -> None:
    report = load(workspace, folder)
    assert report.status == "done", report.as_dict()
    assert sold(workspace) == {("10-01", "A-1"): 5, ("10-01", "B-1"): 4, ("10-02", "A-1"): 7}
    sales = workspace.dataset()["sales"]
    assert sales["amount_paid_fen"].sum() == 370_000
    assert set(sales["channel"].astype(str)) == {"天猫"}
    assert report.counts["dropped"] == 1
    assert report.comparisons and all(entry.reconciled for entry in report.comparisons)


def test_ids_that_nobody_knows_are_listed_and_set_aside(workspace: Workspace, folder: Path) -> None:
    (folder / "listings.csv").write_text("\n".join(LISTINGS.splitlines()[:2]) + "\n", "utf-8")
    report = load(workspace, folder)
    assert report.status == "partial"
    assert report.unmatched.keys() == {"10000000000000000002"}
    assert report.counts["quarantined"] == 1
    wrong = [entry for entry in report.comparisons if not entry.reconciled]
    assert {entry.measure for entry in wrong} >= {"支付件数", "支付金额"}
    assert any("unreconciled" in line for line in workspace.dataset().unreconciled)
    with (workspace.path / report.quarantine[0]).open(encoding="utf-8-sig") as handle:
        rows = list(csv.reader(handle))
    assert rows[-1][1] == "10000000000000000002" and "neither in skus nor in listings" in rows[-1][-1]


def test_a_corrected_quarantine_file_is_added_once(workspace: Workspace, folder: Path) -> None:
    (folder / "listings.csv").write_text("\n".join(LISTINGS.splitlines()[:2]) + "\n", "utf-8")
    report = load(workspace, folder)
    corrected = workspace.path / report.quarantine[0]
    text = corrected.read_text("utf-8-sig").replace("10000000000000000002,乙", "10000000000000000001,乙")
    corrected.write_text(text, "utf-8-sig")
    load(workspace, corrected)
    assert sold(workspace) == {("10-01", "A-1"): 7, ("10-02", "A-1"): 7}
    again = load(workspace, corrected)
    assert again.counts["accepted"] == 0 and again.counts["dropped"] == 1
    assert sold(workspace) == {("10-01", "A-1"): 7, ("10-02", "A-1"): 7}


def test_a_later_export_replaces_its_days_and_says_so(workspace: Workspace, folder: Path) -> None:
    first = load(workspace, folder).snapshot
    assert first is not None
    newer = (
        REPORT.replace(",6,7,￥2100.00,", ",7,9,￥2700.00,")
        .replace("3,700.00", "4,300.00")
        .replace(",11,14,", ",12,16,")
    )
    (folder / "商品效果.csv").write_bytes(newer.encode("gb18030"))
    report = load(workspace, folder)
    merged = report.tables["sales"]
    assert (merged.added, merged.removed, merged.changed) == (0, 0, 1)
    assert merged.totals["units_paid"] == (16, 18)
    found = {entry.table: entry for entry in difference(workspace, first, "current")}
    assert found["sales"].changed == 1 and found["sales"].totals["units_paid"] == (16, 18)
    roll_back(workspace, first[:6])
    assert sold(workspace)[("10-02", "A-1")] == 7
    assert [entry.action for entry in workspace.log()] == ["load", "load", "rollback"]


def test_overlap_can_be_refused(workspace: Workspace, folder: Path) -> None:
    before = load(workspace, folder).snapshot
    (folder / "商品效果.csv").write_bytes(REPORT.replace(",6,7,", ",6,8,").encode("gb18030"))
    with pytest.raises(BadInput, match="loaded before"):
        load(workspace, folder, overlap="refuse")
    assert workspace.current() == before


def test_a_style_report_is_split_by_the_size_curve(workspace: Workspace, folder: Path) -> None:
    (folder / "listings.csv").unlink()
    own = "date,sku,channel,units_paid\n2026-09-01,A-1,天猫,3\n2026-09-01,A-2,天猫,1\n"
    (folder / "商品效果.csv").rename(folder.parent / "later.csv")
    (folder / "sales.csv").write_text(own, "utf-8")
    load(workspace, folder)
    later = folder.parent / "later.csv"
    style = REPORT.replace("10000000000000000001", "A").replace("10000000000000000002", "B-1")
    later.write_bytes(style.encode("gb18030"))
    report = load(workspace, later)
    assert report.accounts[0].estimated == 2
    found = sold(workspace)
    assert found[("10-01", "A-1")] + found[("10-01", "A-2")] == 5
    assert found[("10-01", "A-1")] == 4
    assert workspace.dataset()["sales"]["amount_paid_fen"].sum() == 370_000


def test_master_data_that_nobody_gives_are_made_and_marked(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(REPORT.encode("gb18030"))
    load(workspace, file)
    dataset = workspace.dataset()
    assert set(dataset["skus"]["sku"].astype(str)) == {"10000000000000000001", "10000000000000000002"}
    assert any("skus: not given" in line for line in dataset.assumptions)


def test_what_cannot_be_read_is_named_and_the_rest_is_loaded(workspace: Workspace, folder: Path) -> None:
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 200)
    (folder / "外.csv").symlink_to("/etc/hostname")
    (folder / "杂.csv").write_text("天气,心情\n晴,好\n雨,坏\n", "utf-8")
    report = load(workspace, folder)
    assert report.status == "partial"
    assert {problem.file for problem in report.problems} == {"坏.xlsx", "外.csv"}
    assert report.counts["unmapped"] == 2
    assert len(sold(workspace)) == 3


def test_nothing_that_can_be_read_is_bad_input(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"")
    with pytest.raises(BadInput, match=r"x\.csv"):
        load(workspace, tmp_path / "x.csv")
    with pytest.raises(BadInput, match="no such file"):
        load(workspace, tmp_path / "y.csv")


def test_two_imports_at_once_wait_for_each_other(workspace: Workspace, folder: Path) -> None:
    parts = []
    for day in (3, 4):
        place = folder.parent / f"part{day}.csv"
        place.write_text(f"date,sku,channel,units_paid\n2026-10-0{day},A-1,天猫,{day}\n", "utf-8")
        parts.append(place)
    load(workspace, folder)
    threads = [threading.Thread(target=load, args=(workspace, part)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sold(workspace)
    assert found[("10-03", "A-1")] == 3 and found[("10-04", "A-1")] == 4


def test_an_import_that_waits_too_long_is_refused(
    workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LOCK_SECONDS", 0.1)
    (workspace.path / "data").mkdir()
    with FileLock(str(workspace.path / "data" / ".lock")), pytest.raises(BadInput, match="another import"):
        load(workspace, folder)


@pytest.mark.parametrize("name", ["品类分仓_gb18030", "商家仓库_xlsx"])
def test_public_exports(workspace: Workspace, name: str) -> None:
    if not ZH.is_dir():
        pytest.skip("the data set zh_exports is not beside the checkout (shared/data/zh_exports)")
    report = load(workspace, ZH / name)
    tables = {account.sheet.file[:3]: sorted(account.tables) for account in report.accounts}
    if name.startswith("品类"):
        assert tables["a1."] == ["inventory"] and tables["a2."] == ["sales"] and tables["a3."] == ["warehouses"]
        assert workspace.dataset()["sales"]["units_paid"].sum() > 0
    else:
        assert (tables["附件2"], tables["附件4"]) == (["skus"], ["warehouses"])
        assert tables["附件5"] == tables["附件6"] == ["sales"]
    assert report.counts["quarantined"] == 0


def test_what_is_not_reconciled_is_a_warning(workspace: Workspace, folder: Path) -> None:
    (folder / "商品效果.csv").write_bytes(REPORT.replace("3,700.00", "3,900.00").encode("gb18030"))
    load(workspace, folder)
    found = [entry for entry in health(workspace.dataset()) if entry.kind == "unreconciled"]
    assert len(found) == 1 and found[0].level == "warning" and "3,900.00" in found[0].message


def test_totals_that_the_merchant_enters(workspace: Workspace, folder: Path) -> None:
    totals = "date,channel,units_paid,amount_paid_yuan\n2026-10-01,天猫,16,3900\n"
    (folder / "control_totals.csv").write_text(totals, "utf-8")
    report = load(workspace, folder)
    state = {(entry.place, entry.measure): entry.reconciled for entry in report.comparisons if "天猫" in entry.place}
    assert state == {("天猫 2026-10", "units_paid"): True, ("天猫 2026-10", "amount_paid_yuan"): False}


ORDERS = (
    "主订单编号,子订单编号,商品ID,选购商品,商品数量,商品金额,订单应付金额,"
    "订单提交时间,支付完成时间,订单状态,售后状态,售后类型,退款金额\n{}\n"
)


def order(number: int, day: str, after: str = "-", kind: str = "-", refund: str = "") -> str:
    name = f"69198{number:014d}"
    return f"{name},{name},A-1,甲,1,10.00,10.00,{day} 10:00:00,{day} 10:01:00,已完成,{after},{kind},{refund}"


def test_refund_changes_are_updates(workspace: Workspace, folder: Path) -> None:
    (folder / "商品效果.csv").unlink()
    (folder / "channels.csv").write_text("channel,kind,platform\n抖音,shop,抖音\n", "utf-8")
    (folder / "listings.csv").unlink()
    first = [order(number, "2026-10-01") for number in range(5)] + [order(9, "2026-05-01"), order(8, "2026-05-01")]
    (folder / "订单.csv").write_text(ORDERS.format("\n".join(first)), "utf-8")
    load(workspace, folder)
    assert sold(workspace) == {("05-01", "A-1"): 2, ("10-01", "A-1"): 5}
    later = folder.parent / "售后.csv"
    changed = [
        order(3, "2026-10-01", "退款成功", "退货退款", "10.00"),
        order(9, "2026-05-01", "退款成功", "退货退款", "10.00"),
    ]
    later.write_text(ORDERS.format("\n".join(changed)), "utf-8")
    report = load(workspace, later)
    assert sold(workspace) == {("05-01", "A-1"): 2, ("10-01", "A-1"): 5}
    sales = workspace.dataset()["sales"].set_index("date")
    assert sales.loc["2026-10-01", "units_returned"] == 1 and sales.loc["2026-05-01", "units_returned"] == 0
    assert sales.loc["2026-10-01", "amount_returned_fen"] == 1000
    assert sum(report.tables["sales"].totals["units_paid"]) == 14
