"""``shimoda link``: candidates for links to another dataset, for a person to judge."""

from pathlib import Path

import click
from pyoxigraph import RdfFormat, Store

from shimoda.authoring.candidates import propose
from shimoda.dataset import snapshot
from shimoda.dataset.files import parse
from shimoda.engine.interface import Engine
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError
from shimoda.settings import Settings


@click.command(name="link")
@click.option(
    "--against", required=True, metavar="URL-or-FILE", help="A SPARQL endpoint, or an RDF file."
)
@click.option(
    "--base",
    default="",
    help="Propose only IRIs that begin with this: http://www.wikidata.org/entity/",
)
@click.option("--least", default=0.4, help="Leave out what scores less [0.4].")
def command(against: str, base: str, least: float) -> None:
    """Propose links for entities without one, each with a score and its evidence. Nothing is written."""
    for one in propose(LocalEngine(snapshot.load()), other(against), base, least):
        click.echo(f"{one.score:.2f}  {one.entity}\n      {one.target}")
        for line in one.evidence:
            click.echo(f"      - {line}")


def other(against: str) -> Engine:
    """Return what to ask: an endpoint, or a file's triples; InputError when it is neither."""
    if against.startswith(("http://", "https://")):
        return RemoteEngine(against, Settings(timeout=60))
    if RdfFormat.from_extension(Path(against).suffix.lstrip(".")) is None:
        raise InputError(f"{against} is neither the address of an endpoint nor an RDF file")
    store = Store()
    store.extend(parse(Path(against)))
    return LocalEngine(store)
