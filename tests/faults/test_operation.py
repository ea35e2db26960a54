"""Faults of operation: what is delivered is whole, old or new, and whoever reads it is told."""

import contextlib
import json
import os
import random
import re
import signal
import time

import psutil
import pytest
from processes_left import still_running
from tiny_suite import LINES, contents

from shared.delivery.commands import run_all
from shared.report import page

pytest_plugins = ["tiny_suite_fixtures"]
pytestmark = pytest.mark.slow
KILL_POINTS = int(os.environ.get("CRM_KILL_POINTS", "1"))  # per signal; 17 for a release
SECONDS = {"timeout": 180}


def index_of(suite):
    html = (suite.delivered() / "index.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("<body>")[1]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("point", range(KILL_POINTS))
def test_op01_a_run_that_is_stopped_leaves_old_or_new_and_no_process(
    two, undisturbed, number, point
):
    whole = undisturbed.manifest()["run"]["seconds"]  # on this machine, one report after the other
    moment = random.Random(f"{number}-{point}").uniform(0.1, 0.9) * whole
    with two.started("acme") as run:
        time.sleep(moment)
        family = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(number)
        run.wait(**SECONDS)

    finished = run.returncode == 0  # it may have been faster than the signal
    assert finished or run.returncode in (128 + number, -number)
    assert not still_running(family)
    if list((two.outputs / "acme").glob("2*")):  # the swap was already done
        assert two.run("verify", "acme", module="shared").returncode == 0
    if number != signal.SIGKILL:
        assert two.debris() == []

    assert two.run("acme").returncode == 0
    assert contents(two.delivered()) == contents(undisturbed.delivered())
    assert two.debris() == []


def test_op02_one_failed_report_costs_no_other_and_is_named_with_its_reason(mixed):
    assert mixed.done.returncode == 1, mixed.done.stdout + mixed.done.stderr
    pages = sorted(p.name for p in mixed.delivered().glob("*.html"))
    assert pages == [
        "01_portfolio.html",
        "04_cohort.html",
        "06_propensity.html",
        "08_attribution.html",
        "index.html",
    ]
    told = index_of(mixed)
    assert "Failed. Its calculation stopped with an error" in told
    assert "Failed. The process that computed it was lost" in told
    assert "Not part of this delivery. It needs campaigns." in told


def test_op02_what_a_failed_report_exported_is_withheld_too(mixed):
    delivered = {p.relative_to(mixed.delivered()).as_posix() for p in _files(mixed)}

    assert not [name for name in delivered if "02_lifetime" in name or "03_survival" in name]
    assert (mixed.outputs / "acme" / ".failed" / "02_lifetime_value.ipynb").is_file()


def test_an_analysis_that_the_data_cannot_carry_gets_its_page(mixed):
    html = (mixed.delivered() / "04_cohort.html").read_text(encoding="utf-8")

    assert "3 customers &lt;b&gt;" in html
    assert "At least 50 customers" in html
    record = json.loads((mixed.delivered() / "findings" / "04_cohort.json").read_text())
    assert record["verdict"] == "not supported by this data"


def test_op03_a_rerun_without_a_change_executes_nothing_and_changes_no_byte(two_delivered):
    before = contents(two_delivered.delivered())
    manifest = (two_delivered.delivered() / "run.json").read_bytes()

    done = two_delivered.run("acme", "--json")
    (client,) = json.loads(done.stdout)["clients"]
    assert (done.returncode, client["executed"]) == (0, 0)
    assert {r["status"] for r in client["reports"]} == {"unchanged", "not_built"}
    assert contents(two_delivered.delivered()) == before
    assert (two_delivered.delivered() / "run.json").read_bytes() == manifest


def test_op04_one_changed_parameter_reruns_its_readers_alone(two_delivered):
    two = two_delivered
    done = two.run("acme", "--set", "cohort.share=0.25", "--json")
    (client,) = json.loads(done.stdout)["clients"]
    status = {r["report"]: r["status"] for r in client["reports"]}
    assert client["executed"] == 1
    assert (status["01_portfolio"], status["04_cohort"]) == ("unchanged", "delivered")
    assert "share 0.25" in (two.delivered() / "04_cohort.html").read_text(encoding="utf-8")


def test_op05_a_failing_rerun_keeps_the_former_page_and_marks_it(delivered):
    suite = delivered
    before = contents(suite.delivered())
    suite.notebook("04_cohort", "1 / 0")

    assert suite.run("acme").returncode == 1
    after = contents(suite.delivered())
    assert after["04_cohort.html"] == before["04_cohort.html"]
    assert after["tables/04_cohort/customers.csv"] == before["tables/04_cohort/customers.csv"]
    told = index_of(suite)
    assert "Page of an earlier run, data as of 11 Mar 2024" in told
    assert "The latest run failed: its calculation stopped with an error" in told

    suite.notebook("04_cohort")
    assert suite.run("acme").returncode == 0
    assert contents(suite.delivered()) == before


def test_op06_a_delivery_without_its_manifest_is_incomplete_until_the_next_run(delivered):
    suite = delivered
    before = contents(suite.delivered())
    (suite.delivered() / "run.json").unlink()
    (suite.delivered() / "index.html").unlink()

    found = suite.run("verify", "acme", module="shared")
    assert (found.returncode, "incomplete" in found.stderr) == (1, True)
    assert suite.run("acme").returncode == 0
    assert suite.run("verify", "acme", module="shared").returncode == 0
    assert contents(suite.delivered()) == before


def test_op07_reports_left_out_of_a_run_on_new_data_are_marked(two_delivered):
    two = two_delivered
    two.client(lines=LINES + "ben,5,2024-04-02,cup,1,3.00\n")

    assert two.run("acme", "--only", "01").returncode == 0
    new = two.outputs / "acme" / "2024-04-03"
    html = (new / "index.html").read_text(encoding="utf-8")
    assert "Page of an earlier run, data as of 11 Mar 2024" in html
    records = json.loads((new / "run.json").read_text())["reports"]
    assert (records["01_portfolio"]["as_of"], records["01_portfolio"]["status"]) == (
        "2024-04-03",
        "delivered",
    )
    assert (records["04_cohort"]["as_of"], records["04_cohort"]["status"]) == (
        "2024-03-11",
        "kept",
    )
    assert "11 Mar 2024" in (new / "04_cohort.html").read_text(encoding="utf-8")


def test_op08_a_page_that_lost_an_output_is_not_delivered(suite, monkeypatch, capsys):
    monkeypatch.setenv("CRM_NOTEBOOKS", str(suite.notebooks))
    render = page.render

    def dropping(executed, out, **around):
        render(executed, out, **around)
        html = out.read_text(encoding="utf-8")
        out.write_text(html.replace('data-output="finding-1"', ""), encoding="utf-8")

    monkeypatch.setattr(page, "render", dropping)
    roots = ["--data", str(suite.data), "--outputs", str(suite.outputs)]
    assert run_all(["acme", *roots]) == 1
    assert "1 not on the page: finding-1" in capsys.readouterr().out
    assert [p.name for p in suite.delivered().glob("*.html")] == ["index.html"]
    assert "Failed. A part of its page was lost." in index_of(suite)


def test_op09_a_warning_that_was_only_printed_is_on_the_page_and_in_the_manifest(mixed):
    html = (mixed.delivered() / "06_propensity.html").read_text(encoding="utf-8")

    assert "the fit did not converge, see …" in html
    assert mixed.manifest()["warnings"]["06_propensity"] == [
        "ConvergenceWarning: the fit did not converge, see …"
    ]


def test_op10_a_hundred_megabytes_of_print_are_capped_and_said(mixed):
    assert mixed.manifest()["warnings"]["08_attribution"] == [
        "code cell 4 printed 100 MB, of which the first is kept"
    ]
    executed = mixed.delivered() / "notebooks" / "08_attribution.ipynb"
    assert executed.stat().st_size < 100_000


def test_op12_two_runs_and_two_job_counts_give_the_same_bytes(two, undisturbed):
    assert two.run("acme", "--jobs", "2", TZ="Asia/Tokyo").returncode == 0

    assert contents(two.delivered()) == contents(undisturbed.delivered())
    mine, other = two.manifest(), undisturbed.manifest()
    for manifest in (mine, other):
        del manifest["run"], manifest["seal"]
    assert mine == other


def test_op13_bad_clients_do_not_hold_up_the_others_and_are_named_at_the_end(suite):
    suite.client("beta")
    suite.client("gamma", lines="Customer,Order\n")
    suite.client("delta", more="colour: red\n")
    suite.client("epsilon", more="parameters:\n  cohort: {share: 7}\n")

    done = suite.run("--all", "--jobs", "2")
    assert done.returncode == 1
    summary = done.stdout[done.stdout.index("2 of 5 clients delivered without a fault") :]
    assert re.search(r"gamma  exit 3  E-FILE-\d+", summary)
    assert re.search(r"delta  exit 2  E-CONF-\d+", summary)
    assert re.search(r"epsilon  exit 2  E-PARA-03", summary)
    # Whoever stops the batch half way has been told of those before.
    assert re.search(r"gamma \(5 of 5\)\n  exit 3: E-FILE-\d+", done.stdout)
    for name in ("acme", "beta"):
        assert (suite.delivered(name) / "04_cohort.html").is_file()
    assert not list((suite.outputs / "gamma").glob("2*"))


@pytest.mark.parametrize("file", ["04_cohort.html", "run.json", "tables/04_cohort/customers.csv"])
def test_op14_a_file_edited_by_hand_is_named(delivered, file):
    suite = delivered
    edited = suite.delivered() / file
    edited.write_bytes(edited.read_bytes().replace(b"0", b"9"))

    found = suite.run("verify", "acme", module="shared")
    assert found.returncode == 1
    assert f"{file}  was changed after the delivery" in found.stderr


def test_a_second_run_at_the_same_time_is_told_who_is_first(two, undisturbed):
    with two.started("acme", "--jobs", "1") as first:
        holder = two.outputs / "acme" / ".running.json"
        while not holder.exists() or not holder.read_bytes().endswith(b"}"):
            assert first.poll() is None
            time.sleep(0.05)

        first.send_signal(signal.SIGSTOP)  # however slow this machine is, the second meets it
        second = two.run("acme")
        first.send_signal(signal.SIGCONT)
        assert second.returncode == 4
        assert re.search(rf"is being run by process {first.pid} since 20\d\d-", second.stderr)
        assert first.wait(**SECONDS) == 0
    assert contents(two.delivered()) == contents(undisturbed.delivered())


def test_a_kernel_killed_from_outside_costs_one_report_and_no_page_claims_success(two):
    two.notebook("04_cohort", "Path('here').touch()\nimport time; time.sleep(60)")
    with two.started("acme") as run:
        _kernel_in_cell(two, run).kill()
        assert run.wait(**SECONDS) == 1
    pages = [p.name for p in two.delivered().glob("*.html")]
    assert sorted(pages) == ["01_portfolio.html", "index.html"]


def _kernel_in_cell(suite, run):
    while not list(suite.outputs.glob("acme/.staging-*/work/04_cohort/scratch/here")):
        assert run.poll() is None
        time.sleep(0.05)
    for process in psutil.Process(run.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # children come and go meanwhile
            line = " ".join(process.cmdline())
            if "ipykernel_launcher" in line and "04_cohort" in process.cwd():
                return process
    raise AssertionError("no kernel runs 04_cohort")


def _files(suite):
    return [p for p in suite.delivered().rglob("*") if p.is_file()]
