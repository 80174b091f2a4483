"""What tools look for in an endpoint: they find it in the view ``service``, and nothing of it in the default graph."""

import pytest
from pyoxigraph import Store

from shimoda.dataset.description import describe
from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.namespaces import PREDEFINED

PREFIXES = (
    "SELECT ?prefix ?namespace { [] sh:declare [ sh:prefix ?prefix ; sh:namespace ?namespace ] }"
)
EXAMPLES = """SELECT ?query ?comment {
  ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query }"""
CLASSES = """PREFIX ext: <http://ldf.fi/void-ext#> SELECT ?class ?property ?other ?datatype {
  ?things void:class ?class ; void:propertyPartition ?facts . ?facts void:property ?property
  OPTIONAL { { ?facts void:classPartition [ void:class ?other ] } UNION { ?facts ext:datatypePartition [ ext:datatype ?datatype ] } } }"""


@pytest.fixture(scope="module")
def engine(store):
    described = Store()
    described.bulk_extend(store)
    describe(described)
    return LocalEngine(described)


@pytest.mark.parametrize("text", [PREFIXES, EXAMPLES, CLASSES])
def test_it_stands_in_a_view_and_not_in_the_default_graph(engine, text):
    assert engine.rows(text, view="service")
    assert engine.rows(text) == []


def test_every_predefined_prefix_is_declared(engine):
    rows = engine.rows(PREFIXES, view="service")
    assert {row["prefix"].value: row["namespace"].value for row in rows} == PREDEFINED


def test_every_example_is_a_query_that_runs(engine):
    rows = engine.rows(EXAMPLES, view="service")
    assert len(rows) > 20
    for row in rows:
        if "SERVICE" not in row["query"].value:
            engine.query(Query(row["query"].value))


def test_a_property_of_a_class_has_the_class_or_the_datatype_of_its_values(engine):
    found = {
        tuple(
            row[name].value.rpartition("#")[2] if name in row else ""
            for name in ("class", "property", "other", "datatype")
        )
        for row in engine.rows(CLASSES, view="service")
    }
    assert ("Island", "label", "", "langString") in found
    assert any(name == "Person" and other for name, _, other, _ in found)
