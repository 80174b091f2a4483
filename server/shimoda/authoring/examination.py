"""Every check, one after the other, and how much there is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from shimoda import paths
from shimoda.authoring import checks
from shimoda.authoring.findings import Finding, placed
from shimoda.authoring.shapes import misshapen
from shimoda.dataset import snapshot
from shimoda.dataset.assembly import default_graph, files, read
from shimoda.engine.local import LocalEngine
from shimoda.errors import InconsistentData
from shimoda.questions import catalogue

Stage = Callable[[str], None]
TOTALS = (
    *("sentences", "sentences cited", "sentences marked"),
    *("assertions", "assertions with content", "corrections", "backgrounds"),
)
GROUPS = ("by mode", "by standing", "by polarity", "by voice", "by reason for no content")


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

    look("syntax and canonical form", checks.badly_written([*names, *not_in_dataset()]))
    if any(finding.check == "syntax" for finding in result.findings):
        return result
    quads = list(read(written))
    store = Store()
    store.bulk_extend(quads)
    store.bulk_extend(default_graph(quads))
    result.figures = count(store)
    look("profile", checks.outside_profile(quads))
    look("shapes", misshapen(store))
    look("queries that must find nothing", checks.forbidden(store))
    if text:
        look("offsets and digests against the text", checks.unproved(store, text))
    if result.sound:
        look("the built dataset", misbuilt(report))
    return result


def not_in_dataset() -> Iterator[Path]:
    """Yield the files of the ontology that are no part of the dataset."""
    for folder in ("shapes", "alignments"):
        yield from sorted((paths.data("ontology") / folder).glob("*.ttl"))


def misbuilt(report: Stage) -> Iterator[Finding]:
    """Yield what shows only in the dataset: that it cannot be true, what must not be inferred, questions left open."""
    try:
        store = snapshot.load(report)
    except InconsistentData as error:
        yield Finding("consistency", error.detail)
        return
    yield from checks.forbidden(store, inferred=True)
    yield from checks.unanswered(store)


def count(store: Store) -> dict[str, Any]:
    """Count sentences and assertions: totals by name, and for each ``by …`` the numbers, greatest first."""
    figures: dict[str, Any] = dict.fromkeys(TOTALS, 0) | {name: {} for name in GROUPS}
    for row in LocalEngine(store).rows(catalogue.text_of("amounts")):
        name, number = row["name"].value, int(row["n"].value)
        if "value" in row:
            figures[name][checks.shown(row["value"].value).removeprefix("id/")] = number
        else:
            figures[name] = number
    share = figures["assertions with content"] / max(figures["assertions"], 1)
    return figures | {"share with content": round(share, 3)}
