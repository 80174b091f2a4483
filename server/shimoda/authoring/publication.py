"""Bringing a store up to date with a dataset: the difference only, in batches, however often it was interrupted.

What there is to do is read from the store each time, so a run that was killed is simply run again. Triples that hang
together by blank nodes go as one, since no later request could name those nodes. The default graph is written under
the name ``view/neutral``, and as the store's own default graph too where the store has one.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Store,
    Triple,
)

from shimoda.engine.interface import Update
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError, Refused, Unavailable
from shimoda.namespaces import BASE, NEUTRAL, PREFIXES

BATCH = 500
PROBE = f"<{BASE}> a <{BASE}ontology#Probe>"
XSD = PREFIXES["xsd"]
NUMBERS = {
    XSD[name]
    for name in ("decimal", "integer", "nonNegativeInteger", "positiveInteger", "int", "long")
}
GEOMETRIES = (
    PREFIXES["geo"]["wktLiteral"],
    NamedNode("http://www.openlinksw.com/schemas/virtrdf#Geometry"),
)
Progress = Callable[[int, int, str], None]
Group = tuple[Triple, ...]


@dataclass
class Content:
    """A graph as groups of triples, by what they say: a triple alone, or all that hang together by blank nodes."""

    single: dict[str, Group] = field(default_factory=dict)
    joint: dict[str, Group] = field(default_factory=dict)

    def __sub__(self, other: "Content") -> "Content":
        return Content(
            {key: self.single[key] for key in self.single.keys() - other.single.keys()},
            {key: self.joint[key] for key in self.joint.keys() - other.joint.keys()},
        )

    def groups(self) -> list[Group]:
        """Return the groups in a fixed order."""
        return [each[key] for each in (self.single, self.joint) for key in sorted(each)]


@dataclass
class Done:
    """How many triples were added and removed, and those that the store changed or refused."""

    added: int = 0
    removed: int = 0
    refused: list[Triple] = field(default_factory=list)


def publish(store: Store, engine: RemoteEngine, report: Progress = lambda *_: None) -> Done:
    """Make the store behind ``engine`` hold the dataset; tell what that took.

    Graphs under our base that the dataset does not have are dropped; what others keep in the store stays.
    """
    there = set(engine.sizes())
    graphs = dict(plan(store, own_default=takes_default(engine)))
    done = Done()
    for name in sorted(name for name in there if name.startswith(BASE) and name not in graphs):
        engine.update(
            Update(f"CLEAR SILENT GRAPH <{name}> ; DROP SILENT GRAPH <{name}>")
        )  # Virtuoso drops not all
    for number, (target, source) in enumerate(graphs.items()):
        report(number, len(graphs), target or "the default graph")
        wanted = content(quad.triple for quad in store.quads_for_pattern(None, None, None, source))
        present = (
            content(engine.raw_triples(target)) if target is None or target in there else Content()
        )
        surplus = present - wanted
        if target is None:
            surplus = owned(
                surplus,
                content(engine.raw_triples(NEUTRAL.value)) if NEUTRAL.value in there else Content(),
            )
        if surplus.joint:  # no request can name a blank node to remove it
            clear(engine, target, others=present - wanted - surplus)
            present = Content()
        else:
            change(engine, "DELETE DATA", target, surplus.groups())
            done.removed += len(surplus.single)
        missing = (wanted - present).groups()
        if missing:
            change(engine, "INSERT", target, missing)
            still = [
                triple
                for group in (wanted - content(engine.raw_triples(target))).groups()
                for triple in group
            ]
            done.added += sum(map(len, missing)) - len(still)
            done.refused += still
    report(len(graphs), len(graphs), "done")
    return done


def change(engine: RemoteEngine, verb: str, target: str | None, groups: list[Group]) -> None:
    """Add or remove groups of triples in batches; a batch that the store refuses is halved down to the triple."""
    for part in batches(groups):
        text = " ".join(f"{triple} ." for group in part for triple in group)
        scoped = f"GRAPH <{target}> {{ {text} }}" if target else text
        # INSERT DATA takes no blank nodes in Virtuoso, the form with WHERE does
        tail = " WHERE {}" if verb == "INSERT" else ""
        try:
            engine.update(Update(f"{verb} {{ {scoped} }}{tail}"))
        except (InputError, Unavailable) as error:
            if isinstance(error, Unavailable) and "answered" not in error.where:
                raise
            for half in (part[: len(part) // 2], part[len(part) // 2 :]):
                if len(half) < len(part):
                    change(engine, verb, target, half)


def plan(
    store: Store, *, own_default: bool
) -> Iterator[tuple[str | None, NamedNode | DefaultGraph]]:
    """Yield each graph that the remote store is to hold (None: its default graph), with the graph here that it copies.

    The default graph comes before its copy, so that the copy still tells which of its triples are ours.
    """
    if own_default:
        yield None, DefaultGraph()
    yield NEUTRAL.value, DefaultGraph()
    for name in sorted(store.named_graphs(), key=str):
        assert isinstance(name, NamedNode)
        yield name.value, name


def owned(surplus: Content, ours: Content) -> Content:
    """Return what is too much in the default graph and was put there by us."""
    return Content(
        {key: group for key, group in surplus.single.items() if key in ours.single},
        {key: group for key, group in surplus.joint.items() if key in ours.joint},
    )


def clear(engine: RemoteEngine, target: str | None, others: Content) -> None:
    """Empty a graph; Refused when it holds what others wrote."""
    if others.single or others.joint:
        raise Refused(
            f"The default graph of {engine.url} also holds triples that are not ours, and what changed of "
            "ours has blank nodes: empty it, or publish to a store of its own."
        )
    engine.update(Update(f"CLEAR {f'GRAPH <{target}>' if target else 'DEFAULT'}"))


def takes_default(engine: RemoteEngine) -> bool:
    """Tell whether the store has a default graph that can be written."""
    try:
        engine.update(Update(f"INSERT DATA {{ {PROBE} }}"))
    except InputError:
        return False
    written = engine.raw_ask(f"ASK {{ {PROBE} }}")
    engine.update(Update(f"DELETE DATA {{ {PROBE} }}"))
    return written


def content(triples: Iterable[Triple]) -> Content:
    """Sort triples into groups, keyed by what they say whatever the blank nodes are called."""
    found = Content()
    joined: dict[BlankNode, list[Triple]] = {}
    for triple in triples:
        nodes = [node for node in (triple.subject, triple.object) if isinstance(node, BlankNode)]
        if not nodes:
            found.single[f"{triple.subject} {triple.predicate} {normal(triple.object)}"] = (triple,)
            continue
        lists = list(
            {id(each): each for node in nodes if (each := joined.get(node)) is not None}.values()
        )
        merged = [triple, *(one for each in lists for one in each)]
        for one in merged:
            joined.update(
                (node, merged) for node in (one.subject, one.object) if isinstance(node, BlankNode)
            )
    copies: dict[str, int] = defaultdict(int)
    for group in {id(each): each for each in joined.values()}.values():
        key = canonical(group)
        copies[key] += 1
        found.joint[f"{key}{copies[key]}"] = tuple(group)
    return found


def canonical(group: Iterable[Triple]) -> str:
    """Return a text that is the same for the same group under other names of its blank nodes (RDFC-1.0)."""
    dataset = Dataset(Quad(one.subject, one.predicate, normal(one.object)) for one in group)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(str(quad) for quad in dataset))


def normal(
    term: NamedNode | BlankNode | Literal | Triple,
) -> NamedNode | BlankNode | Literal | Triple:
    """Return a value in one form, for a store may write it back in another: 44.10 as 44.1, 1 as true."""
    if not isinstance(term, Literal):
        return term
    if term.datatype == XSD["boolean"]:
        return Literal(
            {"1": "true", "0": "false"}.get(term.value, term.value), datatype=XSD["boolean"]
        )
    if term.datatype in NUMBERS:
        return Literal(format(Decimal(term.value).normalize(), "f"), datatype=XSD["decimal"])
    if term.datatype in GEOMETRIES:
        return Literal(re.sub(r"\s*([(),])\s*", r"\1", term.value), datatype=GEOMETRIES[0])
    return term


def batches(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Put groups together until a request is full; no group is torn."""
    batch: list[Group] = []
    for group in groups:
        if batch and sum(map(len, batch)) + len(group) > BATCH:
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch
