"""Parameters of named queries: what each takes, and its value as an RDF term.

A parameter is a variable ``?_name_iri`` (an IRI), ``?_name_integer``, ``?_name_xsd_date`` or ``?_name`` (a plain literal), as grlc
names them. Its type is a query of ``queries/parameters/``, which finds the values that it takes with their labels and
aliases; or ``text``, ``date``, ``integer`` or ``iri``, which take any that is well written.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import normalize

from pyoxigraph import Literal, NamedNode

from shimoda import paths
from shimoda.engine.interface import Engine, once_a_version
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES, local_name, relative, short
from shimoda.sparql.results import Row
from shimoda.sparql.text import mask

VARIABLE = re.compile(r"\?_([a-z]+)(?:_(iri|integer|xsd_date))?\b")
PLAIN = {
    "text": re.compile(r"[^\x00]*", re.DOTALL),
    "date": re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    "integer": re.compile(r"[+-]?\d{1,18}"),
    "iri": re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*"""),
}
"""The types that are no query, each with what is well written."""
BY_SUFFIX = {"iri": "iri", "integer": "integer", "xsd_date": "date", "": "text"}
EXAMPLES = {"date": "2010-11-01", "integer": "3", "iri": "https://example.org/this"}
DATATYPES = {"integer": PREFIXES["xsd"]["integer"], "xsd_date": PREFIXES["xsd"]["date"]}


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that a type takes: ``labels`` by value and language, and the values by each of their names, folded."""

    labels: Mapping[str, Mapping[str, str]]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rows: list[Row]) -> "Choices":
        """Make the choices of the rows of a picker: ``value`` with a ``label`` or an ``alias``."""
        labels: dict[str, dict[str, str]] = {}
        names: dict[str, dict[str, None]] = {}
        for row in rows:
            value = row["value"].value
            of = labels.setdefault(value, {})
            if "label" in row:
                of[row["label"].language or ""] = row["label"].value
            called = {row[name].value for name in ("label", "alias") if name in row}
            for name in called | {
                short(value),
                relative(value).removeprefix("id/"),
                local_name(value),
            }:
                names.setdefault(fold(name), {})[value] = None
        return cls(labels, {name: tuple(values) for name, values in names.items()})

    def named(self, name: str) -> tuple[str, ...]:
        """Return the values of that name, or the value itself."""
        return (name,) if name in self.labels else self.names.get(fold(name), ())

    def label(self, value: str, lang: str) -> str:
        """Return what a value is called in a language, or in English, or at all."""
        labels = self.labels.get(value, {})
        return (
            labels.get(lang) or labels.get("en") or next(iter(labels.values()), local_name(value))
        )

    def nearest(self, name: str) -> list[str]:
        """Return the values, in short, of which a name is written most like this one."""
        close = get_close_matches(fold(local_name(name)), self.names, 10, 0.5)
        values = dict.fromkeys(value for one in close for value in self.names[one])
        return [short(value) for value in values][:5]


@once_a_version
def kept(_: Engine) -> dict[str, Choices]:
    """Return the choices that were asked of this version of the engine's dataset, by type: none at first."""
    return {}


def are_kept(parameters: Iterable["Parameter"], engine: Engine) -> bool:
    """Tell whether all that these parameters take is known without asking the engine."""
    found = kept(engine)
    return all(one.kind in found for one in parameters if one.is_choice)


def choices(kind: str, engine: Engine) -> Choices:
    """Return what a type that is a query takes; the engine is asked once a version."""
    found = kept(engine)
    if kind not in found:
        found[kind] = Choices.of(engine.rows(picker(kind)))
    return found[kind]


def picker(kind: str) -> str:
    """Return the query for the values of a type."""
    return (paths.data("queries") / "parameters" / f"{kind}.rq").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a query may be given. ``labels`` by language are for forms; ``default`` None makes it required."""

    name: str
    kind: str
    suffix: str
    labels: Mapping[str, str]
    default: str | None

    @property
    def is_choice(self) -> bool:
        """Whether the values are found by a query."""
        return self.kind not in PLAIN

    def choices(self, engine: Engine) -> Choices | None:
        """Return the values that it takes; None where it takes any that is well written."""
        return choices(self.kind, engine) if self.is_choice else None

    def term(self, value: str, engine: Engine | None = None) -> str:
        """Write a value, or the label or slug of one, as SPARQL; InputError says what was expected, and the nearest.

        Without an engine, only the form of the value is looked at.
        """
        if self.is_choice and engine and value != self.default:
            value = self.resolve(value, choices(self.kind, engine))
        elif not PLAIN[BY_SUFFIX[self.suffix] if self.is_choice else self.kind].fullmatch(value):
            example = f", such as {EXAMPLES[self.kind]}" if self.kind in EXAMPLES else ""
            raise InputError(self.expected(value) + example + ".", parameter=self.name)
        if self.suffix == "iri":
            return str(NamedNode(value))
        datatype = DATATYPES.get(self.suffix)
        return str(Literal(value, datatype=datatype) if datatype else Literal(value))

    def resolve(self, value: str, known: Choices) -> str:
        """Return the one value of that name."""
        found = known.named(value)
        if len(found) == 1:
            return found[0]
        nearest = [short(one) for one in found] or known.nearest(value) or None
        detail = f"{self.expected(value)}; {'that is the name of several' if found else 'there is none of that name'}."
        raise InputError(detail, parameter=self.name, nearest=nearest)

    def expected(self, value: str) -> str:
        """Begin the sentence that refuses a value."""
        return (
            f"The parameter {self.name} takes a value of the type {self.kind}, not {value[:100]!r}"
        )


def fold(name: str) -> str:
    """Return a name without differences of case, width, and separator."""
    return re.sub(r"[-_\s]+", " ", normalize("NFKC", name)).strip().casefold()


def substitute(text: str, terms: Mapping[str, str]) -> str:
    """Put terms in the place of parameters, by name; what looks like one in a string, a comment or an IRI is none."""
    pieces, done = [], 0
    for found in VARIABLE.finditer(mask(text)):
        pieces += [text[done : found.start()], terms[found[1]]]
        done = found.end()
    return "".join([*pieces, text[done:]])
