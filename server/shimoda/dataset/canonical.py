"""Canonical forms: of Turtle and TriG files, so that a diff shows what changed, and of quads.

In a file, prefixes are those of :mod:`shimoda.namespaces` that the file uses. A subject is one block, types and labels first,
then its predicates by name; blank nodes stand where they are used. In TriG the block that describes a graph stands
right before the graph. Comments stand before a subject, at the beginning or at the end.
"""

import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Triple,
)

from shimoda.dataset.files import parse, read_text
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES, short
from shimoda.sparql.text import OPAQUE, line_and_column

Term = NamedNode | BlankNode | Literal | Triple
Subject = NamedNode | BlankNode
Predicates = dict[NamedNode, list[Term]]
WIDTH = 110
RDF, SKOS, XSD = PREFIXES["rdf"], PREFIXES["skos"], PREFIXES["xsd"]
FIRST = [RDF["type"], PREFIXES["rdfs"]["label"], SKOS["altLabel"], SKOS["definition"]]
BARE = {
    XSD["integer"]: re.compile(r"[+-]?[0-9]+"),
    XSD["decimal"]: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD["boolean"]: re.compile("true|false"),
}
SUBJECT = re.compile(r"^(?:<([^>\s]*)>|([a-z]*):((?:\\#|[\w.-])+))(?= )", re.MULTILINE)
"""The name of a subject, or of a graph, where it begins a line, as it does in the canonical form."""
PREFIX = re.compile(r"@?prefix\s+(\w*):\s*<([^>]*)>", re.IGNORECASE)
FOLLOWING = re.compile(r"(?:\s|#.*)*")
"""From a comment to the statement after it."""
BEGINNING, END = "@prefix", ""
"""What a comment stands before that stands before no subject."""
NO_PLACE = "the comment would be lost: put it on lines of its own, before a subject with a name or at the end"
LOCAL = re.compile(r"[A-Za-z0-9_](?:(?:[A-Za-z0-9_.-]|\\#)*[A-Za-z0-9_-])?")
NO_TRIPLE_TERMS = "a triple term cannot stand in the files; RDF 1.2 is generated from them"
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def canonicalize(path: Path) -> str:
    """Return the canonical text of a Turtle or TriG file; InputError for what that form has no place for."""
    try:
        return serialize(*read(path))
    except InputError as error:
        error.where.setdefault("file", str(path))
        raise


def read(path: Path) -> tuple[list[Quad], dict[str, str]]:
    """Return the quads of a file, and its comments by the IRI of the subject or graph that they stand before.

    Others are known by :data:`BEGINNING` and :data:`END`; InputError names the line of one with another place.
    """
    quads, text = list(parse(path)), read_text(path)
    owners = (one.subject if one.graph_name == DefaultGraph() else one.graph_name for one in quads)
    places = {one.value for one in owners if isinstance(one, NamedNode)} | {BEGINNING, END}
    prefixes, found = dict(PREFIX.findall(text)), defaultdict[str, str](str)
    for one in OPAQUE.finditer(text):
        if one[0].startswith("#"):
            after = FOLLOWING.match(text, one.end()).end()  # type: ignore[union-attr]
            subject = SUBJECT.match(text, after)
            place = iri_of(subject, prefixes) if subject else text[after : after + len(BEGINNING)]
            if place not in places or text[: one.start()].rpartition("\n")[2].strip():
                line, column = line_and_column(text, one.start())
                raise InputError(NO_PLACE, file=str(path), line=line, column=column)
            found[place] += f"{one[0]}\n"
    return quads, found


def iri_of(subject: re.Match[str], prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return the IRI of a match of :data:`SUBJECT`; one with an unknown prefix as it is written."""
    iri, prefix, local = subject.groups()
    return iri or prefixes.get(prefix, f"{prefix}:") + local.replace("\\", "")


def serialize(quads: Iterable[Quad], said: Mapping[str, str] | None = None) -> str:
    """Return quads as canonical TriG, which is Turtle when all are in the default graph; with these comments."""
    said = said or {}
    graphs, default = defaultdict[Subject, _Graph](_Graph), _Graph()
    for quad in quads:
        name = quad.graph_name
        (default if isinstance(name, DefaultGraph) else graphs[name]).add(quad)
    blocks: dict[Subject, list[str]] = {root: [default.block(root)] for root in default.roots()}
    used = set(default.prefixes)
    for name, graph in graphs.items():
        body = textwrap.indent("\n".join(graph.block(root) for root in graph.roots()), "    ")
        blocks.setdefault(name, []).append(f"{graph.term(name)} {{\n{body}}}\n")
        used |= graph.prefixes
    header = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in sorted(used))
    parts = [said.get(BEGINNING, "") + header]
    for name in sorted(blocks, key=default.order):
        parts.append(said.get(name.value, "") + "\n".join(blocks[name]))
    return "\n".join(part for part in [*parts, said.get(END, "")] if part)


def canonical_quads(quads: Iterable[Quad]) -> list[str]:
    """Return quads as N-Quads that are the same however blank nodes are called (RDFC-1.0), in order."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} ." for quad in dataset)


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key by which ``s9`` comes before ``s10``."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


class _Graph:
    """The triples of one graph, on their way to text."""

    def __init__(self) -> None:
        self.triples: dict[Subject, Predicates] = defaultdict(lambda: defaultdict(list))
        self.uses: Counter[BlankNode] = Counter()
        self.prefixes: set[str] = set()

    def add(self, quad: Quad) -> None:
        if isinstance(quad.subject, Triple):
            raise InputError(NO_TRIPLE_TERMS)
        self.triples[quad.subject][quad.predicate].append(quad.object)
        if isinstance(quad.object, BlankNode):
            self.uses[quad.object] += 1

    def roots(self) -> list[Subject]:
        shared = [node for node, count in self.uses.items() if count > 1]
        if shared:
            raise InputError(f"{len(shared)} blank nodes are used more than once; give them IRIs")
        return sorted((node for node in self.triples if node not in self.uses), key=self.order)

    def order(self, node: Subject | DefaultGraph) -> tuple[bool, tuple[tuple[int, str], ...]]:
        if isinstance(node, NamedNode):
            return False, natural(node.value)
        return True, natural(self.inline(node) if isinstance(node, BlankNode) else "")

    def block(self, subject: Subject) -> str:
        name = self.term(subject) if isinstance(subject, NamedNode) else "[]"
        return f"{name} {self.body(subject, '    ')} .\n"

    def body(self, subject: Subject, indent: str) -> str:
        return f" ;\n{indent}".join(self.lines(subject, indent))

    def lines(self, subject: Subject, indent: str) -> Iterator[str]:
        predicates = self.triples[subject]
        first = [predicate for predicate in FIRST if predicate in predicates]
        others = sorted(set(predicates) - set(first), key=lambda node: node.value)
        for predicate in first + others:
            verb = "a" if predicate == RDF["type"] else self.term(predicate)
            objects = {self.term(node, indent) for node in predicates[predicate]}
            line = f"{verb} {', '.join(sorted(objects, key=natural))}"
            if len(objects) > 1 and ("\n" in line or len(indent + line) >= WIDTH):
                line = f"{verb} " + f",\n{indent}    ".join(sorted(objects, key=natural))
            yield line

    def term(self, node: Term | DefaultGraph, indent: str = "") -> str:
        match node:
            case NamedNode():
                return self.iri(node)
            case BlankNode():
                return self.nested(node, indent)
            case Literal():
                return self.literal(node)
        raise InputError(NO_TRIPLE_TERMS)

    def nested(self, node: BlankNode, indent: str) -> str:
        text = self.inline(node)
        if len(indent + text) < WIDTH:
            return text
        deeper = indent + "    "
        if RDF["first"] in self.triples[node]:
            items = f"\n{deeper}".join(self.term(item, deeper) for item in self.items(node))
            return f"(\n{deeper}{items}\n{indent})"
        return f"[\n{deeper}{self.body(node, deeper)}\n{indent}]"

    def inline(self, node: BlankNode) -> str:
        if RDF["first"] in self.triples[node]:
            return f"( {' '.join(self.term(item) for item in self.items(node))} )"
        return f"[ {' ; '.join(self.lines(node, ''))} ]" if self.triples[node] else "[]"

    def items(self, node: Term) -> Iterator[Term]:
        while isinstance(node, BlankNode):
            yield self.triples[node][RDF["first"]][0]
            node = self.triples[node][RDF["rest"]][0]

    def iri(self, node: NamedNode) -> str:
        name, _, local = short(node.value).replace("#", r"\#").partition(":")
        # the scheme of an IRI may be called like a prefix (geo:, time:)
        is_short = node.value.startswith(PREFIXES.get(name, ":"))
        if is_short and LOCAL.fullmatch(local):
            self.prefixes.add(name)
            return f"{name}:{local}"
        return f"<{node.value}>"

    def literal(self, node: Literal) -> str:
        if node.datatype in BARE and BARE[node.datatype].fullmatch(node.value):
            return node.value
        text = f'"{node.value.translate(ESCAPES)}"'
        if node.language:
            return f"{text}@{node.language}"
        return text if node.datatype == XSD["string"] else f"{text}^^{self.iri(node.datatype)}"
