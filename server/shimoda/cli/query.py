"""``shimoda query`` and ``explain``: ask the dataset, or any endpoint, from the terminal."""

import json
import sys
from pathlib import Path
from textwrap import indent

import click
from pyoxigraph import NamedNode
from rich.console import Console
from rich.table import Table

from shimoda.dataset import snapshot
from shimoda.dataset.files import read_text
from shimoda.engine.interface import EngineStore, Query
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError
from shimoda.namespaces import short
from shimoda.questions.doctor import diagnose
from shimoda.reasoning import LocalStore, RuleStore, rules_of
from shimoda.reasoning.explanation import explain
from shimoda.sparql.formats import JSON, NAMES, TURTLE
from shimoda.sparql.results import Results

TABLE = "table"
ASK_THIS = "Ask this SPARQL endpoint instead of the embedded dataset."
ADD_VIEW = "Add this view to the default graph: japan, russia, rdf12 …"
EXPLAIN_IN_VIEW = "Explain in the world of this view: japan, russia …"
EXPLAIN_THERE = "Explain a triple of this endpoint, not of the embedded dataset."


@click.command("query")
@click.argument("query", default="-")
@click.option("--endpoint", metavar="URL", help=ASK_THIS)
@click.option("--view", metavar="NAME", help=ADD_VIEW)
@click.option("--format", "name", help=f"One of {TABLE}, {', '.join(NAMES)}.")
def query_command(query: str, endpoint: str | None, view: str | None, name: str | None) -> None:
    """Answer QUERY: a text, a file, or - for standard input.

    A terminal gets a table; a pipe gets JSON or Turtle unless --format says otherwise. Why an answer says nothing is
    told on standard error.
    """
    name = name or (TABLE if sys.stdout.isatty() else None)
    results_type, graph_type = types_of(name)
    engine = RemoteEngine(endpoint) if endpoint else LocalEngine(snapshot.load())
    asked = Query(text_of(query), results_type, graph_type, view=view)
    results = engine.query(asked)
    if name == TABLE and results.form in ("SELECT", "ASK"):
        Console().print(table_of(results))
    else:
        sys.stdout.buffer.write(results.read())
    if results.is_empty:
        for finding in diagnose(engine, asked).findings:
            click.echo(f"shimoda: {finding}", err=True)
            if finding.query:
                click.echo(f"Ask instead:\n{indent(finding.query, '  ')}", err=True)


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
    return read_text(Path(query))


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


@click.command("explain")
@click.argument("terms", nargs=3, metavar="SUBJECT PREDICATE OBJECT")
@click.option("--view", metavar="NAME", help=EXPLAIN_IN_VIEW)
@click.option("--alternatives", is_flag=True, help="Show other proofs too.")
@click.option("--endpoint", metavar="URL", help=EXPLAIN_THERE)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "turtle")),
    default="text",
    show_default=True,
)
def explain_command(
    terms: tuple[str, str, str],
    view: str | None,
    alternatives: bool,
    endpoint: str | None,
    form: str,
) -> None:
    """Explain a triple, in prefixed names or IRIs: ``shimoda explain place:kunashir a :ContestedTerritory``."""
    store = store_of(endpoint)
    found = explain(store, rules_of(store), terms, party=view, alternatives=alternatives)
    if form == "turtle":
        click.echo(found.as_turtle().decode(), nl=False)
    elif form == "json":
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(found.as_text())


def store_of(endpoint: str | None) -> RuleStore:
    """Return what holds the triple: an endpoint, or the embedded dataset."""
    return EngineStore(RemoteEngine(endpoint)) if endpoint else LocalStore(snapshot.load())
