"""What pyoxigraph complains of, as the errors that a user may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from shimoda.errors import InputError, Refused, SyntaxProblem, Unavailable

__all__ = ["explained", "syntax_problem"]

QUERY_ERROR = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
CHARACTERS = re.compile(r"\[(?:[^\]'\"]|'[^']*'|\"[^\"]*\")*\]")
PLACE = re.compile(r"^Parser error at line \d+ (between columns \d+ and( line \d+ column)? \d+|column \d+): ")
SHOWN = 5


def syntax_problem(error: SyntaxError, text: str | None = None, *, file: str | None = None) -> SyntaxProblem:
    """Say where and how a query, an update or an RDF document does not parse; places count from 1."""
    if found := QUERY_ERROR.match(error.msg):
        line, column = int(found[1]), int(found[2])
        return SyntaxProblem(unexpected(text, line, column, found[3]), file=file, line=line, column=column)
    return SyntaxProblem(sentence(PLACE.sub("", error.msg)), file=file, line=error.lineno, column=error.offset)


def unexpected(text: str | None, line: int, column: int, expected: str) -> str:
    """Say what stands at a place, and what could stand there if that can be said briefly."""
    rest = (text or "").split("\n")[line - 1 : line]
    found = re.match(r"\w+|\S", rest[0][column - 1 :]) if rest else None
    what = f"“{found[0]}” cannot stand here" if found else "something is missing here"
    alternatives = re.findall(r'"(?:[^"\\]|\\.)+"|[A-Z_]{2,}', CHARACTERS.sub("", expected))
    names = [name.strip('"').replace('\\"', '"') for name in alternatives]
    hint = f"; expected {' or '.join(names)}" if 0 < len(names) <= SHOWN else ""
    return f"The text does not parse: {what}{hint}."


@contextmanager
def explained(text: str | None = None) -> Iterator[None]:
    """Turn what pyoxigraph raises in the block into a :class:`shimoda.errors.ShimodaError`."""
    try:
        yield
    except SyntaxError as error:
        raise syntax_problem(error, text) from error
    except PermissionError as error:
        raise Refused("It calls an address that it may not reach from here.") from error
    except OSError as error:
        raise Unavailable(sentence(str(error))) from error
    except (ValueError, RuntimeError) as error:
        raise InputError(sentence(str(error))) from error


def sentence(text: str) -> str:
    """Make a sentence of a message."""
    words = text.strip().rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."
