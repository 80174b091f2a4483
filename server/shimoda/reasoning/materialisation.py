"""All that follows from facts by rules, kept in step with what is stated.

What is added is worked out semi-naively: each round matches one pattern of a rule in what the last round found, and
the others in everything. What is deleted is found by "delete and rederive" (Gupta, Mumick and Subrahmanian, Maintaining
views incrementally, SIGMOD 1993), stratum by stratum: first all that may have followed from what is gone is deleted,
but for what is stated; then what still follows from the rest is put back. It is chosen before counting, which fails on
recursive rules, and before the backward/forward algorithm, as whole columns are cheap to delete and to put back.

Of terms that are the same one stands for all (Motik, Nenov, Piro and Horrocks, Handling owl:sameAs via rewriting, AAAI
2015). When what made them one may be gone, the clique is taken apart, with all that mentions it, and what is left is
put together again. A transitive property is made of its direct pairs, by rules that are linear.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from shimoda.errors import LimitExceeded
from shimoda.reasoning.compiler import PRIVATE, SAME, Compiled
from shimoda.reasoning.evaluation import Evaluation, Prepared
from shimoda.reasoning.facts import (
    EMPTY,
    HALF,
    MASK,
    Columns,
    Facts,
    Pattern,
    Solutions,
    distinct,
    joined,
    pack,
    unpack,
)
from shimoda.reasoning.rules import TYPE, Rule
from shimoda.reasoning.strata import stratify
from shimoda.reasoning.terms import Identities, Terms

__all__ = ["Limits", "Materialisation"]

BODY, MANY, VALUE = "body", "many", "value"
Sign = int | tuple[int, int] | None
"""What a pattern is about: a predicate, rdf:type with a class, or anything."""
Trigger = tuple[Prepared, str, int]
"""A rule, and where something new can bear on it: a pattern of the body, one that is counted, or a counted value."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far reasoning may go: rounds to the fixpoint, and matches of one rule in one round."""

    rounds: int = 20_000
    triples: int = 100_000_000


@dataclass(slots=True)
class Program:
    """Rules by stratum, and which of them each predicate (or class) can trigger."""

    strata: list[list[Prepared]] = field(default_factory=list)
    triggers: list[dict[Sign, list[Trigger]]] = field(default_factory=list)
    makers: list[dict[Sign, list[tuple[Prepared, Pattern]]]] = field(default_factory=list)
    direct: dict[int, int] = field(default_factory=dict)
    rules: dict[Rule, Prepared] = field(default_factory=dict)
    constants: set[int] = field(default_factory=set)


class Materialisation:
    """Facts of one world: what is stated, and what follows."""

    def __init__(self, terms: Terms, limits: Limits) -> None:
        self.terms, self.limits = terms, limits
        self.identities = Identities(terms)
        self.evaluation = Evaluation(terms, self.identities, limits.triples)
        self.same, self.type = self.evaluation.number(SAME), self.evaluation.number(TYPE)
        self.stated, self.facts = Facts(), Facts()
        self.program = Program()
        self.by_rule: Counter[str] = Counter()
        self.rounds = 0
        self.before, self.fresh, self.gone, self.reopened = Facts(), Facts(), Facts(), Facts()
        self.touched: dict[int, list[int]] = {}

    def fork(self) -> Materialisation:
        """Return a world of its own that begins as this one."""
        other = Materialisation.__new__(Materialisation)
        other.__dict__ |= self.__dict__
        other.identities = self.identities.copy()
        other.evaluation = Evaluation(self.terms, other.identities, self.limits.triples)
        other.evaluation.__dict__ |= {
            name: getattr(self.evaluation, name) for name in ("disjoint", "texts", "verdicts")
        }
        other.stated, other.facts = self.stated.copy(), self.facts.copy()
        other.by_rule, other.fresh, other.gone, other.touched = Counter(), Facts(), Facts(), {}
        return other

    # Rules

    def load(
        self, compiled: Compiled, rules: Sequence[Rule]
    ) -> tuple[list[Prepared], list[Prepared]]:
        """Take rules; return those that are new, and those that are gone."""
        before = self.program.rules
        linear, direct = linearised(rules)
        prepared = {rule: before.get(rule) or self.evaluation.prepare(rule) for rule in linear}
        self.program = Program(
            [
                [prepared[rule] for rule in level]
                for level in stratify([rule for rule in linear if rule.head])
            ],
            rules=prepared,
            direct={
                self.evaluation.number(one): self.evaluation.number(other)
                for one, other in direct.items()
            },
        )
        number = self.evaluation.number
        self.evaluation.disjoint = {
            number(one): {number(other) for other in others}
            for one, others in compiled.disjoint.items()
        }
        self.identities.grow()
        self.index()
        return (
            [found for rule, found in prepared.items() if rule not in before],
            [found for rule, found in before.items() if rule not in prepared],
        )

    def index(self) -> None:
        """Note which rules each predicate, or class, can trigger, and which can make it."""
        self.program.triggers, self.program.makers = [], []
        self.program.constants = {
            term
            for found in self.program.rules.values()
            for pattern in found.patterns()
            for term in pattern
            if isinstance(term, int)
        }
        for level in self.program.strata:
            table: dict[Sign, list[Trigger]] = defaultdict(list)
            makers: dict[Sign, list[tuple[Prepared, Pattern]]] = defaultdict(list)
            for found in level:
                for pattern in found.head:
                    makers[self.sign(pattern)].append((found, pattern))
                for place, pattern in enumerate(found.body):
                    table[self.sign(pattern)].append((found, BODY, place))
                for place, group in enumerate(found.many):
                    for pattern in group:
                        table[self.sign(pattern)].append((found, MANY, place))
                    for listed in (self.evaluation.different, self.evaluation.numbered):
                        table[listed].append((found, VALUE, place))
                    for kind in self.evaluation.disjoint:
                        table[self.type, int(self.identities.first[kind])].append(
                            (found, VALUE, place)
                        )
            self.program.triggers.append(table)
            self.program.makers.append(makers)

    def sign(self, pattern: Pattern) -> Sign:
        """Return what a pattern is about: a predicate, a class, or None where it is open."""
        _, predicate, thing = self.evaluation.current(pattern)
        if isinstance(predicate, str):
            return None
        return (
            (predicate, thing) if predicate == self.type and isinstance(thing, int) else predicate
        )

    def triggered(self, level: int, delta: Facts) -> Iterator[Trigger]:
        """Yield the places of rules that something new can bear on, each once."""
        table = self.program.triggers[level]
        seen: set[tuple[int, str, int]] = set()
        for sign in self.signs(delta):
            for found, kind, place in table.get(sign, ()):
                if (id(found), kind, place) not in seen:
                    seen.add((id(found), kind, place))
                    yield found, kind, place

    def signs(self, rows: Facts) -> Iterator[Sign]:
        """Yield what some facts are about."""
        yield None
        for predicate, pairs in rows.rows():
            yield predicate
            if predicate == self.type:
                yield from ((predicate, kind) for kind in np.unique(pairs & MASK).tolist())

    # All anew, and after a change

    def build(self, stated: Facts) -> None:
        """Infer all anew from what is stated."""
        self.identities = self.evaluation.identities = Identities(self.terms)
        self.evaluation.verdicts.clear()
        self.index()
        self.stated, self.facts = stated, Facts()
        self.change(self.arrive(stated), Facts(), list(self.program.rules.values()), [])

    def update(
        self,
        added: Facts,
        removed: Facts,
        new: Sequence[Prepared] = (),
        old: Sequence[Prepared] = (),
    ) -> None:
        """State more, and less; infer what that brings about, and take back what it no longer does."""
        self.identities.grow()
        for predicate, pairs in removed.rows():
            self.stated.remove(predicate, pairs)
        for predicate, pairs in added.rows():
            self.stated.add(predicate, pairs)
        self.change(self.arrive(added), self.arrive(removed), new, old)

    def keep_up(self, other: Materialisation, added: Facts, removed: Facts) -> None:
        """Take over what another world, from which this one was forked, has found since; nothing became one there."""
        self.identities.grow()
        for predicate, pairs in removed.rows():
            self.stated.remove(predicate, pairs)
        for predicate, pairs in added.rows():
            self.stated.add(predicate, pairs)
        self.change(other.fresh, other.gone, [], [])

    def change(
        self, added: Facts, removed: Facts, new: Sequence[Prepared], old: Sequence[Prepared]
    ) -> None:
        """Bring the facts up to date, stratum by stratum, after statements or rules have come and gone."""
        self.fresh, self.gone, self.reopened, self.touched = Facts(), Facts(), Facts(), {}
        self.rounds, self.by_rule = 0, Counter()
        self.before = before = self.facts.copy()
        doomed, split = self.represented(removed), self.cliques_of(removed)
        for level, rules in enumerate(self.program.strata):
            returned, arrived = Facts(), Facts()
            if level == 0:
                if doomed or split or old:
                    returned = self.delete(level, before, doomed, split, old)
                arrived = self.represented(added)  # now that cliques are apart
            elif before:
                both = joined(before, self.facts)  # with those that are one since
                returned = self.delete(level, both, self.gone, set(), ())
            self.insert(level, (arrived, returned), [found for found in rules if found in new])
        while self.reopened:
            rows, self.reopened = self.reopened, Facts()
            for level in range(len(self.program.strata)):
                self.insert(level, (), (), rows)

    def represented(self, rows: Facts) -> Facts:
        """Return facts about those that stand for terms."""
        first = self.identities.first
        if not self.identities.cliques:
            return rows.copy()
        found = Facts()
        for predicate, pairs in rows.rows():
            subjects, things = unpack(pairs)
            found.add(int(first[predicate]), pack(first[subjects], first[things]))
        return found

    def arrive(self, rows: Facts) -> Facts:
        """Put stated facts into the places where rules look for them: the direct pairs of a transitive property."""
        return Facts(
            {
                self.program.direct.get(predicate, predicate): table
                for predicate, table in rows.tables.items()
            }
        )

    def is_stated(
        self, predicate: int, pairs: Columns
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell which facts are stated, of the terms themselves or of what is the same."""
        source = next(
            (one for one, other in self.program.direct.items() if other == predicate), predicate
        )
        if source == predicate and predicate in self.program.direct:
            return np.zeros(len(pairs), dtype=bool)  # only its direct pairs are
        found = np.zeros(len(pairs), dtype=bool)
        for name in self.identities.members(source):
            found |= self.stated.contains(name, pairs)
        for place in np.nonzero(~found)[0].tolist() if self.identities.cliques else ():
            one, other = int(pairs[place] >> HALF), int(pairs[place] & MASK)
            if one in self.identities.cliques or other in self.identities.cliques:
                every = [
                    (a << HALF) | b
                    for a in self.identities.members(one)
                    for b in self.identities.members(other)
                ]
                found[place] = any(
                    self.stated.contains(name, np.array(every)).any()
                    for name in self.identities.members(source)
                )
        return found

    def cliques_of(self, rows: Facts) -> set[int]:
        """Return the cliques of which something is said."""
        if not self.identities.cliques:
            return set()
        terms = np.unique(
            np.concatenate([EMPTY, *(side for _, pairs in rows.rows() for side in unpack(pairs))])
        )
        return set(self.identities.first[terms].tolist()) & self.identities.cliques.keys()

    # Delete and rederive

    def delete(
        self, level: int, before: Facts, doomed: Facts, split: set[int], old: Iterable[Prepared]
    ) -> Facts:
        """Delete what may have followed from what is gone; return what still follows, or is stated."""
        delta, condemned, taken = Facts(), Facts(), set[int]()

        def condemn(predicate: int, pairs: Columns, *, stated: bool = False) -> None:
            pairs = pairs[before.contains(predicate, pairs)]
            if len(pairs) and not stated:
                pairs = pairs[~self.is_stated(predicate, pairs)]
            delta.add(predicate, condemned.add(predicate, pairs))

        def condemn_heads(found: Prepared, solutions: Solutions) -> None:
            for predicate, pairs in self.heads(found, solutions):
                if predicate == self.same:
                    one, other = (self.identities.first[side] for side in unpack(pairs))
                    split.update(set(one[one == other].tolist()) & self.identities.cliques.keys())
                else:
                    condemn(predicate, pairs)

        for predicate, pairs in doomed.rows():
            if level:
                delta.add(predicate, pairs)
            else:
                condemn(predicate, pairs)
        for found in old:
            condemn_heads(found, self.evaluation.solve(found, before, broad=True))
        for found, solutions in self.by_absence(level, self.fresh, self.facts) if level else ():
            condemn_heads(found, self.evaluation.solve(found, before, solutions, broad=True))
        while delta or split - taken:
            for first in split - taken:
                taken.add(first)
                for predicate, pairs in before.mentioning(np.array([first])).rows():
                    condemn(predicate, pairs, stated=True)
            latest, delta = delta, Facts()
            for trigger in self.triggered(level, latest):
                for solutions in self.matches(trigger, before, latest, broad=True):
                    condemn_heads(trigger[0], solutions)
        self.take_out(condemned, taken)
        return self.still(level, condemned, taken)

    def by_absence(
        self, level: int, rows: Facts, world: Facts
    ) -> Iterator[tuple[Prepared, Solutions]]:
        """Yield the rules whose absent patterns match some facts, with what they share with the body then."""
        for found in self.program.strata[level]:
            if not found.absent:
                continue
            shared = {term for pattern in found.body for term in pattern if isinstance(term, str)}
            for group in found.absent:
                patterns = [self.evaluation.current(pattern) for pattern in group]
                for place, pattern in enumerate(patterns):
                    check = self.evaluation.limit(found.rule)
                    solutions = rows.extend(Solutions(), pattern, check)
                    if solutions.size:
                        rest = patterns[:place] + patterns[place + 1 :]
                        solutions = self.evaluation.join(world, rest, solutions, (), check)
                        yield found, solutions.distinct(shared)

    def take_out(self, condemned: Facts, taken: Iterable[int]) -> None:
        """Take facts out, and cliques apart."""
        for predicate, pairs in condemned.rows():
            self.forget(predicate, pairs)
        for first in taken:
            self.touched.setdefault(first, self.identities.part(first))
        if self.program.constants & {member for first in taken for member in self.touched[first]}:
            self.index()
        if taken:
            self.evaluation.verdicts.clear()

    def still(self, level: int, condemned: Facts, taken: Iterable[int]) -> Facts:
        """Return what is stated of cliques that are apart now, and what still follows from what is left."""
        found = Facts()
        members = distinct(
            np.array([one for first in taken for one in self.touched[first]], dtype=np.int64)
        )
        if len(members):
            for predicate, pairs in self.arrive(
                self.represented(self.stated.mentioning(members))
            ).rows():
                found.add(predicate, pairs)
        lost = joined(condemned, self.gone) if level else condemned
        if any(self.touched.values()):
            lost = self.represented(self.spread(lost))
        makers = self.program.makers[: level + 1]  # a rule of a lower stratum may say the same
        for sign in self.signs(lost):
            for rule, pattern in (one for table in makers for one in table.get(sign, ())):
                rows = self.bound(pattern, lost)
                if rows.size:
                    for predicate, pairs in self.heads(
                        rule, self.evaluation.solve(rule, self.facts, rows)
                    ):
                        if predicate != self.same:
                            found.add(predicate, pairs)
        return found

    def spread(self, rows: Facts) -> Facts:
        """Say of every member of the cliques that were taken apart what was said of who stood for them."""
        found = rows.copy()
        for first, clique in self.touched.items():
            for member in clique:
                for predicate, pairs in rows.mentioning(np.array([first])).rows():
                    subjects, things = (
                        np.where(side == first, member, side) for side in unpack(pairs)
                    )
                    every = [
                        pack(subjects, things),
                        pack(unpack(pairs)[0], things),
                        pack(subjects, unpack(pairs)[1]),
                    ]
                    found.add(member if predicate == first else predicate, np.concatenate(every))
        return found

    def bound(self, pattern: Pattern, rows: Facts) -> Solutions:
        """Bind the variables of a head to facts that it may have brought about."""
        solutions = rows.extend(Solutions(), self.evaluation.current(pattern), lambda _: None)
        return solutions.distinct(term for term in pattern if isinstance(term, str))

    # Insert

    def insert(
        self,
        level: int,
        arrived: Iterable[Facts],
        first: Sequence[Prepared],
        reopened: Facts | None = None,
    ) -> None:
        """Add facts, and all that follows from them by the rules of a stratum; ``first`` have never run before."""
        delta, merges = Facts(), list[tuple[int, int]]()
        for rows in arrived:
            for predicate, pairs in rows.rows():
                self.collect(predicate, pairs, delta, merges)
        self.settle(level, delta, merges)
        for rows in (self.fresh if level else Facts(), reopened or Facts()):
            for predicate, pairs in rows.rows():
                delta.add(predicate, pairs)
        if level:
            self.insert_by_absence(level, delta, merges)
        while delta or first:
            self.rounds += 1
            if self.rounds > self.limits.rounds:
                self.stop(level, delta)
            latest, delta = delta, Facts()
            for found in first:
                self.conclude(found, self.evaluation.solve(found, self.facts), delta, merges)
            for trigger in self.triggered(level, latest):
                if trigger[0] not in first:
                    for solutions in self.matches(trigger, self.facts, latest):
                        self.conclude(trigger[0], solutions, delta, merges)
            first = ()
            self.settle(level, delta, merges)

    def insert_by_absence(self, level: int, delta: Facts, merges: list[tuple[int, int]]) -> None:
        """Conclude what follows from the absence of what is gone."""
        for found, solutions in self.by_absence(level, self.gone, self.facts):
            self.conclude(found, self.evaluation.solve(found, self.facts, solutions), delta, merges)
        self.settle(level, delta, merges)

    def stop(self, level: int, delta: Facts) -> None:
        """Stop a run that does not end, by the name of a rule that goes on."""
        name = next((trigger[0].rule.name for trigger in self.triggered(level, delta)), "equality")
        detail = f"Rule {name} had not ended after {self.limits.rounds} rounds."
        raise LimitExceeded(detail, rule=name, limit="rounds")

    def matches(
        self, trigger: Trigger, world: Facts, latest: Facts, *, broad: bool = False
    ) -> Iterator[Solutions]:
        """Yield the solutions of a rule's body that something new bears on."""
        found, kind, place = trigger
        if kind == BODY:
            yield self.evaluation.solve(found, world, at=(place, latest), broad=broad)
            return
        many, group = (
            found.rule.many[place],
            [self.evaluation.current(one) for one in found.many[place]],
        )
        check = self.evaluation.limit(found.rule)
        shared = {term for pattern in found.body for term in pattern if isinstance(term, str)}
        if kind == VALUE:
            told = [
                latest.pairs(predicate) >> HALF
                for predicate in (self.type, self.evaluation.numbered)
            ]
            values = np.unique(
                np.concatenate([*unpack(latest.pairs(self.evaluation.different)), *told])
            )
            starts = [(Solutions({many.value: values}, len(values)), group)]
        else:
            starts = [
                (latest.extend(Solutions(), pattern, check), group[:at] + group[at + 1 :])
                for at, pattern in enumerate(group)
            ]
        for start, rest in starts:
            if start.size:
                solutions = self.evaluation.join(world, rest, start, (), check).distinct(shared)
                yield self.evaluation.solve(found, world, solutions, broad=broad)

    def heads(self, found: Prepared, solutions: Solutions) -> Iterator[tuple[int, Columns]]:
        """Yield what a rule says of solutions."""
        if not solutions.size:
            return
        for pattern in found.head:
            subject, predicate, thing = (
                solutions.columns[term] if isinstance(term, str) else term
                for term in self.evaluation.current(pattern)
            )
            pairs = np.atleast_1d(pack(subject, thing))
            if isinstance(predicate, int):
                yield predicate, pairs
            else:
                for one in np.unique(predicate).tolist():
                    yield one, pairs[predicate == one] if len(pairs) > 1 else pairs

    def conclude(
        self, found: Prepared, solutions: Solutions, delta: Facts, merges: list[tuple[int, int]]
    ) -> None:
        """Collect what is new in what a rule says."""
        for predicate, pairs in self.heads(found, solutions):
            number = self.collect(predicate, pairs, delta, merges)
            if number:
                self.by_rule[found.rule.name] += number

    def collect(
        self, predicate: int, pairs: Columns, delta: Facts, merges: list[tuple[int, int]]
    ) -> int:
        """Collect pairs that are not known yet, and identities; return how many."""
        if predicate == self.same:
            one, other = (self.identities.first[side] for side in unpack(pairs))
            new = list(zip(one[one != other].tolist(), other[one != other].tolist(), strict=True))
            merges += new
            return len(new)
        pairs = pairs[~self.facts.contains(predicate, pairs)]
        return len(delta.add(predicate, pairs)) if len(pairs) else 0

    def settle(self, level: int, delta: Facts, merges: list[tuple[int, int]]) -> None:
        """Add what was collected to the facts, and make terms one; that opens the strata below again."""
        for predicate, pairs in delta.rows():
            self.learn(predicate, pairs)
        if merges:
            for predicate, pairs in self.unite(merges).rows():
                delta.add(predicate, pairs)
                if level:
                    self.reopened.add(predicate, pairs)
            for predicate, pairs in list(delta.rows()):
                delta.remove(predicate, pairs[~self.facts.contains(predicate, pairs)])
            merges.clear()

    def learn(self, predicate: int, pairs: Columns) -> None:
        """Add new facts; what was taken out before, and is put back, is neither gone nor fresh."""
        new = self.facts.add(predicate, pairs)
        back = self.gone.contains(predicate, new)
        self.gone.remove(predicate, new[back])
        self.fresh.add(predicate, new[~back])

    def forget(self, predicate: int, pairs: Columns) -> None:
        """Take facts out; what was fresh is not gone."""
        gone = self.facts.remove(predicate, pairs)
        was_fresh = self.fresh.contains(predicate, gone)
        self.fresh.remove(predicate, gone[was_fresh])
        self.gone.add(predicate, gone[~was_fresh])

    def unite(self, merges: Iterable[tuple[int, int]]) -> Facts:
        """Make terms one, and rewrite the facts about those that no longer stand for themselves."""
        lost: list[int] = []
        for one, other in merges:
            united = self.identities.unite(one, other)
            if united:
                lost.append(united[1])
                self.touched.setdefault(united[0], [])
                self.touched.setdefault(united[1], [])
        rows = self.facts.mentioning(np.unique(np.array(lost, dtype=np.int64)))
        for predicate, pairs in rows.rows():
            self.forget(predicate, pairs)
        if self.program.constants & set(lost):
            self.index()
        self.evaluation.verdicts.clear()
        rewritten = self.represented(rows)
        found = Facts()
        for predicate, pairs in rewritten.rows():
            self.learn(
                predicate, found.add(predicate, pairs[~self.facts.contains(predicate, pairs)])
            )
        for first in self.identities.firsts(lost).tolist():
            self.learn(self.same, found.add(self.same, pack(np.array([first]), first)))
        return found


def linearised(rules: Sequence[Rule]) -> tuple[list[Rule], dict[str, str]]:
    """Rewrite the rules of transitive properties to be linear, over private predicates that hold the direct pairs."""
    closing = {rule.head[0][1]: rule for rule in rules if is_transitive(rule)}
    direct = {name: f"{PRIVATE}direct/{name[1:]}" for name in closing}
    found: list[Rule] = []
    for rule in rules:
        if closing.get(rule.head[0][1] if rule.head else "") is rule:
            (one, name, other), second = rule.body
            found.append(replace(rule, body=((one, direct[name], other), second)))
            found.append(
                Rule(
                    f"direct-{rule.name}",
                    rule.words,
                    (("?x", name, "?y"),),
                    (("?x", direct[name], "?y"),),
                )
            )
        else:
            head = tuple((one, direct.get(name, name), other) for one, name, other in rule.head)
            found.append(replace(rule, head=head) if head != rule.head else rule)
    return list(dict.fromkeys(found)), direct


def is_transitive(rule: Rule) -> bool:
    """Tell whether a rule says that a property is transitive."""
    if len(rule.head) != 1 or len(rule.body) != 2 or rule.filters or rule.absent or rule.many:
        return False
    (x, p, z), (a, q, b), (c, r, d) = rule.head[0], *rule.body
    return (
        p == q == r
        and not p.startswith("?")
        and b == c
        and a == x
        and d == z
        and len({x, b, z}) == 3
        and {x[0], b[0], z[0]} == {"?"}
    )
