"""What the tests of intake share: a client proposed from files."""

import pytest

from shared.loading.proposal import propose_client


@pytest.fixture
def new(tmp_path, monkeypatch):
    """Propose a client from files; gives the lines to decide, the page and the folder."""
    monkeypatch.chdir(tmp_path)

    def propose(slug="acme", **files):
        drop = tmp_path / "drop"
        drop.mkdir(exist_ok=True)
        paths = []
        for name, content in files.items():
            stem, _, ending = name.rpartition("_")
            paths.append(drop / f"{stem}.{ending}")
            paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
        decide = propose_client(slug, paths, tmp_path / "data")
        folder = tmp_path / "data" / slug
        return decide, (folder / "client.yaml").read_text(encoding="utf-8"), folder

    return propose
