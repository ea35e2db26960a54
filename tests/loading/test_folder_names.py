"""A client's folder is in plain letters, and a name in others is told how to write it."""

import pytest

from shared.delivery.commands import shared_commands
from shared.loading.folder_names import plain_letters


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("müller", "mueller"),
        ("Mu\u0308ller & Söhne", "Mueller-Soehne"),
        ("işık", "isik"),
        ("café", "cafe"),
        ("клиент", ""),
    ],
)
def test_a_name_is_written_in_plain_letters(name, plain):
    assert plain_letters(name) == plain


def test_a_new_client_with_other_letters_is_told_which_name_to_take(tmp_path, capsys):
    assert shared_commands(["new", "müller", "orders.csv", "--data", str(tmp_path)]) == 2

    assert "take mueller" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
