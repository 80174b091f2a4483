"""The folder of an on-disk store: whole generations, and a pointer to the current one.

``DIR/current`` is a symbolic link to ``DIR/generations/N``. A generation never changes; the writer works on a
copy of the last one (hard links) and publishes the next. What is not published is gone with the writer.

A copy holds the log of the last writes as it is, and whoever opens it reads it. The engine's own backup would write all
that is in the log into tables first, for every generation, and of a store that is opened to be read it leaves it out.

A generation that is not too large is also held in memory, where queries take a quarter of the time: a :class:`Replica`
follows the changes that a :class:`Journal` has noted.

What reasoning held at some generation is kept beside it, with what writes have touched since (:class:`Checkpoint`): a
writer that starts need not infer all anew.
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse, serialize

from shimoda.errors import InputError, Unavailable
from shimoda.reasoning.stores import MANY

LOCK_PATIENCE = 3.0
LONG_LOG = 2**17
"""Bytes of the log from which on it is written into tables: a reader takes 20 ms to read 2**20."""
TOO_MANY = MANY // 2
"""Quads that a write may touch for a replica to follow it. Of quads that are loaded at once only the first MANY are noted."""
MOST_REMOVED = 100_000
"""Quads that a replica lets go before it is made anew: the engine never gives back their memory."""
MARK = NamedNode("urn:x-shimoda:graph")
"""Stands three times in a quad that stands for its graph: N-Quads cannot say that there is one that is empty."""
RECORD = re.compile(rb"^# (\d+)\n", re.MULTILINE)
MUCH = 2**26
"""Bytes of the log of a checkpoint from which on another one is made."""
WHOLE = b"# whole\n"
"""Ends a dump."""
Changes = tuple[bytes, bytes]
"""N-Quads of what is not there after a write, and of what is."""
NO_LINK = {errno.EXDEV, errno.EPERM, errno.ENOTSUP}


class Generations:
    """The generations of a store, numbered by the millisecond in which they were published."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.work = folder, folder / "work"
        try:
            (folder / "generations").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot hold a store: {error.strerror}.") from error

    def path(self, number: int) -> Path:
        """Return the folder of a generation."""
        return self.folder / "generations" / str(number)

    def current(self) -> int | None:
        """Return the number of the current generation; None in a new folder."""
        try:
            return int((self.folder / "current").readlink().name)
        except FileNotFoundError:
            return None

    def checkout(self) -> Store:
        """Open a working copy of the current generation, or an empty one; those before it are dropped."""
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        (self.folder / "work").mkdir(exist_ok=True)
        self.work = self.folder / "work" / str(time.time_ns())
        current = self.current()
        if current is not None:
            copy_store(self.path(current), self.work)
        return Store(self.work)

    def size(self, number: int) -> int:
        """Return the bytes of a generation's files."""
        return sum(file.stat().st_size for file in self.path(number).iterdir())

    def dump(self, number: int, output: BinaryIO) -> None:
        """Write a generation into a file from which a replica is made."""
        store = Store.read_only(str(self.path(number)))
        store.dump(output, RdfFormat.N_QUADS)
        serialize(map(mark, store.named_graphs()), output, RdfFormat.N_QUADS)
        output.write(WHOLE)

    def next(self) -> int:
        """Return the number of a generation that is published now."""
        return max(time.time_ns() // 1_000_000, (self.current() or 0) + 1)

    def publish(self, store: Store, number: int) -> None:
        """Make what the working copy holds the current generation, on disk when this returns."""
        self.stage(store, number)
        self.commit(number)

    def take(self, source: Path, number: int) -> None:
        """Make a copy of a store that nobody writes to the current generation, on disk when this returns."""
        copy_store(source, self.path(number))
        self.commit(number)

    def stage(self, store: Store, number: int) -> None:
        """Make what the working copy holds a generation that can be opened, but is neither current nor on disk yet."""
        if sum(file.stat().st_size for file in self.work.glob("*.log")) > LONG_LOG:
            store.flush()
        copy_store(self.work, self.path(number))

    def commit(self, number: int, *others: Path) -> None:
        """Have a generation on disk, and other files, then make it the current one."""
        path = self.path(number)
        sync_store(path, *others)
        (self.folder / "next").unlink(missing_ok=True)
        (self.folder / "next").symlink_to(path.relative_to(self.folder))
        (self.folder / "next").replace(self.folder / "current")
        sync(self.folder)

    def prune(self, oldest: int) -> None:
        """Delete the generations before the oldest that somebody reads."""
        for path in (self.folder / "generations").iterdir():
            if int(path.stem) < oldest:  # N.tmp is what an earlier version may have left
                shutil.rmtree(path, ignore_errors=True)

    def lock(self) -> int:
        """Take the folder for this process and those that inherit the descriptor; Unavailable if it is taken."""
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    os.close(descriptor)
                    raise Unavailable(
                        f"The store {self.folder} is in use by another process."
                    ) from None
                time.sleep(0.05)
            else:
                return descriptor


class Checkpoint:
    """What reasoning held at a generation of a store, and what writes have touched since.

    ``DIR/reasoning-<generation>-<digest>``: made whole, or not at all, for one version of the dataset. Its log has for
    each later generation the number, as a comment, and quads: the triples of the default graph that it may have changed,
    and a mark for each named graph; one for the default graph where nobody knows which.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.log = path, path / "touched.nq"
        self.number = int(path.name.split("-")[1])

    @classmethod
    def make(cls, folder: Path, name: str, save: Callable[[Path], None]) -> "Checkpoint":
        """Make one, on disk when this returns; those before it are dropped."""
        part, path = folder / "reasoning.part", folder / f"reasoning-{name}"
        shutil.rmtree(part, ignore_errors=True)
        save(part)
        (part / "touched.nq").touch()
        sync_store(part)
        for old in folder.glob("reasoning-*"):
            shutil.rmtree(old)
        part.rename(path)
        sync(folder)
        return cls(path)

    @classmethod
    def find(cls, folder: Path, digest: str) -> "Checkpoint | None":
        """Return the one that was made for a version of the dataset."""
        return next(map(cls, folder.glob(f"reasoning-*-{digest}")), None)

    def is_long(self) -> bool:
        """Tell whether so much has been touched that it is better made anew."""
        return self.log.stat().st_size > MUCH

    def record(self, number: int, touched: Iterable[Quad]) -> None:
        """Note what the next generation may have changed; on disk once that is committed with the log."""
        with self.log.open("ab") as log:
            log.write(b"\n# %d\n" % number)
            serialize(touched, log, RdfFormat.N_QUADS)

    def since(self, number: int) -> set[Quad]:
        """Return what has been touched up to a generation; what was noted after it was never committed, and is dropped.

        Raises:
            ValueError: others wrote before that generation, and nobody knows what.
        """
        text = self.log.read_bytes()
        records = {int(one[1]): one.start() for one in RECORD.finditer(text)}
        numbers = [self.number, *records]
        if number not in numbers:
            raise ValueError(f"{self.path} knows nothing of generation {number}.")
        later = numbers[numbers.index(number) + 1 :]
        end = records[later[0]] if later else len(text)
        os.truncate(self.log, end)
        return set(parse(text[:end], RdfFormat.N_QUADS, lenient=True))


class Journal:
    """The quads and graphs that a write may change, noted on the way; afterwards the store tells what became of them."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin with the next write."""
        self.touched: set[Quad] = set()
        self.is_whole = True

    def note(self, quads: Iterable[Quad]) -> None:
        """Take note of quads that a write may put in or take out."""
        if self.is_whole:
            self.touched.update(islice(quads, TOO_MANY + 1))
            self.is_whole = len(self.touched) <= TOO_MANY

    def lose(self) -> None:
        """Take note that it is not known what a write may change."""
        self.is_whole = False

    def note_graphs(self, names: Iterable[NamedNode]) -> None:
        """Take note of graphs that a write may make or delete."""
        self.note(map(mark, names))

    def changes(self, store: Store) -> Changes | None:
        """Return what has become of what was touched; None if that is not all known."""
        if not self.is_whole:
            return None
        named = {quad.graph_name for quad in self.touched} - {DefaultGraph()}
        touched = self.touched.union(map(mark, named))
        present = {quad for quad in touched if has(store, quad)}
        absent, there = (
            serialize(s, format=RdfFormat.N_QUADS) for s in (touched - present, present)
        )
        assert absent is not None and there is not None
        return absent, there


class Replica:
    """A generation in memory. It is read from a file piece by piece, and follows the writes of that time once it is whole."""

    def __init__(self, number: int) -> None:
        self.number, self.store = number, Store()
        self.rest: Iterator[Quad] | None = None
        self.late: list[Changes] = []
        self.is_whole = False
        self.removed = 0

    def read(self, file: BinaryIO) -> bool:
        """Begin to read a file, which may be closed then; tell whether all that is dumped is in it."""
        descriptor, size = file.fileno(), os.fstat(file.fileno()).st_size
        if os.pread(descriptor, len(WHOLE), max(0, size - len(WHOLE))) != WHOLE:
            return False
        path = f"/proc/self/fd/{descriptor}"
        self.rest = parse(path=path, format=RdfFormat.N_QUADS, lenient=True)
        return True

    def load(self, count: int) -> bool:
        """Take in so many more quads; tell whether it is whole."""
        if self.rest is None:
            return False
        quads = list(islice(self.rest, count))
        put(self.store, quads)
        if len(quads) < count:
            self.is_whole = True
            for changes in self.late:
                self.change(*changes)
        return self.is_whole

    def follow(self, base: int, number: int, changes: Changes | None) -> bool:
        """Become another generation; tell whether it can: it must be the one that the changes were made to."""
        if number == self.number:  # shown again
            return True
        if base != self.number or changes is None or self.removed > MOST_REMOVED:
            return False
        self.number = number
        if self.is_whole:
            self.change(*changes)
        else:
            self.late.append(changes)
        return True

    def change(self, absent: bytes, present: bytes) -> None:
        """Take out and put in quads and graphs."""
        for quad in parse(absent, RdfFormat.N_QUADS, lenient=True):
            self.removed += 1
            if quad.predicate == MARK:
                self.store.remove_graph(quad.graph_name)
            else:
                self.store.remove(quad)
        put(self.store, parse(present, RdfFormat.N_QUADS, lenient=True))


def mark(graph: NamedNode | BlankNode | DefaultGraph) -> Quad:
    """Return the quad that stands for a graph."""
    return Quad(MARK, MARK, MARK, graph)


def has(store: Store, quad: Quad) -> bool:
    """Tell whether a store has a quad, or the graph that it stands for."""
    if quad.predicate == MARK:
        return store.contains_named_graph(quad.graph_name)
    return quad in store


def put(store: Store, quads: Iterable[Quad]) -> None:
    """Put quads into a store, and the graphs that some of them stand for."""
    plain = []
    for quad in quads:
        if quad.predicate == MARK:
            store.add_graph(quad.graph_name)
        else:
            plain.append(quad)
    store.extend(plain)


def copy_store(source: Path, target: Path) -> None:
    """Copy the folder of a store (RocksDB): its tables, which never change, by hard links.

    Nobody may write to it. What the engine does in the background shows in its manifest; then it is copied again.
    """
    while source.stat():
        target.mkdir()
        before = manifests(source)
        with suppress(FileNotFoundError):  # a table that has just been merged into another
            for file in source.iterdir():
                if file.suffix == ".sst":
                    link(file, target / file.name)
                elif file.suffix == ".log" or file.name.startswith(("CURRENT", "MANIFEST")):
                    shutil.copyfile(file, target / file.name)
            if manifests(source) == before:
                return
        shutil.rmtree(target)


def manifests(folder: Path) -> set[tuple[str, int]]:
    """Return names and sizes of the files that say which tables a store has."""
    return {(file.name, file.stat().st_size) for file in folder.glob("MANIFEST-*")}


def link(file: Path, target: Path) -> None:
    """Make a hard link, or a copy where there can be none."""
    try:
        target.hardlink_to(file)
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
        shutil.copyfile(file, target)


def is_new(path: Path) -> bool:
    """Tell whether a file is in no earlier generation, which had it on disk: only here, and in the working copy."""
    return path.stat().st_nlink <= 2


def sync_store(path: Path, *others: Path) -> None:
    """Have a store on disk, and other files: what is in no earlier one, its folder, and that this is there.

    All at the same time: the file system writes its journal once for them.
    """
    with ThreadPoolExecutor() as threads:
        list(threads.map(sync, (*filter(is_new, path.iterdir()), path, path.parent, *others)))


def sync(path: Path) -> None:
    """Have a file or a folder on disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
