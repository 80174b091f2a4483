"""Two versions of the dataset told apart in sentences that a historian can read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from shimoda.authoring.publication import content
from shimoda.dataset.assembly import ASSERTION, files, is_assertion, read
from shimoda.dataset.files import parse
from shimoda.namespaces import BASE, ONTOLOGY, PREFIXES, relative

DERIVED = tuple(f"<{BASE}{name}" for name in ("view/", "graph/inferred", "graph/schema", "rule/"))
KINDS = {
    "assertion": ASSERTION,
    "term of the ontology": ONTOLOGY,
    "source": BASE + "source/",
    "link": BASE + "id/link/",
    "entity": BASE + "id/",
}
NAMES = {"citedIn": "sentences", "replacedBy": "successor"}
SAYING = (PREFIXES[""] + "paraphrase", PREFIXES["rdfs"] + "label")


class Thing:
    """What a version states of one thing: values by property; and triples in its graph or at its blank nodes."""

    def __init__(self) -> None:
        self.values: dict[str, set[NamedNode | Literal | Triple]] = defaultdict(set)
        self.inside: list[Triple] = []

    def __str__(self) -> str:
        """What it says or is called, in English, for a sentence about it."""
        for predicate in SAYING:
            for value in sorted(self.values.get(predicate, ()), key=str):
                if isinstance(value, Literal) and value.language == "en":
                    return f" (“{value.value.rstrip('.')}”)"
        return ""


def load(path: Path) -> list[Quad]:
    """Read a version: a dump (TriG, N-Quads), or a checkout with ``ontology/`` and ``triples/``.

    The default graph of a whole dump is left out, since it repeats what the other graphs hold.
    """
    if path.is_dir():
        return list(read(files(path / "ontology", path / "triples")))
    quads = list(parse(path))
    if any(str(quad.graph_name).startswith(f"<{BASE}graph/") for quad in quads):
        return [quad for quad in quads if quad.graph_name != DefaultGraph()]
    return quads


def compare(old: Iterable[Quad], new: Iterable[Quad]) -> Iterator[str]:
    """Yield a sentence for each difference in assertions, entities, links and terms; what is derived is left out."""
    before, after = things(old), things(new)
    names = sorted(before.keys() | after.keys())
    for kind in KINDS:
        for name in (name for name in names if kind_of(name) == kind):
            what = f"{kind} {name.removeprefix(BASE)}"
            old_thing, new_thing = before.get(name), after.get(name)
            if old_thing is None:
                yield f"New: {what}{new_thing}."
            elif new_thing is None:
                yield f"Gone: {what}{old_thing}."
            elif found := list(changes(old_thing, new_thing)):
                yield f"Changed: {what}{new_thing}: {'; '.join(found)}."


def kind_of(name: str) -> str:
    """Return what kind of thing an IRI names; empty if it is none of ours."""
    return next((kind for kind, prefix in KINDS.items() if name.startswith(prefix)), "")


def things(quads: Iterable[Quad]) -> dict[str, Thing]:
    """Put what is stated together by what it tells of."""
    found: dict[str, Thing] = defaultdict(Thing)
    nameless: list[Triple] = []
    for quad in quads:
        if is_assertion(quad.graph_name):
            found[quad.graph_name.value].inside.append(quad.triple)
        elif str(quad.graph_name).startswith(DERIVED):
            continue
        elif isinstance(quad.subject, NamedNode) and not isinstance(quad.object, BlankNode):
            found[quad.subject.value].values[quad.predicate.value].add(quad.object)
        else:
            nameless.append(quad.triple)
    for group in content(nameless).values():
        names = [one.subject.value for one in group if isinstance(one.subject, NamedNode)]
        if names:
            found[min(names)].inside += group
    return found


def changes(old: Thing, new: Thing) -> Iterator[str]:
    """Yield what changed in a thing: its values by property, and how many triples inside."""
    for predicate in sorted(old.values.keys() | new.values.keys()):
        before, after = shown(old, predicate), shown(new, predicate)
        if before != after:
            name = predicate.rpartition("#")[2].rpartition("/")[2]
            yield f"{NAMES.get(name, name)} was {before}, is {after}"
    had, has = content(old.inside), content(new.inside)
    lost, gained = (had - has).triples(), (has - had).triples()
    if lost or gained:
        yield f"its content lost {len(lost)} and gained {len(gained)} triples"


def shown(thing: Thing, predicate: str) -> str:
    """Return the values of a property as a reader wants them."""
    values = sorted(short(value) for value in thing.values.get(predicate, ()))
    return ", ".join(values) or "not given"


def short(term: object) -> str:
    """Return a term without what all IRIs of ours begin with."""
    if isinstance(term, NamedNode):
        return relative(term.value)
    return f"“{term.value}”" if isinstance(term, Literal) else str(term)
