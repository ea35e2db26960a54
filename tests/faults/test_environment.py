"""Faults of the machine: the right exit code, one clear message, the former delivery as it was."""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_suite import ROOT, contents

from shared.delivery.environment import require_kernel, require_packages
from shared.loading.errors import EnvironmentFault

pytest_plugins = ["tiny_suite_fixtures"]
pytestmark = pytest.mark.slow


def test_en01_a_cell_that_hangs_is_stopped_and_named_with_its_heading(mixed):
    record = mixed.manifest()["reports"]["05_basket"]

    assert record["status"] == "failed"
    assert record["reason"] == (
        "it was stopped after 20 seconds, under the heading “What is bought together?”"
    )
    assert "05_basket" in mixed.done.stdout
    assert "code cell 4: limit of 20 seconds" in mixed.done.stdout


def test_en02_a_missing_output_folder_is_made(suite):
    suite.outputs = suite.outputs / "not" / "there"

    assert suite.run("acme").returncode == 0
    assert (suite.delivered() / "index.html").is_file()


def test_en02_an_output_folder_that_cannot_be_written_is_named(suite):
    suite.outputs.write_text("a file where a folder should be")

    done = suite.run("acme")
    assert done.returncode == 4
    assert str(suite.outputs) in done.stderr
    assert "E-ENVI-01" in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts need root")
def test_en02_so_is_one_on_a_read_only_disk(suite, tmp_path):
    suite.outputs.mkdir()
    done = _in_mount(suite, f"mount -t tmpfs -o ro none {suite.outputs}", "acme")

    assert done.returncode == 4, done.stdout + done.stderr
    assert "may not be written" in done.stderr


def test_en03_language_and_time_zone_change_no_byte(abroad, plain):
    assert contents(abroad.delivered()) == contents(plain.delivered())


def test_en03_en04_a_narrow_console_and_no_network_home_or_display_change_no_byte(cut_off, plain):
    assert contents(cut_off.delivered()) == contents(plain.delivered())


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("no-such-package>=1", "no-such-package is not installed, needed >=1"),
        ("pandas<0.1", r"pandas \d.*, needed <0\.1"),
    ],
)
def test_en06_a_package_that_is_missing_or_too_new_is_named_with_its_range(requirement, told):
    with pytest.raises(EnvironmentFault, match=told) as caught:
        require_packages([requirement])

    assert caught.value.exit_code == 4
    assert "pip install -e . -c constraints.txt" in str(caught.value)


def test_en06_the_command_line_ends_with_4(suite, tmp_path):
    fake = tmp_path / "packages" / "rich-99.0.dist-info"
    fake.mkdir(parents=True)
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: duckdb\nVersion: 99.0\n")
    fake.rename(fake.with_name("duckdb-99.0.dist-info"))

    done = suite.process("acme", PYTHONPATH=str(tmp_path / "packages"))
    assert done.returncode == 4
    assert "duckdb 99.0, needed <2,>=1.4" in done.stderr


def test_en07_a_missing_kernel_is_told_with_the_line_that_installs_it(suite):
    suite.notebook("04_cohort", kernel="no-such-kernel")

    done = suite.run("acme")
    assert done.returncode == 4
    assert "python -m ipykernel install --sys-prefix --name no-such-kernel" in done.stderr
    assert not list((suite.outputs / "acme").glob("2*"))


def test_en07_the_kernel_of_the_suite_is_there():
    require_kernel("python3")


def test_en08_a_notebook_beyond_its_memory_is_told_in_one_line_and_costs_no_other(suite):
    suite.notebook("05_basket", "kept = [bytes([i]) * 10**8 for i in range(40)]")
    limit = ("ulimit -v 2000000; exec", *suite.command("acme", "--jobs", "1"))

    done = subprocess.run(
        ["bash", "-c", " ".join(limit)],
        cwd=ROOT,
        env=suite.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(re.findall(r"^05_basket +failed ", done.stdout, re.MULTILINE)) == 1
    assert (suite.delivered() / "04_cohort.html").is_file()
    assert "memory" in suite.manifest()["reports"]["05_basket"]["reason"]


def test_en09_the_date_is_that_of_the_data_and_seconds_are_never_negative(plain):
    assert plain.delivered().name == "2024-03-11"
    stamp = plain.manifest()["run"]
    assert stamp["seconds"] > 0
    assert all(seconds > 0 for seconds in stamp["reports"].values())
    sources = [*(ROOT / "shared" / "delivery").glob("*.py")]
    assert not [p.name for p in sources if "time.time()" in p.read_text(encoding="utf-8")]


def test_en10_a_long_path_with_spaces_and_cyrillic_works(suite, plain, tmp_path):
    long = tmp_path.joinpath(*["папка с отчётами и данными клиента"] * 8)
    for name in ("data", "notebooks"):
        shutil.copytree(getattr(suite, name), long / name)
    suite.data, suite.outputs, suite.notebooks = (
        long / name for name in ("data", "outputs", "notebooks")
    )

    done = suite.run("acme")
    assert done.returncode == 0, done.stderr
    assert len(str(suite.delivered())) > 260
    assert contents(suite.delivered()) == contents(plain.delivered())


def test_en12_a_reader_that_goes_away_does_not_end_the_run(suite, plain):
    command = " ".join(suite.command("acme")) + " | head -c 1"

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env=suite.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(suite.delivered()) == contents(plain.delivered())


def test_en12_what_is_no_terminal_gets_plain_lines(mixed):
    said = mixed.done.stdout + mixed.done.stderr

    assert "01_portfolio started" in said
    assert not re.search("[━─│╸\x1b\r]", said)


def test_sp10_a_secret_of_the_environment_is_in_no_output_and_no_log(mixed):
    assert mixed.secret not in mixed.done.stdout + mixed.done.stderr
    for name, content in contents(mixed.delivered()).items():
        assert mixed.secret.encode() not in content, name
    assert mixed.secret not in (mixed.delivered() / "run.json").read_text(encoding="utf-8")


def test_sp16_nothing_of_a_client_is_left_in_the_home_or_among_temporary_files(abroad):
    own = abroad.data.parent

    assert not list((own / "tmp").iterdir())
    left = [p for p in (own / "home").rglob("*") if p.is_file()]
    assert not [p for p in left if b"acme" in p.read_bytes().lower() or "acme" in p.name]


def test_sp11_a_warning_or_failure_leaves_no_path_traceback_or_code_in_client_files(mixed):
    pages = {n: c for n, c in contents(mixed.delivered()).items() if n.endswith(".html")}

    private = [str(Path.home()), str(mixed.data), "Traceback", "ana@example.com", "raise ", "Error"]
    for name, content in pages.items():
        visible = content.decode().split("</style>")[-1]
        assert not [word for word in private if word in visible], name
    assert "ana@example.com" not in mixed.done.stdout + mixed.done.stderr


@pytest.fixture
def limited(delivered):
    """Run with a limit on the size of a file: what a full disk looks like to a program."""

    def run(most_bytes, temporary):
        return subprocess.run(
            delivered.command("acme", "--set", "cohort.share=0.2"),
            cwd=ROOT,
            env=delivered.environment(TMPDIR=str(temporary)),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
        )

    return run


@pytest.mark.parametrize("most_bytes", [0, 2_000, 12_000])
def test_a_full_disk_leaves_the_former_delivery_and_no_debris(
    delivered, limited, most_bytes, tmp_path
):
    before = everything(delivered)
    temporary = tmp_path / "tmp"
    temporary.mkdir()

    done = limited(most_bytes, temporary)
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the disk is full, or a quota or limit is reached" in done.stderr
    assert everything(delivered) == before
    assert delivered.debris() == []
    assert not list(temporary.iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts need root")
@pytest.mark.parametrize("kilobytes", [4, 40, 90])
def test_a_disk_that_is_truly_full_leaves_all_or_nothing(suite, kilobytes):
    suite.outputs.mkdir()
    mount = f"mount -t tmpfs -o size={kilobytes}k none {suite.outputs}"
    pages = f"find {suite.outputs} -name '*.html' -o -name '.staging*'"
    done = _in_mount(suite, mount, "acme", after=f"{pages} | wc -l")

    left = int(done.stdout.split()[-1])
    assert (done.returncode, left) in [(4, 0), (0, 2)], done.stdout + done.stderr
    assert done.returncode == 0 or "the disk is full" in done.stderr


def test_the_summary_for_programs_stays_json_whatever_happens(mixed, tmp_path):
    done = mixed.copy(tmp_path).run("acme", "--only", "01", "--json")

    assert json.loads(done.stdout)["exit"] == 0
    assert "acme" in done.stderr


def test_help_answers_at_once():
    loaded = "import sys; from shared.delivery.commands import run_all; run_all(['--help']); "
    heavy = "print([m for m in ('pandas', 'ibis', 'papermill', 'rich') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", loaded + heavy],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("[]\n")
    assert "--show-code" in done.stdout


def everything(suite):
    manifest = (suite.delivered() / "run.json").read_bytes()
    return {**contents(suite.delivered()), "run.json": manifest}


def _in_mount(suite, mount, *arguments, after="true"):
    """Run with a file system of its own below the outputs, in a mount namespace."""
    line = f"{mount} && {' '.join(suite.command(*arguments))}; code=$?; {after}; exit $code"
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", line],
        cwd=ROOT,
        env=suite.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare failed" in done.stderr or "mount: " in done.stderr:
        pytest.skip("no mount namespaces on this machine")
    return done
