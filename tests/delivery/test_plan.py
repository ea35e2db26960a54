import pytest

from shared.delivery.catalogue import Notebook
from shared.delivery.manifest import write_manifest
from shared.delivery.plan import former_deliveries, former_delivery, plan

NAMES = ("01_portfolio", "04_cohort", "05_basket")


@pytest.fixture
def reports(tmp_path):
    path = tmp_path / "any.ipynb"
    built = [Notebook(name, "Why?", path, (("order_lines",),)) for name in NAMES[:2]]
    return [*built, Notebook(NAMES[2], "What?")]


def delivery(root, date, **prints):
    folder = root / date
    folder.mkdir()
    records = {}
    for name, fingerprint in prints.items():
        (folder / f"{name}.html").write_text(name)
        files = [f"{name}.html"]
        records[name] = {"status": "delivered", "fingerprint": fingerprint, "files": files}
    write_manifest({"reports": records}, folder)
    return folder


def actions(reports, formers, **options):
    given = {
        "supplied": ["order_lines"],
        "fingerprints": dict.fromkeys(NAMES[:2], "now"),
        "only": (),
        "formers": formers,
        "date": "2024-03-11",
        "force": False,
    }
    return [step.action for step in plan(reports, **{**given, **options})]


def test_the_first_run_runs_what_the_data_allow(reports):
    assert actions(reports, []) == ["run", "run", "not_built"]
    assert actions(reports, [], supplied=["reviews"]) == [
        "missing_data",
        "missing_data",
        "not_built",
    ]


def test_only_what_changed_runs_again(tmp_path, reports):
    delivery(tmp_path, "2024-03-11", **{"01_portfolio": "now", "04_cohort": "before"})
    formers = former_deliveries(tmp_path, "2024-03-11")

    assert actions(reports, formers) == ["current", "run", "not_built"]
    assert actions(reports, formers, force=True) == ["run", "run", "not_built"]


def test_a_report_that_was_not_asked_for_is_kept_and_marked_if_it_is_out_of_date(tmp_path, reports):
    only = {"only": {"01_portfolio"}}
    assert actions(reports, [], **only) == ["run", "not_asked", "not_built"]

    delivery(tmp_path, "2023-12-01", **{"01_portfolio": "old", "04_cohort": "old"})
    formers = former_deliveries(tmp_path, "2024-03-11")
    assert actions(reports, formers, **only) == ["run", "keep", "not_built"]


def test_last_quarters_page_never_stands_in_for_a_report_that_was_asked_for(tmp_path, reports):
    delivery(tmp_path, "2023-12-01", **{"01_portfolio": "old"})
    formers = former_deliveries(tmp_path, "2024-03-11")

    steps = plan(
        reports,
        supplied=["order_lines"],
        fingerprints={},
        only=(),
        formers=formers,
        date="2024-03-11",
        force=False,
    )
    assert [step.former for step in steps] == [None, None, None]


def test_a_report_whose_file_was_touched_runs_again(tmp_path, reports):
    folder = delivery(tmp_path, "2024-03-11", **{"01_portfolio": "now", "04_cohort": "now"})
    (folder / "04_cohort.html").write_text("by hand")

    former = former_delivery(folder)
    assert list(former.records) == ["01_portfolio"]
    assert actions(reports, [former]) == ["current", "run", "not_built"]


def test_an_incomplete_delivery_counts_for_nothing(tmp_path):
    (tmp_path / "2024-03-11").mkdir()

    assert former_delivery(tmp_path / "2024-03-11") is None
