"""The supervisor: one thread that starts reader, writer and HTTP server, and starts again what ends; writes wait here."""

import os
import signal
import socket
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path

from shimoda.errors import InputError, Overloaded, ShimodaError, Unavailable
from shimoda.processes.generations import Generations
from shimoda.processes.runtime import ANSWERING, IDLE, Loop, Runtime, require_start
from shimoda.processes.sandbox import explain_end
from shimoda.settings import SETTINGS, Settings

PAUSE = 0.25
"""Seconds before a process that did not live longer is started again."""
WRITER_PAUSE = 0.5
"""Seconds before a writer is started after one that ended while it started."""
SENDING_TIME = 0.5
STOPPING_TIME = 15.0
LASTING = "RUNTIME_DIRECTORY"
"""Where systemd names a folder that nobody tidies up, as they do /tmp."""
TUNING = {
    "RUST_BACKTRACE": "0",
    "MALLOC_ARENA_MAX": "2",
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=200:glibc.pthread.stack_cache_size=268435456",
}
"""No traces of what ends at a limit, and no memory kept for each thread that was busy once (mallopt(3)). As many small
pieces at hand as evaluating a query takes: without them a short query costs its worker a third more. The stacks of threads are used
again: the engine starts 180 of them to open a folder.
"""


def spawn(command: list[str], environment: Mapping[str, str], descriptors: Sequence[int]) -> int:
    """Start a process that inherits descriptors; return its id."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)
    pid = os.posix_spawn(command[0], command, environment)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return pid


class Child:
    """A process that is to run as long as the service does."""

    def __init__(
        self, command: list[str], environment: Mapping[str, str], descriptors: Sequence[int]
    ) -> None:
        self.command, self.environment, self.descriptors = command, environment, descriptors
        self.start()

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        self.pid: int | None = spawn(self.command, self.environment, self.descriptors)

    def restart_if_ended(self) -> None:
        """Start it again if it has ended, at once if it has lived for a while."""
        if self.ended() and time.monotonic() - self.started > PAUSE:
            self.start()

    def ended(self) -> bool:
        """Tell whether it has ended."""
        if self.pid:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.pid = None
                require_start(status)
        return self.pid is None

    def signal(self, number: int) -> None:
        """Send it a signal."""
        if not self.ended():
            os.kill(self.pid or 0, number)

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOPPING_TIME
        while not self.ended():
            if time.monotonic() > deadline:
                self.signal(signal.SIGKILL)
            time.sleep(0.02)


class State(Enum):
    """What the writer is doing."""

    STARTING = auto()
    IDLE = auto()
    WRITING = auto()
    ANSWERING = auto()


class Writes:
    """One writer behind one listening socket: it gets a client's connection at a time."""

    def __init__(
        self,
        loop: Loop,
        listener: socket.socket,
        start: Callable[[], tuple[int, socket.socket]],
        settings: Settings,
    ) -> None:
        """``start`` starts a writer, and returns its process id and the channel to it."""
        self.loop, self.listener, self.start = loop, listener, start
        self.queue, self.seconds = settings.queue, settings.update_timeout
        self.waiting: deque[tuple[float, socket.socket]] = deque()
        self.client: socket.socket | None = None
        listener.setblocking(False)
        loop.watch(listener, self.admit)
        loop.ticks.append(self.tick)
        self.resume = 0.0
        self.pid = 0
        self.start_writer()

    def start_writer(self) -> None:
        """Start a writer."""
        self.pid, self.channel = self.start()
        self.state = State.STARTING
        self.loop.watch(self.channel, self.hear)

    def admit(self) -> None:
        """Take in the clients that have come; refuse those for whom the queue has no place."""
        with suppress(BlockingIOError):
            while True:
                client, _ = self.listener.accept()
                if len(self.waiting) < self.queue:
                    self.waiting.append((time.monotonic(), client))
                    self.dispatch()
                else:
                    refuse(client, self.overloaded())

    def dispatch(self) -> None:
        """Give the writer the next client."""
        if self.state is State.IDLE and self.pid and self.waiting:
            _, self.client = self.waiting.popleft()
            self.state = State.WRITING
            with suppress(BrokenPipeError):  # it died idle: its end is heard next
                socket.send_fds(self.channel, [b"c"], [self.client.fileno()])

    def hear(self) -> None:
        """Take in what the writer says of itself."""
        try:
            said = self.channel.recv(1)
        except ConnectionResetError:
            said = b""
        if said == ANSWERING:
            self.state = State.ANSWERING
        elif said == IDLE:
            self.release()
            self.state = State.IDLE
            self.dispatch()
        else:
            self.reap()

    def reap(self) -> None:
        """Tell the client of a writer that has ended why it did, and start another."""
        self.loop.unwatch(self.channel)
        self.channel.close()
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        if self.client and self.state is State.WRITING:
            refuse(self.client, explain_end(status, self.seconds))
        self.release()
        if self.state is State.STARTING:  # it would end again at once
            require_start(status)
            self.resume = time.monotonic() + WRITER_PAUSE
        else:
            self.start_writer()

    def release(self) -> None:
        """Let go of the client."""
        if self.client:
            self.client.close()
            self.client = None

    def tick(self) -> None:
        """Turn away who has waited too long; start the writer again after a pause."""
        now = time.monotonic()
        while self.waiting and now - self.waiting[0][0] > self.seconds:
            refuse(self.waiting.popleft()[1], self.overloaded())
        if not self.pid and now >= self.resume:
            self.start_writer()

    def overloaded(self) -> Overloaded:
        """Say that there is too much to do."""
        detail = "Too many writes are waiting. Try again in a moment."
        return Overloaded(detail, retry_after=int(self.seconds) + 1)


def refuse(client: socket.socket, error: ShimodaError) -> None:
    """Answer a client with an error, without waiting for one that does not listen."""
    from shimoda.processes.messages import head_of_error, send

    with client, suppress(OSError):
        client.settimeout(SENDING_TIME)
        send(client, head_of_error(error))


class Supervisor:
    """The processes of one service."""

    def __init__(self, settings: Settings, runtime: Runtime, front: str, lock: int | None) -> None:
        self.settings, self.runtime, self.lock = settings, runtime, lock
        self.environment = TUNING | os.environ | environment(settings)
        if LASTING not in os.environ:  # then large answers go where they are gone with the service
            self.environment["TMPDIR"] = str(runtime.folder)
        if settings.http_workers > 1:  # these add up their metrics in files
            shared = runtime.folder / "metrics"
            shared.mkdir()
            self.environment["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
        self.loop = Loop()
        listener = runtime.listen("reader", socket.SOCK_SEQPACKET)
        self.children = [self.child(front)]
        if not settings.engine:
            self.children.append(self.child("shimoda.processes.reader", [listener.fileno()]))
        self.kept = [listener]  # a reader that is started again takes its clients from the same
        self.writes: Writes | None = None
        if lock is not None and settings.writable:
            self.writes = Writes(self.loop, runtime.listen("write"), self.start_writer, settings)
        self.loop.on_signal(signal.SIGCHLD, self.restart_ended)
        self.loop.on_signal(signal.SIGHUP, self.reload)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.loop.stop)
        self.loop.ticks.append(self.restart_ended)

    def command(self, module: str, *arguments: object) -> list[str]:
        """Return the command line of a process of this service."""
        given = (os.getpid(), self.runtime.folder, *arguments)
        return [sys.executable, "-m", module, *map(str, given)]

    def child(self, module: str, descriptors: Sequence[int] = ()) -> Child:
        """Start a process that inherits descriptors, and is told their numbers."""
        return Child(self.command(module, *descriptors), self.environment, descriptors)

    def start_writer(self) -> tuple[int, socket.socket]:
        """Start the writer, which shares the lock on its folder; return its id and a channel to it."""
        assert self.lock is not None
        ours, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            command = self.command("shimoda.processes.writer", number)
            return spawn(command, self.environment, (number, self.lock)), ours

    def restart_ended(self) -> None:
        """Start again what has ended."""
        for child in self.children:
            child.restart_if_ended()

    def reload(self) -> None:
        """Have the reader load its dataset again."""
        for child in self.children[1:]:
            child.signal(signal.SIGHUP)

    def work(self) -> None:
        """Serve until told to stop; then let the requests under way be answered first."""
        try:
            self.loop.run()
        finally:  # nobody may still read the folder when it goes
            for child in self.children:
                child.stop()
            if self.writes and self.writes.pid:
                os.kill(self.writes.pid, signal.SIGKILL)


def serve(settings: Settings, front: str) -> None:
    """Serve until SIGTERM or SIGINT. ``front`` is the module that speaks HTTP."""
    with tempfile.TemporaryDirectory(prefix="shimoda-", dir=os.environ.get(LASTING)) as name:
        settings = with_store(settings, Path(name))
        lock = Generations(settings.store).lock() if settings.store else None
        Supervisor(settings, Runtime(Path(name)), front, lock).work()


def with_store(settings: Settings, folder: Path) -> Settings:
    """Give an empty service that takes writes a store that ends with it; see that any other has its own."""
    if settings.store is None and settings.writable:
        if not settings.empty:
            raise InputError("--writable needs --store DIR: what is written is to be kept.")
        return replace(settings, store=folder / "store")
    if settings.store and not settings.writable and Generations(settings.store).current() is None:
        raise InputError(
            f"There is no dataset in {settings.store}; bring one with shimoda load, or give --writable."
        )
    return settings


def check_address(host: str, port: int) -> None:
    """See that nobody else listens there: the HTTP server would share the port with another of its kind."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Unavailable(f"Cannot listen on {host}, port {port}: {reason}.") from error


def environment(settings: Settings) -> dict[str, str]:
    """Write the settings as the environment from which the processes of the service read them."""
    values = {one.environment: getattr(settings, one.name) for one in SETTINGS}
    return {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
        if value is not None
    }
