"""What a write may not do to the dataset that comes with Shimoda: delete its triples, or touch what is derived."""

from collections.abc import Collection, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store, Triple

from shimoda.engine.interface import GraphWrite, Update
from shimoda.engine.local import LocalEngine
from shimoda.errors import Refused
from shimoda.namespaces import BASE, VIEWS, graph
from shimoda.reasoning import bring_up_to_date
from shimoda.sparql.text import is_plain_data, only_adds

INFERRED = graph("inferred")
DERIVED = (VIEWS, f"{BASE}inference/", INFERRED.value, graph("inference").value)


class Protection:
    """The triples that no write may delete, and the number of derived ones as it stands."""

    def __init__(self, quads: Sequence[Quad]) -> None:
        self.quads = quads
        self.derived = 0

    def observe(self, store: Store) -> None:
        """Take note of what is derived, before a write."""
        self.derived = count_derived(store)

    def check(self, store: Store, request: Update | GraphWrite) -> None:
        """Refuse a write that took a protected triple away, or changed a derived graph."""
        if count_derived(store) != self.derived:
            raise Refused(
                "Inferred triples and views follow from the others; they cannot be written."
            )
        if not adds_only(request) and (
            gone := next((quad for quad in self.quads if quad not in store), None)
        ):
            raise Refused(
                f"The dataset's own triples cannot be deleted; this one is: {gone}",
                triple=str(gone.triple),
            )


def adds_only(request: Update | GraphWrite) -> bool:
    """Tell whether a request surely takes nothing away."""
    if isinstance(request, GraphWrite):
        return request.method == "POST"
    return only_adds(request.text)


def additions(request: Update | GraphWrite) -> list[Triple] | None:
    """Return what a request adds to the default graph, if it is plain that it does no more."""
    scratch = LocalEngine(Store())
    if isinstance(request, GraphWrite):
        if request.graph is not None:
            return []
        if request.method != "POST":
            return None
        scratch.write_graph(request)
    elif is_plain_data(request.text):
        scratch.update(request)
    else:
        return None
    quads = scratch.store.quads_for_pattern(None, None, None, DefaultGraph())
    return [quad.triple for quad in quads]


def is_stated(quad: Quad, store: Store) -> bool:
    """Tell whether somebody states it, so that it does not just follow from others."""
    if isinstance(quad.graph_name, DefaultGraph):
        return Quad(quad.subject, quad.predicate, quad.object, INFERRED) not in store
    return not is_derived(quad.graph_name)


def is_derived(name: object) -> bool:
    """Tell whether a graph holds what is derived."""
    return isinstance(name, NamedNode) and name.value.startswith(DERIVED)


def derived_graphs(store: Store) -> list[NamedNode]:
    """Return the graphs that hold what is derived."""
    return [
        name for name in store.named_graphs() if isinstance(name, NamedNode) and is_derived(name)
    ]


def count_derived(store: Store) -> int:
    """Count the triples that are derived."""
    solutions = store.query(
        "SELECT (COUNT(*) AS ?number) { ?s ?p ?o }", default_graph=list(derived_graphs(store))
    )
    assert isinstance(solutions, QuerySolutions)
    return int(next(solutions)["number"].value)


def follow(store: Store, added: Collection[Triple] | None = None) -> None:
    """Have what is derived follow a change of the default graph; ``added`` if it was that and no more."""
    views = [name for name in derived_graphs(store) if name.value.startswith(VIEWS)]
    bring_up_to_date(store, added=added, views=views)
