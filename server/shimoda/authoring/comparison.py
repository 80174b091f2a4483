"""Two versions of the dataset told apart in sentences that a historian can read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from shimoda.authoring.publication import Content, content
from shimoda.dataset.assembly import files, read
from shimoda.dataset.files import parse
from shimoda.namespaces import BASE, ONTOLOGY, PREFIXES

ASSERTIONS, GRAPHS = str(PREFIXES["assertion"]), str(PREFIXES["graph"])
SHIMODA, RDFS = PREFIXES[""], PREFIXES["rdfs"]
DERIVED = (
    BASE + "view/",
    BASE + "graph/inferred",
    BASE + "graph/schema",
    BASE + "rule/",
)
HELD = {
    "voice": "voice",
    "mode": "mode",
    "standing": "standing",
    "polarity": "polarity",
    "citedIn": "sentences",
    "paraphrase": "paraphrase",
    "replacedBy": "successor",
}
Version = dict[str, list[Quad]]


def load(path: Path) -> list[Quad]:
    """Read a version: a dump (TriG, N-Quads), or a checkout with ``ontology/`` and ``triples/``.

    The default graph of a whole dump is left out, since it repeats what the other graphs hold.
    """
    if path.is_dir():
        return list(read(files(path / "ontology", path / "triples")))
    quads = list(parse(path))
    whole = any(
        isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(GRAPHS)
        for quad in quads
    )
    return [quad for quad in quads if not (whole and isinstance(quad.graph_name, DefaultGraph))]


def compare(old: Iterable[Quad], new: Iterable[Quad]) -> Iterator[str]:
    """Yield a sentence for each difference in assertions, entities, links and terms; what is derived is left out."""
    before, after = subjects(old), subjects(new)
    for kind, prefix in (
        ("assertion", ASSERTIONS),
        ("term of the ontology", ONTOLOGY),
        ("source", BASE + "source/"),
        ("link", BASE + "id/link/"),
        ("entity", BASE + "id/"),
    ):
        names = sorted(name for name in before.keys() | after.keys() if name.startswith(prefix))
        taken = {
            name
            for name in names
            if prefix != BASE + "id/" or not name.startswith(BASE + "id/link/")
        }
        for name in (name for name in names if name in taken):
            yield from tell(kind, name, before.get(name, []), after.get(name, []))


def subjects(quads: Iterable[Quad]) -> Version:
    """Put quads together by what they tell of; what an assertion or a blank node holds has that name for its graph."""
    found: Version = defaultdict(list)
    nameless: list[Triple] = []
    for quad in quads:
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        if graph.startswith(ASSERTIONS):
            found[graph].append(quad)
        elif graph.startswith(DERIVED):
            continue
        elif isinstance(quad.subject, NamedNode) and not isinstance(quad.object, BlankNode):
            found[quad.subject.value].append(quad)
        else:
            nameless.append(quad.triple)
    for group in content(nameless).joint.values():
        for name in sorted(
            {one.subject.value for one in group if isinstance(one.subject, NamedNode)}
        )[:1]:
            found[name] += [
                Quad(one.subject, one.predicate, one.object, NamedNode(name)) for one in group
            ]
    return found


def tell(kind: str, name: str, old: list[Quad], new: list[Quad]) -> Iterator[str]:
    """Yield what became of one thing."""
    what = f"{kind} {name.removeprefix(BASE)}"
    if not old:
        yield f"New: {what}{said(new)}."
    elif not new:
        yield f"Gone: {what}{said(old)}."
    elif changes := list(changed(name, old, new)):
        yield f"Changed: {what}{said(new)}: {'; '.join(changes)}."


def said(quads: list[Quad]) -> str:
    """Return what a thing is called or says, in English, for a sentence about it."""
    for predicate in (SHIMODA["paraphrase"], RDFS["label"]):
        for quad in quads:
            if (
                quad.predicate == predicate
                and isinstance(quad.object, Literal)
                and quad.object.language == "en"
            ):
                return f" (“{quad.object.value.rstrip('.')}”)"
    return ""


def changed(name: str, old: list[Quad], new: list[Quad]) -> Iterator[str]:
    """Yield what changed in a thing: for an assertion its voice, mode, … and its content, else by property."""
    for predicate in sorted(
        {quad.predicate.value for quad in (*old, *new) if quad.graph_name != NamedNode(name)}
    ):
        values = [
            sorted(
                {
                    short(quad.object)
                    for quad in quads
                    if quad.predicate.value == predicate and quad.graph_name != NamedNode(name)
                }
            )
            for quads in (old, new)
        ]
        if values[0] != values[1]:
            label = HELD.get(
                predicate.removeprefix(ONTOLOGY), predicate.rpartition("#")[2].rpartition("/")[2]
            )
            yield f"{label} was {', '.join(values[0]) or 'not given'}, is {', '.join(values[1]) or 'not given'}"
    inside = [
        content(quad.triple for quad in quads if quad.graph_name == NamedNode(name))
        for quads in (old, new)
    ]
    fewer, more = size(inside[0] - inside[1]), size(inside[1] - inside[0])
    if fewer or more:
        yield f"its content lost {fewer} and gained {more} triples"


def size(part: Content) -> int:
    """Return how many triples a content has."""
    return sum(map(len, part.groups()))


def short(term: object) -> str:
    """Return a term as a reader wants it."""
    if isinstance(term, NamedNode):
        return term.value.removeprefix(ONTOLOGY).removeprefix(BASE)
    return f"“{term.value}”" if isinstance(term, Literal) else str(term)
