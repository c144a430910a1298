"""The data sets of the studies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.data.dataset import Dataset
from engine.data.readers import completejourney, m5, vn2
from engine.data.readers.source import Source
from engine.data.store import Workspace
from engine.demo import DemoSettings, make_merchant
from models.panel import Frequency, periods_a_week

WEEKS = {"completejourney": 2, "vn2": 3}
OTHER_WEEKS = 4


@dataclass(frozen=True)
class Case:
    """A data set with the weeks ahead that are judged."""

    name: str
    dataset: Dataset
    frequency: Frequency
    weeks: int

    @property
    def horizon(self) -> int:
        """Periods ahead."""
        return self.weeks * periods_a_week(self.frequency)

    def without(self, table: str) -> Case:
        """The same case of a merchant who does not give that table."""
        tables = {name: frame for name, frame in self.dataset.tables.items() if name != table}
        return replace(self, dataset=Dataset(tables, "study", assumptions=self.dataset.assumptions))


def load(entry: str, products: int, seed: int, stores: list[str] | None = None) -> Case:
    """``demo``, ``completejourney``, ``vn2=DIR``, ``m5=DIR`` or ``workspace=DIR``; ``products`` for the first two."""
    name, _, folder = entry.partition("=")
    weeks = WEEKS.get(name, OTHER_WEEKS)
    if name == "demo":
        return Case(name, Dataset(make_merchant(DemoSettings(skus=products, seed=seed)).tables, "demo"), "D", weeks)
    if name == "workspace":
        return Case(name, Workspace.open(folder).dataset(), "D", weeks)
    if name == "m5":
        return Case(name, _dataset(m5(Path(folder), stores)), "D", weeks)
    if name == "vn2":
        return Case(name, _dataset(vn2(Path(folder))), "W", weeks)
    if name == "completejourney":
        return Case(name, _dataset(completejourney(products)), "W", weeks)
    raise ValueError(f"{entry}: give demo, completejourney, vn2=DIR, m5=DIR or workspace=DIR")


def _dataset(source: Source) -> Dataset:
    return Dataset(source.tables, "study", assumptions=source.assumptions)
