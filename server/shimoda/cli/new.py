"""``shimoda new``: lay out the folder of another source."""

import re
from pathlib import Path

import click

from shimoda import paths
from shimoda.authoring.sources import describe, lay_out
from shimoda.dataset.canonical import serialize
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@click.command(name="new")
@click.argument("name")
@click.argument("text", type=click.Path(path_type=Path))
@click.option("--title", help="The title of the text; its name if none is given.")
def command(name: str, text: Path, title: str | None) -> None:
    """Lay out triples/NAME for the text in the file TEXT: its sentences cut, numbered and digested, not copied."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name} is no name for a source; use small letters, digits and hyphens")
    folder = paths.data("triples") / name
    if folder.exists():
        raise InputError("there is such a source already", file=str(folder))
    try:
        content = text.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as UTF-8 text: {error}", file=str(text)) from None
    description = list(describe(name, title or name, content))
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    lay_out(folder, serialize(description), prefixes)
    count = sum(1 for quad in description if quad.predicate == PREFIXES[""]["number"])
    click.echo(
        f"{folder}: {count} sentences. Next: entities/, then assertions/first.trig (see triples/README.md)."
    )
