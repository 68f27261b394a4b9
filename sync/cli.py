"""The command line: parse, call one function, print. Results to stdout, everything else to stderr."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.clock import SystemClock, parse_instant
from core.errors import ConfigError, ScorelineError
from sync import printing

if TYPE_CHECKING:
    from sync.wiring import Runtime

app = typer.Typer(
    help="Finds the people who are ready to buy, says why, and puts both where sales already looks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_CONFIG = typer.Option("--config", "-c", envvar="SCORELINE_CONFIG", help="Where the configuration is.")
Config = Annotated[Path, _CONFIG]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
Vendors = Annotated[list[str] | None, typer.Option("--vendor", help="Only this vendor; may be repeated.")]
_DEFAULT = Path("config/scoreline.yaml")


def main() -> None:
    """Run a command; a known error ends in a message and its own exit code, never in a trace."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S", level=logging.WARNING)
    logging.getLogger("scoreline").setLevel(logging.INFO)
    try:
        # typer hands the code of a typer.Exit back instead of raising it
        code = app(standalone_mode=False)
    except ScorelineError as error:
        sys.stderr.write(f"scoreline: {error}\n")
        raise SystemExit(error.exit_code) from None
    except typer.Abort:
        raise SystemExit(130) from None
    except Exception as error:
        if (usage := getattr(error, "exit_code", None)) is None:
            raise
        # Click's own errors: a wrong option or argument
        error.show()  # type: ignore[attr-defined]  # only Click's errors have an exit_code here
        raise SystemExit(usage) from None
    raise SystemExit(code or 0)


@contextmanager
def _runtime(config: Path, *, quiet: bool = False) -> "Iterator[Runtime]":
    from sync.progress import shown_on_stderr  # noqa: PLC0415  # slow to load, and explain needs neither
    from sync.wiring import assemble  # noqa: PLC0415  # as above

    with shown_on_stderr(quiet=quiet) as progress:
        yield assemble(config, progress)


def _print(result: Any, *, as_json: bool, text: Callable[[Any], str]) -> None:  # noqa: ANN401  # any report
    if as_json:
        sys.stdout.write(json.dumps(printing.plain(result), ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(text(result) + "\n")


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the sandbox up and say how to look around.")
    ] = False,
    people: Annotated[int, typer.Option(help="How many people live in the sandbox.", min=50)] = 2000,
    config: Config = _DEFAULT,
) -> None:
    """Run the whole loop on this machine, against a sandbox of the three vendors."""
    from sync.demo import run  # noqa: PLC0415  # only a demo needs it

    raise typer.Exit(run(config, keep=keep, people=people))


@app.command()
def check(
    config: Config = _DEFAULT, vendor: Vendors = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Verify the configuration, the models, and every vendor's credentials, scopes and fields."""
    from sync import checking  # noqa: PLC0415  # vendors' SDKs load only where they are used

    with _runtime(config, quiet=quiet) as runtime:
        warnings = checking.check_models(runtime)
        reports = checking.check(runtime, only=tuple(vendor or ()))
    _print({"vendors": reports, "models": warnings}, as_json=as_json, text=printing.check)
    raise typer.Exit(0 if all(report.ok for report in reports) else 1)


@app.command()
def fields(
    apply: Annotated[bool, typer.Option("--apply", help="Create what is missing.")] = False,
    config: Config = _DEFAULT,
    vendor: Vendors = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show the custom fields the vendors need, and create the missing ones."""
    from sync import jobs  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        states = jobs.fields(runtime, only=tuple(vendor or ()), create=apply)
    _print(states, as_json=as_json, text=printing.fields)
    wrong = [
        state for vendors in states.values() for state in vendors if state.status in ("other_type", "failed")
    ]
    raise typer.Exit(1 if wrong else 0)


@app.command()
def plan(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Keep the plan, for sync --plan.")
    ] = None,
    pull: Annotated[bool, typer.Option("--pull", help="Read the vendors first.")] = False,
    fire: Annotated[bool, typer.Option("--fire", help="As sync --fire would.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 4 where something would change.")
    ] = False,
    config: Config = _DEFAULT,
    vendor: Vendors = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what a sync would change, why, and what it costs in calls. Sends nothing."""
    from sync import jobs, planfile  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        made = jobs.preview(runtime, only=tuple(vendor or ()), pulls=pull, fire=fire)
        if output:
            planfile.save(made, output)
    _print(printing.plan_result(made), as_json=as_json, text=printing.plan)
    raise typer.Exit(4 if exit_code and made.changes else 0)


@app.command()
def sync(
    plan_file: Annotated[Path | None, typer.Option("--plan", help="Send exactly this kept plan.")] = None,
    pull: Annotated[bool, typer.Option(help="Read the vendors first.")] = True,
    fire: Annotated[
        bool, typer.Option("--fire/--baseline", help="Start what a first run only notes.")
    ] = False,
    approve: Annotated[bool, typer.Option("--approve", help="Go on where the guard would stop.")] = False,
    config: Config = _DEFAULT,
    vendor: Vendors = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Read the vendors, score, and write what changed."""
    from sync import jobs, planfile  # noqa: PLC0415  # as above
    from sync.failed import still_failed  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        saved = planfile.load(plan_file) if plan_file else None
        report = jobs.sync(
            runtime, only=tuple(vendor or ()), pulls=pull, fire=fire, approve=approve, saved=saved
        )
        letters = still_failed(runtime.state)
    _print(printing.run_result(report, letters), as_json=as_json, text=printing.run)
    raise typer.Exit(report.exit_code)


@app.command()
def score(
    data: Annotated[Path, typer.Option("--data", help="A folder of CSV or Parquet files.")],
    model: Annotated[Path, typer.Option("--model", help="The model's YAML file.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="The instant scored; now if left out.")] = None,
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="Where days begin, if the model does not say.")
    ] = "UTC",
    hindsight: Annotated[
        bool, typer.Option("--hindsight", help="Use all that happened by then, seen or not.")
    ] = False,
    engine: Annotated[str, typer.Option("--engine", help="duckdb, postgres or spark.")] = "duckdb",
    as_json: Json = False,
) -> None:
    """Score a folder of files: no vendors, no settings, no state."""
    from scoring import folder  # noqa: PLC0415  # as above

    instant = _instant(as_of) if as_of else SystemClock().now()
    result = folder.score(data, model, instant, time_zone=time_zone, hindsight=hindsight, engine=engine)
    _print(result, as_json=as_json, text=printing.scores)


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is not a time such as 2026-01-31 or 2026-01-31T10:00:00Z", key="--as-of"
        ) from error


models = typer.Typer(help="The models themselves.", no_args_is_help=True)
app.add_typer(models, name="model")


@models.command("show")
def show_model(
    file: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's YAML file.")],
    legend: Annotated[
        bool, typer.Option("--legend", help="Only the rating's legend, for the CRM's help text.")
    ] = False,
) -> None:
    """Print a model as a page in plain language, for sales and marketing to agree on."""
    from scoring import loader, page  # noqa: PLC0415  # as above

    model = loader.load_model(file)
    sys.stdout.write((page.legend(model) if legend else page.page(model)) + "\n")


@app.command()
def explain(
    who: Annotated[str, typer.Argument(help="An e-mail address, a name, our id or a vendor's record id.")],
    config: Config = _DEFAULT,
    as_json: Json = False,
) -> None:
    """Why someone has their score, and what each vendor holds."""
    from sync import explaining, outline  # noqa: PLC0415  # as above

    told = outline.outline(config)
    found = explaining.explain(told.state_dir, who, told)
    _print(found, as_json=as_json, text=printing.explanation)


@app.command()
def status(config: Config = _DEFAULT, as_json: Json = False) -> None:
    """What runs, what ran, what failed, and what is left of each allowance."""
    from sync import explaining  # noqa: PLC0415  # as above

    with _runtime(config, quiet=True) as runtime:
        found = explaining.status(runtime)
    _print(found, as_json=as_json, text=printing.status)


@app.command()
def lists(
    name: Annotated[str | None, typer.Argument(help="Show who is on this list.")] = None,
    config: Config = _DEFAULT,
    as_json: Json = False,
) -> None:
    """Our lists in the vendors, or who is on one."""
    from sync import configuration, explaining  # noqa: PLC0415  # as above

    found = explaining.lists(configuration.load_settings(config), name)
    _print(found, as_json=as_json, text=printing.lists)


@app.command()
def failed(config: Config = _DEFAULT, as_json: Json = False) -> None:
    """Changes that a vendor refused, with what to do about each."""
    from sync.failed import still_failed  # noqa: PLC0415  # as above

    with _runtime(config, quiet=True) as runtime:
        letters = still_failed(runtime.state)
    _print(letters, as_json=as_json, text=printing.failed)


@app.command()
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(help="Numbers from scoreline failed; all if left out.")
    ] = None,
    config: Config = _DEFAULT,
) -> None:
    """Let the next sync send refused changes again."""
    from sync.failed import retry as send_again  # noqa: PLC0415  # as above

    with _runtime(config, quiet=True) as runtime:
        count = send_again(runtime.state, ids or None)
    sys.stdout.write(f"{count} to be sent again by the next: scoreline sync\n")


@app.command()
def revert(
    run_id: Annotated[int, typer.Argument(metavar="RUN", help="A number from scoreline status.")],
    config: Config = _DEFAULT,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Undo a run: write back what the vendors held before it, where what it wrote still stands."""
    from sync import jobs  # noqa: PLC0415  # as above
    from sync.failed import still_failed  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        report = jobs.revert(runtime, run_id)
        letters = still_failed(runtime.state)
    _print(printing.run_result(report, letters), as_json=as_json, text=printing.run)
    raise typer.Exit(report.exit_code)


@app.command()
def daemon(config: Config = _DEFAULT) -> None:
    """Pull, rescore and apply on their schedules until SIGTERM."""
    from sync import daemon as scheduler  # noqa: PLC0415  # as above
    from sync.wiring import assemble  # noqa: PLC0415  # as above

    scheduler.run(lambda stop: assemble(config, stop=stop))


if __name__ == "__main__":
    main()
