"""What a command prints, and its exit code."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

DONE, BUG, BAD_INPUT, INFEASIBLE = 0, 1, 2, 3
Report = Callable[[str, str, float], None]


class Screen:
    """Prints for a person, or exactly one JSON object for a program."""

    def __init__(self, as_json: bool) -> None:
        from rich.console import Console

        self.as_json = as_json
        self.console = Console(stderr=as_json, highlight=False)
        self._stdout = sys.stdout.fileno() if not as_json else os.dup(1)

    def answer(self, content: Mapping[str, Any], show: Callable[[Console], None]) -> None:
        """The result of a command."""
        if not self.as_json:
            show(self.console)
            return
        text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False) + "\n"
        with os.fdopen(os.dup(self._stdout), "w", encoding="utf-8") as stream:
            stream.write(text)


@contextmanager
def command(as_json: bool) -> Iterator[Screen]:
    """Run a command's body: a user's mistake becomes a message and an exit code, never a stack trace.

    With ``--json`` everything that libraries print goes to stderr, so that stdout holds the answer alone.
    """
    from engine.plans.errors import BadInput, Infeasible, MissingInput

    screen = Screen(as_json)
    if as_json:
        sys.stdout.flush()
        os.dup2(2, 1)
    try:
        yield screen
    except BadInput as error:
        problems = [problem.as_dict() for problem in error.problems]
        _fail(screen, {"status": "bad_input", "problems": problems}, str(error), BAD_INPUT)
    except MissingInput as error:
        _fail(screen, {"status": "skipped", "message": str(error)}, str(error), BAD_INPUT)
    except Infeasible as error:
        relaxations = [asdict(entry) for entry in error.relaxations]
        _fail(screen, {"status": "infeasible", "relaxations": relaxations}, str(error), INFEASIBLE)
    except KeyboardInterrupt:
        screen.console.print("stopped; the last finished plans and data are untouched")
        raise SystemExit(130) from None


@contextmanager
def progress_bar(screen: Screen) -> Iterator[Report]:
    """A progress display on stderr where a person is watching; yields the function to be told of progress."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    watcher = Console(stderr=True)
    if screen.as_json or not watcher.is_terminal:
        yield lambda stage, message, share: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=watcher, transient=True) as bar:
        tasks: dict[str, Any] = {}

        def told(stage: str, message: str, share: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=1.0)
            bar.update(tasks[stage], completed=share, description=f"{stage}: {message}")

        yield told


def plain(value: Any) -> Any:
    """Make a value fit for JSON: dates as ISO text, numpy numbers as numbers, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, bool | str | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "isoformat") or isinstance(value, date):
        return str(value.isoformat())[:10]
    if hasattr(value, "item"):
        return plain(value.item())
    return str(value) if isinstance(value, Path) else repr(value)


def _fail(screen: Screen, content: Mapping[str, Any], text: str, code: int) -> None:
    from rich.console import Console

    if screen.as_json:
        screen.answer(content, lambda console: None)
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)
    raise SystemExit(code)
