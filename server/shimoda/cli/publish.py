"""``shimoda publish``: bring a SPARQL store up to date with the dataset."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shimoda.authoring.publication import publish
from shimoda.dataset import snapshot
from shimoda.engine.remote import RemoteEngine
from shimoda.settings import Settings


@click.command(name="publish")
@click.option(
    "--to", "url", required=True, metavar="URL", help="The store's SPARQL endpoint for queries."
)
@click.option(
    "--update",
    "update_url",
    metavar="URL",
    help="The one for updates, unless it is the same or a neighbour of .../query named update.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a bearer token; HTTP Basic goes into the URL.",
)
@click.option("--timeout", default=120.0, help="Seconds that one request may take [120].")
def command(url: str, update_url: str | None, token_file: Path | None, timeout: float) -> None:
    """Bring a store up to date with the dataset, sending the difference only.

    Interrupted, it goes on where it was when run again. Graphs that are not ours are left alone.
    Exit code 1 when the store refused or changed triples.
    """
    token = token_file.read_text("utf-8").strip() if token_file else None
    update_url = update_url or (
        url.removesuffix("query") + "update" if url.endswith("/query") else url
    )
    engine = RemoteEngine(
        url,
        Settings(timeout=timeout, max_rows=10**9, max_bytes=2**32),
        update_url=update_url,
        token=token,
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("loading the dataset", total=None)
        done = publish(
            snapshot.load(),
            engine,
            lambda number, total, name: progress.update(
                task, completed=number, total=total, description=name.rpartition("/")[2]
            ),
        )
    click.echo(f"{done.added:,} triples added, {done.removed:,} removed at {engine.url}")
    for triple in done.refused:
        click.echo(f"the store does not hold as it is: {triple}", err=True)
    sys.exit(bool(done.refused))
