"""What an engine answers: the bytes of a format, and the same as terms."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO, Literal

from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    Triple,
    parse,
    parse_query_results,
)
from pyoxigraph import Literal as RdfLiteral

from shimoda.namespaces import ONTOLOGY, PREFIXES, short
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
    answer, ``default_graph_only`` that the named graphs have no part in it.
    """

    form: Form | Literal["GRAPH"]
    media_type: str
    body: bytes | BinaryIO
    count: int
    cacheable: bool = True
    default_graph_only: bool = False

    def read(self) -> bytes:
        """Return the answer's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        with self.body as file:
            self.body = file.read()
        return self.body

    def tag(self) -> str:
        """Return the entity tag of the answer as it is."""
        return sha256(self.read()).hexdigest()[:32]

    @property
    def is_empty(self) -> bool:
        """Whether there are no rows or triples, or the answer is no, which every format writes as a word."""
        return b"true" not in self.read() if self.form == "ASK" else self.count == 0

    @property
    def variables(self) -> list[str]:
        """The variables of a SELECT, in their order."""
        return [variable.value for variable in self.solutions().variables]

    def rows(self, most: int | None = None) -> list[Row]:
        """Return the solutions of a SELECT, or the first of them."""
        solutions = self.solutions()
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in islice(solutions, most)
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


def renamed(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Name blank nodes in the order in which they come, so that the same answer has the same bytes."""
    names: dict[BlankNode, BlankNode] = {}

    def rename(term: Any) -> Any:
        if isinstance(term, BlankNode):
            return names.setdefault(term, BlankNode(f"b{len(names)}"))
        if isinstance(term, Triple):
            return Triple(rename(term.subject), term.predicate, rename(term.object))
        return term

    return map(rename, triples)


def compacted(expanded: bytes) -> bytes:
    """Write expanded JSON-LD with our prefixes and terms (https://www.w3.org/TR/json-ld11/#compacted-document-form).

    Left as it is where an IRI would be taken for a prefixed name.
    """
    used: dict[str, str] = {}
    schemes: set[str] = set()

    def compact_iri(iri: str, *, vocabulary: bool) -> str:
        name = iri.removeprefix(ONTOLOGY)
        if vocabulary and name != iri and ":" not in name and name not in PREFIXES:
            return name
        name = short(iri)
        prefix, _, rest = name.partition(":")
        if name == iri or not prefix or rest.startswith("//"):
            schemes.add(iri.partition(":")[0])
            return iri
        used[prefix] = PREFIXES[prefix]
        return name

    def compact(node: Any, key: str = "") -> Any:
        if isinstance(node, list):
            return [compact(one, key) for one in node]
        if isinstance(node, dict):
            return {
                name if name.startswith("@") else compact_iri(name, vocabulary=True): compact(
                    one, name
                )
                for name, one in node.items()
            }
        return compact_iri(node, vocabulary=key == "@type") if key in ("@id", "@type") else node

    graph = compact(json.loads(expanded))
    if schemes & used.keys():
        return expanded
    context = {"@vocab": ONTOLOGY, **used}
    return json.dumps({"@context": context, "@graph": graph}, ensure_ascii=False).encode()
