"""``shimoda export``: the dataset as a file."""

import sys
from pathlib import Path

import click

from shimoda.authoring.exports import EXPORTS
from shimoda.dataset import snapshot


@click.command(name="export")
@click.argument("form", metavar="FORMAT", type=click.Choice(list(EXPORTS)))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write; standard output without it.",
)
def command(form: str, output: Path | None) -> None:
    """Write the dataset as FORMAT: trig, nquads (canonical), neutral, rdf12, jsonld, geojson, csv, nanopub, context."""
    data = EXPORTS[form](snapshot.load())
    if output:
        output.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
