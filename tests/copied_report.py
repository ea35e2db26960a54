"""The report to copy of CONTRIBUTING.md: its modules and its notebook, taken from the page."""

import re
import sys
from pathlib import Path
from types import ModuleType

import nbformat
from nbformat import v4

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"
NAME = "12_weekday"


def blocks() -> list[str]:
    """Give the blocks of code below the heading of the report to copy."""
    section = PAGE.read_text(encoding="utf-8").partition("## A report to copy")[2]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


def modules() -> dict[str, ModuleType]:
    """Make the modules that the page shows, by their names; nothing else knows them."""
    made = {}
    for block in blocks()[:-1]:
        path = block.splitlines()[0].removeprefix("# ")
        name = path.removesuffix(".py").replace("/", ".")
        made[name] = ModuleType(name)
        exec(compile(block, path, "exec"), made[name].__dict__)
    return made


def notebook() -> nbformat.NotebookNode:
    """Make the notebook that the page shows."""
    cells = re.split(r"^# %%", blocks()[-1], flags=re.MULTILINE)[1:]
    made = v4.new_notebook(cells=[_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    made.metadata["report"] = {"tables": [["order_lines"]]}
    return made


def written(folder: Path) -> Path:
    """Write the notebook into a folder."""
    path = folder / f"{NAME}.ipynb"
    nbformat.write(notebook(), path)
    return path


def run(namespace: dict[str, object], **parameters: object) -> None:
    """Run the notebook's code from top to bottom in this process, with its modules in place."""
    made = modules()
    sys.modules.update(made)
    try:
        for cell in notebook().cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, NAME, "exec"), namespace)
            if "parameters" in cell.metadata.get("tags", []):
                namespace.update(parameters)
    finally:
        for name in made:
            del sys.modules[name]


def _cell(text: str) -> nbformat.NotebookNode:
    head, _, body = text.partition("\n")
    kind = head.strip(" []")
    if kind == "markdown":
        return v4.new_markdown_cell(re.sub(r"^# ?", "", body.strip(), flags=re.MULTILINE))
    return v4.new_code_cell(body.strip(), metadata={"tags": [kind]} if kind else {})
