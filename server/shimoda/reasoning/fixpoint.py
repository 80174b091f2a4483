"""Rules run to their fixpoint on the store that holds the data, by SPARQL updates alone.

Evaluation is semi-naive: after the first round, one pattern of a rule is matched in the graph of what the last round
added (the delta), and the rest in the world. The world is the default graph, or a named graph where a store cannot
write its default graph. Each inferred triple goes into the world, into ``graph/inferred``, and into the graph of its
step, ``inference/<world>/<rule>/<round>``, which is its label: ``GRAPH ?step { s p o }``. ``graph/inference`` says of
each step which rule and which round it is.

Links stay out: what stands in ``graph/links`` is taken out of the world while rules run. For a view, its graph is put
into the world, and taken out again with all that followed; only the view keeps it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Triple

from shimoda.errors import LimitExceeded
from shimoda.namespaces import BASE, PREFIXES, graph
from shimoda.reasoning.dates import days
from shimoda.reasoning.rules import TYPE, Atom, Rule, Signature, join, signature, variables
from shimoda.reasoning.stores import Node, RuleStore
from shimoda.reasoning.strata import stratify
from shimoda.reasoning.words import say

__all__ = ["INFERENCES", "INFERRED", "LINKS", "Inference", "Limits", "Run", "rule_iri"]

INFERRED, LINKS = graph("inferred"), graph("links")
INFERENCES = graph("inference")
STEPS = f"{BASE}inference/"
ADDED = NamedNode(f"{STEPS}default/added")
"""A delta that a caller fills; the first round drops it."""
SOURCE_RULE, POSITION = PREFIXES["sh"]["sourceRule"], PREFIXES["schema"]["position"]
DESCRIPTION = PREFIXES["dcterms"]["description"]
ALL = "?s ?p ?o"
BATCH = 5000
OPEN: Signature = ("?", "?")
LOOKUP = 10
"""What is found is looked up in the world row by row if the world has so many times more of its kind; else hashed."""
BROAD = 0.1
"""Where a delta is more of the world than this, a rule with several patterns to match in it is run on the whole."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far reasoning may go: rounds to the fixpoint, and triples of one rule in one round."""

    rounds: int = 1000
    triples: int = 20_000_000


@dataclass(slots=True)
class Inference:
    """What a run inferred, and in how many rounds; a triple that two rules find in one round is of both.

    ``beyond`` names what rules cannot say; ``views`` holds the outcome for each view.
    """

    triples: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    beyond: list[str] = field(default_factory=list)
    views: dict[str, Inference] = field(default_factory=dict)


def rule_iri(name: str) -> NamedNode:
    """Name a rule."""
    return NamedNode(f"{BASE}rule/{name}")


def number(term: Node | None) -> int:
    """Return the number that a count is."""
    assert isinstance(term, Literal)
    return int(term.value)


class Run:
    """One run of rules: over the default graph (``world`` None) or over a named graph that is the world."""

    def __init__(self, store: RuleStore, rules: Sequence[Rule], limits: Limits, world: NamedNode | None = None) -> None:
        self.store = store
        self.rules = rules
        self.strata = stratify([rule for rule in rules if rule.head])
        self.limits = limits
        self.world = world
        self.name = "default"
        self.target = INFERRED
        self.notes: list[str] = []
        self.found: Counter[Signature] = Counter()
        self.broad = False
        self.outcome = Inference(rounds=self.last_round())

    def saturate(self, delta: NamedNode | None = None) -> Inference:
        """Run all strata to their fixpoint; with ``delta``, the world is closed but for what stands in that graph."""
        if delta is None:
            self.add_days()
        self.found = self.signatures(None)
        for level, rules in enumerate(self.strata):
            latest = None if level else delta
            first = rules
            while (latest := self.round(first, latest)) is not None:
                first = [*self.strata[0], *rules] if level else rules
        self.store.update(f"INSERT DATA {{ GRAPH {INFERENCES} {{ {' '.join(self.notes)} }} }}")
        self.notes.clear()
        self.outcome.triples = self.count(self.target)
        return self.outcome

    def add_days(self) -> None:
        """Add the days that dates allow, which no SPARQL engine can work out."""
        by_rule: dict[str, tuple[Rule, list[Triple]]] = {}
        for rule, triple in days(self.store, self.world):
            by_rule.setdefault(rule.name, (rule, []))[1].append(triple)
        self.outcome.rounds += bool(by_rule)
        for rule, triples in by_rule.values():
            self.add(rule, triples)

    def add(self, rule: Rule, triples: Sequence[Triple]) -> NamedNode:
        """Add what was inferred by other means, labelled with the rule that stands for them; name the step."""
        step = self.step(rule)
        for start in range(0, len(triples), BATCH):
            text = " ".join(f"{triple} ." for triple in triples[start : start + BATCH])
            self.store.update(f"INSERT DATA {{ GRAPH {step} {{ {text} }} }}")
        self.pour(step, self.world)
        self.pour(step, self.target)
        self.record(rule, step, len(triples))
        return step

    def round(self, rules: Sequence[Rule], delta: NamedNode | None) -> NamedNode | None:
        """Apply each rule once; return the graph of what is new, or None when nothing is."""
        self.outcome.rounds += 1
        fresh = NamedNode(f"{STEPS}{self.name}/{self.outcome.rounds}")
        recent = self.signatures(delta) if delta else self.found
        self.broad = recent[OPEN] > BROAD * self.found[OPEN]
        made = [name for rule in rules if (name := self.apply(rule, delta, recent, fresh))]
        if delta:
            self.store.update(f"DROP SILENT GRAPH {delta}")
        if not made:
            self.outcome.rounds -= 1
            return None
        if self.outcome.rounds > self.limits.rounds:
            detail = f"Rule {made[0]} had not ended after {self.limits.rounds} rounds."
            raise LimitExceeded(detail, rule=made[0], limit="rounds")
        self.pour(fresh, self.world)
        self.pour(fresh, self.target)
        self.found += self.signatures(fresh)
        return fresh

    def apply(self, rule: Rule, delta: NamedNode | None, recent: Counter[Signature], fresh: NamedNode) -> str | None:
        """Apply a rule to what is recent; return its name if something new follows."""
        if not self.found.keys() >= rule.needs:
            return None
        step = self.step(rule)
        tried = False
        for where, rows in self.variants(rule, delta, recent):
            tried = True
            for atom in rule.head:
                self.insert(atom, where, (fresh, step), rows)
        if not tried or not (number := self.count(step)):
            return None
        if number > self.limits.triples:
            raise LimitExceeded(f"Rule {rule.name} makes more than {self.limits.triples} triples in a round.",
                                rule=rule.name, limit="triples")
        self.record(rule, step, number)
        return rule.name

    def variants(
        self, rule: Rule, delta: NamedNode | None, recent: Counter[Signature]
    ) -> Iterator[tuple[str, int]]:
        """Write the body once as it is, or once for each pattern that something recent matches; guess how many rows."""
        fitting = [index for index, atom in enumerate(rule.body) if signature(atom) in recent]
        if delta is None or (self.broad and len(fitting) > 1):
            yield rule.where(), min((self.found[signature(atom)] for atom in rule.body), default=1)
        else:
            yield from ((rule.where(index, str(delta)), recent[signature(rule.body[index])]) for index in fitting)

    def insert(self, atom: Atom, where: str, graphs: Sequence[NamedNode], rows: int) -> None:
        """Insert what follows and is not in the world; no more rows than one above the limit are looked at."""
        scope = f"WITH {self.world} " if self.world else ""
        into = " ".join(f"GRAPH {graph} {{ {join([atom])} }}" for graph in graphs)
        terms = " ".join(dict.fromkeys(variables([atom])))
        few = not terms or rows * LOOKUP < self.found[signature(atom)]
        known = f"{'FILTER NOT EXISTS' if few else 'MINUS'} {{ {join([atom])} }}"
        self.store.update(f"{scope}INSERT {{ {into} }} WHERE {{ {{ SELECT DISTINCT {terms or '*'} WHERE {{ "
                          f"{where} {known} }} LIMIT {self.limits.triples + 1} }} }}")

    def step(self, rule: Rule) -> NamedNode:
        """Name the graph of what a rule finds in this round."""
        return NamedNode(f"{STEPS}{self.name}/{rule.name}/{self.outcome.rounds}")

    def record(self, rule: Rule, step: NamedNode, number: int) -> None:
        """Count what a rule found; note of the step which rule and round it is, and of the rule what it says."""
        self.outcome.by_rule[rule.name] += number
        self.notes.append(f"""{step} {SOURCE_RULE} {rule_iri(rule.name)} ; {POSITION} {self.outcome.rounds} .
            {rule_iri(rule.name)} {DESCRIPTION} {Literal(say(rule), language="en")} .""")

    # Small steps on the store

    def pour(self, source: NamedNode, target: NamedNode | None) -> None:
        """Add a graph to another one, or to the default graph."""
        into = f"GRAPH {target} {{ {ALL} }}" if target else ALL
        self.store.update(f"INSERT {{ {into} }} WHERE {{ GRAPH {source} {{ {ALL} }} }}")

    def remove(self, source: NamedNode) -> None:
        """Take what stands in a graph out of the world."""
        what = f"GRAPH {self.world} {{ {ALL} }}" if self.world else ALL
        self.store.update(f"DELETE {{ {what} }} WHERE {{ GRAPH {source} {{ {ALL} }} }}")

    def count(self, name: NamedNode | None) -> int:
        """Count the triples of a graph, or of the default graph."""
        what = f"GRAPH {name} {{ {ALL} }}" if name else ALL
        return number(next(self.store.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {what} }}"))[0])

    def signatures(self, name: NamedNode | None) -> Counter[Signature]:
        """Count the triples of a graph, or of the world, by predicate and by class."""
        name = name or self.world
        opening, ending = (f"GRAPH {name} {{", "}") if name else ("", "")
        kinds = self.store.select(f"SELECT ?o (COUNT(*) AS ?n) WHERE {{ {opening} ?s {TYPE} ?o {ending} }} GROUP BY ?o")
        predicates = self.store.select(f"SELECT ?p (COUNT(*) AS ?n) WHERE {{ {opening} {ALL} {ending} }} GROUP BY ?p")
        by_class = {(TYPE, str(kind)): number(count) for kind, count in kinds}
        by_predicate = {(str(predicate), "?"): number(count) for predicate, count in predicates}
        return Counter(by_class | by_predicate | {OPEN: sum(by_predicate.values())})

    def steps(self, name: str) -> list[NamedNode]:
        """Return the steps of a world, by rule and round."""
        rows = self.store.select(f"""SELECT DISTINCT ?step WHERE {{ GRAPH {INFERENCES} {{ ?step {SOURCE_RULE} ?rule }}
            FILTER(STRSTARTS(STR(?step), "{STEPS}{name}/")) }}""")
        return [row[0] for row in rows if isinstance(row[0], NamedNode)]

    def last_round(self) -> int:
        """Return the number of the last round that is on record."""
        rows = self.store.select(f"SELECT (MAX(?n) AS ?last) WHERE {{ GRAPH {INFERENCES} {{ ?step {POSITION} ?n }} }}")
        return next((int(row[0].value) for row in rows if isinstance(row[0], Literal)), 0)

    def retract(self) -> None:
        """Take back everything that was inferred over the default graph."""
        self.remove(INFERRED)
        self.store.update(f"DROP SILENT GRAPH {INFERRED}")
        self.forget("default")
        self.outcome.rounds = self.last_round()

    def disown(self, stated: NamedNode) -> None:
        """Take what is now stated out of what was inferred."""
        self.store.update(f"DELETE {{ GRAPH {INFERRED} {{ {ALL} }} }} WHERE {{ GRAPH {stated} {{ {ALL} }} }}")

    def forget(self, name: str) -> None:
        """Drop the steps of a world."""
        steps = self.steps(name)
        if steps:
            self.store.update(" ; ".join(f"DROP SILENT GRAPH {step}" for step in steps))
        notes = f"GRAPH {INFERENCES} {{ ?step ?p ?o }}"
        of_it = f'FILTER(STRSTARTS(STR(?step), "{STEPS}{name}/"))'
        self.store.update(f"DELETE {{ {notes} }} WHERE {{ {notes} {of_it} }}")

    @contextmanager
    def without(self, name: NamedNode) -> Iterator[None]:
        """Keep the triples of a graph out of the world for a while."""
        self.remove(name)
        try:
            yield
        finally:
            self.pour(name, self.world)

    def view(self, view: NamedNode) -> Inference:
        """Infer what follows only in a view's world, into the view's graph."""
        inner = copy(self)
        inner.name, inner.outcome = view.value.removeprefix(BASE), Inference(rounds=self.last_round())
        return inner.run_view(view)

    def run_view(self, view: NamedNode) -> Inference:
        """Put a view into the world, infer, and take out what was put in and what followed."""
        for step in self.steps(self.name):
            self.store.update(f"DELETE {{ GRAPH {view} {{ {ALL} }} }} WHERE {{ GRAPH {step} {{ {ALL} }} }}")
        self.forget(self.name)
        added, delta, self.target = (NamedNode(f"{STEPS}{self.name}/{name}") for name in ("added", "delta", "target"))
        absent = f"FILTER NOT EXISTS {{ {f'GRAPH {self.world}' if self.world else ''} {{ {ALL} }} }}"
        self.store.update(f"INSERT {{ GRAPH {added} {{ {ALL} }} GRAPH {delta} {{ {ALL} }} }} "
                          f"WHERE {{ GRAPH {view} {{ {ALL} }} {absent} }}")
        self.pour(added, self.world)
        try:
            return self.saturate(delta)
        finally:
            self.remove(added)
            self.remove(self.target)
            self.pour(self.target, view)
            self.store.update(f"DROP SILENT GRAPH {added} ; DROP SILENT GRAPH {self.target}")
