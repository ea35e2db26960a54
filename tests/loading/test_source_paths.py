import pytest

from shared.loading.source_paths import (
    borrowed_folder,
    expand_variables,
    other_client,
    source_fault,
)


@pytest.fixture
def acme(tmp_path):
    """Two clients side by side, each with one file; acme is ours."""
    for client in ("acme", "beta"):
        folder = tmp_path / "data" / client
        folder.mkdir(parents=True)
        (folder / "orders.csv").write_text("a\n")
        (folder / "client.yaml").write_text("name: x\n")
    return tmp_path / "data" / "acme"


def test_variables_are_put_in_and_defaults_stand_in_for_missing_ones():
    got = expand_variables("${DIR}/${YEAR:-2011}/${EMPTY:-x}.csv", {"DIR": "/drop", "EMPTY": ""})

    assert got == "/drop/2011/x.csv"


def test_every_missing_variable_is_named_and_no_value_is_shown():
    with pytest.raises(ValueError, match="PW, HOST") as caught:
        expand_variables("pg://${USER}:${PW}@${HOST}/db", {"USER": "ana_canary"})

    assert "ana_canary" not in str(caught.value)


@pytest.mark.parametrize("written", ["${", "${A-B}", "${A:-${B}}", "${1}"])
def test_a_variable_that_cannot_be_read_is_refused(written):
    with pytest.raises(ValueError, match=r"not written|not set"):
        expand_variables(written, {"A": "a"})


@pytest.mark.parametrize(
    "source",
    ["orders.csv", "*.csv", "drop", ".", "/usr", "no-such-*.csv", "duckdb://shop.db::orders"],
)
def test_our_own_files_and_files_elsewhere_are_fine(acme, source):
    assert source_fault(source, acme) == ""


@pytest.mark.parametrize(
    "source",
    ["../beta/orders.csv", "../beta", "../*/orders.csv", "..", "../beta/*.csv", "../bet?", "/"],
)
def test_a_path_into_another_clients_folder_is_refused(acme, source):
    assert source_fault(source, acme) == "reaches into the folder of another client, beta"


def test_an_embedded_database_of_another_client_is_refused(acme):
    assert "beta" in source_fault("duckdb://../beta/shop.db::orders", acme)
    assert "beta" in source_fault(f"sqlite://{acme.parent}/beta/shop.db?mode=ro::orders", acme)


def test_links_to_another_clients_files_are_followed(acme):
    (acme / "link.csv").symlink_to(acme.parent / "beta" / "orders.csv")
    (acme / "drop").mkdir()
    (acme / "drop" / "link.csv").symlink_to(acme.parent / "beta" / "orders.csv")

    assert "beta" in source_fault("link.csv", acme)
    assert "beta" in source_fault("drop", acme)
    assert "beta" in source_fault("lin*.csv", acme)


def test_another_client_may_itself_be_a_link_to_a_drive(acme, tmp_path):
    (tmp_path / "drive" / "gamma").mkdir(parents=True)
    (acme.parent / "gamma").symlink_to(tmp_path / "drive" / "gamma")

    assert other_client(tmp_path / "drive" / "gamma" / "orders.csv", acme) == "gamma"


def test_our_own_folder_may_be_a_link_to_a_drive_but_not_to_another_client(acme, tmp_path):
    (tmp_path / "drive").mkdir()
    ours, theirs = acme.parent / "ours", acme.parent / "theirs"
    ours.symlink_to(tmp_path / "drive")
    theirs.symlink_to(acme.parent / "beta")

    assert borrowed_folder(ours) is None
    assert other_client(ours / "orders.csv", ours) is None
    assert borrowed_folder(theirs) == "beta"


def test_a_client_yaml_borrowed_through_a_link_is_seen(acme):
    (acme / "client.yaml").unlink()
    (acme / "client.yaml").symlink_to(acme.parent / "beta" / "client.yaml")

    assert borrowed_folder(acme) == "beta"


def test_a_second_name_for_our_own_folder_does_no_harm(acme):
    (acme.parent / "alias").symlink_to(acme)

    assert other_client(acme / "orders.csv", acme) is None


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("https://shop.example/orders.csv", "download it first"),
        ("s3://bucket/orders.parquet", "download it first"),
        ("postgres://u:pw@host/db", 'add "::" and the table'),
        ("postgres://u:pw@[::1]/db::public.orders", ""),
        (" ", "is empty"),
    ],
)
def test_an_address_is_a_table_in_a_database(acme, source, fault):
    assert fault in source_fault(source, acme)


def test_a_loop_of_links_is_no_crash(acme):
    (acme / "a").symlink_to(acme / "b")
    (acme / "b").symlink_to(acme / "a")

    assert source_fault("a", acme) == ""
    assert source_fault("x" * 5000, acme) == ""
    assert source_fault("~nobody-here/x", acme) == "is not a path"
