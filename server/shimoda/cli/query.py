"""``shimoda query``: ask the dataset, or any endpoint, from the terminal."""

import sys
from pathlib import Path

import click
from pyoxigraph import NamedNode
from rich.console import Console
from rich.table import Table

from shimoda.dataset import snapshot
from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError
from shimoda.namespaces import short
from shimoda.sparql.formats import JSON, NAMES, TURTLE
from shimoda.sparql.results import Results

TABLE = "table"


@click.command(name="query")
@click.argument("query", default="-")
@click.option(
    "--endpoint",
    metavar="URL",
    help="Ask this SPARQL endpoint instead of the embedded dataset.",
)
@click.option(
    "--view",
    metavar="NAME",
    help="Add this view to the default graph: japan, russia, rdf12 …",
)
@click.option("--format", "name", help=f"One of {TABLE}, {', '.join(NAMES)}.")
def command(query: str, endpoint: str | None, view: str | None, name: str | None) -> None:
    """Answer QUERY: a text, a file, or - for standard input.

    A terminal gets a table; a pipe gets JSON or Turtle unless --format says otherwise.
    """
    name = name or (TABLE if sys.stdout.isatty() else None)
    results_type, graph_type = types_of(name)
    engine = RemoteEngine(endpoint) if endpoint else LocalEngine(snapshot.load())
    results = engine.query(Query(text_of(query), results_type, graph_type, view=view))
    if name == TABLE and results.form in ("SELECT", "ASK"):
        Console().print(table_of(results))
    else:
        sys.stdout.buffer.write(results.read())


def types_of(name: str | None) -> tuple[str | None, str | None]:
    """Return the media types of results and of graphs that a format's name stands for."""
    if name in (None, TABLE, "json"):
        return JSON, TURTLE
    if name not in NAMES:
        known = ", ".join([TABLE, *NAMES])
        raise InputError(f"there is no format {name}; choose one of {known}")
    return NAMES[name]


def text_of(query: str) -> str:
    """Return the query's text: from standard input, from a file if one has that name, or as given."""
    if query == "-":
        return sys.stdin.read()
    if "\n" in query or "{" in query:
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=query) from None


def table_of(results: Results) -> Table | str:
    """Make a table of results, with short names."""
    if results.form == "ASK":
        return "yes" if results.boolean else "no"
    names = results.variables
    table = Table(*names, caption=f"{results.count:,} rows")
    for row in results.rows():
        table.add_row(*(shown(row.get(name)) for name in names))
    return table


def shown(term: object) -> str:
    """Return a term as a reader wants it: a prefixed name where there is a prefix, a literal without quotes."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return short(term.value)
    return str(getattr(term, "value", term))
