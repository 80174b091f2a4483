"""The ways in which rules bring a triple about in a store, and where triples stand there; all asked by SELECT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, islice

from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import BASE, graph
from shimoda.reasoning.compiler import DIFFERENT, PRIVATE, THING
from shimoda.reasoning.dates import DATE_RULES
from shimoda.reasoning.rules import (
    OPEN,
    TYPE,
    Atom,
    Filter,
    Many,
    Rule,
    Signature,
    absence,
    bind,
    join,
    node_of,
    rules_that_hold,
    signature,
    substitute,
    unequal,
    variables,
)
from shimoda.reasoning.schema import OWL, Schema, read_schema
from shimoda.reasoning.stores import RuleStore
from shimoda.reasoning.values import differ

DERIVED = (f"{BASE}view/", graph("inferred").value, graph("schema").value)
WAYS, SOLUTIONS, COUNTED = 20, 50, 500
"""How many ways to satisfy a rule are looked at, and how many solutions of its patterns, and values that it counts."""
UNFOLDED = 64
"""In how many ways the parts of an expression that have no name are put into a rule."""
Way = tuple[Rule, tuple[Atom, ...]]
"""A rule, and the premises from which it makes a triple."""
Values = dict[str, str]
Solution = tuple[tuple[Atom, ...], Values]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a triple stands: whether it is inferred, and the graphs that state it."""

    inferred: bool = False
    places: tuple[str, ...] = ()


@dataclass(slots=True)
class Ways:
    """Asks a store's default graph, and a view's world if there is a view, by rules."""

    store: RuleStore
    rules: Sequence[Rule]
    view: NamedNode | None = None
    standings: dict[Atom, Standing | None] = field(default_factory=dict)
    makers: dict[Signature, list[Rule]] = field(default_factory=dict)
    signs: dict[str, set[Atom]] = field(default_factory=dict)
    axioms: Schema | None = None

    @property
    def schema(self) -> Schema:
        """The axioms."""
        if self.axioms is None:
            self.axioms = read_schema(self.store, self.view)
        return self.axioms

    # Rules

    def makers_of(self, triple: Atom) -> list[Rule]:
        """Return the rules whose head can say a triple, with what only rules know put into them."""
        if not self.makers:
            self.makers = self.index()
        signs = (triple[1], "?"), OPEN, signature(triple)
        rules = dict.fromkeys(rule for sign in signs for rule in self.makers.get(sign, ()))
        return [unfolded for rule in rules for unfolded in self.unfold(rule)]

    def index(self) -> dict[Signature, list[Rule]]:
        """Return all rules by what their heads say; those of equality, if anything is the same as anything."""
        same = self.store.select(f"SELECT * WHERE {{ ?x {OWL['sameAs']} ?y }} LIMIT 1", self.view)
        equality = rules_that_hold("equality") if next(same, None) else ()
        makers = defaultdict[Signature, list[Rule]](list)
        for rule in (*self.rules, *DATE_RULES.values(), *equality):
            for atom in rule.head:
                makers[signature(atom)].append(rule)
        return makers

    def unfold(self, rule: Rule) -> list[Rule]:
        """Put the rules of what no store holds (who is in a part of an expression) into a rule."""
        found, waiting = list[Rule](), [rule]
        while waiting and len(found) < UNFOLDED:
            one = waiting.pop()
            hidden = next((atom for atom in one.body if is_hidden(atom)), None)
            if hidden is None:
                found.append(one)
            elif len(one.body) < UNFOLDED:
                makers = (
                    other for other in self.rules for head in other.head if head[1] == hidden[1]
                )
                each = (resolved(one, hidden, other) for other in dict.fromkeys(makers))
                waiting += filter(None, each)
        return found

    # Ways

    def ways(self, rule: Rule, triple: Atom, narrow: bool) -> list[tuple[Atom, ...]]:
        """Return the ways in which a rule's body gives a triple; ``narrow`` wants the first link of a chain stated."""
        found: list[tuple[Atom, ...]] = []
        chained = narrow and rule.name.startswith("type-") and len(rule.body) == 2
        for values in matches(rule, triple):
            if not all(self.may_hold(bind(atom, values)) for atom in rule.body):
                continue
            if chained:
                inside = f"GRAPH {graph('inferred')} {{ {join(rule.body[:1])} }}"
                first = self.ways_under(rule, values, f"FILTER NOT EXISTS {{ {inside} }}")
                found += islice(first, WAYS)
            if not found:
                found += islice(self.ways_under(rule, values), WAYS)
        return list(dict.fromkeys(found))

    def look_around(self, triples: Iterable[Atom]) -> None:
        """Learn, in one query, of which classes things are, and which properties lead from and to them."""
        ends = (end for s, p, o in triples for end in ((s,) if p == TYPE else (s, o)))
        new = [end for end in dict.fromkeys(ends) if end not in self.signs and nameable([end])]
        self.signs |= {end: set() for end in new}
        query = f"""SELECT DISTINCT ?end ?kind ?from ?to WHERE {{ VALUES ?end {{ {" ".join(new)} }}
            {{ ?end {TYPE} ?kind }} UNION {{ ?end ?from ?thing }} UNION {{ ?thing ?to ?end }} }}"""
        for row in self.store.select(query, self.view) if new else ():
            end, kind, leaving, arriving = map(str, row)
            self.signs[end] |= {(end, TYPE, kind), (end, leaving, "?"), ("?", arriving, end)}

    def may_hold(self, pattern: Atom) -> bool:
        """Tell whether a pattern can hold, by what is known of its subject and its object; if nothing is, it can."""
        subject, predicate, thing = ("?" if term[0] == "?" else term for term in pattern)
        leaving = subject, predicate, thing if predicate == TYPE else "?"
        arriving = "?", predicate, thing
        known = self.signs.get
        may_leave = leaving in known(subject, {leaving})
        return predicate == "?" or (may_leave and arriving in known(thing, {arriving}))

    def ways_under(self, rule: Rule, values: Values, asked: str = "") -> Iterator[tuple[Atom, ...]]:
        """Yield the ways to satisfy a rule's body and its conditions under values for some of its variables."""
        asked = " ".join([asked, *map(absence, rule.absent)])
        for premises, solution in self.solve(rule.body, rule.filters, values, asked):
            counted = [self.count(many, solution) for many in rule.many]
            if None not in counted:
                more = [premise for group in counted if group for premise in group]
                yield tuple(dict.fromkeys((*premises, *more))) if more else premises

    def solve(
        self,
        body: Sequence[Atom],
        filters: Sequence[Filter],
        values: Values,
        asked: str = "",
        limit: int = SOLUTIONS,
    ) -> Iterator[Solution]:
        """Yield the instances of patterns under values for some of their variables. No query names a blank node."""
        if not all(map(nameable, body)) or not nameable(values.values()):
            return
        given = f"VALUES ({' '.join(values)}) {{ ({' '.join(values.values())}) }}" if values else ""
        names = list(dict.fromkeys(variables(body)))
        plain = [f"FILTER({one.text})" for one in filters if one.test in (None, unequal)]
        where = " ".join([given, join(body), *plain, asked])
        query = f"SELECT DISTINCT {' '.join(names) or '*'} WHERE {{ {where} }} LIMIT {limit}"
        for row in self.store.select(query, self.view):
            solution = values | dict(zip(names, map(str, row), strict=False))
            if all(passes(one, solution) for one in filters):
                yield tuple(bind(atom, solution) for atom in body), solution

    def count(self, many: Many, solution: Values) -> list[Atom] | None:
        """Return premises for enough values that differ; None if there are not enough."""
        known = self.counted(many, solution)
        reasons = {
            pair: why
            for pair in combinations(sorted(known), 2)
            if (why := self.apart(*pair)) is not None
        }
        chosen = differing(known, reasons, many.number)
        if chosen is None:
            return None
        told = [premise for value in chosen for premise in known[value]]
        return told + [premise for pair in combinations(chosen, 2) for premise in reasons[pair]]

    def counted(self, many: Many, solution: Values) -> dict[str, tuple[Atom, ...]]:
        """Return the values that may count, each with its premises; two of them may be the same."""
        names = sorted({*variables(many.atoms)} & solution.keys() - {many.value})
        values = {name: solution[name] for name in names}
        solutions = self.solve(many.atoms, many.filters, values, "", COUNTED)
        return {found[many.value]: premises for premises, found in solutions}

    def apart(self, one: str, other: str) -> list[Atom] | None:
        """Return premises for two terms being different; None if they are not known to be."""
        nodes = node_of(one), node_of(other)
        if any(isinstance(node, Literal) for node in nodes):
            return [] if differ(*nodes) else None
        for triple in ((one, DIFFERENT, other), (other, DIFFERENT, one)):
            if self.standing(triple):
                return [triple]
        for node, members in self.schema.groups(OWL["AllDifferent"]):
            if nodes[0] in members and nodes[1] in members:
                return [(str(node), TYPE, str(OWL["AllDifferent"]))]
        query = f"SELECT ?a ?b WHERE {{ {one} {TYPE} ?a . {other} {TYPE} ?b }}"
        for a, b in self.store.select(query, self.view):
            types = [(one, TYPE, str(a)), (other, TYPE, str(b))]
            stated = self.schema.values(a, OWL["disjointWith"])
            if b in stated or a in self.schema.values(b, OWL["disjointWith"]):
                return types
            for node, members in self.schema.groups(OWL["AllDisjointClasses"]):
                if a != b and a in members and b in members:
                    return [*types, (str(node), TYPE, str(OWL["AllDisjointClasses"]))]
        return None

    # Standing

    def standing(self, triple: Atom) -> Standing | None:
        """Return where a triple stands; None if it does not hold."""
        self.learn([triple])
        return self.standings[triple]

    def learn(self, triples: Iterable[Atom]) -> None:
        """Ask the store, once for all of them, where triples stand. What has a blank node counts as an axiom."""
        new = [triple for triple in dict.fromkeys(triples) if triple not in self.standings]
        self.standings |= {triple: Standing() for triple in new if not nameable(triple)}
        named = [triple for triple in new if nameable(triple)]
        for start in range(0, len(named), SOLUTIONS):
            some = named[start : start + SOLUTIONS]
            branches = " UNION ".join(
                f"{{ {pattern} BIND({number} AS ?n) }}"
                for number, triple in enumerate(some)
                for pattern in (join([triple]), f"GRAPH ?g {{ {join([triple])} }}")
            )
            held: list[set[str]] = [set() for _ in some]
            for number, name in self.store.select(
                f"SELECT ?n ?g WHERE {{ {branches} }}", self.view
            ):
                assert isinstance(number, Literal)
                held[int(number.value)].add(name.value if isinstance(name, NamedNode) else "")
            self.standings |= zip(some, map(self.judge, held), strict=True)

    def judge(self, names: set[str]) -> Standing | None:
        """Tell how a triple stands from the graphs that hold it; "" is the default graph, with the view's."""
        if "" not in names:
            return None
        places = tuple(sorted(name for name in names if name and not name.startswith(DERIVED)))
        in_view = self.view is not None and self.view.value in names
        return Standing(graph("inferred").value in names or (in_view and not places), places)


def passes(found: Filter, solution: Values) -> bool:
    """Tell whether a solution passes the test of a filter, if it has one and all its variables have values."""
    if found.test is None or not solution.keys() >= set(found.names):
        return True
    return found.test(*(node_of(solution[name]) for name in found.names))


def differing(
    values: Iterable[str], pairs: Iterable[tuple[str, str]], number: int
) -> list[str] | None:
    """Choose so many values that differ, each from each."""
    known = defaultdict[str, set[str]](set)
    for one, other in pairs:
        known[one].add(other)
        known[other].add(one)
    chosen: list[str] = []
    for value in sorted(values, key=lambda value: (-len(known[value]), value)):
        if known[value].issuperset(chosen):
            chosen.append(value)
        if len(chosen) == number:
            return sorted(chosen)
    return None


def resolved(rule: Rule, hidden: Atom, other: Rule) -> Rule | None:
    """Put the body of another rule for a pattern that its head makes; None if they do not fit."""
    counted = (atom for many in other.many for atom in many.atoms)
    names = variables((*other.head, *other.body, *counted))
    apart = substitute(other, {name: f"{name}_{len(rule.body)}" for name in names})
    values: Values = {}
    head = next(atom for atom in apart.head if atom[1] == hidden[1])
    for pair in zip(hidden, head, strict=True):
        wanted, made = (values.get(term, term) for term in pair)
        if wanted != made and not made.startswith("?") and not wanted.startswith("?"):
            return None
        if wanted != made:
            old, new = (made, wanted) if made.startswith("?") else (wanted, made)
            values = {name: new if value == old else value for name, value in values.items()}
            values[old] = new
    joined = replace(
        rule,
        body=tuple(atom for atom in rule.body if atom != hidden) + apart.body,
        filters=rule.filters + apart.filters,
        many=rule.many + apart.many,
    )
    return substitute(joined, values)


def is_hidden(atom: Atom) -> bool:
    """Tell whether no store holds what a pattern is about."""
    nameless = atom[1] == TYPE and (atom[2].startswith("_:") or atom[2] == THING)
    return nameless or atom[1].startswith(PRIVATE)


def nameable(terms: Iterable[str]) -> bool:
    """Tell whether a query can name terms: none is a blank node."""
    return not any(term.startswith("_:") for term in terms)


def matches(rule: Rule, triple: Atom) -> Iterator[Values]:
    """Yield the values for a rule's variables under which its head says a triple, as far as the body has them."""
    known = set(variables(rule.body))
    for atom in rule.head:
        values: Mapping[str, str] = dict(zip(atom, triple, strict=True))
        if all(
            values[one] == term if one[0] == "?" else one == term
            for one, term in zip(atom, triple, strict=True)
        ):
            yield {name: value for name, value in values.items() if name in known}
