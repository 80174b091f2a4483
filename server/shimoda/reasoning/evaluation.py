"""One rule over facts: what matches its body, under all its conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QuerySolutions,
    Store,
)

from shimoda.errors import LimitExceeded
from shimoda.reasoning.compiler import DIFFERENT, LIST, NUMBERED, individuals_unequal
from shimoda.reasoning.facts import Columns, Facts, Pattern, Solutions, expand, pack
from shimoda.reasoning.rules import TYPE, Atom, Filter, Rule, node_of, unequal, variables
from shimoda.reasoning.stores import Node
from shimoda.reasoning.terms import Identities, Terms
from shimoda.reasoning.values import differ

__all__ = ["Evaluation", "Prepared"]

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
Traits = tuple[Node, set[int], set[tuple[int, int]]]
ROW = "?#"
SEARCHED = 20_000
"""How many steps the search for values that all differ may take, where some are not known to."""


@dataclass(slots=True, eq=False)
class Prepared:
    """A rule with numbers for its terms, as they stand for what is the same."""

    rule: Rule
    head: list[Pattern]
    body: list[Pattern]
    absent: list[list[Pattern]]
    many: list[list[Pattern]]
    apart: list[tuple[str, list[int]]]

    @property
    def names(self) -> list[str]:
        """The variables of the head."""
        return list(
            dict.fromkeys(
                term for pattern in self.head for term in pattern if isinstance(term, str)
            )
        )

    def patterns(self) -> list[Pattern]:
        """Return every pattern of it."""
        inner = [pattern for group in (*self.absent, *self.many) for pattern in group]
        return [*self.head, *self.body, *inner]


class Evaluation:
    """Evaluates rules over facts in a world where some terms are the same."""

    def __init__(self, terms: Terms, identities: Identities, rows: int) -> None:
        self.terms, self.identities, self.rows = terms, identities, rows
        self.verdicts: dict[Filter, dict[tuple[int, ...], bool]] = {}
        self.disjoint: dict[int, set[int]] = {}
        self.type, self.different = terms.number(node_of(TYPE)), terms.number(node_of(DIFFERENT))
        self.numbered, self.list = terms.number(node_of(NUMBERED)), terms.number(node_of(LIST))
        self.texts: dict[str, int] = {}

    # Numbers

    def number(self, text: str) -> int:
        """Return the number of a term by its text."""
        found = self.texts.get(text)
        if found is None:
            found = self.texts[text] = self.terms.number(node_of(text))
        return found

    def prepare(self, rule: Rule) -> Prepared:
        """Put numbers for the terms of a rule."""

        def pattern(atom: Atom) -> Pattern:
            subject, predicate, thing = (
                term if term.startswith("?") else self.number(term) for term in atom
            )
            return subject, predicate, thing

        return Prepared(
            rule,
            [pattern(atom) for atom in rule.head],
            [pattern(atom) for atom in rule.body],
            [[pattern(atom) for atom in group.atoms] for group in rule.absent],
            [[pattern(atom) for atom in many.atoms] for many in rule.many],
            [(name, [self.number(member) for member in members]) for name, members in rule.apart],
        )

    def current(self, pattern: Pattern) -> Pattern:
        """Put those that stand for terms in a pattern."""
        first = self.identities.first
        subject, predicate, thing = (
            int(first[term]) if isinstance(term, int) else term for term in pattern
        )
        return subject, predicate, thing

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
        patterns = [self.current(pattern) for pattern in found.body]
        filters = [
            one
            for one in found.rule.filters
            if not broad or one.test not in (unequal, individuals_unequal)
        ]
        solutions = start or Solutions()
        if at is not None:
            solutions = at[1].extend(solutions, patterns.pop(at[0]), check)
        solutions = self.join(facts, patterns, solutions, filters, check)
        if broad or not solutions.size:
            return solutions
        for group, absence in zip(found.absent, found.rule.absent, strict=True):
            solutions = self.without(facts, solutions, group, absence.filters, check)
        for place in range(len(found.many)):
            solutions = self.counted(
                found, place, facts, solutions.distinct(self.needed(found)), check
            )
        for name, members in found.apart:
            solutions = solutions.take(self.differs_from_all(facts, solutions, name, members))
        return solutions

    def needed(self, found: Prepared) -> list[str]:
        """Return the variables that a head and its conditions need."""
        inner = [
            term
            for group in found.many
            for pattern in group
            for term in pattern
            if isinstance(term, str)
        ]
        kept = found.names or list(dict.fromkeys(variables(found.rule.body)))
        return list(dict.fromkeys([*kept, *inner, *(name for name, _ in found.apart)]))

    def limit(self, rule: Rule) -> Callable[[int], None]:
        """Make the check that stops a rule with its name when it matches too much."""

        def check(number: int) -> None:
            if number > self.rows:
                detail = f"Rule {rule.name} makes more than {self.rows} triples in a round."
                raise LimitExceeded(detail, rule=rule.name, limit="triples")

        return check

    def join(
        self,
        facts: Facts,
        patterns: Sequence[Pattern],
        solutions: Solutions,
        filters: Sequence[Filter],
        check: Callable[[int], None],
    ) -> Solutions:
        """Join patterns, the next one always that which costs least, and filter as soon as can be."""
        rest, open_ = list(patterns), list(filters)
        while True:
            ready = [one for one in open_ if solutions.columns.keys() >= set(one.names)]
            for one in ready if solutions.size else ():
                open_.remove(one)
                solutions = solutions.take(self.test(one, solutions))
            if not rest or not solutions.size:
                return solutions if not rest else nothing(solutions, rest)
            best = (
                min(rest, key=lambda pattern: facts.estimate(pattern, solutions.columns))
                if rest[1:]
                else rest[0]
            )
            rest.remove(best)
            solutions = facts.extend(solutions, best, check)

    def without(
        self,
        facts: Facts,
        solutions: Solutions,
        group: Sequence[Pattern],
        filters: Sequence[Filter],
        check: Callable[[int], None],
    ) -> Solutions:
        """Return the solutions under which a group of patterns matches nothing."""
        inner = self.rowed(solutions)
        matched = self.join(
            facts, [self.current(pattern) for pattern in group], inner, filters, check
        )
        kept = np.ones(solutions.size, dtype=bool)
        if matched.size:
            kept[matched.columns[ROW]] = False
        return solutions.take(kept)

    def rowed(self, solutions: Solutions) -> Solutions:
        """Give solutions numbers."""
        return Solutions(
            solutions.columns | {ROW: np.arange(solutions.size, dtype=np.int64)}, solutions.size
        )

    # Filters

    def test(self, found: Filter, solutions: Solutions) -> Mask:
        """Tell which solutions a filter lets pass."""
        columns = [solutions.columns[name] for name in found.names]
        literal = self.identities.literal
        if found.test in (unequal, individuals_unequal):
            one, other = columns
            both = (literal[one] >= 0) & (literal[other] >= 0) & (one != other)
            if found.test is individuals_unequal:
                return np.asarray((one != other) & ~both)
            mask = (one != other) & ~both
            if both.any():
                mask[both] = self.verdict(found, [column[both] for column in columns])
            return np.asarray(mask)
        return self.verdict(found, columns)

    def verdict(self, found: Filter, columns: Sequence[Columns]) -> Mask:
        """Ask of each combination of values once."""
        if not columns:
            return np.full(1, True)
        combined, back = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        combinations = [tuple(row) for row in combined.tolist()]
        known = self.verdicts.setdefault(found, {})
        new = [one for one in combinations if one not in known]
        known |= self.by_test(found, new) if found.test else self.by_sparql(found, new)
        return np.fromiter(
            (known[one] for one in combinations), dtype=bool, count=len(combinations)
        )[back.reshape(-1)]

    def by_test(
        self, found: Filter, combinations: Iterable[tuple[int, ...]]
    ) -> dict[tuple[int, ...], bool]:
        """Ask a test about terms; a literal speaks for whatever is the same as it."""
        assert found.test is not None
        return {one: found.test(*map(self.spoken, one)) for one in combinations}

    def spoken(self, term: int) -> Node:
        """Return a term, or a literal that is the same."""
        literal = int(self.identities.literal[term])
        return self.terms.nodes[literal if literal >= 0 else term]

    def by_sparql(
        self, found: Filter, combinations: Sequence[tuple[int, ...]]
    ) -> dict[tuple[int, ...], bool]:
        """Ask the engine about an expression, for all combinations in one query, which has no text from the data."""
        store = Store()
        rows = [NamedNode(f"urn:row:{number}") for number in range(len(combinations))]
        places = [NamedNode(f"urn:place:{place}") for place in range(len(found.names))]
        store.extend(
            Quad(row, place, self.terms.nodes[term], DefaultGraph())
            for row, one in zip(rows, combinations, strict=True)
            for place, term in zip(places, one, strict=True)
        )
        patterns = " ".join(
            f"?row {one} {name} ." for one, name in zip(places, found.names, strict=True)
        )
        answer = store.query(f"SELECT ?row WHERE {{ {patterns} FILTER({found.text}) }}")
        assert isinstance(answer, QuerySolutions)
        passed = {solution["row"] for solution in answer}
        return {one: row in passed for row, one in zip(rows, combinations, strict=True)}

    # Counting

    def counted(
        self,
        found: Prepared,
        place: int,
        facts: Facts,
        solutions: Solutions,
        check: Callable[[int], None],
    ) -> Solutions:
        """Return the solutions under which patterns match for enough values that differ."""
        many = found.rule.many[place]
        patterns = [self.current(pattern) for pattern in found.many[place]]
        matched = self.join(facts, patterns, self.rowed(solutions), many.filters, check)
        pairs = matched.distinct([ROW, many.value])
        if not pairs.size:
            return solutions.take(np.zeros(solutions.size, dtype=bool))
        rows, counts = np.unique(pairs.columns[ROW], return_counts=True)
        kept = np.zeros(solutions.size, dtype=bool)
        for row in rows[counts >= many.number]:
            values = pairs.columns[many.value][pairs.columns[ROW] == row]
            kept[row] = clique_of(self.apart(facts, values), many.number)
        return solutions.take(kept)

    def differs_from_all(
        self, facts: Facts, solutions: Solutions, name: str, members: Sequence[int]
    ) -> Mask:
        """Tell whose value is known to differ from each of some terms."""
        listed = np.unique(self.identities.first[np.asarray(members, dtype=np.int64)])
        verdicts = {
            one: bool(self.apart(facts, np.append(listed[listed != one], one))[-1, :-1].all())
            and one not in listed
            for one in np.unique(solutions.columns[name]).tolist()
        }
        return np.fromiter(
            (verdicts[one] for one in solutions.columns[name].tolist()),
            dtype=bool,
            count=solutions.size,
        )

    def apart(self, facts: Facts, values: Columns) -> Matrix:
        """Tell which of some terms are known to differ: stated, listed, of other values or of disjoint classes."""
        pairs = pack(values[:, None], values[None, :])
        found = facts.contains(self.different, pairs.reshape(-1)).reshape(pairs.shape)
        known = [self.traits(facts, int(value)) for value in values]
        for one, other in zip(*np.nonzero(np.triu(~found, 1)), strict=True):
            found[one, other] = found[other, one] = self.are_apart(known[one], known[other])
        np.fill_diagonal(found, False)
        return np.asarray(found).reshape(len(values), len(values))

    def traits(self, facts: Facts, term: int) -> Traits:
        """Return what tells a term from others: its value, its classes, and its places in lists of which all differ."""
        kinds, places = (
            self.follow(facts, term, predicate) for predicate in (self.type, self.numbered)
        )
        lists = {(one, place) for place in places for one in self.follow(facts, place, self.list)}
        return self.spoken(term), kinds, lists

    def follow(self, facts: Facts, term: int, predicate: int) -> set[int]:
        """Return what a term is related to."""
        table = facts.tables.get(predicate)
        return set() if table is None else set(expand(table.forward, np.array([term]))[1].tolist())

    def are_apart(self, one: Traits, other: Traits) -> bool:
        """Tell whether two terms have different values or places in one list, or are in disjoint classes."""
        if differ(one[0], other[0]) or any(
            a == c and b != d for a, b in one[2] for c, d in other[2]
        ):
            return True
        return any(not other[1].isdisjoint(self.disjoint.get(kind, ())) for kind in one[1])


def nothing(solutions: Solutions, patterns: Iterable[Pattern]) -> Solutions:
    """Return no solution, with every variable."""
    names = [
        *solutions.columns,
        *(term for pattern in patterns for term in pattern if isinstance(term, str)),
    ]
    return Solutions(dict.fromkeys(names, np.empty(0, dtype=np.int64)), 0)


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
