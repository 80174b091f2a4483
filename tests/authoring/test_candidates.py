"""``shimoda link`` proposes, with evidence for and against, and writes nothing."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from pyoxigraph import Store
from tests.engine import stores

from shimoda.authoring.candidates import Candidate, propose
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.namespaces import BASE

SAMPLE = Path(__file__).parents[1] / "web" / "wikidata-sample.ttl"
WD = "http://www.wikidata.org/entity/"


@pytest.fixture(scope="module")
def proposed(store) -> list[Candidate]:
    sample = Store()
    sample.load(path=SAMPLE)
    return propose(*(LocalEngine(one) for one in (store, sample)), WD, least=-1)


def found(proposed: list[Candidate], entity: str) -> dict[str, Candidate]:
    return {
        one.target.removeprefix(WD): one for one in proposed if one.entity == f"{BASE}id/{entity}"
    }


def test_three_scripts_a_point_and_a_kind_are_the_best(proposed) -> None:
    best = proposed[0]
    assert (best.entity, best.target) == (f"{BASE}id/place/kunashir", WD + "Q900000002")
    assert best.score == pytest.approx(1.1)
    assert {
        "both are called 国後島 (ja)",
        "both are called Кунашир (ru)",
        "both are: island",
    } <= set(best.evidence)


def test_a_namesake_elsewhere_scores_nothing_and_says_why(proposed) -> None:
    namesake = found(proposed, "place/kunashir")["Q900000003"]
    assert namesake.score <= 0 and any("km apart" in line for line in namesake.evidence)


def test_an_alias_in_another_spelling_counts(proposed) -> None:
    ogura = found(proposed, "person/kazuo-ogura")
    assert ogura["Q900000004"].score > ogura["Q900000005"].score


def test_what_is_linked_already_is_not_proposed(proposed) -> None:
    """Kan, Medvedev and Japan stand in the sample under their own labels, and are linked."""
    assert found(proposed, "person/naoto-kan") == found(proposed, "state/japan") == {}


def test_an_endpoint_proposes_what_its_file_does(store, proposed, tmp_path) -> None:
    with stores.oxigraph(tmp_path) as address, closing(RemoteEngine(address.url)) as engine:
        url = address.url.replace("/query", "/store?default")
        httpx.post(
            url, content=SAMPLE.read_bytes(), headers={"Content-Type": "text/turtle"}
        ).raise_for_status()
        assert propose(LocalEngine(store), engine, WD, least=-1) == proposed


def test_the_command_shows_evidence_and_tells_what_it_cannot_read(tmp_path) -> None:
    command = [sys.executable, "-m", "shimoda", "link", "--base", WD, "--against"]
    shown = subprocess.run(
        [*command, str(SAMPLE)], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert shown.stdout.startswith(f"1.10  {BASE}id/place/kunashir\n      {WD}Q900000002\n")
    assert list(tmp_path.iterdir()) == []
    wrongs = {
        "notes.docx": "neither",
        "gone.ttl": "No such file",
        "http://127.0.0.1:9/": "does not answer",
    }
    for wrong, said in wrongs.items():
        failed = subprocess.run([*command, wrong], check=False, capture_output=True, text=True)
        assert failed.returncode == 1 and said in failed.stderr and "Traceback" not in failed.stderr
