"""Dereferencing: every IRI of ours answers, in every format, with the same description."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, Store, parse
from rdflib import Graph, URIRef

from shimoda.engine.local import LocalEngine
from shimoda.namespaces import BASE
from shimoda.settings import Settings
from shimoda.web.app import Application

FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
KUNASHIR = BASE + "id/place/kunashir"


def own_iris(store: Store) -> Iterator[str]:
    """Yield every IRI of ours anywhere in the dataset, as subject, property, object or graph."""
    seen = {
        node.value
        for quad in store
        for node in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        if isinstance(node, NamedNode) and node.value.startswith(BASE) and node.value != BASE
    }
    yield from sorted(seen)


def described(body: bytes, syntax: RdfFormat) -> set[str]:
    dataset = Dataset(parse(body, syntax))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def test_every_entity_answers_303_then_200_in_five_formats_with_one_description(
    store, client: FlaskClient
) -> None:
    entities = [iri for iri in own_iris(store) if iri.startswith(BASE + "id/")]
    assert len(entities) > 500
    for iri in entities:
        first = client.get("/" + quote(iri.removeprefix(BASE)))
        assert first.status_code == 303, iri
        place = first.headers["Location"].removeprefix("http://localhost")
        assert place == "/doc/" + iri.removeprefix(BASE + "id/")
        answers = {kind: client.get(place, headers={"Accept": kind}) for kind in FORMATS}
        assert {answer.status_code for answer in answers.values()} == {200}, iri
        found = [described(answers[kind].data, syntax) for kind, syntax in FORMATS.items()]
        assert all(one == found[0] for one in found[1:]), iri
        assert any(line.startswith(f"<{iri}> ") for line in found[0]), iri
        page = client.get(place, headers={"Accept": "text/html"})
        assert page.status_code == 200 and iri in page.get_data(as_text=True), iri


def test_every_other_iri_of_ours_answers_200(store, client: FlaskClient) -> None:
    documents = {
        iri.partition("#")[0] for iri in own_iris(store) if not iri.startswith(BASE + "id/")
    }
    assert len(documents) > 400
    failed = {}
    for iri in sorted(documents):
        for kind in ("text/html", "text/turtle"):
            answer = client.get("/" + iri.removeprefix(BASE), headers={"Accept": kind})
            if answer.status_code != 200 or answer.mimetype != kind:
                failed[iri] = answer.status_code
    assert failed == {}


def test_every_hash_iri_is_found_in_its_document(store, client: FlaskClient) -> None:
    """Terms and sentences: the document names each as the subject of something, and its page has an anchor for it."""
    hashes: dict[str, set[str]] = {}
    for iri in own_iris(store):
        document, hash_, fragment = iri.partition("#")
        if hash_:
            hashes.setdefault(document, set()).add(fragment)
    assert len(hashes[BASE + "ontology"]) > 300 and len(hashes[BASE + "source/panov-2011"]) == 149
    for document, fragments in hashes.items():
        path = "/" + document.removeprefix(BASE)
        triples = described(
            client.get(path, headers={"Accept": "text/turtle"}).data, RdfFormat.TURTLE
        )
        subjects = {line.split()[0] for line in triples}
        assert [name for name in fragments if f"<{document}#{name}>" not in subjects] == []
        page = client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
        assert [name for name in fragments if f'id="{name}"' not in page] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib_reads_what_is_sent(client: FlaskClient) -> None:
    graphs = [
        Graph().parse(data=client.get(f"/doc/place/kunashir.{suffix}").data, format=name)
        for suffix, name in {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}.items()
    ]
    sizes = {len(list(graph.triples((URIRef(KUNASHIR), None, None)))) for graph in graphs}
    assert len(sizes) == 1 and sizes.pop() > 10


def test_a_suffix_wins_over_accept(client: FlaskClient) -> None:
    assert (
        client.get("/doc/place/kunashir.nt", headers={"Accept": "text/html"}).mimetype
        == "application/n-triples"
    )


def test_link_headers_name_the_thing_its_document_and_the_other_formats(
    client: FlaskClient,
) -> None:
    links = client.get("/doc/place/kunashir.ttl").headers.getlist("Link")
    assert '<http://localhost/doc/place/kunashir>; rel="canonical"' in links
    assert f'<{KUNASHIR}>; rel="describes"' in links
    assert (
        '<http://localhost/doc/place/kunashir.jsonld>; rel="alternate"; type="application/ld+json"'
        in links
    )
    assert client.get("/id/place/kunashir").headers["Link"] == (
        '<http://localhost/doc/place/kunashir>; rel="describedby"'
    )


def test_the_public_url_takes_the_place_of_the_base(engine) -> None:
    client = Application(
        engine, Settings(log_format="none", public_url="https://graph.example/s/")
    ).test_client()
    answer = client.get("/id/place/kunashir")
    assert answer.headers["Location"] == "https://graph.example/s/doc/place/kunashir"
    assert '<https://graph.example/s/doc/place/kunashir>; rel="canonical"' in client.get(
        "/doc/place/kunashir"
    ).headers.getlist("Link")


@pytest.mark.parametrize("name", ["日本", "Япония", "state/日本", "state/Japan", "state/ЯПОНИЯ"])
def test_a_label_in_any_script_leads_to_its_entity(client: FlaskClient, name: str) -> None:
    answer = client.get("/id/" + quote(name))
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "http://localhost/doc/state/japan",
    )


NOWHERE = [
    "ありません",
    "нет-такого",
    "%00",
    "a%3Eb",
    "%22%3E%3Cscript%3E",
    "..%2F..%2Fetc",
    "x" * 3000,
]


@pytest.mark.parametrize(
    "path", ["id/{}", "doc/{}", "assertion/{}", "source/{}", "view/{}", "graph/{}", "ontology/{}"]
)
@pytest.mark.parametrize("name", NOWHERE)
def test_an_unknown_name_in_any_position_is_a_404(
    client: FlaskClient, path: str, name: str
) -> None:
    for accept in ("text/html", "text/turtle"):
        answer = client.get("/" + path.format(name), headers={"Accept": accept})
        assert answer.status_code == 404
        assert accept != "text/html" or "<script>" not in answer.get_data(as_text=True)


def test_a_misspelt_name_is_told_the_nearest(client: FlaskClient) -> None:
    problem = client.get("/id/place/kunasir").get_json(force=True)
    assert problem["code"] == "unknown-name" and problem["nearest"][0] == "id/place/kunashir"
    page = client.get("/id/place/kunasir", headers={"Accept": "text/html"})
    assert "id/place/kunashir" in page.get_data(as_text=True)


def test_an_assertion_in_trig_has_its_content_in_its_graph_and_only_there(
    client: FlaskClient, store
) -> None:
    name = BASE + "assertion/panov-2011-s085-very-regrettable"
    quads = list(
        parse(client.get("/assertion/panov-2011-s085-very-regrettable.trig").data, RdfFormat.TRIG)
    )
    inside = {quad.triple for quad in quads if quad.graph_name == NamedNode(name)}
    assert (
        inside
        == {quad.triple for quad in store.quads_for_pattern(None, None, None, NamedNode(name))}
        != set()
    )
    assert not inside & {quad.triple for quad in quads if quad.graph_name != NamedNode(name)}


def test_a_page_tells_who_says_it_how_and_where(client: FlaskClient) -> None:
    page = client.get(
        "/doc/event/medvedev-visit-kunashir-2010", headers={"Accept": "text/html"}
    ).get_data(as_text=True)
    assert 'href="/doc/person/naoto-kan"' in page or 'href="/id/person/naoto-kan"' in page
    assert 'href="/source/panov-2011#s085"' in page and "quoted" in page
    assert 'href="/assertion/panov-2011-s085-very-regrettable"' in page


def test_a_page_can_be_seen_as_a_party_sees_it(client: FlaskClient, store) -> None:
    """What a view adds to an entity is on its page with ?view=, and only there."""
    added = next(
        quad
        for quad in store.quads_for_pattern(None, None, None, NamedNode(BASE + "view/russia"))
        if "/id/" in str(quad.subject) and isinstance(quad.object, NamedNode)
    )
    path = "/doc/" + added.subject.value.removeprefix(BASE + "id/")
    line = f"{added.triple}"
    plain, seen = (
        described(client.get(f"{path}.nt{view}").data, RdfFormat.N_TRIPLES)
        for view in ("", "?view=russia")
    )
    assert line not in plain and line in seen
    assert "As Russia sees it" in client.get(path + ".html?view=russia").get_data(as_text=True)
    assert client.get(path + "?view=atlantis").status_code == 404


def withdrawing(store: Store, statement: str) -> FlaskClient:
    changed = Store()
    changed.bulk_extend(store)
    changed.update(f"""PREFIX : <{BASE}ontology#> PREFIX assertion: <{BASE}assertion/>
      INSERT DATA {{ assertion:panov-2011-s085-very-regrettable {statement} }}""")
    return Application(LocalEngine(changed), Settings(log_format="none")).test_client()


def test_a_withdrawn_assertion_answers_410_and_says_why(store) -> None:
    client = withdrawing(store, ':withdrawn "It was misread."')
    answer = client.get(
        "/assertion/panov-2011-s085-very-regrettable", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 410 and "It was misread." in answer.get_data(as_text=True)


def test_a_changed_assertion_points_to_its_successor(store) -> None:
    client = withdrawing(store, ":replacedBy assertion:panov-2011-s085-kan-speaks-2")
    answer = client.get("/assertion/panov-2011-s085-very-regrettable.ttl")
    assert answer.status_code == 200
    successor = '<http://localhost/assertion/panov-2011-s085-kan-speaks-2>; rel="successor-version"'
    assert successor in answer.headers.getlist("Link")
