"""The dataset that a store on disk comes with, and users' triples stand beside."""

import shutil
import time
from pathlib import Path

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse, serialize

from shimoda.engine.local import explained
from shimoda.engine.protection import INFERRED, derived_graphs, follow, is_stated
from shimoda.errors import InputError
from shimoda.processes.generations import Generations, sync
from shimoda.settings import Settings


def initial(settings: Settings) -> Store:
    """Return the dataset that a service starts with: as it was built, with its description; or empty if the settings say so."""
    if settings.empty:
        return Store()
    from shimoda.dataset.description import describe
    from shimoda.dataset.snapshot import load

    store = load()
    describe(store)
    return store


def number_of(settings: Settings) -> int:
    """Return the generation of the dataset in memory: the millisecond in which it was built, the same for every server."""
    if settings.empty:
        return time.time_ns() // 1_000_000
    from shimoda.dataset.snapshot import place

    return place().stat().st_mtime_ns // 1_000_000


def settle(generations: Generations, settings: Settings) -> tuple[Store, list[Quad]]:
    """Open a store for writing; return it with the triples that Shimoda itself states in it.

    A store that is new, or based on another version of the dataset, gets the present one. Blank nodes have
    their names in this store only, so what it was based on is kept beside it: ``dataset-<generation>-<digest>.nq``.
    """
    store, current = generations.checkout(), generations.current()
    if settings.empty:
        if current is None:
            generations.publish(store, generations.next())
        return store, []
    from shimoda.dataset.snapshot import digest

    name, last = digest()[:16], baseline_file(generations.folder, current or 0)
    if last and last.stem.endswith(name):
        return store, list(parse(path=last, format=RdfFormat.N_QUADS))
    delete_baseline(store, last)
    stated = install(store, generations, name, settings, alone=current is None)
    if last:
        last.unlink()
    return store, stated


def baseline_file(folder: Path, current: int) -> Path | None:
    """Return the file of what the current generation is based on."""
    files = {int(file.stem.split("-")[1]): file for file in folder.glob("dataset-*-*.nq")}
    return files.get(max((number for number in files if number <= current), default=0))


def delete_baseline(store: Store, last: Path | None) -> None:
    """Take a version of the dataset out of a store, and all that is derived."""
    for quad in list(store.quads_for_pattern(None, None, None, INFERRED)):
        store.remove(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()))
    for name in derived_graphs(store):
        store.remove_graph(name)
    for quad in parse(path=last, format=RdfFormat.N_QUADS) if last else ():
        store.remove(quad)


def install(
    store: Store, generations: Generations, name: str, settings: Settings, *, alone: bool
) -> list[Quad]:
    """Put the dataset into a store, and publish that; return what the dataset states."""
    dataset, number = initial(settings), generations.next()
    stated = [quad for quad in dataset if is_stated(quad, dataset)]
    store.bulk_extend(dataset)
    if not alone:
        follow(store)
    file = generations.folder / f"dataset-{number}-{name}.nq"
    serialize(stated, file, RdfFormat.N_QUADS)
    sync(file)
    generations.publish(store, number)
    return stated


def copy(source: Generations, target: Generations) -> int:
    """Publish the current generation of one folder in another; return its number there."""
    current, number = source.current(), target.next()
    if current is None:
        raise InputError(f"There is no store in {source.folder}.")
    if file := baseline_file(source.folder, current):
        kept = target.folder / f"dataset-{number}-{file.stem.split('-')[2]}.nq"
        shutil.copyfile(file, kept)
        sync(kept)
    with explained():
        target.take(source.path(current), number)
    return number
