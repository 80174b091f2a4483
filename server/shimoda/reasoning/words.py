"""Terms, patterns and rules in English."""

from __future__ import annotations

import re

from pyoxigraph import BlankNode

from shimoda.namespaces import local_name
from shimoda.reasoning.rules import TYPE, Atom, Rule
from shimoda.reasoning.stores import Node


def say(rule: Rule) -> str:
    """Say a rule in a sentence: its own, or one made of its patterns."""
    if rule.words:
        return rule.words
    given = [phrase(atom) for atom in rule.body] + [condition(found.text) for found in rule.filters]
    for many in rule.many:
        told = " and ".join(
            [*map(phrase, many.atoms), *(condition(found.text) for found in many.filters)]
        )
        given.append(f"there are at least {many.number} different {many.value[1:]} of which {told}")
    given += [
        f"{name[1:]} differs from each of {len(members)} that are listed"
        for name, members in rule.apart
    ]
    if not rule.head:
        return f"It cannot be that {' and '.join(given)}."
    opening = f"If {' and '.join(given)}, then" if given else "Always"
    return f"{opening} {' and '.join(map(phrase, rule.head))}."


def slugify(node: Node) -> str:
    """Return a part of a rule's name: lower case words joined by hyphens, nothing for a blank node."""
    return (
        ""
        if isinstance(node, BlankNode)
        else re.sub(r"\W+", "-", spaced(local_name(node))).strip("-").lower()
    )


def spaced(name: str) -> str:
    """Split ``camelCase`` into words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()


def phrase(atom: Atom) -> str:
    """Say a triple pattern."""
    subject, predicate, thing = (
        "an expression" if term.startswith("_:") else spaced(local_name(term.lstrip("?")))
        for term in atom
    )
    if atom[1] == TYPE:
        if atom[2].startswith("_:"):
            return f"{subject} is in an expression of the axiom"
        return f"{subject} is {'an' if thing[:1] in tuple('aeiou') and atom[2][0] != '?' else 'a'} {thing}"
    return f"{subject} {predicate} {thing}"


def condition(text: str) -> str:
    """Say a filter: as SPARQL, with short names."""
    return re.sub(r"<[^>]*?([^#/>]+)>", r"\1", text).replace("?", "")
