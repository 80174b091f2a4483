"""A query under examination: parts and changes of it are put as ordinary queries, within a time."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import count
from time import monotonic

from shimoda.engine.interface import Engine, Query
from shimoda.errors import InputError, LimitExceeded
from shimoda.namespaces import PREDEFINED, PREFIXES
from shimoda.questions.search import Index, index_of, split
from shimoda.questions.units import IRI, Unit, Units, instead, units_of
from shimoda.sparql.formats import JSON, N_TRIPLES
from shimoda.sparql.groups import QueryText, Span
from shimoda.sparql.results import Results, Row
from shimoda.sparql.text import line_and_column

A_QUERY = 0.3
"""Seconds for one query."""
A = PREFIXES["rdf"]["type"].value
DECLARED = re.compile(r"\bprefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.IGNORECASE)
PLAIN = re.compile(r"\w[\w-]*")


class OutOfTime(Exception):
    """There is no time for another query."""


class Trial:
    """A query, and what it takes to put it in other ways."""

    def __init__(self, engine: Engine, query: Query, seconds: float) -> None:
        self.engine, self.query = engine, query
        self.until = monotonic() + seconds
        self.cacheable = self.is_complete = True
        self.fresh = count(1)

    @cached_property
    def text(self) -> QueryText:
        """The query, taken apart."""
        return QueryText(self.query.text)

    @property
    def is_federated(self) -> bool:
        """Whether it asks other endpoints, whose answers are not examined: that would ask them again and again."""
        return "service" in self.text.masked.lower()

    def index(self) -> Index:
        """Return the names in the dataset; the time that it takes to gather them does not count."""
        begun = monotonic()
        found = index_of(self.engine)
        self.until += monotonic() - begun
        return found

    def left(self) -> float:
        """Return how many seconds are left; OutOfTime when there are none."""
        left = self.until - monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    def units(self, group: Span) -> Units:
        """Return the units of a group."""
        return tuple(unit for unit in units_of(self.text, group) if self.left())

    # Asking

    def put(self, text: str, seconds: float = A_QUERY) -> Results:
        """Put a query; OutOfTime when it takes too long."""
        seconds = min(self.left(), seconds)
        query = replace(self.query, text=text, results_type=JSON, graph_type=N_TRIPLES)
        try:
            results = self.engine.query(replace(query, seconds=seconds))
        except LimitExceeded:
            raise OutOfTime from None
        self.cacheable &= results.cacheable
        return results

    def holds(self, units: Units, changes: Mapping[Unit, Unit] | None = None) -> bool:
        """Tell whether a pattern finds anything, with some units changed."""
        pattern = " ".join(unit.pattern for unit in instead(units, changes or {}))
        return self.put(f"{self.text.prologue} ASK {self.text.dataset} {{ {pattern} }}").boolean

    def select(self, variables: str, units: Units, more: str, most: int) -> list[Row]:
        """Return at most so many solutions of a pattern, and of more."""
        pattern = " ".join(unit.pattern for unit in units)
        head = f"{self.text.prologue} SELECT DISTINCT {variables} {self.text.dataset}"
        return self.put(f"{head} {{ {pattern} {more} }} LIMIT {most}").rows()

    def new(self, name: str) -> str:
        """Return a variable that the query does not use."""
        used = self.text.variables((0, len(self.query.text)))
        return next(f"?{name}{number}" for number in self.fresh if f"{name}{number}" not in used)

    # Telling

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query may use, with their IRIs."""
        return {**PREDEFINED, **dict(DECLARED.findall(self.text.prologue))}

    def shown(self, text: object) -> str:
        """Write terms, or a part of a query, with the query's own prefixes where they do."""
        return IRI.sub(lambda found: self.name(found[0][1:-1]), str(text))

    def name(self, iri: str) -> str:
        """Write an IRI as the query would."""
        area, local = split(iri)
        if iri == A:
            return "a"
        names = [name for name, start in self.prefixes.items() if start == area]
        return f"{names[-1]}:{local}" if names and PLAIN.fullmatch(local) else f"<{iri}>"

    def place(self, span: Span) -> tuple[int, int]:
        """Return the line and the column where a part of the query begins."""
        return line_and_column(self.query.text, span[0])

    # Suggesting

    def rewrite(self, units: Units, changes: Mapping[Unit, Unit], more: str = "") -> str | None:
        """Return the query with some units changed, and more after the last, if it then finds something."""
        spans = {}
        for span in sorted({unit.span for unit in changes}):
            there = instead(tuple(unit for unit in units if unit.span == span), changes)
            spans[span] = " . ".join(unit.pattern.removesuffix(" .") for unit in there)
        spans[span] += more
        return self.mend(spans)

    def mend(self, changes: Mapping[Span, str]) -> str | None:
        """Return the query with other text in some places, if it then finds something."""
        text, end = "", 0
        for (start, after), new in sorted(changes.items()):
            text += self.query.text[end:start] + self.shown(new)
            end = after
        text += self.query.text[end:]
        with suppress(InputError):
            return None if says_nothing(self.put(text)) else text
        return None


def says_nothing(results: Results) -> bool:
    """Tell whether an answer is empty, or one row in which nothing was counted."""
    if results.form != "SELECT" or results.count != 1:
        return results.is_empty
    return all(getattr(term, "value", term) in ("", "0") for term in results.rows()[0].values())
