"""``shimoda search``: what there is of a name."""

import json

import click
from rich.console import Console
from rich.table import Table

from shimoda.dataset import snapshot
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.namespaces import short
from shimoda.questions.search import search

THERE = "Search the store behind this SPARQL endpoint, not the embedded dataset."
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
