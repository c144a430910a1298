"""Commands by which people question the forecast and change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.interfaces.cli.console import command
from engine.interfaces.cli.options import Config, Json, Ws, opened

if TYPE_CHECKING:
    from engine.plans.errors import BadInput, Problem

override_app = typer.Typer(help="Say better than the model, and see later who was right.", no_args_is_help=True)
Channel = Annotated[str | None, typer.Option(help="Only this sales channel.")]


def add_people_commands(app: typer.Typer) -> None:
    """Register the commands of this module."""
    app.add_typer(override_app, name="override")
    app.command()(explain)
    app.command()(whatif)


@override_app.command("add")
def override_add(
    ws: Ws,
    set_: Annotated[str | None, typer.Option("--set", help="Units of the whole level and period.")] = None,
    scale: Annotated[str | None, typer.Option("--scale", help="Factor, 1.2 for a fifth more.")] = None,
    cap: Annotated[str | None, typer.Option("--cap", help="At most so many units in all.")] = None,
    add: Annotated[str | None, typer.Option("--add", help="So many units more (or less) in all.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    author: Annotated[str | None, typer.Option(help="Who says so.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="Last day of data on which plans use it (default: the last day).")
    ] = None,
    channel: Channel = None,
    category: Annotated[str | None, typer.Option(help="Only this category.")] = None,
    brand: Annotated[str | None, typer.Option(help="Only this brand.")] = None,
    spu: Annotated[str | None, typer.Option(help="Only this SPU.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only this SKU.")] = None,
    as_json: Json = False,
) -> None:
    """Change the forecast of a level and period; plans use it from the next run on."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.show_people import override_dict, show_override
        from engine.plans.errors import BadInput

        asked = {"set": set_, "scale": scale, "cap": cap, "add": add}
        said = {kind: value for kind, value in asked.items() if value is not None}
        kind, value = next(iter(said.items())) if len(said) == 1 else (None, None)
        filters = {"channel": channel, "category": category, "brand": brand, "spu": spu, "sku": sku}
        cells = {"start": start, "end": end, "author": author, "reason": reason, "expires": expires, **filters}
        try:
            made = merchant.override(kind=kind, value=value, **cells)
        except BadInput as error:
            raise BadInput(_without_kind(error, said)) from None
        content = {"status": "done", "override": override_dict(made)}
        screen.answer(content, lambda console: show_override(console, made, "plans use it from the next run on"))


@override_app.command("list")
def override_list(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """List all overrides and whether they are in force."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.data.overrides import today
        from engine.interfaces.cli.show_people import override_dict, show_overrides

        day = today(merchant.dataset)
        rows = [override_dict(entry, day) for entry in merchant.settings.overrides]
        screen.answer({"status": "done", "overrides": rows}, lambda console: show_overrides(console, rows))


@override_app.command("remove")
def override_remove(
    ws: Ws, number: Annotated[int, typer.Argument(metavar="ID", help="As `list` shows it.")], as_json: Json = False
) -> None:
    """Take an override back; it stays in the list."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.show_people import override_dict, show_override

        gone = merchant.remove_override(number)
        content = {"status": "done", "override": override_dict(gone)}
        screen.answer(content, lambda console: show_override(console, gone, "taken back"))


@override_app.command("fva")
def override_fva(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Forecast value added: error before and after each override, once its period has sold."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_people import show_value_added

        found = merchant.value_added()
        content = {
            "status": "done",
            "overrides": found.overrides.to_dict("records"),
            "groups": found.groups.to_dict("records"),
            "waiting": list(found.waiting),
        }
        screen.answer(content, lambda console: show_value_added(console, found))


def explain(
    ws: Ws,
    sku: Annotated[str | None, typer.Option(help="The SKU whose forecast is asked about.")] = None,
    date: Annotated[str | None, typer.Option(help="2026-11-11, 2026-W45, 2026-11 or 2026-11-01..2026-11-11")] = None,
    order: Annotated[str | None, typer.Option(help="Instead: number of an order line, or SKU@WAREHOUSE.")] = None,
    ad_channel: Annotated[str | None, typer.Option(help="Instead: an ad channel of the budget.")] = None,
    channel: Channel = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say why a forecast, an order or an ad budget is what it is, and what to look at before believing it."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_orders import show_line
        from engine.interfaces.cli.show_people import show_explanation
        from engine.plans.errors import BadInput, Problem

        language = merchant.settings.report.language
        if ad_channel is not None and order is None and sku is None and date is None:
            from engine.interfaces.cli.show_budget import show_channel

            reasons = merchant.explain_ads(ad_channel)
            screen.answer(
                {"status": "done", **reasons.as_dict()}, lambda console: show_channel(console, reasons, language)
            )
            return
        if order is not None and ad_channel is None and sku is None and date is None:
            line = merchant.explain_order(order)
            screen.answer({"status": "done", **line.as_dict()}, lambda console: show_line(console, line, language))
            return
        if order is not None or ad_channel is not None or sku is None or date is None:
            expected = "either --sku and --date, or --order, or --ad-channel"
            raise BadInput([Problem("explain", "needs to know which number to explain", expected=expected)])
        found = merchant.explain(sku, date, channel)
        content = {"status": "done", **found.as_dict()}
        screen.answer(content, lambda console: show_explanation(console, found, language))


def whatif(
    ws: Ws,
    drivers: Annotated[Path, typer.Option(help="YAML with prices, promotions and ad spend to try.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Ask what other prices, promotions and ad spend would sell, against the announced ones."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_people import show_what_if, what_if_dict

        found = merchant.what_if(drivers)
        language = merchant.settings.report.language
        screen.answer(what_if_dict(found), lambda console: show_what_if(console, found, language))


def _without_kind(error: BadInput, said: dict[str, str]) -> list[Problem]:
    """The problems in the words of the command line: the kind is an option of its own."""
    from dataclasses import replace

    from engine.plans.errors import Problem

    names = {"start": "--from", "end": "--to", "value": f"--{next(iter(said), '')}"}
    problems = [
        entry if entry.column is None else replace(entry, column=names.get(entry.column, f"--{entry.column}"))
        for entry in error.problems
        if len(said) == 1 or entry.column not in ("kind", "value")
    ]
    if len(said) != 1:
        message = "says not what to do" if not said else "says several things at once"
        problems.insert(0, Problem("the override", message, expected="one of --set | --scale | --cap | --add"))
    return problems
