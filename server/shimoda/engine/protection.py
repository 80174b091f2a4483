"""What a write does to the dataset, and what it may not: delete the triples that come with Shimoda, or touch what is derived.

What it touches is read from its text where that is plain: INSERT DATA, DELETE DATA and one DELETE or INSERT with WHERE
before them, of triples in the default graph and without blank nodes; INSERT DATA and DELETE DATA of one named graph; and
what the graph store protocol adds to the default graph, or does to another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    Store,
    Triple,
    parse,
)

from shimoda.dataset.views import SPEAKING, worlds
from shimoda.engine.interface import GraphWrite, Update
from shimoda.engine.local import with_prefixes
from shimoda.errors import Refused
from shimoda.namespaces import PREFIXES, VIEWS, graph
from shimoda.reasoning.maintenance import INFERRED, LINKS, Upkeep
from shimoda.reasoning.stores import LocalStore, placed
from shimoda.sparql.formats import rdf_format
from shimoda.sparql.text import ESCAPE, mask, only_adds, outer_words

Touched = Triple | Quad | NamedNode | None

__all__ = ["INFERRED", "Effect", "Protection", "derived_graphs", "effect_of", "follow", "is_stated"]

STATED_FOR = PREFIXES[""]["statedFor"]
DERIVED = (VIEWS, INFERRED.value, graph("schema").value)
PLAIN = re.compile(
    r"(?P<prologue>(?:\s*(?:PREFIX\s*[\w.-]*:|BASE))*\s*)"
    r"(?:(?P<data>(?:INSERT|DELETE)\s*DATA)|(?P<both>DELETE\s*WHERE)"
    r"|(?:DELETE\s*{}\s*INSERT|DELETE|INSERT)\s*{}\s*WHERE)\s*{}\s*",
    re.ASCII | re.IGNORECASE,
)
"""An operation whose blocks are emptied, and which says nothing else."""
BROAD = re.compile(
    r"\b(GRAPH|SERVICE|SELECT|RAND|UUID|STRUUID|NOW|BNODE)\b|\\u|_:|\[|<<", re.IGNORECASE
)
"""What reaches other graphs, makes blank nodes, or is something else each time that it is asked."""
GRAPH_DATA = re.compile(
    r"""\{\s*GRAPH\s+(?P<name><[^<>"{}|^`\\\s]+>|[\w.-]*:[\w.-]+)\s*(?P<triples>\{.*\})\s*\}""",
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
"""Data for one named graph, with nothing beside it."""
UNSURE = re.compile(r"<[^<>\s]*['#][^<>\s]*>")
"""Beside a comparison the engine may read this as less-than, and what follows as a string or a comment."""


class Protection:
    """The triples that no write may delete, of the dataset that a store is based on, and the derived ones as they stand."""

    def __init__(self, baseline: Store) -> None:
        self.baseline = baseline
        self.derived = 0

    @cached_property
    def quads(self) -> list[Quad]:
        """All that no write may delete, once somebody has to go through it."""
        return [*filter(self.covers, self.baseline)]

    def covers(self, quad: Quad) -> bool:
        """Tell whether no write may delete a quad."""
        return quad in self.baseline and is_stated(quad, self.baseline)

    def observe(self, store: Store, effect: Effect | None) -> None:
        """Take note of what is derived, before a write that may touch it."""
        if effect is None:
            self.derived = fingerprint(store)

    def check(self, store: Store, request: Update | GraphWrite, effect: Effect | None) -> None:
        """Refuse a write that took a protected triple away, or changed a derived graph."""
        lost: Iterable[Quad] = ()
        if effect is not None:
            gone = [placed(triple, DefaultGraph()) for triple in effect.on(store)[1]]
            for name in effect.graphs if not adds_only(request) else ():
                known = self.baseline.quads_for_pattern(None, None, None, name)
                gone += (quad for quad in known if quad not in store)
            lost = filter(self.covers, gone)
        elif fingerprint(store) != self.derived:
            raise Refused(
                "Inferred triples and views follow from the others; they cannot be written."
            )
        elif not adds_only(request):
            lost = (quad for quad in self.quads if quad not in store)
        for quad in lost:
            raise own(quad)


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


def fingerprint(store: Store) -> int:
    """Return a number that is another when other triples are derived."""
    quads = (store.quads_for_pattern(None, None, None, name) for name in derived_graphs(store))
    return sum(map(hash, chain.from_iterable(quads)))


def follow(
    store: Store,
    upkeep: Upkeep | None = None,
    effect: Effect | None = None,
    note: Callable[[Iterable[Quad]], None] = lambda _: None,
) -> Upkeep:
    """Have what is derived follow a change of the store; ``effect`` says which, where it is plain.

    ``note`` is told of the quads that a new upkeep puts in or takes out, now and later.
    """
    if upkeep is None:
        upkeep = Upkeep(LocalStore(store, note))
    elif effect is None:
        upkeep.catch_up()
    else:
        upkeep.change(*effect.on(store))
        if upkeep.views and SPEAKING.isdisjoint(upkeep.touched) and not effect.speaks(store):
            upkeep.show(upkeep.views)
            return upkeep
    told = worlds(store)
    kept = {
        view: known for view, known in upkeep.views.items() if set(known) == set(told.get(view, ()))
    }
    upkeep.show(told | kept)  # what is the same object is known to be the same
    return upkeep


# The effect of a write


@dataclass(frozen=True, slots=True)
class Effect:
    """The triples that a write puts into the default graph, or takes out of it, or leaves as they are.

    And the named graphs that it touches, none of which holds what is derived, with the ``data`` where they are known.
    """

    triples: frozenset[Triple]
    graphs: frozenset[NamedNode] = frozenset()
    data: frozenset[Quad] = frozenset()

    def on(self, store: Store) -> tuple[list[Triple], list[Triple]]:
        """Return those that are there after the write, and those that are not."""
        present = {triple for triple in self.triples if placed(triple, DefaultGraph()) in store}
        return list(present), list(self.triples - present)

    def touched(self, store: Store) -> Iterator[Quad]:
        """Yield the quads that it may put in or take out, as far as they are known or there."""
        yield from (placed(triple, DefaultGraph()) for triple in self.triples)
        yield from self.data
        for name in self.graphs - {quad.graph_name for quad in self.data}:
            yield from store.quads_for_pattern(None, None, None, name)

    def keeps_default_graph(self, store: Store) -> bool:
        """Tell whether it leaves the default graph, and all that is derived, as they are."""
        return not self.triples and not self.speaks(store)

    def speaks(self, store: Store) -> bool:
        """Tell whether it touches what somebody states for a party."""
        parties = (
            store.quads_for_pattern(name, STATED_FOR, None, DefaultGraph()) for name in self.graphs
        )
        return any(chain.from_iterable(parties))


@dataclass(frozen=True, slots=True)
class Replay(Effect):
    """The effect of writes that had been followed once; ``is_vague`` if it is not known which named graphs they touched."""

    is_vague: bool = False

    def on(self, store: Store) -> tuple[list[Triple], list[Triple]]:
        """Return the triples that are stated now, and those that are not: what is inferred since is there, too."""
        quads = (placed(triple, DefaultGraph()) for triple in self.triples)
        stated = {quad.triple for quad in quads if quad in store and is_stated(quad, store)}
        return list(stated), list(self.triples - stated)

    def speaks(self, store: Store) -> bool:
        """Tell whether they may have touched what somebody states for a party."""
        return self.is_vague or Effect.speaks(self, store)


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
    if not all(map(is_plain, triples)):
        return None
    data = frozenset(one for one in triples if isinstance(one, Quad))
    graphs = {one for one in triples if isinstance(one, NamedNode)}
    return Effect(
        frozenset(one for one in triples if isinstance(one, Triple)), frozenset(graphs), data
    )


def posted(request: GraphWrite) -> Sequence[Touched]:
    """Return what a request touches: a named graph, or the triples that it adds to the default graph."""
    if request.graph is not None:
        return [NamedNode(request.graph)]
    if request.method != "POST":
        return [None]
    quads = parse(request.body, rdf_format(request.media_type), base_iri=request.base)
    return [quad.triple if isinstance(quad.graph_name, DefaultGraph) else None for quad in quads]


def is_plain(one: Touched) -> bool:
    """Tell whether the effect is all known; a blank node has another name in the store."""
    if isinstance(one, NamedNode):
        return one != LINKS and not is_derived(one)
    return one is not None and BlankNode not in map(type, one)


def touched(request: Update, plain: str, store: Store) -> Iterator[Touched]:
    """Yield the triples that the operations of an update name, and named graphs; None for what is not plain.

    Each part is asked for in a query of its own, so that the engine reads as one part what is taken for one here.
    """
    prologue = ""
    for number, (start, end) in enumerate(operations(plain)):
        places, frame = blocks(plain, start, end)
        found = PLAIN.fullmatch(frame)
        texts = [request.text[at:to] for at, to in places]
        if not found or (
            number and not found["data"]
        ):  # what it finds may depend on those before it
            yield None
            return
        prologue += request.text[start : start + found.end("prologue")]
        construct = partial(constructed, store, prologue, base=request.base)
        if found["data"]:
            if data := GRAPH_DATA.fullmatch(texts[0]):
                name = data["name"]
                named = construct(f"{{ {name} {name} {name} }}")
                graph = next((triple.predicate for triple in named if triple), None)
                yield graph
                for triple in construct(data["triples"]):
                    yield placed(triple, graph) if triple and graph else None
            else:
                yield from construct(texts[0])
            continue
        *templates, pattern = texts * 2 if found["both"] else texts
        for template in templates:
            yield from construct(template, pattern)


def constructed(
    store: Store, prologue: str, template: str, pattern: str = "{}", *, base: str | None
) -> Iterator[Triple | None]:
    """Yield the triples that a template makes of what a pattern finds; None if they are not plain.

    The engine takes GRAPH glued to a name, so any group in a template may be one.
    """
    masked = mask(template)
    if (
        BROAD.search(masked)
        or BROAD.search(mask(pattern))
        or "{" in masked[1:]
        or is_unsure(pattern)
    ):
        yield None
        return
    run = partial(store.query, f"{prologue}\nCONSTRUCT {template}\nWHERE {pattern}", base_iri=base)
    yield from with_prefixes(run)  # type: ignore[misc]


def blocks(plain: str, start: int, end: int) -> tuple[list[tuple[int, int]], str]:
    """Return where the blocks of an operation stand, and what it says outside of them."""
    words = outer_words(plain[start:end])
    places = [(start + at, start + to) for word, at, to in words if word == "{}"]
    edges = [start, *(edge for place in places for edge in place), end]
    outside = [plain[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]
    return places, "{}".join(outside)


def is_unsure(pattern: str) -> bool:
    """Tell whether the engine might read a pattern in another way than it is read here."""
    return "(" in pattern and UNSURE.search(pattern) is not None


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
