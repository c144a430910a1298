"""Messages name everything at once."""

from __future__ import annotations

from engine.plans.errors import BadInput, Infeasible, Problem, Relaxation


def test_problem_says_where_what_expected_and_remedy() -> None:
    problem = Problem("sales.csv", "is not a date", 7, "date", "31.02.2026", "a date such as 2026-02-28", "Correct it.")
    assert str(problem) == (
        "sales.csv, row 7, column date: is not a date (found: 31.02.2026); expected a date such as 2026-02-28. "
        "Correct it."
    )
    assert problem.as_dict()["row"] == 7


def test_bad_input_lists_all() -> None:
    text = str(BadInput([Problem("a.csv", "is empty"), Problem("b.csv", "is empty")]))
    assert text.startswith("2 problems:") and "a.csv" in text and "b.csv" in text


def test_infeasible_names_the_amount() -> None:
    text = str(Infeasible([Relaxation("cash in week 3", 1234.5, "yuan", "Add cash.")]))
    assert "cash in week 3: 1,234.50 yuan. Add cash." in text
