"""Data that can be read but carry little, from raw file to delivered page: words, never a crash."""

import json
import re
from html import unescape
from unittest import mock
from urllib.parse import unquote
from zipfile import ZipFile

import odd_clients as odd
import pandas as pd
import pytest
from deliveries_here import deliver_here
from matplotlib import cbook
from matplotlib.text import Text
from small_client import csv_of, many, taken

from shared.loading.errors import ConfigError, DataRefused
from shared.loading.proposal import propose_client
from shared.report import figures

pytestmark = pytest.mark.slow

NOT_SUPPORTED = "not supported by this data"
OF_CUSTOMERS = (
    "01_portfolio", "02_lifetime_value", "03_survival", "04_cohort", "05_basket", "06_propensity",
    "07_uplift", "08_attribution", "10_next_offer", "11_personas",
)  # fmt: skip
EVERY = (*OF_CUSTOMERS[:8], "09_voice", *OF_CUSTOMERS[8:])


class Delivered:
    """One client's delivery, and how its run ended."""

    def __init__(self, root, name):
        self.folder = root / "outputs" / name / "2024-07-01"
        ended = json.loads((root / "ended.json").read_text(encoding="utf-8"))
        self.code, self.told, self.dollars = ended

    def findings(self, report):
        path = self.folder / "findings" / f"{report}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def html(self, page):
        return (self.folder / f"{page}.html").read_text(encoding="utf-8")

    def words(self, page):
        """Give what a reader sees: no markup, no style, no numbers of drawings."""
        body = re.sub(r"<style.*?</style>", " ", self.html(page), flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))

    def pictures(self, page):
        return [unquote(src) for src in re.findall(r'src="(data:image/svg[^"]*)"', self.html(page))]

    def table(self, report, name):
        path = self.folder / "tables" / report / f"{name}.csv"
        return pd.read_csv(path, dtype={"customer_id": str})


def _delivery_of(once, name, clients, *options):
    """Deliver some made clients in one go, once for the tests of this module."""

    def make(root):
        for slug, (tables, settings) in clients.items():
            odd.write(root / "data", slug, tables, **settings)
        places = ("--data", str(root / "data"), "--outputs", str(root / "outputs"))
        dollars = set()
        with mock.patch.object(figures, "svg_of", _noting(figures.svg_of, dollars)):
            ended = deliver_here(*clients, *places, "--jobs", "1", *options)
        kept = json.dumps([*ended, sorted(dollars)])
        (root / "ended.json").write_text(kept, encoding="utf-8")

    root = once(name, make)
    return lambda slug: Delivered(root, slug)


def _noting(draw, dollars):
    """Note each text with a dollar that is drawn, and whether it is read as a formula."""

    def noted(figure):
        texts = [text for text in figure.findobj(Text) if "$" in text.get_text()]
        dollars.update(
            (text.get_text(), text.get_parse_math() and bool(cbook.is_math_text(text.get_text())))
            for text in texts
        )
        return draw(figure)

    return noted


@pytest.fixture(scope="module")
def few(once):
    clients = {"three": (odd.shop(3), {}), "thirty": (odd.shop(30), {})}
    return _delivery_of(once, "odd-few", clients)


@pytest.fixture(scope="module")
def alike(once):
    return _delivery_of(once, "odd-alike", {"alike": (odd.shop(400, alike=True), {})})("alike")


@pytest.fixture(scope="module")
def hostile(once):
    clients = {"hostile": (odd.hostile(), {"name": f"'{odd.CLIENT_NAME}'"})}
    return _delivery_of(once, "odd-hostile", clients)("hostile")


@pytest.fixture(scope="module")
def special(once):
    """Clients of one table each, on which one report or two can say something."""
    ends = [
        ("SALES > (null)", 300, 200),
        ("START > SALES", 100, 300),
        ("(start) > (conversion)", 9, 50),
    ]
    by_status = '{survival: {group_by: "plan, status"}}'
    clients = {
        "once": (odd.mostly_once(300), {}),
        "stayed": (odd.stays(), {"parameters": by_status}),
        "some_left": (odd.stays(one_leaves_in=3), {"parameters": by_status}),
        "sparse": (odd.baskets(300, (2, 3), 12), {"parameters": "{basket: {min_support: 0.1}}"}),
        "bulky": (odd.baskets(30, (51, 500), 600), {}),
        "empty_texts": (odd.reviews("", "  "), {}),
        "stop_words": (odd.reviews("the and of", "is it a", "to the"), {}),
        "lost_journeys": (odd.paths(("ads > mail", 0, 300), ("mail", 0, 200)), {}),
        "named_ends": (odd.paths(*ends), {}),
    }  # fmt: skip
    return _delivery_of(once, "odd-special", clients)


@pytest.mark.parametrize("report", OF_CUSTOMERS)
@pytest.mark.parametrize("customers", ["three", "thirty"])
def test_da24_few_customers_get_a_page_with_the_number_found_and_the_least_needed(
    few, customers, report
):
    delivered = few(customers)
    record = delivered.findings(report)

    assert delivered.code == 0, delivered.told
    assert record["verdict"] == NOT_SUPPORTED
    assert re.search(r"\d", str(record["why"]))
    words = delivered.words(report)
    assert re.search(r"(?i)at least (\d|ten|two)|of 50 journeys", words), words[:2000]


def test_da24_three_texts_are_not_supported_and_thirty_are_read_with_care(few):
    assert few("three").findings("09_voice")["verdict"] == NOT_SUPPORTED
    thirty = few("thirty").findings("09_voice")
    assert thirty["verdict"] == "read with care"
    assert "Only 30 texts" in str(thirty["why"])


@pytest.mark.parametrize("report", EVERY)
def test_da25_identical_customers_get_a_page_in_plain_words(alike, report):
    assert alike.code == 0, alike.told
    words = alike.words(report)

    assert not re.search(r"\b(nan|NaN|inf|None|NaT)\b", words)
    assert "likelihood is flat" not in words
    assert "ran away" not in words
    assert not re.search(r"\d{3},\d{3},\d{3}", words)  # a parameter that ran away


def test_da25_no_model_fits_identical_customers_and_the_page_says_what_was_tried(alike):
    record = alike.findings("02_lifetime_value")

    assert record["verdict"] == NOT_SUPPORTED
    assert "BG/NBD and MBG/NBD were tried" in alike.words("02_lifetime_value")
    assert "bgnbd_r" not in record["metrics"]


def test_da27_without_a_churn_event_nothing_is_infinite_or_zero(special):
    delivered = special("stayed")
    words = delivered.words("03_survival")

    assert delivered.code == 0
    assert re.search(r"0 of them lost|not reached within", words)
    assert not re.search(r"\binf\b|\bnan\b", words)


def test_da29_a_group_of_one_is_not_compared_and_the_page_says_so(special):
    words = special("some_left").words("03_survival")

    assert "1 of the groups by status has 30 customers or more to follow" in words
    assert "At least two such groups" in words
    assert "No plan differs from the others" in words  # of those there are two of 150


def test_da29_a_group_of_nobody_or_one_has_no_p_of_nan(special, alike):
    survival = ((special(client), "03_survival") for client in ("stayed", "some_left"))
    for delivered, report in (*survival, (alike, "07_uplift")):
        assert not re.search(r"\bnan\b", delivered.html(report))
        assert "NaN" not in json.dumps(delivered.findings(report))


def test_da33_features_that_do_not_differ_are_left_out_and_that_is_said(alike):
    record = alike.findings("11_personas")

    assert record["verdict"] == NOT_SUPPORTED
    assert "none is known and differs" in str(record["why"])


def test_da33_fewer_groups_are_tried_where_few_customers_differ_and_that_is_said(once):
    clients = {"kinds": (odd.of_few_kinds(), {})}
    delivered = _delivery_of(once, "odd-kinds", clients, "--only", "11_personas")("kinds")

    assert delivered.findings("11_personas")["verdict"] == "read with care"
    assert "no more than 3 groups could be tried" in delivered.words("11_personas")


def test_da34_equal_behaviour_has_equal_scores_where_nine_of_ten_ordered_once(special):
    delivered = special("once")
    customers = delivered.table("01_portfolio", "customers")

    assert len(customers) == 300
    assert customers[["r_score", "f_score", "m_score"]].notna().all(axis=None)
    assert (customers.groupby("frequency")["f_score"].nunique() == 1).all()
    assert "share a value and share its score" in delivered.words("01_portfolio")


def test_da35_no_rule_above_the_thresholds_names_the_nearest(special):
    delivered = special("sparse")
    words = delivered.words("05_basket")

    assert delivered.code == 0
    assert delivered.findings("05_basket")["metrics"]["rules"] == 0
    assert re.search(r"(?i)no rule", words)
    assert "would come at a support of" in words


def test_da36_baskets_of_fifty_to_five_hundred_products_are_set_aside_and_counted(special):
    delivered = special("bulky")

    assert delivered.code == 0
    assert "30 of more than 50 are set aside" in delivered.words("05_basket")
    seconds = json.loads((delivered.folder / "run.json").read_text())["run"]["reports"]
    assert seconds["05_basket"] < 60


@pytest.mark.parametrize(
    ("client", "told"),
    [("empty_texts", "0 of 40 texts"), ("stop_words", "o word of the 60 texts")],
)
def test_da38_empty_reviews_and_stop_words_alone_get_a_page(special, client, told):
    delivered = special(client)

    assert delivered.code == 0, delivered.told
    assert delivered.findings("09_voice")["verdict"] == NOT_SUPPORTED
    assert told in delivered.words("09_voice")


def test_da39_a_word_is_one_word_in_turkish_whatever_its_capitals(hostile):
    from shared.analysis.voice_topics_words import folded

    assert {folded(word, "tr") for word in ("iade", "İade", "İADE")} == {"iade"}
    assert folded("ILIK", "tr") == "ılık"
    assert hostile.code == 0, hostile.told


def test_da40_paths_without_a_conversion_get_a_page(special):
    delivered = special("lost_journeys")

    assert delivered.findings("08_attribution")["verdict"] == NOT_SUPPORTED
    assert "one of 500 journeys converted" in delivered.words("08_attribution")


def test_da40_channels_named_like_the_ends_of_the_map_keep_their_credit(special):
    credit = special("named_ends").table("08_attribution", "credit")

    assert set(credit["channel"]) == {"SALES", "(null)", "START", "(start)", "(conversion)"}
    assert credit["markov"].sum() == pytest.approx(409, abs=0.01)


@pytest.mark.parametrize("report", EVERY)
def test_sp01_names_of_the_client_stand_letter_for_letter_and_nothing_obeys_them(hostile, report):
    html, words = hostile.html(report), hostile.words(report)

    assert odd.CLIENT_NAME in words
    assert "<script" not in html
    assert "<u>Cork" not in html
    assert "<b>tag" not in html
    assert 'href="http://evil' not in html
    assert "$x$ 49" not in words


def test_sp01_every_hostile_product_is_in_the_pages_as_it_was_written(hostile):
    every = " ".join(hostile.words(page) for page in EVERY)

    for name in odd.HOSTILE:
        assert name in every, name


def test_sp02_a_dollar_in_a_label_is_a_dollar(hostile):
    drawn = {text.replace(r"\$", "$").replace("\n", " ") for text, _formula in hostile.dollars}

    assert [text for text, formula in hostile.dollars if formula] == []
    assert any("$x$ *web*" in text for text in drawn)
    assert any(r"$\\alpha_1$" in text for text in drawn)


def test_en05_letters_that_the_font_lacks_are_left_to_the_reader_and_never_a_box(hostile):
    warned = json.loads((hostile.folder / "run.json").read_text(encoding="utf-8"))["warnings"]
    pictures = " ".join(picture for page in EVERY for picture in hostile.pictures(page))

    assert "Glyph" not in json.dumps(warned)
    assert re.search(r"<text [^>]*>[^<]*茶", pictures)
    assert "'DejaVu Sans',Verdana,sans-serif" in pictures


@pytest.mark.parametrize("page", [*EVERY, "index"])
def test_sp08_no_id_of_a_customer_is_in_a_page(hostile, page):
    assert re.findall(r"k\d{5}x", unquote(hostile.html(page))) == []


def test_sp14_a_workbook_names_no_author_user_or_host(hostile):
    (book,) = hostile.folder.glob("*.xlsx")
    with ZipFile(book) as archive:
        core = archive.read("docProps/core.xml").decode()

    assert not re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>[^<]+<", core)


def test_years_of_two_digits_that_stand_in_front_are_asked_about_and_never_guessed(tmp_path):
    lines = [line.replace(",2024-", ",24-") for line in many()]
    with pytest.raises(DataRefused, match="can be read in two ways") as asked:
        taken(tmp_path, csv_of(lines))

    assert "%y-%m-%d" in str(asked.value)
    got = taken(tmp_path / "told", csv_of(lines), format_='date: "%y-%m-%d"')
    assert str(got.lines.first) == "2024-01-01"
    behind = [re.sub(r",(2024)-(\d\d)-(\d\d),", r",\3/\2/24,", line) for line in many()]
    assert str(taken(tmp_path / "behind", csv_of(behind)).lines.first) == "2024-01-01"
    one_day = [re.sub(r",2024-..-..,", ",24-01-05,", line) for line in many()]
    with pytest.raises(DataRefused, match="can be read in two ways"):
        taken(tmp_path / "one_day", csv_of(one_day))


def test_a_table_of_hundreds_of_columns_is_read_like_any_other(tmp_path):
    header = "Customer,Invoice,Date,Product,Quantity,Price," + ",".join(f"c{i}" for i in range(400))
    lines = [line + ",1" * 400 for line in many()]

    assert taken(tmp_path, csv_of(lines, header)).lines.rows_used == 100


def test_a_field_as_long_as_a_book_is_refused_by_its_row_and_length(tmp_path):
    with pytest.raises(DataRefused, match="row 102 holds a field of more than 131,072") as refused:
        taken(tmp_path, csv_of([*many(), f"zoe,900,2024-01-05,{'x' * 200_000},1,2.50"]))

    assert len(str(refused.value).splitlines()) <= 8


@pytest.mark.parametrize("name", ["..", "CON", "nul", "com1", "a/b", ".hidden", "", "Ünïcode"])
def test_a_name_that_is_no_safe_folder_makes_no_client(tmp_path, name):
    with pytest.raises(ConfigError, match="is no name for a client's folder"):
        propose_client(name, [tmp_path / "orders.csv"], tmp_path / "data")

    assert not (tmp_path / "data").exists()
