"""``shimoda backup``."""

from pathlib import Path

import click

from shimoda.errors import InputError
from shimoda.processes.baseline import copy
from shimoda.processes.generations import Generations


@click.command("backup")
@click.argument("store", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("backup", type=click.Path(path_type=Path))
def command(store: Path, backup: Path) -> None:
    """Copy a store as it stands to a new folder, while it is served or not.

    On the same disk the copy shares the files that never change, and costs next to nothing; a copy that is to outlive
    the disk belongs on another.
    """
    if backup.exists():
        raise InputError(f"{backup} is there already; a backup goes to a new folder.")
    copy(Generations(store), Generations(backup))
    click.echo(f"The store is kept in {backup}.", err=True)
