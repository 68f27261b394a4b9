"""The command line: parse, call one function, print. Results to stdout, everything else to stderr.

Plain argparse, for whatever else parses takes longer to load than explain to answer.
"""

import json
import logging
import os
import sys
from argparse import ArgumentTypeError, BooleanOptionalAction
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.clock import SystemClock, parse_instant
from core.errors import ConfigError, ScorelineError
from sync import printing
from sync.arguments import CONFIG, JSON, QUIET, VENDOR, Command, Option, Run, either, flag, option, whole

if TYPE_CHECKING:
    from sync.wiring import Runtime

_ABOUT = "Finds the people who are ready to buy, says why, and puts both where sales already looks."
_GROUPS = {"model": "The models themselves."}


#: By name; a group's begin with the group's.
COMMANDS: dict[str, Command] = {}


def main() -> None:
    """Run a command; a known error ends in a message and its own exit code, never in a trace."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S", level=logging.WARNING)
    logging.getLogger("scoreline").setLevel(logging.INFO)
    parser = whole(_ABOUT, _GROUPS, COMMANDS)
    for word in sys.argv[1:]:
        if word != word.encode("utf-8", "replace").decode("utf-8"):
            parser.error(f"{word!a} is not UTF-8 text")
    given = vars(parser.parse_args(sys.argv[1:] or ["--help"]))
    run: Run = given.pop("run")
    try:
        code = run(**given)
        sys.stdout.flush()
    except ScorelineError as error:
        sys.stderr.write(f"scoreline: {_place(error, given)}{error}{_advice(given)}\n")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # whoever read has seen enough; what is left must go somewhere when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except OSError as error:
        if error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"scoreline: the result cannot be written: {error.strerror}\n")
        raise SystemExit(1) from None
    raise SystemExit(code or 0)


def _place(error: ScorelineError, given: Mapping[str, Any]) -> str:
    """File and line of what is wrong in the configuration, where the error does not say so itself."""
    if not isinstance(error, ConfigError) or error.path is not None or not error.key or "config" not in given:
        return ""
    from sync.configuration import place  # noqa: PLC0415  # explain needs none of it

    return place(given["config"], error.key)


def _advice(given: Mapping[str, Any]) -> str:
    if "config" not in given or Path(given["config"]).exists():
        return ""
    return "\n    say where it is with --config, or write one to start from: scoreline init"


def _command(name: str, *options: Option) -> Callable[[Run], Run]:
    def known(run: Run) -> Run:
        COMMANDS[name] = Command(run, options)
        return run

    return known


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


def _people(text: str) -> int:
    if not text.isdecimal() or int(text) < 50:
        raise ArgumentTypeError(f"{text!r} is not a number from 50 on")
    return int(text)


@_command(
    "demo",
    flag("--keep", said="Leave the sandbox up and say how to look around."),
    option("--people", type=_people, default=2000, help="How many people live in the sandbox."),
    CONFIG,
)
def demo(keep: bool, people: int, config: Path) -> int:
    """Run the whole loop on this machine, against a sandbox of the three vendors."""
    from sync.demo import run  # noqa: PLC0415  # only a demo needs it

    return run(config, keep=keep, people=people)


@_command(
    "init",
    option(
        "folder", metavar="FOLDER", type=Path, nargs="?", default="config", help="Where; config if left out."
    ),
    JSON,
)
def init(folder: Path, as_json: bool) -> None:
    """Write a configuration to start from: a model, the presets, and schemas for editors."""
    from sync import starting  # noqa: PLC0415  # explain needs none of it

    _print(starting.start(folder), as_json=as_json, text=printing.started)


@_command("check", CONFIG, VENDOR, JSON, QUIET)
def check(config: Path, vendor: Sequence[str], as_json: bool, quiet: bool) -> int:
    """Verify the configuration, the models, and every vendor's credentials, scopes and fields."""
    from sync import checking  # noqa: PLC0415  # vendors' SDKs load only where they are used

    with _runtime(config, quiet=quiet) as runtime:
        warnings = checking.check_models(runtime)
        reports = checking.check(runtime, only=tuple(vendor))
    _print({"vendors": reports, "models": warnings}, as_json=as_json, text=printing.check)
    return 0 if all(report.ok for report in reports) else 1


@_command("fields", flag("--apply", said="Create what is missing."), CONFIG, VENDOR, JSON, QUIET)
def fields(apply: bool, config: Path, vendor: Sequence[str], as_json: bool, quiet: bool) -> int:
    """Show the custom fields the vendors need, and create the missing ones."""
    from sync import jobs  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        states = jobs.fields(runtime, only=tuple(vendor), create=apply)
    _print(states, as_json=as_json, text=printing.fields)
    wrong = [
        state for vendors in states.values() for state in vendors if state.status in ("other_type", "failed")
    ]
    return 1 if wrong else 0


@_command(
    "plan",
    option("--output", "-o", type=Path, help="Keep the plan, for sync --plan."),
    flag("--pull", said="Read the vendors first."),
    flag("--fire", said="As sync --fire would."),
    flag("--exit-code", said="Exit 4 where something would change."),
    CONFIG, VENDOR, JSON, QUIET,
)  # fmt: skip
def plan(
    output: Path | None,
    pull: bool,
    fire: bool,
    exit_code: bool,
    config: Path,
    vendor: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> int:
    """Say what a sync would change, why, and what it costs in calls. Sends nothing."""
    from sync import jobs  # noqa: PLC0415  # as above
    from sync.planning import planfile  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        report = jobs.preview(runtime, only=tuple(vendor), pulls=pull, fire=fire)
        if output and report.plan:
            planfile.save(report.plan, output)
    _print(printing.preview_result(report), as_json=as_json, text=printing.preview)
    return report.plan_exit_code(changing=4 if exit_code else 0)


@_command(
    "sync",
    option("--plan", dest="plan_file", type=Path, help="Send exactly this kept plan."),
    option("--pull", action=BooleanOptionalAction, default=True, help="Read the vendors first."),
    either(
        flag("--fire", said="Start what a first run only notes."),
        option("--baseline", dest="fire", action="store_false", help="Only note it."),
    ),
    flag("--approve", said="Go on where the guard would stop."),
    CONFIG, VENDOR, JSON, QUIET,
)  # fmt: skip
def sync(
    plan_file: Path | None,
    pull: bool,
    fire: bool,
    approve: bool,
    config: Path,
    vendor: Sequence[str],
    as_json: bool,
    quiet: bool,
) -> int:
    """Read the vendors, score, and write what changed."""
    from sync import jobs  # noqa: PLC0415  # as above
    from sync.planning import planfile  # noqa: PLC0415  # as above
    from sync.store.failed import still_failed  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        saved = planfile.load(plan_file) if plan_file else None
        report = jobs.sync(runtime, only=tuple(vendor), pulls=pull, fire=fire, approve=approve, saved=saved)
        letters = still_failed(runtime.state)
    _print(printing.run_result(report, letters), as_json=as_json, text=printing.run)
    return report.exit_code


@_command(
    "score",
    option("--data", type=Path, required=True, help="A folder of CSV or Parquet files."),
    option("--model", type=Path, required=True, help="The model's YAML file."),
    option("--as-of", help="The instant scored; now if left out."),
    option("--time-zone", default="UTC", help="Where days begin, if the model does not say."),
    flag("--hindsight", said="Use all that happened by then, seen or not."),
    option("--engine", default="duckdb", help="duckdb, postgres or spark."),
    JSON,
    QUIET,
)
def score(
    data: Path,
    model: Path,
    as_of: str | None,
    time_zone: str,
    hindsight: bool,
    engine: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Score a folder of files: no vendors, no settings, no state."""
    from scoring.files import folder  # noqa: PLC0415  # as above
    from sync import scores  # noqa: PLC0415  # as above
    from sync.progress import shown_on_stderr  # noqa: PLC0415  # as above

    instant = SystemClock().now() if as_of is None else _instant(as_of)
    with shown_on_stderr(quiet=quiet or not sys.stderr.isatty()) as progress:

        def told(verb: str, what: str, summary: str) -> None:
            if summary:
                progress.finish(verb, what, summary)
            else:
                progress.update(verb, what, 0)

        result = folder.score(
            data, model, instant, time_zone=time_zone, hindsight=hindsight, engine=engine, told=told
        )
    sys.stderr.writelines(f"scoreline: {model}: {doubt}\n" for doubt in result["warnings"])
    sys.stdout.write((scores.as_json if as_json else scores.as_text)(result) + "\n")


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is not a time such as 2026-01-31 or 2026-01-31T10:00:00Z", key="--as-of"
        ) from error


@_command(
    "model show",
    option("file", metavar="MODEL", type=Path, help="The model's YAML file."),
    flag("--legend", said="Only the rating's legend, for the CRM's help text."),
)
def show_model(file: Path, legend: bool) -> None:
    """Print a model as a page in plain language, for sales and marketing to agree on."""
    from scoring import loader  # noqa: PLC0415  # as above
    from scoring.page import page  # noqa: PLC0415  # as above

    model = loader.load_model(file)
    sys.stdout.write((page.legend(model) if legend else page.page(model)) + "\n")


@_command(
    "explain",
    option("who", metavar="WHO", help="An e-mail address, a name, our id or a vendor's record id."),
    CONFIG,
    JSON,
)
def explain(who: str, config: Path, as_json: bool) -> None:
    """Why someone has their score, and what each vendor holds."""
    from sync.snapshots import explaining, outline, showing  # noqa: PLC0415  # as above

    told = outline.outline(config)
    found = explaining.explain(told.state_dir, who, told)
    _print(found, as_json=as_json, text=showing.explanation)


@_command("status", CONFIG, JSON)
def status(config: Path, as_json: bool) -> None:
    """What runs, what ran, what failed, and what is left of each allowance."""
    from sync.snapshots import explaining, showing  # noqa: PLC0415  # as above

    with _runtime(config, quiet=True) as runtime:
        found = explaining.status(runtime)
    _print(found, as_json=as_json, text=showing.status)


@_command("lists", option("name", metavar="NAME", nargs="?", help="Show who is on this list."), CONFIG, JSON)
def lists(name: str | None, config: Path, as_json: bool) -> None:
    """Our lists in the vendors, or who is on one."""
    from sync import configuration  # noqa: PLC0415  # as above
    from sync.snapshots import explaining, showing  # noqa: PLC0415  # as above

    found = explaining.lists(configuration.load_settings(config), name)
    _print(found, as_json=as_json, text=showing.lists)


@_command("failed", CONFIG, JSON)
def failed(config: Path, as_json: bool) -> None:
    """Changes that a vendor refused, with what to do about each."""
    from sync.store.failed import still_failed  # noqa: PLC0415  # as above

    with _runtime(config, quiet=True) as runtime:
        letters = still_failed(runtime.state)
    _print(letters, as_json=as_json, text=printing.failed)


@_command(
    "retry",
    option("ids", metavar="IDS", type=int, nargs="*", help="Numbers from scoreline failed; all if left out."),
    CONFIG,
    JSON,
)
def retry(ids: list[int], config: Path, as_json: bool) -> None:
    """Let the next sync send refused changes again."""
    from sync.store.failed import retry as send_again  # noqa: PLC0415  # as above

    with _runtime(config, quiet=True) as runtime:
        count = send_again(runtime.state, ids or None)
    _print({"retried": count}, as_json=as_json, text=printing.retried)


@_command(
    "revert",
    option("run_id", metavar="RUN", type=int, help="A number from scoreline status."),
    CONFIG,
    JSON,
    QUIET,
)
def revert(run_id: int, config: Path, as_json: bool, quiet: bool) -> int:
    """Undo a run: write back what the vendors held before it, where what it wrote still stands."""
    from sync import jobs  # noqa: PLC0415  # as above
    from sync.store.failed import still_failed  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        report = jobs.revert(runtime, run_id)
        letters = still_failed(runtime.state)
    _print(printing.run_result(report, letters), as_json=as_json, text=printing.run)
    return report.exit_code


@_command(
    "erase",
    option("who", metavar="WHO", help="An e-mail address, our id or a vendor's record id."),
    flag("--apply", said="Erase; left out, only say what would be."),
    flag("--here", said="Leave what vendors hold as it is."),
    CONFIG, JSON, QUIET,
)  # fmt: skip
def erase(who: str, apply: bool, here: bool, config: Path, as_json: bool, quiet: bool) -> int:
    """Delete a person: our fields and lists in the vendors, everything kept here; never read them again."""
    from sync import jobs  # noqa: PLC0415  # as above

    with _runtime(config, quiet=quiet) as runtime:
        found = jobs.erase(runtime, who, here=here) if apply else jobs.Erasure(jobs.erasable(runtime, who))
    _print(printing.erasure_result(found), as_json=as_json, text=printing.erasure)
    return found.exit_code


@_command("daemon", CONFIG)
def daemon(config: Path) -> None:
    """Pull, rescore and apply on their schedules until SIGTERM."""
    from sync import daemon as scheduler  # noqa: PLC0415  # as above
    from sync.wiring import assemble  # noqa: PLC0415  # as above

    scheduler.run(lambda stop: assemble(config, stop=stop))


if __name__ == "__main__":
    main()
