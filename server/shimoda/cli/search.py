"""``shimoda search`` and ``terms``: what there is of a name, and what the ontology has for a word."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain

import click
from pyoxigraph import Literal, NamedNode, Store
from rich.console import Console
from rich.table import Table

from shimoda.dataset import snapshot
from shimoda.dataset.assembly import files, read
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import UnknownName
from shimoda.namespaces import ONTOLOGY, PREFIXES, graph, short
from shimoda.questions import catalogue
from shimoda.questions.search import search

THERE = "Search the store behind this SPARQL endpoint, not the embedded dataset."
LABEL = PREFIXES["rdfs"]["label"]
WIDER = "A wider word may: place, body, group, event, agreement, topic."
USES = {
    "is": "is a kind of",
    "narrower": "its kinds",
    "domain": "said of",
    "range": "takes",
    "example": "example",
}
KINDS = "Find only this kind: place, person, event, term, assertion, question …; may be repeated."


@click.command("search")
@click.argument("name", nargs=-1, required=True)
@click.option("--kind", "kinds", multiple=True, help=KINDS)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--endpoint", metavar="URL", help=THERE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search_command(
    name: tuple[str, ...], kinds: tuple[str, ...], limit: int, endpoint: str | None, as_json: bool
) -> None:
    """Find entities, terms, assertions and questions by NAME, in any script: ``shimoda search クナシリ``."""
    engine = RemoteEngine(endpoint) if endpoint else LocalEngine(snapshot.load())
    hits = search(engine, " ".join(name), limit, kinds)
    if as_json:
        found = [hit.as_json() for hit in hits]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table("name", "kind", "label", "found by")
    for hit in hits:
        table.add_row(short(hit.iri), hit.kind, hit.label, str(hit.name))
    Console().print(table)


@click.command("terms")
@click.argument("word")
def terms_command(word: str) -> None:
    """Find terms of the ontology by a WORD of their name, label or definition; tell what they mean and how they are used.

    The files are read, not the dataset, so it helps while they are not sound yet.
    """
    store = Store()
    store.bulk_extend(read(files()))
    found: dict[str, dict[str, set[str]]] = {}
    for row in LocalEngine(store).rows(
        catalogue.text_of("terms").replace("?_word", str(Literal(word)))
    ):
        term = found.setdefault(row.pop("term").value, {})
        for name, value in row.items():
            term.setdefault(name, set()).add(short(value.value))
    if not found:
        named = store.quads_for_pattern(None, LABEL, None, graph("ontology"))
        names = {str(one.subject).strip("<>").removeprefix(ONTOLOGY) for one in named}
        nearest = get_close_matches(word, names, 3, 0.75)
        raise UnknownName(f"No term of the ontology speaks of {word}. {WIDER}", nearest=nearest)
    for iri, told in found.items():
        click.echo(f"{short(iri)}\n  {' '.join(told.pop('definition'))}")
        for name in sorted(told, key=list(USES).index):
            click.echo(f"  {USES[name]}: {', '.join(sorted(told[name]))}")
        for example in usage(store, NamedNode(iri)):
            click.echo(f"  as in: {example}")


def usage(store: Store, term: NamedNode) -> Iterator[str]:
    """Yield one statement of the sources in which a property stands, or a class."""
    as_property = store.quads_for_pattern(None, term, None)
    for one in chain(as_property, store.quads_for_pattern(None, None, term)):
        if isinstance(one.subject, NamedNode) and one.graph_name != graph("ontology"):
            yield " ".join(short(getattr(part, "value", "[]")) for part in one.triple)
            return
