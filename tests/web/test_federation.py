"""Federation, really run: our server, and a second real endpoint that holds a sample in Wikidata's own shape."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.engine import stores
from tests.serving import serving

from shimoda.namespaces import BASE
from shimoda.questions import catalogue

SAMPLE = Path(__file__).with_name("wikidata-sample.ttl")
WD = "http://www.wikidata.org/entity/"


@pytest.fixture(scope="module")
def wikidata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with stores.oxigraph(tmp_path_factory.mktemp("wikidata")) as address:
        store = address.url.replace("/query", "/store?default")
        httpx.post(
            store, content=SAMPLE.read_bytes(), headers={"Content-Type": "text/turtle"}
        ).raise_for_status()
        yield address.url


@pytest.fixture(scope="module")
def server(wikidata: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("server"), "--federate", wikidata) as found:
        yield found.url + "/sparql"


def ask(server: str, text: str) -> list[dict[str, str]]:
    answer = httpx.post(server, data={"query": text}, headers={"Accept": "text/csv"}, timeout=30)
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(io.StringIO(answer.text))
    return [
        {key: value.removeprefix(BASE + "id/").removeprefix(WD) for key, value in row.items()}
        for row in rows
    ]


def federated(name: str, endpoint: str) -> str:
    return catalogue.find(name).bind({"endpoint": endpoint})


def test_offices_join_by_the_links_of_person_and_office(server: str, wikidata: str) -> None:
    """Medvedev as premier is no tenure of ours, Koizumi's son is nobody of ours; Maehara's start differs there."""
    rows = ask(server, federated("federated-offices-of-people", wikidata))
    found = {(row["person"], row["office"], row["startThere"][:10], row["agrees"]) for row in rows}
    assert found == {
        ("person/naoto-kan", "office/prime-minister-of-japan", "2010-06-08", "true"),
        ("person/dmitry-medvedev", "office/president-of-russia", "2008-05-07", "true"),
        ("person/seiji-maehara", "office/foreign-minister-of-japan", "2010-09-18", "false"),
    }


def test_coordinates_come_for_the_city_and_not_for_the_oblast(server: str, wikidata: str) -> None:
    rows = ask(server, federated("federated-coordinates-of-places", wikidata))
    assert {(row["place"], row["there"]) for row in rows} == {
        ("place/moscow", "Q649"),
        ("state/japan", "Q17"),
    }


def test_agreements_are_found_by_their_wikipedia_title(server: str, wikidata: str) -> None:
    rows = ask(server, federated("federated-agreements", wikidata))
    assert [(row["agreement"], row["item"], row["date"][:10]) for row in rows] == [
        ("agreement/treaty-of-shimoda", "Q900000001", "1855-02-07")
    ]


def test_an_endpoint_that_is_not_listed_is_not_asked(server: str) -> None:
    text = federated("federated-coordinates-of-places", "https://query.wikidata.org/sparql")
    answer = httpx.post(server, data={"query": text})
    assert answer.status_code == 403 and answer.json()["code"] == "refused"
