"""The supervisor: one thread that starts reader, writer and HTTP server, and starts again what ends."""

import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from shimoda.errors import InputError, Unavailable
from shimoda.processes.generations import Generations
from shimoda.processes.loop import Loop
from shimoda.processes.runtime import Runtime, require_start
from shimoda.processes.writes import Writes
from shimoda.settings import SETTINGS, Settings

PAUSE = 0.25
"""Seconds before a process that did not live longer is started again."""
STOPPING_TIME = 15.0
LASTING = "RUNTIME_DIRECTORY"
"""Where systemd names a folder that nobody tidies up, as they do /tmp."""
QUIET = {"RUST_BACKTRACE": "0"}


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


class Supervisor:
    """The processes of one service."""

    def __init__(self, settings: Settings, runtime: Runtime, front: str, lock: int | None) -> None:
        self.settings, self.runtime, self.lock = settings, runtime, lock
        self.environment = os.environ | environment(settings) | QUIET
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
        if lock is not None and settings.writable:
            Writes(self.loop, runtime.listen("write"), self.start_writer, settings)
        self.loop.on_signal(signal.SIGCHLD, self.restart_ended)
        self.loop.on_signal(signal.SIGHUP, self.reload)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.loop.stop)
        self.loop.ticks.append(self.restart_ended)

    def command(self, module: str, *arguments: object) -> list[str]:
        """Return the command line of a process of this service."""
        return [
            sys.executable,
            "-m",
            module,
            str(os.getpid()),
            str(self.runtime.folder),
            *map(str, arguments),
        ]

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
        self.loop.run()
        for child in self.children:
            child.stop()


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
