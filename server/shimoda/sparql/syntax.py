"""What pyoxigraph complains of, as the errors that a user may see."""

import re
from contextlib import suppress

from shimoda.errors import SyntaxProblem
from shimoda.sparql.text import mask

QUERY_ERROR = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
PLACE = re.compile(
    r"^Parser error at line \d+ (between columns \d+ and( line \d+ column)? \d+|column \d+): "
)
MEANING = re.compile(r"[A-Z]\w*(?: [\w?']+){3,}")
DECLARED = re.compile(r"\bprefix\s+([\w.-]*):", re.IGNORECASE)
USED = re.compile(r"(?<![\w?$:.@_-])([A-Za-z][\w.-]*|):[\w\\%]")
LONGEST = 20_000


def syntax_problem(error: SyntaxError, text: str = "", *, file: str | None = None) -> SyntaxProblem:
    """Say where and how a query, an update or an RDF document does not parse; places count from 1."""
    found = QUERY_ERROR.match(error.msg)
    if not found:
        return SyntaxProblem(
            sentence(PLACE.sub("", error.msg)), file=file, line=error.lineno, column=error.offset
        )
    line, column = place(text, int(found[1]), int(found[2]))
    return SyntaxProblem(meaning(found[3], text, line, column), file=file, line=line, column=column)


def place(text: str, line: int, column: int) -> tuple[int, int]:
    """Return where a query or an update stops parsing, given the place that pyoxigraph names.

    That is as far as it looked ahead, a word or two late; rdflib's grammar knows where the clause begins.
    """
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery, parseUpdate

    lines = text.split("\n")
    late = sum(len(before) + 1 for before in lines[: line - 1]) + column
    places = [(late, line, column)]
    for parse in (parseQuery, parseUpdate) if len(text) < LONGEST else ():
        with suppress(RecursionError):
            try:
                parse(text)
                return line, column
            except ParseException as error:
                places.append((error.loc, error.lineno, error.col))
    _, line, column = max(one for one in places[1:] or places if one[0] <= late)
    return line, column


def meaning(expected: str, text: str, line: int, column: int) -> str:
    """Say what is wrong at a place."""
    if said := MEANING.search(expected):
        return f"{said[0]}."
    plain = mask(text)
    if undeclared := sorted(set(USED.findall(plain)) - set(DECLARED.findall(plain))):
        return f"No PREFIX declares {', '.join(f'{name}:' for name in undeclared)}."
    rest = text.split("\n")[line - 1 : line]
    found = re.match(r"\S{1,40}", rest[0][column - 1 :]) if rest else None
    return f"It does not parse from “{found[0]}” on." if found else "It ends too early."


def sentence(text: str) -> str:
    """Make a sentence of a message."""
    words = text.strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
