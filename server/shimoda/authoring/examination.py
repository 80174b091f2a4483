"""Every check, one after the other, and how much there is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from shimoda import paths
from shimoda.authoring import checks
from shimoda.authoring.checks import Finding, placed
from shimoda.authoring.shapes import check_shapes
from shimoda.dataset import snapshot
from shimoda.dataset.assembly import default_graph, files, read
from shimoda.engine.local import LocalEngine
from shimoda.errors import InconsistentData, UnknownName
from shimoda.namespaces import PREFIXES, short
from shimoda.questions import catalogue

Stage = Callable[[str], None]
TOTALS = (
    *("sentences", "sentences cited", "sentences marked"),
    *("assertions", "assertions with content", "corrections", "backgrounds"),
)
GROUPS = ("by mode", "by standing", "by polarity", "by voice", "by reason for no content")


@dataclass(slots=True)
class Examination:
    """What was looked at, how much there is, and what was found wrong."""

    checked: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings

    def members(self) -> dict[str, Any]:
        """Return it for JSON, without what a finding does not have."""

        def without_empty(members: Iterable[tuple[str, Any]]) -> dict[str, Any]:
            return {name: value for name, value in members if value not in ("", None)}

        return {"sound": self.sound} | asdict(self, dict_factory=without_empty)


def examine(
    text: Path | None = None, report: Stage = lambda _: None, *, only: str | None = None
) -> Examination:
    """Check the files; with ``text``, prove offsets and digests against it. ``report`` is told of each stage.

    Only sound files are built into a dataset, and only that is asked for contradictions and answers. With ``only``, what
    is wrong in the folder of another source is left out, and counted is that source alone.
    """
    result = Examination()
    written = list(files())
    names = [file for file, _ in written]
    folder = paths.data("triples") / (only or "")
    if not folder.is_dir():
        raise UnknownName(
            f"There is no source {only}.", nearest=[one.name for one in folder.parent.iterdir()]
        )

    def is_wanted(finding: Finding) -> bool:
        return not (only and finding.file) or folder in Path(finding.file).parents

    def look(stage: str, found: Iterable[Finding]) -> None:
        report(stage)
        result.checked.append(stage)
        result.findings += (one for one in placed(found, names) if is_wanted(one))

    look("syntax and canonical form", checks.check_form(checks.all_files()))
    if any(finding.check == "syntax" for finding in result.findings):
        return result
    quads = list(read(written))
    store = Store()
    store.bulk_extend(quads)
    store.bulk_extend(default_graph(quads))
    result.figures = count(store, only)
    look("profile", checks.check_profile(quads))
    look("shapes", check_shapes(store))
    look("queries that must find nothing", checks.check_queries(store))
    if text:
        look("offsets and digests against the text", checks.check_text(store, text))
    if result.sound:
        look("the built dataset", check_build(report))
    return result


def check_build(report: Stage) -> Iterator[Finding]:
    """Yield what shows only in the dataset: that it cannot be true, what must not be inferred, questions left open."""
    try:
        store = snapshot.load(report)
    except InconsistentData as error:
        yield Finding("consistency", error.detail)
        return
    yield from checks.check_queries(store, inferred=True)
    yield from checks.check_questions(store)


def count(store: Store, source: str | None = None) -> dict[str, Any]:
    """Count sentences and assertions, of one source or of all: totals by name, for each ``by …`` the numbers, greatest first."""
    figures: dict[str, Any] = dict.fromkeys(TOTALS, 0) | {name: {} for name in GROUPS}
    whose = str(PREFIXES["source" if source else ""][source or "Source"])
    for row in LocalEngine(store).rows(catalogue.text_of("amounts").replace("?_source", whose)):
        name, number = row["name"].value, int(row["n"].value)
        if "value" in row:
            figures[name][short(row["value"].value)] = number
        else:
            figures[name] = number
    share = figures["assertions with content"] / max(figures["assertions"], 1)
    return figures | {"share with content": round(share, 3)}
