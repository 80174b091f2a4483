"""Terms by number, literals of one value together, and what is the same in one world."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyoxigraph import Literal

from shimoda.reasoning.facts import Columns
from shimoda.reasoning.schema import XSD
from shimoda.reasoning.stores import Node
from shimoda.reasoning.values import ILL_TYPED, Value, value_of

__all__ = ["Identities", "Terms"]


class Terms:
    """Numbers for terms, in the order in which they come; they are never given up."""

    def __init__(self) -> None:
        self.numbers: dict[Node, int] = {}
        self.nodes: list[Node] = []
        self.literals: list[int] = []
        self.ill_typed: list[int] = []
        self.twins: list[tuple[int, int]] = []
        self.by_value: dict[Value, int] = {}

    def __len__(self) -> int:
        return len(self.nodes)

    def number(self, node: Node) -> int:
        """Return the number of a term."""
        found = self.numbers.get(node)
        if found is None:
            found = self.numbers[node] = len(self.nodes)
            self.nodes.append(node)
            if isinstance(node, Literal):
                self.literals.append(found)
                self.value(node, found)
        return found

    def value(self, literal: Literal, number: int) -> None:
        """Note which literal was the first of its value, and which has none."""
        if literal.datatype == XSD["string"] and not self.by_value:
            return
        found = value_of(literal)
        if found is None:
            return
        if found.kind == ILL_TYPED:
            self.ill_typed.append(number)
        elif literal.datatype != XSD["string"] and found.kind == "string" and not literal.language:
            self.pair(found, self.numbers.get(Literal(literal.value), number), number)
        else:
            self.pair(found, number, number)

    def pair(self, value: Value, first: int, number: int) -> None:
        """Note that a literal has the value of an earlier one."""
        twin = self.by_value.setdefault(value, first)
        if twin != number:
            self.twins.append((twin, number))


class Identities:
    """Which terms are the same in a world: each stands for itself, or is stood for by one of its clique.

    (Motik, Nenov, Piro and Horrocks, Handling owl:sameAs via rewriting, AAAI 2015.)
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.first: Columns = np.empty(0, dtype=np.int64)
        self.literal: Columns = np.empty(0, dtype=np.int64)
        self.stands: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.empty(0, dtype=bool)
        self.cliques: dict[int, list[int]] = {}
        self.paired = 0
        self.grow()

    def copy(self) -> Identities:
        """Return what can be changed apart."""
        found = Identities.__new__(Identities)
        found.terms, found.paired = self.terms, self.paired
        found.first, found.literal = self.first.copy(), self.literal.copy()
        found.stands = self.stands.copy()
        found.cliques = {first: list(clique) for first, clique in self.cliques.items()}
        return found

    def grow(self) -> None:
        """Take in the terms that are new."""
        known, size = len(self.first), len(self.terms)
        if known < size:
            self.first = np.concatenate([self.first, np.arange(known, size, dtype=np.int64)])
            literal = np.full(size, -1, dtype=np.int64)
            literal[:known] = self.literal
            new = reversed_until(self.terms.literals, known)
            literal[new] = new
            self.literal = literal
            self.stands = np.concatenate([self.stands, np.zeros(size - known, dtype=bool)])
        for one, other in self.terms.twins[self.paired :]:
            self.unite(one, other)
        self.paired = len(self.terms.twins)

    def unite(self, one: int, other: int) -> tuple[int, int] | None:
        """Make two terms the same; return who stands for both, and who does no more. A literal stands for literals."""
        one, other = int(self.first[one]), int(self.first[other])
        if one == other:
            return None
        kinds = [isinstance(self.terms.nodes[term], Literal) for term in (one, other)]
        if kinds[0] > kinds[1] or (kinds[0] == kinds[1] and other < one):
            one, other = other, one
        joined = self.cliques.pop(one, [one]) + self.cliques.pop(other, [other])
        self.cliques[one] = joined
        self.first[joined] = one
        self.stands[one], self.stands[other] = True, False
        if self.literal[one] < 0:
            self.literal[one] = self.literal[other]
        return one, other

    def part(self, first: int) -> list[int]:
        """Take a clique apart, but for the literals that are one value; return its members."""
        clique = self.cliques.pop(first, [first])
        self.stands[first] = False
        for member in clique:
            self.first[member] = member
            self.literal[member] = member if isinstance(self.terms.nodes[member], Literal) else -1
        inside = set(clique)
        for one, other in self.terms.twins:
            if one in inside and other in inside:
                self.unite(one, other)
        return clique

    def members(self, term: int) -> list[int]:
        """Return all that a term stands for, itself included."""
        return self.cliques.get(term, [term])

    def firsts(self, terms: Iterable[int]) -> Columns:
        """Return who stands for terms, sorted and each once."""
        return np.unique(self.first[np.fromiter(terms, dtype=np.int64)])


def reversed_until(numbers: list[int], known: int) -> list[int]:
    """Return the numbers from ``known`` on, which stand at the end."""
    found: list[int] = []
    for number in reversed(numbers):
        if number < known:
            break
        found.append(number)
    return found
