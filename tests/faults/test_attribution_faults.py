"""Bad input of the attribution report: each comes to a page or to a refusal, never to a crash."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_journeys import conversions_of, paths_table, planted_tables, touches_of

from shared.analysis import attribution_answers as answers
from shared.analysis import attribution_budget_answers as budget_answers
from shared.analysis import attribution_exhibits as exhibits
from shared.analysis import attribution_memory_answers as memory_answers
from shared.analysis.attribution_actions import attribution_actions
from shared.analysis.attribution_caveats import attribution_caveats
from shared.analysis.attribution_results import attribution_metrics, attribution_tables
from shared.analysis.attribution_study import study_attribution
from shared.analysis.study_parts import part
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT = date(2024, 12, 1)


def told(tables, **options):
    """Compute a page and write all of its sentences."""
    study = study_attribution(tables, snapshot_date=SNAPSHOT, **options)
    said = [answer for _name, answer in answers.headlines(study)]
    said += [answers.travelling(study), answers.decision(study), answers.roles(study)]
    said += [memory_answers.remembering(study), *memory_answers.doubts(study)]
    said += attribution_caveats(study)
    optional = (answers.feeding_detail, answers.switching_off_so_what, budget_answers.saturating)
    parts = [part(one, study) for one in optional]
    said += [one for one in parts if not isinstance(one, NotSupportedByData)]
    shown = [exhibits.channel_map, exhibits.models, exhibits.roles, exhibits.removal,
             exhibits.feeding, exhibits.returns]  # fmt: skip
    for one in (part(exhibit, study) for exhibit in shown):
        if not isinstance(one, NotSupportedByData):
            said += one.said
    for action in attribution_actions(study):
        values = {**action.values, "size": action.size, "money": action.money}
        write(action.template, values, Wording())
    assert attribution_metrics(study)["conversions"] == study.paths.total
    assert attribution_tables(study)
    return study, " ".join(write(r.template, dict(r.values), Wording()) for r in said)


def many(path, sold, lost):
    return [(path, sold, lost)]


def test_channels_named_like_the_ends_of_the_map_keep_their_own_figures():
    rows = [("SALES > (null)", 300, 200), ("START > SALES", 100, 300), ("NULL", 50, 400)]
    study, said = told({"paths": paths_table(rows)})

    assert study.credit["markov"].sum() == pytest.approx(450, abs=1e-6)
    assert set(study.credit["channel"]) == {"SALES", "(null)", "START", "NULL"}
    assert "SALES" in said


def test_sixty_channels_and_paths_of_500_steps_make_a_page():
    rng = np.random.default_rng(3)
    names = [f"channel {k:02d}" for k in range(60)]
    rows = [(" > ".join(rng.choice(names, 4)), int(rng.integers(1, 9)), int(rng.integers(1, 9)))
            for _row in range(300)]  # fmt: skip
    rows.append((" > ".join(rng.choice(names, 500)), 3, 2))
    study, said = told({"paths": paths_table(rows)}, memory=1)

    assert study.credit["markov"].sum() == pytest.approx(study.paths.total, abs=1e-6)
    assert "nan" not in said.lower()


def test_three_paths_are_refused_when_few_journeys_walked_them():
    with pytest.raises(NotSupportedByData, match="too few to compare"):
        told({"paths": paths_table([("A > B", 3, 2), ("B", 1, 1), ("A", 0, 3)])})


def test_no_conversion_is_refused_and_one_is_read():
    touches, _sales = planted_tables(2, journeys=200)
    with pytest.raises(NotSupportedByData, match="converted"):
        told({"touchpoints": touches, "conversions": conversions_of([])})

    first = touches.to_pandas().sort_values(["customer_id", "touched_at"]).iloc[0]
    one = conversions_of([(first["customer_id"], first["touched_at"] + pd.Timedelta(hours=1), 5)])
    study, said = told({"touchpoints": touches, "conversions": one})
    assert study.paths.total == 1
    assert "nan" not in said.lower()


def test_one_channel_is_refused():
    with pytest.raises(NotSupportedByData, match="one channel, A"):
        told({"paths": paths_table(many("A > A", 500, 500))})


def test_all_journeys_converting_is_no_null_path():
    frame = pd.DataFrame({"path": ["A > B", "B > A", "B"], "conversions": [300, 200, 100],
                          "nulls": [0, 0, 0]})  # fmt: skip
    study, said = told({"paths": ibis.memtable(frame)})

    assert isinstance(study.removal, NotSupportedByData)
    assert "nan" not in said.lower()


def test_equal_time_stamps_and_several_conversions_make_a_page():
    rows = [(f"c{k}", "2024-01-01 10:00", name) for k in range(80) for name in ("B", "A", "C")]
    rows += [(f"c{k}", "2024-02-20 09:00", "A") for k in range(80)]
    sales = [(f"c{k}", day, 10) for k in range(40)
             for day in ("2024-01-02 12:00", "2024-01-02 12:00", "2024-02-21 12:00")]  # fmt: skip
    study, said = told({"touchpoints": touches_of(rows), "conversions": conversions_of(sales)})

    assert study.paths.total == 120
    assert "240 contacts share customer and instant" in said


def test_worthless_conversions_give_no_share_of_money_and_no_crash():
    rows = [("A > B", 300, 200), ("B > A", 100, 300)]
    study, said = told({"paths": paths_table(rows, conversion_value=[0.0, 0.0])})

    assert study.credit["markov_value"].sum() == 0
    assert "nan" not in said.lower()
