"""The folder of an on-disk store: whole generations, and a pointer to the current one.

``DIR/current`` is a symbolic link to ``DIR/generations/N``. A generation never changes; the writer works on a
copy of the last one (hard links) and publishes the next. What is not published is gone with the writer.
"""

import fcntl
import os
import shutil
import time
from pathlib import Path

from pyoxigraph import Store

from shimoda.errors import InputError, Unavailable

LOCK_PATIENCE = 3.0


class Generations:
    """The generations of a store, numbered by the millisecond in which they were published."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
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
        work = self.folder / "work" / str(time.time_ns())
        current = self.current()
        if current is not None:
            Store.read_only(str(self.path(current))).backup(work)
        return Store(work)

    def next(self) -> int:
        """Return the number of a generation that is published now."""
        return max(time.time_ns() // 1_000_000, (self.current() or 0) + 1)

    def publish(self, store: Store, number: int) -> None:
        """Make what a working copy holds the current generation, on disk when this returns."""
        path = self.path(number)
        store.backup(path)
        for written in (*filter(is_new, path.iterdir()), path, path.parent):
            sync(written)
        (self.folder / "next").unlink(missing_ok=True)
        (self.folder / "next").symlink_to(path.relative_to(self.folder))
        (self.folder / "next").replace(self.folder / "current")
        sync(self.folder)

    def prune(self, oldest: int) -> None:
        """Delete the generations before the oldest that somebody reads."""
        for path in (self.folder / "generations").iterdir():
            if int(path.stem) < oldest:  # N.tmp is what a backup that was cut short leaves
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


def is_new(path: Path) -> bool:
    """Tell whether a file is in no earlier generation, which had it on disk: only here, and in the working copy."""
    return path.stat().st_nlink <= 2


def sync(path: Path) -> None:
    """Have a file or a folder on disk (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
