"""Blanks come off both ends of a text, and no letter does, in every engine."""

import re
from pathlib import Path

import ibis
import pandas as pd

from shared.analysis.trimmed import trimmed

TEXTS = ["view", " view", "vivid leaf\t", "\r\nfix\n", "a  b", "", "   ", None, "\v"]
ANALYSIS = Path(__file__).parents[2] / "shared" / "analysis"


def test_only_blanks_come_off():
    table = ibis.memtable(pd.DataFrame({"text": TEXTS}))

    found = table.select(bare=trimmed(table.text)).to_pandas()["bare"]

    expected = ["view", "view", "vivid leaf", "fix", "a  b", "", "", None, "\v"]
    assert [None if pd.isna(text) else text for text in found] == expected


def test_spark_is_not_told_of_letters_that_would_be_blanks():
    table = ibis.table({"text": "string"}, name="t")

    written = str(ibis.to_sql(table.select(bare=trimmed(table.text)), dialect="pyspark"))

    assert r"\v" not in written
    assert r"\f" not in written


def test_no_analysis_strips_a_column_by_itself():
    column = re.compile(r"\b_\.\w+\.(l|r)?strip\(")
    assert not [file.name for file in ANALYSIS.glob("*.py") if column.search(file.read_text())]
