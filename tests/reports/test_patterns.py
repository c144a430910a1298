"""Every note that a room can write has Chinese: the templates are collected from the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.reports.patterns import PATTERNS
from engine.reports.words import Words

ROOT = Path(__file__).parents[2]
ROOMS = tuple(f"engine/{room}" for room in ("budget", "forecasting", "replenishment", "simulation", "targets"))
ROOMS += ("models/response",)
LISTS = {"notes", "warnings", "assumed"}
"""Names of the lists in which rooms gather what the reader should know."""
ELSEWHERE = {"engine/forecasting/progress.py"}
"""Told on the terminal by commands of their own, not by a plan."""
FILLED = {
    "12: events and anomalies of days cannot be told": "sales come by the week: events and anomalies of days "
    "cannot be told",
    "no sales at all in 12 of 12 12: taken as a gap in the records, which says nothing of the ads": "no sales at all "
    "in 3 of 104 weeks: taken as a gap in the records, which says nothing of the ads",
    "no 12 amounts in sales: none are taken off": "no returned amounts in sales: none are taken off",
    "targets: out of reach by 12: needs 12, there are 12. 12": "targets: out of reach by supply of S1 until 2027-03-31 "
    "(units): needs 20, there are 12. Find a second supplier, order earlier, or lower the targets of its categories.",
    "12 styles or colours whose sizes state different 12: 12 (12)": "12 styles or colours whose sizes state different "
    "packs: whole packs of all hold (S1)",
}
"""Templates into which not any word fits, filled in."""
LEAST_WORDS = 4


def _prose(node: ast.AST) -> Iterator[str]:
    """Sentences below a node; "12" stands for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "12" for part in node.values)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _prose(child)


def _without_words(function: ast.FunctionDef) -> list[ast.stmt]:
    """The statements below a docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def _told(tree: ast.AST) -> Iterator[ast.AST]:
    """What is added to a list of notes, and what functions of warnings give back."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("append", "extend")
        ):
            if isinstance(node.func.value, ast.Name) and node.func.value.id in LISTS:
                yield from node.args
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in LISTS:
            yield node.value
        elif isinstance(node, ast.FunctionDef) and re.search("warnings|cautions|notes", node.name):
            yield from _without_words(node)


def notes_written() -> list[tuple[str, str]]:
    """(file, sentence) of all rooms."""
    found = set()
    for file in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        name = str(file.relative_to(ROOT))
        tree = ast.parse(file.read_text("utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        every = [statement for node in functions for statement in _without_words(node)]
        body = every if file.name == "cautions.py" else _told(tree)
        said = {text for node in body for text in _prose(node)}
        found |= {(name, text) for text in said if text.count(" ") >= LEAST_WORDS and name not in ELSEWHERE}
    return sorted(found)


NOTES = notes_written()


def test_notes_are_found() -> None:
    assert len(NOTES) > 40 and len({name for name, _ in NOTES}) > 10
    assert set(FILLED) <= {note for _, note in NOTES}


@pytest.mark.parametrize(("name", "note"), NOTES)
def test_a_note_is_told_in_chinese(name: str, note: str) -> None:
    assert re.search("[\\u4e00-\\u9fff]", Words("zh").label(FILLED.get(note, note))), f"{name}: {note}"


@pytest.mark.parametrize(("pattern", "chinese"), PATTERNS)
def test_every_part_that_is_taken_out_is_used(pattern: str, chinese: str) -> None:
    wanted = {int(number) for number in re.findall(r"\{(\d)\}", chinese)}
    assert wanted <= set(range(re.compile(pattern).groups))


def test_no_sentence_is_given_twice() -> None:
    patterns = [pattern for pattern, _ in PATTERNS]
    assert len(set(patterns)) == len(patterns)


def test_what_every_report_of_the_demo_says_has_chinese() -> None:
    assert Words("zh").label("demo merchant: invented data") == "演示商家：数据是虚构的"
