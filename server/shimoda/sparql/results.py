"""Media types, and answers written within the limits on rows and bytes."""

import re
from collections.abc import Iterable, Iterator
from typing import IO, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from shimoda import namespaces as vocabulary
from shimoda.errors import InputError, NotAcceptable, TooLarge

PREFIXES = {name: str(iri) for name, iri in vocabulary.PREFIXES.items()}


class Limits:
    """What is written of an answer, and how many rows and bytes that may be."""

    def __init__(self, rows: int, size: int) -> None:
        self.rows, self.size = rows, size
        self.pieces: list[bytes] = []
        self.written = self.counted = 0

    def write(self, piece: bytes) -> int:
        """Take a piece of the answer (the engine calls this); TooLarge beyond the limit."""
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
        """Count rows; TooLarge beyond the limit."""
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
    form = QueryResultsFormat.from_media_type(acceptable(media_type))
    if not form:
        raise NotAcceptable(f"Results cannot be written as {media_type}.")
    results.serialize(cast(IO[bytes], limits), form)
    body = limits.whole()
    limits.count(1 if isinstance(results, QueryBoolean) else count_rows(body, form))
    return body


def write_triples(
    triples: QueryTriples | Iterable[Triple], media_type: str | None, limits: Limits
) -> bytes:
    """Write triples."""
    form = rdf_format(acceptable(media_type))
    prefixes = PREFIXES if form == RdfFormat.TURTLE else None
    serialize(limits.each(triples), cast(IO[bytes], limits), form, prefixes=prefixes)
    return without_unused(limits.whole()) if prefixes else limits.whole()


def without_unused(turtle: bytes) -> bytes:
    """Leave out the prefixes that no triple needs; the engine writes one a line, all at the start."""
    kept, place = b"", 0
    while turtle.startswith(b"@prefix ", place):
        end = turtle.index(b"\n", place) + 1
        if turtle.find(turtle[place:end].split()[1], end) >= 0:
            kept += turtle[place:end]
        place = end
    return kept + turtle[place:]


def acceptable(media_type: str | None) -> str:
    """Return the media type that was asked for, if any was."""
    if media_type is None:
        raise NotAcceptable("None of the formats asked for can hold this answer.")
    return media_type


def rdf_format(media_type: str) -> RdfFormat:
    """Return the RDF syntax of a media type."""
    form = RdfFormat.from_media_type(media_type)
    if not form:
        raise InputError(f"{media_type} is no RDF syntax known here.")
    return form


def count_rows(body: bytes, form: QueryResultsFormat) -> int:
    """Count the solutions in a result by what the engine writes once for each, and escapes in strings."""
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
