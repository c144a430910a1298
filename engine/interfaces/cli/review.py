"""Commands about the year that was and the year to come."""

from __future__ import annotations

import typer

from engine.interfaces.cli.console import command
from engine.interfaces.cli.options import Config, Json, Ws, opened


def add_review_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.command()(review)


def review(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Say what the past year brought against the year before, why, and what its events truly added."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_review import review_dict, show_review

        found = merchant.review()
        language = merchant.settings.report.language
        screen.answer(review_dict(found, language), lambda console: show_review(console, found, language))
