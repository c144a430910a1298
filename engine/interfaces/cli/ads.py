"""Commands about what ads bring."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.interfaces.cli.console import command
from engine.interfaces.cli.options import Config, Json, Ws, opened


def add_ads_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(response)


def response(
    ws: Ws,
    config: Config = None,
    checks: Annotated[bool, typer.Option(help="Hold weeks out and try a made-up channel.")] = True,
    as_json: Json = False,
) -> None:
    """Say what each ad channel brings, with 90 % intervals, and how far the data can tell."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_response import response_dict, show_response

        found = merchant.response(checks)
        language = merchant.settings.report.language
        screen.answer(response_dict(found), lambda console: show_response(console, found, language))
