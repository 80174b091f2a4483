"""The dataset that a store on disk comes with, and users' triples stand beside."""

import shutil
from functools import partial
from pathlib import Path

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from shimoda.dataset.description import describe
from shimoda.dataset.snapshot import Report, build, digest, load
from shimoda.engine.local import explained
from shimoda.engine.protection import INFERRED, derived_graphs, follow
from shimoda.errors import InputError
from shimoda.processes.generations import Checkpoint, Generations, copy_store, sync, sync_store
from shimoda.reasoning import Reasoner
from shimoda.reasoning.checkpoint import save
from shimoda.settings import Settings


def settle(generations: Generations, settings: Settings) -> tuple[Store, Store]:
    """Open a store for writing; return it with the dataset that it is based on, which says what Shimoda itself states.

    A store that is new, or based on another version of the dataset, gets the present one. Blank nodes have
    their names in this store only, so what it is based on is kept beside it: ``dataset-<generation>-<digest>``.
    """
    store, current = generations.checkout(), generations.current()
    if settings.empty:
        if current is None:
            generations.publish(store, generations.next())
        return store, Store()
    last = baseline_path(generations.folder, current or 0)
    if last and last.stem.endswith(digest()[:16]):
        return store, open_baseline(last)
    delete_baseline(store, last)
    dataset, number = load(), generations.next()
    describe(dataset)
    store.bulk_extend(dataset)
    if current is not None:
        follow(store)
    path = new_path(generations.folder, number)
    Store(path).bulk_extend(dataset)
    sync_store(path)
    generations.publish(store, number)
    if last:
        delete(last)
    return store, open_baseline(path)


def build_store(folder: Path, report: Report) -> Store:
    """Build the dataset in a new store on disk, for which memory need not have room; return it as it was published."""
    generations = Generations(folder)
    generations.lock()
    if generations.current() is not None:
        raise InputError(f"There is a store in {folder} already; build in a new folder.")
    for left in folder.glob("dataset-*"):  # by a build that was killed
        delete(left)
    number = generations.next()
    path = new_path(folder, number)
    store = build(report, Store(path), partial(make_checkpoint, path, number))
    report("describing the dataset")
    describe(store)
    store.flush()
    generations.take(path, number)
    return store


def make_checkpoint(baseline: Path, number: int, reasoner: Reasoner) -> Checkpoint:
    """Keep what a reasoner holds of a generation, for the version of the dataset that it is based on."""
    name = f"{number}-{version_of(baseline)}"
    return Checkpoint.make(baseline.parent, name, partial(save, reasoner))


def version_of(baseline: Path) -> str:
    """Return the version of the dataset that a store is based on, from where that lies."""
    return baseline.stem.split("-")[2]


def new_path(folder: Path, number: int) -> Path:
    """Return where the dataset is kept that a store is based on from a generation on."""
    return folder / f"dataset-{number}-{digest()[:16]}"


def baseline_path(folder: Path, current: int) -> Path | None:
    """Return where the dataset lies that the current generation is based on: a store, or N-Quads in an older one."""
    found = {int(path.stem.split("-")[1]): path for path in folder.glob("dataset-*-*")}
    return found.get(max((number for number in found if number <= current), default=0))


def open_baseline(path: Path) -> Store:
    """Open the dataset that a store is based on."""
    if path.is_dir():
        return Store.read_only(str(path))
    store = Store()
    store.bulk_extend(parse(path=path, format=RdfFormat.N_QUADS))
    return store


def delete_baseline(store: Store, last: Path | None) -> None:
    """Take a version of the dataset out of a store, and all that is derived."""
    for quad in list(store.quads_for_pattern(None, None, None, INFERRED)):
        store.remove(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()))
    for name in derived_graphs(store):
        store.remove_graph(name)
    for quad in open_baseline(last) if last else ():
        store.remove(quad)


def delete(path: Path) -> None:
    """Delete what a store was based on."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def copy(source: Generations, target: Generations) -> int:
    """Publish the current generation of one folder in another; return its number there."""
    current, number = source.current(), target.next()
    if current is None:
        raise InputError(f"There is no store in {source.folder}.")
    if path := baseline_path(source.folder, current):
        kept = target.folder / path.name.replace(path.name.split("-")[1], str(number))
        if path.is_dir():
            copy_store(path, kept)
            sync_store(kept)
        else:
            shutil.copyfile(path, kept)
            sync(kept)
    with explained():
        target.take(source.path(current), number)
    return number
