"""What is inferred, kept in step with what is stated in a store: an embedded one, or any SPARQL 1.1 store.

The statements are read once and held as numbers; after that only what changes is read and written. What follows goes
into the default graph and into ``graph/inferred``; what follows about classes and properties, into ``graph/schema``;
what follows only in a party's world, into its view. Links are no premises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import cast

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from shimoda.namespaces import PREFIXES, graph
from shimoda.reasoning.compiler import RULES, Compiled
from shimoda.reasoning.dates import DATE_RULES
from shimoda.reasoning.materialisation import Limits
from shimoda.reasoning.reasoner import Inference, Reasoner, State, Statements
from shimoda.reasoning.rules import Rule, read_rules, rule_iri
from shimoda.reasoning.stores import Node, RuleStore, local, placed, read, write
from shimoda.reasoning.words import say

INFERRED, LINKS, SCHEMA = graph("inferred"), graph("links"), graph("schema")
Stated = Collection[Triple]
Views = Mapping[NamedNode, Stated]
"""By view, what its party states."""


class Upkeep:
    """Keeps what is inferred in step with a store's default graph (or ``world``), and its views.

    ``rules`` None stands for those of the files in ``ontology/rules``; the rules of axioms always hold. ``stated`` is
    what stands in the graph, links apart, where somebody has seen it pass, or all that was known of this very store.

    Raises:
        MalformedAxiom: an axiom says nothing, or something else than it was meant to.
        LimitExceeded: a rule made too much, or did not end.
        InputError: a rule file is no rule, or rules that close the world have no order.
    """

    def __init__(
        self,
        store: Store | RuleStore,
        *,
        rules: Iterable[Rule] | None = None,
        limits: Limits | None = None,
        world: NamedNode | None = None,
        stated: Statements | State | None = None,
    ) -> None:
        self.store, self.world, self.graph = local(store), world, world or DefaultGraph()
        self.links = set(read(self.store, LINKS))
        inferred = set() if isinstance(stated, State) else set(read(self.store, INFERRED))
        known = (t for t in read(self.store, world) if t not in inferred and t not in self.links)
        hand_written = read_rules(RULES) if rules is None else rules
        self.reasoner = Reasoner(
            known if stated is None else stated, rules=hand_written, limits=limits
        )
        self.schema, self.compiled = set(read(self.store, SCHEMA)), Compiled()
        self.views: Views = {}
        self.latest: list[Triple] = []
        self.touched: set[Node] = set()
        self.outcome = Inference()
        if isinstance(stated, State):
            self.views = {view: cast(Stated, world.told) for view, world in stated.worlds.items()}
            self.write((), ())
        elif inferred:
            now = set(self.reasoner.inferred())
            self.write(now - inferred, inferred - now)
        else:  # it may be too much to hold
            quads = self.reasoner.quads(self.reasoner.written, self.graph, INFERRED)
            write(self.store, quads, ())
            self.write((), ())

    def change(self, added: Iterable[Triple] = (), removed: Iterable[Triple] = ()) -> Inference:
        """Follow what was added to the graph and removed from it, in time that grows with what that changes."""
        plus = [triple for triple in added if triple not in self.links]
        minus = [triple for triple in removed if triple not in self.links]
        found = self.reasoner.change(plus, minus)
        still = (triple for triple in minus if self.reasoner.infers(triple))
        new = {*self.reasoner.triples(found.added), *still}
        gone = list(self.reasoner.triples(found.removed))
        self.latest = [*plus, *minus]
        self.touched = {triple.predicate for triple in (*self.latest, *new, *gone)}
        self.write(new, gone, plus)
        return self.outcome

    def suppose(self, triples: Iterable[Triple]) -> Inference:
        """Take what somebody else inferred, and infer what follows from it."""
        found = self.reasoner.suppose(triples)
        self.write(self.reasoner.triples(found.added), self.reasoner.triples(found.removed))
        return self.outcome

    def catch_up(self) -> Inference:
        """Follow a store that has changed nobody knows how: all its statements are read."""
        inferred, self.links = set(read(self.store, INFERRED)), set(read(self.store, LINKS))
        held = {triple for triple in read(self.store, self.world) if triple not in self.links}
        before = set(self.reasoner.triples(self.reasoner.given))
        now = {triple for triple in held if triple not in inferred or triple in before}
        outcome = self.change(now - before, before - now)
        lost = (triple for triple in self.reasoner.inferred() if triple not in held)
        write(self.store, self.placed(lost, self.graph), ())
        return outcome

    def write(
        self, added: Iterable[Triple], removed: Iterable[Triple], stated: Iterable[Triple] = ()
    ) -> None:
        """Write what is newly inferred, and take out what is no more; what is stated now only loses its label."""
        kept, old = {*stated, *self.links}, list(removed)
        unlabelled = (triple for triple in old if triple not in kept)
        gone = [*self.placed(old, INFERRED), *self.placed(unlabelled, self.graph)]
        write(self.store, self.placed(added, self.graph, INFERRED), gone)
        if self.reasoner.compiled is not self.compiled:
            before, self.schema = self.schema, set(self.described())
            new, old_schema = self.schema - before, before - self.schema
            write(self.store, self.placed(new, SCHEMA), self.placed(old_schema, SCHEMA))
            self.compiled = self.reasoner.compiled
        world, outcome = self.reasoner.world, self.outcome
        outcome.triples, outcome.beyond = len(self.reasoner.written), self.compiled.beyond
        outcome.by_rule, outcome.rounds = world.by_rule, world.rounds

    def placed(
        self, triples: Iterable[Triple], *graphs: NamedNode | DefaultGraph
    ) -> Iterator[Quad]:
        """Yield triples as quads of some graphs."""
        return (placed(triple, name) for triple in triples for name in graphs)

    def described(self) -> Iterator[Triple]:
        """Yield what follows about classes and properties, and what the rules say."""
        yield from self.reasoner.schema()
        describes = PREFIXES["dcterms"]["description"]
        for rule in (*self.reasoner.rules, *DATE_RULES.values()):
            if rule.head:
                words = Literal(say(rule), language="en")
                yield Triple(NamedNode(rule_iri(rule.name)), describes, words)

    def show(self, views: Views) -> None:
        """Bring views up to date: what each party states and the default graph has not, and what follows from it."""
        self.views = views
        silent = {view: () for view in self.reasoner.worlds if view not in views}
        for view, stated in {**views, **silent}.items():
            first = view not in self.reasoner.worlds
            change = self.reasoner.within(view, stated)
            new, old = (set(self.reasoner.triples(rows)) for rows in (change.added, change.removed))
            if first:
                there = set(read(self.store, view))
                new, old = new - there, there - new
            write(self.store, self.placed(new, view), self.placed(old, view))


def infer(
    store: Store | RuleStore,
    *,
    views: Views | None = None,
    rules: Sequence[Rule] | None = None,
    limits: Limits | None = None,
    world: NamedNode | None = None,
) -> Inference:
    """Add everything that follows to the default graph (or ``world``), and to each view what follows only there.

    What is inferred in a store that has changed by other hands then follows from what stands there now. See :class:`Upkeep`, which this makes for once.
    """
    upkeep = Upkeep(store, rules=rules, limits=limits, world=world)
    upkeep.show(views or {})
    return upkeep.outcome
