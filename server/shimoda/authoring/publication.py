"""Bringing a store up to date with a dataset: the difference only, in batches, however often it was interrupted.

What there is to do is read from the store each time, so a run that was killed is simply run again. Triples that hang
together by blank nodes go as one, since no later request could name those nodes. The default graph is written under
the name ``view/neutral``, and as the store's own default graph too where the store has one.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from shimoda.dataset.canonical import canonical_quads
from shimoda.engine.interface import Update
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError, Refused, Unavailable
from shimoda.namespaces import BASE, NEUTRAL, PREFIXES
from shimoda.sparql.results import Term

BATCH = 500
PROBE = f"<{BASE}> a <{BASE}ontology#Probe>"
XSD = PREFIXES["xsd"]
INTEGERS = ("integer", "nonNegativeInteger", "positiveInteger", "int", "long")
NUMBERS = {XSD[name] for name in ("decimal", *INTEGERS)}
VIRTUOSO_GEOMETRY = NamedNode("http://www.openlinksw.com/schemas/virtrdf#Geometry")
GEOMETRIES = (PREFIXES["geo"]["wktLiteral"], VIRTUOSO_GEOMETRY)
Progress = Callable[[int, int, str], None]
Group = Collection[Triple]


class Content(dict[str, Group]):
    """A graph as groups of triples, by what they say: a triple alone, or all that hang together by blank nodes."""

    def __sub__(self, other: "Content") -> "Content":
        return Content({key: self[key] for key in sorted(self.keys() - other.keys())})

    def __and__(self, other: "Content") -> "Content":
        return Content({key: self[key] for key in sorted(self.keys() & other.keys())})

    def triples(self) -> list[Triple]:
        """Return the triples of all groups."""
        return [triple for group in self.values() for triple in group]


@dataclass
class Done:
    """What a publication did: how many triples it added and removed, and which the store changed or refused."""

    added: int = 0
    removed: int = 0
    refused: list[Triple] = field(default_factory=list)


def publish(store: Store, engine: RemoteEngine, report: Progress = lambda *_: None) -> Done:
    """Make the store behind ``engine`` hold the dataset; tell what that took.

    Graphs under our base that the dataset does not have are dropped; what others keep in the store stays.
    """
    there = set(engine.sizes())
    names = sorted(name.value for name in store.named_graphs() if isinstance(name, NamedNode))
    # the default graph comes before its copy, which still tells what of it is ours
    graphs = [*([None] if takes_default(engine) else []), NEUTRAL.value, *names]
    for name in sorted(name for name in there if name.startswith(BASE) and name not in graphs):
        # Virtuoso drops not all
        engine.update(Update(f"CLEAR SILENT GRAPH <{name}> ; DROP SILENT GRAPH <{name}>"))
    done = Done()
    for number, target in enumerate(graphs):
        report(number, len(graphs), target or "the default graph")
        source = NamedNode(target) if target in names else DefaultGraph()
        wanted = content(quad.triple for quad in store.quads_for_pattern(None, None, None, source))
        present = (
            content(engine.raw_triples(target)) if target is None or target in there else Content()
        )
        RemoteGraph(engine, target).change_to(wanted, present, done)
    report(len(graphs), len(graphs), "done")
    return done


def takes_default(engine: RemoteEngine) -> bool:
    """Tell whether the store has a default graph that can be written."""
    try:
        engine.update(Update(f"INSERT DATA {{ {PROBE} }}"))
    except InputError:
        return False
    written = engine.raw_ask(f"ASK {{ {PROBE} }}")
    engine.update(Update(f"DELETE DATA {{ {PROBE} }}"))
    return written


@dataclass(frozen=True, slots=True)
class RemoteGraph:
    """A graph of the store; the one without a name is its default graph."""

    engine: RemoteEngine
    name: str | None

    def change_to(self, wanted: Content, present: Content, done: Done) -> None:
        """Remove what of ours is present and not wanted, and add what is wanted and not present."""
        surplus = present - wanted
        if self.name is None:
            surplus &= content(self.engine.raw_triples(NEUTRAL.value))
        if any(blank_nodes(triple) for triple in surplus.triples()):
            # no request can name a blank node to remove it
            self.clear(others=present - wanted - surplus)
            present = Content()
        else:
            self.change("DELETE DATA", list(surplus.values()))
            done.removed += len(surplus)
        if missing := wanted - present:
            self.change("INSERT", list(missing.values()))
            refused = (wanted - content(self.engine.raw_triples(self.name))).triples()
            done.added += len(missing.triples()) - len(refused)
            done.refused += refused

    def clear(self, others: Content) -> None:
        """Empty the graph; Refused when it holds what others wrote."""
        if others:
            raise Refused(
                f"The default graph of {self.engine.url} also holds triples that are not ours, and what "
                "changed of ours has blank nodes: empty it, or publish to a store of its own."
            )
        self.engine.update(Update(f"CLEAR {f'GRAPH <{self.name}>' if self.name else 'DEFAULT'}"))

    def change(self, verb: str, groups: list[Group]) -> None:
        """Add or remove groups in batches; a batch that the store refuses is halved down to the triple."""
        for batch in batches(groups):
            text = " ".join(f"{triple} ." for group in batch for triple in group)
            scoped = f"GRAPH <{self.name}> {{ {text} }}" if self.name else text
            # INSERT DATA takes no blank nodes in Virtuoso, the form with WHERE does
            tail = " WHERE {}" if verb == "INSERT" else ""
            try:
                self.engine.update(Update(f"{verb} {{ {scoped} }}{tail}"))
            except (InputError, Unavailable) as error:
                if isinstance(error, Unavailable) and "answered" not in error.where:
                    raise
                if len(batch) > 1:
                    middle = len(batch) // 2
                    self.change(verb, batch[:middle])
                    self.change(verb, batch[middle:])


def batches(groups: list[Group]) -> Iterator[list[Group]]:
    """Put groups together until a request is full; no group is torn."""
    batch: list[Group] = []
    for group in groups:
        if batch and sum(map(len, batch)) + len(group) > BATCH:
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch


def content(triples: Iterable[Triple]) -> Content:
    """Sort triples into groups, keyed by what they say whatever the blank nodes are called."""
    found = Content()
    joined: dict[BlankNode, frozenset[Triple]] = {}
    for triple in triples:
        if nodes := blank_nodes(triple):
            group = frozenset({triple}).union(*(joined.get(node, ()) for node in nodes))
            joined |= {node: group for one in group for node in blank_nodes(one)}
        else:
            found[f"{triple.subject} {triple.predicate} {normal(triple.object)}"] = (triple,)
    copies: Counter[str] = Counter()
    for group in set(joined.values()):
        key = key_of(group)
        copies[key] += 1
        found[f"{key} {copies[key]}"] = group
    return found


def blank_nodes(triple: Triple) -> list[BlankNode]:
    """Return the blank nodes of a triple."""
    return [term for term in (triple.subject, triple.object) if isinstance(term, BlankNode)]


def key_of(group: Iterable[Triple]) -> str:
    """Return a text that is the same for the same group under other names of its blank nodes."""
    quads = (Quad(one.subject, one.predicate, normal(one.object)) for one in group)
    return "\n".join(canonical_quads(quads))


def normal(term: Term) -> Term:
    """Return a value in one form, for a store may write it back in another: 44.10 as 44.1, 1 as true."""
    if not isinstance(term, Literal):
        return term
    if term.datatype == XSD["boolean"]:
        value = {"1": "true", "0": "false"}.get(term.value, term.value)
        return Literal(value, datatype=XSD["boolean"])
    if term.datatype in NUMBERS:
        return Literal(format(Decimal(term.value).normalize(), "f"), datatype=XSD["decimal"])
    if term.datatype in GEOMETRIES:
        return Literal(re.sub(r"\s*([(),])\s*", r"\1", term.value), datatype=GEOMETRIES[0])
    return term
