"""Commands for a buyer's morning: what needs a look, how suppliers deliver, and the orders that go out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.interfaces.cli.console import command
from engine.interfaces.cli.options import Config, Json, Ws, opened


def add_watch_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(alerts)
    app.command()(suppliers)
    app.command()(orders)


def alerts(
    ws: Ws,
    config: Config = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as stock_out or overstock.")] = None,
    limit: Annotated[int, typer.Option(help="Rows that the terminal shows; --json gives all.", min=1)] = 25,
    as_json: Json = False,
) -> None:
    """Say what needs a look, most money at stake first, each with its best way out."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_watch import of_kind, show_alerts

        found = of_kind(merchant.alerts(), kind)
        language = merchant.settings.report.language
        content = {"status": "done", **found.as_dict()}
        screen.answer(content, lambda console: show_alerts(console, found, limit, language))


def suppliers(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Grade suppliers by what they delivered, and name the top items that have only one."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_watch import show_suppliers

        found = merchant.suppliers()
        language = merchant.settings.report.language
        screen.answer({"status": "done", **found.as_dict()}, lambda console: show_suppliers(console, found, language))


def orders(
    ws: Ws,
    out: Annotated[Path, typer.Option(help="Folder for one workbook a supplier and one CSV of all lines.")],
    weeks: Annotated[int, typer.Option(help="Order weeks from the first one of the plan.", min=1)] = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Replace files of another content.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Write the next orders as purchase orders; small, trusted, unchanged lines are pre-approved."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_orders import show_handed_out

        found = merchant.hand_out(out, weeks, replace)
        language = merchant.settings.report.language
        screen.answer({"status": "done", **found.as_dict()}, lambda console: show_handed_out(console, found, language))
