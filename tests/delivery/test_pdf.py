import shutil

import pytest

from shared.delivery.pdf import BROWSERS, find_browser, print_page
from shared.loading.errors import EnvironmentFault

there = any(shutil.which(name) for name in BROWSERS)


@pytest.mark.browser
@pytest.mark.skipif(not there, reason="no chromium on this machine (Debian: chromium)")
def test_a_page_printed_twice_gives_the_same_bytes(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html lang='en'><title>t</title><h1>Wieso?</h1>")

    first = print_page(find_browser(), page).read_bytes()
    assert first.startswith(b"%PDF")
    assert print_page(find_browser(), page).read_bytes() == first


def test_without_a_browser_the_run_ends_with_4_before_it_starts(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(EnvironmentFault, match="install chromium") as caught:
        find_browser()
    assert caught.value.exit_code == 4
