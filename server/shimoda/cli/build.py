"""``shimoda build``: make the dataset from the files."""

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shimoda.dataset import snapshot


@click.command(name="build")
@click.option("--fresh", is_flag=True, help="Build even if no input changed.")
def command(fresh: bool) -> None:
    """Assemble the files into the dataset, reason over it and keep a snapshot."""
    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
    ) as progress:
        task = progress.add_task("starting", total=None)
        store = snapshot.load(lambda stage: progress.update(task, description=stage), fresh=fresh)
    graphs = sum(1 for _ in store.named_graphs())
    click.echo(f"{len(store):,} quads, in the default graph and {graphs:,} named graphs")
