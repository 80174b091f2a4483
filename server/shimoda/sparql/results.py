"""What an engine answers: the bytes of a format, and the same as terms."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Literal, cast

from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)
from pyoxigraph import Literal as RdfLiteral

from shimoda.errors import TooLarge
from shimoda.namespaces import PREFIXES
from shimoda.sparql.formats import rdf_format, results_format
from shimoda.sparql.text import Form

Term = NamedNode | BlankNode | RdfLiteral | Triple
Row = dict[str, Any]
"""A solution: the terms of the variables that are bound, by name, without the question mark."""


@dataclass(slots=True)
class Results:
    """A whole answer; never a part of one.

    ``body`` is the answer in ``media_type``: bytes, or a file where it is long, which whoever reads it closes. ``count``
    is the number of rows or triples. ``cacheable`` says that the same request on the same dataset surely has the same
    answer.
    """

    form: Form | Literal["GRAPH"]
    media_type: str
    body: bytes | BinaryIO
    count: int
    cacheable: bool = True

    def read(self) -> bytes:
        """Return the answer's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        with self.body as file:
            self.body = file.read()
        return self.body

    @property
    def variables(self) -> list[str]:
        """The variables of a SELECT, in their order."""
        return [variable.value for variable in self.solutions().variables]

    def rows(self) -> list[Row]:
        """Return the solutions of a SELECT."""
        solutions = self.solutions()
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        ]

    def solutions(self) -> QuerySolutions:
        """Parse the solutions of a SELECT."""
        found = parse_query_results(self.read(), results_format(self.media_type))
        assert isinstance(found, QuerySolutions)
        return found

    @property
    def boolean(self) -> bool:
        """What an ASK answers."""
        found = parse_query_results(self.read(), results_format(self.media_type))
        assert isinstance(found, QueryBoolean)
        return bool(found)

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of a CONSTRUCT, a DESCRIBE or a graph; blank nodes get names that nothing else has."""
        form = rdf_format(self.media_type)
        return (quad.triple for quad in parse(self.read(), form, rename_blank_nodes=True))


class Limits:
    """Collects what the engine writes of an answer; TooLarge beyond so many rows or bytes."""

    def __init__(self, rows: int, size: int) -> None:
        self.rows, self.size = rows, size
        self.pieces: list[bytes] = []
        self.written = self.counted = 0

    def write(self, piece: bytes) -> int:
        """Take a piece of the answer (the engine calls this)."""
        self.written += len(piece)
        if self.written > self.size:
            raise TooLarge(
                f"The answer is longer than the {self.size:,} bytes allowed.", limit="bytes"
            )
        self.pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: all is in memory."""

    def count(self, rows: int) -> None:
        """Count rows."""
        self.counted += rows
        if self.counted > self.rows:
            raise TooLarge(
                f"The answer has more than the {self.rows:,} rows allowed.", limit="rows"
            )

    def each(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """Count triples as they pass."""
        for triple in triples:
            self.count(1)
            yield triple

    def whole(self) -> bytes:
        """Return what was written."""
        return b"".join(self.pieces)


def write_results(
    results: QuerySolutions | QueryBoolean, media_type: str | None, limits: Limits
) -> bytes:
    """Write the results of a SELECT or an ASK."""
    form = results_format(media_type)
    results.serialize(cast(IO[bytes], limits), form)
    body = limits.whole()
    limits.count(1 if isinstance(results, QueryBoolean) else count_rows(body, form))
    return body


def write_triples(
    triples: QueryTriples | Iterable[Triple], media_type: str | None, limits: Limits
) -> bytes:
    """Write triples."""
    form = rdf_format(media_type)
    if form != RdfFormat.TURTLE:
        serialize(limits.each(triples), cast(IO[bytes], limits), form)
        return limits.whole()
    prefixes = {name: str(iri) for name, iri in PREFIXES.items()}
    serialize(limits.each(triples), cast(IO[bytes], limits), form, prefixes=prefixes)
    return without_unused(limits.whole())


def without_unused(turtle: bytes) -> bytes:
    """Leave out the prefixes that no triple needs; the engine writes one a line, all at the start."""
    kept, place = b"", 0
    while turtle.startswith(b"@prefix ", place):
        end = turtle.index(b"\n", place) + 1
        if turtle.find(turtle[place:end].split()[1], end) >= 0:
            kept += turtle[place:end]
        place = end
    return kept + turtle[place:]


def count_rows(body: bytes, form: QueryResultsFormat) -> int:
    """Count the solutions in results, by what the engine writes once for each and escapes in strings."""
    if form == QueryResultsFormat.XML:
        return body.count(b"<result>")
    if form == QueryResultsFormat.TSV:
        return body.count(b"\n") - 1
    if form == QueryResultsFormat.CSV:  # lines end outside of quotes
        return sum(piece.group() == b"\n" for piece in re.finditer(rb'"[^"]*"|\n', body)) - 1
    if b'{"vars":[]}' in body[:32]:
        return body.count(b"{}")
    # A row starts a binding; where a string ends in },{ a comma or a brace follows its quote.
    rows = body.count(b'},{"') - body.count(b'},{",') - body.count(b'},{"}')
    return rows + body.count(b'"bindings":[{"')
