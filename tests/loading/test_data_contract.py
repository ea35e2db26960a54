"""The data contract says what the schema says."""

from shared.loading.data_contract import MEANINGS, README, generated_part
from shared.loading.schema import TABLES


def test_the_readme_of_data_has_every_table_column_and_reason_of_the_code():
    assert generated_part() in README.read_text(encoding="utf-8"), (
        "run python -m shared.loading.data_contract"
    )


def test_every_column_has_a_meaning_and_no_meaning_is_left_over():
    assert {t: set(m) for t, m in MEANINGS.items()} == {
        t: set(schema.columns) for t, schema in TABLES.items()
    }
