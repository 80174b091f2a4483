"""The built dataset: made when an input changed, kept as N-Quads, loaded in a moment."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Store, parse

from shimoda import __version__, paths
from shimoda.dataset.assembly import LINKS, File, assemble, claims, files, files_with, read
from shimoda.dataset.views import worlds

if TYPE_CHECKING:
    from shimoda.reasoning import Reasoner

CODE = ("dataset", "reasoning")
OFTEN = 20
"""After so many files it is told how far the reading is."""
KEPT = 4
"""Snapshots that stay: of other data, or of another state of the files, to which one may return."""
Report = Callable[[str], None]


def digest() -> str:
    """Return a digest of all that the dataset is made from: files, rules and the code that puts them together."""
    inputs = [file for file, _ in files()] + sorted(paths.data("ontology").glob("rules/*.rq"))
    inputs += [module for name in CODE for module in sorted((paths.PACKAGE / name).glob("*.py"))]
    total = hashlib.sha256(__version__.encode())
    for file in inputs:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def build(
    report: Report = lambda _: None,
    store: Store | None = None,
    look: Callable[["Reasoner"], object] = lambda _: None,
) -> Store:
    """Assemble the dataset and reason over it, telling ``report`` of each stage and how far it is; InconsistentData if they clash.

    ``store`` is an empty one to build in, for a dataset that memory has no room for. ``look`` is given the
    reasoner at the end.
    """
    from shimoda.reasoning import Statements, Upkeep  # numpy takes long, and a snapshot needs none
    from shimoda.reasoning.hermit import require_sense

    store, statements = Store() if store is None else store, Statements()
    sources = sorted(files(), key=lambda source: source[1] != LINKS)
    report("telling claims from facts")
    apart = claims(read(sources))
    quads = read(told(sources, statements.__len__, report))
    store.bulk_extend(assemble(quads, apart, statements.add))
    report(f"reasoning over {len(statements):,} triples")
    upkeep = Upkeep(store, stated=statements)
    report("looking for contradictions")
    require_sense(store, upkeep, whereabouts=files_with, report=report)
    report("reasoning in the views")
    upkeep.show(worlds(store))
    look(upkeep.reasoner)
    return store


def told(sources: list[File], count: Callable[[], int], report: Report) -> Iterator[File]:
    """Yield files, and tell how far their reading is."""
    began = time.monotonic()
    for done, source in enumerate(sources, start=1):
        yield source
        if done % OFTEN == 0 or done == len(sources):
            rate = count() / (time.monotonic() - began)
            left = len(sources) - done
            report(f"reading: {done} files done, {left} left, {rate:,.0f} triples a second")


def place() -> Path:
    """Return the file of the snapshot that the present inputs have, or will have."""
    return paths.built() / f"dataset-{digest()[:16]}.nq"


def load(report: Report = lambda _: None, *, fresh: bool = False) -> Store:
    """Return the dataset, from the snapshot unless an input changed; a build that fails leaves the last one."""
    snapshot = place()
    store = Store()
    if snapshot.is_file() and not fresh:
        report("loading the snapshot")
        with suppress(OSError):  # who may only read it does not keep it
            os.utime(snapshot, ns=(time.time_ns(), snapshot.stat().st_mtime_ns))
        # as the engine wrote it: IRIs need no second look, and blank nodes keep their names
        store.bulk_extend(parse(path=snapshot, format=RdfFormat.N_QUADS, lenient=True))
        return store
    store = build(report)
    report("keeping the snapshot")
    keep(store, snapshot)
    return store


def keep(store: Store, snapshot: Path) -> None:
    """Write a snapshot whole, then drop those unused for longest, and what builds left that were killed.

    Two processes that build at once do not meet.
    """
    for left in snapshot.parent.glob("dataset-*.partial"):
        try:
            os.getpgid(int(left.name.split(".")[1]))
        except ProcessLookupError:
            left.unlink(missing_ok=True)
    partial = snapshot.with_suffix(f".{os.getpid()}.partial")
    store.dump(partial, RdfFormat.N_QUADS)
    partial.replace(snapshot)
    with suppress(FileNotFoundError):  # another process drops them as well
        used = {file: file.stat().st_atime for file in snapshot.parent.glob("dataset-*.nq")}
        for old in sorted(used, key=lambda file: used[file])[:-KEPT]:
            old.unlink()
