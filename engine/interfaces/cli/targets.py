"""Commands around the targets: the bridge to them, open-to-buy, how far the year has come, and who approved them."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.interfaces.cli.console import command
from engine.interfaces.cli.options import Config, Json, Ws, opened


def add_target_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(bridge)
    app.command()(otb)
    app.command()(progress)
    app.command()(versions)


def bridge(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Say what closes the gap between forecast and target: levers with their reach, cost and owner."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_targets import bridge_dict, show_bridge

        found = merchant.bridge()
        language = merchant.settings.report.language
        screen.answer(bridge_dict(found), lambda console: show_bridge(console, found, language))


def otb(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Say what may be bought by category and month: the open-to-buy that buyers are handed."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_targets import otb_dict, show_otb

        found = merchant.open_to_buy()
        language = merchant.settings.report.language
        screen.answer(otb_dict(found), lambda console: show_otb(console, found, language))


def progress(
    ws: Ws,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Last day that counts; default: the last sales day.")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Hold actuals against targets, with the pace it now takes and how the year may end."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.data import parse_day
        from engine.interfaces.cli.show_targets import progress_dict, show_progress

        found = merchant.progress(parse_day(as_of))
        language = merchant.settings.report.language
        screen.answer(progress_dict(found), lambda console: show_progress(console, found, language))


def versions(
    ws: Ws,
    approve: Annotated[int | None, typer.Option("--approve", help="Number of the version to approve.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who approves it.")] = "",
    as_json: Json = False,
) -> None:
    """List the versions of the targets, proposed and approved; with --approve N --by NAME later stages go by one."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.show_targets import show_versions, versions_dict

        if approve is not None:
            merchant.approve(approve, by)
        found = merchant.versions()
        language = merchant.settings.report.language
        screen.answer(versions_dict(found), lambda console: show_versions(console, found, language))
