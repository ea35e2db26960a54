import io
import json
from pathlib import Path

from shared.delivery.closing import client_lines, report_outcomes, summary_lines
from shared.delivery.outcome import ClientOutcome, ReportLine, exit_code
from shared.delivery.progress import LogLines, say

ACME = ClientOutcome(
    "acme",
    1,
    Path("outputs/acme/2024-03-11"),
    (
        ReportLine("01_portfolio", "delivered", 5.24, "62 % of revenue comes from Champions."),
        ReportLine("04_cohort", "failed", 1.0, "it failed", "code cell 3: KeyError"),
        ReportLine("05_basket", "not_built"),
    ),
)
BETA = ClientOutcome("beta", 3, error="E-DATA-02 orders.csv  is empty\n  fix    ask for it")
GAMMA = ClientOutcome("gamma", 0)


def test_the_closing_table_has_report_status_seconds_headline():
    assert client_lines(ACME, 400) == [
        "report        status             seconds  headline",
        "01_portfolio  delivered              5.2  62 % of revenue comes from Champions.",
        "04_cohort     failed                 1.0  code cell 3: KeyError",
        "acme: outputs/acme/2024-03-11/",
    ]


def test_a_headline_of_a_page_to_read_with_care_says_so():
    said = ("A half comes back.", "read with care"), ("A tenth does.", "can be relied on")
    lines = (ReportLine("x", "unchanged", headline=told, verdict=level) for told, level in said)

    careful, firm = client_lines(ClientOutcome("acme", 0, reports=tuple(lines)), 400)[1:]
    assert careful.endswith("  read with care: A half comes back.")
    assert firm.endswith("  A tenth does.")


def test_a_narrow_terminal_cuts_the_headline_and_nothing_else():
    assert client_lines(ACME, 40)[1].endswith("  5.2  62 % of revenue comes from Ch…")


def test_one_client_gives_its_own_code_and_several_give_one():
    assert exit_code([BETA]) == 3
    assert exit_code([BETA, GAMMA]) == 1
    assert exit_code([GAMMA, GAMMA]) == 0


def test_the_summary_names_each_bad_client_with_code_and_reason():
    assert summary_lines([ACME, BETA, GAMMA]) == [
        "1 of 3 clients delivered without a fault",
        "  acme  exit 1  failed: 04_cohort",
        "  beta  exit 3  E-DATA-02 orders.csv  is empty",
    ]


def test_the_summary_counts_clients_and_their_slices_apart():
    parts = (
        ClientOutcome("acme, country UK", 0),
        ClientOutcome("acme, country DE", 3, error="E-1 x"),
    )
    whole = ClientOutcome("acme", 0, slices=parts)

    assert summary_lines([whole, *parts, GAMMA])[0] == (
        "2 of 2 clients, 1 of 2 slices delivered without a fault"
    )


def test_json_holds_all_of_it():
    out, err = io.StringIO(), io.StringIO()
    report_outcomes([ACME, BETA], as_json=True, debug=False, out=out, err=err)

    told = json.loads(out.getvalue())
    assert told["exit"] == 1
    assert told["clients"][0]["reports"][0]["headline"].startswith("62 %")
    assert told["clients"][1]["error"].startswith("E-DATA-02")
    assert err.getvalue() == ""


def test_a_stream_that_is_closed_is_no_fault():
    stream = io.StringIO()
    stream.close()

    say("anything", stream)
    LogLines(stream).event("01_portfolio", {"kind": "started"})
