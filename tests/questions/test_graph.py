"""The graph as Python programs use it, here and behind an endpoint."""

import doctest
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
import rdflib
from rdflib.compare import isomorphic
from tests.engine import stores

import shimoda
from shimoda.authoring.publication import publish
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError, UnknownName
from shimoda.paths import CHECKOUT

PLACE = "https://w3id.org/shimoda/id/place/"


@pytest.fixture(scope="module")
def graph():
    return shimoda.open()


def test_the_tutorial_is_true(monkeypatch):
    """Every example of docs/tutorial.md prints what it says."""
    failed, tried = doctest.testfile(
        str(CHECKOUT / "docs" / "tutorial.md"),
        module_relative=False,
        optionflags=doctest.IGNORE_EXCEPTION_DETAIL,
    )
    assert (failed, tried > 15) == (0, True)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("3", 3),
        ("4.50", Decimal("4.50")),
        ("1e1", 10.0),
        ("true", True),
        ("'2010-11-01'^^xsd:date", date(2010, 11, 1)),
        ("'-0044-03-15'^^xsd:date", "-0044-03-15"),
        ("'one'", "one"),
        ("'一'@ja", "一"),
        ("<urn:x>", "urn:x"),
    ],
)
def test_a_term_is_a_value_of_python(graph, literal, value):
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    [row] = graph.query(f"{prefix} SELECT ?x ?none WHERE {{ VALUES ?x {{ {literal} }} }}")
    assert row == {"x": value} and type(row["x"]) is type(value)


def test_an_answer_is_as_long_as_it_has_rows_and_true_if_it_has_any(graph):
    rows, none = (
        graph.query("SELECT * { VALUES ?x { 1 2 } }"),
        graph.query("SELECT * { ?s <urn:x> 1 }"),
    )
    assert (len(rows), bool(rows), len(none), bool(none)) == (2, True, 0, False)
    assert [bool(graph.query(f"ASK {{ FILTER({word}) }}")) for word in ("true", "false")] == [
        True,
        False,
    ]


def test_rows_and_triples_go_to_rdflib(graph):
    result = graph.query("SELECT ?x { VALUES ?x { 1 } }").to_rdflib()
    assert [row.x for row in result] == [rdflib.Literal(1)]
    made = graph.query("CONSTRUCT { <urn:a> <urn:b> 1 } {}").to_rdflib()
    assert (rdflib.URIRef("urn:a"), rdflib.URIRef("urn:b"), rdflib.Literal(1)) in made


def test_without_pandas_it_is_said_what_to_install(graph, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(InputError, match="pip install pandas"):
        graph.query("SELECT * {}").to_pandas()


def test_a_name_that_nothing_has_is_told_with_the_nearest(graph):
    with pytest.raises(UnknownName) as told:
        graph.describe("Kunashyr")
    assert any("kunashir" in name for name in told.value.where["nearest"])


def test_a_graph_behind_an_endpoint_answers_the_same(graph, store, tmp_path):
    """Each way of asking, put to a real store that holds the published dataset."""
    with stores.oxigraph(tmp_path) as address:
        with closing(RemoteEngine(address.url, update_url=address.update_url)) as engine:
            publish(store, engine)
        with shimoda.open(address.url) as there:
            asked = [list(one.ask("voices", view="japan")) for one in (graph, there)]
            assert asked[0] == asked[1]
            name, territory = "positions-on-a-territory", "色丹島"
            assert list(there.ask(name, territory=territory)) == list(
                graph.ask(name, territory=territory)
            )
            described = [one.describe("Shikotan").to_rdflib() for one in (graph, there)]
            assert isomorphic(*described)
            assert there.search("Шикотан")[0].iri == PLACE + "shikotan"
            assert there.explain("place:shikotan", "a", ":ContestedTerritory").proof
