"""``shimoda export``, ``publish``, ``link`` and ``diff``: the dataset and what is elsewhere."""

import sys
from pathlib import Path

import click
from pyoxigraph import RdfFormat, Store
from rich.console import Console
from rich.progress import Progress

from shimoda.authoring import comparison
from shimoda.authoring.candidates import propose
from shimoda.authoring.exports import EXPORTS
from shimoda.authoring.publication import publish
from shimoda.dataset import snapshot
from shimoda.dataset.files import parse
from shimoda.engine.interface import Engine
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError
from shimoda.settings import Settings

EXISTING_PATH = click.Path(exists=True, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
OUTPUT = "The file to write; standard output without it."
QUERY = "The store's SPARQL endpoint for queries."
UPDATE = "The one for updates, unless it is the same or a neighbour of .../query named update."
TOKEN = "A file with a bearer token; HTTP Basic goes into the URL."
AGAINST = "A SPARQL endpoint, or an RDF file."
BASE = "Propose only IRIs that begin with this: http://www.wikidata.org/entity/"


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(list(EXPORTS)))
@click.option("-o", "--output", type=NEW_FILE, help=OUTPUT)
def export_command(form: str, output: Path | None) -> None:
    """Write the dataset as FORMAT: trig, nquads (canonical), neutral, rdf12, jsonld, geojson, csv, nanopub, context."""
    data = EXPORTS[form](snapshot.load())
    if output:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)


@click.command("publish")
@click.option("--to", "url", required=True, metavar="URL", help=QUERY)
@click.option("--update", "update_url", metavar="URL", help=UPDATE)
@click.option("--token-file", type=EXISTING_FILE, help=TOKEN)
@click.option("--timeout", default=120.0, help="Seconds that one request may take [120].")
def publish_command(
    url: str, update_url: str | None, token_file: Path | None, timeout: float
) -> None:
    """Bring a store up to date with the dataset, sending the difference only.

    Interrupted, it goes on where it was when run again. Graphs that are not ours are left alone.
    Exit code 1 when the store refused or changed triples.
    """
    token = token_file.read_text("utf-8").strip() if token_file else None
    neighbour = url.removesuffix("query") + "update" if url.endswith("/query") else url
    settings = Settings(timeout=timeout, max_rows=10**9, max_bytes=2**32)
    engine = RemoteEngine(url, settings, update_url=update_url or neighbour, token=token)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("loading the dataset", total=None)

        def report(number: int, total: int, name: str) -> None:
            label = name.rpartition("/")[2]
            progress.update(task, completed=number, total=total, description=label)

        done = publish(snapshot.load(), engine, report)
    click.echo(f"{done.added:,} triples added, {done.removed:,} removed at {engine.url}")
    for triple in done.refused:
        click.echo(f"the store does not hold as it is: {triple}", err=True)
    sys.exit(bool(done.refused))


@click.command("link")
@click.option("--against", required=True, metavar="URL-or-FILE", help=AGAINST)
@click.option("--base", default="", help=BASE)
@click.option("--least", default=0.4, help="Leave out what scores less [0.4].")
def link_command(against: str, base: str, least: float) -> None:
    """Propose links for entities without one, each with a score and its evidence. Nothing is written."""
    for one in propose(LocalEngine(snapshot.load()), engine_of(against), base, least):
        click.echo(f"{one.score:.2f}  {one.entity}\n      {one.target}")
        for line in one.evidence:
            click.echo(f"      - {line}")


def engine_of(against: str) -> Engine:
    """Return what to ask: an endpoint, or a file's triples; InputError when it is neither."""
    if against.startswith(("http://", "https://")):
        return RemoteEngine(against, Settings(timeout=60))
    if RdfFormat.from_extension(Path(against).suffix.lstrip(".")) is None:
        raise InputError(f"{against} is neither the address of an endpoint nor an RDF file")
    store = Store()
    store.extend(parse(Path(against)))
    return LocalEngine(store)


@click.command("diff")
@click.argument("old", type=EXISTING_PATH)
@click.argument("new", type=EXISTING_PATH)
def diff_command(old: Path, new: Path) -> None:
    """Tell what changed from OLD to NEW: dumps (TriG, N-Quads) or checkouts.

    Exit code 1 when something did.
    """
    sentences = list(comparison.compare(comparison.load(old), comparison.load(new)))
    click.echo("\n".join(sentences) or "Nothing that is stated changed.")
    sys.exit(bool(sentences))
