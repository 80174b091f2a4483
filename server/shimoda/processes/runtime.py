"""What the processes of one running service share: a folder of sockets, the dataset's version, and an event loop."""

import mmap
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shimoda.errors import ShimodaError, Unavailable
from shimoda.processes.sandbox import die_with_parent

BACKLOG = 128
CANNOT_START = 78
"""EX_CONFIG of sysexits.h."""

TICK = 0.1
IDLE, ANSWERING = b"i", b"a"
"""What the writer says of itself to the supervisor."""
Callback = Callable[[], None]


class Runtime:
    """The folder of a running service. Only the reader sets the version."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; ``version`` holds two numbers in shared memory, 0 before the first version.

        The dataset's, in milliseconds since 1970, and the one with which its default graph may last have changed.
        """
        self.folder = folder
        descriptor = os.open(folder / "version", os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, 16)
        self.version = memoryview(mmap.mmap(descriptor, 16)).cast("Q")
        os.close(descriptor)

    def address(self, name: str) -> str:
        """Return the path of one of the sockets."""
        return str(self.folder / f"{name}.sock")

    def listen(self, name: str, kind: int = socket.SOCK_STREAM) -> socket.socket:
        """Make one of the sockets; it outlives the process that takes clients from it."""
        listener = socket.socket(socket.AF_UNIX, kind)
        listener.bind(self.address(name))
        listener.listen(BACKLOG)
        return listener

    def connect(self, name: str) -> socket.socket:
        """Connect to a socket that keeps packets apart."""
        conn = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            conn.connect(self.address(name))
        except OSError:
            conn.close()
            raise
        return conn


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


def require_start(status: int) -> None:
    """Unavailable when a process has ended, as waitpid(2) says it, because it cannot start."""
    if os.waitstatus_to_exitcode(status) == CANNOT_START:
        raise Unavailable("A part of the service cannot start.")


class Loop:
    """Calls back when a socket can be read, when a signal comes, and ten times a second."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.signals: dict[int, Callback] = {}
        self.ticks: list[Callback] = []
        self.running = True
        self.woken, waker = socket.socketpair()
        self.woken.setblocking(False)
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.detach(), warn_on_full_buffer=False)
        self.watch(self.woken, self.wake)

    def watch(self, sock: socket.socket, callback: Callback) -> None:
        """Call back whenever the socket can be read."""
        self.selector.register(sock, selectors.EVENT_READ, callback)

    def unwatch(self, sock: socket.socket) -> None:
        """Call back no more."""
        self.selector.unregister(sock)

    def on_signal(self, number: int, callback: Callback) -> None:
        """Call back from the loop when the signal has come."""
        self.signals[number] = callback
        signal.signal(
            number, lambda *_: None
        )  # what counts is the byte that it writes to the wakeup socket

    def wake(self) -> None:
        """Call back for the signals that have come."""
        for number in set(self.woken.recv(4096)):
            if number in self.signals:
                self.signals[number]()

    def run(self) -> None:
        """Run until :meth:`stop`."""
        while self.running:
            for key, _ in self.selector.select(TICK):
                key.data()
            for tick in self.ticks:
                tick()

    def stop(self) -> None:
        """End :meth:`run` after this turn."""
        self.running = False
