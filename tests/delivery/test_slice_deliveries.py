"""Slices delivered: the same reports per value of a column, and an index that leads to them."""

import json
import re

import pytest

pytest_plugins = ["tiny_suite_fixtures"]
SLICES = "slices:\n  product_id: [tea, cup, pot]\n"


@pytest.mark.slow
def test_each_slice_is_a_delivery_of_its_own_and_the_index_leads_to_it(suite):
    suite.client(more=SLICES)

    done = suite.run("acme")

    assert done.returncode == 1  # nobody bought a pot
    assert 'no row has the product id "pot"' in done.stderr
    (whole,) = (suite.outputs / "acme").glob("2*")
    index = (whole / "index.html").read_text(encoding="utf-8")
    used = []
    for name in ("tea", "cup"):
        address = f"slices/product-id-{name}/{whole.name}"
        assert f'href="../{address}/index.html"' in index
        part = suite.outputs / "acme" / address
        back = re.search(
            r'<a href="([^"]+)">the same reports on the whole of Acme</a>',
            (part / "index.html").read_text(encoding="utf-8"),
        )
        assert (part / back[1]).resolve() == whole / "index.html"
        assert (part / "04_cohort.html").is_file()
        manifest = json.loads((part / "run.json").read_text(encoding="utf-8"))
        assert manifest["slice"] == f"product id {name}"
        used.append(manifest["intake"]["order_lines"]["rows_used"])
    assert "product-id-pot" not in index
    assert sum(used) == suite_rows(whole)
    assert (
        "Acme, product id tea"
        in (part.parents[1] / "product-id-tea" / whole.name / "index.html").read_text()
    )

    again = suite.run("acme")
    assert again.stdout.count("unchanged") == 3  # the whole and two slices


def suite_rows(folder):
    manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return manifest["intake"]["order_lines"]["rows_used"]
