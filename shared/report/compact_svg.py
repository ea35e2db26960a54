"""An SVG of matplotlib's in half the bytes: the same picture without what nothing refers to."""

import re

_PATH = re.compile(r' d="([^"]*)"')
_STEP = re.compile(r"([MLQCz])([^MLQCz]*)")
_PLACE = re.compile(r'(translate\([^)]*\)| [xy]="[^"]*")')
_STYLE = re.compile(r'(?: clip-path="([^"]*)")? style="([^"]*)"')
_FILL = re.compile(r"fill: ?(#\w+);? ?")
_GLYPH = re.compile(r'(<use [^>]*?) transform="translate\((\S+) (\S+)\)"/>')
_GROUP = re.compile(r"(<g>|<g [^>]*>|</g>)")
_EMPTY_GROUP = re.compile(r"<g(?: [^>]*)?/>")
_SURPLUS_DECIMALS = re.compile(r"(\.\d\d)\d+")
_HUNDRED = 100  # a hundredth of a point is finer than any screen


def compact(svg: str) -> str:
    """Drop prolog, metadata, comments, idle ids and groups, and decimals that no eye can see."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = _PATH.sub(lambda path: f' d="{_path(path[1])}"', svg)
    svg = _PLACE.sub(lambda place: _SURPLUS_DECIMALS.sub(r"\1", place[0]), svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:", "")
    svg = _GLYPH.sub(lambda glyph: f"{glyph[1]}{_at('x', glyph[2])}{_at('y', glyph[3])}/>", svg)
    return _with_shared_styles(_without_idle_groups(_without_idle_ids(svg)))


def _path(path: str) -> str:
    """Write a path in steps from where it stands: shorter numbers, and h and v for straight ones.

    Places are rounded before the differences are taken, so that no error adds up.
    """
    steps, x, y = [], 0, 0
    for letter, numbers in _STEP.findall(path):
        places = [round(float(number) * _HUNDRED) for number in numbers.split()]
        if letter == "M":
            steps.append("M" + _joined(places))
        elif places:
            moves = [place - (x, y)[i % 2] for i, place in enumerate(places)]
            steps.append(_move(letter.lower(), moves))
        else:
            steps.append(letter)
        if places:
            x, y = places[-2:]
    return "".join(steps)


def _move(letter: str, moves: list[int]) -> str:
    if letter == "l" and 0 in moves:
        return "v" + _joined(moves[1:]) if moves[0] == 0 else "h" + _joined(moves[:1])
    return letter + _joined(moves)


def _joined(hundredths: list[int]) -> str:
    written = (f"{number / _HUNDRED:.10g}" for number in hundredths)
    return " ".join(re.sub(r"^(-?)0\.", r"\1.", number) for number in written).replace(" -", "-")


def _at(axis: str, place: str) -> str:
    # A glyph stands in hundredths of its own size, so that one decimal will do.
    written = f"{float(place):.1f}".removesuffix(".0")
    return "" if written == "0" else f' {axis}="{written}"'


def _without_idle_ids(svg: str) -> str:
    """Drop ids that nothing uses, and give the others the shortest names there are."""
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
    names = {id_: f"i{i}" for i, id_ in enumerate(dict.fromkeys(used))}
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{names[m[1]]}"' if m[1] in names else "", svg)
    return re.sub(r'(href="#|url\(#)([^")]+)', lambda m: m[1] + names[m[2]], svg)


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
