"""Terms by number, literals of one value together, and what is the same in one world."""

from __future__ import annotations

from bisect import bisect_left
from copy import copy

import numpy as np
from pyoxigraph import Literal

from shimoda.reasoning.facts import Columns, Mask
from shimoda.reasoning.schema import XSD
from shimoda.reasoning.stores import Node
from shimoda.reasoning.values import ILL_TYPED, Value, value_of


class Terms:
    """Numbers for terms, in the order in which they come; they are never given up.

    ``twins`` are literals of one value, the first of each value with every later one.
    """

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

    def is_literal(self, number: int) -> bool:
        """Tell whether a number is that of a literal."""
        return isinstance(self.nodes[number], Literal)

    def value(self, literal: Literal, number: int) -> None:
        """Note which literal was the first of its value, and which has none."""
        plain = literal.datatype == XSD["string"]
        if plain and not self.by_value:
            return  # most are plain, and differ if their texts do
        found = value_of(literal)
        if found is None:
            return
        if found.kind == ILL_TYPED:
            self.ill_typed.append(number)
            return
        is_string = found.kind == "string" and not plain and not literal.language
        first = self.numbers.get(Literal(literal.value), number) if is_string else number
        twin = self.by_value.setdefault(found, first)
        if twin != number:
            self.twins.append((twin, number))


class Identities:
    """Which terms are the same in a world: each stands for itself, or is stood for by one of its clique.

    (Motik, Nenov, Piro and Horrocks, Handling owl:sameAs via rewriting, AAAI 2015.) ``first`` is who stands for each
    term, ``literal`` a literal that it is the same as (or -1), and ``stands`` whether it stands for others.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.first: Columns = np.empty(0, dtype=np.int64)
        self.literal: Columns = np.empty(0, dtype=np.int64)
        self.stands: Mask = np.empty(0, dtype=bool)
        self.cliques: dict[int, list[int]] = {}
        self.paired, self.shared = 0, False
        self.grow()

    def copy(self) -> Identities:
        """Return what can be changed apart; columns are shared until then."""
        self.shared = True
        found = copy(self)
        found.cliques = dict(self.cliques)
        return found

    def unshare(self) -> None:
        """Have columns that can be changed."""
        if self.shared:
            self.first, self.literal = self.first.copy(), self.literal.copy()
            self.stands, self.shared = self.stands.copy(), False

    def grow(self) -> None:
        """Take in the terms that are new."""
        known, size = len(self.first), len(self.terms)
        if known < size:
            new = np.arange(known, size, dtype=np.int64)
            literals = self.terms.literals[bisect_left(self.terms.literals, known) :]
            self.first = np.concatenate([self.first, new])
            self.literal = np.concatenate([self.literal, np.full_like(new, -1)])
            self.literal[literals] = literals
            self.stands = np.concatenate([self.stands, np.zeros(len(new), dtype=bool)])
        for one, other in self.terms.twins[self.paired :]:
            self.unite(one, other)
        self.paired = len(self.terms.twins)

    def unite(self, one: int, other: int) -> tuple[int, int] | None:
        """Make two terms the same; return who stands for both, and who does no more. A literal stands for literals."""
        one, other = sorted(
            (int(self.first[one]), int(self.first[other])),
            key=lambda term: (self.terms.is_literal(term), term),
        )
        if one == other:
            return None
        self.unshare()
        joined = self.cliques.pop(one, [one]) + self.cliques.pop(other, [other])
        self.cliques[one] = joined
        self.first[joined] = one
        self.stands[one], self.stands[other] = True, False
        if self.literal[one] < 0:
            self.literal[one] = self.literal[other]
        return one, other

    def part(self, first: int) -> list[int]:
        """Take a clique apart, but for the literals that are one value; return its members."""
        self.unshare()
        clique = self.cliques.pop(first, [first])
        self.stands[first] = False
        for member in clique:
            self.first[member] = member
            self.literal[member] = member if self.terms.is_literal(member) else -1
        inside = set(clique)
        for one, other in self.terms.twins:
            if one in inside and other in inside:
                self.unite(one, other)
        return clique

    def members(self, term: int) -> list[int]:
        """Return all that a term stands for, itself included."""
        return self.cliques.get(term, [term])
