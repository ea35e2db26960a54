"""Heads of exports in six languages, with units and abbreviations, and what they mean."""

import pytest

from shared.loading.proposal_names import currency_in, match_names

GERMAN = (
    "Beleg-Nr.", "Belegdatum", "Kd.-Nr.", "Art.-Nr.", "Bezeichnung", "Warengruppe", "Menge (Stk)",
    "VK-Preis netto (EUR)", "Positionswert (EUR)", "Land", "Status",
)  # fmt: skip
BY_LANGUAGE = {
    "de": GERMAN,
    "en": (
        "Inv. No.", "Inv. Date", "Cust. No.", "Item No.", "Desc.", "Group", "Qty (pcs)",
        "Unit Price USD", "Net amount", "Country", "Sales rep",
    ),
    "tr": (
        "Sip. No", "Fatura Tarihi", "Müş. Kodu", "Ürün Kodu", "Ürün Adı", "Kategori",
        "Miktar (Adet)", "Birim Fiyat (TL)", "Tutar (TL)", "Ülke", "Not",
    ),
    "fr": (
        "N° commande", "Date commande", "Code client", "Réf. article", "Désignation", "Catégorie",
        "Qté", "Prix unitaire HT (€)", "Montant HT", "Pays", "Vendeur",
    ),
    "es": (
        "Nº pedido", "Fecha", "Cód. cliente", "Código artículo", "Descripción", "Categoría",
        "Cantidad", "Precio unitario", "Importe neto", "País", "Vendedor",
    ),
    "ru": (
        "Номер заказа", "Дата", "Код клиента", "Артикул", "Наименование", "Категория", "Кол-во",
        "Цена, руб.", "Сумма, руб.", "Страна", "Менеджер",
    ),
}  # fmt: skip
MEANT = (
    "order_id", "order_date", "customer_id", "product_id", "product_name", "category", "quantity",
    "unit_price", "line_value", "country",
)  # fmt: skip


@pytest.mark.parametrize("heads", BY_LANGUAGE.values(), ids=BY_LANGUAGE)
def test_an_ordinary_export_of_each_language_is_recognised_whole(heads):
    assert match_names("order_lines", heads) == {
        **dict(zip(MEANT, heads, strict=False)),
    }


@pytest.mark.parametrize("head", ["Kundennummer", "KdNr", "Kunden-ID", "Kd-Nr", "Kunde Nr."])
def test_a_number_of_the_customer_is_one_however_the_word_for_number_is_written(head):
    assert match_names("order_lines", (head,)) == {"customer_id": head}


@pytest.mark.parametrize(
    ("head", "table"),
    [
        ("Tax amount", "order_lines"),
        ("Amount (open)", "order_lines"),
        ("Art", "order_lines"),
        ("Notes", "order_lines"),
    ],
)
def test_a_head_that_says_something_else_is_not_cut_to_fit(head, table):
    assert match_names(table, (head,)) == {}


def test_a_literal_name_goes_before_one_that_has_to_be_read():
    heads = ("Price (net)", "Price")

    assert match_names("order_lines", heads) == {"unit_price": "Price"}


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("VK-Preis netto (EUR)", "EUR"),
        ("Price_USD", "USD"),
        ("Tutar (TL)", "TRY"),
        ("Montant (€)", "EUR"),
        ("Try", ""),
        ("Menge (Stk)", ""),
    ],
)
def test_the_currency_is_read_from_a_head(head, code):
    assert currency_in(head) == code
