"""``shimoda load``, ``backup`` and ``restore``: the store of a server that writes."""

import gzip
from pathlib import Path
from typing import IO, cast

import click
from pyoxigraph import DefaultGraph, NamedNode, Store
from rich.console import Console
from rich.progress import Progress

from shimoda.dataset.files import syntax_of
from shimoda.engine.protection import follow
from shimoda.errors import InputError
from shimoda.processes.baseline import baseline_path, copy
from shimoda.processes.generations import Generations
from shimoda.sparql.syntax import syntax_problem

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("load")
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE)
@click.option("--store", required=True, type=FOLDER, help="Folder of the store.")
@click.option("--graph", help="Named graph that triples go to, instead of the default graph.")
def load_command(files: tuple[Path, ...], store: Path, graph: str | None) -> None:
    """Bring RDF files of any syntax, gzipped or not, into a store that is not being served: all of them or none."""
    generations = Generations(store)
    generations.lock()
    working = generations.checkout()
    target = NamedNode(graph) if graph else DefaultGraph()
    with Progress(console=Console(stderr=True)) as progress:
        for file in files:
            with progress.open(file, "rb", description=file.name) as stream:
                load(working, file, cast(IO[bytes], stream), target)
    if baseline_path(store, generations.current() or 0):
        follow(working)
    generations.publish(working, generations.next())
    click.echo(f"{len(working):,} statements are in {store}.", err=True)


def load(store: Store, file: Path, stream: IO[bytes], target: NamedNode | DefaultGraph) -> None:
    """Load a file into a store; what does not parse is said with its line."""
    syntax = syntax_of(file)
    plain = cast(IO[bytes], gzip.GzipFile(fileobj=stream)) if file.suffix == ".gz" else stream
    try:
        graph = None if syntax.supports_datasets and target == DefaultGraph() else target
        store.bulk_load(plain, syntax, base_iri=file.absolute().as_uri(), to_graph=graph)
    except SyntaxError as error:
        raise syntax_problem(error, file=str(file)) from error
    except (ValueError, EOFError, OSError) as error:
        raise InputError(f"It cannot be loaded: {error}", file=str(file)) from error


@click.command("backup")
@click.argument("store", type=EXISTING_FOLDER)
@click.argument("backup", type=click.Path(path_type=Path))
def backup_command(store: Path, backup: Path) -> None:
    """Copy a store as it stands to a new folder, while it is served or not.

    On the same disk the copy shares the files that never change, and costs next to nothing; a copy that is to outlive
    the disk belongs on another.
    """
    if backup.exists():
        raise InputError(f"{backup} is there already; a backup goes to a new folder.")
    copy(Generations(store), Generations(backup))
    click.echo(f"The store is kept in {backup}.", err=True)


@click.command("restore")
@click.argument("backup", type=EXISTING_FOLDER)
@click.argument("store", type=FOLDER)
def restore_command(backup: Path, store: Path) -> None:
    """Make a backup the present state of a store that is not being served; what it held is dropped."""
    generations = Generations(store)
    generations.lock()
    generations.prune(copy(Generations(backup), generations))
    click.echo(f"{store} is as it was kept in {backup}.", err=True)
