"""``shimoda build``, ``format``, ``new``, ``cut`` and ``date``: from files to the dataset."""

import sys
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from shimoda.authoring.checks import all_files, check_questions
from shimoda.authoring.cuts import cut_again
from shimoda.authoring.sources import lay_out
from shimoda.dataset import snapshot
from shimoda.dataset.canonical import canonicalize
from shimoda.dataset.files import read_text
from shimoda.dataset.sentences import Sentence
from shimoda.errors import InputError
from shimoda.processes.baseline import build_store
from shimoda.reasoning.dates import days_of

FOLDER = click.Path(file_okay=False, path_type=Path)
AUTHOR = "Who wrote it, in whose voice it narrates; a person without a name if none is given."
JOIN = "A sentence that goes on in the next one, such as s004; may be repeated."
BEGIN = "Words with which a sentence begins; may be repeated."
EXAMPLES = "2011-03-12, 2009-11, 2004-21 (spring), 2004-XX, 197X, 2011-03-19~, 1999/2001 or [..1956] (by then)"
BUILD_STORE = "Build in a new store on disk, for shimoda serve --store, instead of a snapshot: of more than memory holds."
CHECK_ONLY = "Write nothing; exit with 1 if a file is not in the canonical form."


@click.command("build")
@click.option("--fresh", is_flag=True, help="Build even if no input changed.")
@click.option("--store", "folder", type=FOLDER, help=BUILD_STORE)
def build_command(fresh: bool, folder: Path | None) -> None:
    """Assemble the files into the dataset, reason over it, keep a snapshot, and try every question of queries/ on it."""
    with Console(stderr=True).status("starting") as status:
        if folder:
            store = build_store(folder, status.update)
        else:
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
    changed = False
    for file in files or all_files():
        text = canonicalize(file)
        if text != file.read_text(encoding="utf-8"):
            changed = True
            click.echo(f"{'would change' if check else 'changed'}: {file}")
            if not check:
                file.write_text(text, encoding="utf-8")
    sys.exit(check and changed)


@click.command("new")
@click.argument("name")
@click.argument("text", type=click.Path(path_type=Path))
@click.option("--title", help="The title of the text; its name if none is given.")
@click.option("--author", help=AUTHOR)
def new_command(name: str, text: Path, title: str | None, author: str | None) -> None:
    """Lay out triples/NAME for the text in the file TEXT: its sentences cut, numbered and digested, not copied.

    Each sentence gets a stub, an assertion that nobody has filled in yet; so what is laid out passes shimoda check.
    """
    title = title or name
    folder, found = lay_out(name, title, author or f"Author of {title}", text)
    show(found, text)
    click.echo(f"{folder}: {len(found)} sentences. Next: docs/second-source.md")


@click.command("cut")
@click.argument("name")
@click.argument("text", type=click.Path(path_type=Path))
@click.option("--join", "joined", multiple=True, metavar="SENTENCE", help=JOIN)
@click.option("--begin", "begins", multiple=True, metavar="WORDS", help=BEGIN)
def cut_command(name: str, text: Path, joined: tuple[str, ...], begins: tuple[str, ...]) -> None:
    """Cut and digest the sentences of triples/NAME again, from the file TEXT; what cites them follows.

    A mended text is cut anew; --join and --begin mend the cut that stands.
    """
    sentences, moved = cut_again(name, text, joined, begins)
    show(sentences, text)
    for old, new in moved.items():
        if old != new:
            click.echo(f"{old} is {new} now")
    for new in sorted({one.name for one in sentences} - set(moved.values())):
        click.echo(f"{new} is new")


def show(sentences: list[Sentence], text: Path) -> None:
    """Show how each sentence begins, from the text; where one is cut wrongly is seen by that."""
    content = read_text(text)
    for one in sentences:
        click.echo(f"{one.name}  {' '.join(content[one.start : one.end].split())[:70]}")


@click.command("date")
@click.argument("text", metavar="DATE")
def date_command(text: str) -> None:
    """Tell which days a DATE allows, as the dataset has it (EDTF): ``shimoda date 2004-XX``."""
    days = days_of(text)
    if days is None:
        raise InputError(f"{text} is no date in EDTF, such as {EXAMPLES}")
    begins, ends = told(*days[:2]), told(*days[2:])
    click.echo(begins if begins == ends else f"begins {begins}\nends {ends}")


def told(first: date | None, last: date | None) -> str:
    """Say from which day to which something may be."""
    if first and last:
        return f"on {first}" if first == last else f"some time from {first} to {last}"
    return f"by {last}" if last else f"from {first} on" if first else "at a time that is left open"
