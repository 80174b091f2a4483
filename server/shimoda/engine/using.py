"""The protocol's dataset of an update, written into its text: the engine knows no other way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shimoda.engine.protocol import Update
from shimoda.errors import InputError

__all__ = ["with_using"]

TOKEN = re.compile(
    r"""(?P<skipped> \"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
      | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | <[^<>"{}|^`\\\s]*> | \#[^\n]* | [?$:]\w+ | \w+: )
      | (?P<token> [{}] | \w+ )""",
    re.VERBOSE | re.DOTALL,
)


def with_using(update: Update) -> str:
    """Return the update with USING clauses for ``using_graphs`` and ``using_named_graphs``.

    InputError if it says USING or WITH itself (SPARQL 1.1 Protocol section 2.2.3).
    """
    if update.using_graphs is None and update.using_named_graphs is None:
        return update.text
    clauses = [f"USING <{iri}> " for iri in update.using_graphs or ()]
    clauses += [f"USING NAMED <{iri}> " for iri in update.using_named_graphs or ()]
    text, done, deletes = "", 0, False
    for word, start in outer_words(update.text):
        if word in ("USING", "WITH"):
            raise InputError(f"An update with {word} cannot be sent with using-graph-uri or using-named-graph-uri.")
        if word == "WHERE":
            text += update.text[done:start]
            if deletes:  # DELETE WHERE takes no USING: its pattern is said twice
                text += block_after(update.text, start)
            text += "".join(clauses)
            done = start
        deletes = word == "DELETE"
    return text + update.text[done:]


def outer_words(text: str) -> Iterator[tuple[str, int]]:
    """Return the words outside of braces, in capitals, with their places; an opening brace is one too."""
    depth = 0
    for match in tokens(text):
        token = match["token"]
        if depth == 0:
            yield token.upper(), match.start()
        depth += {"{": 1, "}": -1}.get(token, 0)


def block_after(text: str, start: int) -> str:
    """Return the first block in braces after a place."""
    depth, opening = 0, None
    for match in tokens(text, start):
        depth += {"{": 1, "}": -1}.get(match["token"], 0)
        if match["token"] == "{" and opening is None:
            opening = match.start()
        elif depth == 0 and opening is not None:
            return text[opening : match.end()] + " "
    return ""


def tokens(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """Return the words and braces of an update, but not what stands in strings, IRIs, comments and names."""
    return (match for match in TOKEN.finditer(text, start) if match["token"])
