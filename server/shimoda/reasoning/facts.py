"""Triples as sorted arrays of numbers, and how patterns are joined over them.

Each predicate has a table: its pairs of subject and object, each pair one number of 64 bits, in the order of the
subjects, and once they are asked for in the order of the objects too. Arrays are never changed in place, so that a
copy of all facts costs next to nothing. A join looks a whole column up at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # no linear algebra here, and threads would forbid a fork

import numpy as np

__all__ = [
    "EMPTY",
    "HALF",
    "MASK",
    "Columns",
    "Facts",
    "Pattern",
    "Solutions",
    "Table",
    "common",
    "differ",
    "distinct",
    "joined",
    "pack",
    "unpack",
    "without",
]

Columns = np.ndarray[tuple[int], np.dtype[np.int64]]
"""A column of terms by number, or of pairs of them."""
Pattern = tuple[int | str, int | str, int | str]
"""A triple pattern: numbers of terms, and names of variables."""
HALF, MASK = 32, (1 << 32) - 1
EMPTY: Columns = np.empty(0, dtype=np.int64)


def pack(one: Columns | int, other: Columns | int) -> Columns:
    """Make pairs."""
    return np.asarray((np.asarray(one, dtype=np.int64) << HALF) | other)


def unpack(pairs: Columns) -> tuple[Columns, Columns]:
    """Take pairs apart."""
    return pairs >> HALF, pairs & MASK


def turn(pairs: Columns) -> Columns:
    """Exchange the two sides of pairs, and sort."""
    return np.sort((pairs >> HALF) | ((pairs & MASK) << HALF))


def distinct(pairs: Columns) -> Columns:
    """Sort a column, and keep each number once."""
    pairs = np.sort(pairs)
    return pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) > 1 else pairs


def is_in(pairs: Columns, known: Columns) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell of each pair whether it is in a sorted column."""
    if not len(known):
        return np.zeros(len(pairs), dtype=bool)
    places = np.searchsorted(known, pairs)
    return np.asarray(known[np.minimum(places, len(known) - 1)] == pairs)


def merged(known: Columns, new: Columns) -> Columns:
    """Put a sorted column into another; the two have nothing in common."""
    if len(new) * 8 > len(known):
        return np.sort(np.concatenate([known, new]), kind="stable")
    return np.insert(known, np.searchsorted(known, new), new)


class Table:
    """The pairs of one predicate."""

    __slots__ = ("_backward", "_fan", "forward")

    def __init__(self, forward: Columns = EMPTY, backward: Columns | None = None) -> None:
        self.forward = forward
        self._backward = backward
        self._fan: dict[bool, float] = {}

    @property
    def backward(self) -> Columns:
        """The pairs in the order of the objects, which stand first in them."""
        if self._backward is None:
            self._backward = turn(self.forward)
        return self._backward

    def __len__(self) -> int:
        return len(self.forward)

    def fan(self, *, back: bool) -> float:
        """Return how many objects a subject has, or with ``back`` how many subjects an object, on the average."""
        if back not in self._fan:
            firsts = (self.backward if back else self.forward) >> HALF
            self._fan[back] = len(firsts) / (1 + np.count_nonzero(firsts[1:] != firsts[:-1]))
        return self._fan[back]

    def plus(self, new: Columns) -> Table:
        """Return a table with new pairs, which are sorted and not in this one."""
        backward = None if self._backward is None else merged(self._backward, turn(new))
        return self.changed(merged(self.forward, new), backward)

    def minus(self, gone: Columns) -> Table:
        """Return a table without some of its pairs, which are sorted."""
        backward = self._backward
        if backward is not None:
            backward = np.delete(backward, np.searchsorted(backward, turn(gone)))
        return self.changed(np.delete(self.forward, np.searchsorted(self.forward, gone)), backward)

    def changed(self, forward: Columns, backward: Columns | None) -> Table:
        """Return a table of other pairs; where these are few, its averages stay."""
        table = Table(forward, backward)
        if abs(len(forward) - len(self)) * 8 < len(self):
            table._fan = self._fan
        return table


@dataclass(slots=True)
class Solutions:
    """Values for variables, a column each; without a variable there is one solution or none."""

    columns: dict[str, Columns] = field(default_factory=dict)
    size: int = 1

    def take(self, index: Columns | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Solutions:
        """Return some of the solutions, by place or by mask."""
        size = int(np.count_nonzero(index)) if index.dtype == bool else len(index)
        return Solutions({name: column[index] for name, column in self.columns.items()}, size)

    def distinct(self, names: Iterable[str]) -> Solutions:
        """Return the different values of some variables."""
        kept = [name for name in names if name in self.columns]
        if not kept:
            return Solutions({}, min(self.size, 1))
        order = np.lexsort([self.columns[name] for name in kept])
        columns = [self.columns[name][order] for name in kept]
        new = np.ones(len(order), dtype=bool)
        if len(order):
            new[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
        return Solutions(
            {name: column[new] for name, column in zip(kept, columns, strict=True)}, int(new.sum())
        )


class Facts:
    """A set of triples, by predicate."""

    def __init__(self, tables: Mapping[int, Table] | None = None) -> None:
        self.tables = dict(tables or {})

    @classmethod
    def of(cls, columns: Mapping[int, list[int]]) -> Facts:
        """Make facts of pairs by predicate."""
        return cls(
            {
                name: Table(distinct(np.array(pairs, dtype=np.int64)))
                for name, pairs in columns.items()
            }
        )

    def __len__(self) -> int:
        return sum(map(len, self.tables.values()))

    def __bool__(self) -> bool:
        return any(map(len, self.tables.values()))

    def copy(self) -> Facts:
        """Return a copy; the columns are shared, as nobody changes them."""
        return Facts(self.tables)

    def pairs(self, predicate: int) -> Columns:
        """Return the pairs of a predicate."""
        table = self.tables.get(predicate)
        return EMPTY if table is None else table.forward

    def rows(self) -> Iterator[tuple[int, Columns]]:
        """Yield predicates with their pairs."""
        return (
            (predicate, table.forward)
            for predicate, table in list(self.tables.items())
            if len(table)
        )

    def contains(
        self, predicate: int, pairs: Columns
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell of each pair whether it is there."""
        return is_in(pairs, self.pairs(predicate))

    def add(self, predicate: int, pairs: Columns) -> Columns:
        """Add pairs, and return those that are new, sorted."""
        pairs = distinct(pairs)
        new = pairs[~self.contains(predicate, pairs)] if predicate in self.tables else pairs
        if len(new):
            self.tables[predicate] = self.tables.get(predicate, Table()).plus(new)
        return new

    def remove(self, predicate: int, pairs: Columns) -> Columns:
        """Remove pairs, and return those that were there, sorted."""
        pairs = distinct(pairs)
        gone = pairs[self.contains(predicate, pairs)]
        if len(gone):
            self.tables[predicate] = self.tables[predicate].minus(gone)
        return gone

    def mentioning(self, terms: Columns) -> Facts:
        """Return the triples with one of some terms (sorted) as subject, object or predicate."""
        found, wanted = Facts(), set(terms.tolist())
        for predicate, table in self.tables.items():
            if predicate in wanted:
                found.add(predicate, table.forward)
                continue
            first, things = expand(table.forward, terms)
            index, subjects = expand(table.backward, terms)
            if len(subjects) or len(things):
                found.add(
                    predicate,
                    np.concatenate([pack(terms[first], things), pack(subjects, terms[index])]),
                )
        return found

    # Joins

    def estimate(self, pattern: Pattern, known: Iterable[str]) -> tuple[int, float]:
        """Guess what matching a pattern costs: whether it is apart from what is known, and its number of matches."""
        subject, predicate, thing = pattern
        known = set(known)
        if isinstance(predicate, str):
            return 2, float(len(self))
        table = self.tables.get(predicate)
        if table is None or not len(table):
            return 0, 0.0
        open_ = [isinstance(end, str) and end not in known for end in (subject, thing)]
        joined = any(isinstance(end, str) and end in known for end in (subject, thing))
        if all(open_):
            return 1, float(len(table))
        if not any(open_):
            return 0, 0.0
        if joined:
            return 0, table.fan(back=open_[0])
        fixed, column = (thing, table.backward) if open_[0] else (subject, table.forward)
        assert isinstance(fixed, int)
        return 1, float(count_of(column, fixed))

    def extend(  # noqa: PLR0911 (one way to look up for each form of a pattern)
        self, solutions: Solutions, pattern: Pattern, check: Callable[[int], None]
    ) -> Solutions:
        """Match a pattern under each of some solutions; ``check`` hears how many there will be."""
        subject, predicate, thing = (
            solutions.columns.get(term, term) if isinstance(term, str) else term for term in pattern
        )
        if not isinstance(predicate, int):
            return self.extend_open(solutions, pattern, check)
        table = self.tables.get(predicate)
        if table is None or not len(table) or not solutions.size:
            names = [*solutions.columns, *(term for term in pattern if isinstance(term, str))]
            return Solutions(dict.fromkeys(names, EMPTY), 0)
        if isinstance(subject, str) and isinstance(thing, str):
            check(len(table) * solutions.size)
            index = np.repeat(np.arange(solutions.size), len(table))
            found = solutions.take(index) if solutions.columns else Solutions({}, len(index))
            one, other = unpack(np.tile(table.forward, solutions.size))
            if subject == thing:
                found.columns[subject] = one
                return found.take(one == other)
            found.columns |= {subject: one, thing: other}
            return found
        if isinstance(subject, str) or isinstance(thing, str):
            given, wanted = (thing, subject) if isinstance(subject, str) else (subject, thing)
            column = table.backward if isinstance(subject, str) else table.forward
            if isinstance(given, int):
                start, end = np.searchsorted(column, [given << HALF, (given + 1) << HALF])
                values = column[start:end] & MASK
                check(len(values) * solutions.size)
                index = np.repeat(np.arange(solutions.size), len(values))
                values = np.tile(values, solutions.size)
            else:
                assert not isinstance(given, str)
                index, values = expand(column, given, check)
            found = solutions.take(index)
            found.columns[str(wanted)] = values
            return found
        pairs = pack(subject, thing)
        if pairs.ndim == 0:
            present = bool(is_in(pairs.reshape(1), table.forward)[0])
            return solutions if present else solutions.take(EMPTY)
        return solutions.take(is_in(pairs, table.forward))

    def extend_open(
        self, solutions: Solutions, pattern: Pattern, check: Callable[[int], None]
    ) -> Solutions:
        """Match a pattern whose predicate is a variable."""
        subject, name, thing = pattern
        assert isinstance(name, str)
        parts: list[Solutions] = []
        for predicate in self.tables:
            if name in solutions.columns:
                some = solutions.take(solutions.columns[name] == predicate)
            else:
                some = Solutions(dict(solutions.columns), solutions.size)
            if some.size:
                found = self.extend(some, (subject, predicate, thing), check)
                found = Solutions(dict(found.columns), found.size)
                found.columns[name] = np.full(found.size, predicate, dtype=np.int64)
                parts.append(found)
        names = [*solutions.columns, *(term for term in pattern if isinstance(term, str))]
        columns = {
            one: np.concatenate([EMPTY, *(part.columns[one] for part in parts)]) for one in names
        }
        return Solutions(columns, sum(part.size for part in parts))


def count_of(column: Columns, first: int) -> int:
    """Count the pairs that begin with a term."""
    start, end = np.searchsorted(column, [first << HALF, (first + 1) << HALF])
    return int(end - start)


def expand(
    column: Columns, given: Columns, check: Callable[[int], None] = lambda _: None
) -> tuple[Columns, Columns]:
    """Look terms up in a sorted column of pairs: for each match the place of the term, and the other side."""
    start = np.searchsorted(column, given << HALF)
    counts = np.searchsorted(column, (given + 1) << HALF) - start
    total = int(counts.sum())
    check(total)
    index = np.repeat(np.arange(len(given)), counts)
    places = np.arange(total) - np.repeat(np.cumsum(counts) - counts - start, counts)
    return index, column[places] & MASK


def joined(*parts: Facts) -> Facts:
    """Return all of several sets of facts."""
    found = Facts()
    for part in parts:
        for predicate, table in part.tables.items():
            if predicate in found.tables:
                if found.tables[predicate] is not table:
                    found.add(predicate, table.forward)
            elif len(table):
                found.tables[predicate] = table
    return found


def without(rows: Facts, others: Facts) -> Facts:
    """Return facts that others do not have."""
    found = Facts()
    for predicate, table in rows.tables.items():
        if predicate not in others.tables:
            found.tables[predicate] = table
        elif len(pairs := table.forward[~others.contains(predicate, table.forward)]):
            found.tables[predicate] = Table(pairs)
    return found


def common(rows: Facts, others: Facts) -> Facts:
    """Return facts that others have too."""
    found = Facts()
    for predicate, table in rows.tables.items():
        if len(pairs := table.forward[others.contains(predicate, table.forward)]):
            found.tables[predicate] = Table(pairs)
    return found


def differ(one: Facts, other: Facts) -> bool:
    """Tell whether two sets of facts are not the same."""
    return len(one) != len(other) or bool(without(one, other))
