"""Named queries: one question a file, its header in grlc's ``#+`` convention.

docs/questions.md tells what the header says.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from shimoda import paths
from shimoda.engine.interface import Engine
from shimoda.errors import InputError, SyntaxProblem, UnknownName
from shimoda.namespaces import ONTOLOGY
from shimoda.questions.parameters import BY_SUFFIX, PLAIN, VARIABLE, Parameter, substitute
from shimoda.sparql.text import mask

LANGUAGES = ("en", "ja", "ru")
VIEWS = {
    "timeline": ("label", "start"),
    "map": ("label",),
    "network": ("from", "to"),
    "chart": ("label", "value"),
}
"""The views, with the roles that need a column."""
ENTRIES = {
    *("summary", "description", "ja", "ru", "tags", "parameters", "defaults", "views", "columns"),
    *("least", "question"),
}
RESERVED = {
    *("accept", "as", "cite", "format", "lang", "limit", "offset", "output", "page", "query"),
    *("results", "version", "view"),
}
"""What an address says of the answer rather than of the question."""
HOLDS_ANYWAY = re.compile(
    rf"^( *)FILTER ?\(<{ONTOLOGY}(\w+)> = :\2(?: && \"(\d+)\" = \"\3\")* \|\| "
    r"(?:.*\{\n(?:\1  .*\n)+\1\}\)|.*(?:\n\1  \|\| .*)*)\n",
    re.MULTILINE,
)
"""A condition that a default makes true, such as that a source be any source."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query with a name, and what its header says of it.

    ``titles`` and ``descriptions`` are by language, ``views`` by name with their columns by role; ``columns`` are the
    variables of the answer, and ``least`` is the number of rows that it has at least with the defaults.
    """

    name: str
    text: str
    header: Mapping[str, Any]
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    tags: tuple[str, ...]
    views: Mapping[str, Mapping[str, str]]
    columns: tuple[str, ...]
    least: int

    @property
    def title(self) -> str:
        """The question in English."""
        return self.titles["en"]

    @property
    def topic(self) -> str:
        """The topic that it belongs to."""
        return self.tags[0]

    def bind(self, given: Mapping[str, str] | None = None, engine: Engine | None = None) -> str:
        """Return the query with terms for its parameters, as they are given or by default, and without what holds anyway.

        With an engine, a label or a slug does where a value of its dataset does, and nothing else is taken.

        Raises:
            UnknownName: a value is given for what is no parameter.
            InputError: a parameter has neither value nor default, or takes no such value.
        """
        given, terms = dict(given or {}), {}
        for parameter in self.parameters:
            value = given.pop(parameter.name, parameter.default)
            if value is None:
                raise InputError(f"The question {self.name} needs a value for {parameter.name}.")
            terms[parameter.name] = parameter.term(value, engine)
        if given:
            known = ", ".join(parameter.name for parameter in self.parameters) or "none"
            detail = (
                f"The question {self.name} has no parameter {', '.join(given)}; it has {known}."
            )
            raise UnknownName(detail)
        return HOLDS_ANYWAY.sub("", substitute(self.text, terms))


def without_header(text: str) -> str:
    """Return the text of a query without its header."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip()


def read_all(folder: Path | None = None) -> list[Question]:
    """Read every query of a folder, in the order of their names; of ``queries/`` if none is given.

    SyntaxProblem names the file and the line of a header that cannot be used; one in ``queries/`` has to be complete.
    """
    files = sorted((folder or paths.data("queries")).glob("*.rq"))
    return [read(file, complete=folder is None) for file in files]


def find(name: str) -> Question:
    """Return the question of that name; UnknownName names the nearest ones."""
    file = paths.data("queries") / f"{name}.rq"
    if not re.fullmatch("[a-z0-9-]+", name) or not file.is_file():
        names = [one.stem for one in paths.data("queries").glob("*.rq")]
        nearest = get_close_matches(name, names) or None
        raise UnknownName(f"There is no question {name[:100]}.", nearest=nearest)
    return read(file, complete=True)


def edited(name: str) -> float:
    """Return when the file of a question was last changed, of all of them without a name; 0 if there is none."""
    folder = paths.data("queries")
    files = [folder / f"{name}.rq"] if name else folder.glob("*.rq")
    with suppress(OSError, ValueError):
        return max(file.stat().st_mtime for file in files)
    return 0


@cache
def text_of(name: str) -> str:
    """Return the text of a query that pages are made of: ``queries/pages/<name>.rq``."""
    return (paths.data("queries") / "pages" / f"{name}.rq").read_text("utf-8")


@cache
def topics() -> dict[str, dict[str, str]]:
    """Return the topics in their order, each with its labels by language."""
    import yaml

    text = (paths.data("queries") / "topics.yaml").read_text("utf-8")
    found: dict[str, dict[str, str]] = yaml.load(text, yaml.CBaseLoader)
    return found


def read(file: Path, *, complete: bool = False) -> Question:
    """Read a query file; SyntaxProblem names the line of a header that cannot be used, or is not as the catalogue wants it."""
    return read_text(file, file.read_text("utf-8"), complete)


@lru_cache(512)
def read_text(file: Path, text: str, complete: bool) -> Question:
    """Read the text of a query file."""
    header = read_header(file, text)
    described = {"en": header, **{lang: header.get(lang, {}) for lang in LANGUAGES[1:]}}
    try:
        question = Question(
            file.stem,
            text,
            header,
            titles={lang: of["summary"] for lang, of in described.items() if "summary" in of},
            descriptions={lang: of.get("description", "") for lang, of in described.items()},
            parameters=tuple(read_parameters(text, header)),
            tags=tuple(header.get("tags", ())),
            views=header.get("views", {}),
            columns=tuple(header.get("columns", ())),
            least=int(header.get("least", 1)),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        detail = f"The header is not as the catalogue has it: {error}."
        raise SyntaxProblem(detail, file=str(file), line=1) from error
    for key, detail in faults(question) if complete else ():
        lines = text.splitlines()
        places = [at for at, line in enumerate(lines, 1) if re.match(rf"#\+ {key}\b", line)]
        raise SyntaxProblem(detail, file=str(file), line=places[0] if places else 1)
    return question


def read_header(file: Path, text: str) -> dict[str, Any]:
    """Return the YAML mapping in the lines that begin with ``#+``; each value is a text."""
    import yaml

    lines = [line[2:] if line.startswith("#+") else "" for line in text.splitlines()]
    try:
        found = yaml.load("\n".join(lines), yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        detail = f"The header is no YAML here: {error.problem}."
        raise SyntaxProblem(detail, file=str(file), line=line) from error
    if not isinstance(found, dict) or not found.get("summary"):
        raise SyntaxProblem("The header has no summary.", file=str(file), line=1)
    return found


def read_parameters(text: str, header: Mapping[str, Any]) -> Iterator[Parameter]:
    """Yield the parameters of a query in the order in which they occur."""
    declared = header.get("parameters", {})
    defaults = {
        name: value for entry in header.get("defaults", ()) for name, value in entry.items()
    }
    for name, suffix in dict.fromkeys(VARIABLE.findall(mask(text))):
        said = declared.get(name, {})
        labels = dict(said) if isinstance(said, dict) else {"type": said}
        kind = labels.pop("type", None) or (name if name in kinds() else BY_SUFFIX[suffix])
        yield Parameter(name, kind, suffix, labels or kinds().get(kind, {}), defaults.get(name))


def kinds() -> dict[str, Mapping[str, str]]:
    """Return the types of parameters that are queries, with their labels by language."""
    folder = paths.data("queries") / "parameters"
    return {file.stem: read_kind(file) for file in sorted(folder.glob("*.rq"))}


@cache
def read_kind(file: Path) -> Mapping[str, str]:
    """Return the labels of a type of parameters."""
    header = read_header(file, file.read_text("utf-8"))
    return {"en": header["summary"]} | {lang: header[lang]["summary"] for lang in LANGUAGES[1:]}


def faults(question: Question) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in a header of the catalogue, each with the entry that it is about."""
    for entry in question.header.keys() - ENTRIES:
        yield (
            entry,
            f"There is no entry {entry} in a header; there are {', '.join(sorted(ENTRIES))}.",
        )
    for lang in LANGUAGES:
        if not question.titles.get(lang):
            yield lang, f"The header has no summary in {lang}."
    if not question.tags or question.topic not in topics():
        yield "tags", f"The first tag has to be one of {', '.join(topics())}."
    if not question.columns and "SELECT" in question.text:
        yield "columns", "The header does not tell the columns of the answer."
    for view, roles in question.views.items():
        missing = set(VIEWS.get(view, ())) - roles.keys() or set(roles.values()) - {
            *question.columns
        }
        if view not in VIEWS or missing:
            yield "views", f"The view {view} is unknown, or lacks {', '.join(missing)}."
    names = [parameter.name for parameter in question.parameters]
    if len(set(names)) < len(names):
        yield "parameters", "A parameter stands in the query as terms of two types."
    known = {*kinds(), *PLAIN}
    for parameter in question.parameters:
        if parameter.name in RESERVED or parameter.kind not in known:
            yield (
                "parameters",
                f"The parameter {parameter.name} has a name that is taken, or no type.",
            )
        if missing := set(LANGUAGES) - parameter.labels.keys():
            yield (
                "parameters",
                f"The parameter {parameter.name} has no label in {', '.join(missing)}.",
            )
