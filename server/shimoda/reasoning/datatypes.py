"""Data ranges as SPARQL conditions (OWL 2 Syntax sections 4 and 7; XML Schema 1.1 part 2 section 3)."""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode

from shimoda.reasoning.schema import OWL, RDF, RDFS, XSD, Schema
from shimoda.reasoning.stores import Node

__all__ = ["differing_literals", "membership", "natural_number"]

BOUNDED = {
    "nonNegativeInteger": (0, None), "positiveInteger": (1, None), "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1), "long": (-(2**63), 2**63 - 1), "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1), "byte": (-128, 127), "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1), "unsignedShort": (0, 2**16 - 1), "unsignedByte": (0, 255),
}
DERIVED = {
    "integer": ("integer", *BOUNDED),
    "decimal": ("decimal", "integer", *BOUNDED),
    "string": ("string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN"),
    "dateTime": ("dateTime", "dateTimeStamp"),
}
COMPARED = {"minInclusive": ">=", "maxInclusive": "<=", "minExclusive": ">", "maxExclusive": "<"}
MEASURED = {"length": "=", "minLength": ">=", "maxLength": "<="}


def differing_literals(one: str, other: str) -> str:
    """Write the filter that two literals are different values; those of unknown datatypes are by their text."""
    return f"FILTER(!sameTerm({one}, {other}) && COALESCE({one} != {other}, true))"


def membership(schema: Schema, node: Node, of: str) -> str:
    """Write the condition that ``of`` lies in a data range; "" when SPARQL cannot say it."""
    value = schema.value
    for predicate, joint in ((OWL["intersectionOf"], " && "), (OWL["unionOf"], " || ")):
        if parts := value(node, predicate):
            conditions = [membership(schema, member, of) for member in schema.members(parts)]
            return f"({joint.join(conditions)})" if all(conditions) else ""
    if parts := value(node, OWL["oneOf"]):
        members = schema.members(parts)
        literal = all(isinstance(member, Literal) for member in members)
        return f"{of} IN ({', '.join(map(str, members))})" if literal else ""
    if (other := value(node, OWL["datatypeComplementOf"])) is not None:
        condition = membership(schema, other, of)
        return f"!({condition})" if condition else ""
    if (base := value(node, OWL["onDatatype"])) is not None:
        return restricted(schema, node, base, of)
    if definition := next((d for d in schema.values(node, OWL["equivalentClass"]) if d != node), None):
        return membership(schema, definition, of)
    return named(node, of) if isinstance(node, NamedNode) else ""


def named(node: NamedNode, of: str) -> str:
    """Write the condition for a datatype; the integers that are written as decimals count as integers."""
    if node == RDFS["Literal"]:
        return f"isLiteral({of})"
    if node in (RDF["langString"], RDF["PlainLiteral"]):
        return f'(LANG({of}) != "" || DATATYPE({of}) = {XSD["string"]} && {str(node == RDF["PlainLiteral"]).lower()})'
    name = node.value.removeprefix(XSD)
    if name in BOUNDED:
        low, high = BOUNDED[name]
        bounds = [f"{of} >= {low}"] * (low is not None) + [f"{of} <= {high}"] * (high is not None)
        return f"({named(XSD['integer'], of)} && {' && '.join(bounds)})"
    accepted = ", ".join(str(XSD[derived]) for derived in DERIVED.get(name, ())) or str(node)
    condition = f"DATATYPE({of}) IN ({accepted})"
    whole = f"({condition} || DATATYPE({of}) = {XSD['decimal']} && {of} = FLOOR({of}))"
    return whole if name == "integer" else condition


def restricted(schema: Schema, node: Node, base: Node, of: str) -> str:
    """Write the condition for a datatype with facets; "" when one of them is unknown."""
    conditions = [membership(schema, base, of)]
    for facets in schema.members(schema.value(node, OWL["withRestrictions"])):
        for facet, limits in schema.objects[facets].items():
            conditions += [facet_test(facet, limit, of) for limit in limits]
    return f"({' && '.join(conditions)})" if all(conditions) else ""


def natural_number(literal: Literal) -> int | None:
    """Return the number that a literal stands for; None if it is no xsd:nonNegativeInteger."""
    return int(literal.value) if re.fullmatch(r"\+?[0-9]{1,18}", literal.value, re.ASCII) else None


def facet_test(facet: Node, limit: Node, of: str) -> str:
    """Write the condition for one facet; "" when it, or its limit, says nothing.

    The limit comes from the data, so it is written as a term or as a number, never as its bare text.
    """
    if not (isinstance(facet, NamedNode) and isinstance(limit, Literal)):
        return ""
    name = facet.value.removeprefix(XSD)
    if name in COMPARED:
        return f"{of} {COMPARED[name]} {limit}"
    if name in MEASURED:
        length = natural_number(limit)
        return "" if length is None else f"STRLEN(STR({of})) {MEASURED[name]} {length}"
    pattern = Literal(f"^(?:{limit.value})$")
    return f"REGEX(STR({of}), {pattern})" if name == "pattern" else ""
