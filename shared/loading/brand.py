"""A client's brand: logo, two colours, footer, and which shade of a colour can be read."""

import colorsys
import re
from dataclasses import dataclass
from pathlib import Path

from shared.loading.logo import logo_fault
from shared.loading.mistakes import BRAND
from shared.loading.source_paths import other_client
from shared.loading.words_near import quote
from shared.loading.yaml_values import Section, words

KEYS = ("logo", "primary", "secondary", "footer")
PRIMARY, SECONDARY = "#0b3d2a", "#d9603b"
LEAST_CONTRAST = 4.5  # WCAG 2.1 AA, text
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]+:|//|\\\\", re.IGNORECASE)
_STEPS = 512


@dataclass(frozen=True)
class Brand:
    """How a client's pages look.

    Attributes
    ----------
    logo : Path or None
        A local svg, png or jpg that was checked.
    primary, secondary : str
        Colours as "#rrggbb", as declared: whoever paints text with them repairs their contrast.
    footer : str
        One line at the foot of each page, "" for none.
    """

    logo: Path | None = None
    primary: str = PRIMARY
    secondary: str = SECONDARY
    footer: str = ""


def read_brand(section: Section, folder: Path) -> Brand:
    """Read the group `brand`, noting what is wrong with the logo and the colours."""
    for key in ("primary", "secondary"):
        if section.is_empty(key):
            what = f'{key} is empty: # starts a comment; put it in quotes: "{PRIMARY}"'
            section.mistakes.add(BRAND, section.line_of(key), what)
    return Brand(
        logo=_logo(section, folder),
        primary=section.value("primary", hex_color, PRIMARY, BRAND),
        secondary=section.value("secondary", hex_color, SECONDARY, BRAND),
        footer=section.value("footer", words, ""),
    )


def hex_color(value: str) -> str:
    """Read a colour written "#0b6e4f" or "#0be"; given back with six lower-case digits."""
    match = _HEX.fullmatch(value)
    if not match:
        raise ValueError(f'is {quote(value)}; a colour is written such as "#0b6e4f"')
    if not value.startswith("#"):
        raise ValueError(f'is {quote(value)}; did you mean "#{value}"?')
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(d * 2 for d in digits))


def repair_contrast(color: str, background: str = "#ffffff") -> tuple[str, bool]:
    """Give the nearest shade of a colour that can be read as text, and whether it differs.

    Parameters
    ----------
    color, background : str
        "#rrggbb". The hue is kept; the lightness changes as little as gives a contrast of 4.5.
    """
    if contrast(color, background) >= LEAST_CONTRAST:
        return color, False
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(color))
    for level in sorted((i / _STEPS for i in range(_STEPS + 1)), key=lambda x: abs(x - lightness)):
        shade = _written(colorsys.hls_to_rgb(hue, level, saturation))
        if contrast(shade, background) >= LEAST_CONTRAST:
            return shade, True
    raise AssertionError("black or white always differs by 4.5")


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours by WCAG, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _logo(section: Section, folder: Path) -> Path | None:
    def parse(value: str) -> Path:
        """Give the logo's path, or say why it cannot be used."""
        if _REMOTE.match(value):
            raise ValueError("is not a local file; copy it beside client.yaml")
        path = folder / value
        if owner := other_client(path, folder):
            raise ValueError(f"lies in the folder of another client, {owner}")
        if fault := logo_fault(path):
            raise ValueError(f"{quote(value)} {fault}")
        return path

    return section.value("logo", parse, None, BRAND)


def _luminance(color: str) -> float:
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in _parts(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _written(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(p * 255):02x}" for p in parts)
