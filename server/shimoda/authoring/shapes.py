"""SHACL: the default graph as one plain graph, and the graphs that deny or hold literals each as a small one.

pySHACL cannot see named graphs; what is about graphs is a query in ``queries/checks/``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, serialize
from rdflib import SH, Graph, URIRef

from shimoda import paths
from shimoda.authoring.checks import Finding
from shimoda.dataset.assembly import is_assertion
from shimoda.namespaces import PREFIXES

OF_CONTENTS = ("contents", "dates")
DENIAL = PREFIXES["owl"]["NegativePropertyAssertion"]


def check_shapes(store: Store) -> Iterator[Finding]:
    """Yield what the shapes of ``ontology/shapes/`` forbid; what is wrong in an assertion, of the assertion only."""
    files = sorted((paths.data("ontology") / "shapes").glob("*.ttl"))
    shapes, told = read_shapes(file for file in files if file.stem in OF_CONTENTS), set()
    for name in shaped_graphs(store):
        for found in violations(to_rdflib(store, name), shapes):
            told.add(found)
            yield replace(found, subject=name.value)
    shapes = read_shapes(file for file in files if file.stem != "contents")
    for found in violations(to_rdflib(store, DefaultGraph()), shapes):
        if found not in told:
            yield found


def shaped_graphs(store: Store) -> list[NamedNode]:
    """Return the assertions whose graphs deny something or hold a literal: the shapes are about no others."""
    names = {
        one.graph_name for one in store if one.object == DENIAL or isinstance(one.object, Literal)
    }
    return sorted(filter(is_assertion, names), key=str)


def read_shapes(files: Iterable[Path]) -> Graph:
    """Return shape files as one graph."""
    together = Graph()
    for file in files:
        together.parse(file)
    return together


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
        shown = f" (it has {value})" if value is not None and value != focus else ""
        yield Finding("shapes", said + shown, str(focus) if isinstance(focus, URIRef) else "")
