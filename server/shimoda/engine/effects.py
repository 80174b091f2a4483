"""What a write does to the default graph, where that is plain from its text, so that nobody has to look for it.

Plain are INSERT DATA, DELETE DATA and one DELETE or INSERT with WHERE before them, of triples in the default graph and
without blank nodes; and what the graph store protocol adds there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Store, Triple

from shimoda.engine.interface import GraphWrite, Update
from shimoda.reasoning.stores import placed
from shimoda.sparql.text import mask, outer_words

__all__ = ["Effect", "effect_of"]

OPERATION = ["INSERT", "DELETE", "DATA", "WHERE", "{}"]
DATA = (["INSERT", "DATA", "{}"], ["DELETE", "DATA", "{}"])
BROAD = re.compile(r"\bGRAPH\b|\\u|_:|\[|<<", re.IGNORECASE)


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
    if (
        isinstance(request, GraphWrite)
        or request.using_graphs is not None
        or request.using_named_graphs is not None
    ):
        return None
    plain = mask(request.text)
    try:
        triples = list(touched(request, plain, store))
    except SyntaxError:
        return None  # the update itself will say where it does not parse
    if None in triples or any(
        BlankNode in (type(one.subject), type(one.object)) for one in triples if one
    ):
        return None
    return Effect(frozenset(triple for triple in triples if triple))


def touched(request: Update, plain: str, store: Store) -> Iterator[Triple | None]:
    """Yield the triples that the operations of an update name; None for what is not plain."""
    prologue, first = "", True
    for start, end in operations(plain):
        words = [(word, at, to) for word, at, to in outer_words(plain[start:end])]
        kinds = [word for word, _, _ in words if word in OPERATION]
        opening = next((at for word, at, _ in words if word in OPERATION), len(plain))
        prologue += request.text[start : start + opening]
        blocks = [request.text[start + at : start + to] for word, at, to in words if word == "{}"]
        others = {word for word, at, _ in words if at > opening} - set(OPERATION)
        if (
            others
            or not kinds
            or any(
                BROAD.search(plain[start + at : start + to])
                for word, at, to in words[:-1] + words[-1:]
                if word == "{}" and to
            )
        ):
            yield None
        elif kinds in DATA:
            scratch = Store()
            scratch.update(f"{prologue} INSERT DATA {blocks[0]}", base_iri=request.base)
            yield from (quad.triple for quad in scratch)
        elif first and kinds[-1] == "{}" and "WHERE" in kinds:
            templates = blocks[:-1] or blocks
            for template in templates:
                answer = store.query(
                    f"{prologue} CONSTRUCT {template} WHERE {blocks[-1]}", base_iri=request.base
                )
                yield from answer  # type: ignore[misc]
        else:
            yield None
        first = False


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
