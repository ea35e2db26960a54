"""The data contract says what the schema says."""

import re
from dataclasses import fields

from shared.loading.data_contract import FORMAT_KEYS, MEANINGS, README, RULES, generated_part
from shared.loading.schema import TABLES
from shared.loading.table_config import Format
from shared.loading.table_rules import Rules


def test_the_readme_of_data_has_every_table_column_and_reason_of_the_code():
    assert generated_part() in README.read_text(encoding="utf-8"), (
        "run python -m shared.loading.data_contract"
    )


def test_every_column_has_a_meaning_and_no_meaning_is_left_over():
    assert {t: set(m) for t, m in MEANINGS.items()} == {
        t: set(schema.columns) for t, schema in TABLES.items()
    }


def test_every_key_of_format_and_rules_is_listed_and_no_other():
    assert list(FORMAT_KEYS) == [field.name for field in fields(Format)]
    assert list(RULES) == [field.name for field in fields(Rules)]


def test_the_value_in_bold_is_what_holds_without_the_key():
    bold = {key: re.findall(r"\*\*`(\w+)`\*\*", values) for key, (values, _) in RULES.items()}
    stated = {key: words[0] for key, words in bold.items() if words}

    assert stated == {"merge_ids": "keep"} | {
        f.name: f.default for f in fields(Rules) if isinstance(f.default, str)
    }
