"""The consultant's desk: propose a client.yaml, look at an intake, check a delivery."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from shared.delivery.progress import say
from shared.delivery.request import data_root, outputs_root, require_clients
from shared.loading.errors import ConfigError, SuiteError
from shared.loading.words_near import near

if TYPE_CHECKING:
    from shared.loading.config import ClientConfig


def new(options: argparse.Namespace) -> int:
    """Look at a client's files and propose `client.yaml`."""
    from shared.loading.citations import shown_path
    from shared.loading.folder_names import require_plain_letters
    from shared.loading.proposal import propose_client

    data = data_root(options.data)
    require_plain_letters(options.client)
    files = [Path(file).absolute() for file in options.files]
    missing = [file for file in files if not file.exists()]
    if missing:
        raise _no_file(missing[0])
    decide = propose_client(options.client, files, data)
    say(f"proposed {shown_path(data / options.client / 'client.yaml')}")
    for line in decide:
        say(f"  decide  {line}")
    say(f"next: python -m shared check {options.client}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Take a client's data in and say what would run; no kernel is started."""
    from shared.delivery.catalogue import catalogue, missing_tables, notebooks_folder
    from shared.delivery.settings import client_settings, require_parameters
    from shared.loading.client import prepare_snapshot
    from shared.loading.config import load_config
    from shared.loading.counts import describe_intake, read_intake

    data, outputs = data_root(options.data), outputs_root(options.outputs)
    (name,) = require_clients([options.client], data)
    reports = catalogue(notebooks_folder())
    require_parameters(reports)
    config = load_config(data / name)
    client_settings(config, reports)
    intake = read_intake(prepare_snapshot(config, outputs))
    say("\n".join(describe_intake(intake)))
    for report in reports:
        missing = missing_tables(report, intake.tables)
        if report.path:
            say(f"{report.name:<18}  " + (f"not part: needs {missing}" if missing else "would run"))
    return _check_slices(config, intake.snapshot_date, outputs)


def _check_slices(config: "ClientConfig", day: date, outputs: Path) -> int:
    """Take every slice in, as a run would; one that is refused does not hold up the next."""
    from shared.loading.client import prepare_snapshot
    from shared.loading.counts import read_intake
    from shared.loading.slices import sliced, slices_of

    code = 0
    for part in slices_of(config):
        try:
            own = sliced(config, part, snapshot_date=day)
            tables = read_intake(prepare_snapshot(own, outputs)).tables.values()
            used = ", ".join(f"{t.table} {t.rows_used:,}" for t in tables)
            say(f"slice {part.label}: rows used: {used}")
        except SuiteError as error:
            say(f"slice {part.label}: refused")
            say(str(error), sys.stderr)
            code = error.exit_code
    return code


def pseudonymize(options: argparse.Namespace) -> int:
    """Write a copy of a file in which nobody can be recognised; the key stays with the client."""
    from shared.loading.pseudonyms import declared, pseudonymise_file, read_key

    source, target, key_file = Path(options.source), Path(options.target), Path(options.key)
    if not source.is_file():
        raise _no_file(source)
    written = declared(encoding=options.encoding, delimiter=options.delimiter)
    key, is_new = read_key(key_file)
    if is_new:
        say(f"made the key {key_file}: keep it, and hand it to nobody; the next file needs it too")
    made = pseudonymise_file(
        source, target, key, ids=options.id, drop=options.drop, keep=options.keep, written=written
    )
    say(f"{target}: {made.rows:,} rows; hashed: {', '.join(made.replaced)}")
    say(f"left out: {', '.join(made.dropped) or 'no column'}")
    say("look at the free text of the new file before it is handed over")
    return 0


def _no_file(path: Path) -> ConfigError:
    beside = sorted(p.name for p in path.parent.glob("*"))
    close = near(path.name, beside)
    fix = f"did you mean {close}?" if close else "correct the path"
    return ConfigError("E-USE-07", str(path), "there is no such file", fix=fix)


def verify(options: argparse.Namespace) -> int:
    """Compare every delivery of a client with its manifest, and its index with its reports."""
    from shared.delivery.deliver import FORMER, deliveries
    from shared.delivery.index_numbers import number_faults
    from shared.delivery.verify import delivery_faults

    folder = outputs_root(options.outputs) / options.client
    delivered = deliveries(folder)
    halves = list(folder.glob(f"{FORMER}*"))
    if not delivered and not halves:
        say(f"{options.client}: nothing was delivered in {folder}", sys.stderr)
        return 2
    wrong = [f"{half.name}  a swap was interrupted: run again" for half in halves]
    for delivery in delivered:
        faults = delivery_faults(delivery) + number_faults(delivery)
        wrong += [f"{delivery.name}/{fault}" for fault in faults]
        if not faults:
            said = "every file is as delivered, every number of the index is in its report"
            say(f"{options.client}/{delivery.name}: {said}")
    for line in wrong:
        say(f"{options.client}/{line}", sys.stderr)
    return 1 if wrong else 0
