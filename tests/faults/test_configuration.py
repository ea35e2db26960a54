"""Faults of client.yaml: each is refused with exit 2, code, line and remedy; the remedy works."""

from pathlib import Path

import pytest

from shared.loading.brand import contrast, repair_contrast
from shared.loading.config import data_settings, load_config
from shared.loading.errors import ConfigError

CLEAN = """\
name: Acme Retail
currency: EUR
locale: en_GB
snapshot_date: 2011-12-10
brand: {logo: logo.svg, primary: "#0b6e4f"}
tables:
  order_lines:
    source: orders.csv
    columns:
      customer_id: Customer
      order_id: Invoice
parameters:
  basket: {min_support: 0.01}
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="4" height="4"/></svg>'
CANARY = "canary-7f3a"


class Client:
    """The folder of one client beside another one's, whose client.yaml is then broken."""

    def __init__(self, root: Path) -> None:
        for name in ("acme", "beta"):
            (root / name).mkdir(parents=True)
            (root / name / "client.yaml").write_text(CLEAN)
            (root / name / "logo.svg").write_text(SVG)
            (root / name / "orders.csv").write_text(f"Customer,Invoice\n{CANARY},1\n")
        self.folder = root / "acme"
        self.other = root / "beta"

    def loaded(self, content=CLEAN):
        data = content if isinstance(content, bytes) else content.encode()
        (self.folder / "client.yaml").write_bytes(data)
        return load_config(self.folder)

    def refused(self, content=CLEAN):
        """Load what must be refused; give the lines of the message."""
        with pytest.raises(ConfigError) as caught:
            self.loaded(content)
        assert caught.value.exit_code == 2
        lines = str(caught.value).splitlines()
        assert len(lines) <= 8
        assert all("data/acme/client.yaml" in line for line in lines if line[0] == "E")
        return lines


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Client(tmp_path / "data")


def test_co02_a_snapshot_date_that_is_none_and_the_line_of_one_out_of_range(client):
    (message,) = client.refused(CLEAN.replace("2011-12-10", "10/12/2011"))

    assert message == (
        'E-CONF-06 data/acme/client.yaml:4  snapshot_date is "10/12/2011"; '
        "a date, written such as 2011-12-10"
    )
    # Whether it lies before the first order is known once the data are read: then it is cited.
    assert client.loaded().cite("snapshot_date") == "data/acme/client.yaml line 4"


def test_co03_all_missing_values_are_told_in_one_go(client):
    lines = client.refused("locale: en_GB\ntables:\n  order_lines: {columns: {}}\n")

    assert lines == [
        "E-CONF-05 data/acme/client.yaml:1  name is missing in client.yaml; "
        "write name: Acme Retail",
        "E-CONF-05 data/acme/client.yaml:1  currency is missing in client.yaml; "
        "write currency: EUR",
        "E-CONF-05 data/acme/client.yaml:3  source is missing in tables.order_lines; "
        "write source: orders.csv",
    ]


def test_co04_unknown_words_are_told_with_what_was_meant(client):
    text = CLEAN.replace("EUR", "EURO").replace("en_GB", "en_GBR").replace("basket", "baskett")
    text = text.replace("customer_id", "custmer_id").replace("source:", "sorce:")

    lines = client.refused(text)

    meant = ["EUR", "en_GB", "source", "customer_id", "basket"]
    assert [line.rpartition("did you mean ")[2] for line in lines] == [f"{m}?" for m in meant]
    assert [line.split(":")[1].split()[0] for line in lines] == ["2", "3", "8", "10", "13"]


@pytest.mark.parametrize(
    ("logo", "said"),
    [
        (None, "is not there"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20_000_000, "19.1 MB; at most 1 MB"),
        (
            SVG.replace("<rect", "<script>alert(1)</script><rect").encode(),
            "active element <script>",
        ),
        (SVG.replace("<rect", "<rect onclick='x()'").encode(), "event attribute"),
        (b"GIF89a", "neither svg, png nor jpg"),
    ],
)
def test_co05_a_logo_absent_too_large_or_active(client, logo, said):
    path = client.folder / "logo.svg"
    path.unlink()
    if logo is not None:
        path.write_bytes(logo)

    (message,) = client.refused()

    assert message.startswith('E-CONF-09 data/acme/client.yaml:5  logo "logo.svg" ')
    assert said in message
    path.write_text(SVG)
    assert client.loaded().brand.logo == path


def test_co06_a_pale_brand_colour_is_accepted_and_can_be_repaired(client):
    brand = client.loaded(CLEAN.replace("#0b6e4f", "#e0d040")).brand

    assert contrast(brand.primary, "#ffffff") == pytest.approx(1.5, abs=0.1)
    shade, repaired = repair_contrast(brand.primary)
    assert repaired
    assert contrast(shade, "#ffffff") >= 4.5


def test_co08_two_canonical_names_on_one_column(client):
    (message,) = client.refused(CLEAN.replace("Invoice", "Customer"))

    assert message == (
        "E-CONF-08 data/acme/client.yaml:11  customer_id and order_id are both mapped to "
        '"Customer"; keep one'
    )


def test_co09_tabs_and_foreign_encodings_are_told_by_line_and_a_bom_is_read(client):
    (tabs,) = client.refused(CLEAN.replace("  order_lines", "\torder_lines"))
    turkish = CLEAN.replace("Acme Retail", "İstanbul Çarşı")
    (encoding,) = client.refused("# Müşteri\n".encode() + turkish.encode("cp1254"))

    assert tabs == "E-CONF-02 data/acme/client.yaml:7  is indented with a tab; use spaces"
    assert encoding.startswith("E-CONF-02 data/acme/client.yaml:2  is not UTF-8 from here on")
    for same in (b"\xef\xbb\xbf" + turkish.encode(), turkish.encode("utf-16")):
        assert client.loaded(same).name == "İstanbul Çarşı"
    assert client.loaded(turkish.replace("\n", "\r\n")).cite("snapshot_date").endswith("line 4")


def test_co10_a_file_without_version_is_read_and_a_newer_one_names_the_edit(client):
    assert client.loaded(CLEAN).version == client.loaded("version: 1\n" + CLEAN).version == 1

    (message,) = client.refused(CLEAN + "version: 2\nnews: {of: tomorrow}\n")
    assert message == (
        'E-CONF-11 data/acme/client.yaml:14  version "2" is newer than this suite; '
        "write version: 1, or update it"
    )


def test_sp03_tags_alias_bombs_and_duplicate_keys_are_told_by_line(client, tmp_path):
    trap = tmp_path / "constructed"
    tags = f"x: !!python/object/apply:pathlib.Path.touch [{trap}]\n"
    (tag, *_) = client.refused(CLEAN + tags)
    levels = [f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 30)]
    bomb = client.refused(CLEAN + "b0: &b0 [lol]\n" + "\n".join(levels))
    (twice,) = client.refused(CLEAN + "name: Beta\n")

    assert tag.startswith("E-CONF-03 data/acme/client.yaml:14  has a language tag")
    assert not trap.exists()
    assert any("E-CONF-03 data/acme/client.yaml:15  refers to another value" in b for b in bomb)
    assert twice == 'E-CONF-03 data/acme/client.yaml:14  "name" is already on line 1; keep one'


def test_sp04_text_stays_text(client):
    rules = "    rules: {exclude_product_ids: [No, 007, 12:30, 1e3, null_, ~x]}\n"
    text = CLEAN.replace("parameters:", rules + "parameters:").replace("Acme Retail", "No")
    config = client.loaded(text.replace("0.01", "007"))

    assert config.name == "No"
    excluded = config.tables["order_lines"].rules.exclude_product_ids
    assert excluded == ("No", "007", "12:30", "1e3", "null_", "~x")
    assert config.parameters["basket"]["min_support"].value == "007"


def test_sp06_a_link_to_another_clients_folder(client):
    (client.folder / "orders.csv").unlink()
    (client.folder / "orders.csv").symlink_to(client.other / "orders.csv")
    (linked,) = client.refused()
    (named,) = client.refused(CLEAN.replace("orders.csv", "../beta/orders.csv"))

    for message in (linked, named):
        assert message.startswith("E-CONF-10 data/acme/client.yaml:8  source ")
        assert "another client, beta" in message
        assert CANARY not in message
    (client.folder / "orders.csv").unlink()
    assert client.loaded()


def test_sp06_a_client_folder_that_is_a_link_to_another_clients(client):
    alias = client.folder.parent / "gamma"
    alias.symlink_to(client.other)

    with pytest.raises(ConfigError, match="another client, beta"):
        load_config(alias)


def test_sp10_a_secret_in_the_environment_is_used_and_never_shown(client, monkeypatch):
    monkeypatch.setenv("ACME_PW", CANARY)
    monkeypatch.delenv("ACME_HOST", raising=False)
    address = CLEAN.replace("orders.csv", "postgres://ana:${ACME_PW}@${ACME_HOST}/db::sales.orders")
    (missing,) = client.refused(address)
    wrong = client.refused(CLEAN.replace("orders.csv", "s3://${ACME_PW}@bucket/x") + "bad: 1\n")

    assert "needs the environment variable ACME_HOST" in missing
    assert CANARY not in missing + "".join(wrong)
    monkeypatch.setenv("ACME_HOST", "db.example")
    config = client.loaded(address)
    table = config.tables["order_lines"]
    assert table.source == (f"postgres://ana:{CANARY}@db.example/db::sales.orders",)
    assert CANARY not in repr(config)
    assert CANARY not in str(data_settings(config))


def test_sp10_a_password_typed_into_the_file_is_masked_wherever_it_is_shown(client):
    address = f"postgres://ana:{CANARY}@db.example/db"
    (message,) = client.refused(CLEAN.replace("orders.csv", address))
    config = client.loaded(CLEAN.replace("orders.csv", address + "::orders"))

    assert "postgres://ana:***@db.example" in message
    assert CANARY not in message + repr(config) + str(data_settings(config))


@pytest.mark.parametrize(
    "logo",
    ["https://cdn.example/logo.svg", "//cdn.example/logo.svg", "data:image/png,x", r"\\host\l.png"],
)
def test_sp12_a_remote_logo(client, logo):
    (message,) = client.refused(CLEAN.replace("logo.svg", f"'{logo}'"))

    assert message == (
        "E-CONF-09 data/acme/client.yaml:5  logo is not a local file; copy it beside client.yaml"
    )


def test_sp12_a_logo_that_would_fetch_something(client):
    (client.folder / "logo.svg").write_text(
        SVG.replace("<rect", "<image href='https://cdn.example/x.png'/><rect")
    )
    (message,) = client.refused()

    assert message.endswith('logo "logo.svg" has a reference outside itself (href)')


def test_sp13_a_key_does_not_stand_in_client_yaml(client):
    (message,) = client.refused(CLEAN + f"key: {CANARY}\n")

    assert message.startswith('E-CONF-04 data/acme/client.yaml:14  unknown key "key"')
    assert CANARY not in message
