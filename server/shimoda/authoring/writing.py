"""How the files are written: syntax and canonical form."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from shimoda.authoring.findings import Finding
from shimoda.dataset.canonical import canonicalize
from shimoda.errors import ShimodaError


def badly_written(files: Iterable[Path]) -> Iterator[Finding]:
    """Yield what does not parse, and what is not in the canonical form."""
    for file in files:
        try:
            canonical = canonicalize(file)
        except ShimodaError as error:
            yield Finding("syntax", error.detail, file=str(file), line=error.where.get("line"))
            continue
        lines = zip(
            canonical.splitlines(), file.read_text(encoding="utf-8").splitlines(), strict=False
        )
        if canonical != file.read_text(encoding="utf-8"):
            first = next(
                (number for number, (due, found) in enumerate(lines, start=1) if due != found), None
            )
            yield Finding(
                "form",
                "is not in the canonical form; shimoda format mends it",
                file=str(file),
                line=first,
            )
