"""What must be there before a notebook runs: packages, the kernel, and its environment."""

import importlib.metadata
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from shared.delivery.catalogue import ROOT
from shared.loading.earlier import VARIABLE as EARLIER
from shared.loading.errors import EnvironmentFault

PROJECT = "crm-report-suite"
# Arrow's own allocator reserves a gigabyte at its first use, more than a small machine may have.
FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system"}


def direct_requirements() -> list[str]:
    """Give the suite's direct dependencies with their ranges."""
    project = ROOT / "pyproject.toml"
    if project.is_file():
        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    requires = importlib.metadata.requires(PROJECT) or []
    return [line for line in requires if "extra ==" not in line]


def require_packages(requirements: Sequence[str]) -> dict[str, str]:
    """Give the installed version of every requirement, or tell all that are missing or unfit."""
    from packaging.requirements import Requirement

    versions, wrong = {}, []
    for requirement in map(Requirement, requirements):
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is not installed, needed {requirement.specifier}")
            continue
        versions[requirement.name] = version
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version}, needed {requirement.specifier}")
    if wrong:
        raise EnvironmentFault(
            "E-ENVI-10",
            "packages",
            f"{len(wrong)} missing or outside the range that the suite is tested with",
            found="\n".join(wrong[:4]),
            fix="pip install -e . -c constraints.txt",
        )
    return versions


def require_kernel(name: str) -> None:
    """Refuse a run whose Jupyter kernel is not installed, with the line that installs it."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    # The native kernel would be taken from memory; asking for the installed one alone also sees
    # that JupyterLab could not open the notebook.
    try:
        KernelSpecManager(ensure_native_kernel=False).get_kernel_spec(name)
    except NoSuchKernel as e:
        raise EnvironmentFault(
            "E-ENVI-11",
            f"kernel {name}",
            "no such Jupyter kernel is installed",
            fix=f"python -m ipykernel install --sys-prefix --name {name}",
        ) from e


def kernel_environment(
    *, data: Path, outputs: Path, snapshot: Path, work: Path, engine: str, earlier: Path | None
) -> dict[str, str]:
    """Give the environment of a notebook: the same on every machine, nothing kept in the home.

    Time zone, language, hash seed and threads are fixed because each of them can change a byte
    of the output. The profile of IPython lies in the run's own folder, so that start-up files of
    the user are not read and no history is left.
    """
    fixed = {
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "",
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "agg",
        **FRUGAL,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(work / "ipython"),
        "CRM_DATA": str(data),
        "CRM_OUTPUTS": str(outputs),
        "CRM_SNAPSHOT": str(snapshot),
        "CRM_ENGINE": engine,
        EARLIER: str(earlier or ""),
        "PYTHONPATH": _first_on_path(ROOT),
    }
    return {**os.environ, **fixed, **_home(work)}


def _home(work: Path) -> dict[str, str]:
    home = os.environ.get("HOME", "")
    if home and os.access(home, os.W_OK):
        return {}
    return {"HOME": str(work), "MPLCONFIGDIR": str(work / "matplotlib")}


def _first_on_path(root: Path) -> str:
    existing = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    return os.pathsep.join([str(root), *existing])
