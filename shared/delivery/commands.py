"""The two command lines: `run_all.py` delivers, `python -m shared` does what is around it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

# Nothing heavy is imported above this line's level: `--help` must answer at once.
DEMO = "demo"
EXIT_CODES = """\
exit codes
  0         everything that the data allow was delivered
  1         delivered, but at least one report failed
  2         usage or configuration error; nothing ran
  3         data refused; nothing ran
  4         environment: disk, permission, missing package, engine unreachable
  130, 143  interrupted; nothing half-delivered
of several clients: 1 if any is not in order; the last lines give the code of each

limits, in seconds: CRM_CELL_SECONDS (900) and CRM_NOTEBOOK_SECONDS (1800)"""


def run_all(arguments: Sequence[str] | None = None) -> int:
    """Run `run_all.py` with its arguments; give the exit code."""
    return _guarded(_run_all_parser(), _deliver, arguments)


def shared_commands(arguments: Sequence[str] | None = None) -> int:
    """Run `python -m shared` with its arguments; give the exit code."""

    def chosen(options: argparse.Namespace) -> int:
        """Run the command that was named."""
        from shared.delivery import desk

        return getattr(desk, options.command)(options)

    return _guarded(_shared_parser(), chosen, arguments)


def _run_all_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run_all.py",
        description="Turn clients' data into delivered folders of reports.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("clients", nargs="*", metavar="client", help=f"folders of data/; default: {DEMO}")
    add("--all", action="store_true", help="every folder of data/ with a client.yaml")
    add("--only", action="append", default=[], metavar="REPORTS", help="such as 04,basket")
    add(
        "--set",
        action="append",
        default=[],
        metavar="REPORT.PARAMETER=VALUE",
        help="such as basket.min_support=0.02; wins over client.yaml",
    )
    add("--jobs", type=_jobs, metavar="N", help="notebooks at a time; default: one per core")
    add("--engine", default="", help="duckdb or spark; wins over client.yaml")
    add("--force", action="store_true", help="run also what has not changed")
    add("--show-code", action="store_true", help="pages with code, beside the notebooks")
    add("--pdf", action="store_true", help="print every page to PDF with Chromium")
    _add_roots(parser)
    add("--json", action="store_true", help="closing summary as JSON; progress on stderr")
    return parser


def _shared_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m shared", description="What is around a run: first look, intake, checks."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    new = commands.add_parser("new", help="look at a client's files and propose a client.yaml")
    new.add_argument("client", help="name of the new folder below data/")
    what = "CSV, Excel or Parquet as it came; files with the same columns become one table"
    new.add_argument("files", nargs="+", metavar="FILE", help=what)
    check = commands.add_parser("check", help="intake only: what would run, what was set aside")
    check.add_argument("client", help="folder of data/")
    verify = commands.add_parser("verify", help="compare delivered files with their manifest")
    verify.add_argument("client", help="folder of outputs/; ends with 1 if anything was changed")
    for command in (new, check, verify):
        _add_roots(command)
    hide = commands.add_parser(
        "pseudonymize",
        help="for the client: keyed hashes for ids, no names, mails or phone numbers",
    )
    hide.add_argument("source", metavar="SRC", help="a CSV file as it was exported")
    hide.add_argument("target", metavar="DST", help="the new file, for the consultant")
    hide.add_argument("--id", action="append", default=[], metavar="COLUMN", help="ids to hash")
    hide.add_argument("--drop", action="append", default=[], metavar="COLUMN", help="left out")
    hide.add_argument("--keep", action="append", default=[], metavar="COLUMN", help="kept")
    hide.add_argument(
        "--key", default="pseudonyms.key", metavar="FILE", help="made if absent; never handed over"
    )
    hide.add_argument("--encoding", metavar="NAME", help="such as cp1252; asked for if needed")
    hide.add_argument("--delimiter", metavar="SIGN", help='such as ";"; asked for if needed')
    hide.add_argument("--debug", action="store_true", help="show tracebacks")
    return parser


def _add_roots(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="root of the clients' folders")
    parser.add_argument("--outputs", metavar="DIR", help="root of the deliveries")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")


def _jobs(text: str) -> int:
    jobs = int(text) if text.isdigit() else 0
    if jobs < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of notebooks; use 1 or more")
    return jobs


def _guarded(
    parser: argparse.ArgumentParser,
    command: Callable[[argparse.Namespace], int],
    arguments: Sequence[str] | None,
) -> int:
    options = _parsed(parser, arguments)
    if isinstance(options, int):
        return options
    from shared.delivery.environment import FRUGAL
    from shared.delivery.idle_imports import leave_out_idle_imports
    from shared.delivery.interrupts import Interrupted, interruptible
    from shared.delivery.progress import close_streams, prepare_streams, say
    from shared.loading.errors import SuiteError

    prepare_streams()
    os.environ.update(FRUGAL)
    leave_out_idle_imports()
    try:
        with interruptible():
            return command(options)
    except Interrupted as interrupt:
        say("interrupted: nothing was half-delivered; run again to go on", sys.stderr)
        return interrupt.exit_code
    except SuiteError as error:
        if options.debug:
            raise
        say(str(error), sys.stderr)
        return error.exit_code
    finally:
        close_streams()


def _parsed(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None
) -> argparse.Namespace | int:
    try:
        return parser.parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong; 2 is our code for that too
        return int(end.code or 0)


def _deliver(options: argparse.Namespace) -> int:
    from shared.delivery.closing import report_outcomes
    from shared.delivery.outcome import exit_code
    from shared.delivery.progress import progress_on
    from shared.delivery.run import run_clients

    request = _request(options)
    names = _clients(options, request)
    progress = progress_on(sys.stderr if options.json else sys.stdout)
    outcomes = run_clients(names, request, progress)
    report_outcomes(
        outcomes, as_json=options.json, debug=options.debug, out=sys.stdout, err=sys.stderr
    )
    return exit_code(outcomes)


def _request(options: argparse.Namespace) -> Any:
    """Check everything that needs no client; nothing has run so far."""
    from shared.delivery import request as asked
    from shared.delivery.catalogue import catalogue, notebooks_folder
    from shared.delivery.environment import direct_requirements, require_packages
    from shared.delivery.processes import cores
    from shared.delivery.settings import command_line_settings, require_parameters

    versions = require_packages(direct_requirements())
    reports = tuple(catalogue(notebooks_folder()))
    require_parameters(reports)
    only = asked.selected_reports(options.only, reports)
    settings = command_line_settings(options.set, reports)
    asked.require_settings_used(settings, only, reports)
    if options.pdf:
        from shared.delivery.pdf import find_browser

        find_browser()
    return asked.Request(
        data=asked.data_root(options.data),
        outputs=asked.outputs_root(options.outputs),
        reports=reports,
        only=only,
        settings=settings,
        engine=asked.require_engine(options.engine),
        jobs=options.jobs or cores(),
        limits=asked.limits_from_environment(),
        versions=versions,
        force=options.force,
        show_code=options.show_code,
        pdf=options.pdf,
        debug=options.debug,
    )


def _clients(options: argparse.Namespace, request: Any) -> list[str]:
    from shared.delivery.request import clients_in, require_clients
    from shared.loading.errors import ConfigError

    named = require_clients(options.clients, request.data)
    if options.all and named:
        what = f"runs every client, and {named[0]} is one of them"
        raise ConfigError("E-USE-11", "--all", what, fix="name clients, or write --all alone")
    if not options.all:
        return named or require_clients([DEMO], request.data)
    every = clients_in(request.data)
    if not every:
        what = "no folder with a client.yaml"
        raise ConfigError("E-USE-06", str(request.data), what, fix="python -m shared new NAME FILE")
    return every
