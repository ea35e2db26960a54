"""The files around the code: two lists of dependencies in step, pins complete, nothing leaks."""

import importlib.metadata
import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INDEX_ADDRESS = re.compile(r"https?://[^ \"]+/(simple|packages)/")
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if name
]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_environment_yml_names_the_same_direct_dependencies():
    environment = YAML(typ="safe").load((ROOT / "environment.yml").read_text())
    (pip_section,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]

    assert pip_section == ["-c constraints.txt", *PROJECT["dependencies"], "-e ."]


def test_every_direct_dependency_is_pinned_within_its_range():
    pinned = pins()
    extras = PROJECT["optional-dependencies"]["test"]
    for requirement in map(Requirement, [*PROJECT["dependencies"], *extras]):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])


def test_every_installed_dependency_is_pinned():
    seen, queue = set(), [PROJECT["name"]]
    while queue:
        name = canonicalize_name(queue.pop())
        if name in seen:
            continue
        seen.add(name)
        for text in importlib.metadata.requires(name) or []:
            requirement = Requirement(text)
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                queue.append(requirement.name)

    assert seen - {canonicalize_name(PROJECT["name"])} <= set(pins())


def test_no_tracked_file_holds_an_index_address_or_a_path_of_a_machine():
    readable = [p for p in TRACKED if p.exists() and p.suffix not in {".gz", ".png", ".parquet"}]
    texts = {p: p.read_text(encoding="utf-8", errors="replace") for p in readable}
    private = [f"{ROOT}/", f"{Path.home()}/"]

    assert readable, "git lists no file"
    assert not [p for p, text in texts.items() if INDEX_ADDRESS.search(text)]
    assert not [p for p, text in texts.items() if any(path in text for path in private)]


def test_notebooks_in_git_have_no_outputs():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert '"output_type"' not in path.read_text(encoding="utf-8"), path.name
