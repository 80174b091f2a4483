"""Putting the files together: which graph each triple stands in, and what the default graph holds.

DESIGN: the default graph is ontology + entities + provenance + what is narrated and undisputed + background + links;
what is inferred comes after, and a correction stands there in place of what it departs from.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad

from shimoda import paths
from shimoda.dataset.files import parse
from shimoda.errors import InputError
from shimoda.namespaces import BASE, PREFIXES, graph

ASSERTION = BASE + "assertion/"
SHIMODA = PREFIXES[""]
PLAIN = {SHIMODA["mode"]: SHIMODA["Narrated"], SHIMODA["standing"]: SHIMODA["Undisputed"]}


def files(
    ontology: Path | None = None, triples: Path | None = None
) -> Iterator[tuple[Path, NamedNode]]:
    """Yield every file of the dataset with the graph that its default graph goes to."""
    for folder in (ontology or paths.data("ontology"), triples or paths.data("triples")):
        if not folder.is_dir():
            raise InputError("there is no such folder", file=str(folder))
    yield from (
        (file, graph("ontology"))
        for file in sorted((ontology or paths.data("ontology")).glob("*.ttl"))
    )
    for folder in sorted(
        path for path in (triples or paths.data("triples")).iterdir() if path.is_dir()
    ):
        for file in sorted([*folder.rglob("*.ttl"), *folder.rglob("*.trig")]):
            yield file, home(file, folder.name)


def home(file: Path, folder: str) -> NamedNode:
    """Name the graph for a file's default graph (``triples/README.md``)."""
    if folder in ("background", "links"):
        return graph(folder)
    return graph("entities" if file.parent.name == "entities" else "provenance")


def read(sources: Iterable[tuple[Path, NamedNode]]) -> Iterator[Quad]:
    """Yield the quads of the files, each in its graph; only a graph named as an assertion may be named in a file."""
    for file, target in sources:
        for quad in parse(file):
            if isinstance(quad.graph_name, DefaultGraph):
                yield Quad(quad.subject, quad.predicate, quad.object, target)
            elif isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(
                ASSERTION
            ):
                yield quad
            else:
                raise InputError(
                    f"the graph {quad.graph_name} is no assertion; it must begin {ASSERTION}",
                    file=str(file),
                )


def unclaimed(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the default graph: what nobody in the source disputes, and what is known from elsewhere."""
    quads = list(quads)
    assertions = {quad.subject for quad in quads if quad.predicate == SHIMODA["voice"]}
    plain = set(assertions)
    for predicate, value in PLAIN.items():
        plain &= {
            quad.subject for quad in quads if quad.predicate == predicate and quad.object == value
        }
    for quad in quads:
        if quad.graph_name in plain or quad.graph_name not in assertions:
            yield Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())


def whereabouts(quad: Quad) -> list[Path]:
    """Return the files that hold a triple, in whatever graph."""
    return [
        file
        for file, _ in files()
        if any(
            (found.subject, found.predicate, found.object)
            == (quad.subject, quad.predicate, quad.object)
            for found in parse(file)
        )
    ]
