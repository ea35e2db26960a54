"""Whether a picture file can stand on a client's page: small, known by its bytes, passive."""

import re
from pathlib import Path
from xml.parsers import expat

LARGEST_BYTES = 1024 * 1024
_MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_ACTIVE = {
    "script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "listener",
    "set", "animate", "animatetransform", "animatemotion",
}  # fmt: skip
_LINKS = {"href", "src", "srcset", "poster", "data", "action", "formaction"}
_INSIDE = re.compile(r"\s*(#|data:image/(png|jpeg|gif|webp)[;,])", re.IGNORECASE)
_REFERENCE = re.compile(
    r"""@import|expression\(|javascript:|url\(\s*['"]?\s*(?!#|data:image/(png|jpeg|gif|webp)[;,])""",
    re.IGNORECASE,
)


def media_type(content: bytes) -> str | None:
    """Name the type of a picture by its first bytes; whatever opens with `<` may be an svg."""
    for magic, name in _MAGIC.items():
        if content.startswith(magic):
            return name
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    return "image/svg+xml" if text.startswith(b"<") else None


def logo_fault(path: Path) -> str:
    """Say why a file cannot be the logo, "" if it can."""
    try:
        if not path.is_file():
            return "is not there" if not path.exists() else "is not a file"
        if path.stat().st_size > LARGEST_BYTES:
            return f"has {path.stat().st_size / LARGEST_BYTES:.1f} MB; at most 1 MB"
        content = path.read_bytes()
    except (OSError, ValueError):
        return "cannot be read"
    kind = media_type(content)
    if kind is None:
        return "is neither svg, png nor jpg, whatever its name says"
    return svg_fault(content) if kind == "image/svg+xml" else ""


def svg_fault(content: bytes) -> str:
    """Say what in an svg could run or reach out, "" if nothing can; nothing is expanded."""
    tags: list[str] = []
    texts: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        """Look at one tag."""
        tags.append(_local(tag))
        _require_passive(_local(tag), attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.CharacterDataHandler = texts.append
    parser.EntityDeclHandler = _refuse_entity
    parser.ProcessingInstructionHandler = _refuse_style_sheet
    try:
        parser.Parse(content, True)
    except _ActiveError as e:
        return str(e)
    except (expat.ExpatError, ValueError, LookupError):
        return "is neither a whole svg, a png nor a jpg"
    if tags[0] != "svg":
        return f"is no svg but <{tags[0][:20]}>"
    # All text is searched at once: a style sheet may arrive in several pieces.
    if "style" in tags and _reaches_out("".join(texts), css=True):
        return "has a style sheet that reaches out"
    return ""


class _ActiveError(Exception):
    """Why an svg is not passive."""


def _require_passive(tag: str, attributes: dict[str, str]) -> None:
    if tag in _ACTIVE:
        raise _ActiveError(f"has an active element <{tag}>")
    for name, value in attributes.items():
        local = _local(name)
        if local.startswith("on"):
            raise _ActiveError(f"has an event attribute {local[:20]}")
        if name.startswith("xmlns"):
            continue
        outside = local in _LINKS and not _INSIDE.match(value)
        if outside or name == "xml:base" or _reaches_out(value, css=local == "style"):
            raise _ActiveError(f"has a reference outside itself ({local[:20]})")


def _reaches_out(text: str, *, css: bool) -> bool:
    # An escape could spell url( in another way; no drawing program writes one.
    return bool(_REFERENCE.search(text)) or (css and "\\" in text)


def _refuse_entity(*_: object) -> None:
    raise _ActiveError("declares an entity; save it as plain svg")


def _refuse_style_sheet(target: str, _: str) -> None:
    if target.lower() == "xml-stylesheet":
        raise _ActiveError("has a style sheet outside itself")


def _local(name: str) -> str:
    """Give a name without its prefix, in lower case."""
    return name.rpartition(":")[2].lower()
