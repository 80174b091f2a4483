"""``shimoda diff``: two versions of the dataset, told apart in prose."""

import sys
from pathlib import Path

import click

from shimoda.authoring.comparison import compare, load


@click.command(name="diff")
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
def command(old: Path, new: Path) -> None:
    """Tell what changed from OLD to NEW: dumps (TriG, N-Quads) or checkouts.

    Exit code 1 when something did.
    """
    sentences = list(compare(load(old), load(new)))
    click.echo("\n".join(sentences) or "Nothing that is stated changed.")
    sys.exit(bool(sentences))
