"""The data contract in words: what each column of each table holds, kept in step with the schema.

`python -m shared.loading.data_contract` rewrites the generated part of `data/README.md`.
"""

from pathlib import Path

from shared.loading.reasons import REASONS
from shared.loading.schema import TABLES, Kind, TableSchema
from shared.loading.table_rules import rules_of

README = Path(__file__).parents[2] / "data" / "README.md"
START, END = "<!-- generated from the schema -->", "<!-- end of the generated part -->"

KINDS: dict[Kind, str] = {
    "id": "id (text)",
    "text": "text",
    "timestamp": "date and time",
    "date": "date",
    "number": "number",
    "money": "money",
    "integer": "whole number",
    "flag": "0 or 1",
}
_CUSTOMER = "the customer; pseudonymised before it comes to us"
_PRODUCT = "the product, as in all other tables"

MEANINGS: dict[str, dict[str, str]] = {
    "order_lines": {
        "customer_id": f"{_CUSTOMER}; blank for a guest",
        "order_id": "the order or invoice; `#customer_day` if there is none",
        "order_date": "when it was ordered, in the shop's time",
        "product_id": _PRODUCT,
        "quantity": "units; negative on a refund; 1 if not mapped",
        "unit_price": "price of one unit before `discount`",
        "line_value": "total of the line; else quantity × unit_price − discount",
        "discount": "money off the line, not per cent",
        "unit_cost": "what one unit cost the client",
        "product_name": "as people know it",
        "category": "product group",
        "channel": "where it was bought: web, app, shop …",
        "campaign": "promotion that the line belongs to",
        "country": "where it was sold to",
    },
    "customers": {
        "customer_id": _CUSTOMER,
        "joined_on": "first registration",
        "loyalty_joined_on": "day of joining the loyalty programme; blank for those who never did",
        "birth_year": "four digits",
        "gender": "in the client's own words",
        "city": "in the client's own words",
        "acquisition_channel": "what won the customer",
        "acquisition_campaign": "campaign that won the customer; blank for none",
        "acquisition_cost": "what winning this customer cost",
    },
    "products": {
        "product_id": _PRODUCT,
        "product_name": "as people know it",
        "category": "product group",
        "unit_cost": "what one unit costs the client today",
        "stock": "units on hand on the snapshot date",
        "repeatable": "1 if it is used up and bought again",
    },
    "web_sessions": {
        "customer_id": _CUSTOMER,
        "session_id": "the visit",
        "started_at": "start of the visit, in the shop's time",
        "channel": "where the visitor came from",
        "pages": "pages seen",
        "duration_seconds": "length in seconds",
        "product_views": "product pages seen",
        "cart_adds": "products put into the basket",
        "bounced": "1 if the visitor left after one page",
    },
    "touchpoints": {
        "customer_id": _CUSTOMER,
        "touched_at": "time of the contact, in the shop's time",
        "channel": "marketing channel",
        "kind": "impression, click or visit",
        "campaign": "campaign of the contact",
        "cost": "what this contact cost",
        "stage": "how far the journey had come: discover, browse, basket …",
        "satisfaction": "answer to a short survey, higher is better",
    },
    "conversions": {
        "customer_id": _CUSTOMER,
        "converted_at": "time of the conversion; without this table, every order is one",
        "conversion_value": "what it was worth",
    },
    "campaign": {
        "customer_id": _CUSTOMER,
        "treatment": "1 if contacted, 0 for the control group",
        "arm": "group in the client's words; name the control with `control_arm`",
        "campaign_id": "needed where there are several campaigns",
        "assigned_at": "when the groups were drawn or the campaign went out",
        "outcome": "1 if the customer did what the campaign is for",
        "outcome_value": "money spent within the campaign's window",
        "treatment_cost": "what contacting this customer cost",
    },
    "reviews": {
        "review_id": "the text",
        "written_at": "when it was written",
        "text": "the text itself, without names",
        "customer_id": f"{_CUSTOMER}; may be blank",
        "product_id": f"{_PRODUCT}; may be blank",
        "rating": "stars, higher is better",
        "language": "such as en, de, tr; detected if blank",
        "source": "where it was collected",
    },
    "customer_rfm": {
        "customer_id": _CUSTOMER,
        "last_order_date": "day of the last order",
        "first_order_date": "day of the first order",
        "frequency": "orders, the first included",
        "monetary": "money spent in total",
    },
    "durations": {
        "customer_id": _CUSTOMER,
        "duration": "time as a customer, in the `time_unit` of `parameters: {survival: …}`",
        "event_observed": "1 if the customer has left, 0 if still active",
    },
    "responses": {
        "customer_id": _CUSTOMER,
        "outcome": "1 if the person responded",
        "observed_at": "when the row was recorded",
    },
    "paths": {
        "path": "channels in order: `a > b > c`",
        "conversions": "journeys on this path that converted",
        "conversion_value": "what these were worth in total",
        "nulls": "journeys on this path that did not convert",
    },
}

# Key of `format`: its values, and what it does. What is left out is found out from the files.
FORMAT_KEYS: dict[str, tuple[str, str]] = {
    "delimiter": ("one character, or `tab`", "stands between the fields of a text file"),
    "decimal": ("`,` or `.`", "the decimal sign"),
    "thousands": ('`.` `,` `\'`, a space, or `""`', 'sets thousands apart; `""`: nothing does'),
    "date": (
        '`"%d.%m.%Y"`, a list of such, or `excel_serial`',
        "how dates are written; in a list, side by side",
    ),
    "encoding": ("`utf-8`, `cp1252`, `cp1254` …", "of a text file"),
    "sheet": ("its name", "the sheet of a workbook"),
    "header_row": ("1 or more", "the row of the column names; titles above it are skipped"),
    "footer_rows": ("0 or more", "how many rows of totals end each file"),
}
RULES: dict[str, tuple[str, str]] = {
    "cancelled_order_prefix": ("`C`", "orders whose id starts so are cancelled"),
    "exclude_product_ids": ("`[POST, GIFT]`", "products that are none; their lines do not count"),
    "refunds": (
        "`net`, `set_aside`, `keep`",
        "negative lines: `net` lowers money and makes no order; without the rule they are refused",
    ),
    "zero_price": ("**`set_aside`**, `keep`", "lines that are free of charge"),
    "guests": ("**`set_aside`**, `keep`", "lines without a customer"),
    "duplicates": ("**`keep`**, `drop`", "rows that agree in `duplicate_key`: the first stays"),
    "duplicate_key": ("`[order_id, product_id]`", "columns of the table, for `duplicates: drop`"),
    "merge_ids": (
        "`case_and_space`, **`keep`**",
        "`case_and_space`: ids that differ in nothing else are one; in `order_lines` it holds for "
        "all tables",
    ),
    "rates": ("`{USD: 0.92}`", "what one unit of a currency is worth in the client's"),
    "currency_column": ("the client's column", "names the currency of a row, for `rates`"),
    "footer": ("`[Total, Summe]`", "texts that mark a row of totals, wherever it stands"),
    "values": (
        "`{outcome: {Yes: 1, No: 0}}`",
        "what the client's words mean; in a column of numbers any number",
    ),
    "control_arm": ("`control`", "the arm that got nothing"),
    "leave_out": (
        "`{Status: [cancelled]}`",
        "rows with these values do not count; the client's columns, mapped or not",
    ),
    "first_day": ("`2024-01-01`", "rows dated earlier do not count"),
}


def generated_part() -> str:
    """Write the tables, the keys of each and the reasons for setting rows aside as Markdown."""
    tables = [_table(name, schema) for name, schema in TABLES.items()]
    return "\n\n".join([START, *tables, _format_keys(), _rules(), _reasons(), END])


def write_readme(path: Path = README) -> None:
    """Put the generated part in its place; the prose around it stays."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    path.write_text(before + generated_part() + after, encoding="utf-8", newline="\n")


def _table(name: str, schema: TableSchema) -> str:
    needed = [" and ".join(f"`{column}`" for column in option) for option in schema.essential]
    lines = [f"### `{name}`", "", f"One row per {schema.grain}. Needs {', or else '.join(needed)}."]
    if schema.extras:
        lines[-1] += " Further columns are kept as attributes under their own names."
    lines += ["", "| column | kind | holds |", "|---|---|---|"]
    essential = {column for option in schema.essential for column in option}
    for column, what in schema.columns.items():
        shown = f"**`{column}`**" if column in essential else f"`{column}`"
        lines.append(f"| {shown} | {KINDS[what.kind]} | {MEANINGS[name][column]} |")
    return "\n".join(lines)


def _format_keys() -> str:
    lines = ["## Keys of `format`", "",
             "How the files of a table are written. What is left out is found out, or asked.", "",
             "| key | values | what it says |", "|---|---|---|"]  # fmt: skip
    lines += [f"| `{key}` | {values} | {what} |" for key, (values, what) in FORMAT_KEYS.items()]
    return "\n".join(lines)


def _rules() -> str:
    lines = ["## Keys of `rules`", "",
             "What a client declares of a table's rows. In **bold**: what holds without the key.",
             "",
             "| key | values | what it does | in |", "|---|---|---|---|"]  # fmt: skip
    for key, (values, what) in RULES.items():
        having = [table for table in TABLES if key in rules_of(table)]
        dated = having == [table for table, schema in TABLES.items() if schema.clock]
        several = "tables with a date" if dated else "any table"
        where = f"`{having[0]}`" if len(having) == 1 else several
        lines.append(f"| `{key}` | {values} | {what} | {where} |")
    return "\n".join(lines)


def _reasons() -> str:
    lines = ["## Rows that are set aside", "",
             "Each is counted, and listed with its row number in `rejects/`.", "",
             "| reason | because of | rows that are |", "|---|---|---|"]  # fmt: skip
    by = {"rule": "a rule", "error": "an error"}
    lines += [f"| `{name}` | {by[c.kind]} | {c.text} |" for name, c in REASONS.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    write_readme()
