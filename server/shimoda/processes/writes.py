"""The writes that wait for the writer, and what its clients are told when it ends."""

import os
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto

from shimoda.errors import Overloaded, ShimodaError
from shimoda.processes.loop import Loop
from shimoda.processes.messages import head_of_error, send
from shimoda.processes.runtime import require_start
from shimoda.processes.sandbox import explain_end
from shimoda.processes.writer import ANSWERING, IDLE
from shimoda.settings import Settings

PAUSE = 0.5
"""Seconds before a writer is started after one that ended while it started."""
SENDING_TIME = 0.5


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
            self.resume = time.monotonic() + PAUSE
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
    with client, suppress(OSError):
        client.settimeout(SENDING_TIME)
        send(client, head_of_error(error))
