"""Proving offsets and digests against a copy of the text."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from shimoda.authoring.findings import Finding
from shimoda.dataset.sentences import Sentence, digest, disagreements
from shimoda.errors import InputError
from shimoda.namespaces import ONTOLOGY

SOURCES = f"PREFIX : <{ONTOLOGY}> SELECT ?source ?digest WHERE {{ ?source a :Source ; :sourceDigest ?digest }}"
SENTENCES = f"""
PREFIX : <{ONTOLOGY}>
SELECT ?number ?paragraph ?start ?end ?digest WHERE {{
  ?sentence :sentenceOf <%s> ; :number ?number ; :paragraph ?paragraph ;
    :startOffset ?start ; :endOffset ?end ; :digest ?digest .
}}
ORDER BY ?number"""


def unproved(store: Store, file: Path) -> Iterator[Finding]:
    """Yield what a text does not bear out; a text that is no source's own is held against the nearest one.

    Raises:
        InputError: the file cannot be read as UTF-8.
    """
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as UTF-8 text: {error}", file=str(file)) from None
    sources = select(store, SOURCES)
    problems = {
        row["source"]: list(disagreements(text, sentences(store, row["source"]))) for row in sources
    }
    meant = [
        row["source"] for row in select(store, SOURCES) if row["digest"] == Literal(digest(text))
    ]
    if not meant:
        yield Finding(
            "source", "is the text of no source here: its digest is that of none", file=str(file)
        )
    for source in meant or sorted(problems, key=lambda source: len(problems[source]))[:1]:
        for problem in problems[source]:
            name, _, what = problem.partition(": ")
            yield Finding("source", what, f"{source.value}#{name}", file=str(file))


def sentences(store: Store, source: NamedNode) -> Iterator[Sentence]:
    """Yield the sentences of a source as they are described."""
    for row in select(store, SENTENCES % source.value):
        *numbers, found = (cell.value for cell in row if isinstance(cell, Literal))
        number, paragraph, start, end = map(int, numbers)
        yield Sentence(number, paragraph, start, end, found)


def select(store: Store, query: str) -> QuerySolutions:
    """Return the rows of a query."""
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions)
    return rows
