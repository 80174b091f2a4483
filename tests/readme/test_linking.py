"""What docs/linking.md shows in one line each, run against a real server."""

from __future__ import annotations

import re

import httpx
import pytest
import rdflib
from tests.serving import serving

from shimoda import paths
from shimoda.authoring.exports import EXPORTS

DOCS = paths.CHECKOUT / "docs"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_lines_for_rdflib_and_pandas_do_what_they_say(store, tmp_path, monkeypatch) -> None:
    block = re.search(
        r"```python\n(.*?)```", (DOCS / "linking.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    from_file, from_iri, to_pandas = block[1].strip().splitlines()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shimoda.nq").write_bytes(EXPORTS["nquads"](store))
    with serving(tmp_path) as server:
        here = {"rdflib": rdflib}
        assert sum(1 for _ in eval(from_file, here).quads()) == len(store)
        found = eval(from_iri.replace("http://127.0.0.1:7878", server.url), here)
        assert (rdflib.URIRef("https://w3id.org/shimoda/id/place/kunashir"), None, None) in found
        place = re.search(r'"(.*)"', to_pandas.replace("http://127.0.0.1:7878", server.url))
        assert place is not None and len(httpx.get(place[1]).text.splitlines()) == 11


def test_every_export_is_in_the_table() -> None:
    text = (DOCS / "linking.md").read_text(encoding="utf-8")
    assert set(EXPORTS) <= set(re.findall(r"`([a-z0-9]+)`", text))
