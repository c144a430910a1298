"""The commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.interfaces.cli.ads import add_ads_commands
from engine.interfaces.cli.console import INFEASIBLE, Screen, command
from engine.interfaces.cli.options import Config, Json, Ws, opened
from engine.interfaces.cli.people import add_people_commands
from engine.interfaces.cli.review import add_review_commands
from engine.interfaces.cli.targets import add_target_commands
from engine.interfaces.cli.watch import add_watch_commands

if TYPE_CHECKING:
    from rich.console import Console

    from engine.workflow.facade import Merchant
    from engine.workflow.pipeline import RunResult

app = typer.Typer(
    name="yunchou",
    help="Yunchou 运筹: from a merchant's files to targets, orders and ad budgets, with the proof beside them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

data_app = typer.Typer(help="What was loaded when, and the way back.", no_args_is_help=True)
app.add_typer(data_app, name="data")

add_people_commands(app)
add_ads_commands(app)
add_watch_commands(app)
add_review_commands(app)
add_target_commands(app)


def main() -> None:
    """Entry point."""
    app()


@app.command()
def init(
    ws: Ws,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the source, where it has one.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="demo | csv DIR | m5 DIR | vn2 DIR | completejourney")
    ] = None,
    skus: Annotated[int | None, typer.Option(help="demo: number of SKUs.")] = None,
    days: Annotated[int | None, typer.Option(help="demo: days of history.")] = None,
    seed: Annotated[int | None, typer.Option(help="demo: seed of the merchant.")] = None,
    stores: Annotated[str | None, typer.Option(help="m5: stores such as CA_1,TX_2 (default: all).")] = None,
    items: Annotated[int | None, typer.Option(help="m5: only the first so many items of each store.")] = None,
    truth: Annotated[Path | None, typer.Option(help="demo: write the hidden truth to this folder.")] = None,
    as_exports: Annotated[
        Path | None, typer.Option("--as-exports", help="demo: also write the files that its platforms would export.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a workspace: an empty one, or with tables from a source."""
    with command(as_json) as screen:
        from engine.interfaces.cli.show import show_init
        from engine.interfaces.cli.sources import SourceOptions, load_source
        from engine.workflow.create import create_workspace

        options = SourceOptions(folder, skus, days, seed, stores, items, truth, as_exports, workspace=ws)
        loaded = load_source(source, options) if source else None
        workspace = create_workspace(ws, loaded, source or "")
        tables = {} if loaded is None else {name: len(table) for name, table in sorted(loaded.tables.items())}
        notes = [] if loaded is None else list(loaded.assumptions)
        content = {"status": "done", "workspace": str(ws), "tables": tables, "notes": notes}
        screen.answer(content, lambda console: show_init(console, workspace.path, tables, notes))


@app.command()
def check(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Say what is good and bad about the data and what it does to the plans."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show import finding_dict, show_findings

        findings = merchant.check()
        page = merchant.write_health(findings)
        content = {"status": "done", "findings": [finding_dict(finding) for finding in findings], "files": [str(page)]}
        screen.answer(content, lambda console: show_findings(console, findings, page))


@app.command(name="import")
def import_(
    ws: Ws,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, or a database such as sqlite:///erp.db.")
    ],
    channel: Annotated[str | None, typer.Option(help="Sales channel of files that name none.")] = None,
    columns: Annotated[
        str | None, typer.Option("--map", help='Headers that nobody knows: "表头=column,..." of the contract.')
    ] = None,
    overlap: Annotated[str, typer.Option(help="Days that were loaded before: replace | refuse.")] = "replace",
    query: Annotated[str | None, typer.Option(help="What the database is asked: one SELECT.")] = None,
    as_json: Json = False,
) -> None:
    """Load exports of platforms and ERPs as they are; what cannot be loaded is counted and set aside."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.data import import_options, show_import

        report = merchant.load(*paths, options=import_options(channel, columns, overlap, query))
        screen.answer(report.as_dict(), lambda console: show_import(console, report))


@app.command()
def sql(
    ws: Ws,
    statement: Annotated[str, typer.Argument(metavar="SELECT", help="One SELECT over the tables.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Only what was known at the end of this day.")] = None,
    as_json: Json = False,
) -> None:
    """Ask the data in SQL; nothing can be changed by it."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.data import parse_day, show_answer

        answer = merchant.query(statement, parse_day(as_of))
        content = {"status": "done", "columns": list(answer.columns), "rows": answer.to_dict("records")}
        screen.answer(content, lambda console: show_answer(console, answer))


@app.command()
def backtest(
    ws: Ws,
    config: Config = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fit once, at the first origin; then only add days.")] = False,
    as_json: Json = False,
) -> None:
    """Errors of the forecast, its parts and simple yardsticks at past origins."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show import show_backtest

        table = merchant.backtest(quick)
        content = {"status": "done", "backtest": table.to_dict("records")}
        screen.answer(content, lambda console: show_backtest(console, table))


@app.command()
def forecast(
    ws: Ws,
    config: Config = None,
    at: Annotated[
        str | None, typer.Option(help="'2026-11-11 03:00': only update event days, from event_progress until then.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Forecast demand by SKU and sales channel, with its uncertainty."""
    if at is None:
        _stage(ws, config, as_json, "forecast")
        return
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_event import reforecast_dict, show_reforecast

        found = merchant.reforecast(at)
        language = merchant.settings.report.language
        screen.answer(reforecast_dict(found), lambda console: show_reforecast(console, found, language))


@app.command()
def targets(
    ws: Ws,
    config: Config = None,
    calendar: Annotated[
        Path | None, typer.Option("--calendar", help="Compare: the year under this calendar ...")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="... against this one; default: as it stands.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Set next year's targets by month, channel, category and SKU; or compare two calendars of events."""
    if calendar is None and against is None:
        _stage(ws, config, as_json, "targets")
        return
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        from engine.interfaces.cli.show_calendars import calendars_dict, show_calendars

        found = merchant.calendars(calendar, against)
        language = merchant.settings.report.language
        screen.answer(calendars_dict(found), lambda console: show_calendars(console, found, language))


@app.command()
def budget(
    ws: Ws,
    config: Config = None,
    frontier: Annotated[bool, typer.Option("--frontier", help="Show what other budgets would buy.")] = False,
    as_json: Json = False,
) -> None:
    """Split next quarter's ad budget over channels and weeks."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        if not frontier:
            from engine.interfaces.cli.show_budget import show_budget

            language = merchant.settings.report.language
            _show_stage(screen, merchant, "budget", lambda console, found: show_budget(console, found, language))
            return
        from engine.interfaces.cli.show_budget import show_frontier

        plan = merchant.budget()
        content = {"status": "done", "frontier": plan.frontier.to_dict("records")}
        screen.answer(content, lambda console: show_frontier(console, plan))


@app.command()
def replenish(
    ws: Ws,
    config: Config = None,
    method: Annotated[str, typer.Option("--method", help="auto, decomposition or milp; default: the settings.")] = "",
    as_json: Json = False,
) -> None:
    """Plan orders: what, how many, from whom, when."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        if method:
            merchant.replenish_by(method)
        _show_stage(screen, merchant, "replenish")


@app.command()
def simulate(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Replay the orders on demand that the plan has not seen."""
    _stage(ws, config, as_json, "simulate")


@app.command()
def report(ws: Ws, config: Config = None, as_json: Json = False) -> None:
    """Write the workbooks and the page."""
    _stage(ws, config, as_json, "report")


@app.command()
def run(
    ws: Ws,
    config: Config = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after the last finished stage.")] = False,
    as_json: Json = False,
) -> None:
    """Run the stages that plan.yaml lists."""
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        _answer_run(screen, merchant.run(resume=resume))


@app.command()
def runs(ws: Ws, limit: int = 20, as_json: Json = False) -> None:
    """List the recorded runs."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.show import run_dict, show_runs

        records = merchant.runs(limit)
        content = {"status": "done", "runs": [run_dict(record) for record in records]}
        screen.answer(content, lambda console: show_runs(console, records))


@app.command()
def reproduce(
    ws: Ws,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, or its beginning.")],
    as_json: Json = False,
) -> None:
    """Repeat a recorded run and say whether its plans are identical."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.show import show_reproduction

        found = merchant.reproduce(run_id)
        content = {
            "status": "done",
            "run_id": found.run_id,
            "identical": found.identical,
            "stages": found.stages,
            "notes": list(found.notes),
        }
        screen.answer(content, lambda console: show_reproduction(console, found))


@data_app.command("log")
def data_log(ws: Ws, as_json: Json = False) -> None:
    """List every change of the data, the latest last."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.interfaces.cli.data import log_dicts, show_log

        entries = log_dicts(merchant.workspace)
        screen.answer({"status": "done", "log": entries}, lambda console: show_log(console, entries))


@data_app.command("diff")
def data_diff(
    ws: Ws,
    before: Annotated[str, typer.Argument(metavar="A", help="Snapshot, or its beginning.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Snapshot, its beginning, or current.")] = "current",
    as_json: Json = False,
) -> None:
    """Say in which rows two snapshots differ."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.data.history import difference
        from engine.interfaces.cli.data import difference_dict, show_differences

        found = difference(merchant.workspace, before, after)
        content = {"status": "done", "tables": {entry.table: difference_dict(entry) for entry in found}}
        screen.answer(content, lambda console: show_differences(console, found))


@data_app.command("rollback")
def data_rollback(
    ws: Ws,
    snapshot: Annotated[str, typer.Argument(metavar="SNAPSHOT", help="Snapshot to go back to, or its beginning.")],
    as_json: Json = False,
) -> None:
    """Go back to an earlier snapshot; nothing is deleted."""
    with command(as_json) as screen, opened(screen, ws) as merchant:
        from engine.data.history import roll_back

        name = roll_back(merchant.workspace, snapshot)
        content = {"status": "done", "snapshot": name}
        screen.answer(content, lambda console: console.print(f"data in use: {name}"))


@app.command()
def demo(
    ws: Annotated[Path, typer.Argument(metavar="[WS]", help="Folder of the demo workspace; made anew.")] = Path(
        "yunchou-demo"
    ),
    skus: Annotated[int, typer.Option(help="Number of SKUs.")] = 300,
    seed: Annotated[int | None, typer.Option(help="Seed of the merchant.")] = None,
    as_json: Json = False,
) -> None:
    """The whole main job on a fresh demo merchant."""
    with command(as_json) as screen:
        from engine.interfaces.cli.sources import SourceOptions, load_source, remove_demo
        from engine.workflow.create import create_workspace

        remove_demo(ws)
        create_workspace(ws, load_source("demo", SourceOptions(skus=skus, seed=seed)), "demo")
        with opened(screen, ws) as merchant:
            _answer_run(screen, merchant.run())


def _stage(ws: Path, config: Path | None, as_json: bool, name: str) -> None:
    with command(as_json) as screen, opened(screen, ws, config) as merchant:
        _show_stage(screen, merchant, name)


def _show_stage(
    screen: Screen, merchant: Merchant, name: str, more: Callable[[Console, dict[str, Any]], None] | None = None
) -> None:
    """``more`` shows details of the stage, where it is done."""
    from engine.interfaces.cli.show import show_stage, stage_dict

    result = merchant.run_stage(name)
    outcome = result.stages[name]
    content = {"stage": name, **stage_dict(outcome), **outcome.details}

    def show(console: Console) -> None:
        show_stage(console, name, result)
        if more is not None and outcome.details:
            more(console, dict(outcome.details))

    screen.answer(content, show)
    _leave(result)


def _answer_run(screen: Screen, result: RunResult) -> None:
    from engine.interfaces.cli.show import run_result_dict, show_run

    screen.answer(run_result_dict(result), lambda console: show_run(console, result))
    _leave(result)


def _leave(result: RunResult) -> None:
    if result.status == "infeasible":
        raise typer.Exit(INFEASIBLE)
