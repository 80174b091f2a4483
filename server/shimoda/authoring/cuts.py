"""The sentences of a source cut again: another cut of the same text, or a text that was mended."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, Store

from shimoda import paths
from shimoda.authoring.sources import SHIMODA, SOURCE, TYPE, describe_sentence, sentences
from shimoda.dataset.assembly import files
from shimoda.dataset.canonical import read, serialize
from shimoda.dataset.files import parse, read_text
from shimoda.dataset.sentences import Sentence, cut, digest, number
from shimoda.errors import InputError
from shimoda.namespaces import PREFIXES

PLACE = ("sentenceOf", "number", "paragraph", "startOffset", "endOffset")
DESCRIBED = {SHIMODA[name] for name in (*PLACE, "digest", "sourceDigest")}


def cut_again(
    name: str, text: Path, joined: Sequence[str] = (), begins: Sequence[str] = ()
) -> tuple[list[Sentence], dict[str, str]]:
    """Cut and digest a source again, and let every file follow; return its sentences, and their names by the old.

    ``joined`` names sentences that go on in the next, ``begins`` holds words with which one begins; they change the cut
    that stands. Without either, the text is cut anew: a sentence is known again by its place in the same text, in another
    by its digest or its neighbours.

    Raises:
        InputError: a sentence or the words are not there, something is said of a sentence that is gone, or two
            assertions would have one name; then nothing is written.
    """
    home, source = paths.data("triples") / name / "source.ttl", SOURCE[name]
    content, store = read_text(text), Store()
    store.extend(parse(home))
    old = list(sentences(store, source))
    whole = Quad(source, SHIMODA["sourceDigest"], Literal(digest(content)))
    if not (joined or begins):
        new = list(cut(content))
    elif whole in store:
        new = list(number(content, places(content, old, joined, begins)))
    else:
        raise InputError("is another text than was cut: cut it anew first", file=str(text))
    moved = by_place(old, new) if whole in store else by_neighbours(old, new)
    written = {file: renamed(file, name, moved) for file, _ in files() if name in read_text(file)}
    require_one_name_each(quad for quads, _ in written.values() for quad in quads)
    written[home][0].extend(
        [whole, *(quad for one in new for quad in describe_sentence(source, one))]
    )
    for file, kept in written.items():
        file.write_text(serialize(*kept), encoding="utf-8")
    return new, moved


def places(
    text: str, known: list[Sentence], joined: Sequence[str], begins: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Yield from where to where sentences go, once some are joined to the next and some begin at these words."""
    starts = {one.start for one in known}
    following = {one.name: other.start for one, other in pairwise(known)}
    for name in joined:
        if name not in following:
            raise InputError(f"no sentence {name} is followed by another", sentence=name)
        starts.discard(following[name])
    for words in begins:
        if text.count(words) != 1:
            raise InputError(f"the text has {words!r} {text.count(words)} times, not once")
        starts.add(text.index(words))
    for start, end in pairwise([*sorted(starts), len(text)]):
        yield start, start + len(text[start:end].rstrip())


def by_place(old: list[Sentence], new: list[Sentence]) -> dict[str, str]:
    """Return the new names of sentences by the old ones: of those in which they begin."""
    return {
        one.name: other.name for one in old for other in new if other.start <= one.start < other.end
    }


def by_neighbours(old: list[Sentence], new: list[Sentence]) -> dict[str, str]:
    """Return the new names by the old ones: of the same sentences, and of as many others that stand between these."""
    had, has = [one.digest for one in old], [one.digest for one in new]
    steps = SequenceMatcher(None, had, has, autojunk=False).get_opcodes()
    alike = [(old[a:b], new[c:d]) for _, a, b, c, d in steps if b - a == d - c]
    return {one.name: other.name for pair in alike for one, other in zip(*pair, strict=True)}


def renamed(file: Path, name: str, moved: Mapping[str, str]) -> tuple[list[Quad], dict[str, str]]:
    """Return the quads and comments of a file with sentences, and what is named after them, by their new names."""
    of_sentence = re.compile(rf"({SOURCE}{name}#|{PREFIXES['assertion']}{name}-)(s\d+)(|-.*)")

    def follow(iri: str) -> str:
        found = of_sentence.fullmatch(iri)
        if found and found[2] not in moved:
            detail = f"speaks of {found[2]}, which the text no longer has: take that out, or move it, first"
            raise InputError(detail, file=str(file))
        return found[1] + moved[found[2]] + found[3] if found else iri

    def follow_term(term: Any) -> Any:
        return NamedNode(follow(term.value)) if isinstance(term, NamedNode) else term

    quads, comments = read(file)
    said = defaultdict[str, str](str)
    for place, lines in comments.items():
        said[follow(place)] += lines
    return [
        Quad(*map(follow_term, (one.subject, one.predicate, one.object, one.graph_name)))
        for one in quads
        if file.parent.name != name
        or (one.predicate not in DESCRIBED and one.object != SHIMODA["Sentence"])
    ], said


def require_one_name_each(quads: Iterable[Quad]) -> None:
    """Raise InputError if assertions of sentences that are joined now have one name; stubs may."""
    kind = TYPE, SHIMODA["Assertion"]
    declared = Counter(str(one.subject) for one in quads if (one.predicate, one.object) == kind)
    twice = [name for name, count in declared.items() if count > 1 and "-unread>" not in name]
    if twice:
        raise InputError(f"two assertions would be called {', '.join(twice)}: rename one first")
