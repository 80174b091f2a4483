"""What a request changes in a store."""

import re
from functools import partial

from pyoxigraph import DefaultGraph, NamedNode, Store

from shimoda.engine.problems import OPAQUE, Functions, explained, tolerate
from shimoda.engine.protocol import GraphWrite, Update
from shimoda.engine.serialization import rdf_format
from shimoda.engine.using import with_using
from shimoda.errors import LimitExceeded, Refused, Unavailable, UnknownName

LOADS = re.compile("load", re.IGNORECASE)
TRIPLE_TERM = re.compile("<<|>>")
DEEPEST = 100


def carry_out(request: Update | GraphWrite, store: Store) -> bool:
    """Carry out a request; tell whether it made a new graph. A failure may leave part of it."""
    if isinstance(request, Update):
        check_nesting(request.text)
        tolerate(partial(update, request, store))
        return False
    check_nesting(request.body.decode("latin-1"))
    with explained():
        created = is_new(request, store)
        {"PUT": put, "POST": post, "DELETE": delete}[request.method](request, store)
    return created


def check_nesting(text: str) -> None:
    """Refuse triple terms so deep in each other that who reads them later would run out of stack."""
    depth = 0
    for mark in TRIPLE_TERM.findall(OPAQUE.sub(" ", text)) if text.count("<<") > DEEPEST else ():
        depth += -1 if mark == ">>" else 1
        if depth > DEEPEST:
            raise LimitExceeded(f"Triple terms may be {DEEPEST} deep in each other, no deeper.", limit="nesting")


def update(request: Update, store: Store, functions: Functions) -> None:
    """Carry out a SPARQL update."""
    try:
        with explained(request.text):
            store.update(with_using(request), base_iri=request.base, custom_functions=functions)
    except Unavailable as error:
        if LOADS.search(request.text) and "IO error" not in error.detail:  # the engine's word for a failing disk
            detail = "LOAD may fetch only from the addresses that this server lists, in an update of its own."
            raise Refused(detail) from error
        raise


def put(request: GraphWrite, store: Store) -> None:
    """Replace a graph."""
    store.clear_graph(graph_of(request))
    post(request, store)


def post(request: GraphWrite, store: Store) -> None:
    """Add to a graph, which is there afterwards even if there was nothing to add."""
    graph = graph_of(request)
    if isinstance(graph, NamedNode):
        store.add_graph(graph)
    store.load(request.body, rdf_format(request.media_type), base_iri=request.base, to_graph=graph)


def delete(request: GraphWrite, store: Store) -> None:
    """Delete a graph."""
    if is_new(request, store):
        raise UnknownName(f"There is no graph <{request.graph}>.")
    store.remove_graph(graph_of(request))


def graph_of(request: GraphWrite) -> NamedNode | DefaultGraph:
    """Return the graph that is written."""
    return DefaultGraph() if request.graph is None else NamedNode(request.graph)


def is_new(request: GraphWrite, store: Store) -> bool:
    """Tell whether the store has no such graph; the default graph it always has."""
    return request.graph is not None and not store.contains_named_graph(NamedNode(request.graph))
