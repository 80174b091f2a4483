"""What the processes of one running service share: a folder of sockets, and the version of the dataset."""

import mmap
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shimoda.errors import ShimodaError, Unavailable
from shimoda.processes.sandbox import die_with_parent
from shimoda.settings import Settings

BACKLOG = 128
CANNOT_START = 78
"""EX_CONFIG of sysexits.h."""

VERSION = struct.Struct("Q")


class Runtime:
    """The folder of a running service. Only the reader sets the version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        descriptor = os.open(folder / "version", os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, VERSION.size)
        self.shared = mmap.mmap(descriptor, VERSION.size)
        os.close(descriptor)

    @property
    def version(self) -> int:
        """The dataset's version: milliseconds since 1970 when it was published; 0 before the first."""
        return int(VERSION.unpack_from(self.shared)[0])

    @version.setter
    def version(self, version: int) -> None:
        VERSION.pack_into(self.shared, 0, version)

    def address(self, name: str) -> str:
        """Return the path of one of the sockets."""
        return str(self.folder / f"{name}.sock")

    def listen(self, name: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
        """Make one of the sockets; it outlives the process that takes clients from it."""
        listener = socket.socket(socket.AF_UNIX, kind)
        listener.bind(self.address(name))
        listener.listen(BACKLOG)
        return listener


@contextmanager
def child_of(supervisor: int) -> Iterator[None]:
    """Be a child process of a service: end with it, leave Ctrl-C to it, and say in a sentence why one cannot start."""
    die_with_parent(supervisor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    except ShimodaError as error:
        sys.stderr.write(f"shimoda: {error}\n")
        sys.exit(CANNOT_START)


def concurrency(settings: Settings) -> int:
    """Return how many queries of one HTTP process run at the same time; as many again may be set aside."""
    workers = settings.workers or max(4, 2 * (os.cpu_count() or 2))
    return max(1, workers // settings.http_workers)


def require_start(status: int) -> None:
    """Unavailable when a process has ended, as waitpid(2) says it, because it cannot start."""
    if os.waitstatus_to_exitcode(status) == CANNOT_START:
        raise Unavailable("A part of the service cannot start.")
