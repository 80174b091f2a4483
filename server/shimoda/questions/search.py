"""Search by name, in any of the scripts and spellings that people use: entities, terms, assertions, questions.

A name is taken apart into words, each folded to Latin letters; Chinese characters stand for themselves, since their
reading depends on the language. A word is found by what is spelled alike. The best names have all the words that were
asked for, and few others; rare words count for more than common ones.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from math import log
from typing import Any
from unicodedata import normalize

from anyascii import anyascii

from shimoda.engine.interface import Engine, Query, once_a_version
from shimoda.namespaces import BASE, GRAPHS, ONTOLOGY, PREFIXES, short
from shimoda.questions import catalogue
from shimoda.sparql.formats import JSON
from shimoda.sparql.results import Results, Row

LONGEST = 200
"""Letters of a search text that count."""
WORD = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff々]|[\u30a1-\u30fa\u30fc]+|[\u3041-\u3096\u30fc]+"
    r"|(?:(?![\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff])\w)+"
)
"""A Chinese character, a run of katakana or of hiragana, or a word in other letters."""
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
ALIKE = 0.7
"""How alike words, or whole names, must be: the part of the letters that need not be changed."""
MANY = 50
"""Words, and names, that are looked at because they are spelled alike."""
FUZZY = 0.9
"""What a word that is only alike counts for, at most."""
SHORT = 3
"""Words of so many letters have to be exact: too many others are alike."""
LEAST = 0.35
"""The score below which nothing is meant."""
SECONDARY = ("link", "observation", "participation", "tenure", "unit", "assertion", "")
"""Kinds that come after all others where names are equally good."""
PROPERTIES = {
    PREFIXES["rdfs"]["label"].value: "label",
    PREFIXES["skos"]["prefLabel"].value: "label",
    PREFIXES["skos"]["altLabel"].value: "alias",
    PREFIXES["skos"]["definition"].value: "definition",
    PREFIXES[""]["paraphrase"].value: "paraphrase",
}
NAMING = ("label", "alias")
LABELLING = ("label", "title", "paraphrase")
LANGUAGES = {"en": "English", "ja": "Japanese", "ru": "Russian"}


@dataclass(frozen=True, slots=True)
class Name:
    """One of the texts that a thing is found by: its label, alias, paraphrase … or the end of its IRI."""

    iri: str
    role: str
    text: str
    language: str = ""

    def __str__(self) -> str:
        language = LANGUAGES.get(self.language, self.language)
        return f"{language} {self.role} “{self.text}”".strip()


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: ``score`` is 1 where the name is what was asked for."""

    iri: str
    kind: str
    label: str
    score: float
    name: Name

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON."""
        name = self.name
        return {
            "iri": self.iri,
            "name": short(self.iri),
            "kind": self.kind,
            "label": self.label,
            "score": round(self.score, 3),
            "matched": {"as": name.role, "text": name.text, "language": name.language or None},
        }


class Index:
    """The names of one version of a dataset; ``cacheable`` if what is found depends on nothing else."""

    def __init__(self, names: Iterable[Name], *, cacheable: bool = True) -> None:
        self.cacheable = cacheable
        self.names = list(names)
        self.labels: dict[str, str] = {}
        self.postings: dict[str, list[int]] = defaultdict(list)
        self.words: list[tuple[str, ...]] = []
        for number, name in enumerate(self.names):
            words = tuple(dict.fromkeys(words_of(name.text)))
            self.words.append(words)
            for word in words:
                self.postings[word].append(number)
            if name.role in LABELLING and (name.language == "en" or name.iri not in self.labels):
                self.labels[name.iri] = name.text
        self.vocabulary = sorted(self.postings)
        self.joined = ["".join(words) for words in self.words]
        self.weights = {
            word: log(1 + len(self.names) / len(found)) for word, found in self.postings.items()
        }

    def search(self, text: str, limit: int = 20, kinds: Iterable[str] = ()) -> list[Hit]:
        """Return what has such a name, best first; of these kinds, if any are given."""
        wanted, only = words_of(text[:LONGEST]), set(kinds)
        best: dict[str, tuple[float, int]] = {}
        for number, score in [*self.by_words(wanted), *self.as_a_whole(wanted)]:
            iri = self.names[number].iri
            best[iri] = max(best.get(iri, (0.0, 0)), (score, -number))
        hits = [
            Hit(iri, kind_of(iri), self.label(iri), score, self.names[-number])
            for iri, (score, number) in best.items()
            if score >= LEAST and (not only or kind_of(iri) in only)
        ]
        hits.sort(key=lambda hit: (-round(hit.score, 2), hit.kind in SECONDARY, len(hit.iri)))
        return hits[:limit]

    def label(self, iri: str) -> str:
        """Return what a thing is called, in English if it can be; its IRI if it has no name."""
        return self.labels.get(iri) or short(iri)

    def called(self, text: str, start: str = "") -> list[str]:
        """Return the IRIs with this beginning whose label or alias is the text, in whatever script."""
        wanted = tuple(dict.fromkeys(words_of(text)))
        return sorted(
            {
                name.iri
                for name, words in zip(self.names, self.words, strict=True)
                if words == wanted and name.role in NAMING and name.iri.startswith(start)
            }
        )

    def nearest(self, iri: str, limit: int = 5) -> list[str]:
        """Return what may be meant by an IRI that is unknown, best first: in its own namespace, or with the same ending."""
        area, local = split(iri)
        near = [hit.iri for hit in self.search(local, 20 * limit)]
        own = [other for other in near if split(other)[0] == area]
        same = [other for other in near if split(other)[1].casefold() == local.casefold()]
        return list(dict.fromkeys([*own, *same]))[:limit]

    def by_words(self, wanted: list[str]) -> Iterator[tuple[int, float]]:
        """Yield the names that have some of the words, each with its score from 0 to 1."""
        found: dict[int, dict[str, float]] = defaultdict(dict)
        worth = {}
        for word in wanted:
            alike = self.alike(word)
            most = max(alike, key=lambda one: alike[one], default=None)
            worth[word] = self.weights[most] if most else log(1 + len(self.names))
            for other, likeness in alike.items():
                for number in self.postings[other]:
                    found[number][word] = max(found[number].get(word, 0.0), likeness)
        whole = sum(worth.values())
        for number, likenesses in found.items():
            covered = sum(likeness * worth[word] for word, likeness in likenesses.items())
            size = max(sum(self.weights[word] for word in self.words[number]), covered)
            yield number, covered / whole * (0.6 + 0.4 * covered / size)

    def alike(self, word: str) -> dict[str, float]:
        """Return the words that may be meant, each with its likeness."""
        if len(word) <= SHORT:
            return {word: 1.0} if word in self.postings else {}
        near = spelled_alike(word, self.vocabulary, MANY)
        found = {other: score * (FUZZY if other != word else 1) for other, score, _ in near}
        places = range(bisect_right(self.vocabulary, word), len(self.vocabulary))
        longer = map(self.vocabulary.__getitem__, places)
        for other in takewhile(lambda one: one.startswith(word), longer):
            found[other] = max(found.get(other, 0), FUZZY * (len(word) / len(other)) ** 0.5)
        return found

    def as_a_whole(self, wanted: list[str]) -> Iterator[tuple[int, float]]:
        """Yield the names that are spelled alike when written in one word, each with its score."""
        for _, score, number in spelled_alike("".join(wanted), self.joined, MANY) if wanted else ():
            yield number, score * FUZZY


def spelled_alike(text: str, others: list[str], limit: int) -> list[tuple[str, float, int]]:
    """Return the texts that are spelled alike, best first, each with its likeness and its place among the others."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    scorer = OSA.normalized_similarity
    return process.extract(text, others, scorer=scorer, score_cutoff=ALIKE, limit=limit)


@lru_cache(maxsize=2**16)
def fold(word: str) -> str:
    """Write a word in small Latin letters; a Chinese character stays."""
    return word if "\u3400" <= word[0] <= "\u9fff" else anyascii(word).casefold()


def words_of(text: str) -> list[str]:
    """Take a text apart into folded words."""
    plain = CAPITAL.sub(" ", normalize("NFKC", text))
    return [folded for word in WORD.findall(plain.replace("_", " ")) if (folded := fold(word))]


def split(iri: str) -> tuple[str, str]:
    """Take the last part off an IRI."""
    parts = re.split("([/#])", iri)
    return "".join(parts[:-1]), parts[-1]


def kind_of(iri: str) -> str:
    """Return what an IRI names, as its beginning tells: ``place``, ``assertion``, ``term`` …; "" for others' IRIs."""
    if iri.startswith(ONTOLOGY):
        return "term"
    area = iri.removeprefix(BASE).removeprefix("id/").partition("/")[0]
    return ("question" if area == "q" else area) if iri.startswith(BASE) else ""


def names_of(rows: list[Row]) -> Iterator[Name]:
    """Yield the names in a dataset; where it knows our terms, those of the questions of the catalogue too."""
    iris: dict[str, None] = {}
    for row in rows:
        iri, name = row["e"].value, row["name"]
        iris[iri] = None
        yield Name(iri, PROPERTIES[row["p"].value], name.value, getattr(name, "language", "") or "")
    yield from (Name(iri, "name", split(iri)[1]) for iri in [*iris, *(one.value for one in GRAPHS)])
    for question in catalogue.read_all() if PREFIXES[""]["Assertion"].value in iris else ():
        for language, title in question.titles.items():
            yield Name(f"{BASE}q/{question.name}", "title", title, language)


@once_a_version
def index_of(engine: Engine) -> Index:
    """Return the index of an engine's dataset."""
    results = engine.query(Query(catalogue.text_of("known")))
    return index_from(results.read(), results.cacheable)


@lru_cache(maxsize=2)
def index_from(answer: bytes, cacheable: bool) -> Index:
    """Return the index of the names in an answer, which most versions of a dataset share."""
    return Index(names_of(Results("SELECT", JSON, answer, 0).rows()), cacheable=cacheable)


def search(engine: Engine, text: str, limit: int = 20, kinds: Iterable[str] = ()) -> list[Hit]:
    """Return what in an engine's dataset has such a name, best first."""
    return index_of(engine).search(text, limit, kinds)
