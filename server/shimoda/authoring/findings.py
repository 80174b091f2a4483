"""A thing that is wrong, and where it stands in the files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from shimoda.namespaces import BASE, PREFIXES

# in the canonical form a subject, or the name of a graph, begins a line
SUBJECT = re.compile(r"^(?:<([^>\s]*)>|([a-z]*):((?:\\#|[\w.-])+))(?= )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: its name, a sentence, what it is about (an IRI, or empty), and the place in a file."""

    check: str
    message: str
    subject: str = ""
    file: str = ""
    line: int | None = None

    @property
    def name(self) -> str:
        """What it is about, without the part that all IRIs share."""
        return self.subject.removeprefix(BASE)

    def members(self) -> dict[str, str | int]:
        """Return what there is, for JSON."""
        return {key: value for key, value in asdict(self).items() if value not in ("", None)}


def placed(findings: Iterable[Finding], files: Iterable[Path]) -> list[Finding]:
    """Return the findings with the place of what they are about where it is known, sorted by it."""
    places: dict[str, dict[str, Any]] = {}
    for file in files:
        for iri, line in subjects(file.read_text(encoding="utf-8")):
            places.setdefault(iri, {"file": str(file), "line": line})
    found = [one if one.file else replace(one, **places.get(one.subject, {})) for one in findings]
    return sorted(found, key=lambda one: (one.file, one.line or 0, one.message))


def subjects(text: str) -> Iterator[tuple[str, int]]:
    """Yield the subjects of a file in canonical form with their lines, from 1."""
    for match in SUBJECT.finditer(text):
        iri, prefix, local = match.groups()
        if iri or prefix in PREFIXES:
            line = text.count("\n", 0, match.start()) + 1
            yield iri or PREFIXES[prefix] + local.replace("\\", ""), line
