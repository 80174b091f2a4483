"""``shimoda query --interactive`` and ``shimoda completion``: help with typing."""

import re
from collections.abc import Callable

import click
from click.shell_completion import get_completion_class
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.rdf import SparqlLexer

from shimoda import paths
from shimoda.engine.interface import Engine
from shimoda.errors import ShimodaError
from shimoda.namespaces import ONTOLOGY, short
from shimoda.questions import catalogue
from shimoda.questions.parameters import choices
from shimoda.sparql.text import mask

WORD = re.compile(r"[\w:.-]+")
WORDS = (
    "SELECT ASK CONSTRUCT DESCRIBE WHERE GRAPH OPTIONAL FILTER UNION DISTINCT ORDER LIMIT PREFIX"
)
TERMS = f'SELECT DISTINCT ?term {{ ?term a ?kind FILTER STRSTARTS(STR(?term), "{ONTOLOGY}") }}'


def interact(engine: Engine, answer: Callable[[str], None]) -> None:
    """Ask queries, or questions by name, until the end of the input; an unfinished query goes on in the next line."""
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(paths.built() / "history")),
        completer=WordCompleter(words(engine), pattern=WORD),
        complete_while_typing=False,
        lexer=PygmentsLexer(SparqlLexer),
        multiline=Condition(lambda: is_unfinished(get_app().current_buffer.text)),
    )
    click.echo("A query, or the name of a question; Tab completes, Ctrl-D ends.", err=True)
    while True:
        try:
            text = session.prompt("shimoda> ")
            if text.strip():
                answer(text)
        except ShimodaError as error:
            click.echo(f"shimoda: {error}", err=True)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def is_unfinished(text: str) -> bool:
    """Tell whether a query has braces still to be closed, or has none yet."""
    masked = mask(text)
    has_query = re.search(r"\s", text.strip()) is not None
    return masked.count("{") > masked.count("}") or (has_query and "{" not in masked)


def words(engine: Engine) -> list[str]:
    """Return what is completed: keywords, names of questions, and terms and entities with their prefixes."""
    terms = {row["term"].value for row in engine.rows(TERMS)}
    names = [short(iri) for iri in (*terms, *choices("entity", engine).labels)]
    return [*WORDS.split(), *sorted(names), *(one.name for one in catalogue.read_all())]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print what makes a SHELL complete the commands, options and questions.

    \b
    bash:  eval "$(shimoda completion bash)"
    zsh:   eval "$(shimoda completion zsh)"
    fish:  shimoda completion fish | source
    """
    from shimoda.cli import main

    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(main, {}, "shimoda", "_SHIMODA_COMPLETE").source())
