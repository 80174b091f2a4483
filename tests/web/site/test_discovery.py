"""What machines read first is true: the description counts what is there, and its addresses answer."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, RdfFormat, Store, parse

from shimoda import __version__, paths
from shimoda.namespaces import BASE
from shimoda.settings import Settings
from shimoda.web.app import Application

VOID = (
    "PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcat: <http://www.w3.org/ns/dcat#> "
    "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX dcterms: <http://purl.org/dc/terms/> "
    "PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(scope="module")
def void(client: FlaskClient) -> Store:
    store = Store()
    store.extend(parse(client.get("/.well-known/void").data, RdfFormat.TURTLE))
    return store


def one(void: Store, pattern: str) -> str:
    rows = [row["x"].value for row in void.query(f"{VOID} SELECT ?x WHERE {{ {pattern} }}")]
    assert len(rows) == 1, pattern
    return rows[0]


def test_void_counts_the_default_graph_and_its_links(void, store) -> None:
    default = list(store.quads_for_pattern(None, None, None, DefaultGraph()))
    assert int(one(void, f"<{BASE}> void:triples ?x")) == len(default)
    assert int(one(void, f"<{BASE}> void:distinctSubjects ?x")) == len(
        {quad.subject for quad in default}
    )
    parts = void.query(
        f"{VOID} SELECT (SUM(?n) AS ?x) WHERE {{ <{BASE}> void:propertyPartition/void:triples ?n }}"
    )
    assert int(next(iter(parts))["x"].value) == len(default)
    wikidata = sum("owl#sameAs> <http://www.wikidata.org/entity/" in str(quad) for quad in default)
    same = 'dcterms:title "Links to Wikidata"@en ; void:linkPredicate owl:sameAs ; void:triples ?x'
    assert int(one(void, f"?s a void:Linkset ; {same}")) == wikidata > 50


def test_void_tells_licence_versions_and_how_it_was_made(void) -> None:
    assert (
        one(void, f"<{BASE}> dcterms:license ?x") == "https://creativecommons.org/licenses/by/4.0/"
    )
    assert one(void, f"<{BASE}> owl:versionInfo ?x") == __version__
    rows = void.query(f"{VOID} SELECT ?x {{ <{BASE}> prov:wasGeneratedBy/prov:used ?x }}")
    sources = [file.parent.name for file in paths.data("triples").glob("*/source.ttl")]
    assert "panov-2011" in sources
    used = {f"{BASE}ontology/{__version__}", *(f"{BASE}source/{name}" for name in sources)}
    assert {row["x"].value for row in rows} == used
    assert one(void, f"<{BASE}> dcat:distribution/dcat:accessURL ?x") == "http://localhost/sparql"


@pytest.mark.parametrize(
    "kind", ["text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"]
)
def test_void_comes_in_every_syntax(client: FlaskClient, void, kind: str) -> None:
    answer = client.get("/.well-known/void", headers={"Accept": kind})
    assert answer.mimetype == kind
    assert sum(1 for _ in parse(answer.data, RdfFormat.from_media_type(kind))) == len(void)


def test_the_sitemap_lists_pages_that_answer_at_the_public_address(engine) -> None:
    client = Application(
        engine, Settings(log_format="none", public_url="https://graph.example")
    ).test_client()
    root = ElementTree.fromstring(client.get("/sitemap.xml").data)
    places = [found.text or "" for found in root.iter(SITEMAP)]
    assert len(places) == len(set(places)) > 1000
    assert all(place.startswith("https://graph.example/") for place in places)
    for place in places[::40]:
        path = place.removeprefix("https://graph.example")
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, place
    assert "Sitemap: https://graph.example/sitemap.xml" in client.get("/robots.txt").get_data(
        as_text=True
    )


def test_turtle_is_not_escaped_as_a_page_is(client: FlaskClient) -> None:
    template = client.application.jinja_env.get_template("prefixes.ttl")
    text = template.render(
        prefixes={"x": "https://x.example/?a=1&b="}, ontology="https://o.example/"
    )
    assert "https://x.example/?a=1&b=" in text


def test_the_published_context_reads_our_json(client: FlaskClient) -> None:
    context = client.get("/context.jsonld").get_json(force=True)["@context"]
    assert context["@vocab"] == BASE + "ontology#"
    assert (
        context["claims"] == {"@id": BASE + "ontology#claims", "@type": "@id"}
        and "date" not in context
    )


def test_the_redirect_sends_every_path_on() -> None:
    text = (paths.CHECKOUT / "deploy/w3id.htaccess").read_text()
    rules = re.findall(r"^RewriteRule (\S+) (\S+) \[(.*)\]", text, re.MULTILINE)
    assert len(rules) == 1
    pattern, target, flags = rules[0]
    moved = re.sub(pattern, target.replace("$1", r"\1"), "id/place/kunashir", count=1)
    assert moved == "https://shimoda.example.org/id/place/kunashir" and "NE" in flags.split(",")


def test_the_citation_names_this_version() -> None:
    text = Path(paths.CHECKOUT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {__version__}\n" in text and f"{BASE}ontology/{__version__}" in text
