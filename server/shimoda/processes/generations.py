"""The folder of an on-disk store: whole generations, and a pointer to the current one.

``DIR/current`` is a symbolic link to ``DIR/generations/N``. A generation never changes; the writer works on a
copy of the last one (hard links) and publishes the next. What is not published is gone with the writer.

A copy holds the log of the last writes as it is, and whoever opens it reads it. The engine's own backup would write all
that is in the log into tables first, for every generation, and of a store that is opened to be read it leaves it out.
"""

import errno
import fcntl
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pyoxigraph import Store

from shimoda.errors import InputError, Unavailable

LOCK_PATIENCE = 3.0
LONG_LOG = 2**17
"""Bytes of the log from which on it is written into tables: a reader takes 20 ms to read 2**20."""
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

    def commit(self, number: int) -> None:
        """Have a generation on disk, then make it the current one."""
        path = self.path(number)
        sync_store(path)
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


def sync_store(path: Path) -> None:
    """Have a store on disk: what is in no earlier one, its folder, and that this is there.

    All at the same time: the file system writes its journal once for them.
    """
    with ThreadPoolExecutor() as threads:
        list(threads.map(sync, (*filter(is_new, path.iterdir()), path, path.parent)))


def sync(path: Path) -> None:
    """Have a file or a folder on disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
