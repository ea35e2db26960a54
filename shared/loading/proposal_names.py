"""Heads of an export's columns, matched with canonical names: units, abbreviations, numbers."""

import re
from collections.abc import Iterator
from functools import cache

from shared.loading.column_names import letters
from shared.loading.currencies import MARKS, SHARED_MARKS
from shared.loading.schema import TABLES
from shared.loading.text_values import CURRENCY_CODES
from shared.loading.words_near import near

SHORTEST_NEAR_NAME = 6


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# What a unit, a qualifier or an article in a head adds to no name.
_UNITS = _words(
    "stk stck stuck stueck st pcs pc units unit ea adet шт uds pieces kg g l ml cm m sec s sek "
    "utc gmt cet yyyymmdd ddmmyyyy mmddyyyy ttmmjjjj jjjjmmtt"
)
_QUALIFIERS = _words("net netto neto нетто ht gross brutto bruto брутто ttc vk")
_TAXES = _words("vat mwst ust tax taxes iva tva kdv ндс")
_WITH_OR_WITHOUT = _words(
    "excl exkl excluding without ohne zzgl haric hors sin без incl inkl including with mit "
    "dahil avec con с"
)
_ARTICLES = _words("de du des la le el of the der des per por par pro je")
_LONG_FORMS = {
    "kd": "kunden", "kdn": "kunden", "knd": "kunden", "art": "artikel", "bez": "bezeichnung",
    "rg": "rechnungs", "re": "rechnungs", "rech": "rechnungs", "auftr": "auftrags",
    "best": "bestell", "anz": "anzahl", "mge": "menge", "dat": "datum", "einzelpr": "einzelpreis",
    "cust": "customer", "prod": "product", "ord": "order", "inv": "invoice", "trans": "transaction",
    "txn": "transaction", "desc": "description", "amt": "amount", "val": "value", "cat": "category",
    "mus": "musteri", "sip": "siparis", "fat": "fatura", "ur": "urun", "mik": "miktar",
    "tar": "tarih", "cmd": "commande", "cde": "commande", "fact": "facture", "ref": "reference",
    "mt": "montant", "px": "prix", "cli": "client", "ped": "pedido", "fac": "factura",
    "cant": "cantidad", "imp": "importe", "кол": "количество", "арт": "артикул", "наим":
    "наименование", "кат": "категория",
}  # fmt: skip
_NUMBER_WORDS = (
    "nummer", "number", "numarasi", "numara", "numero", "номер", "codigo", "code", "kodu", "kod",
    "код", "cod", "nr", "no", "num", "id",
)  # fmt: skip
_NUMBER_SIGNS = re.compile(r"№|\b[Nn][°º]")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_WORD = re.compile(r"[^\W_]+|[€£₺₽$%]")
_CODES = frozenset(CURRENCY_CODES.split("|"))
_SIGNS = MARKS | {"$": SHARED_MARKS["$"][0]}
_UNIT_AT_THE_END = re.compile(
    rf"(?:[\s_,-]+in)?[\s_,-]+(?:{CURRENCY_CODES}|(?i:{'|'.join(map(re.escape, _SIGNS))})|%)\.?$"
)


def match_names(table: str, header: tuple[str, ...]) -> dict[str, str]:
    """Match canonical columns with a client's by name: exact names first, then what they mean."""
    found = _readings(header)
    ranked = sorted(
        (way, rank, i, canonical, theirs)
        for i, canonical in enumerate(TABLES[table].columns)
        for rank, name in enumerate(_known(table, canonical))
        for way, theirs in found.get(name, {}).items()
    )
    matched: dict[str, str] = {}
    for *_, canonical, theirs in ranked:
        if canonical not in matched and theirs not in matched.values():
            matched[canonical] = theirs
    return {name: matched[name] for name in TABLES[table].columns if name in matched}


def near_names(table: str, header: tuple[str, ...], columns: dict[str, str]) -> dict[str, str]:
    """Match what a table needs with names a letter away, such as custmer_id."""
    essential = {name for option in TABLES[table].essential for name in option}
    free = {letters(h): h for h in header if h not in columns.values()}
    free = {name: h for name, h in free.items() if len(name) >= SHORTEST_NEAR_NAME}
    matched: dict[str, str] = {}
    for canonical in sorted(essential - set(columns)):
        known = (letters(canonical), *TABLES[table].columns[canonical].synonyms)
        close = [near(name, free) for name in known if len(name) >= SHORTEST_NEAR_NAME]
        theirs = next((free[name] for name in close if name), None)
        if theirs and theirs not in matched.values():
            matched[canonical] = theirs
    return matched


def currency_in(head: str) -> str:
    """Give the currency that a head names beside an amount, such as "Price (EUR)"; else ""."""
    words = _WORD.findall(head)
    named = [_SIGNS.get(word.upper(), word if word in _CODES else "") for word in words]
    return next((code for code in named if code), "") if len(words) > 1 else ""


def says_per_cent(head: str) -> bool:
    """Tell whether a head names a rate, such as "Disc %"."""
    return "%" in head or any(word in letters(head) for word in ("percent", "prozent", "yuzde"))


def _readings(header: tuple[str, ...]) -> dict[str, dict[int, str]]:
    """Give what each head may be read as, and by which way, the most literal first."""
    found: dict[str, dict[int, str]] = {}
    for head in header:
        for way, name in enumerate(_ways(head)):
            if name:
                found.setdefault(name, {}).setdefault(way, head)
    return found


def _ways(head: str) -> Iterator[str]:
    """Read a head as written, without its unit, with abbreviations spelt out, as a number of."""
    yield letters(head)
    bare = _without_units(head)
    yield letters(bare)
    words = [letters(word) for word in _WORD.findall(_NUMBER_SIGNS.sub("no ", _split_case(bare)))]
    if len(words) > 1 or head.rstrip().endswith("."):
        words = [_LONG_FORMS.get(word, word) for word in words]
    plain = "".join(w for w in words if w not in _ARTICLES)
    yield plain
    taxed = _TAXES if _WITH_OR_WITHOUT & set(words) else frozenset()
    dropped = _ARTICLES | _QUALIFIERS | _WITH_OR_WITHOUT | taxed
    short = "".join(w for w in words if w not in dropped)
    yield short
    yield _numbered(plain)


def _without_units(head: str) -> str:
    """Take units and currencies out: "Menge (Stk)" and "Price in EUR" say what they count."""

    def kept(match: re.Match[str]) -> str:
        """Keep brackets that say more than a unit."""
        words = _WORD.findall(match[1])
        units = (letters(w) in _UNITS | _QUALIFIERS or _is_currency(w) or w == "%" for w in words)
        return " " if words and all(units) else match[0]

    bare = _BRACKETS.sub(kept, head).strip()
    return _UNIT_AT_THE_END.sub("", bare) or bare


def _is_currency(word: str) -> bool:
    return word.upper() in _CODES or word.upper() in _SIGNS


def _split_case(head: str) -> str:
    """Set the words of "KdNr" and "OrderID" apart."""
    return re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", " ", head)


@cache
def _known(table: str, canonical: str) -> tuple[str, ...]:
    column = TABLES[table].columns[canonical]
    names = (letters(canonical), *column.synonyms)
    numbered = [_numbered(name) or f"{name}#" for name in names] if column.kind == "id" else []
    return (*names, *dict.fromkeys(numbered))


def _numbered(name: str) -> str:
    """Write a name with a word for number at one end with a sign for all of them, else ""."""
    for word in _NUMBER_WORDS:
        if len(name) > len(word) + 1 and (name.endswith(word) or name.startswith(word)):
            return f"{name.removesuffix(word) if name.endswith(word) else name[len(word) :]}#"
    return ""
