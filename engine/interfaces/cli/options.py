"""Options that commands share, and the workspace that they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.interfaces.cli.console import Screen, progress_bar

if TYPE_CHECKING:
    from engine.workflow.facade import Merchant

Ws = Annotated[Path, typer.Argument(metavar="WS", help="Folder of the workspace.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings file instead of the workspace's plan.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@contextmanager
def opened(screen: Screen, ws: Path, config: Path | None = None) -> Iterator[Merchant]:
    """A workspace, with a progress display around the work."""
    from engine.workflow.facade import Merchant

    with progress_bar(screen) as progress:
        yield Merchant(ws, config, progress)
