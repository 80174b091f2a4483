"""The parts of a query's pattern, and their places in its text (SPARQL 1.1 Query section 5.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shimoda.sparql.text import FORM, OPAQUE, end_of_braces, end_of_head

TOKEN = re.compile(
    r"[?$@]\w[\w-]*|[\w-]*(?:\.[\w-]+)*:(?:[\w:%\\-]|\.(?=[\w:%\\-]))*|\d+(?:\.\d+)?|\w+"
    r"|\{\||\|\}|\x00+|\S"
)
OPENING, CLOSING = {"{", "(", "[", "{|"}, {"}", ")", "]", "|}"}
BEGINNING = {"FILTER", "OPTIONAL", "MINUS", "GRAPH", "SERVICE", "BIND", "VALUES", "{"}
"""What begins a part, and ends the triples before it."""
IN_PARENTHESES = {"FILTER", "BIND"}
VARIABLE = re.compile(r"[?$](\w+)")
DATASET = re.compile(r"\bfrom\s", re.IGNORECASE)
Span = tuple[int, int]
"""From where to where in the text."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a group: the word that it begins with ("" for triples), its place, and those of its own groups."""

    kind: str
    span: Span
    groups: tuple[Span, ...] = ()


class QueryText:
    """A query: what stands before its form, its dataset clauses, and where the group that is its pattern stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.masked = OPAQUE.sub(
            lambda found: (" " if found[0][0] == "#" else "\0") * len(found[0]), text
        )
        form = FORM.search(self.masked)
        start = end_of_head(self.masked)
        self.form = form.start() if form else 0
        self.prologue = text[: self.form]
        dataset = DATASET.search(self.masked, self.form, start)
        self.dataset = text[dataset.start() : start] if dataset else ""
        opening = self.masked.find("{", start)
        self.pattern = (
            (opening + 1, end_of_braces(self.masked, opening) - 1) if opening >= 0 else (0, 0)
        )

    def __getitem__(self, span: Span) -> str:
        return self.text[slice(*span)]

    def variables(self, span: Span) -> frozenset[str]:
        """Return the names of the variables there."""
        return frozenset(VARIABLE.findall(self.masked[slice(*span)]))

    def parts(self, group: Span) -> Iterator[Part]:
        """Yield the parts of a group."""
        tokens = list(TOKEN.finditer(self.masked, *group))
        words = [token[0].upper() for token in tokens]
        place = 0
        while place < len(words):
            if words[place] == ".":
                place += 1
                continue
            first, kind = place, words[place] if words[place] in BEGINNING else ""
            groups: list[Span] = []
            if kind:
                place = self.end_of_block(words, place, kind)
                while kind == "{" and words[place : place + 1] == ["UNION"]:
                    place = self.end_of_block(words, place, kind)
                groups = [
                    (tokens[start].end(), tokens[end - 1].start())
                    for start, end in blocks(words, first, place)
                ]
            else:
                place = end_of_triples(words, place)
            span = tokens[first].start(), tokens[place - 1].end()
            yield Part(kind, span, tuple(groups))

    @staticmethod
    def end_of_block(words: list[str], place: int, kind: str) -> int:
        """Return where the next block in braces, or in parentheses where those may come first, ends."""
        wanted = {"{", "("} if kind in IN_PARENTHESES else {"{"}
        while place < len(words) and words[place] not in wanted:
            place += 1
        return close(words, place)


def blocks(words: list[str], place: int, end: int) -> Iterator[Span]:
    """Yield the outermost blocks in braces among some words."""
    while place < end:
        if words[place] == "{":
            after = close(words, place)
            yield place, after
            place = after
        else:
            place += 1


def end_of_triples(words: list[str], place: int) -> int:
    """Return where triples end: at a full stop, or where another part begins."""
    while place < len(words) and words[place] != "." and words[place] not in BEGINNING:
        place = close(words, place) if words[place] in OPENING else place + 1
    return place


def close(words: list[str], place: int) -> int:
    """Return the place after the bracket that closes the one here."""
    depth = 0
    while place < len(words):
        depth += (words[place] in OPENING) - (words[place] in CLOSING)
        place += 1
        if depth <= 0:
            break
    return place
