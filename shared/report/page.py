"""From an executed notebook to a page: a frame, a story, nothing that runs or loads."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from jinja2.filters import do_mark_safe
from nbconvert.exporters import TemplateExporter

from shared import __version__
from shared.analysis.verdicts import Level
from shared.loading.brand import repair_contrast
from shared.report import markup
from shared.report.elements import block
from shared.report.intake_words import rows_line, wording_of
from shared.report.story import Story, element_ids, plain_text, question_of, story_of
from shared.report.style_sheets import TEMPLATE, sheet
from shared.report.words import LANGUAGE, word

SECURITY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
PICTURES = {".svg": "svg+xml", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}
Link = tuple[str, str]
_OUTPUT = re.compile(r'\sdata-output="([^"]+)"')


@dataclass(frozen=True)
class Frame:
    """What surrounds every page of one client.

    Attributes
    ----------
    client, as_of : str
        Name, and the day of the data as the client writes it.
    primary, secondary : str
        The brand's colours as declared: for surfaces that carry no text.
    accent : str
        The brand's first colour in a shade that can be read on white.
    logo : str
        The logo as a data address, "" for none.
    footer : tuple of str
        Lines at the foot of each page.
    lang : str
        Language of the words of the page.
    """

    client: str
    as_of: str
    primary: str
    secondary: str
    accent: str
    logo: str = ""
    footer: tuple[str, ...] = ()
    lang: str = LANGUAGE


def frame_of(client: Any) -> Frame:
    """Gather what surrounds the pages of a client."""
    as_of = wording_of(client).date(client.snapshot_date)
    lines = [
        client.brand.footer,
        word("data_as_of", date=as_of),
        *rows_line(client.intake.tables, wording_of(client)),
        word("made_with", version=__version__),
    ]
    return Frame(
        client=client.name,
        as_of=as_of,
        primary=client.brand.primary,
        secondary=client.brand.secondary,
        accent=repair_contrast(client.brand.primary)[0],
        logo=_data_address(client.brand.logo),
        footer=tuple(line for line in lines if line),
    )


def render(
    executed: Path,
    out: Path,
    *,
    title: str,
    frame: Frame,
    navigation: Sequence[Link] = (),
    show_code: bool = False,
) -> list[str]:
    """Render an executed notebook as a page that needs no network, script or Python.

    Parameters
    ----------
    executed : Path
        The notebook with its outputs; only those that the report marked come onto the page.
    out : Path
        The HTML file.
    title : str
        Headline, for the window's title.
    frame : Frame
        From `frame_of`.
    navigation : sequence of (label, address)
        Links to the previous report, the index, the next report: only to pages that exist.
    show_code : bool
        Whether to show the code cells, for the consultant.

    Returns
    -------
    list of str
        Ids of the elements found in the finished page; equal to `elements(executed)` unless
        something was lost.
    """
    notebook = _read(executed)
    story = story_of(notebook, show_code=show_code)
    return _write(story, notebook, out, title=title, frame=frame, navigation=navigation)


def render_unsupported(
    source: Path,
    out: Path,
    *,
    reason: str,
    needs: str,
    frame: Frame,
    navigation: Sequence[Link] = (),
) -> list[str]:
    """Render the page of a report that the data cannot carry, from its question and the reason.

    Parameters
    ----------
    source : Path
        The notebook as in the repository, never the half-run one.
    out : Path
        The HTML file.
    reason, needs : str
        From `NotSupportedByData`.
    frame, navigation
        As for `render`.
    """
    notebook = _read(source)
    story = story_of({"cells": notebook["cells"][:1]})
    section = story.open(word("findings"))
    section.parts.append(("verdict", block("div", "verdict", "verdict", markup.verdict(
        Level.UNSUPPORTED, ()) + markup.unsupported(reason, needs))))  # fmt: skip
    question = plain_text(story.question)
    return _write(story, notebook, out, title=question, frame=frame, navigation=navigation)


def elements(notebook: Path) -> list[str]:
    """Give the ids of all marked outputs of an executed notebook, in order."""
    return element_ids(_read(notebook))


def question(notebook: Path) -> str:
    """Give the question that a notebook answers, as plain text."""
    return question_of(_read(notebook))


def rendered_elements(html: str) -> list[str]:
    """Give the ids of all elements found in a page, in order."""
    return _OUTPUT.findall(html)


def css() -> str:
    """Give all rules of the page, also for the index."""
    return sheet("elements.css") + "\n" + sheet("page.css") + "\n" + sheet("print.css")


def environment(*folders: Path) -> jinja2.Environment:
    """Templates that extend `frame.html.j2`, from folders of one's own; everything escaped."""
    loader = jinja2.FileSystemLoader([*folders, TEMPLATE])
    return _prepared(jinja2.Environment(loader=loader, autoescape=True))


def frame_values(frame: Frame, *, title: str, navigation: Sequence[Link] = ()) -> dict[str, object]:
    """Give `frame.html.j2` what it needs; a page adds its own values to these."""
    return {
        "frame": frame,
        "title": title if frame.client in title else f"{title} · {frame.client}",
        "navigation": navigation,
        "security": SECURITY,
        "css": css(),
        "print_footer": css_text(f"{frame.client} · {frame.as_of}"),
    }


def css_text(text: str) -> str:
    """Write a text as a CSS string that cannot end early or leave its style block."""
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


class PageExporter(TemplateExporter):
    """nbconvert with our template: a story instead of cells, and every value escaped."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def __init__(self, **options: Any) -> None:
        folders = {"extra_template_basedirs": [str(TEMPLATE.parent)]}
        super().__init__(template_name=TEMPLATE.name, **folders, **options)

    def _create_environment(self) -> jinja2.Environment:
        made = super()._create_environment()
        made.autoescape = True
        return _prepared(made)


def _write(
    story: Story,
    notebook: Any,
    out: Path,
    *,
    title: str,
    frame: Frame,
    navigation: Sequence[Link],
) -> list[str]:
    values = frame_values(frame, title=title, navigation=navigation)
    html, _ = PageExporter().from_notebook_node(
        notebook, resources={"page": {**values, "story": story}}
    )
    out.write_text(html, encoding="utf-8", newline="\n")
    return rendered_elements(html)


def _prepared(made: jinja2.Environment) -> jinja2.Environment:
    made.trim_blocks = made.lstrip_blocks = True
    made.globals["word"] = word
    made.filters["html"] = do_mark_safe
    made.undefined = jinja2.StrictUndefined
    return made


def _read(notebook: Path) -> Any:
    return nbformat.read(notebook, as_version=4)


def _data_address(picture: Path | None) -> str:
    if picture is None:
        return ""
    encoded = base64.b64encode(picture.read_bytes()).decode("ascii")
    return f"data:image/{PICTURES[picture.suffix.lower()]};base64,{encoded}"
