"""What the values of a column look like where its name does not tell: dates, numbers, texts."""

from dataclasses import dataclass

from shared.loading.engine import literal
from shared.loading.proposal_reading import Drop
from shared.loading.text_values import CURRENCY_MARK, MISSING

MOSTLY = 0.9
LONG_TEXT = 40  # letters on average; a title or a product's name is shorter
_CLOCK = r"(?:[ T,].*)?"
_DATE = (
    rf"[0-9]{{1,4}}[-./][0-9]{{1,2}}[-./][0-9]{{2,4}}{_CLOCK}"
    rf"|[0-9]{{1,2}}[-. /]+\pL{{3,9}}[-. /,]+[0-9]{{2,4}}{_CLOCK}"
    rf"|\pL{{3,9}} [0-9]{{1,2}},? [0-9]{{4}}{_CLOCK}"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]"
)
_NUMBER = rf"[-−+(]?\s*(?:{CURRENCY_MARK})?\s*[-−+]?[0-9][0-9.,'’\s]*(?:{CURRENCY_MARK})?\s*[-)]?%?"
_BLANK = ", ".join(map(literal, MISSING))
_TIME_OF_DAY = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
_CODE = r"0[0-9].*"
_BROKEN = r"[0-9]+[.,][0-9]{1,2}[^0-9]*|[0-9]+\.[0-9]{4,}"


@dataclass(frozen=True)
class Look:
    """A column's values: how many are filled, different, dates, numbers, words, and how long."""

    rows: int
    filled: int
    values: int
    dates: int
    numbers: int
    codes: int
    clocks: int
    broken: int
    worded: int
    length: float

    @property
    def is_date(self) -> bool:
        """Whether nearly all are dates."""
        return self.filled > 0 and self.dates >= MOSTLY * self.filled

    @property
    def is_number(self) -> bool:
        """Whether nearly all are amounts: neither dates nor codes such as 00123."""
        plain = self.filled > 0 and self.numbers >= MOSTLY * self.filled
        return plain and not self.is_date and self.codes < MOSTLY * self.filled

    @property
    def is_broken(self) -> bool:
        """Whether they are amounts with a fraction, as money is."""
        return self.is_number and self.broken > 0 and self.values > 1

    @property
    def is_text(self) -> bool:
        """Whether they are long texts, hardly any twice."""
        return self.length >= LONG_TEXT and self.values >= self.filled / 2 > 0

    @property
    def is_grouping(self) -> bool:
        """Whether they are words that repeat, as products and channels are."""
        return self._repeats and self.worded >= self.filled / 2 and not self.is_date

    @property
    def is_id(self) -> bool:
        """Whether they repeat and are no amounts, dates or texts: customers, orders, products."""
        other = self.is_date or self.is_broken or self.is_text or self.clocks == self.filled
        return self._repeats and not other

    @property
    def _repeats(self) -> bool:
        return 1 < self.values <= max(self.rows // 2, 2)

    def fits(self, kind: str) -> bool:
        """Tell whether the values can be of a schema kind."""
        if kind in ("timestamp", "date"):
            return self.is_date
        if kind in ("number", "money", "integer"):
            return self.is_number
        return self.is_id if kind == "id" else self.is_grouping


def look(drop: Drop, column: str) -> Look:
    """Look at all values of a column; words for a blank are none."""
    text = f"(CASE WHEN {drop.text(column)} NOT IN ({_BLANK}) THEN {drop.text(column)} END)"

    def matching(pattern: str) -> str:
        """Count the values of a shape."""
        return f"count(*) FILTER (regexp_full_match({text}, {literal(pattern)}))"

    counts = drop.ask(
        f"count(*), count({text}), count(DISTINCT {text}), {matching(_DATE)}, {matching(_NUMBER)}, "
        f"{matching(_CODE)}, {matching(_TIME_OF_DAY)}, {matching(_BROKEN)}, "
        rf"count(*) FILTER (regexp_matches({text}, '\pL')), coalesce(avg(length({text})), 0)"
    )
    return Look(*counts)


def could_be_money(drop: Drop, column: str) -> bool:
    """Tell whether amounts may be money: with fractions, and no share between 0 and 1."""
    if not look(drop, column).is_broken:
        return False
    value = drop.number(column)
    low, high = drop.ask(f"min({value}), max({value})")
    return low is not None and (low < 0 or high > 1)
