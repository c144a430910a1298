"""What is believed of ad channels before the data are seen, from a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from engine.budget.settings import ChannelBelief
from engine.plans.errors import BadInput, Problem
from models.response.forms import PLAIN, Form
from models.response.priors import Belief

EXPECTED = "lines such as `search: {roi: [1.5, 4], half_week_yuan: [2e4, 8e4], carryover: [0.1, 0.4]}`"


def read_beliefs(file: Path, spend: tuple[str, ...], forms: Mapping[str, Form]) -> dict[str, Belief]:
    """Ranges by ad channel, in the words of ``budget.response`` in plan.yaml; raises BadInput."""
    try:
        found = TypeAdapter(dict[str, ChannelBelief]).validate_python(yaml.safe_load(file.read_text("utf-8")))
    except FileNotFoundError:
        raise BadInput([Problem(str(file), "there is no such file")]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput([Problem(file.name, f"is not valid YAML: {error}", expected=EXPECTED)]) from None
    except ValidationError as error:
        raise BadInput([_problem(file.name, entry) for entry in error.errors()]) from None
    problems = [
        Problem(file.name, "names no column of spend", value=name, expected=", ".join(spend))
        for name in found
        if name not in spend
    ]
    problems += [
        Problem(file.name, "carryover is for geometric only / carryover 仅用于 geometric", column=f"{name}.carryover")
        for name, told in found.items()
        if told.carryover is not None and forms.get(name, PLAIN).carry != "geometric"
    ]
    if problems:
        raise BadInput(problems)
    return {name: told.belief for name, told in found.items()}


def _problem(file: str, error: Mapping[str, object]) -> Problem:
    place = error["loc"]
    column = ".".join(map(str, place)) if isinstance(place, tuple) else str(place)
    return Problem(file, str(error["msg"]), column=column or None, value=repr(error["input"])[:80], expected=EXPECTED)
