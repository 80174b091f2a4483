"""``shimoda build``, ``format`` and ``new``: from files to the dataset."""

import sys
from pathlib import Path

import click
from rich.console import Console

from shimoda import paths
from shimoda.authoring.checks import check_questions
from shimoda.authoring.sources import lay_out
from shimoda.dataset import snapshot
from shimoda.dataset.canonical import canonicalize
from shimoda.errors import InputError

CHECK_ONLY = "Write nothing; exit with 1 if a file is not in the canonical form."


@click.command("build")
@click.option("--fresh", is_flag=True, help="Build even if no input changed.")
def build_command(fresh: bool) -> None:
    """Assemble the files into the dataset, reason over it, keep a snapshot, and try every question of queries/ on it."""
    with Console(stderr=True).status("starting") as status:
        store = snapshot.load(status.update, fresh=fresh)
        status.update("trying the questions")
        for finding in check_questions(store):
            raise InputError(finding.message, file=finding.file)
    graphs = sum(1 for _ in store.named_graphs())
    click.echo(f"{len(store):,} quads, in the default graph and {graphs:,} named graphs")


@click.command("format")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help=CHECK_ONLY)
def format_command(files: tuple[Path, ...], check: bool) -> None:
    """Bring Turtle and TriG FILES (all of ontology/ and triples/ without any) into the canonical form."""
    changed = []
    for file in files or our_files():
        text = canonicalize(file)
        if text != file.read_text(encoding="utf-8"):
            changed.append(file)
            if not check:
                file.write_text(text, encoding="utf-8")
    for file in changed:
        click.echo(f"{'would change' if check else 'changed'}: {file}")
    sys.exit(bool(check and changed))


def our_files() -> list[Path]:
    """Return the RDF files of the project."""
    found = [*paths.data("ontology").rglob("*"), *paths.data("triples").rglob("*")]
    return sorted(file for file in found if file.suffix in (".ttl", ".trig"))


@click.command("new")
@click.argument("name")
@click.argument("text", type=click.Path(path_type=Path))
@click.option("--title", help="The title of the text; its name if none is given.")
def new_command(name: str, text: Path, title: str | None) -> None:
    """Lay out triples/NAME for the text in the file TEXT: its sentences cut, numbered and digested, not copied."""
    folder, count = lay_out(name, title or name, text)
    following = "Next: entities/, then assertions/first.trig (see triples/README.md)."
    click.echo(f"{folder}: {count} sentences. {following}")
