"""How good the merchant's data is: what stands, what is doubtful, what is missing, and what that does to the plans."""

from __future__ import annotations

from engine.data.checks import CHECKS, LEVELS, Facts, Finding, tell
from engine.data.checks.coverage import ENABLES
from engine.data.dataset import Dataset

__all__ = ["ENABLES", "Finding", "health"]


def health(dataset: Dataset) -> list[Finding]:
    """Findings on the tables as of the dataset's cutoff, the worst first.

    An error makes a plan wrong, a warning makes it doubtful, a note says what stands or what would help. Nothing is
    changed or left out of the data. Cost is linear in the rows.
    """
    facts = Facts(dataset)
    findings = [finding for check in CHECKS for finding in check(facts)]
    findings += [finding for line in dataset.unreconciled for finding in tell("unreconciled", 1, text=line)]
    findings += [finding for line in dataset.assumptions for finding in tell("assumption", 1, text=line)]
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))
