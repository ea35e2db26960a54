"""Blanks come off both ends of a text, and no letter does, in every engine."""

import ast
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
    wrong = []
    for file in ANALYSIS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            # `_.channel.strip()` and `table.channel.strip()`, not `frame["x"].str.strip()`.
            match node:
                case ast.Call(
                    func=ast.Attribute(
                        attr="strip" | "lstrip" | "rstrip",
                        value=ast.Attribute(value=ast.Name(), attr=column),
                    )
                ) if column not in ("str", "template"):
                    wrong.append(f"{file.name}:{node.lineno}")
    assert not wrong
