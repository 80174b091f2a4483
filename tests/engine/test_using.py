"""The protocol's dataset of an update decides what its patterns see."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from shimoda.engine.interface import Update
from shimoda.engine.local import LocalEngine
from shimoda.errors import InputError

DATA = b"""
<http://e/s> <http://e/p> "default" .
<http://e/g> { <http://e/s> <http://e/p> "g where {" }
<http://e/h> { <http://e/s> <http://e/p> "h" }
"""
G, H = "http://e/g", "http://e/h"


@pytest.fixture
def store():
    made = Store()
    made.load(DATA, RdfFormat.TRIG)
    return made


def found(store, graph):
    quads = store.quads_for_pattern(None, NamedNode("http://e/new"), None, NamedNode(graph))
    return {quad.object.value for quad in quads}


@pytest.mark.parametrize(
    "text",
    [
        "INSERT { GRAPH <http://e/to> { ?s <http://e/new> ?o } } WHERE { ?s ?p ?o }",
        "INSERT { GRAPH <http://e/to> { ?s <http://e/new> ?o } } # where {\n where { { SELECT * WHERE { ?s ?p ?o } } }",
        "PREFIX where: <http://e/> INSERT { GRAPH where:to { ?where where:new ?o } } WHERE { ?where where:p ?o }",
        "CLEAR SILENT GRAPH <e:where> ; INSERT { GRAPH <http://e/to> { ?s <http://e/new> ?o } } WHERE { ?s ?p ?o }",
    ],
)
def test_patterns_see_the_graphs_that_the_protocol_names(store, text):
    LocalEngine(store).update(Update(text, (G,), (H,)))
    assert found(store, "http://e/to") == {"g where {"}


def test_delete_where_sees_them_too_and_deletes_from_the_default_graph(store):
    LocalEngine(store).update(Update("DELETE WHERE { ?s ?p ?o }", (G,)))
    assert {quad.object.value for quad in store} == {"default", "g where {", "h"}
    LocalEngine(store).update(Update('DELETE WHERE { ?s ?p "default" }'))
    assert {quad.object.value for quad in store} == {"g where {", "h"}


@pytest.mark.parametrize("word", ["USING <http://e/h>", "USING NAMED <http://e/h>"])
def test_it_cannot_stand_beside_using(store, word):
    with pytest.raises(InputError):
        LocalEngine(store).update(
            Update(f"DELETE {{ ?s ?p ?o }} {word} WHERE {{ ?s ?p ?o }}", (G,))
        )


def test_it_cannot_stand_beside_with(store):
    with pytest.raises(InputError):
        update = Update("WITH <http://e/h> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", None, (G,))
        LocalEngine(store).update(update)
