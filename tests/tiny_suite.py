"""A suite in miniature: a client of six order lines, notebooks of three cells, no heavy import."""

import contextlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from unittest import mock

from processes_left import reaped

from shared.delivery.commands import run_all, shared_commands

ROOT = Path(__file__).parents[1]
LINES = """\
Customer,Order,Date,Product,Quantity,Price
ana,1,2024-01-05,tea,1,4.00
ana,1,2024-01-05,cup,2,3.00
ben,2,2024-01-20,tea,1,4.00
cat,3,2024-02-03,cup,1,3.00
ana,4,2024-03-10,tea,2,4.00
"""
CLIENT = """\
name: {name}
currency: EUR
locale: en_GB
timezone: UTC
tables:
  order_lines:
    source: orders.csv
    columns: {{customer_id: Customer, order_id: Order, order_date: Date, product_id: Product,
              quantity: Quantity, unit_price: Price}}
"""
PARAMETERS = """\
client_name: str = "demo"  # folder below data/
code: str = "007"  # free text; shown as it is
share: float = 0.5  # 0 to 1; shown as it is
"""
SHOW = """\
import json, os
from pathlib import Path
from IPython.display import display
def show(id, kind, html):
    block = f'<div class="{kind}" data-output="{id}">{html}</div>'
    display({"text/html": block}, raw=True, metadata={"report": {"id": id, "kind": kind}})
"""
SAY = 'show("finding-1", "finding", f"<p>code {code} share {share}</p>")'
EXPORT = """\
out = Path(os.environ["CRM_REPORT_DIR"])
for folder in ("findings", "tables"):
    (out / folder).mkdir(parents=True, exist_ok=True)
(out / "tables" / "{name}").mkdir()
(out / "tables" / "{name}" / "customers.csv").write_text("customer_id,n\\n007,1\\n")
finding = {{"id": "finding-1", "sentence": f"code {{code}} share {{share}}", "values": {{}},
           "n": 3, "low": 0.1, "high": 0.9}}
record = {{"report": "{name}", "verdict": "read with care", "why": "", "findings": [finding],
          "actions": [], "metrics": {{"share": share}}, "parameters": {{}}, "tables": [],
          "said": []}}
(out / "findings" / "{name}.json").write_text(json.dumps(record))
"""


class TinySuite:
    """Folders of data, notebooks and outputs, and the command line run on them."""

    def __init__(self, root: Path) -> None:
        self.data, self.outputs = root / "data", root / "outputs"
        self.notebooks = root / "notebooks"
        self.notebooks.mkdir(parents=True, exist_ok=True)

    def client(self, name: str = "acme", *, lines: str = LINES, more: str = "") -> Path:
        """Make a client's folder."""
        folder = self.data / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "client.yaml").write_text(CLIENT.format(name=name.title()) + more)
        (folder / "orders.csv").write_text(lines)
        return folder

    def notebook(
        self,
        name: str,
        *cells: str,
        tables=(("order_lines",),),
        parameters: str | None = PARAMETERS,
        question: str = "",
        kernel: str = "python3",
        export: bool = True,
    ) -> Path:
        """Make a notebook: question, parameters, one finding, the given cells, export."""
        ends = [EXPORT.format(name=name)] if export else []
        sources = [SHOW + SAY, *map(dedent, cells), *ends]
        first = {"cell_type": "markdown", "source": f"# {question or 'What of ' + name + '?'}"}
        made = [first]
        if parameters is not None:
            made.append({"cell_type": "code", "source": parameters, "tags": ["parameters"]})
        made += [{"cell_type": "code", "source": source} for source in sources]
        kernelspec = {"name": kernel, "display_name": "Python 3", "language": "python"}
        content = {
            "cells": [_cell(cell, i) for i, cell in enumerate(made)],
            "metadata": {"kernelspec": kernelspec, "report": {"tables": tables}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.notebooks / f"{name}.ipynb"
        path.write_text(json.dumps(content))
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """Give the environment that makes the suite read these notebooks."""
        return {**os.environ, "CRM_NOTEBOOKS": str(self.notebooks), **more}

    def command(self, *arguments: str, module: str = "") -> list[str]:
        """Give the command line for these folders."""
        program = ["-m", module] if module else [str(ROOT / "run_all.py")]
        roots = ["--data", str(self.data), "--outputs", str(self.outputs)]
        return [sys.executable, *program, *arguments, *roots]

    def run(self, *arguments: str, module: str = "", **env: str) -> subprocess.CompletedProcess:
        """Run the command line in this process, which has the engine loaded already."""
        command = self.command(*arguments, module=module)
        main = shared_commands if module else run_all
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment(**env)),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(command[3:] if module else command[2:])
        return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())

    def process(self, *arguments: str, before: str = "", **env: str) -> subprocess.CompletedProcess:
        """Run the command line in a process of its own, after another program's name if given."""
        return subprocess.run(
            [*shlex.split(before), *self.command(*arguments)],
            cwd=ROOT,
            env=self.environment(**env),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen]:
        """Start the command line and go on; it has ended when the block is left."""
        run = subprocess.Popen(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with reaped(run):
            yield run

    def copy(self, root: Path) -> "TinySuite":
        """Give the same suite elsewhere, with all that was delivered."""
        made = TinySuite(root)
        for name in ("data", "outputs", "notebooks"):
            if getattr(self, name).exists():
                shutil.copytree(getattr(self, name), getattr(made, name), dirs_exist_ok=True)
        return made

    def delivered(self, client: str = "acme") -> Path:
        """Give the one delivered folder of a client."""
        (folder,) = [p for p in (self.outputs / client).iterdir() if p.name[0] != "."]
        return folder

    def manifest(self, client: str = "acme") -> dict:
        """Give a delivery's run.json."""
        return json.loads((self.delivered(client) / "run.json").read_text(encoding="utf-8"))

    def debris(self, client: str = "acme") -> list[str]:
        """List what a run should not have left."""
        kept = {".lock", ".snapshots", ".failed"}
        folder = self.outputs / client
        return [p.name for p in folder.glob(".*") if p.name not in kept]


def contents(folder: Path) -> dict[str, bytes]:
    """Give every file of a delivery but the run stamp, by address."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "run.json"]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def _cell(cell: dict, index: int) -> dict:
    tags = {"tags": cell["tags"]} if "tags" in cell else {}
    made = {"id": f"c{index}", "metadata": tags, **cell}
    made.pop("tags", None)
    if cell["cell_type"] == "code":
        made |= {"outputs": [], "execution_count": None}
    return made
