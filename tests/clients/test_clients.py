"""What real clients do beyond asking: update, graph store, federation in both directions, views, dumps."""

from __future__ import annotations

import warnings
from pathlib import Path

import httpx
import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from SPARQLWrapper import CSV, JSON, JSONLD, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from tests.clients.conftest import TOKEN, Run
from tests.serving import Server

from shimoda.namespaces import BASE, ONTOLOGY

PLACES = "SELECT ?p { ?p a <https://w3id.org/shimoda/ontology#ContestedTerritory> }"
CONSTRUCT = "CONSTRUCT { ?p a ?c } WHERE { ?p a ?c . ?p a :ContestedTerritory }"
ISLANDS = ("habomai", "iturup", "kunashir", "shikotan", "south-kurils")
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("form", "query"),
    [(one, PLACES) for one in (JSON, XML, CSV, TSV)]
    + [(one, CONSTRUCT) for one in (TURTLE, N3, RDFXML, JSONLD, XML, JSON)],
)
def test_sparqlwrapper_gets_every_format_it_asks_for(
    server: Server, form: str, query: str, method: str
) -> None:
    client = SPARQLWrapper(server.url + "/sparql", returnFormat=form)
    client.setMethod(method)
    client.setQuery(query)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it guesses the format of a graph asked for as JSON
        answer = client.query().response
    assert answer.status == 200
    assert b"kunashir" in answer.read()


def test_sparqlwrapper_asks_in_a_view_at_its_own_address(server: Server) -> None:
    held = []
    for path in ("/sparql", "/view/russia/sparql"):
        client = SPARQLWrapper(server.url + path, returnFormat=JSON)
        client.setQuery("ASK { state:russia :sovereignOver place:kunashir }")
        held.append(client.queryAndConvert()["boolean"])
    assert held == [False, True]


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_reads_the_dump_to_as_many_quads_as_there_are(server: Server) -> None:
    body = httpx.get(server.url + "/dump.nq", timeout=60).content
    dataset = rdflib.Dataset()
    dataset.parse(data=body, format="nquads")
    assert sum(1 for _ in dataset.quads()) == len(set(parse(body, RdfFormat.N_QUADS)))


def test_jena_reads_the_dump_to_as_many_quads_as_there_are(
    server: Server, jena: list[str], run: Run, tmp_path: Path
) -> None:
    for name in ("dump.nq", "dump.trig"):
        (tmp_path / name).write_bytes(httpx.get(f"{server.url}/{name}", timeout=60).content)
    count = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    size = len(set(parse(path=tmp_path / "dump.nq", format=RdfFormat.N_QUADS)))
    for name in ("dump.nq", "dump.trig"):
        options = ("--data", str(tmp_path / name), "--results=CSV", count)
        assert run(*jena, "arq.sparql", *options).split() == ["n", str(size)]


def test_oxigraph_loads_the_dump_over_http_and_both_answer_the_same(
    server: Server, other: str
) -> None:
    body = httpx.get(server.url + "/dump.trig", timeout=60).content
    kind = {"Content-Type": "application/trig"}
    assert httpx.post(other + "/store", content=body, headers=kind, timeout=60).is_success
    query = {"query": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"}
    asked = [
        httpx.get(url, params=query, headers={"Accept": "text/csv"}, timeout=60).text
        for url in (other + "/query", server.url + "/sparql")
    ]
    assert asked[0] == asked[1]


def contested_through(server: Server) -> str:
    """Return a query that asks us through SERVICE what is contested in the article."""
    return f"""SELECT ?p {{ SERVICE <{server.url}/sparql> {{ ?p a <{ONTOLOGY}ContestedTerritory> ;
      <{ONTOLOGY}discussedIn> <{BASE}source/panov-2011> }} }}"""


def test_oxigraph_asks_us_and_we_ask_it(server: Server, other: str) -> None:
    here = contested_through(server)
    there = f"SELECT ?o {{ SERVICE <{other}/query> {{ VALUES ?o {{ 1 2 3 }} }} }}"
    for url, query, rows in (
        (other + "/query", here, len(ISLANDS)),
        (server.url + "/sparql", there, 3),
    ):
        answer = httpx.get(url, params={"query": query}, headers={"Accept": "text/csv"}, timeout=60)
        assert answer.text.count("\r\n") == rows + 1


def test_rdflib_joins_us_with_data_of_its_own(server: Server) -> None:
    rows = rdflib.Graph().query(contested_through(server))
    assert sorted(str(place).rpartition("/")[2] for (place,) in rows) == list(ISLANDS)


def test_roqet_asks_us_through_service(server: Server, run: Run) -> None:
    answer = run("roqet", "-q", "-r", "csv", "-e", contested_through(server))
    assert len(answer.split()) == 1 + len(ISLANDS)


def test_comunica_joins_two_endpoints(
    server: Server, other: str, node: list[str], run: Run
) -> None:
    place = "https://w3id.org/shimoda/id/place/kunashir"
    update = f"INSERT DATA {{ <{place}> <http://example.org/visited> true }}"
    assert httpx.post(other + "/update", data={"update": update}).is_success
    script = f"""
      import {{ QueryEngine }} from '@comunica/query-sparql';
      const query = 'SELECT DISTINCT ?p {{ ?p a <https://w3id.org/shimoda/ontology#ContestedTerritory> ; <http://example.org/visited> true }}';
      const sources = ['{server.url}/sparql', '{other}/query'].map(value => ({{ type: 'sparql', value }}));
      const rows = await (await new QueryEngine().queryBindings(query, {{ sources }})).toArray();
      console.log(rows.map(row => row.get('p').value).join());"""
    assert run_script(script, node, run) == place


def test_sparql_http_client_writes_and_reads_a_graph(
    server: Server, node: list[str], run: Run
) -> None:
    script = f"""
      import SparqlClient from 'sparql-http-client';
      const client = new SparqlClient({{ storeUrl: '{server.url}/graphs', user: 'anybody', password: '{TOKEN}' }});
      const {{ namedNode, quad }} = client.factory;
      const [graph, term] = ['http://example.org/gsp', 'http://example.org/x'].map(iri => namedNode(iri));
      const {{ Readable }} = await import('node:stream');
      await client.store.put(Readable.from([quad(term, term, term, graph)]), {{ graph }});
      let size = 0;
      for await (const one of client.store.get(graph)) size++;
      console.log(size);"""
    assert run_script(script, node, run) == "1"


def test_curl_replaces_adds_to_and_deletes_a_graph(server: Server, run: Run) -> None:
    place = f"{server.url}/graphs?graph=http://example.org/curl"
    curl = (
        "curl",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-H",
        f"Authorization: Bearer {TOKEN}",
    )
    turtle = ("-H", "Content-Type: text/turtle", "--data-binary", "<a:b> <a:c> 1 .")
    assert run(*curl, "-X", "PUT", *turtle, place) == "201"
    assert run(*curl, *turtle, place) == "204"
    assert run(*curl, "-F", "file=BASE <a:> <a:d> <a:c> 2 .;type=text/turtle", place) == "204"
    assert run("curl", "-s", "-H", "Accept: text/plain", place).count("\n") == 2
    assert run(*curl, "-X", "DELETE", place) == "204"


def test_a_shared_store_of_answers_gets_304_and_asks_for_no_body_twice(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        for path in ("/.well-known/void", "/graphs?default", "/dump.nq.gz", "/static/shimoda.css"):
            first = client.get(path, timeout=60)
            again = client.get(path, headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
            assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def run_script(script: str, node: list[str], run: Run) -> str:
    """Run a module in the folder of the npm packages."""
    *program, folder = node
    file = Path(folder) / "script.mjs"
    file.write_text(script)
    return run(*program, str(file)).strip()
