"""Every check, one after the other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from shimoda import paths
from shimoda.authoring.digests import unproved
from shimoda.authoring.figures import figures
from shimoda.authoring.findings import Finding, placed
from shimoda.authoring.profile import outside_profile
from shimoda.authoring.queries import forbidden, unanswered
from shimoda.authoring.shapes import misshapen
from shimoda.authoring.writing import badly_written
from shimoda.dataset import snapshot
from shimoda.dataset.assembly import files, read, unclaimed
from shimoda.errors import InconsistentData

Stage = Callable[[str], None]


@dataclass(slots=True)
class Examination:
    """What was looked at, what was found wrong, and how much there is."""

    stages: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings

    def members(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "sound": self.sound,
            "checked": self.stages,
            "figures": self.figures,
            "findings": [finding.members() for finding in self.findings],
        }


def examine(text: Path | None = None, report: Stage = lambda _: None) -> Examination:
    """Check the files; with ``text``, prove offsets and digests against it. ``report`` is told of each stage.

    Only sound files are built into a dataset, and only that is asked for contradictions and answers.
    """
    result = Examination()
    written = list(files())
    names = [file for file, _ in written]

    def look(stage: str, found: Iterable[Finding]) -> None:
        report(stage)
        result.stages.append(stage)
        result.findings += placed(found, names)

    look("syntax and canonical form", badly_written([*names, *shapes()]))
    if any(finding.check == "syntax" for finding in result.findings):
        return result
    quads = list(read(written))
    store = Store()
    store.bulk_extend(quads)
    store.bulk_extend(unclaimed(quads))
    result.figures = figures(store)
    look("profile", outside_profile(quads))
    look("shapes", misshapen(store))
    look("queries that must find nothing", forbidden(store))
    if text:
        look("offsets and digests against the text", unproved(store, text))
    if result.sound:
        look("the built dataset", misbuilt(report))
    return result


def misbuilt(report: Stage) -> Iterator[Finding]:
    """Yield what shows only in the dataset: that it cannot be true, what must not be inferred, questions left open."""
    try:
        store = snapshot.load(report)
    except InconsistentData as error:
        yield Finding("consistency", error.detail)
        return
    yield from forbidden(store, inferred=True)
    yield from unanswered(store)


def shapes() -> Iterator[Path]:
    """Yield the files of the ontology that are no part of the dataset."""
    for folder in ("shapes", "alignments"):
        yield from sorted((paths.data("ontology") / folder).glob("*.ttl"))
