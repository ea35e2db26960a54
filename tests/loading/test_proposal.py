"""`python -m shared new`: a client.yaml that needs no edit, or says which line to decide."""

import pytest
from raw_inputs import CSV, workbook

from shared.loading.config import load_config
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.proposal import propose_client

ORDERS = (
    "Müşteri No;Order ID;Date;StockCode;Qty;Price\n"
    "00123;536365;25.12.2023;85123A;6;2,55\n"
    "00123;C536366;26.12.2023;85123A;-6;2,55\n"
    ";536367;27.12.2023;22752;2;0\n"
)


def test_columns_and_rules_are_found_and_every_guess_has_a_comment(new):
    decide, page, folder = new(orders_csv=ORDERS)

    table = load_config(folder).tables["order_lines"]
    assert decide == []
    assert table.columns == {
        "customer_id": "Müşteri No",
        "order_id": "Order ID",
        "order_date": "Date",
        "product_id": "StockCode",
        "quantity": "Qty",
        "unit_price": "Price",
    }
    assert (table.rules.cancelled_order_prefix, table.rules.refunds) == ("C", "net")
    assert (table.rules.guests, table.rules.zero_price) == ("set_aside", "set_aside")
    assert (table.format.date, table.format.decimal) == ("%d.%m.%Y", ",")
    assert "refunds: net  # assumed: 1 line is negative" in page
    assert "currency: EUR  # assumed" in page
    assert "locale: en_GB  # assumed" in page


def test_a_shop_that_sells_in_dollars_gets_american_numbers_and_dates(new):
    _, page, _ = new(orders_csv=ORDERS.replace(";2,55", ";$2,55"))

    assert "currency: USD" in page
    assert "locale: en_US  # assumed" in page


def test_what_cannot_be_decided_says_decide_and_nothing_runs_before(new):
    rows = "".join(f"{i};1;0{i}.02.2024;a;1.234\n" for i in range(1, 5))
    text = "customer_id;order_id;order_date;product_id;unit_price\n" + rows
    decide, page, folder = new(orders_csv=text.replace(";a;", ";ä;").encode("cp1252"))

    keys = [line.split("  ")[1].partition(":")[0] for line in decide]
    assert keys == ["encoding", "decimal", "date"]
    assert "1 February 2024 as %d.%m.%Y" in page
    assert decide[0].startswith("data/acme/client.yaml:")
    with pytest.raises(ConfigError, match="DECIDE"):
        load_config(folder)


def test_a_row_of_totals_is_proposed_as_footer_and_counted_as_nothing_else(new):
    rows = "".join(f"{i % 9},{i},2024-01-{1 + i % 28:02d},p{i % 5},2.50\n" for i in range(40))
    head = "customer_id,order_id,order_date,product_id,unit_price\n"
    _, page, folder = new(orders_csv=f"{head}{rows},,,Grand Total,-100\n")

    assert load_config(folder).tables["order_lines"].rules.footer == ("Grand Total",)
    assert not [word for word in ("guests", "refunds", "ids without a digit") if word in page]


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("tenure", "time_unit: DECIDE  # what tenure counts: days, weeks, months"),
        ("tenure_months", "time_unit: months  # assumed from tenure_months"),
    ],
)
def test_the_unit_of_durations_is_asked_unless_the_column_says_it(new, column, line):
    rows = "".join(f"c{i},{i % 30},{'Yes' if i % 3 else 'No'}\n" for i in range(40))
    _, page, _ = new(people_csv=f"customer_id,{column},churn\n{rows}")

    assert "parameters:\n  survival:\n    " + line in page


def test_files_with_the_same_columns_become_one_table_others_their_own(new):
    more = ORDERS.replace("2023", "2024")
    customers = "customer_id,gender,city\n00123,f,Izmir\n00124,m,Bonn\n"
    _, _, folder = new(a_csv=ORDERS, b_csv=more, people_csv=customers)

    tables = load_config(folder).tables
    assert [len(tables[name].source) for name in ("order_lines", "customers")] == [2, 1]


def test_a_file_inside_the_clients_folder_is_named_relative_to_it(new, tmp_path):
    folder = tmp_path / "data" / "acme"
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")

    propose_client("acme", [folder / "orders.csv"], tmp_path / "data")

    assert load_config(folder).tables["order_lines"].source == ("orders.csv",)


def test_a_file_elsewhere_is_named_by_its_whole_path_without_steps_back(new, tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")

    propose_client("beta", [tmp_path / "drop" / ".." / "orders.csv"], tmp_path / "data")

    folder = tmp_path / "data" / "beta"
    assert load_config(folder).tables["order_lines"].source == (str(tmp_path / "orders.csv"),)
    assert "# read there at every run" in (folder / "client.yaml").read_text(encoding="utf-8")


def test_a_client_yaml_that_is_there_is_never_overwritten(new):
    _, page, folder = new(orders_csv=ORDERS)

    with pytest.raises(ConfigError, match="not overwritten"):
        new(orders_csv=CSV)
    assert (folder / "client.yaml").read_text(encoding="utf-8") == page


def test_a_rate_is_not_taken_for_a_discount_nor_an_order_total_for_a_lines(new):
    text = (
        "customer_id,order_id,order_date,product_id,quantity,price,discount,total\n"
        "1,1,2024-01-31,a,1,5,0.2,12\n1,1,2024-01-31,b,1,7,0,12\n2,2,2024-02-01,a,2,5,0,10\n"
    )
    _, page, folder = new(orders_csv=text)

    assert not {"discount", "line_value"} & set(load_config(folder).tables["order_lines"].columns)
    assert "discount is a rate (0 to 0.2), no amount" in page
    assert "total repeats the order's total on each line" in page


@pytest.mark.parametrize(
    ("rows", "meant"),
    [
        ("1,2024-01-31,a\n1,2024-01-31,b\n2,2024-02-01,a\n", "order_id"),
        ("1,2024-01-31,a\n1,2024-02-28,b\n2,2024-02-01,a\n", "customer_id"),
    ],
)
def test_a_column_called_id_is_told_by_its_dates(new, rows, meant):
    _, _, folder = new(orders_csv="id,date,item\n" + rows)

    assert load_config(folder).tables["order_lines"].columns[meant] == "id"


def test_of_several_sheets_the_one_that_fits_is_proposed_and_titles_are_assumed(new):
    rows = [["Sales"], [], ["customer_id", "order_date", "product_id"], ["1", "2024-01-31", "a"]]
    rows += [["2", "2024-02-01", "b"]]
    decide, page, _ = new(orders_xlsx=workbook(Notes=[["by hand"]], Orders=rows))

    assert decide == []
    assert "sheet: Orders\n" in page
    assert "header_row: 3  # assumed" in page


def test_every_sheet_that_fits_a_table_is_proposed_as_one(new):
    orders = [["Order No", "Client", "Date", "SKU"], ["1", "a", "2024-01-31", "x"]]
    people = [["Client", "City", "Since"], ["a", "Bonn", "2023-01-31"], ["b", "Ulm", "2023-02-28"]]
    decide, _, folder = new(
        drop_xlsx=workbook(Orders=[*orders, ["2", "b", "2024-02-01", "x"]], People=people)
    )

    tables = load_config(folder).tables
    assert decide == []
    assert {name: table.format.sheet for name, table in tables.items()} == {
        "order_lines": "Orders",
        "customers": "People",
    }
    assert tables["customers"].columns["joined_on"] == "Since"


def test_of_two_sheets_with_the_same_columns_the_meant_one_is_asked(new):
    rows = [["customer_id", "order_date", "product_id"], ["1", "2024-01-31", "a"]]
    decide, _, _ = new(orders_xlsx=workbook(January=rows, February=[*rows, rows[1]]))

    assert [line.split("  ")[1] for line in decide] == ["sheet: DECIDE"]


def test_a_file_that_fits_no_table_is_refused_listing_its_columns(new):
    with pytest.raises(DataRefused, match=r"fits none.*\n.*week, arrest"):
        new(rossi_csv="week,arrest,fin\n20,1,0\n17,1,0\n")


@pytest.mark.parametrize("slug", ["../beta", "", "a b", ".hidden"])
def test_a_name_that_is_no_folder_name_is_refused(tmp_path, slug):
    with pytest.raises(ConfigError, match="no name for a client"):
        propose_client(slug, [], tmp_path)


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("file", "columns", "rules"),
    [
        (
            "online_retail/online_retail.csv.gz",
            "customer_id order_id order_date product_id quantity unit_price product_name country",
            {"cancelled_order_prefix": "C", "refunds": "net", "guests": "set_aside"},
        ),
        (
            "superstore/sample_superstore.csv",
            "customer_id order_id order_date product_id quantity line_value product_name category "
            "country",
            {},
        ),
        (
            "groceries_members/Groceries_dataset.csv",
            "customer_id order_id order_date product_id",
            {},
        ),
    ],
)
def test_public_exports_need_no_edit(datasets, tmp_path, file, columns, rules):
    decide = propose_client("shop", [datasets / file], tmp_path / "data")

    table = load_config(tmp_path / "data" / "shop").tables["order_lines"]
    assert decide == []
    assert list(table.columns) == columns.split()
    assert {name: getattr(table.rules, name) for name in rules} == rules


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("file", "tables"),
    [
        ("ifood/marketing_campaign.csv", ["customers", "responses"]),
        ("channel_paths/PathData.csv", ["paths"]),
        ("clothing_reviews/womens_clothing_reviews_subset.csv", ["reviews"]),
        ("hillstrom_men/hillstrom_men.csv.gz", ["campaign"]),
        ("apparel/apparelTrans.csv", ["order_lines"]),
        ("apparel/apparelStaticCov.csv", ["customers"]),
        ("groceries/groceries_long.csv.gz", ["order_lines"]),
        ("clickstream/ecom.csv.gz", ["touchpoints"]),
        ("pizzaplace/05-pizzaplace.csv", ["order_lines"]),
        ("online_shoppers/online_shoppers_intention.csv", ["responses"]),
    ],
)
def test_other_exports_are_recognised_and_at_most_one_line_is_to_decide(
    datasets, tmp_path, file, tables
):
    decide = propose_client("shop", [datasets / file], tmp_path / "data")

    page = (tmp_path / "data" / "shop" / "client.yaml").read_text(encoding="utf-8")
    found = [
        line.strip().partition(":")[0] for line in page.splitlines() if "# one row per" in line
    ]
    assert found == tables
    assert len(decide) <= 1


@pytest.mark.datasets
def test_tenures_leave_two_things_open_which_no_row_tells(datasets, tmp_path):
    file = datasets / "telco_churn" / "WA_Fn-UseC_-Telco-Customer-Churn.csv"
    decide = propose_client("shop", [file], tmp_path / "data")

    keys = [line.split("  ")[1].partition(":")[0] for line in decide]
    assert keys == ["snapshot_date", "time_unit"]


@pytest.mark.datasets
def test_fixed_width_text_is_named_as_such(datasets, tmp_path):
    with pytest.raises(DataRefused, match="fixed width"):
        propose_client("cdnow", [datasets / "cdnow" / "CDNOW_sample.txt"], tmp_path / "data")
