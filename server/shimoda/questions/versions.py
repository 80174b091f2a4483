"""The version of an answer that can be cited: asked again, it tells whether the answer changed, and by which change.

Nothing is kept for it: a version names the dataset's version, a digest of the answer, and a short digest of each assertion
that the answer rested on.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from shimoda.engine.interface import Engine
from shimoda.errors import InputError
from shimoda.namespaces import local_name
from shimoda.questions import catalogue
from shimoda.questions.citations import Citations, rows_of
from shimoda.sparql.results import Results

FORM = re.compile(r"(\d{1,20})-([0-9a-f]{16})-((?:[0-9a-f]{6}(?:\.[0-9a-f]{6})*)?)")
MOST = 100
"""Assertions that a version names; where there are more, it cannot tell by what an answer changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which answer it was: of which version of the dataset, with which rows, resting on which assertions."""

    dataset: int
    answer: str
    assertions: frozenset[str]

    @classmethod
    def of(cls, engine: Engine, results: Results, cited: Citations) -> "Version":
        """Return the version of an answer that has been cited."""
        rows = sorted(
            "\t".join(f"{name}={row[name]}" for name in sorted(row)) for row in rows_of(results)
        )
        assertions = frozenset(map(digest, cited.assertions))
        kept = assertions if len(assertions) <= MOST else frozenset[str]()
        return cls(engine.version, digest("\n".join(rows), 8), kept)

    @classmethod
    def read(cls, text: str) -> "Version":
        """Read a version from an address; InputError if it is none."""
        found = FORM.fullmatch(text)
        if not found:
            raise InputError("The parameter version is not as an answer with its sources gave it.")
        return cls(int(found[1]), found[2], frozenset(filter(None, found[3].split("."))))

    def __str__(self) -> str:
        return f"{self.dataset}-{self.answer}-{'.'.join(sorted(self.assertions))}"


def compare(engine: Engine, then: Version, now: Version, cited: Citations) -> dict[str, Any]:
    """Tell whether an answer changed, which of its assertions were corrected, replaced or withdrawn, and what is new."""
    if then.answer == now.answer:
        return {"dataset": then.dataset, "changed": False}
    gone = then.assertions - now.assertions
    because = [
        {
            "assertion": row["assertion"].value,
            "change": local_name(str(row["change"])),
            "by": row["by"].value,
        }
        for row in engine.rows(catalogue.text_of("changes"))
        if digest(row["assertion"].value) in gone
    ]
    new = [iri for iri in cited.assertions if digest(iri) not in then.assertions]
    found = {"dataset": then.dataset, "changed": True, "because": because}
    return found | ({"new": new} if then.assertions else {})


def digest(text: str, size: int = 3) -> str:
    """Return a digest of so many bytes, in hexadecimal; of three, as a version names an assertion."""
    return blake2b(text.encode(), digest_size=size).hexdigest()
