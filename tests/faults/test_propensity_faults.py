"""Faults of a labelled table or of orders that propensity owns, from raw file to page."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from deliveries import delivered_folder
from deliveries_here import deliver_here
from planted_purchases import simulated_logit

pytestmark = pytest.mark.slow

CLIENT = """\
name: {name}
currency: EUR
locale: en_GB
timezone: Europe/London
snapshot_date: 2024-07-01
tables:
  responses:
    source: responses.csv
    columns: {{customer_id: {id}, outcome: bought{more}}}
"""


def labelled(rows=4000):
    examples, _p = simulated_logit(3, rows=rows)
    frame = examples.features.round(4).assign(bought=examples.outcome)
    return frame.assign(person=[f"p{i:05d}" for i in range(rows)])


def one_class():
    return labelled(400).assign(bought=0)


def leaking():
    """A column equal to the outcome, a stamp after it, a word seen only late, repeated rows."""
    frame = labelled()
    rng = np.random.default_rng(0)
    seen = pd.Timestamp("2024-01-01 09:00") + pd.to_timedelta(np.arange(len(frame)) * 30, "min")
    called = seen + pd.to_timedelta(rng.integers(1, 50, len(frame)), "h")
    frame = frame.assign(
        seen_at=seen.strftime("%Y-%m-%d %H:%M"),
        paid=frame["bought"],
        call=frame["bought"] + rng.normal(0, 2, len(frame)).round(3),
        call_at=called.strftime("%Y-%m-%d %H:%M"),
        channel=np.where(np.arange(len(frame)) < 3000, rng.choice(["web", "shop"], 4000), "app"),
        visits=np.where(rng.random(len(frame)) < 0.3, None, rng.poisson(2, len(frame))),
    )
    return pd.concat([frame, frame.tail(40)])


@pytest.fixture(scope="module")
def records(once):
    """Deliver both clients in one go and give what their pages found."""

    def make(outputs):
        made = {
            "one_class": (one_class(), "person", ""),
            "leaking": (leaking(), '"#row"', ", observed_at: seen_at"),
        }
        for name, (frame, identity, more) in made.items():
            folder = outputs / "data" / name
            folder.mkdir(parents=True)
            frame.to_csv(folder / "responses.csv", index=False)
            text = CLIENT.format(name=name, id=identity, more=more)
            (folder / "client.yaml").write_text(text, encoding="utf-8")
        places = ("--data", str(outputs / "data"), "--outputs", str(outputs / "out"))
        code, said = deliver_here(*made, *places, "--only", "propensity")
        assert code == 0, said

    folder = once("propensity-faults", make) / "out"
    return {
        name: json.loads(
            (Path(delivered_folder(folder, name)) / "findings/06_propensity.json").read_text()
        )
        for name in ("one_class", "leaking")
    }


def words(record):
    return " ".join(one["sentence"] for one in [*record["findings"], *record["said"]])


def test_da30_a_single_class_gives_a_page_that_says_so(records):
    record = records["one_class"]

    assert record["verdict"] == "not supported by this data"
    assert "all 400 outcomes are the same" in json.dumps(record)


def test_da31_a_leak_is_shown_first_and_read_with_care(records):
    record = records["leaking"]

    assert record["verdict"] == "read with care"
    assert "paid" in record["findings"][0]["sentence"]
    assert "left out" in record["findings"][0]["sentence"]
    assert 0.5 < record["metrics"]["auc"] < 0.95


def test_what_was_stamped_after_the_row_is_left_out_and_named(records):
    told = words(records["leaking"])

    assert "call" in told
    assert "recorded after" in told


def test_a_word_seen_only_later_and_repeated_rows_are_told(records):
    told = words(records["leaking"])

    assert "channel has values at the test that training did not know" in told
    assert "40 rows equal another in every column" in told
    assert records["leaking"]["metrics"]["scored"] > 0
