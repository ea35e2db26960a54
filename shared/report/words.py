"""The fixed words of a page, in one place and by key, ready for other languages."""

LANGUAGE = "en"

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "action_money": "{money} {money_is}",
        "action_size": "{size}",
        "actions": "What to do",
        "as_of": "As of",
        "by_hand": "{file} sets {wanted}; this notebook runs on {running}. "
        "A delivery takes the values of the file, so its figures can differ from those below.",
        "by_hand_fix": "For the same figures, put these lines into the parameters cell, run all:",
        "caveats": "Caveats",
        "client": "Client",
        "contents": "Contents",
        "data_as_of": "Data as of {date}",
        "days": "days",
        "findings": "In short",
        "from_to": "{low} to {high}",
        "full_count": "full count",
        "index": "All reports",
        "interval": "{level} interval {interval}",
        "interval_for": "{level} interval for {figure}: {interval}",
        "level_of_found": ", the level at which a page calls something found",
        "line": "line",
        "lines": "lines",
        "made_with": "CRM report suite {version}",
        "n": "n = {n}",
        "n_of": "n = {n} {of}",
        "needed": "What would be needed",
        "no_rows": "No rows.",
        "not_known": "not known",
        "notes": "Noted in the data",
        "numbers_behind": "The numbers behind this chart",
        "numbers_of": "The numbers behind: {title}",
        "pages": "Pages of this delivery",
        "parameters": "Parameters",
        "period": "Period",
        "picture_of": "Picture: {title}",
        "points": "points",
        "rows_all": "All {total} rows: ",
        "rows_all_one": "As a file: ",
        "rows_more": "With more rows: ",
        "rows_shown": "{shown} of {total} rows shown.",
        "rows_used": "{used} of {all} {rows} used, {rest} set aside",
        "run_settings": "Set for this run alone",
        "run_settings_index": "Made with {settings}, set for this run alone",
        "set_aside": "Set aside",
        "skip": "Skip to the content",
        "unsupported": "The data cannot answer this.",
        "used": "Used",
        "verdict": "Verdict",
        "warning": "Note",
        "why": "Why",
    }
}
# What one row of a table is, and the table's name in a sentence.
TABLES: dict[str, tuple[str, str, str]] = {
    "order_lines": ("Orders", "order line", "order lines"),
    "customers": ("Customer details", "customer", "customers"),
    "products": ("Products", "product", "products"),
    "web_sessions": ("Web visits", "visit", "visits"),
    "touchpoints": ("Marketing contacts", "contact", "contacts"),
    "conversions": ("Conversions", "conversion", "conversions"),
    "campaign": ("Campaigns", "row", "rows"),
    "reviews": ("Reviews", "review", "reviews"),
    "customer_rfm": ("Customer totals", "customer", "customers"),
    "durations": ("Customer durations", "customer", "customers"),
    "responses": ("Responses", "row", "rows"),
    "paths": ("Channel paths", "path", "paths"),
}
# What stands in a table, for a client who has not supplied it.
HOLDS: dict[str, str] = {
    "order_lines": "who bought what, when and for how much",
    "customers": "who they are, what won them, when they joined the programme",
    "products": "groups, costs, stock",
    "web_sessions": "when known customers came to the site and what they did",
    "touchpoints": "advertisements seen and clicked, mails opened",
    "campaign": "who was contacted, who was left out by lot, who answered",
    "reviews": "texts, with stars where there are some",
}
# What the money of a table sums up.
AMOUNTS: dict[str, str] = {
    "order_lines": "order lines",
    "touchpoints": "contact costs",
    "conversions": "conversions",
    "campaign": "customers' spending",
    "customer_rfm": "customers' spending",
    "paths": "conversions",
}
# A table, or a column that tells something else than its table, as a source of its own.
COVERED: dict[tuple[str, str], str] = {
    ("reviews", "rating"): "Stars given",
    ("touchpoints", "satisfaction"): "Survey answers",
}
# Columns that open a question of their own.
COLUMNS: dict[str, str] = {
    "acquisition_campaign": "The campaign that won each customer",
    "acquisition_cost": "The cost of winning each customer",
    "category": "Groups of products",
    "channel": "The channel of each order",
    "cost": "The cost of each contact",
    "kind": "The kind of each contact, view or click",
    "loyalty_joined_on": "The day each member joined the loyalty programme",
    "product_id": "The product that a text is about",
    "satisfaction": "Answers to a survey at each stage",
    "stage": "The stage of each contact",
    "stock": "Units in stock",
    "unit_cost": "Unit costs",
    "unit_price": "Prices",
}


def word(key: str, /, **values: object) -> str:
    """Give the words of a key in the language of the page, with its values filled in."""
    return WORDS[LANGUAGE][key].format(**values)
