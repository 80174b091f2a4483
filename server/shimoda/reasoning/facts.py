"""Triples as sorted arrays of numbers, and how patterns are joined over them.

Each predicate has a table: its pairs of subject and object, each pair one number of 64 bits, in the order of the
subjects, and once they are asked for in the order of the objects too. Arrays are never changed in place, so that a
copy of all facts costs next to nothing. A join looks a whole column up at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# no linear algebra here, and threads would forbid a fork
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

Columns = np.ndarray[tuple[int], np.dtype[np.int64]]
"""A column of terms by number, or of pairs of them."""
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Pattern = tuple[int | str, int | str, int | str]
"""A triple pattern: numbers of terms, and names of variables."""
Check = Callable[[int], None]
"""Hears how many matches there will be, and may raise."""
MANY = 1000
"""With fewer solutions it does not pay to think about how to join them."""
HALF, MASK = 32, (1 << 32) - 1
EMPTY: Columns = np.empty(0, dtype=np.int64)


def unchecked(_: int) -> None:
    """Let any number of matches pass."""


def pack(one: Columns | int, other: Columns | int) -> Columns:
    """Make pairs."""
    return np.asarray((np.asarray(one, dtype=np.int64) << HALF) | other)


def keys_of(columns: Iterable[Columns]) -> Columns:
    """Return a column as it is, or of two columns the pairs."""
    one, *others = columns
    return pack(one, *others) if others else one


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


def combinations(columns: Sequence[Columns]) -> tuple[Columns, Columns]:
    """Return where each combination of values stands first, in their order, and of each row which one it has."""
    keys, *rest = columns
    for place, column in enumerate(rest):  # after the first two, what is packed is a number again
        keys = pack(np.unique(keys, return_inverse=True)[1] if place else keys, column)
    _, places, rows = np.unique(keys, return_index=True, return_inverse=True)
    return places, rows


def is_in(pairs: Columns, known: Columns) -> Mask:
    """Tell of each pair whether it is in a sorted column."""
    if not len(known):
        return np.zeros(len(pairs), dtype=bool)
    return np.asarray(known.take(known.searchsorted(pairs), mode="clip") == pairs)


def merged(known: Columns, new: Columns) -> Columns:
    """Put a sorted column into another; the two have nothing in common."""
    if len(new) * 8 > len(known) or len(known) < MANY:
        return np.sort(np.concatenate([known, new]), kind="stable")
    return np.insert(known, known.searchsorted(new), new)


def span(column: Columns, first: int) -> tuple[int, int]:
    """Return where the pairs that begin with a term stand in a sorted column."""
    start, end = column.searchsorted([first << HALF, (first + 1) << HALF])
    return int(start), int(end)


def has_subject(column: Columns, subject: int) -> bool:
    """Tell whether a pair begins with a term."""
    start, end = span(column, subject)
    return start < end


def expand(
    column: Columns, given: Columns, check: Check = lambda _: None
) -> tuple[Columns, Columns]:
    """Look terms up in a sorted column of pairs: for each match the place of the term, and the other side."""
    start = column.searchsorted(given << HALF)
    index, places = spread(start, column.searchsorted((given + 1) << HALF) - start, check)
    return index, column[places] & MASK


def spread(start: Columns, counts: Columns, check: Check) -> tuple[Columns, Columns]:
    """Return, for ranges of places, of each place the number of its range, and the place."""
    total = int(counts.sum())
    check(total)
    index = np.repeat(np.arange(len(counts)), counts)
    return index, np.arange(total) - np.repeat(np.cumsum(counts) - counts - start, counts)


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
        """Return how many objects the subject of a pair has, or with ``back`` how many subjects its object.

        It is the average over the pairs: what has many is met as often, and must not surprise.
        """
        if back not in self._fan:
            firsts = (self.backward if back else self.forward) >> HALF
            starts = np.flatnonzero(np.diff(firsts, prepend=-1))
            counts = np.diff(starts, append=len(firsts))
            self._fan[back] = float(counts @ counts) / max(1, len(firsts))
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


@dataclass(slots=True, eq=False)
class Solutions:
    """Values for variables, a column each; without a variable there is one solution or none."""

    columns: dict[str, Columns] = field(default_factory=dict)
    size: int = 1

    @classmethod
    def none(cls, known: Iterable[str], *patterns: Pattern) -> Solutions:
        """Return no solution, with every variable that is known or stands in patterns."""
        names = [*known, *(term for one in patterns for term in one if isinstance(term, str))]
        return cls(dict.fromkeys(names, EMPTY), 0)

    def take(self, index: Columns | Mask) -> Solutions:
        """Return some of the solutions, by place or by mask."""
        size = int(np.count_nonzero(index)) if index.dtype == bool else len(index)
        return Solutions({name: column[index] for name, column in self.columns.items()}, size)

    def project(self, wanted: Collection[int | str]) -> Solutions:
        """Leave variables out that nobody wants, and of many solutions those that are the same then."""
        kept = {name: column for name, column in self.columns.items() if name in wanted}
        if len(kept) == len(self.columns) or self.size < MANY:
            return self
        return Solutions(kept, self.size).distinct(kept)

    def distinct(self, names: Iterable[str]) -> Solutions:
        """Return the different values of some variables."""
        kept = {name: self.columns[name] for name in names if name in self.columns}
        if not kept:
            return Solutions({}, min(self.size, 1))
        return Solutions(kept, self.size).take(combinations(list(kept.values()))[0])


class Facts:
    """A set of triples, by predicate."""

    def __init__(self, tables: Mapping[int, Table] | None = None) -> None:
        self.tables = dict(tables or {})

    @classmethod
    def of(cls, columns: Mapping[int, Sequence[int]]) -> Facts:
        """Make facts of pairs by predicate."""
        arrays = {name: np.array(pairs, dtype=np.int64) for name, pairs in columns.items()}
        return cls({name: Table(distinct(pairs)) for name, pairs in arrays.items()})

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
        tables = list(self.tables.items())
        return ((predicate, table.forward) for predicate, table in tables if len(table))

    def contains(self, predicate: int, pairs: Columns) -> Mask:
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

    def change(self, added: Facts, removed: Facts) -> None:
        """Remove facts, then add others."""
        for predicate, pairs in removed.rows():
            self.remove(predicate, pairs)
        for predicate, pairs in added.rows():
            self.add(predicate, pairs)

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
                pairs = [pack(terms[first], things), pack(subjects, terms[index])]
                found.add(predicate, np.concatenate(pairs))
        return found

    # Joins

    def estimate(self, pattern: Pattern, known: Iterable[str]) -> tuple[int, float]:
        """Guess what matching a pattern costs: whether it is apart from what is known, and its number of matches."""
        subject, predicate, thing = pattern
        if isinstance(predicate, str):
            return 2, float(len(self))
        table = self.tables.get(predicate)
        if table is None or not len(table):
            return 0, 0.0
        open_ = [isinstance(end, str) and end not in known for end in (subject, thing)]
        if all(open_):
            return 1, float(len(table))
        if not any(open_):
            return 0, 0.0
        fixed, column = (thing, table.backward) if open_[0] else (subject, table.forward)
        if isinstance(fixed, str):
            return 0, table.fan(back=open_[0])
        start, end = span(column, fixed)
        return 1, float(end - start)

    def partner(
        self, solutions: Solutions, pattern: Pattern, rest: Iterable[Pattern]
    ) -> Pattern | None:
        """Return the one of the other patterns to match together with this one, if both have fewer matches than this one alone.

        ``?state :discussedIn ?source`` has many matches for a source, and ``?state a :State`` few; many events have an
        agent, many are discussed in a source, and few have that agent and are discussed in that source.
        """
        known = solutions.columns
        back = pattern[2] in known
        given, predicate, new = pattern[::-1] if back else pattern
        if isinstance(given, int) or isinstance(predicate, str) or isinstance(new, int):
            return None
        table = self.tables.get(predicate)
        if not table or solutions.size < MANY or given not in known or new in known:
            return None
        fewest, found = solutions.size * table.fan(back=back), None
        for one in rest:
            linked = one[2] if one[0] == new else one[0]
            other = self.tables.get(one[1]) if isinstance(one[1], int) else None
            if not other or new not in one or not (isinstance(linked, int) or linked in known):
                continue
            pairs = self.estimate(one, ())[1]
            fewer = min(
                pairs * table.fan(back=not back), len(table) * other.fan(back=one[2] == new)
            )
            if fewer < fewest:
                fewest, found = fewer, one
        return found

    def extend_by_both(
        self, solutions: Solutions, pattern: Pattern, other: Pattern, check: Check
    ) -> Solutions:
        """Match two patterns that share a new variable, and have no other that is new."""
        first, second = sorted((pattern, other), key=lambda one: self.estimate(one, ()))
        found = self.extend(self.extend(Solutions(), first, check), second, check)
        (new,) = found.columns.keys() - solutions.columns.keys()
        shared = [name for name in found.columns if name != new]
        keys, wanted = (keys_of(one.columns[name] for name in shared) for one in (found, solutions))
        order = np.argsort(keys)
        keys = keys[order]
        start = keys.searchsorted(wanted)
        index, places = spread(start, keys.searchsorted(wanted, side="right") - start, check)
        both = solutions.take(index)
        both.columns[new] = found.columns[new][order[places]]
        return both

    def extend(  # noqa: PLR0911 (one way to look up for each form of a pattern)
        self, solutions: Solutions, pattern: Pattern, check: Check
    ) -> Solutions:
        """Match a pattern under each of some solutions; ``check`` hears how many there will be."""
        subject, predicate, thing = (
            solutions.columns.get(term, term) if isinstance(term, str) else term for term in pattern
        )
        if not isinstance(predicate, int):
            return self.extend_open(solutions, pattern, check)
        table = self.tables.get(predicate)
        if table is None or not len(table) or not solutions.size:
            return Solutions.none(solutions.columns, pattern)
        if isinstance(subject, str) and isinstance(thing, str):
            check(len(table) * solutions.size)
            found = solutions.take(np.repeat(np.arange(solutions.size), len(table)))
            one, other = unpack(np.tile(table.forward, solutions.size))
            found.columns |= {thing: other, subject: one}
            return found.take(one == other) if subject == thing else found
        if isinstance(subject, str):
            return look_up(solutions, table.backward, thing, subject, check)
        if isinstance(thing, str):
            return look_up(solutions, table.forward, subject, thing, check)
        present = is_in(np.atleast_1d(pack(subject, thing)), table.forward)
        if len(present) == solutions.size:
            return solutions.take(present)
        return solutions if present[0] else solutions.take(EMPTY)

    def extend_open(self, solutions: Solutions, pattern: Pattern, check: Check) -> Solutions:
        """Match a pattern whose predicate is a variable."""
        subject, name, thing = pattern
        assert isinstance(name, str)
        parts: list[Solutions] = []
        for predicate in self.tables:
            told = solutions.columns.get(name)
            some = solutions if told is None else solutions.take(told == predicate)
            if some.size:
                found = self.extend(some, (subject, predicate, thing), check)
                column = np.full(found.size, predicate, dtype=np.int64)
                parts.append(Solutions({**found.columns, name: column}, found.size))
        names = Solutions.none(solutions.columns, pattern).columns
        columns = {
            one: np.concatenate([EMPTY, *(part.columns[one] for part in parts)]) for one in names
        }
        return Solutions(columns, sum(part.size for part in parts))


def look_up(
    solutions: Solutions, column: Columns, given: Columns | int | str, wanted: str, check: Check
) -> Solutions:
    """Extend solutions by what a column has for a term, the same in all of them or another in each."""
    assert not isinstance(given, str)
    if isinstance(given, int):
        start, end = span(column, given)
        check((end - start) * solutions.size)
        index = np.repeat(np.arange(solutions.size), end - start)
        values = np.tile(column[start:end] & MASK, solutions.size)
    else:
        index, values = expand(column, given, check)
    found = solutions.take(index)
    found.columns[wanted] = values
    return found


def joined(*parts: Facts) -> Facts:
    """Return all of several sets of facts."""
    found = Facts()
    for part in parts:
        for predicate, table in part.tables.items():
            if predicate not in found.tables:
                found.tables[predicate] = table
            elif found.tables[predicate] is not table:
                found.add(predicate, table.forward)
    return found


def without(rows: Facts, others: Facts) -> Facts:
    """Return facts that others do not have."""
    return chosen(rows, others, wanted=False)


def common(rows: Facts, others: Facts) -> Facts:
    """Return facts that others have too."""
    return chosen(rows, others, wanted=True)


def chosen(rows: Facts, others: Facts, *, wanted: bool) -> Facts:
    """Return the facts that others have, or have not."""
    found = Facts()
    for predicate, table in rows.tables.items():
        other = others.tables.get(predicate)
        if other is table or other is None or not len(table):
            if len(table) and wanted == (other is table):
                found.tables[predicate] = table
            continue
        pairs = table.forward[is_in(table.forward, other.forward) == wanted]
        if len(pairs):
            found.tables[predicate] = Table(pairs)
    return found
