"""The command line, run on a whole client as a consultant runs it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def deliver(*arguments: str, **environment: str) -> None:
    """Run the command line to its end, which must be a success."""
    done = subprocess.run(
        [sys.executable, "run_all.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def delivered_folder(outputs: Path, client: str) -> Path:
    """Give the only delivery of a client."""
    (folder,) = [path for path in (outputs / client).iterdir() if path.name[0] != "."]
    return folder
