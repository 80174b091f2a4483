"""``shimoda restore``."""

from pathlib import Path

import click

from shimoda.processes.baseline import copy
from shimoda.processes.generations import Generations


@click.command("restore")
@click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("store", type=click.Path(file_okay=False, path_type=Path))
def command(backup: Path, store: Path) -> None:
    """Make a backup the present state of a store that is not being served; what it held is dropped."""
    generations = Generations(store)
    generations.lock()
    generations.prune(copy(Generations(backup), generations))
    click.echo(f"{store} is as it was kept in {backup}.", err=True)
