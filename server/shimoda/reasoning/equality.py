"""The rules that every graph has: equality, difference and disjointness (OWL 2 Profiles section 4.3, tables 4 and 7).

What an ``owl:AllDifferent`` or ``owl:AllDisjointClasses`` lists becomes its ``rdfs:member``: a triple a member, where
the pairs would be a triple for any two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shimoda.reasoning.rules import TYPE, Atom, Rule, parse_rule
from shimoda.reasoning.schema import OWL, RDF, RDFS

__all__ = ["DIFFERENT", "EQUALITY", "MEMBER", "SAME", "differing"]

SAME, DIFFERENT, MEMBER = (str(term) for term in (OWL["sameAs"], OWL["differentFrom"], RDFS["member"]))


def listed(kind: str, predicate: str) -> Rule:
    """Make the rule that lays a list flat."""
    path = f"{OWL[predicate]}/{RDF['rest']}*/{RDF['first']}"
    return Rule(f"listed-{kind.lower()}-{predicate.lower()}", f"What the list of an owl:{kind} holds is its member.",
                (("?d", MEMBER, "?m"),), (("?d", TYPE, str(OWL[kind])), ("?d", path, "?m")), source=f"owl:{kind}")


TEXTS = {
    "same-symmetric": (
        "If x is the same as y, then y is the same as x.",
        "CONSTRUCT { ?y owl:sameAs ?x } WHERE { ?x owl:sameAs ?y }"),
    "same-transitive": (
        "If x is the same as y and y the same as z, then x is the same as z.",
        "CONSTRUCT { ?x owl:sameAs ?z } WHERE { ?x owl:sameAs ?y . ?y owl:sameAs ?z FILTER(?x != ?z) }"),
    "same-subject": (
        "What is said of a thing holds of whatever is the same thing.",
        "CONSTRUCT { ?y ?p ?o } WHERE { ?x owl:sameAs ?y . ?x ?p ?o FILTER(?p != owl:sameAs && ?x != ?y) }"),
    "same-object": (
        "What is said about a thing holds about whatever is the same thing.",
        "CONSTRUCT { ?s ?p ?y } WHERE { ?x owl:sameAs ?y . ?s ?p ?x FILTER(?p != owl:sameAs && ?x != ?y) }"),
    "different-symmetric": (
        "If x differs from y, then y differs from x.",
        "CONSTRUCT { ?y owl:differentFrom ?x } WHERE { ?x owl:differentFrom ?y }"),
    "disjoint-symmetric": (
        "If nothing is both an x and a y, then nothing is both a y and an x.",
        "CONSTRUCT { ?y owl:disjointWith ?x } WHERE { ?x owl:disjointWith ?y }"),
    "clash-same-different": (
        "x and y are said to be the same, and to differ.",
        "CONSTRUCT {} WHERE { ?x owl:differentFrom ?y . ?x owl:sameAs ?y }"),
    "clash-different-from-itself": (
        "x is said to differ from itself.",
        "CONSTRUCT {} WHERE { ?x owl:differentFrom ?x }"),
    "clash-same-listed-different": (
        "x and y are said to be the same, and are listed as all different.",
        """CONSTRUCT {} WHERE { ?x owl:sameAs ?y . ?d a owl:AllDifferent . ?d rdfs:member ?x . ?d rdfs:member ?y
           FILTER(?x != ?y) }"""),
    "clash-disjoint": (
        "x is in two classes that have nothing in common.",
        "CONSTRUCT {} WHERE { ?a owl:disjointWith ?b . ?x a ?a . ?x a ?b FILTER(STR(?a) <= STR(?b)) }"),
    "clash-all-disjoint": (
        "x is in two of the classes that are listed as having nothing in common.",
        """CONSTRUCT {} WHERE { ?d a owl:AllDisjointClasses . ?d rdfs:member ?a . ?d rdfs:member ?b . ?x a ?a . ?x a ?b
           FILTER(STR(?a) < STR(?b)) }"""),
    "clash-nothing": (
        "x is in the class that has no members.",
        "CONSTRUCT {} WHERE { ?x a owl:Nothing }"),
    "clash-denied-relation": (
        "x stands in a relation to y that is expressly denied.",
        """CONSTRUCT {} WHERE { ?n owl:targetIndividual ?y . ?n owl:sourceIndividual ?x . ?n owl:assertionProperty ?p .
           ?x ?p ?y }"""),
    "clash-denied-value": (
        "x has a value that is expressly denied.",
        """CONSTRUCT {} WHERE { ?n owl:targetValue ?y . ?n owl:sourceIndividual ?x . ?n owl:assertionProperty ?p .
           ?x ?p ?y }"""),
}

EQUALITY = (
    *(parse_rule(text, name, words, "OWL 2") for name, (words, text) in TEXTS.items()),
    listed("AllDifferent", "distinctMembers"), listed("AllDifferent", "members"),
    listed("AllDisjointClasses", "members"),
)


def differing(one: str, other: str, classes: Sequence[str]) -> Iterator[tuple[str, tuple[Atom, ...], tuple[str, ...]]]:
    """Yield the ways in which two variables are known to differ: a name, atoms and filters.

    ``classes`` are those whose disjointness can tell; the members of one class that two things share cannot.
    """
    apart = f"FILTER({one} != {other})"
    yield "listed", (("?d", MEMBER, one), ("?d", MEMBER, other), ("?d", TYPE, str(OWL["AllDifferent"]))), (apart,)
    if classes:
        among = ", ".join(classes)
        typed = (one, TYPE, "?a"), (other, TYPE, "?b")
        filters = apart, f"FILTER(?a IN ({among}) && ?b IN ({among}))"
        yield "disjoint", (*typed, ("?a", str(OWL["disjointWith"]), "?b")), filters
        lists = ("?d", MEMBER, "?a"), ("?d", MEMBER, "?b"), ("?d", TYPE, str(OWL["AllDisjointClasses"]))
        yield "all-disjoint", (*typed, *lists), (*filters, "FILTER(?a != ?b)")
