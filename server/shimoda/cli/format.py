"""``shimoda format``: write RDF files in the canonical form, or tell which are not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from shimoda import paths
from shimoda.dataset.canonical import canonicalize


def ours() -> Iterator[Path]:
    """Yield the RDF files of the project."""
    for folder in (paths.data("ontology"), paths.data("triples")):
        yield from (file for file in folder.rglob("*") if file.suffix in (".ttl", ".trig"))


@click.command(name="format")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit with 1 if a file is not in the canonical form.",
)
def command(files: tuple[Path, ...], check: bool) -> None:
    """Bring Turtle and TriG FILES (all of ontology/ and triples/ without any) into the canonical form."""
    changed = []
    for file in files or sorted(ours()):
        text = canonicalize(file)
        if text != file.read_text(encoding="utf-8"):
            changed.append(file)
            if not check:
                file.write_text(text, encoding="utf-8")
    for file in changed:
        click.echo(f"{'would change' if check else 'changed'}: {file}")
    sys.exit(bool(check and changed))
