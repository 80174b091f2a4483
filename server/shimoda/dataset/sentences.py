"""Sentences of a text: cut and numbered, known by offsets and digests, proved against a copy."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)
END = re.compile(r"[.!?…][”’\"')\]]*(?=\s)|[。！？][」』）]*")
ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]\.)+$|\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|etc|cf|i\.e|e\.g)\.$"
)
OPENS = re.compile(r"\s*[“‘\"'(\[「『]*[^\W\d_]?", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Where a sentence stands: 0-based code points, end exclusive; numbers count from 1."""

    number: int
    paragraph: int
    start: int
    end: int
    digest: str

    @property
    def name(self) -> str:
        """The fragment of its IRI: ``s001``."""
        return f"s{self.number:03}"


def digest(text: str) -> str:
    """Return the SHA-256 digest of a text's UTF-8 octets, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def cut(text: str) -> Iterator[Sentence]:
    """Cut a text: paragraphs at blank lines, sentences after their full stop; a person checks the result."""
    number = 0
    for paragraph, block in enumerate(PARAGRAPH.finditer(text), start=1):
        for first, last in spans(block[0]):
            number += 1
            start, end = block.start() + first, block.start() + last
            yield Sentence(number, paragraph, start, end, digest(text[start:end]))


def spans(paragraph: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a paragraph start and end."""
    start = 0
    for stop in END.finditer(paragraph):
        opens = OPENS.match(paragraph, stop.end())
        if ABBREVIATION.search(paragraph[start : stop.end()]) or (
            opens and opens[0][-1:].islower()
        ):
            continue
        yield start, stop.end()
        start = len(paragraph) - len(paragraph[stop.end() :].lstrip())
    if start < len(paragraph):
        yield start, len(paragraph)


def disagreements(text: str, sentences: Iterable[Sentence]) -> Iterator[tuple[str, str]]:
    """Yield each sentence that a copy of the text does not bear out, by its name, with what is wrong with it."""
    for sentence in sentences:
        found = text[sentence.start : sentence.end]
        if sentence.end > len(text):
            detail = f"the text ends at {len(text)}, before the sentence's end at {sentence.end}"
            yield sentence.name, detail
        elif digest(found) != sentence.digest:
            place = f"{sentence.start} and {sentence.end}"
            yield sentence.name, f"the text between {place} has another digest"
