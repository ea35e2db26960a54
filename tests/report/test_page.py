"""A page holds the story and nothing else: no stray output, no code, no script, no address."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from made_reports import make_client, shown, write_notebook
from nbformat import v4

from shared.loading.brand import Brand, contrast
from shared.report import Report, page
from shared.report.story import question_of

HOSTILE = ["<script>alert(1)</script>", "$x$", "{{b}}", "{% raw %}", "**md**", "<img src=x>"]
LEAKS = ["LEAK-stdout", "LEAK-stderr", "LEAK-error", "LEAK-value", "LEAK-picture", "LEAK-code"]


@pytest.fixture
def frame(client):
    return page.frame_of(client)


@pytest.fixture
def notebook(tmp_path):
    outputs = [
        v4.new_output("stream", name="stdout", text="LEAK-stdout"),
        v4.new_output("stream", name="stderr", text="LEAK-stderr"),
        v4.new_output("error", ename="E", evalue="LEAK-error", traceback=["LEAK-error"]),
        v4.new_output("execute_result", data={"text/html": "LEAK-value"}, execution_count=1),
        v4.new_output("display_data", data={"text/html": "LEAK-value"}),
        v4.new_output("display_data", data={"image/png": "TEVBSw==", "text/plain": "LEAK-picture"}),
        shown("header", "header", '<div data-output="header">Facts</div>'),
        shown("verdict", "verdict", '<div data-output="verdict">Verdict</div>'),
        shown("one", "finding", '<div role="listitem" data-output="one">One</div>'),
        shown("two", "finding", '<div role="listitem" data-output="two">Two</div>'),
    ]
    figure = '<figure data-output="pic"><h3 id="pic">34 % &lt;b&gt;</h3></figure>'
    cells = [
        v4.new_markdown_cell("# Do *new* customers come back?\n\nWhat you decide."),
        v4.new_code_cell("x = 'LEAK-code'", outputs=outputs),
        v4.new_markdown_cell("## Who returns?\n\nSome text."),
        v4.new_code_cell("", outputs=[shown("pic", "figure", figure)]),
        v4.new_code_cell("", outputs=[shown("act", "action", '<div data-output="act">Do</div>')]),
        v4.new_markdown_cell("## Caveats\n\nLimits."),
        v4.new_code_cell("", outputs=[shown("cav", "caveat", '<div data-output="cav">Mind</div>')]),
        v4.new_markdown_cell("## Method\n\nHow."),
    ]
    return write_notebook(cells, tmp_path / "executed.ipynb")


@pytest.fixture
def rendered(notebook, tmp_path, frame):
    def render(**options):
        out = tmp_path / "page.html"
        links = [("All reports", "index.html")]
        found = page.render(
            notebook, out, title="34 % return", frame=frame, navigation=links, **options
        )
        return found, out.read_text(encoding="utf-8")

    return render


class Visible(HTMLParser):
    """Text that a reader sees, and the tags around it."""

    def __init__(self, html):
        super().__init__()
        self.text, self.tags, self._hidden = "", [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag == "style"

    def handle_endtag(self, tag):
        self._hidden -= tag == "style"

    def handle_data(self, data):
        self.text += "" if self._hidden else data


def test_ids_in_are_ids_out(rendered, notebook):
    found, html = rendered()

    assert found == page.elements(notebook) == [
        "header", "verdict", "one", "two", "pic", "act", "cav",
    ]  # fmt: skip
    assert page.rendered_elements(html) == found


def test_nothing_but_marked_outputs_reaches_the_page(rendered):
    _, html = rendered()
    assert [leak for leak in LEAKS if leak in html] == []


def test_the_consultant_may_see_the_code_but_no_stray_output(rendered):
    _, html = rendered(show_code=True)
    assert [leak for leak in LEAKS if leak in html] == ["LEAK-code"]


def test_the_page_runs_and_loads_nothing(rendered):
    _, html = rendered()
    tags = Visible(html).tags
    names = {tag for tag, _ in tags}
    policy = next(attrs["content"] for _, attrs in tags if "http-equiv" in attrs)

    assert not names & {"script", "iframe", "object", "embed", "link", "form"}
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert not re.search(r"https?://|javascript:|url\(", html)
    assert policy == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'"
    )


def test_headings_tell_the_story_and_the_contents_list_them_all(rendered):
    _, html = rendered()
    headings = re.findall(r'<h[23] id="([^"]+)"', html)
    contents = re.search(r"<nav class=\"contents\".*?</nav>", html, re.DOTALL)[0]

    assert len(re.findall("<h1", html)) == 1
    assert re.findall('href="#([^"]+)"', contents) == headings
    assert headings == [
        "s-in-short", "s-who-returns", "pic", "s-what-to-do", "s-caveats", "s-method",
    ]  # fmt: skip


def test_every_link_within_the_page_has_its_end(rendered):
    _, html = rendered()
    assert {*re.findall('href="#([^"]+)"', html)} <= {*re.findall(' id="([^"]+)"', html)}


def test_findings_stand_in_one_list(rendered):
    _, html = rendered()
    assert html.count('<div class="list list-finding" role="list">') == 1
    assert html.count('role="list"') == 3


def test_title_language_navigation_and_foot_are_there(rendered):
    _, html = rendered()
    text = Visible(html).text

    assert "<title>34 % return · Acme</title>" in html
    assert '<html lang="en">' in html
    assert '<a href="index.html">All reports</a>' in html
    assert '<a class="skip" href="#content">' in html
    assert "900 of 1,000 order lines used, 100 set aside" in text
    assert "Data as of 10 Dec 2011" in text


def test_two_renderings_are_the_same_bytes(rendered):
    assert rendered() == rendered()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_appear_letter_for_letter(name, tmp_path, monkeypatch):
    client = make_client(name=name)
    report = Report("example", client)
    report.header()
    report.say("Write to {name}.", name=name)
    outputs = [shown(e.id, e.kind, e.html) for e in report.elements]
    text = v4.new_markdown_cell("# A question?\n\n## B")
    cells = [text, v4.new_code_cell("", outputs=outputs)]
    path = write_notebook(cells, tmp_path / "n.ipynb")

    page.render(path, tmp_path / "p.html", title=name, frame=page.frame_of(client),
                navigation=[(name, "index.html")])  # fmt: skip
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    seen = Visible(html)

    assert seen.text.count(name) >= 5
    assert not {"script", "em", "strong", "img"} & {tag for tag, _ in seen.tags}
    assert "{}" not in seen.text


def test_markup_in_a_text_cell_is_shown_not_obeyed(tmp_path, frame):
    source = (
        '# A <b onclick="x">question</b>?\n\n<script>alert(1)</script>\n\n<!-- hidden -->\n\n'
        "[out](https://example.org) [in](#s-b) ![pic](x.png) `shared/analysis/cohort.py` $x$\n\n"
        "## B & <c>\n\n|a|b|\n|---|--:|\n|1|2|\n"
    )
    path = write_notebook([v4.new_markdown_cell(source)], tmp_path / "n.ipynb")
    page.render(path, tmp_path / "p.html", title="t", frame=frame)
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    main = html[html.index("<main") : html.index("</main>")]

    assert "<script" not in main
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in main
    assert "hidden -->" not in main
    assert "example.org" not in main
    assert '<a href="#s-b">in</a>' in main
    assert "<img" not in main
    assert "<code>cohort.py</code>" in main
    assert "$x$" in main
    assert '<h2 id="s-b-c">B &amp; &lt;c&gt;</h2>' in main
    assert '<th scope="col" class="num">b</th>' in main


def test_what_the_data_cannot_carry_gets_a_page_of_its_own(notebook, tmp_path, frame):
    found = page.render_unsupported(
        notebook, tmp_path / "u.html", reason="3 <customers>", needs="at least 50", frame=frame
    )
    html = (tmp_path / "u.html").read_text(encoding="utf-8")
    text = Visible(html).text

    assert found == ["verdict"]
    assert "Do new customers come back?" in text
    assert "Not supported by this data" in text
    assert "3 <customers>." in text
    assert "At least 50." in text
    for gone in (*LEAKS, "Facts", "One", "Who returns?"):
        assert gone not in html


def test_the_question_is_the_first_heading_as_plain_text(notebook):
    assert page.question(notebook) == "Do new customers come back?"
    assert question_of({"cells": [{"source": "no heading"}]}) == ""


def test_a_pale_brand_colour_decorates_as_it_is_and_is_repaired_where_it_is_text():
    frame = page.frame_of(make_client(brand=Brand(primary="#ffd54f", footer="Northwind")))

    assert frame.primary == "#ffd54f"
    assert contrast(frame.accent, "#ffffff") >= 4.5
    assert frame.footer[0] == "Northwind"


def test_a_logo_is_embedded(tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    frame = page.frame_of(make_client(brand=Brand(logo=logo)))
    assert frame.logo.startswith("data:image/svg+xml;base64,")


def test_a_client_cannot_break_out_of_the_style_block():
    text = page.css_text('"; } </style><script>')
    assert not {'"', "<", "}", ";"} & {*text[1:-1]}


def test_css_speaks_of_paper_and_of_forced_colours():
    rules = page.css()
    for words in ("@page", "size: A4", "counter(page)", "forced-colors", "break-inside: avoid"):
        assert words in rules
    assert unescape(rules) == rules
