"""Pages as PDF, printed by a headless Chromium with its clock left out."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from shared.loading.errors import EnvironmentFault

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 120
_DATES = re.compile(rb"/(CreationDate|ModDate) ?\(D:[^)]*\)")


def find_browser() -> str:
    """Give the path of a Chromium, or refuse a run that asks for PDFs."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    raise EnvironmentFault(
        "E-ENVI-13", "--pdf", "no Chromium or Chrome on this machine prints the pages",
        fix="install chromium, or run without --pdf and print from a browser",
    )  # fmt: skip


def print_page(browser: str, page: Path) -> Path:
    """Print one page to a tagged PDF beside it."""
    out = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="crm-") as profile:
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={profile}", "--no-pdf-header-footer", "--export-tagged-pdf",
            "--generate-pdf-document-outline", f"--print-to-pdf={out}", page.as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            done = None
    if done is None or done.returncode or not out.is_file():
        raise EnvironmentFault(
            "E-ENVI-14", page.name, f"{Path(browser).name} could not print this page",
            fix="run without --pdf and print from a browser",
        )  # fmt: skip
    _drop_dates(out)
    return out


def _drop_dates(pdf: Path) -> None:
    # Same length, so that the file's own table of positions stays right.
    def blank(found: re.Match[bytes]) -> bytes:
        """Write a zero for every digit of a date."""
        return re.sub(rb"\d", b"0", found[0])

    pdf.write_bytes(_DATES.sub(blank, pdf.read_bytes()))
