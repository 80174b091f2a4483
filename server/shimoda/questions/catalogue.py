"""Named queries: one question a file, its header in grlc's ``#+`` convention.

A header line is ``#+ key: value``; a value goes on in lines that begin with ``#+`` and spaces, and a line
``#+   - item`` makes it a list. A variable ``?_name`` is a parameter, ``?_name_iri`` one that takes an IRI, and
``#+ defaults:`` lists what stands for it when nothing is given: ``#+   - name: value``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from shimoda import paths
from shimoda.errors import InputError, UnknownName

ENTRY = re.compile(r"#\+ ([a-z-]+):\s*(.*)")
ITEM = re.compile(r"#\+\s+- (.*)")
MORE = re.compile(r"#\+\s+(.*)")
PARAMETER = re.compile(r"\?(_[a-z]+(?:_[a-z]+)*)\b")
IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*""")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a query may be given: its name, whether it is an IRI, and what it is when not given."""

    name: str
    is_iri: bool
    default: str | None

    @property
    def variable(self) -> str:
        """The variable that stands for it in the query, without the question mark."""
        return f"_{self.name}_iri" if self.is_iri else f"_{self.name}"

    def term(self, value: str) -> str:
        """Write a value as SPARQL; InputError if it cannot be an IRI where one is due."""
        if self.is_iri and not IRI.fullmatch(value):
            raise InputError(f"{value!r} is no IRI, which the parameter {self.name} needs")
        return str(NamedNode(value) if self.is_iri else Literal(value))


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query with a name, and what its header says of it.

    ``summary`` is the question in one sentence, ``description`` what else there is to say of it or its answer, ``tags``
    are its subjects, and ``questions`` the ids of the competency questions that it answers.
    """

    name: str
    text: str
    header: Mapping[str, list[str]]
    parameters: tuple[Parameter, ...]
    summary: str
    description: str
    tags: list[str]
    questions: list[str]

    def line(self, key: str) -> str:
        """Return an entry of the header as one line; empty if it is missing."""
        return ", ".join(self.header.get(key, []))

    def bind(self, given: Mapping[str, str] | None = None) -> str:
        """Return the query with values for its parameters.

        Raises:
            UnknownName: a value is given for what is no parameter.
            InputError: a parameter has neither value nor default, or a value is no IRI.
        """
        given, terms = dict(given or {}), {}
        for parameter in self.parameters:
            value = given.pop(parameter.name, parameter.default)
            if value is None:
                raise InputError(f"the query {self.name} needs a value for {parameter.name}")
            terms[parameter.variable] = parameter.term(value)
        if given:
            raise UnknownName(f"the query {self.name} has no parameter {', '.join(given)}")
        # all at once, for a value may look like another parameter
        return PARAMETER.sub(lambda found: terms[found[1]], self.text)


def read_all(folder: Path | None = None) -> list[NamedQuery]:
    """Read every query of a folder (``queries/`` if none is given), in the order of their names."""
    return [read(file) for file in sorted((folder or paths.data("queries")).glob("*.rq"))]


def find(name: str) -> NamedQuery:
    """Return the query of that name; UnknownName names the nearest ones."""
    names = {file.stem: file for file in paths.data("queries").glob("*.rq")}
    if name not in names:
        raise UnknownName(f"there is no query {name}", nearest=get_close_matches(name, names))
    return read(names[name])


@cache
def text_of(name: str) -> str:
    """Return the text of a query that pages are made of: ``queries/pages/<name>.rq``."""
    return (paths.data("queries") / "pages" / f"{name}.rq").read_text("utf-8")


def read(file: Path) -> NamedQuery:
    """Read a query file; InputError if its header has no summary."""
    text = file.read_text(encoding="utf-8")
    header = read_header(text)
    if not header.get("summary"):
        raise InputError("the header has no summary", file=str(file))
    defaults = dict(item.split(": ", 1) for item in header.get("defaults", []))
    return NamedQuery(
        file.stem,
        text,
        header,
        parameters=tuple(read_parameters(text, defaults)),
        summary=" ".join(header["summary"]),
        description=" ".join(header.get("description", [])),
        tags=header.get("tags", []),
        questions=header.get("question", []),
    )


def read_parameters(text: str, defaults: Mapping[str, str]) -> Iterator[Parameter]:
    """Yield the parameters of a query in the order in which they occur."""
    for variable in dict.fromkeys(PARAMETER.findall(text)):
        name = variable.removeprefix("_").removesuffix("_iri")
        yield Parameter(name, variable.endswith("_iri"), defaults.get(name))


def read_header(text: str) -> dict[str, list[str]]:
    """Return the entries of a header: the items of a list, or one."""
    entries: dict[str, list[str]] = {}
    items: list[str] = []
    for line in text.splitlines():
        if entry := ENTRY.fullmatch(line):
            items = entries[entry[1]] = [entry[2]] if entry[2] else []
        elif item := ITEM.fullmatch(line):
            items.append(item[1])
        elif more := MORE.fullmatch(line):
            items[-1:] = [" ".join([*items[-1:], more[1]])]
    return entries
