import json

import pytest

from shared.analysis.change_since import Movement
from shared.analysis.intervals import exact, wilson
from shared.delivery.plan import Former
from shared.delivery.results import ReportResult
from shared.delivery.since_last import since_last, written_changes
from shared.plots.locales import Wording


def finding(name, sentence, *, about="", **values):
    main = next(iter(values.values()))
    texts = {key: value for key, value in values.items() if isinstance(value, str)}
    figures = {key: vars(values[key]) for key in values.keys() - texts.keys()}
    written = figures | texts | {"about": about}
    bounds = {"n": main.n, "low": main.low, "high": main.high, "n_of": main.of}
    return {"id": name, "sentence": sentence, "values": written, **bounds}


def write(folder, findings, *, parameters=None):
    (folder / "findings").mkdir(parents=True)
    content = {
        "verdict": "can be relied on",
        "metrics": {},
        "findings": findings,
        "parameters": parameters or {"period": "M"},
    }
    (folder / "findings" / "04_cohort.json").write_text(json.dumps(content))


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "2026-06-01", tmp_path / "2026-07-01"


def compared(then, now):
    former = Former(then, {"snapshot_date": "2026-06-01"}, {"04_cohort": {}})
    here = ReportResult("04", "cohort", "Do they return?", "delivered", page="04_cohort.html")
    return since_last(former, [here], now)


def test_headlines_of_one_id_are_compared_and_what_moved_stands_first(folders):
    then, now = folders
    write(then, [
        finding("back", "20% return.", share=wilson(200, 1000)),
        finding("big", "50% buy.", share=wilson(500, 1000)),
        finding("gone", "9 left.", n=exact(9, n=9, unit="count")),
    ])  # fmt: skip
    write(now, [
        finding("back", "21% return.", share=wilson(210, 1000)),
        finding("big", "70% buy.", share=wilson(700, 1000)),
        finding("new", "3 came.", n=exact(3, n=3, unit="count")),
    ])  # fmt: skip

    got = compared(then, now)

    assert got.date == "2026-06-01"
    assert [(c.sentence, c.movement) for c in got.changes] == [
        ("70% buy.", Movement.BEYOND),
        ("21% return.", Movement.NOISE),
    ]
    assert got.changes[0].former_sentence == "50% buy."
    assert got.changes[0].moved.value == pytest.approx(0.2)


def test_another_figure_under_the_same_id_is_not_compared(folders):
    then, now = folders
    write(then, [finding("back", "20% return.", share=wilson(200, 1000))])
    write(now, [finding("back", "30 days.", days=exact(30, n=9, unit="days"))])

    assert compared(then, now).changes == ()


def test_a_headline_about_another_product_is_no_change_of_a_figure(folders):
    then, now = folders
    write(then, [finding("top", "Tea: 20%.", share=wilson(200, 1000), about="tea")])
    write(now, [finding("top", "Jam: 70%.", share=wilson(700, 1000), about="jam")])

    got = compared(then, now)

    assert got.changes == ()
    assert [said for _, *said in got.other_subjects] == [["Jam: 70%.", "Tea: 20%."]]


@pytest.mark.parametrize(
    ("then_named", "now_named"),
    [("2026-02", "2026-05-31"), ("2025Q4", "2026Q1"),
     ("2026-05-18/2026-05-24", "2026-06-15/2026-06-21")],
)  # fmt: skip
def test_the_same_headline_of_a_later_period_has_moved_on_and_is_compared(
    folders, then_named, now_named
):
    then, now = folders
    write(then, [finding("lost", "8%, 4% in Feb.", share=wilson(80, 1000), calm=then_named)])
    write(now, [finding("lost", "9%, 5% in May.", share=wilson(90, 1000), calm=now_named)])

    got = compared(then, now)

    assert got.other_subjects == ()
    assert [c.sentence for c in got.changes] == ["9%, 5% in May."]


def test_the_index_tells_what_changed_with_its_interval(folders, tmp_path):
    then, now = folders
    write(then, [finding("big", "50% buy.", share=wilson(500, 1000))])
    write(now, [finding("big", "70% buy.", share=wilson(700, 1000))])

    said = written_changes(compared(then, now), Wording("en_GB", "EUR"))

    (change,) = said["moved"]
    assert (said["date"], said["compared"]) == ("1 Jun 2026", 1)
    assert said["counts"] == "1 moved by more than noise"
    assert change["change"] == "+20.0 points (+15.8 to +24.1)"
    assert change["movement"] == "more than noise"


def test_other_settings_are_said_and_nothing_is_compared(folders):
    then, now = folders
    write(then, [finding("back", "20% return.", share=wilson(200, 1000))], parameters={"p": "Q"})
    write(now, [finding("back", "40% return.", share=wilson(400, 1000))])

    got = compared(then, now)

    assert got.changes == ()
    assert got.other_settings == ("Do they return?",)


def test_without_an_earlier_delivery_there_is_nothing_to_compare(folders):
    _, now = folders
    write(now, [finding("back", "40% return.", share=wilson(400, 1000))])

    assert since_last(None, [], now) is None
    assert since_last(Former(folders[0], {}, {}), [], now) is None
