"""The delivered pages in a real browser: offline, accessible, on a phone, on paper."""

import contextlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlparse

import nbformat
import pytest

sync_api = pytest.importorskip("playwright.sync_api")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
REPORTS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (1280, 390)
SUSPECT_WORDS = re.compile(
    r"\b(nan|inf|None|NaT|<NA>|Traceback|\w+Warning)\b|\{\w+\}|/(home|root|Users)/"
)
VERDICTS = ("can be relied on", "read with care", "not supported by this data")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: chromium)"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module", params=[*REPORTS, "index"])
def path(demo_delivery, request):
    """Give one page after the other: all tests that look at it in one way load it once."""
    return demo_delivery / f"{request.param}.html"


@contextlib.contextmanager
def opened(browser, path, *, width=1280, **options):
    """Open a page from disk; give it with the requests and errors it caused."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    seen = {"requests": [], "errors": []}
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.on("console", lambda m: seen["errors"].append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.goto(path.as_uri(), wait_until="load")
    try:
        yield page, seen
    finally:
        context.close()


@pytest.fixture(scope="module")
def loaded(browser, path):
    with opened(browser, path) as page_and_seen:
        yield page_and_seen


@pytest.fixture(scope="module")
def page(loaded):
    return loaded[0]


@pytest.fixture(scope="module")
def phone(browser, path):
    with opened(browser, path, width=390) as (page, _):
        yield page


@pytest.fixture(scope="module")
def examined(browser, path):
    """Give a page that lets the examiner's own script run."""
    with opened(browser, path, bypass_csp=True) as (page, _):
        yield page


def test_a_page_asks_for_nothing_but_itself_and_runs_nothing(loaded, path):
    page, seen = loaded
    asked = [u for u in seen["requests"] if not u.startswith("data:")]

    assert asked == [path.as_uri()]
    assert seen["errors"] == []
    assert page.locator("script, iframe, object, embed, link[rel=stylesheet]").count() == 0
    attributes = page.evaluate(
        "() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
        ".filter(a => a.name.startsWith('on') || /^(javascript|https?):/i.test(a.value))"
        ".map(a => a.name + '=' + a.value)"
    )
    assert attributes == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("forced_colors", ["none", "active"])
def test_axe_finds_no_violation(examined, width, forced_colors):
    examined.set_viewport_size({"width": width, "height": 900})
    examined.emulate_media(forced_colors=forced_colors)
    found = axe_playwright.Axe().run(examined).response["violations"]

    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []


def test_nothing_scrolls_sideways_but_tables_and_pictures_in_their_own_box(phone):
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_a_picture_with_small_digits_keeps_its_least_width_on_a_phone(phone):
    shown = phone.evaluate(
        "() => [...document.querySelectorAll('figure img')]"
        ".map(i => [i.getBoundingClientRect().width, parseFloat(i.style.minWidth || 340)])"
    )

    # On that width the smallest text of the picture has nine pixels.
    assert all(width >= least for width, least in shown)


def test_every_output_of_the_notebook_is_on_the_page_and_nothing_is_empty(
    page, path, demo_delivery
):
    if path.name == "index.html":
        return
    notebook = nbformat.read(demo_delivery / "notebooks" / f"{path.stem}.ipynb", as_version=4)
    want = {
        output.metadata["report"]["id"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "report" in output.get("metadata", {})
    }
    shown = page.evaluate(
        "[...document.querySelectorAll('[data-output]')].map(e => e.dataset.output)"
    )
    images = page.evaluate("[...document.images].map(i => i.naturalWidth)")
    rows = page.evaluate("[...document.querySelectorAll('table')].map(t => t.rows.length)")

    assert len(shown) == len(set(shown))
    assert set(shown) == want
    assert min(images) > 0
    assert min(rows) > 1


def test_every_picture_says_what_it_shows_in_words_and_numbers(page):
    texts = page.evaluate("[...document.querySelectorAll('figure img')].map(i => i.alt)")
    headings = page.evaluate(
        "[...document.querySelectorAll('figcaption h3')].map(h => h.innerText)"
    )

    assert len(set(texts)) == len(texts)
    assert all(len(text) >= 40 and re.search(r"\d", text) for text in texts)
    assert all(re.search(r"\d", heading) for heading in headings), headings


def test_the_words_of_a_page_hold_no_trace_of_the_machine(page):
    words = page.evaluate("document.body.innerText")

    assert not SUSPECT_WORDS.search(words), SUSPECT_WORDS.search(words)


def test_a_report_has_one_verdict_few_findings_and_few_actions(page, path, demo_delivery):
    if path.name == "index.html":
        return
    said = json.loads((demo_delivery / "findings" / f"{path.stem}.json").read_text())

    assert page.locator(".badge").count() == 1
    assert page.locator(".badge").inner_text().lower().endswith(VERDICTS)
    assert 1 <= page.locator(".finding").count() == len(said["findings"]) <= 5
    assert page.locator(".action").count() == len(said["actions"]) <= 5
    assert page.locator("h1").count() == 1


def test_every_link_leads_somewhere(page, path):
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
    ids = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))

    assert links
    for link in links:
        address = urlparse(link)
        target = Path(unquote(address.path))
        assert target.exists(), link
        if target == path and address.fragment:
            assert unquote(address.fragment) in ids, link


def test_the_contents_list_has_every_section(page):
    listed = page.locator(".contents > ol > li > a").all_inner_texts()
    sections = page.locator("main h2").all_inner_texts()

    assert [t.strip() for t in sections][: len(listed)] == [t.strip() for t in listed]


def test_nothing_is_cut_off_on_paper(browser, path, tmp_path):
    with opened(browser, path) as (page, _):
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 672, "height": 1000})  # A4 less its margins
        wide = page.evaluate(
            "[...document.querySelectorAll('main *')]"
            ".filter(e => e.getBoundingClientRect().right > 673 && e.offsetParent)"
            ".map(e => e.tagName + '.' + e.className)"
        )
        pdf = tmp_path / f"{path.stem}.pdf"
        page.pdf(path=pdf, prefer_css_page_size=True, tagged=True, outline=True)
        title = page.locator("h1").inner_text()
        headings = page.locator("h2, h3").all_inner_texts()

    assert wide == []
    content = pdf.read_bytes()
    assert b"/StructTreeRoot" in content
    assert b"/Lang" in content
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
        ).stdout
        assert title.split()[0] in text
        sheets = [
            [line.strip() for line in sheet.splitlines() if line.strip()]
            for sheet in text.split("\f")[:-1]
        ]
        # The last line of a sheet is its number; a chart without words has at least its source.
        assert min(sum(map(len, lines)) for lines in sheets) > 100
        ends = [lines[-2] for lines in sheets]
        assert [line for line in ends if any(h.endswith(line) for h in headings)] == []
