"""Literals by their values, and data ranges as sets of values (OWL 2 Syntax sections 4 and 7).

Numbers, strings and binaries are read here; dates, times and durations, and the regular expressions of XML Schema, by
``elementpath``. What has no known value (a datatype that nobody here knows) is neither equal to nor different from
anything else: it is in no named datatype for certain, and out of none.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import PREFIXES

__all__ = ["DATATYPES", "ILL_TYPED", "Value", "differ", "facet", "has_datatype", "value_of"]

OWL, RDF, RDFS, XSD = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "xsd"))
ILL_TYPED = "ill-typed"
INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
NAME = r"[^\W\d\-.·:][\w\-.·]*"
STRINGS = {
    "string": r"[\s\S]*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "Name": r"[^\W\d\-.·][\w\-.·:]*|:[\w\-.·:]*",
    "NCName": NAME,
    "NMTOKEN": r"[\w\-.·:]+",
}
DATED = (
    "dateTime",
    "dateTimeStamp",
    "date",
    "time",
    "gYear",
    "gYearMonth",
    "gMonth",
    "gMonthDay",
    "gDay",
    "duration",
)
DATATYPES = (
    *(
        XSD[name]
        for name in (*INTEGERS, *STRINGS, "decimal", "double", "float", "boolean", "anyURI")
    ),
    *(XSD[name] for name in ("hexBinary", "base64Binary", "dateTime", "dateTimeStamp")),
    *(RDF[name] for name in ("PlainLiteral", "XMLLiteral", "langString")),
    RDFS["Literal"],
)
"""The datatypes of OWL 2 RL (OWL 2 Profiles section 4.2), which every graph knows (rule dt-type1)."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a literal stands for: two are the same value if kind and key are; ``order`` is what facets compare."""

    kind: str
    key: Hashable
    order: Any = field(default=None, compare=False)


@lru_cache(maxsize=100_000)
def value_of(literal: Literal) -> Value | None:
    """Return the value of a literal; of kind ILL_TYPED if its text is none, None if the datatype is not known."""
    text, datatype = literal.value, literal.datatype.value
    if literal.language:
        return Value("string", (text, literal.language.lower()))
    read = READERS.get(datatype)
    try:
        return read(text) if read else None
    except (ValueError, ArithmeticError, binascii.Error, ElementTree.ParseError):
        return Value(ILL_TYPED, literal) if literal.datatype in DATATYPES else None


def differ(one: object, other: object) -> bool:
    """Tell whether two terms are literals that are known to be different values."""
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return False
    values = value_of(one), value_of(other)
    return None not in values and values[0] != values[1]


def has_datatype(value: Value | None, datatype: NamedNode) -> bool | None:
    """Tell whether a value lies in a datatype by name; None where that is not known."""
    name = datatype.value.removeprefix(XSD)
    if datatype == RDFS["Literal"]:
        return True
    if value is None or not (
        datatype in DATATYPES or name in DATED or datatype in (OWL["real"], OWL["rational"])
    ):
        return None
    if value.kind == "number":
        return in_numbers(value.order, name)
    if value.kind == "string":
        return in_strings(value.key, name)
    if value.kind == "dateTime":
        return name == "dateTime" or (name == "dateTimeStamp" and value.order.tzinfo is not None)
    return value.kind == name


def in_numbers(number: Fraction, name: str) -> bool:
    """Tell whether a number lies in a datatype of numbers."""
    if name in INTEGERS:
        low, high = INTEGERS[name]
        whole = number.denominator == 1
        return whole and (low is None or number >= low) and (high is None or number <= high)
    if name == "decimal":
        rest = number.denominator
        for factor in (2, 5):
            while rest % factor == 0:
                rest //= factor
        return rest == 1
    return name in (OWL["real"].value, OWL["rational"].value)


def in_strings(key: Hashable, name: str) -> bool:
    """Tell whether a string, with a language or without, lies in a datatype of strings."""
    assert isinstance(key, tuple)
    text, language = key
    if name in (RDF["PlainLiteral"].value, RDF["langString"].value):
        return bool(language) or name == RDF["PlainLiteral"].value
    return not language and name in STRINGS and re.fullmatch(STRINGS[name], text) is not None


def facet(value: Value, name: str, limit: Literal) -> bool | None:  # noqa: PLR0911 (one a family)
    """Tell whether a value keeps to a facet (OWL 2 Syntax section 4); None where the facet does not apply."""
    bound = value_of(limit)
    if name in COMPARED:
        if bound is None or bound.kind == ILL_TYPED or value.order is None or bound.order is None:
            return None
        try:
            return bound.kind == value.kind and bool(COMPARED[name](value.order, bound.order))
        except TypeError:
            return False
    content = value.key[0] if isinstance(value.key, tuple) else value.key
    if name in MEASURED:
        measurable = isinstance(content, str | bytes) and value.kind != "number"
        return MEASURED[name](len(content), int(limit.value)) if measurable else None  # type: ignore[arg-type]
    if name == "pattern" and isinstance(content, str):
        return pattern(limit.value).fullmatch(content) is not None
    if name == RDF["langRange"].value and value.kind == "string":
        return in_language(str(value.key[1]), limit.value.lower())  # type: ignore[index]
    return None


def in_language(tag: str, wanted: str) -> bool:
    """Tell whether a language tag matches a basic range (RFC 4647 section 3.3.1)."""
    return bool(tag) and (wanted in ("*", tag) or tag.startswith(f"{wanted}-"))


@lru_cache(maxsize=1000)
def pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression of XML Schema (part 2, appendix G); ValueError if it is none."""
    from elementpath.regex import translate_pattern

    try:
        return re.compile(
            translate_pattern(text, back_references=False, lazy_quantifiers=False, anchors=False)
        )
    except Exception as error:
        raise ValueError(f"{text} is no regular expression of XML Schema: {error}") from error


COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "minInclusive": lambda one, other: one >= other,
    "maxInclusive": lambda one, other: one <= other,
    "minExclusive": lambda one, other: one > other,
    "maxExclusive": lambda one, other: one < other,
}
MEASURED: dict[str, Callable[[int, int], bool]] = {
    "length": lambda one, other: one == other,
    "minLength": lambda one, other: one >= other,
    "maxLength": lambda one, other: one <= other,
}


# Readers, one for each family of datatypes


def collapse(text: str) -> str:
    """Collapse white space (XML Schema part 2, section 4.3.6)."""
    return " ".join(re.split(r"[ \t\n\r]+", text)).strip(" ")


def whole_number(name: str) -> Callable[[str], Value]:
    """Make the reader of a datatype of integers."""

    def read(text: str) -> Value:
        found = Fraction(int(matched(r"[+-]?[0-9]+", text)))
        if not in_numbers(found, name):
            raise ValueError
        return Value("number", found, found)

    return read


def decimal(text: str) -> Value:
    """Read a decimal number."""
    found = Fraction(matched(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text).rstrip("."))
    return Value("number", found, found)


def rational(text: str) -> Value:
    """Read an owl:rational (OWL 2 Syntax section 4.1)."""
    found = Fraction(re.sub(r"\s", "", matched(r"[+-]?[0-9]+\s*/\s*[0-9]*[1-9][0-9]*", text)))
    return Value("number", found, found)


def floating(kind: str, code: str) -> Callable[[str], Value]:
    """Make the reader of a binary floating-point number; zeros differ by sign, and NaN is the same as itself."""

    def read(text: str) -> Value:
        plain = matched(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN", text)
        packed = struct.pack(
            code, float(plain)
        )  # too large a number is infinite (XML Schema part 2, section 3.3.4)
        return Value(kind, packed, struct.unpack(code, packed)[0])

    return read


def text_of(name: str) -> Callable[[str], Value]:
    """Make the reader of a datatype of strings."""

    def read(text: str) -> Value:
        if name == "normalizedString":
            text = re.sub(r"[\t\n\r]", " ", text)
        elif name != "string":
            text = collapse(text)
        return Value("string", (matched(STRINGS[name], text, strip=False), ""))

    return read


def plain_literal(text: str) -> Value:
    """Read an rdf:PlainLiteral, which holds its language after the last ``@``."""
    content, mark, language = text.rpartition("@")
    if not mark:
        raise ValueError
    return Value("string", (content, language.lower()))


def dated(name: str) -> Callable[[str], Value]:
    """Make the reader of a date, a time or a duration."""

    def read(text: str) -> Value:
        from elementpath.datatypes import builtin_atomic_types

        datatype: Any = builtin_atomic_types[f"xs:{name}"]
        found = datatype.fromstring(collapse(text))
        return Value("dateTime" if name == "dateTimeStamp" else name, str(found), found)

    return read


def matched(wanted: str, text: str, *, strip: bool = True) -> str:
    """Return a text, without white space around it, that matches as a whole; else ValueError."""
    plain = collapse(text) if strip else text
    if re.fullmatch(wanted, plain) is None:
        raise ValueError(f"{text!r} is not of that form")
    return plain


def readers() -> Iterable[tuple[str, Callable[[str], Value]]]:
    """Yield the reader of each known datatype."""
    yield from ((XSD[name].value, whole_number(name)) for name in INTEGERS)
    yield from ((XSD[name].value, text_of(name)) for name in STRINGS)
    yield from ((XSD[name].value, dated(name)) for name in DATED)
    yield XSD["decimal"].value, decimal
    yield OWL["rational"].value, rational
    yield XSD["double"].value, floating("double", "d")
    yield XSD["float"].value, floating("float", "f")
    truth = {"true": True, "1": True, "false": False, "0": False}
    yield (
        XSD["boolean"].value,
        lambda text: Value("boolean", truth[matched("true|false|1|0", text)]),
    )
    yield XSD["anyURI"].value, lambda text: Value("anyURI", collapse(text))
    yield (
        XSD["hexBinary"].value,
        lambda text: Value("hexBinary", bytes.fromhex(matched(r"(?:[0-9a-fA-F]{2})*", text))),
    )
    yield (
        XSD["base64Binary"].value,
        lambda text: Value(
            "base64Binary", base64.b64decode(re.sub(r"\s", "", text), validate=True)
        ),
    )
    yield RDF["PlainLiteral"].value, plain_literal
    yield (
        RDF["XMLLiteral"].value,
        lambda text: Value(RDF["XMLLiteral"].value, ElementTree.canonicalize(f"<x>{text}</x>")),
    )


READERS = dict(readers())
