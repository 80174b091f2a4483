"""``shimoda query``: ask the dataset, or any endpoint, from the terminal."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from shimoda.dataset import snapshot
from shimoda.engine.interface import Answer, Engine, Query
from shimoda.engine.local import Dataset
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError
from shimoda.namespaces import short

TABLE = "table"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
FORMATS: dict[str, tuple[str | None, str | None]] = {
    "json": (JSON, "text/turtle"),
    "xml": (XML, "application/rdf+xml"),
    "csv": ("text/csv", None),
    "tsv": ("text/tab-separated-values", None),
    "turtle": (None, "text/turtle"),
    "ntriples": (None, "application/n-triples"),
    "rdfxml": (None, "application/rdf+xml"),
    "jsonld": (None, "application/ld+json"),
    "trig": (None, "application/trig"),
    "nquads": (None, "application/n-quads"),
}
"""For each name the media type of results and of graphs; None where that name fits no such answer."""


@click.command(name="query")
@click.argument("query", default="-")
@click.option(
    "--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the embedded dataset."
)
@click.option(
    "--view", metavar="NAME", help="Add this view to the default graph: japan, russia, rdf12 …"
)
@click.option("--format", "name", help=f"One of {TABLE}, {', '.join(FORMATS)}.")
def command(query: str, endpoint: str | None, view: str | None, name: str | None) -> None:
    """Answer QUERY: a text, a file, or - for standard input.

    A terminal gets a table; a pipe gets JSON or Turtle unless --format says otherwise.
    """
    name = name or (TABLE if sys.stdout.isatty() else None)
    if name not in (None, TABLE) and name not in FORMATS:
        raise InputError(f"there is no format {name}; choose one of {TABLE}, {', '.join(FORMATS)}")
    results, graph = FORMATS[name] if name and name != TABLE else FORMATS["json"]
    engine: Engine | Dataset
    engine = (
        RemoteEngine(endpoint) if endpoint else Dataset(snapshot.load(), sys.maxsize, sys.maxsize)
    )
    answer = engine.query(Query(text(query), results, graph, view=view))
    if name == TABLE and answer.form in ("SELECT", "ASK"):
        Console().print(table(answer))
    else:
        sys.stdout.buffer.write(answer.content())


def text(query: str) -> str:
    """Return the query's text: from standard input, from a file if one has that name, or as given."""
    if query == "-":
        return sys.stdin.read()
    if "\n" in query or "{" in query:
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=query) from None


def table(answer: Answer) -> Table | str:
    """Make a table of results in JSON (SPARQL 1.1 Query Results JSON Format), IRIs shortened."""
    results = json.loads(answer.content())
    if "boolean" in results:
        return "yes" if results["boolean"] else "no"
    rows = Table(*results["head"]["vars"], caption=f"{len(results['results']['bindings']):,} rows")
    for binding in results["results"]["bindings"]:
        rows.add_row(*(show(binding.get(name)) for name in results["head"]["vars"]))
    return rows


def show(term: dict[str, str] | None) -> str:
    """Return a term as a reader wants it: a prefixed name where there is a prefix, a literal without quotes."""
    if term is None:
        return ""
    if term["type"] == "triple":
        return json.dumps(term["value"], ensure_ascii=False)
    return short(term["value"]) if term["type"] == "uri" else term["value"]
