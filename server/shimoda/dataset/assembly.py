"""Putting the files together: which graph each triple stands in, and what the default graph holds.

The default graph is ontology + entities + provenance + what is narrated and undisputed + background + links. What is
inferred comes after, and a correction stands there in place of what it departs from.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeGuard

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from shimoda import paths
from shimoda.dataset.files import parse
from shimoda.errors import InputError
from shimoda.namespaces import BASE, PREFIXES, graph

ASSERTION = BASE + "assertion/"
SHIMODA = PREFIXES[""]
PLAIN = (SHIMODA["mode"], SHIMODA["Narrated"]), (SHIMODA["standing"], SHIMODA["Undisputed"])
File = tuple[Path, NamedNode]
"""A file, and the graph that its default graph goes to."""


def files(ontology: Path | None = None, triples: Path | None = None) -> Iterator[File]:
    """Yield every file of the dataset, from these folders or from where the data lies."""
    ontology, triples = ontology or paths.data("ontology"), triples or paths.data("triples")
    for folder in (ontology, triples):
        if not folder.is_dir():
            raise InputError("there is no such folder", file=str(folder))
    for file in sorted(ontology.glob("*.ttl")):
        yield file, graph("ontology")
    for folder in sorted(path for path in triples.iterdir() if path.is_dir()):
        for file in sorted([*folder.rglob("*.ttl"), *folder.rglob("*.trig")]):
            yield file, graph_of(file, folder.name)


def graph_of(file: Path, folder: str) -> NamedNode:
    """Name the graph for a file's default graph (``triples/README.md``)."""
    if folder in ("background", "links"):
        return graph(folder)
    return graph("entities" if file.parent.name == "entities" else "provenance")


def read(sources: Iterable[File]) -> Iterator[Quad]:
    """Yield the quads of the files, each in its graph; only a graph named as an assertion may be named in a file."""
    for file, target in sources:
        for quad in parse(file):
            if isinstance(quad.graph_name, DefaultGraph):
                yield Quad(quad.subject, quad.predicate, quad.object, target)
            elif is_assertion(quad.graph_name):
                yield quad
            else:
                detail = f"the graph {quad.graph_name} is no assertion; it must begin {ASSERTION}"
                raise InputError(detail, file=str(file))


def is_assertion(node: object) -> TypeGuard[NamedNode]:
    """Tell whether a graph has the name of an assertion."""
    return isinstance(node, NamedNode) and node.value.startswith(ASSERTION)


def default_graph(quads: Collection[Quad]) -> Iterator[Quad]:
    """Yield the default graph: what nobody in the source disputes, and what is known from elsewhere."""
    voiced, facts = set(), Counter[object]()
    for quad in quads:
        if quad.predicate == SHIMODA["voice"]:
            voiced.add(quad.subject)
        elif (quad.predicate, quad.object) in PLAIN:
            facts[quad.subject] += 1
    claims = {one for one in voiced if facts[one] < len(PLAIN)}
    yield from (Quad(*quad.triple) for quad in quads if quad.graph_name not in claims)


def files_with(triple: Triple) -> list[Path]:
    """Return the files that hold a triple, in whatever graph."""
    return [file for file, _ in files() if any(quad.triple == triple for quad in parse(file))]
