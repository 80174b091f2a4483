"""What tests of the questions share."""

import shutil

import pytest

from shimoda import paths


@pytest.fixture
def queries(tmp_path, monkeypatch):
    """A copy of the questions over the same data, to which a test may add."""
    shutil.copytree(paths.data("queries"), tmp_path / "queries")
    for name in ("ontology", "triples"):
        (tmp_path / name).symlink_to(paths.data(name))
    monkeypatch.setenv("SHIMODA_DATA", str(tmp_path))
    return tmp_path / "queries"
