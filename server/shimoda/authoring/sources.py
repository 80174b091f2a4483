"""The folder of a source: its sentences, entities and assertions."""

import re
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from shimoda import paths
from shimoda.dataset.canonical import serialize
from shimoda.dataset.files import read_text
from shimoda.dataset.sentences import Sentence, cut, digest
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHIMODA, SOURCE, XSD = PREFIXES[""], PREFIXES["source"], PREFIXES["xsd"]
TYPE, LABEL = PREFIXES["rdf"]["type"], PREFIXES["rdfs"]["label"]


def lay_out(name: str, title: str, text: Path) -> tuple[Path, int]:
    """Make the folder of a source, with its description and an empty file of assertions; count its sentences."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name} is no name for a source; use small letters, digits and hyphens")
    folder = paths.data("triples") / name
    if folder.exists():
        raise InputError("there is such a source already", file=str(folder))
    content = read_text(text)
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    (folder / "entities").mkdir(parents=True)
    (folder / "assertions").mkdir()
    description = serialize(describe(name, title, content))
    (folder / "source.ttl").write_text(description, encoding="utf-8")
    (folder / "assertions" / "first.trig").write_text(prefixes, encoding="utf-8")
    return folder, sum(1 for _ in cut(content))


def describe(name: str, title: str, text: str) -> Iterator[Quad]:
    """Yield the description of a source and its sentences: numbers, offsets and digests, no text."""
    source = SOURCE[name]
    yield Quad(source, TYPE, SHIMODA["Source"])
    yield Quad(source, LABEL, Literal(title, language="en"))
    yield Quad(source, SHIMODA["title"], Literal(title))
    yield Quad(source, SHIMODA["sourceDigest"], Literal(digest(text)))
    for sentence in cut(text):
        yield from describe_sentence(source, sentence)


def describe_sentence(source: NamedNode, sentence: Sentence) -> Iterator[Quad]:
    """Yield where a sentence stands, and its digest."""
    node = NamedNode(f"{source.value}#{sentence.name}")
    yield Quad(node, TYPE, SHIMODA["Sentence"])
    yield Quad(node, SHIMODA["sentenceOf"], source)
    yield Quad(node, SHIMODA["digest"], Literal(sentence.digest))
    for name, value in {
        "number": sentence.number,
        "paragraph": sentence.paragraph,
        "startOffset": sentence.start,
        "endOffset": sentence.end,
    }.items():
        yield Quad(node, SHIMODA[name], Literal(str(value), datatype=XSD["integer"]))
