"""The folder of a source: its sentences, who wrote it, and a stub for each sentence that nobody has read yet."""

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from unicodedata import normalize

from pyoxigraph import Literal, NamedNode, Quad, Store

from shimoda import paths
from shimoda.dataset.canonical import serialize
from shimoda.dataset.files import read_text
from shimoda.dataset.sentences import Sentence, cut, digest
from shimoda.engine.local import LocalEngine
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES, local_name
from shimoda.questions import catalogue

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHIMODA, SOURCE = PREFIXES[""], PREFIXES["source"]
TYPE, LABEL = PREFIXES["rdf"]["type"], PREFIXES["rdfs"]["label"]
NUMBERS = ("number", "paragraph", "start", "end")
EXAMPLES = ("entities/things.ttl", "assertions/things.trig")
"""What a text speaks of and states; the examples beside this file have NAME for the source and AUTHOR for its author."""


def sentences(store: Store, source: NamedNode) -> Iterator[Sentence]:
    """Yield the sentences of a source as they are described."""
    query = catalogue.text_of("sentences").replace("?_this_iri", str(source))
    for row in LocalEngine(store).rows(query):
        told = {"paragraph": "0"} | {name: term.value for name, term in row.items()}
        count, paragraph, start, end = (int(told[name]) for name in NUMBERS)
        yield Sentence(count, paragraph, start, end, told["digest"])


def lay_out(name: str, title: str, author: str, text: Path) -> tuple[Path, list[Sentence]]:
    """Make the folder of a source: its description, its author, examples, a stub for each of its sentences; return both."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name} is no name for a source; use small letters, digits and hyphens")
    folder = paths.data("triples") / name
    if folder.exists():
        raise InputError("there is such a source already", file=str(folder))
    content = read_text(text)
    person = PREFIXES["person"][slug(author) or f"author-of-{name}"]
    found, source = list(cut(content)), SOURCE[name]
    written = {
        "source.ttl": [*describe(name, title, content), Quad(source, SHIMODA["author"], person)],
        "entities/person.ttl": [
            Quad(person, TYPE, SHIMODA["Person"]),
            Quad(person, LABEL, Literal(author, language="en")),
            Quad(person, PREFIXES["dcterms"]["source"], source),
        ],
        "assertions/unread.trig": [
            quad for one in found for quad in unread(name, one.name, person)
        ],
    }
    texts = {file: serialize(quads) for file, quads in written.items()}
    for file in EXAMPLES:
        data = read_text(paths.PACKAGE / "authoring" / Path(file).name).replace("NAME", name)
        texts[file] = indent(data.replace("AUTHOR", local_name(person)), "# ", lambda _: True)
    for file, data in texts.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(data, encoding="utf-8")
    return folder, found


def slug(label: str) -> str:
    """Return the part of an IRI for a label: ASCII letters and digits, joined by hyphens."""
    ascii_only = normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", ascii_only))


def describe(name: str, title: str, text: str) -> Iterator[Quad]:
    """Yield the description of a source and its sentences: numbers, offsets and digests, no text."""
    source = SOURCE[name]
    yield Quad(source, LABEL, Literal(title, language="en"))
    yield from state(source, "Source", title=Literal(title), sourceDigest=Literal(digest(text)))
    for sentence in cut(text):
        yield from describe_sentence(source, sentence)


def describe_sentence(source: NamedNode, sentence: Sentence) -> Iterator[Quad]:
    """Yield where a sentence stands, and its digest."""
    return state(
        NamedNode(f"{source.value}#{sentence.name}"),
        "Sentence",
        sentenceOf=source,
        number=Literal(sentence.number),
        paragraph=Literal(sentence.paragraph),
        startOffset=Literal(sentence.start),
        endOffset=Literal(sentence.end),
        digest=Literal(sentence.digest),
    )


def unread(name: str, sentence: str, voice: NamedNode) -> Iterator[Quad]:
    """Yield an assertion that stands in for what a sentence states, until somebody says it."""
    return state(
        PREFIXES["assertion"][f"{name}-{sentence}-unread"],
        "Assertion",
        citedIn=NamedNode(f"{SOURCE[name].value}#{sentence}"),
        voice=voice,
        mode=SHIMODA["Narrated"],
        polarity=SHIMODA["Affirmed"],
        standing=SHIMODA["Undisputed"],
        noContent=SHIMODA["NotYetRead"],
        paraphrase=Literal("Nobody has read this sentence yet.", language="en"),
    )


def state(node: NamedNode, kind: str, **values: NamedNode | Literal) -> Iterator[Quad]:
    """Yield the class of something, and its values by the names of our properties."""
    yield Quad(node, TYPE, SHIMODA[kind])
    for name, value in values.items():
        yield Quad(node, SHIMODA[name], value)
