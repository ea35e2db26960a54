"""An SVG of matplotlib's in half the bytes: the same picture without what nothing refers to."""

import re
from string import ascii_letters

_PATH = re.compile(r' d="([^"]*)"( transform="scale\(0\.015625\)")?')
_STEP = re.compile(r"([MLQCz])([^MLQCz]*)")
_PLACE = re.compile(r'(translate\([^)]*\)| [xy]="[^"]*")')
_STYLE = re.compile(r'(?: clip-path="([^"]*)")? style="([^"]*)"')
_FILL = re.compile(r"fill: ?(#\w+);? ?")
_GLYPH = re.compile(r'(<use [^>]*?) transform="translate\((\S+) (\S+)\)"/>')
_OUTLINE = re.compile(r'<path id="([^"]+)"( d="[^"]+")? transform="scale\(0\.015625\)"/>')
_USED = re.compile(r'<use href="#([^"]+)"')
_LINE_OF_TEXT = re.compile(
    r'scale\(([\d.]+) -\1\)">((?:<defs>(?:<path [^>]*>)*</defs>)?'
    r'(?:<use href="#[^"]+"(?: transform="translate\([^)]*\)")?/>)+)</g>'
)
_GROUP = re.compile(r"(<g>|<g [^>]*>|</g>)")
_DEFINITIONS = re.compile(r"<defs>(.*?)</defs>", re.DOTALL)
_PAIR = re.compile(r"(translate|scale)\(([^ )]+) ([^ )]+)\)")
_EMPTY_GROUP = re.compile(r"<g(?: [^>]*)?/>")
_SURPLUS_DECIMALS = re.compile(r"(\.\d\d)\d+")
_HUNDRED = 100  # a hundredth of a point is finer than any screen
_TEN, _LONG = 10, 100  # a curve of more steps than that lies between its points to a tenth anyway
# A letter's size has 6,400 units in its outline and 100 in its line. In whole ones of 400 both are
# written shorter, and are still finer than any screen.
_OF_OUTLINE, _OF_LINE = 16, 4


def compact(svg: str) -> str:
    """Drop prolog, metadata, comments, idle ids and groups, and decimals that no eye can see."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r">\s+<", "><", svg)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:", "")
    svg, is_coarse = _with_coarse_lines(_without_blanks(svg))
    svg = _PATH.sub(lambda path: _outline(path, is_coarse=is_coarse), svg)
    svg = _PLACE.sub(lambda place: _SURPLUS_DECIMALS.sub(r"\1", place[0]), svg)
    svg = _GLYPH.sub(lambda glyph: f"{glyph[1]}{_at('x', glyph[2])}{_at('y', glyph[3])}/>", svg)
    svg = _PAIR.sub(r"\1(\2,\3)", _with_definitions_first(svg))
    return _with_shared_styles(_without_idle_groups(_without_idle_ids(svg)))


def _with_definitions_first(svg: str) -> str:
    """Gather what is drawn elsewhere, such as letters: it takes its looks from there alone."""
    found = "".join(_DEFINITIONS.findall(svg))
    head, start, body = _DEFINITIONS.sub("", svg).partition(">")
    return f"{head}{start}<defs>{found}</defs>{body}"


def _without_blanks(svg: str) -> str:
    """Drop the letter that draws nothing, and its places."""
    blanks = {name for name, path in _OUTLINE.findall(svg) if not path}
    svg = _OUTLINE.sub(lambda letter: "" if letter[1] in blanks else letter[0], svg)
    return re.sub(
        r'<use href="#([^"]+)"[^>]*/>', lambda use: "" if use[1] in blanks else use[0], svg
    )


def _with_coarse_lines(svg: str) -> tuple[str, bool]:
    """Write the lines of text in units of which a letter's size has 400, if all of them can be.

    They cannot where a letter is drawn in any other way, such as raised: an outline has one unit
    in all its places.
    """
    letters = {name for name, _path in _OUTLINE.findall(svg)}
    drawn = sum(name in letters for name in _USED.findall(svg))
    in_lines = sum(len(_USED.findall(line[2])) for line in _LINE_OF_TEXT.finditer(svg))
    if drawn != in_lines:
        return svg, False
    return _LINE_OF_TEXT.sub(_coarse_line, svg), True


def _coarse_line(line: re.Match[str]) -> str:
    scale = _short(f"{float(line[1]) / _OF_LINE:.10g}")
    letters = _GLYPH.sub(
        lambda glyph: f"{glyph[1]}{_at('x', glyph[2], _OF_LINE)}{_at('y', glyph[3], _OF_LINE)}/>",
        line[2],
    )
    return f'scale({scale} -{scale})">{letters}</g>'


def _outline(path: re.Match[str], *, is_coarse: bool) -> str:
    if path[2] and is_coarse:
        return f' d="{_path(path[1], units=1 / _OF_OUTLINE, written=1)}"'
    units = _TEN if len(_STEP.findall(path[1])) > _LONG else _HUNDRED
    return f' d="{_path(path[1], units=units, written=units)}"{path[2] or ""}'


def _path(path: str, *, units: float, written: int) -> str:
    """Write a path in steps from where it stands: shorter numbers, and h and v for straight ones.

    Places are rounded before the differences are taken, so that no error adds up.
    """
    steps: list[tuple[str, list[int]]] = []
    x, y, bend = 0, 0, None
    for letter, numbers in _STEP.findall(path):
        places = [round(float(number) * units) for number in numbers.split()]
        if letter == "M" or not places:
            steps.append((letter, places))
            bend = None
        else:
            moves = [place - (x, y)[i % 2] for i, place in enumerate(places)]
            name, moves, bend = _move(letter.lower(), moves, bend)
            _add(steps, name, moves)
        if places:
            x, y = places[-2:]
    return "".join(letter + _joined(moves, written) for letter, moves in steps)


def _move(
    letter: str, moves: list[int], bend: tuple[int, int] | None
) -> tuple[str, list[int], tuple[int, int] | None]:
    """Choose the shortest letter for a step; give how it bends, for a curve that goes on as it."""
    if letter == "l" and 0 in moves:
        return ("v", moves[1:], None) if moves[0] == 0 else ("h", moves[:1], None)
    if letter != "q":
        return letter, moves, None
    across, up, *end = moves
    # Most curves of a letter go on smoothly: their handle mirrors the one before.
    if bend and max(abs(bend[0] - across), abs(bend[1] - up)) <= 1:
        letter, moves, (across, up) = "t", end, bend
    return letter, moves, (end[0] - across, end[1] - up)


def _add(steps: list[tuple[str, list[int]]], letter: str, moves: list[int]) -> None:
    """Add a step, as a part of the one before where both go straight on."""
    last, before = steps[-1]
    if letter == last in ("h", "v") and before[0] * moves[0] > 0:
        before[0] += moves[0]
    elif letter not in ("h", "v") or moves[0] or last == "M":
        steps.append((letter, moves))


def _joined(places: list[int], written: int) -> str:
    numbers = (_short(f"{place / written:.10g}") for place in places)
    # A comma, because a space takes three letters in an address.
    return ",".join(numbers).replace(",-", "-")


def _short(number: str) -> str:
    return re.sub(r"^(-?)0\.", r"\1.", number)


def _at(axis: str, place: str, units: int = 0) -> str:
    # A letter stands in hundredths of its own size, so that one decimal will do.
    at = str(round(float(place) * units)) if units else f"{float(place):.1f}".removesuffix(".0")
    return "" if at == "0" else f' {axis}="{at}"'


def _without_idle_ids(svg: str) -> str:
    """Drop ids that nothing uses, and give the others the shortest names there are."""
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
    names = {id_: _name(i) for i, id_ in enumerate(dict.fromkeys(used))}
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{names[m[1]]}"' if m[1] in names else "", svg)
    return re.sub(r'(href="#|url\(#)([^")]+)', lambda m: m[1] + names[m[2]], svg)


def _name(number: int) -> str:
    more, last = divmod(number, len(ascii_letters))
    return (_name(more - 1) if more else "") + ascii_letters[last]


def _without_idle_groups(svg: str) -> str:
    """Open up the groups that set nothing."""
    kept, is_kept = [], []
    for part in _GROUP.split(_EMPTY_GROUP.sub("", svg)):
        if part.startswith("<g") and _GROUP.fullmatch(part):
            is_kept.append(part != "<g>")
            kept.append(part if is_kept[-1] else "")
        elif part == "</g>":
            kept.append(part if is_kept.pop() else "")
        else:
            kept.append(part)
    return "".join(kept)


def _with_shared_styles(svg: str) -> str:
    """Write each style once, as a class; only the fill, which differs from mark to mark, stays."""
    classes: dict[str, str] = {}

    def short(match: re.Match[str]) -> str:
        """Replace the style of one mark by its class."""
        clip, style = match.groups()
        fill = _FILL.search(style)
        rest = _FILL.sub("", style, count=1) if fill else style
        rest = re.sub("(?<=[:;]) ", "", rest) + (f";clip-path:{clip}" if clip else "")
        rest = rest.strip(";")
        named = f' class="{classes.setdefault(rest, f"c{len(classes)}")}"' if rest else ""
        return named + (f' fill="{fill[1]}"' if fill else "")

    head, start, body = svg.partition("</style>")
    body = _STYLE.sub(short, body)
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    return head + rules + start + body
