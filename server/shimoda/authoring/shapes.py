"""SHACL: the default graph as one plain graph, and the graphs that deny or hold literals each as a small one.

pySHACL cannot see named graphs; what is about graphs is a query in ``queries/checks/``.
"""

from collections.abc import Iterator
from dataclasses import replace

from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, serialize
from rdflib import SH, Graph, URIRef

from shimoda import paths
from shimoda.authoring.checks import Finding
from shimoda.dataset.assembly import is_assertion
from shimoda.namespaces import PREFIXES, short

OF_CONTENTS = ("contents", "dates")
DENIAL = PREFIXES["owl"]["NegativePropertyAssertion"]


def check_shapes(store: Store) -> Iterator[Finding]:
    """Yield what the shapes of ``ontology/shapes/`` forbid; what is wrong in an assertion, of the assertion only."""
    of_contents, of_all, told = Graph(), Graph(), set()
    for file in sorted((paths.data("ontology") / "shapes").glob("*.ttl")):
        if file.stem in OF_CONTENTS:
            of_contents.parse(file)
        if file.stem != "contents":
            of_all.parse(file)
    for name in shaped_graphs(store):
        for found in violations(to_rdflib(store, name), of_contents):
            told.add(found)
            yield replace(found, subject=name.value)
    for found in violations(to_rdflib(store, DefaultGraph()), of_all):
        if found not in told:
            yield found


def shaped_graphs(store: Store) -> list[NamedNode]:
    """Return the assertions whose graphs deny something or hold a literal: the shapes are about no others."""
    names = {
        one.graph_name for one in store if one.object == DENIAL or isinstance(one.object, Literal)
    }
    return sorted(filter(is_assertion, names), key=str)


def to_rdflib(store: Store, name: NamedNode | DefaultGraph) -> Graph:
    """Return a graph as rdflib has it."""
    triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, name))
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")


def violations(data: Graph, shapes: Graph) -> Iterator[Finding]:
    """Yield what a graph has against the shapes: what it is about, and the shape's own message."""
    import pyshacl  # which takes longer than all other imports together

    _, results, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
    assert isinstance(results, Graph)
    for result in results.objects(None, SH.result):
        focus, value = results.value(result, SH.focusNode), results.value(result, SH.value)
        said = " ".join(str(message) for message in results.objects(result, SH.resultMessage))
        shown = f" (it has {short(value)})" if value is not None and value != focus else ""
        yield Finding("shapes", said + shown, str(focus) if isinstance(focus, URIRef) else "")
