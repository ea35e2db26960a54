"""Tables: as markup that a screen reader and a phone can use, and as CSV files."""

import datetime as dt
import re
from collections.abc import Hashable, Mapping
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.plots.locales import Wording, is_blank, share_digits
from shared.report.mistakes import ReportMistake
from shared.report.sentences import with_unit
from shared.report.words import word

Columns = Mapping[Hashable, tuple[str, str]]
DAYS = ("date", "month")  # to the left like text, but never broken over two lines
LEFT = ("text", *DAYS)
BRIEF, LONG = 14, 22  # letters that one line of a cell, and two of a head, have room for
MOST_ROWS_BEHIND = 41  # of the numbers behind a chart, both ends of forty steps; the CSV has all
DIGITS, DECIMALS = 6, 4  # that a number keeps in a file, whichever is more
MOST_EXACT = 15  # decimals to which a power of ten rounds without noise of its own
WIDE = 8  # columns above which print uses a smaller type
_SIGNS = "'=+-@\t\r"  # what a text begins with that a spreadsheet might run
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
_FIGURE = re.compile(r"\W*\d")  # behind any sign: minus, plus, a currency
_COUNTS = ("customers", "orders", "products", "lines", "rows", "units", "n")
_SUFFIXES = {
    "share": ("_share", "_rate", "retention", "share"),
    "days": ("_days",),
    "money": ("revenue", "monetary", "_value", "_money", "spend", "clv"),
    "count": _COUNTS,
}


def table_markup(
    frame: pd.DataFrame,
    *,
    caption: str,
    wording: Wording,
    columns: Columns | None = None,
    rows: int = 12,
    hidden_caption: bool = False,
) -> str:
    """Write a frame as a table in a box of its own that scrolls and takes the focus.

    Parameters
    ----------
    frame : pd.DataFrame
        Blanks stay blank; a cell may hold an `Estimate`. A named index becomes a column.
    caption : str
        What to look at.
    wording : Wording
        How the client writes numbers.
    columns : mapping, optional
        Column to (label, spec of `Wording.format`), in the order shown; inferred if left out.
    rows : int
        Most rows shown.
    hidden_caption : bool
        Whether only screen readers get the caption.
    """
    frame = with_index_as_columns(frame)
    columns = columns or {name: _guess(frame[name]) for name in frame.columns}
    missing = [str(name) for name in columns if name not in frame.columns]
    if missing:
        raise ReportMistake(f"the table has no column {', '.join(missing)}")
    shown = frame.head(rows)
    specs = {name: _column_spec(spec, shown[name], wording) for name, (_, spec) in columns.items()}
    head = "".join(_head(label, specs[name], wording) for name, (label, _) in columns.items())
    cells = [[_cell(value, specs[name], wording) for value in shown[name]] for name in columns]
    lines = (
        "".join(_tag(text, specs[name], first=i == 0) for i, (name, text) in enumerate(line))
        for line in ([(n, column[i]) for n, column in zip(columns, cells, strict=True)]
                     for i in range(len(shown)))
    )  # fmt: skip
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    hidden = ' class="visually-hidden"' if hidden_caption else ""
    wide = " wide" if len(columns) > WIDE else ""
    return (
        f'<div class="scroll{wide}" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption{hidden}><span>{escape(caption)}</span></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def rows_note(shown: int, total: int, link: str, wording: Wording, *, whole: bool = True) -> str:
    """Tell how many rows are shown of how many, with the markup of a link to the file of all.

    Where the table is a part of the file and not `whole`, the words say that there is more.
    """
    if not total:
        return f'<p class="rows">{word("no_rows")}</p>'
    if not whole:
        more = escape(word("rows_more")) + link
        return f'<p class="rows">{more}</p>' if link else ""
    named = word("rows_all" if total > 1 else "rows_all_one", total=wording.count(total))
    if shown >= total:
        return f'<p class="rows">{escape(named)}{link}</p>' if link else ""
    few = word("rows_shown", shown=wording.count(shown), total=wording.count(total))
    more = f" {escape(named)}{link}" if link else ""
    return f'<p class="rows">{escape(few)}{more}</p>'


def numbers_behind(
    data: pd.DataFrame | None, *, title: str, columns: Columns | None, wording: Wording,
    link: str = "",
) -> str:  # fmt: skip
    """Fold away the numbers behind a chart, with the markup of a link to the file of all."""
    if data is None or data.empty:
        return ""
    table = table_markup(
        data, caption=word("numbers_of", title=title), wording=wording,
        columns=columns, rows=MOST_ROWS_BEHIND, hidden_caption=True,
    )  # fmt: skip
    note = rows_note(min(MOST_ROWS_BEHIND, len(data)), len(data), link, wording)
    return f"<details><summary>{word('numbers_behind')}</summary>{table}{note}</details>"


def with_index_as_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn a named index into columns; a nameless one only counts rows and is dropped."""
    frame = frame.rename_axis(columns=None)
    named = any(name is not None for name in frame.index.names)
    return frame.reset_index() if named else frame.reset_index(drop=True)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a full table: UTF-8, ids as text, blanks empty, the same bytes on every machine.

    A number keeps six digits at least, and four decimals: the rest is noise of the arithmetic.
    Text that a spreadsheet would run as a formula gets a leading apostrophe; text that already
    begins with apostrophes before such a sign gets one more, so that taking one off restores it.
    """
    plain = with_index_as_columns(frame)
    plain = pd.DataFrame({str(name): _plain(column) for name, column in plain.items()})
    plain.columns = pd.Index([_harmless(name) for name in plain.columns])
    path.parent.mkdir(parents=True, exist_ok=True)
    plain.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _plain(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column):
        known = column.dropna()
        whole = len(known) and np.isfinite(known).all() and (known % 1 == 0).all()
        if whole and known.abs().max() < 2**53:
            return column.astype("Int64")
        return pd.Series(_meaningful(column.to_numpy(float, na_value=np.nan)), index=column.index)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return column
    # A list of a million rows takes longer to look at value by value than to make.
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string":
        texts = column.to_numpy(object, copy=True)
        risky = column.str[:1].isin(list(_SIGNS)).to_numpy()
        texts[risky] = [_harmless(text) for text in texts[risky]]
        return pd.Series(texts, index=column.index)
    if kind in ("datetime64", "date"):
        return column.map({day: _plain_value(day) for day in column.dropna().unique()})
    return column.map(_plain_value)


def _meaningful(values: np.ndarray) -> np.ndarray:
    """Round to six digits or to four decimals, whichever keeps more."""
    rounded = values.copy()
    sizes = np.abs(values, where=np.isfinite(values) & (values != 0), out=np.ones(len(values)))
    decimals = np.maximum(DIGITS - 1 - np.floor(np.log10(sizes)).astype(int), DECIMALS)
    for places in np.unique(decimals[decimals <= MOST_EXACT]):
        these = decimals == places
        rounded[these] = np.round(values[these], places)
    tiny = decimals > MOST_EXACT
    rounded[tiny] = [float(f"{value:.{DIGITS}g}") for value in values[tiny]]
    return rounded


def _plain_value(value: object) -> object:
    if isinstance(value, Estimate):
        return None if is_blank(value) else float(_meaningful(np.array([value.value]))[0])
    if is_blank(value):
        return None
    if isinstance(value, pd.Timestamp | dt.datetime):
        midnight = value == pd.Timestamp(value).normalize()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return _harmless(str(value)) if not isinstance(value, int | float) else value


def _harmless(text: str) -> str:
    dangerous = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if dangerous else text


def _column_spec(spec: str, column: pd.Series, wording: Wording) -> str:
    # One number of decimals per column, so that the digits of a column stand below each other.
    values = [v.value if isinstance(v, Estimate) else v for v in column]
    sizes = [abs(float(v)) for v in values if not is_blank(v)] if spec in ("share", "money") else []
    if spec == "share":
        smallest = min((size for size in sizes if size), default=1.0)
        return f"share.{share_digits(smallest)}"
    if spec == "money" and wording.money_unit == "currency":
        return f"money.{wording.money_digits(max(sizes, default=0.0))}"
    return spec


def _head(label: str, spec: str, wording: Wording) -> str:
    unit = {"money": wording.unit_of_money, "days": word("days")}.get(spec.partition(".")[0], "")
    note = f' <span class="unit">{escape(unit)}</span>' if unit else ""
    # On a phone a long head in few letters a line makes the whole row of heads tall.
    kinds = ["num"] * (spec not in LEFT) + ["long"] * (len(str(label)) > LONG)
    aligned = f' class="{" ".join(kinds)}"' if kinds else ""
    return f'<th scope="col"{aligned}>{escape(str(label))}{note}</th>'


def _cell(value: object, spec: str, wording: Wording) -> str:
    if is_blank(value):
        return ""
    text = escape(_written(value.value if isinstance(value, Estimate) else value, spec, wording))
    if not isinstance(value, Estimate) or not wording.interval(value):
        return with_unit(text) if isinstance(value, str) else text
    low, high = (_written(bound, spec, wording) for bound in (value.low, value.high))
    return f"{text} <small>{escape(word('from_to', low=low, high=high))}</small>"


def _written(value: object, spec: str, wording: Wording) -> str:
    name, _, digits = spec.partition(".")
    if name == "money":  # the head of the column names the currency
        return wording.amount(value, int(digits) if digits else None)
    if name == "days":
        return wording.number(value, int(digits or 0))
    return wording.format(value, spec)


def _tag(text: str, spec: str, *, first: bool) -> str:
    aligned = "" if spec in LEFT else ' class="num"'
    # A figure among words, such as "-14 days" or "₺250", is not broken either.
    is_figure = spec == "text" and _FIGURE.match(text) and len(text) <= BRIEF
    aligned = ' class="brief"' if spec in DAYS or is_figure else aligned
    return f'<th scope="row"{aligned}>{text}</th>' if first else f"<td{aligned}>{text}</td>"


def _guess(column: pd.Series) -> tuple[str, str]:
    name = str(column.name)
    label = (name[:1].upper() + name[1:]).replace("_", " ")
    first = next((value for value in column if not is_blank(value)), None)
    if isinstance(first, Estimate):
        return label, first.unit
    if isinstance(first, str | bool) or first is None:
        return label, "text"
    if isinstance(first, pd.Period | dt.date):
        return label, "month" if isinstance(first, pd.Period) else "date"
    for spec, suffixes in _SUFFIXES.items():
        if name.endswith(suffixes):
            return label, spec
    whole = pd.to_numeric(column, errors="coerce").dropna() % 1 == 0
    return label, "count" if whole.all() else "number"
