"""Answers as bytes: JSON-LD with a context says the same as without."""

import json

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse, serialize

from shimoda.namespaces import ONTOLOGY, PREFIXES
from shimoda.sparql.results import compacted

RDFS, XSD = PREFIXES["rdfs"], PREFIXES["xsd"]
KUNASHIR = PREFIXES["place"]["kunashir"]


def expanded(*triples):
    return serialize([Quad(*triple) for triple in triples], format=RdfFormat.JSON_LD)


def quads(body):
    return set(parse(body, RdfFormat.JSON_LD))


@pytest.mark.parametrize(
    "node",
    [
        KUNASHIR,
        NamedNode("http://example.org/x"),
        NamedNode(ONTOLOGY + "claimedBy"),
        NamedNode(ONTOLOGY),
        NamedNode(ONTOLOGY + "unit"),
        NamedNode(str(PREFIXES["place"])),
        NamedNode(str(PREFIXES["place"]) + "//x"),
        NamedNode(ONTOLOGY + "a:b"),
        NamedNode("mailto:a@b"),
        NamedNode("place:of-another-scheme"),
        NamedNode("rdfs:label"),
        BlankNode("b0"),
        Literal("place:kunashir"),
        Literal("国後島", language="ja"),
        Literal("1", datatype=XSD["integer"]),
        Literal("x", datatype=NamedNode(ONTOLOGY + "kind")),
    ],
)
def test_json_ld_with_a_context_holds_the_same_triples(node):
    triples = [
        (KUNASHIR, RDFS["label"], node),
        (KUNASHIR, NamedNode(ONTOLOGY + "claimedBy"), node),
        (KUNASHIR, PREFIXES["rdf"]["type"], NamedNode(ONTOLOGY + "Place")),
        (KUNASHIR, PREFIXES["rdf"]["type"], RDFS["Class"]),
        (KUNASHIR, NamedNode("http://example.org/p"), node),
    ]
    if isinstance(node, NamedNode):
        triples.append((node, node, PREFIXES["unit"]["year"]))
    body = expanded(*triples)
    assert quads(compacted(body)) == quads(body)


def test_json_ld_says_our_terms_by_name_and_others_with_the_prefixes_it_uses():
    document = json.loads(
        compacted(
            expanded(
                (KUNASHIR, RDFS["label"], Literal("x")),
                (KUNASHIR, NamedNode(ONTOLOGY + "claimedBy"), PREFIXES["state"]["japan"]),
            )
        )
    )
    assert document["@context"].keys() == {"@vocab", "place", "rdfs", "state"}
    assert document["@graph"] == [
        {
            "@id": "place:kunashir",
            "rdfs:label": [{"@value": "x"}],
            "claimedBy": [{"@id": "state:japan"}],
        }
    ]
