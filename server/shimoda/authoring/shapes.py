"""SHACL: the default graph as one plain graph, and the graphs that deny or hold literals each as a small one.

pySHACL cannot see named graphs; what is about graphs is a query in ``queries/checks/``.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, serialize
from rdflib import SH, Graph, URIRef

from shimoda import paths
from shimoda.authoring.checks import Finding
from shimoda.dataset.assembly import is_assertion
from shimoda.namespaces import PREFIXES

OF_CONTENTS = ("contents", "dates")
DENIAL = PREFIXES["owl"]["NegativePropertyAssertion"]


def check_shapes(store: Store, folder: Path | None = None) -> Iterator[Finding]:
    """Yield what the shapes of a folder (``ontology/shapes/`` if none is given) forbid."""
    files = sorted((folder or paths.data("ontology") / "shapes").glob("*.ttl"))
    shapes = read_shapes(file for file in files if file.stem != "contents")
    yield from violations(to_rdflib(store, DefaultGraph()), shapes)
    shapes = read_shapes(file for file in files if file.stem in OF_CONTENTS)
    for name in shaped_graphs(store):
        for found in violations(to_rdflib(store, name), shapes):
            yield Finding("shapes", found.message, name.value)


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
    for result in results.subjects(SH.resultSeverity):
        focus, value = results.value(result, SH.focusNode), results.value(result, SH.value)
        said = " ".join(str(message) for message in results.objects(result, SH.resultMessage))
        shown = f" (it has {value})" if value is not None and value != focus else ""
        yield Finding("shapes", said + shown, str(focus) if isinstance(focus, URIRef) else "")
