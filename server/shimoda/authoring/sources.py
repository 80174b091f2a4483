"""The folder of a source: where its sentences, entities and assertions stand."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from shimoda.dataset.sentences import Sentence, cut, digest
from shimoda.namespaces import PREFIXES

SHIMODA, XSD = PREFIXES[""], PREFIXES["xsd"]
TYPE, LABEL = PREFIXES["rdf"]["type"], PREFIXES["rdfs"]["label"]


def sentence_iri(source: str, sentence: Sentence) -> NamedNode:
    """Return the IRI of a sentence of a source."""
    return PREFIXES["source"][f"{source}#{sentence.name}"]


def describe(name: str, title: str, text: str) -> Iterator[Quad]:
    """Yield the description of a source and its sentences: numbers, offsets and digests, no text."""
    source = PREFIXES["source"][name]
    facts: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
        (source, TYPE, SHIMODA["Source"]),
        (source, LABEL, Literal(title, language="en")),
        (source, SHIMODA["title"], Literal(title)),
        (source, SHIMODA["sourceDigest"], Literal(digest(text))),
    ]
    for sentence in cut(text):
        node = sentence_iri(name, sentence)
        facts += [
            (node, TYPE, SHIMODA["Sentence"]),
            (node, SHIMODA["sentenceOf"], source),
            (node, SHIMODA["digest"], Literal(sentence.digest)),
            *((node, SHIMODA[field], number(value)) for field, value in places(sentence)),
        ]
    yield from (Quad(*fact, DefaultGraph()) for fact in facts)


def places(sentence: Sentence) -> Iterator[tuple[str, int]]:
    """Yield the properties that say where a sentence stands."""
    yield "number", sentence.number
    yield "paragraph", sentence.paragraph
    yield "startOffset", sentence.start
    yield "endOffset", sentence.end


def number(value: int) -> Literal:
    """Return an xsd:integer."""
    return Literal(str(value), datatype=XSD["integer"])


def lay_out(folder: Path, description: str, example: str) -> None:
    """Make the folder of a source, with its description and a first, empty file of assertions."""
    (folder / "entities").mkdir(parents=True)
    (folder / "assertions").mkdir()
    (folder / "source.ttl").write_text(description, encoding="utf-8")
    (folder / "assertions" / "first.trig").write_text(example, encoding="utf-8")
