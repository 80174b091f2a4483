"""The protocol's dataset of an update, written into its text: the engine knows no other way."""

import re
from collections.abc import Iterator

from shimoda.engine.interface import Update
from shimoda.errors import InputError
from shimoda.sparql.syntax import OPAQUE

TOKEN = re.compile(r"[?$@]\w+|[\w.-]*:[\w.-]*|(?P<word>[{}]|\w+)")


def with_using(update: Update) -> str:
    """Return the update with USING clauses for ``using_graphs`` and ``using_named_graphs``.

    InputError if it says USING or WITH itself (SPARQL 1.1 Protocol section 2.2.3).
    """
    if update.using_graphs is None and update.using_named_graphs is None:
        return update.text
    clauses = "".join(f"USING <{iri}> " for iri in update.using_graphs or ())
    clauses += "".join(f"USING NAMED <{iri}> " for iri in update.using_named_graphs or ())
    text, done, last = "", 0, ""
    plain = OPAQUE.sub(lambda found: " " * len(found[0]), update.text)
    for word, start, end in outer_words(plain):
        if word in ("USING", "WITH"):
            raise InputError(
                f"An update with {word} cannot be sent with using-graph-uri or using-named-graph-uri."
            )
        if word == "WHERE":
            text += update.text[done:start]
            if last == "DELETE":  # DELETE WHERE takes no USING: its pattern is said twice
                text += update.text[end : next(at for _, _, at in outer_words(plain, end))] + " "
            text, done = text + clauses, start
        last = word
    return text + update.text[done:]


def outer_words(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """Return the words outside of braces, in capitals, and the blocks in braces, with their places."""
    depth = opening = 0
    for match in TOKEN.finditer(text, start):
        word = match["word"]
        if word == "{":
            depth, opening = depth + 1, opening if depth else match.start()
        elif word == "}":
            depth -= 1
        if word and not depth:
            yield (
                ("{}", opening, match.end())
                if word == "}"
                else (word.upper(), match.start(), match.end())
            )
