"""What a write may not do to the dataset that comes with Shimoda: delete its triples, or touch what is derived."""

from collections.abc import Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, Store

from shimoda.dataset.views import SPEAKING, worlds
from shimoda.engine.effects import Effect
from shimoda.engine.interface import GraphWrite, Update
from shimoda.errors import Refused
from shimoda.namespaces import VIEWS, graph
from shimoda.reasoning import Upkeep
from shimoda.reasoning.stores import placed
from shimoda.sparql.text import only_adds

INFERRED = graph("inferred")
DERIVED = (VIEWS, INFERRED.value, graph("schema").value)


class Protection:
    """The triples that no write may delete, and the number of derived ones as it stands."""

    def __init__(self, quads: Sequence[Quad]) -> None:
        self.quads = set(quads)
        self.derived = 0

    def observe(self, store: Store, effect: Effect | None) -> None:
        """Take note of what is derived, before a write that may touch it."""
        if effect is None:
            self.derived = count_derived(store)

    def check(self, store: Store, request: Update | GraphWrite, effect: Effect | None) -> None:
        """Refuse a write that took a protected triple away, or changed a derived graph."""
        if effect is not None:
            _, removed = effect.on(store)
            gone = next(
                (
                    quad
                    for triple in removed
                    if (quad := placed(triple, DefaultGraph())) in self.quads
                ),
                None,
            )
            if gone:
                raise own(gone)
            return
        if count_derived(store) != self.derived:
            raise Refused(
                "Inferred triples and views follow from the others; they cannot be written."
            )
        if not adds_only(request) and (
            gone := next((quad for quad in self.quads if quad not in store), None)
        ):
            raise own(gone)


def own(quad: Quad) -> Refused:
    """Refuse to delete a triple."""
    return Refused(
        f"The dataset's own triples cannot be deleted; this one is: {quad}", triple=str(quad.triple)
    )


def adds_only(request: Update | GraphWrite) -> bool:
    """Tell whether a request surely takes nothing away."""
    if isinstance(request, GraphWrite):
        return request.method == "POST"
    return only_adds(request.text)


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


def follow(store: Store, upkeep: Upkeep | None = None, effect: Effect | None = None) -> Upkeep:
    """Have what is derived follow a change of the store; ``effect`` says which, where it is plain."""
    if upkeep is None:
        upkeep = Upkeep(store)
    elif effect is None:
        upkeep.catch_up()
    else:
        upkeep.change(*effect.on(store))
        if upkeep.views and SPEAKING.isdisjoint(upkeep.touched):
            upkeep.show(upkeep.views)
            return upkeep
    upkeep.show(worlds(store))
    return upkeep
