"""One rule over facts: what matches its body, under all its conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from shimoda.errors import LimitExceeded
from shimoda.reasoning.compiler import DIFFERENT, LIST, NUMBERED, individuals_unequal
from shimoda.reasoning.facts import (
    Check,
    Columns,
    Facts,
    Mask,
    Pattern,
    Solutions,
    combinations,
    expand,
    pack,
)
from shimoda.reasoning.rules import (
    TYPE,
    Absence,
    Atom,
    Filter,
    Many,
    Rule,
    node_of,
    unequal,
    variables,
)
from shimoda.reasoning.stores import Node
from shimoda.reasoning.terms import Identities, Terms
from shimoda.reasoning.values import Value, value_of

Matrix = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
Verdicts = dict[tuple[int, ...], bool]
ROW = "?#"
SEARCHED = 20_000
"""How many steps the search for values that all differ may take, where some are not known to."""


@dataclass(slots=True, eq=False)
class Prepared:
    """A rule with numbers for its terms."""

    rule: Rule
    head: list[Pattern]
    body: list[Pattern]
    absent: list[list[Pattern]]
    many: list[list[Pattern]]
    apart: list[tuple[str, list[int]]]
    needed: list[str]

    def conditions(self) -> list[Pattern]:
        """Return every pattern that it looks for, or looks for in vain."""
        inner = (pattern for group in (*self.absent, *self.many) for pattern in group)
        return [*self.body, *inner]

    def shared(self) -> set[str]:
        """Return the variables of the body."""
        return set(variables(self.rule.body))


def needed(rule: Rule) -> dict[str, None]:
    """Return the variables that the head and the conditions need: all of a rule that names a clash."""
    groups: list[Absence | Many] = [*rule.absent, *rule.many]
    atoms = [*(rule.head or rule.body), *(atom for group in groups for atom in group.atoms)]
    asked = (name for group in groups for one in group.filters for name in one.names)
    return dict.fromkeys((*variables(atoms), *asked, *(name for name, _ in rule.apart)))


class Evaluation:
    """Evaluates rules over facts in a world where some terms are the same."""

    def __init__(self, terms: Terms, identities: Identities, rows: int) -> None:
        self.terms, self.identities, self.rows = terms, identities, rows
        self.verdicts: dict[Filter, Verdicts] = {}
        self.known: dict[Pattern, Pattern] = {}
        self.disjoint: dict[int, set[int]] = {}
        self.texts: dict[str, int] = {}
        self.type, self.different = self.number(TYPE), self.number(DIFFERENT)
        self.numbered, self.list = self.number(NUMBERED), self.number(LIST)

    def copy(self, identities: Identities) -> Evaluation:
        """Return an evaluation for a world in which other terms may be the same."""
        found = Evaluation.__new__(Evaluation)
        verdicts = {one: dict(known) for one, known in self.verdicts.items()}
        own = {"identities": identities, "verdicts": verdicts, "known": dict(self.known)}
        found.__dict__ |= self.__dict__ | own
        return found

    # Numbers

    def number(self, text: str) -> int:
        """Return the number of a term by its text."""
        found = self.texts.get(text)
        if found is None:
            found = self.texts[text] = self.terms.number(node_of(text))
        return found

    def prepare(self, rule: Rule) -> Prepared:
        """Put numbers for the terms of a rule."""

        def patterns(atoms: Iterable[Atom]) -> list[Pattern]:
            terms = ([t if t.startswith("?") else self.number(t) for t in atom] for atom in atoms)
            return [(one, name, other) for one, name, other in terms]

        return Prepared(
            rule,
            patterns(rule.head),
            patterns(rule.body),
            [patterns(group.atoms) for group in rule.absent],
            [patterns(many.atoms) for many in rule.many],
            [(name, [self.number(member) for member in members]) for name, members in rule.apart],
            list(needed(rule)),
        )

    def current(self, pattern: Pattern) -> Pattern:
        """Put those that stand for terms in a pattern."""
        found = self.known.get(pattern)
        if found is None:
            first = self.identities.first
            subject, predicate, thing = (
                term if isinstance(term, str) else int(first[term]) for term in pattern
            )
            found = self.known[pattern] = subject, predicate, thing
        return found

    def forget(self) -> None:
        """Forget what was found out about terms, as others are the same now."""
        self.verdicts.clear()
        self.known.clear()

    # Bodies

    def solve(
        self,
        found: Prepared,
        facts: Facts,
        start: Solutions | None = None,
        at: tuple[int, Facts] | None = None,
        *,
        broad: bool = False,
    ) -> Solutions:
        """Match a body from ``start``, with one pattern ``at`` a place in other facts; ``broad`` leaves conditions out.

        Broad solutions are those that a rule may have had: of what two terms that are one now were when they were two,
        and of what was absent or many then, nothing is known any more.
        """
        check = self.limit(found.rule)
        patterns, filters = list(found.body), list(found.rule.filters)
        if broad:
            filters = [one for one in filters if one.test not in (unequal, individuals_unequal)]
        solutions = start or Solutions()
        if at is not None:
            solutions = at[1].extend(solutions, self.current(patterns.pop(at[0])), check)
        solutions = self.join(facts, patterns, solutions, filters, check, needed=found.needed)
        if broad or not solutions.size:
            return solutions
        for group, absence in zip(found.absent, found.rule.absent, strict=True):
            matched = self.join(facts, group, numbered(solutions), absence.filters, check)
            kept = np.ones(solutions.size, dtype=bool)
            kept[matched.columns[ROW]] = False
            solutions = solutions.take(kept)
        for place in range(len(found.many)):
            solutions = solutions.distinct(found.needed)
            solutions = self.counted(found, place, facts, solutions, check)
        for name, members in found.apart:
            solutions = solutions.take(self.differs_from_all(facts, solutions, name, members))
        return solutions

    def limit(self, rule: Rule) -> Check:
        """Make the check that stops a rule with its name when it matches too much."""

        def check(number: int) -> None:
            if number > self.rows:
                detail = f"Rule {rule.name} makes more than {self.rows} triples in a round."
                raise LimitExceeded(detail, rule=rule.name, limit="triples")

        return check

    def join(  # noqa: PLR0913 (what to match, where, and what is wanted of it)
        self,
        facts: Facts,
        patterns: Sequence[Pattern],
        solutions: Solutions,
        filters: Sequence[Filter],
        check: Check,
        *,
        needed: Iterable[str] | None = None,
    ) -> Solutions:
        """Join patterns, the next one always that which costs least, and filter as soon as can be.

        ``needed`` are the variables that somebody wants afterwards: others go when no pattern is left that has them.
        """
        rest, open_ = list(map(self.current, patterns)), list(filters)
        while solutions.size:
            for one in [one for one in open_ if solutions.columns.keys() >= set(one.names)]:
                open_.remove(one)
                solutions = solutions.take(self.test(one, solutions))
            if not rest:
                return solutions
            if needed is not None:
                wanted = {*needed, *(term for one in rest for term in one)}
                wanted.update(name for one in open_ for name in one.names)
                solutions = solutions.project(wanted)
            known = solutions.columns
            best = min(rest, key=lambda one: facts.estimate(one, known)) if rest[1:] else rest[0]
            rest.remove(best)
            if partner := facts.partner(solutions, best, rest):
                rest.remove(partner)
                solutions = facts.extend_by_both(solutions, best, partner, check)
            else:
                solutions = facts.extend(solutions, best, check)
        return Solutions.none(solutions.columns, *rest)

    # Filters

    def test(self, found: Filter, solutions: Solutions) -> Mask:
        """Tell which solutions a filter lets pass."""
        columns = [solutions.columns[name] for name in found.names]
        if found.test not in (unequal, individuals_unequal):
            return self.verdict(found, columns)
        one, other = columns
        literal = self.identities.literal
        values = (literal[one] >= 0) & (literal[other] >= 0) & (one != other)
        mask = np.asarray((one != other) & ~values)
        if found.test is unequal and values.any():
            mask[values] = self.verdict(found, [column[values] for column in columns])
        return mask

    def verdict(self, found: Filter, columns: Sequence[Columns]) -> Mask:
        """Ask of each combination of values once."""
        if not columns:
            return np.full(1, True)
        places, rows = combinations(columns)
        asked = list(zip(*(column[places].tolist() for column in columns), strict=True))
        known = self.verdicts.setdefault(found, {})
        new = [one for one in asked if one not in known]
        if found.test:  # a literal speaks for whatever is the same as it
            known |= {one: found.test(*map(self.spoken, one)) for one in new}
        else:
            known |= self.by_sparql(found, new)
        return np.array([known[one] for one in asked], dtype=bool)[rows]

    def spoken(self, term: int) -> Node:
        """Return a term, or a literal that is the same."""
        literal = int(self.identities.literal[term])
        return self.terms.nodes[literal if literal >= 0 else term]

    def by_sparql(self, found: Filter, combinations: Sequence[tuple[int, ...]]) -> Verdicts:
        """Ask the engine about an expression, for all combinations in one query, which has no text from the data."""
        store, default = Store(), DefaultGraph()
        rows = [NamedNode(f"urn:row:{number}") for number in range(len(combinations))]
        places = {name: NamedNode(f"urn:place:{name[1:]}") for name in found.names}
        store.extend(
            Quad(row, place, self.terms.nodes[term], default)
            for row, one in zip(rows, combinations, strict=True)
            for place, term in zip(places.values(), one, strict=True)
        )
        patterns = " ".join(f"?row {place} {name} ." for name, place in places.items())
        answer = store.query(f"SELECT ?row WHERE {{ {patterns} FILTER({found.text}) }}")
        assert isinstance(answer, QuerySolutions)
        passed = {solution["row"] for solution in answer}
        return {one: row in passed for row, one in zip(rows, combinations, strict=True)}

    # Counting

    def counted(
        self, found: Prepared, place: int, facts: Facts, solutions: Solutions, check: Check
    ) -> Solutions:
        """Return the solutions under which patterns match for enough values that differ."""
        many = found.rule.many[place]
        matched = self.join(facts, found.many[place], numbered(solutions), many.filters, check)
        pairs = matched.distinct([ROW, many.value])
        kept = np.zeros(solutions.size, dtype=bool)
        rows, counts = np.unique(pairs.columns[ROW], return_counts=True)
        for row in rows[counts >= many.number]:
            values = pairs.columns[many.value][pairs.columns[ROW] == row]
            kept[row] = clique_of(self.apart(facts, values, values), many.number)
        return solutions.take(kept)

    def differs_from_all(
        self, facts: Facts, solutions: Solutions, name: str, members: Sequence[int]
    ) -> Mask:
        """Tell whose value is known to differ from each of some terms."""
        listed = np.unique(self.identities.first[np.asarray(members, dtype=np.int64)])
        values, back = np.unique(solutions.columns[name], return_inverse=True)
        apart = np.all(self.apart(facts, values, listed), axis=1)
        return np.asarray(np.atleast_1d(apart)[back])

    def apart(self, facts: Facts, ones: Columns, others: Columns) -> Matrix:
        """Tell which of some terms are known to differ from others: stated, listed, by value or by disjoint classes."""
        terms, back = np.unique(np.concatenate([ones, others]), return_inverse=True)
        pairs = pack(terms[:, None], terms[None, :])
        found = facts.contains(self.different, pairs.reshape(-1)).reshape(pairs.shape)
        for labels in self.labels(facts, terms):
            found |= (labels[:, None] != labels) & (labels[:, None] >= 0) & (labels >= 0)
        types = [follow(facts, term, self.type) for term in terms.tolist()]
        present = set[int]().union(*types)
        for kind in present & self.disjoint.keys():
            rivals = self.disjoint[kind] & present
            has, has_rival = (
                np.array([not kinds.isdisjoint(some) for some in types])
                for kinds in ({kind}, rivals)
            )
            found |= has[:, None] & has_rival
        np.fill_diagonal(found, False)
        return np.asarray(found[back[: len(ones), None], back[len(ones) :]])

    def labels(self, facts: Facts, terms: Columns) -> Iterable[Columns]:
        """Return by literal value, and by each list of which all differ, numbers of terms; those of others differ."""
        found, values = (
            defaultdict[int, Columns](lambda: np.full(len(terms), -1)),
            dict[Value, int](),
        )
        for place, term in enumerate(terms.tolist()):
            literal = self.spoken(term)
            value = value_of(literal) if isinstance(literal, Literal) else None
            if value:
                found[-1][place] = values.setdefault(value, len(values))
            for listed in follow(facts, term, self.numbered):
                for group in follow(facts, listed, self.list):
                    found[group][place] = listed
        return found.values()


def numbered(solutions: Solutions) -> Solutions:
    """Give solutions numbers."""
    rows = np.arange(solutions.size, dtype=np.int64)
    return Solutions({**solutions.columns, ROW: rows}, solutions.size)


def follow(facts: Facts, term: int, predicate: int) -> set[int]:
    """Return what a term is related to."""
    return set(expand(facts.pairs(predicate), np.array([term]))[1].tolist())


def clique_of(apart: Matrix, number: int) -> bool:
    """Tell whether so many things differ, each from each: at once where all do, else by a search that is bounded."""
    left = np.ones(len(apart), dtype=bool)
    while True:
        degrees = (apart & left[None, :] & left[:, None]).sum(axis=1)
        weak = left & (degrees < number - 1)
        if not weak.any():
            break
        left &= ~weak
    if left.sum() < number:
        return False
    if (degrees[left] == left.sum() - 1).all():
        return True
    around = [set(np.nonzero(row & left)[0].tolist()) for row in apart]
    steps = iter(range(SEARCHED))
    return any(grow(around, around[one], number - 1, steps) for one in np.nonzero(left)[0].tolist())


def grow(
    around: Sequence[set[int]], candidates: set[int], number: int, steps: Iterator[int]
) -> bool:
    """Tell whether so many of the candidates differ each from each."""
    if number <= 0:
        return True
    if len(candidates) < number or next(steps, None) is None:
        return False
    return any(
        grow(around, candidates & around[one] & set(range(one)), number - 1, steps)
        for one in sorted(candidates)
    )
