"""What a write does to the default graph, where that is plain from its text, so that nobody has to look for it.

Plain are INSERT DATA, DELETE DATA and one DELETE or INSERT with WHERE before them, of triples in the default graph and
without blank nodes; and what the graph store protocol adds there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Store, Triple, parse

from shimoda.engine.interface import GraphWrite, Update
from shimoda.reasoning.stores import placed
from shimoda.sparql.formats import rdf_format
from shimoda.sparql.text import mask, outer_words

__all__ = ["Effect", "effect_of"]

DATA = (["INSERT", "DATA", "{}"], ["DELETE", "DATA", "{}"])
CHANGES = (
    ["DELETE", "WHERE", "{}"],
    ["DELETE", "{}", "WHERE", "{}"],
    ["INSERT", "{}", "WHERE", "{}"],
    ["DELETE", "{}", "INSERT", "{}", "WHERE", "{}"],
)
ESCAPE = re.compile(r"\\u", re.IGNORECASE)
BROAD = re.compile(
    r"\b(GRAPH|SERVICE|SELECT|RAND|UUID|STRUUID|NOW|BNODE)\b|\\u|_:|\[|<<", re.IGNORECASE
)
"""What reaches other graphs, makes blank nodes, or is something else each time that it is asked."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The triples that a write puts into the default graph, or takes out of it, or leaves as they are."""

    triples: frozenset[Triple]

    def on(self, store: Store) -> tuple[list[Triple], list[Triple]]:
        """Return those that are there after the write, and those that are not."""
        present = {triple for triple in self.triples if placed(triple, DefaultGraph()) in store}
        return list(present), list(self.triples - present)


def effect_of(request: Update | GraphWrite, store: Store) -> Effect | None:
    """Return the effect of a request that is about to be carried out; None where it is not plain."""
    try:
        if isinstance(request, GraphWrite):
            triples = posted(request)
        elif ESCAPE.search(request.text):
            return None  # decoded first, an escape can end a comment or a string
        elif request.using_graphs is not None or request.using_named_graphs is not None:
            return None
        else:
            plain = mask(request.text)
            triples = list(touched(request, plain, store))
    except (SyntaxError, ValueError, RuntimeError):
        return None  # carrying it out will say what is wrong with it
    named = [one for one in triples if one and not (is_blank(one.subject) or is_blank(one.object))]
    return Effect(frozenset(named)) if len(named) == len(triples) else None


def posted(request: GraphWrite) -> list[Triple | None]:
    """Return the triples that a request adds to the default graph; None for a request that does something else."""
    if request.method != "POST" or request.graph is not None:
        return [None]
    quads = parse(request.body, rdf_format(request.media_type), base_iri=request.base)
    return [quad.triple if isinstance(quad.graph_name, DefaultGraph) else None for quad in quads]


def is_blank(term: object) -> bool:
    """Tell whether a term is a blank node, which has another name in the store."""
    return isinstance(term, BlankNode)


def touched(request: Update, plain: str, store: Store) -> Iterator[Triple | None]:
    """Yield the triples that the operations of an update name; None for what is not plain."""
    prologue = ""
    for number, (start, end) in enumerate(operations(plain)):
        words = list(outer_words(plain[start:end]))
        kinds = [word for word, _, _ in words if word not in ("PREFIX", "BASE")]
        places = [(start + at, start + to) for word, at, to in words if word == "{}"]
        prologue += request.text[
            start : start + next((at for word, at, _ in words if word in kinds), end - start)
        ]
        blocks = [request.text[at:to] for at, to in places]
        if any(BROAD.search(plain[at:to]) for at, to in places) or kinds not in (*DATA, *CHANGES):
            yield None
        elif kinds in DATA:
            scratch = Store()
            scratch.update(f"{prologue} INSERT DATA {blocks[0]}", base_iri=request.base)
            for quad in scratch:
                yield quad.triple if isinstance(quad.graph_name, DefaultGraph) else None
        elif number:
            yield None  # what it finds depends on the operations before it
        elif any("{" in plain[at + 1 : to] for at, to in places[:-1] or places):
            yield None  # the engine takes GRAPH glued to a name, so any group in a template may be one
        else:
            for template in blocks[:-1] or blocks:
                query = f"{prologue} CONSTRUCT {template} WHERE {blocks[-1]}"
                yield from store.query(query, base_iri=request.base)  # type: ignore[misc]


def operations(plain: str) -> Iterable[tuple[int, int]]:
    """Yield where each operation of an update stands."""
    depth = start = 0
    for place, letter in enumerate(plain):
        depth += (letter == "{") - (letter == "}")
        if letter == ";" and depth == 0:
            yield start, place
            start = place + 1
    if plain[start:].strip():
        yield start, len(plain)
