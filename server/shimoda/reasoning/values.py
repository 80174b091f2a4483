"""Literals by their values, and datatypes as sets of values (OWL 2 Syntax section 4).

Numbers, strings and binaries are read here; dates, times and durations, and the regular expressions of XML Schema, by
``elementpath``. What has no known value (a datatype that nobody here knows) is neither equal to nor different from
anything else: it is in no named datatype for certain, and out of none.
"""

from __future__ import annotations

import base64
import operator
import re
import struct
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any
from xml.etree import ElementTree

from pyoxigraph import Literal, NamedNode

from shimoda.namespaces import PREFIXES, Namespace

OWL, RDF, RDFS, XSD = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "xsd"))
ILL_TYPED = "ill-typed"
BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{f"unsigned{name.title()}": (0, 2**bits - 1) for name, bits in BITS.items()},
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in BITS.items()},
}
STRINGS = {
    "string": r"[\s\S]*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "Name": r"[^\W\d\-.·][\w\-.·:]*|:[\w\-.·:]*",
    "NCName": r"[^\W\d\-.·:][\w\-.·]*",
    "NMTOKEN": r"[\w\-.·:]+",
}


def terms(space: Namespace, names: str) -> tuple[NamedNode, ...]:
    """Return terms of a namespace by their names."""
    return tuple(space[name] for name in names.split())


DATED = terms(
    XSD, "dateTime dateTimeStamp date time gYear gYearMonth gMonth gMonthDay gDay duration"
)
DATATYPES = (
    *(XSD[name] for name in (*INTEGERS, *STRINGS)),
    *terms(
        XSD, "decimal double float boolean anyURI hexBinary base64Binary dateTime dateTimeStamp"
    ),
    *terms(RDF, "PlainLiteral XMLLiteral langString"),
    RDFS["Literal"],
)
"""The datatypes of OWL 2 RL (OWL 2 Profiles section 4.2), which every graph knows (rule dt-type1)."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a literal stands for: two are the same value if kind and key are.

    ``order`` is what facets compare; ``text`` is a spelling that other datatypes may have too.
    """

    kind: str
    key: Hashable
    order: Any = field(default=None, compare=False)
    text: str = field(default="", compare=False)


@lru_cache(maxsize=100_000)
def value_of(literal: Literal) -> Value | None:
    """Return the value of a literal; of kind ILL_TYPED if its text is none, None if the datatype is not known."""
    if literal.language:
        return Value("string", (literal.value, literal.language.lower()))
    found = read(literal.value, literal.datatype)
    if found is None and literal.datatype in DATATYPES:
        return Value(ILL_TYPED, literal)
    return found


def read(text: str, datatype: NamedNode) -> Value | None:
    """Read a text as a datatype; None where it is no value of it, or the datatype is not known."""
    try:
        return READERS[datatype.value](text)
    except (KeyError, ValueError, ArithmeticError, ElementTree.ParseError):
        return None


def differ(one: object, other: object) -> bool:
    """Tell whether two terms are literals that are known to be different values."""
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return False
    values = value_of(one), value_of(other)
    return None not in values and values[0] != values[1]


def has_datatype(value: Value | None, datatype: NamedNode) -> bool | None:
    """Tell whether a value lies in a datatype by name; None where that is not known."""
    if datatype == RDFS["Literal"]:
        return True
    numbers = (OWL["real"], OWL["rational"])
    if value is None or not (datatype in (*DATATYPES, *numbers) or datatype.value in READERS):
        return None
    if datatype in numbers:
        return value.kind == "number"
    if datatype in (RDF["PlainLiteral"], RDF["langString"]):
        return value.kind == "string" and (datatype == RDF["PlainLiteral"] or bool(value.key[1]))  # type: ignore[index]
    if value.kind == "number" and datatype == XSD["decimal"]:
        rest: int = value.order.denominator
        return pow(10, rest.bit_length(), rest) == 0  # only 2 and 5 divide it
    return read(value.text, datatype) == value


def facet(value: Value, name: str, limit: Literal) -> bool | None:
    """Tell whether a value keeps to a facet (OWL 2 Syntax section 4); None where the facet does not apply."""
    bound = value_of(limit)
    content = value.key[0] if isinstance(value.key, tuple) else value.key
    if name in COMPARED and bound and None not in (value.order, bound.order):
        try:
            return bound.kind == value.kind and bool(COMPARED[name](value.order, bound.order))
        except TypeError:
            return False
    if name in MEASURED and isinstance(content, str | bytes):
        return MEASURED[name](len(content), int(limit.value))
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

    plain = {"back_references": False, "lazy_quantifiers": False, "anchors": False}
    try:
        return re.compile(translate_pattern(text, **plain))  # type: ignore[arg-type]
    except Exception as error:
        raise ValueError(f"{text} is no regular expression of XML Schema: {error}") from error


COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "minInclusive": operator.ge,
    "maxInclusive": operator.le,
    "minExclusive": operator.gt,
    "maxExclusive": operator.lt,
}
MEASURED: dict[str, Callable[[int, int], bool]] = {
    "length": operator.eq,
    "minLength": operator.ge,
    "maxLength": operator.le,
}


# Readers: each returns a value, or raises ValueError


def matched(wanted: str, text: str) -> str:
    """Return a text that matches as a whole, its white space collapsed (XML Schema part 2, section 4.3.6)."""
    plain = " ".join(re.split(r"[ \t\n\r]+", text)).strip(" ")
    if re.fullmatch(wanted, plain) is None:
        raise ValueError(f"{text!r} is not of that form")
    return plain


def number(found: Fraction) -> Value:
    """Make the value of a number."""
    return Value("number", found, found, str(found))


def whole_number(low: int | None, high: int | None, text: str) -> Value:
    """Read an integer within bounds."""
    found = int(matched(r"[+-]?[0-9]+", text))
    if (low is not None and found < low) or (high is not None and found > high):
        raise ValueError(f"{text} is out of bounds")
    return number(Fraction(found))


def floating(kind: str, code: str, text: str) -> Value:
    """Read a binary floating-point number; zeros differ by sign, NaN is itself, and too large a number is infinite."""
    form = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN"
    packed = struct.pack(code, float(matched(form, text)))  # XML Schema part 2, section 3.3.4
    return Value(kind, packed, struct.unpack(code, packed)[0], text)


def string(name: str, text: str) -> Value:
    """Read a datatype of strings, each with its own way with white space."""
    if name == "normalizedString":
        text = re.sub(r"[\t\n\r]", " ", text)
    elif name != "string":
        text = matched(STRINGS[name], text)
    return Value("string", (text, ""), None, text)


def plain_literal(text: str) -> Value:
    """Read an rdf:PlainLiteral, which holds its language after the last ``@``."""
    content, mark, language = text.rpartition("@")
    if not mark:
        raise ValueError("there is no @")
    return Value("string", (content, language.lower()), None, content)


def dated(name: str, text: str) -> Value:
    """Read a date, a time or a duration."""
    from elementpath.datatypes import builtin_atomic_types

    datatype: Any = builtin_atomic_types[f"xs:{name}"]
    found = datatype.fromstring(matched(".*", text))
    return Value(name.removesuffix("Stamp"), str(found), found, text)


def other(kind: str, convert: Callable[[str], Hashable], text: str) -> Value:
    """Read a datatype that has nothing in common with others."""
    return Value(kind, convert(text), None, text)


TRUTH = {"true": True, "1": True, "false": False, "0": False}
READERS: dict[str, Callable[[str], Value]] = {
    **{XSD[name].value: partial(whole_number, *bounds) for name, bounds in INTEGERS.items()},
    **{XSD[name].value: partial(string, name) for name in STRINGS},
    **{datatype.value: partial(dated, datatype.value.removeprefix(XSD)) for datatype in DATED},
    **{XSD[name].value: partial(floating, name, name[0]) for name in ("double", "float")},
    XSD["decimal"].value: lambda text: number(
        Fraction(matched(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text).rstrip("."))
    ),
    OWL["rational"].value: lambda text: number(
        Fraction(re.sub(r"\s", "", matched(r"[+-]?[0-9]+ ?/ ?[0-9]*[1-9][0-9]*", text)))
    ),
    RDF["PlainLiteral"].value: plain_literal,
    **{
        datatype.value: partial(other, datatype.value, convert)
        for datatype, convert in (
            (XSD["boolean"], lambda text: TRUTH[matched("true|false|1|0", text)]),
            (XSD["anyURI"], partial(matched, ".*")),
            (
                XSD["hexBinary"],
                lambda text: bytes.fromhex(matched("(?:[0-9a-fA-F]{2})*", text)),
            ),
            (
                XSD["base64Binary"],
                lambda text: base64.b64decode(re.sub(r"\s", "", text), validate=True),
            ),
            (RDF["XMLLiteral"], lambda text: ElementTree.canonicalize(f"<x>{text}</x>")),
        )
    },
}
