"""Putting the files together: which graph each triple stands in, and what the default graph holds.

The default graph is ontology + entities + provenance + what is narrated and undisputed + background + links. What is
inferred comes after, and a correction stands there in place of what it departs from.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TypeGuard

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from shimoda import paths
from shimoda.dataset.files import parse
from shimoda.errors import InputError
from shimoda.namespaces import BASE, PREFIXES, graph

ASSERTION = BASE + "assertion/"
SHIMODA, LINKS = PREFIXES[""], graph("links")
VOICE = SHIMODA["voice"]
PLAIN = {SHIMODA["mode"]: SHIMODA["Narrated"], SHIMODA["standing"]: SHIMODA["Undisputed"]}
TEXTS = {PREFIXES["xsd"]["string"], PREFIXES["rdf"]["langString"]}
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


def claims(quads: Iterable[Quad]) -> set[object]:
    """Return the assertions that are not both narrated and undisputed: they stand in their own graphs only."""
    voiced, facts = set[object](), Counter[object]()
    for quad in quads:
        predicate = quad.predicate
        if predicate == VOICE:
            voiced.add(quad.subject)
        elif PLAIN.get(predicate) == quad.object:
            facts[quad.subject] += 1
    return {one for one in voiced if facts[one] < len(PLAIN)}


def default_graph(quads: Collection[Quad]) -> Iterator[Quad]:
    """Yield the default graph: what nobody in the source disputes, and what is known from elsewhere."""
    apart = claims(quads)
    yield from (Quad(*quad.triple) for quad in quads if quad.graph_name not in apart)


def assemble(
    quads: Iterable[Quad], apart: Collection[object], note: Callable[[Triple], None]
) -> Iterator[Quad]:
    """Yield quads as they pass, links first, and with them those of the default graph; ``apart`` are the claims.

    ``note`` hears of what may be a premise there: of all but links.
    """
    links = set[Triple]()
    for quad in quads:
        yield quad
        if quad.graph_name in apart:
            continue
        triple = quad.triple
        yield Quad(*triple)
        if quad.graph_name == LINKS:
            links.add(triple)
        elif triple not in links:
            thing = triple.object
            if isinstance(thing, Literal) and thing.datatype not in TEXTS:
                triple = Triple(triple.subject, triple.predicate, as_stored(thing))
            note(triple)


@lru_cache(maxsize=100_000)
def as_stored(literal: Literal) -> Literal:
    """Return a literal as a store gives it back: it keeps numbers and days by their value."""
    store = Store()
    store.add(Quad(SHIMODA["value"], SHIMODA["value"], literal))
    (quad,) = store
    assert isinstance(quad.object, Literal)
    return quad.object


def files_with(triple: Triple) -> list[Path]:
    """Return the files that hold a triple, in whatever graph."""
    return [file for file, _ in files() if any(quad.triple == triple for quad in parse(file))]
