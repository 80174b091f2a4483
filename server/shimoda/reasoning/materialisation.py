"""All that follows from facts by rules, kept in step with what is stated.

What is added is worked out semi-naively: each round matches one pattern of a rule in what the last round found, and
the others in everything. What is deleted is found by "delete and rederive" (Gupta, Mumick and Subrahmanian, Maintaining
views incrementally, SIGMOD 1993), stratum by stratum: first all that may have followed from what is gone is deleted,
but for what is stated; then what still follows from the rest is put back. It is chosen before counting, which fails on
recursive rules, and before the backward/forward algorithm, as whole columns are cheap to delete and to put back.

Of terms that are the same one stands for all (Motik, Nenov, Piro and Horrocks, Handling owl:sameAs via rewriting, AAAI
2015). When what made them one may be gone, the clique is taken apart, with all that mentions it, and what is left is
put together again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from shimoda.errors import LimitExceeded
from shimoda.reasoning.compiler import SAME, Compiled
from shimoda.reasoning.evaluation import Evaluation, Prepared
from shimoda.reasoning.facts import (
    HALF,
    MASK,
    Check,
    Columns,
    Facts,
    Mask,
    Pattern,
    Solutions,
    distinct,
    joined,
    pack,
    unpack,
)
from shimoda.reasoning.program import BODY, VALUE, Place, Program, Trigger
from shimoda.reasoning.rules import Rule
from shimoda.reasoning.terms import Identities, Terms

Merges = list[tuple[int, int]]
"""Terms that are the same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far reasoning may go: rounds to the fixpoint, and matches of one rule in one round."""

    rounds: int = 20_000
    triples: int = 100_000_000


class Materialisation:
    """Facts of one world: what is stated, and what follows.

    After each change, ``fresh`` and ``gone`` are the facts that have come and gone, ``before`` those that there were,
    and ``touched`` who stood for others and no longer does, or now does; with whom, if the clique was taken apart.
    """

    def __init__(self, terms: Terms, limits: Limits) -> None:
        self.terms, self.limits = terms, limits
        self.identities = Identities(terms)
        self.evaluation = Evaluation(terms, self.identities, limits.triples)
        self.same = self.evaluation.number(SAME)
        self.stated, self.facts = Facts(), Facts()
        self.program = Program(self.evaluation)
        self.begin()

    def begin(self) -> None:
        """Begin a change."""
        self.rounds, self.by_rule = 0, Counter[str]()
        self.before = self.facts.copy()
        self.fresh, self.gone, self.reopened = Facts(), Facts(), Facts()
        self.touched: dict[int, list[int]] = {}
        self.places: tuple[list[Place], Facts, Facts] | None = None

    def fork(self) -> Materialisation:
        """Return a world of its own that begins as this one."""
        other = copy(self)
        other.identities = self.identities.copy()
        other.evaluation = self.evaluation.copy(other.identities)
        other.program = self.program.copy(other.evaluation)
        other.stated, other.facts = self.stated.copy(), self.facts.copy()
        other.begin()
        return other

    def load(
        self, compiled: Compiled, rules: Sequence[Rule]
    ) -> tuple[list[Prepared], list[Prepared]]:
        """Take rules; return those that are new, and those that are gone."""
        number, before = self.evaluation.number, self.program
        self.evaluation.disjoint = {
            number(one): set(map(number, others)) for one, others in compiled.disjoint.items()
        }
        self.program = Program(self.evaluation, rules, before)
        self.identities.grow()
        self.program.index()
        new = [found for rule, found in self.program.rules.items() if rule not in before.rules]
        old = [found for rule, found in before.rules.items() if rule not in self.program.rules]
        return new, old

    # All anew, and after a change

    def build(self, stated: Facts) -> None:
        """Infer all anew from what is stated."""
        self.identities = self.evaluation.identities = Identities(self.terms)
        self.evaluation.forget()
        self.program.index()
        self.stated, self.facts = stated.copy(), Facts()
        self.change(self.arrive(stated), Facts(), list(self.program.rules.values()), [])

    def resume(self, stated: Facts, facts: Facts, cliques: Mapping[int, list[int]]) -> None:
        """Go on from what is known to follow from what is stated, and which terms are one."""
        self.identities = self.evaluation.identities = Identities(self.terms)
        for first, members in cliques.items():
            for member in members:
                self.identities.unite(first, member)
        self.evaluation.forget()
        self.program.index()
        self.stated, self.facts = stated, facts
        self.begin()

    def update(
        self,
        added: Facts,
        removed: Facts,
        new: Sequence[Prepared] = (),
        old: Sequence[Prepared] = (),
        other: Materialisation | None = None,
    ) -> None:
        """State more, and less; infer what that brings about, and take back what it no longer does.

        ``other`` has found out since what follows there: a world from which this one was forked; nothing became one.
        What follows there from an absence may not follow here.
        """
        self.identities.grow()
        self.stated.change(added, removed)
        if other:
            plus = joined(self.arrive(added), self.program.made_first(other.fresh))
            self.change(plus, other.gone, new, old)
        else:
            self.change(self.arrive(added), self.arrive(removed), new, old)

    def take_over(self, other: Materialisation, added: Facts, removed: Facts) -> None:
        """Take over what another world has found since, where nothing else can follow from it here."""
        self.stated.change(added, removed)
        self.begin()
        for predicate in other.fresh.tables.keys() | other.gone.tables.keys():
            if self.facts.tables.get(predicate) is other.before.tables.get(predicate):
                self.facts.tables[predicate] = other.facts.tables[predicate]
            else:
                self.facts.remove(predicate, other.gone.pairs(predicate))
                self.facts.add(predicate, other.fresh.pairs(predicate))

    def change(
        self, added: Facts, removed: Facts, new: Sequence[Prepared], old: Sequence[Prepared]
    ) -> None:
        """Bring the facts up to date, stratum by stratum, after statements or rules have come and gone."""
        self.begin()
        doomed, split = self.represented(removed), self.cliques_of(removed)
        for level, rules in enumerate(self.program.strata):
            returned, arrived = Facts(), Facts()
            if level == 0:
                if doomed or split or old:
                    returned = self.delete(level, self.before, doomed, split, old)
                arrived = self.represented(added)  # now that cliques are apart
            elif self.before:
                # with those that are one since
                both = joined(self.before, self.facts) if self.touched else self.before
                returned = self.delete(level, both, self.gone, set(), ())
            self.insert(level, (arrived, returned), [found for found in rules if found in new])
        while self.reopened:
            rows, self.reopened = self.reopened, Facts()
            for level in range(len(self.program.strata)):
                self.insert(level, (), (), rows)

    def represented(self, rows: Facts) -> Facts:
        """Return facts about those that stand for terms."""
        first, found = self.identities.first, Facts()
        if not self.identities.cliques:
            return rows.copy()
        for predicate, pairs in rows.rows():
            subjects, things = unpack(pairs)
            found.add(int(first[predicate]), pack(first[subjects], first[things]))
        return found

    def arrive(self, rows: Facts) -> Facts:
        """Put stated facts into the places where rules look for them: the direct pairs of a transitive property."""
        direct = self.program.direct
        return Facts({direct.get(name, name): table for name, table in rows.tables.items()})

    def is_stated(self, predicate: int, pairs: Columns) -> Mask:
        """Tell which facts are stated, of the terms themselves or of what is the same."""
        sources = {other: one for one, other in self.program.direct.items()}
        found = np.zeros(len(pairs), dtype=bool)
        if predicate in self.program.direct:
            return found  # only its direct pairs are
        names = self.identities.members(sources.get(predicate, predicate))
        for name in names:
            found |= self.stated.contains(name, pairs)
        for place in np.nonzero(~found)[0].tolist() if self.identities.cliques else ():
            every = np.array(list(self.spellings(int(pairs[place]))))
            if len(every) > 1:
                found[place] = any(self.stated.contains(name, every).any() for name in names)
        return found

    def spellings(self, pair: int) -> Iterator[int]:
        """Yield a pair for all that its two terms stand for."""
        things = self.identities.members(pair & MASK)
        return (
            (one << HALF) | other
            for one in self.identities.members(pair >> HALF)
            for other in things
        )

    def cliques_of(self, rows: Facts) -> set[int]:
        """Return the cliques of which something is said."""
        sides = [side for _, pairs in rows.rows() for side in unpack(pairs)]
        if not self.identities.cliques or not sides:
            return set()
        return set(self.identities.first[np.concatenate(sides)].tolist()) & set(
            self.identities.cliques
        )

    # Delete and rederive

    def delete(
        self, level: int, before: Facts, doomed: Facts, split: set[int], old: Iterable[Prepared]
    ) -> Facts:
        """Delete what may have followed from what is gone; return what still follows, or is stated."""
        delta, condemned, taken = Facts(), Facts(), set[int]()

        def condemn(predicate: int, pairs: Columns, *, stated: bool = False) -> None:
            rows = Facts()
            rows.add(predicate, pairs[before.contains(predicate, pairs)])
            if level and self.touched:  # and what it is called since it became one with another
                rows = joined(rows, self.represented(rows))
            for name, every in rows.rows():
                lost = every if stated else every[~self.is_stated(name, every)]
                delta.add(name, condemned.add(name, lost))

        def condemn_heads(found: Prepared, solutions: Solutions) -> None:
            for predicate, pairs in self.heads(found, solutions):
                if predicate == self.same:
                    one, other = (self.identities.first[side] for side in unpack(pairs))
                    split.update(set(one[one == other].tolist()) & set(self.identities.cliques))
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
            for trigger in self.program.triggered(level, latest):
                for solutions in self.matches(trigger, before, latest, broad=True):
                    condemn_heads(trigger[0], solutions)
        self.take_out(condemned, taken)
        return self.still(level, condemned, taken)

    def by_absence(
        self, level: int, rows: Facts, world: Facts
    ) -> Iterator[tuple[Prepared, Solutions]]:
        """Yield the rules whose absent patterns match some facts, with what they share with the body then."""
        for found in self.program.strata[level]:
            check = self.evaluation.limit(found.rule)
            for group in found.absent:
                for solutions in self.starts(group, rows, world, check):
                    yield found, solutions.distinct(found.shared())

    def starts(
        self, group: Sequence[Pattern], rows: Facts, world: Facts, check: Check
    ) -> Iterator[Solutions]:
        """Yield the matches of patterns of which one matches some facts."""
        for place, pattern in enumerate(group):
            solutions = rows.extend(Solutions(), self.evaluation.current(pattern), check)
            if solutions.size:
                rest = [*group[:place], *group[place + 1 :]]
                yield self.evaluation.join(world, rest, solutions, (), check)

    def take_out(self, condemned: Facts, taken: Iterable[int]) -> None:
        """Take facts out, and cliques apart."""
        for predicate, pairs in condemned.rows():
            self.forget(predicate, pairs)
        for first in taken:
            self.touched.setdefault(first, self.identities.part(first))
        self.note_identities({member for first in taken for member in self.touched[first]})

    def note_identities(self, terms: set[int]) -> None:
        """Forget what was known of terms that stand for others no more, or do now."""
        if terms:
            self.evaluation.forget()
        if self.program.constants & terms:
            self.program.index()

    def still(self, level: int, condemned: Facts, taken: Iterable[int]) -> Facts:
        """Return what is stated of cliques that are apart now, and what still follows from what is left."""
        members = np.array([one for first in taken for one in self.touched[first]], dtype=np.int64)
        found = Facts()
        if len(members):
            stated = self.represented(self.stated.mentioning(distinct(members)))
            found.change(self.arrive(stated), Facts())
        lost = joined(condemned, self.gone) if level else condemned
        if any(self.touched.values()):
            lost = self.represented(self.spread(lost))
        makers = self.program.makers[: level + 1]  # a rule of a lower stratum may say the same
        for sign in self.program.signs(lost):
            for rule, pattern in (one for table in makers for one in table.get(sign, ())):
                rows = self.bound(pattern, lost)
                if rows.size:
                    solutions = self.evaluation.solve(rule, self.facts, rows)
                    for predicate, pairs in self.heads(rule, solutions):
                        if predicate != self.same:
                            found.add(predicate, pairs)
        return found

    def spread(self, rows: Facts) -> Facts:
        """Say of every member of the cliques that were taken apart what was said of who stood for them."""
        found = rows.copy()
        for first, clique in self.touched.items():
            for predicate, pairs in rows.mentioning(np.array([first])).rows() if clique else ():
                sides = unpack(pairs)
                for member in clique:
                    one, other = (np.where(side == first, member, side) for side in sides)
                    every = [pack(one, other), pack(sides[0], other), pack(one, sides[1])]
                    name = member if predicate == first else predicate
                    found.add(name, np.concatenate(every))
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
        delta, merges = Facts(), Merges()
        for rows in arrived:
            for predicate, pairs in rows.rows():
                self.collect(predicate, pairs, delta, merges)
        self.settle(level, delta, merges)
        for rows in (self.fresh if level else Facts(), reopened or Facts()):
            delta.change(rows, Facts())
        if level:
            for found, some in self.by_absence(level, self.gone, self.facts):
                solutions = self.evaluation.solve(found, self.facts, some)
                self.conclude(found, solutions, delta, merges)
            self.settle(level, delta, merges)
        while delta or first:
            self.rounds += 1
            if self.rounds > self.limits.rounds:
                self.stop(level, delta)
            latest, delta = delta, Facts()
            for found in first:
                self.conclude(found, self.evaluation.solve(found, self.facts), delta, merges)
            for trigger in self.program.triggered(level, latest):
                for solutions in (
                    self.matches(trigger, self.facts, latest) if trigger[0] not in first else ()
                ):
                    self.conclude(trigger[0], solutions, delta, merges)
            first = ()
            self.settle(level, delta, merges)

    def stop(self, level: int, delta: Facts) -> None:
        """Stop a run that does not end, by the name of a rule that goes on."""
        names = (found.rule.name for found, _, _ in self.program.triggered(level, delta))
        name = next(names, "equality")
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
        many, check = found.rule.many[place], self.evaluation.limit(found.rule)
        starts = self.starts(found.many[place], latest, world, check)
        if kind == VALUE:
            values = self.program.told_apart(latest)
            start = Solutions({many.value: values}, len(values))
            starts = iter([self.evaluation.join(world, found.many[place], start, (), check)])
        for solutions in starts:
            start = solutions.distinct(found.shared())
            if start.size:
                yield self.evaluation.solve(found, world, start, broad=broad)

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

    def conclude(self, found: Prepared, solutions: Solutions, delta: Facts, merges: Merges) -> None:
        """Collect what is new in what a rule says."""
        for predicate, pairs in self.heads(found, solutions):
            if number := self.collect(predicate, pairs, delta, merges):
                self.by_rule[found.rule.name] += number

    def collect(self, predicate: int, pairs: Columns, delta: Facts, merges: Merges) -> int:
        """Collect pairs that are not known yet, and identities; return how many."""
        if predicate == self.same:
            one, other = (self.identities.first[side] for side in unpack(pairs))
            new = list(zip(one[one != other].tolist(), other[one != other].tolist(), strict=True))
            merges += new
            return len(new)
        pairs = pairs[~self.facts.contains(predicate, pairs)]
        return len(delta.add(predicate, pairs)) if len(pairs) else 0

    def settle(self, level: int, delta: Facts, merges: Merges) -> None:
        """Add what was collected to the facts, and make terms one; that opens the strata below again."""
        for predicate, pairs in delta.rows():
            self.learn(predicate, pairs)
        if not merges:
            return
        rewritten = self.unite(merges)
        delta.change(rewritten, Facts())
        if level:
            self.reopened.change(rewritten, Facts())
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

    def unite(self, merges: Merges) -> Facts:
        """Make terms one, and rewrite the facts about those that no longer stand for themselves."""
        lost: list[int] = []
        for one, other in merges:
            if united := self.identities.unite(one, other):
                lost.append(united[1])
                self.touched |= {term: self.touched.get(term, []) for term in united}
        rows = self.facts.mentioning(np.unique(np.array(lost, dtype=np.int64)))
        for predicate, pairs in rows.rows():
            self.forget(predicate, pairs)
        self.note_identities(set(lost))
        found = Facts()
        for predicate, pairs in self.represented(rows).rows():
            new = pairs[~self.facts.contains(predicate, pairs)]
            self.learn(predicate, found.add(predicate, new))
        for first in np.unique(self.identities.first[lost]).tolist():
            self.learn(self.same, found.add(self.same, pack(np.array([first]), first)))
        return found
