"""Rules by stratum, and what each of them is about: what it looks for, and what it makes.

A rule with NOT EXISTS may only run when what it looks for can no longer come. Rules are put into strata: a rule runs
after all that make what it says is absent. (Apt, Blair and Walker, Towards a theory of declarative knowledge, 1988.)
A pattern that matches every fact (who is an owl:Thing) waits for all of them. Equality touches every predicate and is
left out: an equality that only follows from an absence does not reopen it.

A transitive property is made of its direct pairs, by rules that are linear: the closure of a chain of n then takes n²
steps and not n³.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cache
from itertools import chain

import numpy as np

from shimoda.errors import InputError
from shimoda.reasoning.compiler import PRIVATE
from shimoda.reasoning.evaluation import Evaluation, Prepared
from shimoda.reasoning.facts import (
    HALF,
    MASK,
    Columns,
    Facts,
    Pattern,
    Solutions,
    joined,
    unchecked,
    unpack,
)
from shimoda.reasoning.rules import OPEN, TYPE, Atom, Rule, Signature, signature

BODY, MANY, VALUE = "body", "many", "value"
Sign = int | tuple[int, int] | None
"""What a pattern is about: a predicate, rdf:type with a class, or anything."""
Trigger = tuple[Prepared, str, int]
"""A rule, and where something new can bear on it: a pattern of the body, one that is counted, or a counted value."""
Place = tuple[Prepared, Pattern | None, Solutions, list[Pattern]]
"""A rule, a pattern that something new matches, how, and what else has to match then of which there is no fact."""


class Program:
    """The rules that hold in a world."""

    def __init__(
        self, evaluation: Evaluation, rules: Sequence[Rule] = (), before: Program | None = None
    ) -> None:
        known: dict[Rule, Prepared] = before.rules if before else {}
        linear, direct = linearised(rules)
        number = evaluation.number
        self.rules: dict[Rule, Prepared] = {
            rule: known.get(rule) or evaluation.prepare(rule) for rule in linear
        }
        self.direct = {number(one): number(other) for one, other in direct.items()}
        strata = stratify([rule for rule in linear if rule.head])
        self.strata = [[self.rules[rule] for rule in level] for level in strata]
        self.constants = {
            term
            for found in self.rules.values()
            for pattern in (*found.head, *found.conditions())
            for term in pattern
            if isinstance(term, int)
        }
        self.evaluation = evaluation
        self.triggers: list[dict[Sign, list[Trigger]]] = []
        self.makers: list[dict[Sign, list[tuple[Prepared, Pattern]]]] = []
        self.about: dict[Sign, list[tuple[Prepared, Pattern]]] = {}
        self.values: set[Sign] = set()

    def copy(self, evaluation: Evaluation) -> Program:
        """Return the same rules for a world in which other terms may be the same."""
        found = copy(self)
        found.evaluation = evaluation
        return found

    def index(self) -> None:
        """Note which rules each predicate, or class, can trigger, and which can make it."""
        first, disjoint = self.evaluation.identities.first, self.evaluation.disjoint
        self.triggers, self.makers, self.about = [], [], defaultdict(list)
        self.values = {self.evaluation.different, self.evaluation.numbered}
        self.values |= {(self.evaluation.type, int(first[kind])) for kind in disjoint}
        for level in self.strata:
            triggers: dict[Sign, list[Trigger]] = defaultdict(list)
            makers: dict[Sign, list[tuple[Prepared, Pattern]]] = defaultdict(list)
            for found in level:
                for pattern in found.conditions():
                    self.about[self.sign(pattern)].append((found, pattern))
                for pattern in found.head:
                    makers[self.sign(pattern)].append((found, pattern))
                for place, pattern in enumerate(found.body):
                    triggers[self.sign(pattern)].append((found, BODY, place))
                for place, group in enumerate(found.many):
                    for pattern in group:
                        triggers[self.sign(pattern)].append((found, MANY, place))
                    for sign in self.values:
                        triggers[sign].append((found, VALUE, place))
            self.triggers.append(triggers)
            self.makers.append(makers)

    def sign(self, pattern: Pattern) -> Sign:
        """Return what a pattern is about: a predicate, a class, or None where it is open."""
        _, predicate, thing = self.evaluation.current(pattern)
        if isinstance(predicate, str):
            return None
        is_class = predicate == self.evaluation.type and isinstance(thing, int)
        return (predicate, int(thing)) if is_class else predicate

    def signs(self, rows: Facts) -> Iterator[Sign]:
        """Yield what some facts are about."""
        yield None
        for predicate, pairs in rows.rows():
            yield predicate
            if predicate == self.evaluation.type:
                yield from ((predicate, kind) for kind in np.unique(pairs & MASK).tolist())

    def told_apart(self, rows: Facts) -> Columns:
        """Return the terms that may be known to differ from others by some facts."""
        told = [
            rows.pairs(name) >> HALF for name in (self.evaluation.type, self.evaluation.numbered)
        ]
        told += unpack(rows.pairs(self.evaluation.different))
        return np.unique(np.concatenate(told))

    def made_first(self, rows: Facts) -> Facts:
        """Return the facts that no rule above the first stratum makes."""
        above, found = set().union(*self.makers[1:]), Facts()
        kinds = [sign[1] for sign in above if isinstance(sign, tuple)]
        for predicate, pairs in rows.rows():
            if above.isdisjoint((None, predicate)):
                made_above = np.isin(pairs & MASK, kinds) & (predicate == self.evaluation.type)
                found.add(predicate, pairs[~made_above])
        return found

    def triggered(self, level: int, delta: Facts) -> Iterator[Trigger]:
        """Yield the places of rules that something new can bear on, each once."""
        table = self.triggers[level]
        return iter(dict.fromkeys(one for sign in self.signs(delta) for one in table.get(sign, ())))

    def places(self, news: Facts, gone: Facts, facts: Facts) -> list[Place]:
        """Return where rules may go on from what has come or gone; ``facts`` are those there are, and those gone."""
        known, lost = set(self.signs(news)), set(self.signs(gone))
        matched = [(news, one) for sign in known for one in self.about.get(sign, ())]
        matched += [
            (gone, one) for made in self.makers for sign in lost for one in made.get(sign, ())
        ]
        extend = cache(lambda rows, start, pattern: rows.extend(start, pattern, unchecked))
        current, anything = self.evaluation.current, Solutions()
        triggers = (one for level in self.triggers for sign in known for one in level.get(sign, ()))
        counting = {rule for rule, kind, _ in triggers if kind == VALUE}
        values, found = self.told_apart(news), list[Place]()
        for rule in counting:
            for many, group in zip(rule.rule.many, rule.many, strict=True):
                start = Solutions({many.value: values}, len(values))
                about = [one for one in group if many.value in one]
                missing = [one for one in about if not extend(facts, start, current(one)).size]
                found.append((rule, None, start, missing))
        for rows, (rule, pattern) in matched:
            start = extend(rows, anything, current(pattern))
            if start.size:
                groups = [group for group in rule.many if pattern in group]
                needed = [*rule.body, *(groups[0] if len(groups) == 1 else ())]
                if rule.many:  # what is counted matches many times
                    start = start.distinct(
                        {term for one in needed for term in one if isinstance(term, str)}
                    )
                bound = [one for one in needed if not start.columns.keys().isdisjoint(one)]
                missing = [one for one in bound if not extend(facts, start, current(one)).size]
                found.append((rule, pattern, start, missing))
        return found

    def bears_on(self, own: Facts, places: Sequence[Place], news: Facts, facts: Facts) -> bool:
        """Tell whether a rule may join what is new with what a world has of its own beside the facts."""
        signs = chain(self.signs(news), self.signs(own))
        tells_apart = not self.values.isdisjoint(signs)
        extend = cache(lambda start, pattern: own.extend(start, pattern, unchecked))
        current, world = self.evaluation.current, None
        for found, pattern, start, missing in places:
            if not all(extend(start, current(one)).size for one in missing):
                continue
            if found.many or (found.apart and tells_apart):
                return True
            for other in [one for one in found.conditions() if one is not pattern]:
                both = extend(start, current(other))
                rest = [one for one in found.body if one is not pattern and one is not other]
                if both.size and rest:
                    world = world or joined(facts, own)
                    both = self.evaluation.join(world, rest, both, (), unchecked)
                if both.size:
                    return True
        return False


def stratify(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules by stratum, those first that no absence bears on; InputError if there is no order."""
    levels: dict[Signature, int] = defaultdict(int)
    while True:
        before = dict(levels)
        for rule in rules:
            level = level_of(rule, levels)
            if level > len(rules):
                detail = f"Rule {rule.name} says that something is absent which may follow from it."
                raise InputError(detail, rule=rule.name)
            for atom in rule.head:
                levels[signature(atom)] = max(levels[signature(atom)], level)
        if levels == before:
            break
    strata: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        strata[level_of(rule, levels)].append(rule)
    return [strata[level] for level in sorted(strata)]


def level_of(rule: Rule, levels: dict[Signature, int]) -> int:
    """Return the stratum that a rule needs, as far as is known."""
    positive = (*rule.body, *(atom for many in rule.many for atom in many.atoms))
    absent = [atom for group in rule.absent for atom in group.atoms]
    return max(highest(positive, levels), highest(absent, levels) + 1 if absent else 0)


def highest(atoms: Iterable[Atom], levels: dict[Signature, int]) -> int:
    """Return the highest stratum that makes what atoms match; what is open fits everything."""
    found = [0]
    for sign in map(signature, atoms):
        if sign == OPEN:
            return max(levels.values(), default=0)
        found += [levels[OPEN], levels[sign[0], "?"], levels[sign]]
        if sign == (TYPE, "?"):
            found += [level for (name, _), level in levels.items() if name == TYPE]
    return max(found)


def linearised(rules: Sequence[Rule]) -> tuple[list[Rule], dict[str, str]]:
    """Rewrite the rules of transitive properties to be linear, over private predicates that hold the direct pairs.

    Where a rule may make pairs of any predicate, nobody could tell which are direct.
    """
    if any(signature(atom) == OPEN for rule in rules for atom in rule.head):
        return list(dict.fromkeys(rules)), {}
    closing = {rule.head[0][1]: rule for rule in rules if is_transitive(rule)}
    direct = {name: f"{PRIVATE}direct/{name[1:]}" for name in closing}
    found: list[Rule] = []
    for rule in rules:
        if closing.get(rule.head[0][1] if rule.head else "") is rule:
            (one, name, other), second = rule.body
            pair = ("?x", name, "?y"), ("?x", direct[name], "?y")
            found.append(replace(rule, body=((one, direct[name], other), second)))
            found.append(Rule(f"direct-{rule.name}", rule.words, pair[:1], pair[1:]))
        else:
            head = tuple((one, direct.get(name, name), other) for one, name, other in rule.head)
            found.append(replace(rule, head=head) if head != rule.head else rule)
    return list(dict.fromkeys(found)), direct


def is_transitive(rule: Rule) -> bool:
    """Tell whether a rule says that a property is transitive."""
    if len(rule.head) != 1 or len(rule.body) != 2 or rule.filters or rule.absent or rule.many:
        return False
    (x, p, z), (a, q, b), (c, r, d) = rule.head[0], *rule.body
    named = p == q == r and not p.startswith("?")
    return named and (a, b, d) == (x, c, z) and len({x, b, z}) == 3 and x[0] + b[0] + z[0] == "???"
