"""``shimoda query`` and ``explain``: ask the dataset, or any endpoint, from the terminal."""

import json
import os
import sys
from itertools import chain, repeat
from pathlib import Path
from textwrap import indent

import click
from click.shell_completion import CompletionItem
from pyoxigraph import NamedNode
from rich.console import Console
from rich.table import Table

from shimoda.dataset import snapshot
from shimoda.dataset.files import read_text
from shimoda.engine.axioms import prover_of
from shimoda.engine.interface import Engine, Query
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.namespaces import local_name, short
from shimoda.questions import catalogue
from shimoda.questions.citations import Citations, cite
from shimoda.questions.doctor import diagnose
from shimoda.questions.parameters import choices
from shimoda.reasoning.explanation import explain
from shimoda.sparql.formats import JSON, NAMES, TURTLE
from shimoda.sparql.results import Results

TABLE = "table"
SOURCES = ("status", "voices", "sentences")
ASK_THIS = "Ask this SPARQL endpoint instead of the embedded dataset."
CITE = "Tell of each row how it stands, and in which sentences: with a table, JSON, CSV or TSV."
ADD_VIEW = "Add this view to the default graph: japan, russia, rdf12 …"
GIVE = "Give a parameter of the question a value; may be repeated."
EXAMPLES = """\b
Examples:
  shimoda query contradictions
  shimoda query positions-on-a-territory -p territory=Shikotan --format csv
  shimoda query 'SELECT ?visit { ?visit a :Visit }' --endpoint http://127.0.0.1:7878/sparql
  shimoda query -i
"""
EXPLAIN_IN_VIEW = "Explain in the world of this view: japan, russia …"
EXPLAIN_THERE = "Explain a triple of this endpoint, not of the embedded dataset."


def names_of_questions(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of a question."""
    found = [one for one in catalogue.read_all() if one.name.startswith(begun)]
    return [CompletionItem(one.name, help=one.title) for one in found]


def parameters_of(_: click.Context, __: click.Parameter, begun: str) -> list[str]:
    """Complete ``name=`` by the parameters of the question, and what follows by what they take."""
    words = os.environ.get("COMP_WORDS", "").split()  # click does not parse a line that ends in -p
    question = next((one for one in catalogue.read_all() if one.name in words), None)
    if question is None:
        return []
    name, is_name_whole, value = begun.partition("=")
    if not is_name_whole:
        return [f"{one.name}=" for one in question.parameters if one.name.startswith(name)]
    kinds = [one.kind for one in question.parameters if one.name == name and one.is_choice]
    known = choices(kinds[0], LocalEngine(snapshot.load())).labels if kinds else ()
    return [f"{name}={local_name(iri)}" for iri in known if local_name(iri).startswith(value)]


@click.command("query", epilog=EXAMPLES)
@click.argument("query", default="-", shell_complete=names_of_questions)
@click.option("-p", "given", multiple=True, metavar="NAME=VALUE", help=GIVE, shell_complete=parameters_of)  # fmt: skip
@click.option("--list", "is_list", is_flag=True, help="List the questions that have a name.")
@click.option("-i", "--interactive", is_flag=True, help="Ask one query after the other.")
@click.option("--cite", "is_cited", is_flag=True, help=CITE)
@click.option("--endpoint", metavar="URL", help=ASK_THIS)
@click.option("--view", metavar="NAME", help=ADD_VIEW)
@click.option("--format", "name", type=click.Choice([TABLE, *NAMES]), metavar="NAME", help=f"One of {TABLE}, {', '.join(NAMES)}.")  # fmt: skip
def query_command(  # noqa: PLR0913, PLR0917 (each is an option)
    query: str,
    given: tuple[str, ...],
    is_list: bool,
    interactive: bool,
    is_cited: bool,
    endpoint: str | None,
    view: str | None,
    name: str | None,
) -> None:
    """Answer QUERY: the name of a question, a text, a file, or - for standard input.

    A terminal gets a table; a pipe gets JSON or Turtle unless --format says otherwise. Why an answer says nothing is
    told on standard error. The exit code is 0 for an answer, an empty one too, 1 for an error, 2 for a wrong call.
    """
    name = name or (TABLE if sys.stdout.isatty() else None)
    if is_list:
        Console().print(list_questions())
        return
    engine = RemoteEngine(endpoint) if endpoint else LocalEngine(snapshot.load())
    if interactive:
        from shimoda.cli.shell import interact

        interact(engine, lambda text: answer(engine, text_of(text, {}, engine), view, TABLE))
    else:
        answer(engine, text_of(query, pairs(given), engine), view, name, is_cited=is_cited)


def answer(
    engine: Engine, text: str, view: str | None, name: str | None, *, is_cited: bool = False
) -> None:
    """Write what a query answers, with sources if they are wanted, and why if that is nothing."""
    results_type, graph_type = (JSON, TURTLE) if name in (None, TABLE, "json") else NAMES[name]
    asked = Query(text, JSON if is_cited else results_type, graph_type, view=view)
    results = engine.query(asked)
    cited = cite(engine, asked, results) if is_cited else None
    if name == TABLE and results.form in ("SELECT", "ASK"):
        Console().print(table_of(results, cited))
    elif cited:
        sys.stdout.buffer.write(cited.write(results, str(results_type)))
    else:
        sys.stdout.buffer.write(results.read())
    if results.is_empty:
        for finding in diagnose(engine, asked).findings:
            click.echo(f"shimoda: {finding}", err=True)
            if finding.query:
                click.echo(f"Ask instead:\n{indent(finding.query, '  ')}", err=True)


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """Return values by parameter; BadParameter for what is no ``name=value``."""
    found = [one.partition("=") for one in given]
    for name, sign, _ in found:
        if not sign:
            raise click.BadParameter(f"{name!r} is not NAME=VALUE.", param_hint="-p")
    return {name: value for name, _, value in found}


def text_of(query: str, given: dict[str, str], engine: Engine) -> str:
    """Return the query's text: of the question or the file of that name, from standard input, or as given."""
    if query == "-":
        return sys.stdin.read()
    if "\n" in query or "{" in query:
        return query
    if Path(query).suffix or Path(query).is_file():
        return read_text(Path(query))
    return catalogue.find(query.strip()).bind(given, engine)


def list_questions() -> Table:
    """Make a table of the questions, each with its parameters."""
    table = Table("question", "parameters", "asks", box=None)
    for one in catalogue.read_all():
        table.add_row(one.name, " ".join(parameter.name for parameter in one.parameters), one.title)
    return table


def table_of(results: Results, cited: Citations | None = None) -> Table | str:
    """Make a table of results, with short names, and with what each row rests on if that is known."""
    if results.form == "ASK":
        return "yes" if results.boolean else "no"
    names, sources = results.variables, SOURCES if cited else ()
    table = Table(*names, *sources, caption=f"{results.count:,} row{'s' * (results.count != 1)}")
    told = chain(cited.rows if cited else (), repeat(None))
    for row, citation in zip(results.rows(), told, strict=False):
        more = (citation.values(name) if citation else () for name in sources)
        cells = (shown(row.get(name)) for name in names)
        table.add_row(*cells, *(" ".join(map(local_name, values)) for values in more))
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
    engine = RemoteEngine(endpoint) if endpoint else LocalEngine(snapshot.load())
    found = explain(prover_of(engine, view), terms, alternatives=alternatives)
    if form == "turtle":
        click.echo(found.as_turtle().decode(), nl=False)
    elif form == "json":
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(found.as_text())
