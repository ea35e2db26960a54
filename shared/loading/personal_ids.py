"""Ids that give a person away: e-mail addresses, phone numbers, hashes that anyone can guess."""

from dataclasses import dataclass

from shared.loading.engine import literal, quoted
from shared.loading.errors import DataRefused
from shared.loading.opened_table import OpenedTable

EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-zÀ-ÿ]{2,}"
INTERNATIONAL = r"\+[1-9][0-9 ().\-/]{7,18}[0-9]"
# Without a country code: the mobile numbers of a few countries, or the gaps that people type.
NATIONAL = (
    r"(90|0)5[0-9]{9}|(44|0)7[0-9]{9}|(49|0)1[5-7][0-9]{8,9}|[78]9[0-9]{9}|(33|0)[67][0-9]{8}"
)
SPACED = r"[(]?0?[1-9][0-9]{2,3}[)]?[ \-.][0-9]{3}[ \-.]([0-9]{3,4}|[0-9]{2}[ \-.][0-9]{2})"
HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
MOST_SHARE = 0.5  # of ids that look like national phone numbers; customer numbers may by chance
HASH_SHARE = 0.9
REMEDY = (
    "have the client run python -m shared pseudonymize FILE NEW, or replace the ids by keyed "
    "hashes (HMAC-SHA-256) in another way, and keep the key"
)
FIRST_GUESSES = 2_000  # of each mobile network: numbers that were made up begin there
SPREAD_GUESSES = 3_000

# Country code, beginning of mobile numbers, digits that follow, networks.
DIAL_PLANS = (
    ("90", "5{:02d}", 7, (0, 1, 5, 6, 7, *range(30, 40), *range(41, 50), 51, 52, 53, 54, 55, 59)),
    ("44", "7{:03d}", 6, (123, 400, 500, 700, 777, 800, 900, 911)),
    ("44", "7700{:03d}", 3, (900,)),
    ("1", "{:03d}", 7, (202, 212, 310, 415, 555, 713)),
    ("49", "1{:02d}", 8, (51, 52, 57, 60, 62, 63, 70, 71, 72, 75, 76, 77, 78, 79)),
    ("7", "9{:02d}", 7, (0, 1, 3, 5, 9, 10, 15, 16, 25, 26, 60, 85, 99)),
    ("33", "6{:02d}", 6, (0, 12, 34, 50)),
)
DOMAINS = ("gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "example.com", "example.org")
MAILBOXES = ("user", "customer", "test", "mail", "client", "info", "kunde", "musteri", "person")
MAILBOXES_PER_NAME = 1_000


@dataclass(frozen=True)
class HashLook:
    """Whether ids are hashes: their algorithm by length, and how many could be guessed."""

    algorithm: str
    ids: int
    guessed: int


def refuse_persons(opened: OpenedTable) -> HashLook | None:
    """Refuse a table whose customer ids or attributes name persons; no value is ever shown.

    Returns
    -------
    HashLook or None
        If the customer ids look like hashes, whether they can be guessed is checked and this says
        how they look.

    Raises
    ------
    DataRefused
        For e-mail addresses, phone numbers, and hashes of them that a list of guesses hits.
    """
    for name, column in opened.columns.extras.items():
        if opened.native[column] == "VARCHAR":
            _refuse_plain(opened, column, f"leave {name} out of the file", most_share=HASH_SHARE)
    customer = opened.columns.sources.get("customer_id")
    if customer is None:
        return None
    _refuse_plain(opened, customer, REMEDY, most_share=MOST_SHARE)
    look = _hash_look(opened, customer)
    if look and look.guessed:
        raise DataRefused(
            "E-DATA-35",
            f"{opened.file}:{customer}",
            f"{look.guessed:,} of {look.ids:,} ids are the {look.algorithm} of a phone number, "
            "an e-mail address or a running number",
            found="hashed without a key: anyone turns them back into persons by guessing",
            fix=REMEDY,
        )
    return look


def _refuse_plain(opened: OpenedTable, column: str, fix: str, *, most_share: float) -> None:
    patterns = (EMAIL, INTERNATIONAL, f"{NATIONAL}|{SPACED}")
    matches = (f"count(*) FILTER (regexp_full_match(id, {literal(p)}))" for p in patterns)
    ((ids, mails, phones, local),) = opened.ask(
        f"SELECT count(*), {', '.join(matches)} FROM ({_distinct(opened, column)})"
    )
    # Customer numbers may look like national phone numbers by chance, but then not most of them.
    phones += local if local >= most_share * ids else 0
    if mails or phones:
        kinds = {"e-mail addresses": mails, "phone numbers": phones}
        seen = " and ".join(f"{n:,} {kind}" for kind, n in kinds.items() if n)
        raise DataRefused(
            "E-DATA-34",
            f"{opened.file}:{column}",
            f"holds {seen}; pseudonymise first",
            found=f"{ids:,} different values",
            fix=fix,
        )


def _hash_look(opened: OpenedTable, column: str) -> HashLook | None:
    """Say whether ids look like hashes, and how many of them a list of guesses hits."""
    ids = _distinct(opened, column)
    lengths = opened.ask(
        "SELECT length(id), count(*) FILTER (regexp_full_match(id, '[0-9a-f]+')) AS hex, "
        f"sum(count(*)) OVER () FROM ({ids}) GROUP BY length(id) ORDER BY hex DESC, length(id)"
    )
    length, count, distinct = lengths[0] if lengths else (0, 0, 0)
    if length not in HASHES or count < HASH_SHARE * distinct:
        return None
    algorithm = HASHES[length]
    ((hits,),) = opened.ask(
        f"SELECT count(*) FROM ({ids}) "
        f"SEMI JOIN (SELECT {algorithm}(guess) AS id FROM ({_guesses()})) USING (id)"
    )
    return HashLook(algorithm, count, hits)


def _distinct(opened: OpenedTable, column: str) -> str:
    bare = f"lower(trim({quoted(column)}::VARCHAR))"
    return f"SELECT id FROM (SELECT DISTINCT {bare} AS id FROM {opened.view}) WHERE id <> ''"


def _guesses() -> str:
    """Write the list of guesses: first numbers of each mobile network, random ones, mailboxes."""
    parts = ["SELECT i::VARCHAR AS guess FROM range(100000) t(i)"]
    for code, form, digits, networks in DIAL_PLANS:
        begins = ", ".join(literal(form.format(n)) for n in networks)
        first = f"SELECT i AS n FROM range({min(FIRST_GUESSES, 10**digits)}) t(i)"
        # A fixed sequence over the network's numbers: the same guesses on every run.
        spread = (
            f"SELECT (i * 7919977 + 104729) % {10**digits} AS n FROM range({SPREAD_GUESSES}) t(i)"
        )
        number = f"network || lpad(n::VARCHAR, {digits}, '0')"
        parts += [
            f"SELECT {literal(before)} || {number} AS guess FROM ({first} UNION ALL {spread}), "
            f"(SELECT unnest([{begins}]) AS network)"
            for before in ("+" + code, code, "0", "")
        ]
    for name in MAILBOXES:
        parts += [
            f"SELECT {literal(name)} || i || {literal('@' + domain)} AS guess "
            f"FROM range({MAILBOXES_PER_NAME}) t(i)"
            for domain in DOMAINS
        ]
    return " UNION ALL ".join(parts)
