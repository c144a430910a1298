"""The end of an import: sums compared, the snapshot stored, what was refused set aside."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from engine.data.importing.quarantine import origins, remember, write_quarantine
from engine.data.importing.reconcile import Comparison, control_totals
from engine.data.store import Draft

if TYPE_CHECKING:
    from engine.data.importing.flow import Flow


def finish(flow: Flow, loads: Mapping[str, str]) -> None:
    """Count what was not mapped, compare the sums, store the snapshot, set aside what was refused."""
    for account in flow.accounts:
        if not account.mapped:
            for block in account.sheet.blocks():
                account.count(block)
    for account in flow.accounts:
        if account.estimated:
            text = f"{account.estimated:,} rows by style split to SKUs by the size curve: estimated"
            flow.assumptions.append(f"{account.sheet.label}: {text}")
    _compare(flow)
    if any(flow.made.glob("*.parquet")):
        _store(flow, loads)
    _set_aside(flow)


def _compare(flow: Flow) -> None:
    """Sums of what was accepted against the totals of the files and those that the merchant entered."""
    found: list[Comparison] = []
    for place, sums in flow.sums.items():
        account = flow.accounts[place]
        if account.totals and sums.columns:
            without = {*account.refused, *account.left_rows}
            if without:
                for block in account.sheet.blocks():
                    sums.add(block, without, -1)
            found += sums.compare(account.totals, account.sheet.label, account.sheet.names)
    totals = flow.table("control_totals")
    if totals is not None and (sales := flow.table("sales")) is not None:
        found += control_totals(sales, totals)
    flow.report.comparisons += found


def _store(flow: Flow, loads: Mapping[str, str]) -> None:
    """The snapshot: tables of this import and all others as they were."""
    assumptions = dict.fromkeys([*flow.before.get("assumptions", []), *flow.assumptions])
    with flow.workspace.new_snapshot("import", tuple(assumptions)) as draft:
        for file in () if flow.old is None else flow.old.glob("*.parquet"):
            if not (flow.made / file.name).is_file():
                shutil.copyfile(file, draft.folder / file.name)
        for file in flow.made.glob("*.parquet"):
            shutil.copyfile(file, draft.folder / file.name)
        _note(flow, draft, loads)
    flow.report.snapshot = draft.snapshot


def _note(flow: Flow, draft: Draft, loads: Mapping[str, str]) -> None:
    wrong = {entry.place + entry.measure: str(entry) for entry in flow.report.comparisons if not entry.reconciled}
    seen = {entry.place + entry.measure for entry in flow.report.comparisons}
    kept = dict(flow.before.get("unreconciled", {}))
    draft.notes["unreconciled"] = {k: v for k, v in kept.items() if k not in seen} | wrong
    draft.notes["loads"] = dict(loads)
    draft.notes["estimated"] = flow.estimated
    draft.notes["meaning"] = dict(flow.before.get("meaning", {})) | {
        f"{feed.table}/{account.recognition.platform}/{account.recognition.export}": dict(feed.meaning)
        for account in flow.accounts
        for feed in account.recognition.feeds
        if feed.meaning
    }


def _set_aside(flow: Flow) -> None:
    folder = flow.workspace.path / "quarantine" / datetime.now().strftime("%Y%m%d-%H%M%S")
    for account in flow.accounts:
        file = write_quarantine(folder, account)
        if file is not None:
            flow.report.quarantine.append(str(file.relative_to(flow.workspace.path)))
    if flow.additive:
        good = {
            origin
            for account in flow.accounts
            for row, origin in origins(account.sheet).items()
            if row not in account.refused
        }
        remember(flow.ledger, good)
