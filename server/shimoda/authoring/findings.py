"""A thing that is wrong, and where it stands in the files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

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
    """Return the findings with the place of what they are about, sorted by it."""
    places: dict[str, tuple[str, int]] = {}
    for file in files:
        for iri, line in subjects(file.read_text(encoding="utf-8")):
            places.setdefault(iri, (str(file), line))
    return sorted((place(finding, places) for finding in findings), key=order)


def place(finding: Finding, places: dict[str, tuple[str, int]]) -> Finding:
    """Return the finding with its place, if it has none and one is known."""
    if finding.file or finding.subject not in places:
        return finding
    file, line = places[finding.subject]
    return replace(finding, file=file, line=line)


def order(finding: Finding) -> tuple[str, int, str]:
    """Return what findings are sorted by."""
    return finding.file, finding.line or 0, finding.message


def subjects(text: str) -> Iterator[tuple[str, int]]:
    """Yield the subjects of a file in canonical form with their lines, from 1."""
    for match in SUBJECT.finditer(text):
        iri, prefix, local = match.groups()
        if iri or prefix in PREFIXES:
            yield (
                iri or PREFIXES[prefix] + local.replace("\\", ""),
                text.count("\n", 0, match.start()) + 1,
            )
