"""Articles in any number, from a seed: ``python -m tests.benchmarks.articles COUNT FOLDER``.

The first is the real one. Each other has its shape (sentences, voices, modes, events, dates, …) and things of its own;
it is about one of some disputes, some of which are in the news more often than others (Zipf). Articles about one dispute
share its states, places, people, offices, agreements and what is much spoken of, and contradict each other; the second of
each calls a state by another name, and only the code of the state tells that the two are one. All articles
share units, qualities and the states that are no party. Disputes lie some twenties of years apart.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import re
import shutil
import string
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from math import isqrt
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from shimoda import paths
from shimoda.dataset.assembly import ASSERTION
from shimoda.dataset.canonical import serialize
from shimoda.dataset.files import parse
from shimoda.namespaces import BASE, PREFIXES

REAL = "panov-2011"
SHIMODA, EDTF = PREFIXES[""], PREFIXES["edtf"]["EDTF"]
NAMES = {PREFIXES["rdfs"]["label"], PREFIXES["skos"]["altLabel"], SHIMODA["title"]}
DIGESTS = {SHIMODA["digest"], SHIMODA["sourceDigest"]}
CODES = {"JP": ("XZ", ""), "RU": ("QY", ""), "JPN": ("XZ", "A"), "RUS": ("QY", "A")}
"""For the code of a party: the first letters (a user-assigned range of ISO 3166-1) of its codes in other disputes, and an end."""
PARTIES = {
    f"state/{name}"
    for name in [
        "japan",
        "russia",
        "soviet-union",
        "russian-empire",
        "empire-of-japan",
        "tokugawa-shogunate",
    ]
}
RENAMED, OPPONENT = "state/japan", "state/russia"
MUCH = 8
"""What so many assertions speak of, other articles on the dispute speak of too."""
YEAR = re.compile(r"(?<!\d)(\d{3})([\dX])(?![\dX])")


class Level(IntEnum):
    """Who shares a thing: all articles, those about one dispute, or nobody."""

    ALL = 0
    DISPUTE = 1
    ARTICLE = 2


OF_DISPUTE = {"agreement", "body", "office", "person", "place", "tenure"}


class Written(NamedTuple):
    """A quad of the real data, the file that it stands in (below ``triples/``), and who shares it."""

    file: Path
    quad: Quad
    level: Level


class Model:
    """The real article and its background, taken apart by who shares what.

    A named graph and its description belong together, and to whom its narrowest thing belongs.
    """

    def __init__(self) -> None:
        home = paths.data("triples")
        files = sorted(
            file for name in (REAL, "background") for file in (home / name).rglob("*.t*")
        )
        quads = [(file.relative_to(home), quad) for file in files for quad in parse(file)]
        qualities = {q.subject for _, q in quads if q.predicate == SHIMODA["valence"]}
        graphs: dict[str, set[str]] = defaultdict(set)
        for _, quad in quads:
            described = isinstance(quad.graph_name, DefaultGraph)
            name = quad.subject if described else quad.graph_name
            if isinstance(name, NamedNode) and name.value.startswith(ASSERTION):
                graphs[name.value].update(iris(quad))
        spoken = Counter(itertools.chain.from_iterable(graphs.values()))
        self.levels = {
            iri: Level.ALL if NamedNode(iri) in qualities else level_of(iri, spoken[iri])
            for iri in {iri for _, quad in quads for iri in iris(quad)}
        }
        for name, things in graphs.items():
            if REAL not in name:
                self.levels[name] = max(self.levels[thing] for thing in things - {name})
        self.written = [Written(file, quad, self.level(quad)) for file, quad in quads]
        self.claims = sorted(
            quad.subject.value
            for _, quad in quads
            if quad.predicate == SHIMODA["mode"] and quad.object != SHIMODA["Narrated"]
        )
        self.contradictions = sum(quad.predicate == SHIMODA["contradicts"] for _, quad in quads)

    def level(self, quad: Quad) -> Level:
        """Tell who shares a quad; what is only listed as distinct, are things of a dispute."""
        place = quad.subject if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
        return self.levels[place.value] if isinstance(place, NamedNode) else Level.DISPUTE


def iris(quad: Quad) -> Iterator[str]:
    """Yield the IRIs of things in a quad."""
    for term in (quad.subject, quad.object, quad.graph_name):
        if isinstance(term, NamedNode) and term.value.startswith(BASE):
            yield term.value


def level_of(iri: str, spoken: int) -> Level:
    """Tell who shares a thing of so many graphs."""
    _, found, thing = iri.partition("/id/")
    kind = thing.partition("/")[0]
    if found and not spoken:
        return Level.ALL
    if kind in OF_DISPUTE or thing in PARTIES or (found and spoken >= MUCH and kind != "state"):
        return Level.DISPUTE
    own = found and kind not in ("state", "unit")
    return Level.ARTICLE if own or iri.startswith((ASSERTION, f"{BASE}source/")) else Level.ALL


@cache
def model() -> Model:
    """Return the model; it is read once."""
    return Model()


@dataclass(frozen=True)
class Article:
    """One article: its number, the number of its dispute, and how many on that dispute came before."""

    number: int
    dispute: int
    before: tuple[int, ...]

    @property
    def name(self) -> str:
        """The slug of the source."""
        return source_name(self.number)

    def quads(self) -> Iterator[tuple[Path, Quad]]:
        """Yield what the article adds to those before it, each quad with its file below ``triples/``."""
        rename = Renaming(self)
        for file, quad, shared in model().written:
            level = rename.narrowed(quad.subject, shared)
            if level == Level.ARTICLE or (level == Level.DISPUTE and not self.before):
                yield rename.file(file), rename.quad(quad)
        if len(self.before) == 1:
            yield from self.code(rename)
        yield from self.contradict()

    def code(self, rename: Renaming) -> Iterator[tuple[Path, Quad]]:
        """Give the state that the article calls by a name of its own the code that it has in the dispute."""
        code = NamedNode(f"{ASSERTION}background-code-{self.name}")
        file = Path(f"background/code-{self.name}.trig")
        state = rename.term(NamedNode(f"{BASE}id/{RENAMED}"))
        paraphrase = Literal("The two-letter code of a state, from the standard.", language="en")
        yield file, Quad(code, PREFIXES["rdf"]["type"], SHIMODA["Background"])
        yield (
            file,
            Quad(code, PREFIXES["dcterms"]["source"], NamedNode("https://www.iso.org/iso-3166")),
        )
        yield file, Quad(code, SHIMODA["paraphrase"], paraphrase)
        yield file, Quad(state, SHIMODA["isoAlpha2"], Literal(rename.code("JP")), code)
        other = rename.term(NamedNode(f"{BASE}id/{OPPONENT}"))
        distinct = Path(self.name) / "entities" / "distinct.ttl"
        yield distinct, Quad(state, PREFIXES["owl"]["differentFrom"], other)

    def contradict(self) -> Iterator[tuple[Path, Quad]]:
        """Contradict as many claims of an earlier article as the real article contradicts of its own."""
        chance = random.Random(self.number)
        if self.before:
            other = chance.choice(self.before)
            for claim in chance.sample(model().claims, model().contradictions):
                one, two = (claim.replace(REAL, source_name(each)) for each in (self.number, other))
                file = Path(self.name) / "assertions" / "contradictions.trig"
                yield file, Quad(NamedNode(one), SHIMODA["contradicts"], NamedNode(two))


def source_name(number: int) -> str:
    return f"article-{number:04}" if number else REAL


class Renaming:
    """What the things of the real article are called in another one."""

    def __init__(self, article: Article) -> None:
        self.article, self.known = article, dict[str, NamedNode]()
        self.tags = {Level.ARTICLE: f"{article.number:04}", Level.DISPUTE: f"d{article.dispute:02}"}
        self.years = 20 * (article.dispute % 8)

    def narrowed(self, subject: object, level: Level) -> Level:
        """Return a level; the second article on a dispute has a state to itself."""
        own = isinstance(subject, NamedNode) and subject.value == f"{BASE}id/{RENAMED}"
        return Level.ARTICLE if own and len(self.article.before) == 1 else level

    def file(self, file: Path) -> Path:
        """Return the file that stands for one of the real ones."""
        if file.parts[0] == REAL:
            return Path(self.article.name, *file.parts[1:])
        return file.with_stem(f"{file.stem}-{self.article.name}")

    def quad(self, quad: Quad) -> Quad:
        """Rewrite a quad."""
        subject, name = self.term(quad.subject), self.term(quad.graph_name)
        thing = quad.object
        if isinstance(thing, Literal):
            return Quad(subject, quad.predicate, self.literal(quad, thing), name)
        return Quad(subject, quad.predicate, self.term(thing), name)

    def term(self, term: Any) -> Any:
        """Rename what is not shared with all; no two articles share a blank node."""
        if isinstance(term, BlankNode):
            return BlankNode(f"{term.value}x{self.article.number}")
        if not isinstance(term, NamedNode):
            return term
        if term.value not in self.known:
            self.known[term.value] = self.renamed(term)
        return self.known[term.value]

    def renamed(self, node: NamedNode) -> NamedNode:
        level = self.narrowed(node, model().levels.get(node.value, Level.ALL))
        if level == Level.ALL or (level == Level.DISPUTE and not self.article.dispute):
            return node
        if REAL in node.value:
            return NamedNode(node.value.replace(REAL, self.article.name))
        return NamedNode(f"{node.value}-{self.tags[level]}")

    def literal(self, quad: Quad, literal: Literal) -> Literal:
        """Rewrite names, dates of the dispute, codes of its parties, and digests."""
        if quad.predicate in NAMES:
            node = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            level = self.narrowed(quad.subject, model().levels.get(node, Level.ALL))
            tag = self.tags.get(level, "")
            return Literal(f"{literal.value} {tag}".strip(), language=literal.language)
        if quad.predicate in DIGESTS:
            return Literal(
                hashlib.sha256(f"{self.article.number} {literal.value}".encode()).hexdigest()
            )
        if literal.datatype == EDTF:
            return Literal(YEAR.sub(self.shift, literal.value), datatype=EDTF)
        if quad.predicate in (SHIMODA["isoAlpha2"], SHIMODA["isoAlpha3"]):
            return Literal(self.code(literal.value))
        return literal

    def shift(self, year: re.Match[str]) -> str:
        """Move a year, or a decade, back to the time of the dispute."""
        return f"{int(year[1]) - self.years // 10}{year[2]}"

    def code(self, code: str) -> str:
        """Return the code that a party has in this dispute."""
        if not self.article.dispute or code not in CODES:
            return code
        series, letter = divmod(self.article.dispute, len(string.ascii_uppercase))
        return CODES[code][0][series] + string.ascii_uppercase[letter] + CODES[code][1]


def draw(count: int, seed: int = 2011) -> list[Article]:
    """Draw articles, the real one first; of so many disputes as the root of their number, those of low number are drawn most."""
    chance = random.Random(seed)
    disputes = range(isqrt(count))
    weights = [1 / (dispute + 1) for dispute in disputes]
    seen: dict[int, list[int]] = defaultdict(list)
    articles = []
    for number in range(count):
        dispute = chance.choices(disputes, weights)[0] if number else 0
        articles.append(Article(number, dispute, tuple(seen[dispute])))
        seen[dispute].append(number)
    return articles


def write(count: int, folder: Path) -> Path:
    """Write so many articles as a data folder (for ``SHIMODA_DATA``), in the project's own formats; return it."""
    for name in ("ontology", "queries", "triples"):
        shutil.copytree(paths.data(name), folder / name)
    for article in draw(count)[1:]:
        files: dict[Path, list[Quad]] = defaultdict(list)
        for file, quad in article.quads():
            files[folder / "triples" / file].append(quad)
        for file, quads in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(serialize(quads), encoding="utf-8")
    return folder


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
