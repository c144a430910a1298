"""The whole road: the demo merchant's platform exports, imported, are its tables to the last unit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.importing.options import ImportOptions, ImportReport
from engine.data.importing.run import import_files
from engine.data.platform_run import with_platform_orders
from engine.data.store import Workspace
from engine.data.tables import TABLES
from engine.data.validate import validate
from engine.demo import DemoSettings, make_merchant
from engine.demo.exports import write_exports
from engine.workflow.create import create_workspace

Loaded = tuple[dict[str, pd.DataFrame], Path, Workspace, ImportReport]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Tables as made, the folder of exports, the workspace that read it, and its report."""
    folder = tmp_path_factory.mktemp("merchant")
    settings = DemoSettings(skus=20, days=61, order_days=35, seed=11)
    made, problems = validate(make_merchant(settings).tables)
    assert not problems
    write_exports(made, folder / "exports", settings.seed)
    workspace = create_workspace(folder / "workspace")
    return made, folder / "exports", workspace, import_files(workspace, [folder / "exports"], ImportOptions())


def comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in one order, whatever the unit of dates and the order of categories."""
    whole = dict.fromkeys(frame.select_dtypes("category"), str)
    days = dict.fromkeys(frame.select_dtypes("datetime"), "datetime64[s]")
    plain = frame.astype(whole | days)
    return plain.sort_values(list(plain.columns), ignore_index=True)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_comes_back(loaded: Loaded, name: str) -> None:
    made, _, workspace, _ = loaded
    found, whole = workspace.dataset(), with_platform_orders(Dataset(made, "made"))
    assert (name in found.tables) == (name in made)
    if name in made:
        pd.testing.assert_frame_equal(comparable(found.tables[name]), comparable(whole.tables[name]))


def test_every_row_is_accounted_for_and_totals_agree(loaded: Loaded) -> None:
    report = loaded[3]
    counts = report.counts
    assert counts["quarantined"] == counts["unmapped"] == 0
    assert counts["rows_read"] == counts["accepted"] + counts["dropped"]
    assert report.comparisons and all(entry.reconciled for entry in report.comparisons)


def test_the_same_exports_again_change_nothing(loaded: Loaded) -> None:
    _, folder, workspace, first = loaded
    again = import_files(workspace, [folder], ImportOptions())
    assert again.snapshot == first.snapshot == workspace.current()
