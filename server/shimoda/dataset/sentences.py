"""Sentences of a text: cut and numbered, known by offsets and digests, proved against a copy."""

import hashlib
import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)
END = re.compile(r"[.!?…][”’\"')\]]*(?=\s)|[。！？][」』）]*")
ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]\.)+$|^\W*\d{1,3}\.$|\b(?:Adm|Capt|Dr|Gov|Hon|Lt|Ltd|Maj|Mr|Mrs|Ms|Pres|Prof|Rep|Rev|Sen|Sgt|"
    r"St|approx|cf|etc|e\.g|i\.e|vs|акад|гг|им|проф|см|стр|ул)\.$"
)
NUMBERED = re.compile(
    r"\b(?:Arts?|Chs?|Figs?|Nos?|Pars?|Secs?|Vols?|arts?|ca|ch|figs?|nos?|pp?|par|sec|vols?|п|пп|ст|Jan|Feb|Mar|Apr|Jun|Jul|"
    r"Aug|Sept?|Oct|Nov|Dec)\.$"
)
"""What ends with a full stop and no sentence: always, and before a number."""
QUOTES = " \t\n“‘\"'([「『"


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
    found = PARAGRAPH.finditer(text)
    return number(
        text,
        [(one.start() + start, one.start() + end) for one in found for start, end in spans(one[0])],
    )


def number(text: str, places: Iterable[tuple[int, int]]) -> Iterator[Sentence]:
    """Number and digest the sentences of a text that stand between these offsets."""
    paragraphs = [block.start() for block in PARAGRAPH.finditer(text)]
    for count, (start, end) in enumerate(places, start=1):
        yield Sentence(count, bisect(paragraphs, start), start, end, digest(text[start:end]))


def spans(paragraph: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a paragraph start and end."""
    start = 0
    for stop in END.finditer(paragraph):
        said = paragraph[start : stop.end()]
        next_letter = paragraph[stop.end() :].lstrip(QUOTES)[:1]
        is_number = next_letter.isdigit() and NUMBERED.search(said)
        if not (next_letter.islower() or is_number or ABBREVIATED.search(said)):
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
