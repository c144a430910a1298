"""The sheets of one import on their way into a snapshot."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from engine.data.findings import Findings
from engine.data.importing.accounts import SheetAccount
from engine.data.importing.ending import finish
from engine.data.importing.feeds import feed_rows
from engine.data.importing.mapping import MAPPING_FILE, read_mapping, write_proposals
from engine.data.importing.masters import SOURCES, missing_masters, named_masters
from engine.data.importing.maturity import mature_returns
from engine.data.importing.merge import TableMerge
from engine.data.importing.model import Feed, Rows, Sheet
from engine.data.importing.options import ImportOptions, ImportReport
from engine.data.importing.policy import is_fact, ordered_tables
from engine.data.importing.quarantine import origins, taken
from engine.data.importing.recognise import Context, recognise
from engine.data.importing.reconcile import Sums
from engine.data.importing.resolve import Resolver, resolve
from engine.data.importing.staging import Staged, typed
from engine.data.importing.updates import ORDER_LINES, PART, complete_days
from engine.data.rules import GROUP_RULES
from engine.data.store import Workspace, read_table, write_parquet
from engine.data.tables import TABLES
from engine.plans.errors import BadInput, Problem

Tell = Callable[[str, float], None]
LATE = ("orders", "live_streams")
"""Tables that are not facts of this module and yet name goods by the platforms' ids."""


class Flow:
    """The sheets of one import on their way into a snapshot; ``additive``: they are corrections."""

    def __init__(
        self, workspace: Workspace, options: ImportOptions, report: ImportReport, tell: Tell, additive: bool
    ) -> None:
        self.workspace, self.options, self.report, self.tell, self.additive = workspace, options, report, tell, additive
        parent = workspace.current_or_none()
        self.old = None if parent is None else workspace.snapshot_folder(parent)
        self.scratch = Path(tempfile.mkdtemp(prefix=".import-", dir=workspace.path))
        self.made = self.scratch / "tables"
        self.made.mkdir()
        self.staged = Staged(self.scratch)
        self.sums: dict[int, Sums] = {}
        self.accounts: list[SheetAccount] = []
        self.assumptions: list[str] = []
        self.before = {} if self.old is None else workspace.manifest(self.old.name)
        self.estimated: list[str] = list(self.before.get("estimated", []))

    def run(self, sheets: Sequence[Sheet], loads: Mapping[str, str]) -> None:
        try:
            self._recognise(sheets)
            if self.additive:
                self._leave_taken()
            self._masters()
            self._facts()
            self._estimate_returns()
            self._check_groups()
            finish(self, loads)
        finally:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _recognise(self, sheets: Sequence[Sheet]) -> None:
        mapping = read_mapping(self.workspace.path / MAPPING_FILE)
        context = Context(self.table("channels"), self.options.channel, mapping, self.options.columns)
        self.accounts = [SheetAccount(sheet, recognise(sheet, context)) for sheet in sheets]
        if any(feed.table == "channels" for account in self.accounts for feed in account.recognition.feeds):
            self._stage_table("channels")
            self._merge("channels")
            context = replace(context, channels=self.table("channels"))
            for account in self.accounts:
                if account.recognition.source not in ("own", "mapping"):
                    account.recognition = recognise(account.sheet, context)
        self.report.accounts += self.accounts
        for account in self.accounts:
            known = account.recognition
            kind = f"{known.platform} {known.export}".strip() or account.sheet.label
            self.assumptions += [f"{kind}: {note}" for note in known.notes]
        write_proposals(self.workspace.path / MAPPING_FILE, [(a.sheet, a.recognition) for a in self.accounts])

    def table(self, name: str) -> pd.DataFrame | None:
        """A table as this import has left it, else as it was."""
        file = self._file(name)
        return None if file is None else read_table(file, TABLES[name])

    def _file(self, name: str) -> Path | None:
        places = [self.made, *([self.old] if self.old is not None else [])]
        return next((place / f"{name}.parquet" for place in places if (place / f"{name}.parquet").is_file()), None)

    def _leave_taken(self) -> None:
        """Corrected rows that were loaded already are not added again."""
        done = taken(self.ledger)
        for account in self.accounts:
            for row, origin in origins(account.sheet).items():
                if origin in done:
                    account.skip.add(row)
                    account.dropped["was loaded already"] += 1

    @property
    def ledger(self) -> Path:
        return self.workspace.path / "quarantine" / "taken.json"

    def _masters(self) -> None:
        """What others refer to, each table whole before the next."""
        for name in ordered_tables():
            if not is_fact(name) and name not in LATE and name != "channels":
                self._stage_table(name)
                self._merge(name)

    def _facts(self) -> None:
        """All facts first: where the merchant gives no master data, they are made from them."""
        late = [name for name in ordered_tables() if is_fact(name) or name in LATE]
        for name in late:
            self._stage_table(name)
        feeds = [feed for account in self.accounts for feed in account.recognition.feeds]
        for name, rows in named_masters(feeds, self._master_names).items():
            self._assume(name, rows, f"{name}: {', '.join(rows.frame.iloc[:, 0])} added, named by the import alone")
        for name, rows in missing_masters(self.staged, lambda table: self._file(table) is not None).items():
            self._assume(name, rows, f"{name}: not given, made from the {len(rows.rows):,} that occur")
        left = self._complete_orders()
        for name in late:
            self._merge(name, left if name == "sales" else ())

    def _complete_orders(self) -> Sequence[tuple[int, int]]:
        """Order lines of earlier loads for days of which this one holds a part."""
        staged = [self.staged.parts(name) for name in ("sales", "orders")]
        done = complete_days(staged[0], staged[1], self._file("sales"), self._file("orders"))
        if done.carried is not None:
            self.staged.add("sales", done.carried, -1, ORDER_LINES)
        return done.left

    def _assume(self, name: str, rows: Rows, note: str) -> None:
        """Master rows that no file gives."""
        for file in self.staged.parts(name):
            file.unlink()
        self.staged.add(name, typed(rows), -1, 0)
        before = self.report.tables.get(name)
        self._merge(name)
        if before is not None:
            self.report.tables[name].old = before.old
            self.report.tables[name].added += before.added
            self.report.tables[name].changed += before.changed
        self.assumptions.append(note)
        self.report.notes.append(note)

    def _master_names(self, name: str) -> frozenset[str] | None:
        table = self.table(name)
        return None if table is None else frozenset(table[SOURCES[name][0]].astype(str))

    def _stage_table(self, name: str) -> None:
        """Stage the rows of every sheet that feeds a table."""
        jobs = [
            (place, feed)
            for place, account in enumerate(self.accounts)
            for feed in account.recognition.feeds
            if feed.table == name
        ]
        resolver = self._resolver() if jobs and name != "skus" else None
        for done, (place, feed) in enumerate(jobs):
            self.tell(f"loading {self.accounts[place].sheet.label}", 0.1 + 0.8 * done / len(jobs))
            self._stage_sheet(place, feed, resolver)

    def _resolver(self) -> Resolver:
        skus, listings = self.table("skus"), self.table("listings")
        sold = {} if self.old is None or "sales" not in self._names(self.old) else _sold(self.old / "sales.parquet")
        return Resolver.of(skus, listings, sold)

    def _names(self, folder: Path) -> set[str]:
        return {file.stem for file in folder.glob("*.parquet")}

    def _stage_sheet(self, place: int, feed: Feed, resolver: Resolver | None) -> None:
        account = self.accounts[place]
        first = account.rows_read == 0
        sums = Sums.of(feed)
        rank = ORDER_LINES if feed.kind == "order_lines" else 0
        try:
            for block in account.sheet.blocks():
                if first:
                    account.count(block)
                sums.add(block)
                for rows in feed_rows(feed, block):
                    self._stage_rows(place, rows, resolver, rank)
        except BadInput as error:
            self.staged.forget(place)
            account.fail()
            self.report.problems += error.problems
            return
        if sums.columns:
            self.sums[place] = sums

    def _stage_rows(self, place: int, rows: Rows, resolver: Resolver | None, rank: int) -> None:
        account = self.accounts[place]
        account.refuse(rows.broken)
        rows = _without(rows, account.skip)
        if resolver is not None:
            resolved = resolve(rows, resolver)
            rows = resolved.rows
            account.split[rows.table] += resolved.estimated
            account.refuse(resolved.refused)
            for name, count in resolved.unmatched.items():
                self.report.unmatched[name] = self.report.unmatched.get(name, 0) + count
        part = typed(rows)
        account.refuse(part.refused)
        account.tables.add(rows.table)
        self.staged.add(rows.table, part, place, rank)

    def _merge(self, name: str, left: Sequence[tuple[int, int]] = ()) -> None:
        """The next state of a table from what was staged for it; ``left``: sheet and row of what must not count."""
        parts = self.staged.parts(name)
        if not parts:
            return
        table = TABLES[name]
        targets = {}
        for reference in table.references:
            file = self._file(reference.table)
            if file is not None and reference.table != name and pq.read_metadata(file).num_rows:
                targets[reference.column] = (file, reference.target)
        old = self._file(name)
        target = self.made / f"{name}.new"
        merge = TableMerge(table, parts, old, self.scratch, self.additive)
        merge.leave(left, PART)
        done = merge.run(targets, target)
        target.rename(self.made / f"{name}.parquet")
        self.report.tables[name] = done
        for gone in done.excluded:
            if gone.sheet >= 0 and gone.dropped:
                self.accounts[gone.sheet].leave(gone.row, gone.reason)
            elif gone.sheet >= 0:
                self.accounts[gone.sheet].refuse_row(gone.row, gone.reason)
        if self.options.overlap == "refuse" and is_fact(name) and (done.removed or done.changed):
            message = f"days loaded before would change: {done.changed:,} rows changed, {done.removed:,} gone"
            remedy = "Import with --overlap replace, or leave these days out."
            raise BadInput([Problem(name, message, remedy=remedy)])

    def _estimate_returns(self) -> None:
        """Return behaviour where the merchant states none: the delay curve matures recent refunds."""
        given = "returns" in self.report.tables or (self._file("returns") is not None and not self.estimated)
        touched = {"sales", "orders"} & set(self.report.tables)
        sales, skus = self.table("sales"), self.table("skus")
        if given or not touched or sales is None or skus is None or "units_returned" not in sales:
            return
        returns = mature_returns(self.table("orders"), sales, skus, pd.Timestamp(sales["date"].max()))
        if len(returns):
            write_parquet(returns, self.made / "returns.parquet")
            self.estimated = ["returns"]
            self.assumptions.append("returns: not given, estimated from sales and order lines, recent ones matured")

    def _check_groups(self) -> None:
        """Rules that rows can break only together are told, not repaired."""
        changed = [name for name in GROUP_RULES if (self.made / f"{name}.parquet").is_file()]
        tables = {
            name: table
            for name in TABLES
            if changed and not is_fact(name) and name != "orders"
            for table in [self.table(name)]
            if table is not None
        }
        if "media" in changed and (media := self.table("media")) is not None:
            tables["media"] = media
        for name in changed:
            found = Findings(name)
            for rule in GROUP_RULES[name]:
                rule(tables[name], tables, found)
            self.report.problems += found.problems


def _without(rows: Rows, skip: set[int]) -> Rows:
    """The rows but those numbers."""
    if not skip:
        return rows
    keep = ~np.isin(rows.rows, list(skip))
    grain = None if rows.grain is None else rows.grain[keep].reset_index(drop=True)
    return replace(rows, frame=rows.frame[keep].reset_index(drop=True), rows=rows.rows[keep], grain=grain)


def _sold(file: Path) -> dict[str, float]:
    """Units by SKU in the history, for size curves."""
    table = pq.read_table(file, columns=["sku", "units_paid"])
    sums = table.group_by("sku").aggregate([("units_paid", "sum")])
    return dict(zip(sums["sku"].to_pylist(), sums["units_paid_sum"].to_pylist(), strict=True))
