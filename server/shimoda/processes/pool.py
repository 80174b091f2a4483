"""A pool: processes that answer one client at a time, and a short queue of clients that wait for one."""

import os
import signal
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from shimoda.errors import LimitExceeded, Overloaded, ShimodaError, Unavailable
from shimoda.processes import messages as wire
from shimoda.processes.loop import Loop
from shimoda.processes.sandbox import close_all_but, die_with_parent
from shimoda.processes.shared import check_start
from shimoda.processes.worker import ANSWERING, IDLE, LEAVING

PAUSE, SENDING_TIME, LONG, LATE = 0.5, 0.5, 0.25, 0.1
LOW_PRIORITY = 10
REFUSAL = "Too many requests are waiting. Try again in a moment."


@dataclass(eq=False, slots=True)
class Worker:
    """A process that answers, and the client that it answers now."""

    pid: int
    channel: socket.socket
    client: socket.socket | None = None
    idle: bool = False
    ready: bool = False
    answering: bool = False
    retired: bool = False
    begun: float = 0.0
    generation: int = 0


class Pool:
    """Workers of one kind behind one listening socket.

    ``start`` makes a worker, which says when it is ready. A worker's death is one clean error for one client.
    ``seconds`` is how long a request may take (the worker sees to that), and how long a client may wait for one.
    A worker whose request takes long is set aside with a low priority, and another takes its place: up to ``aside``
    of them, then the eldest ends.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (a pool is these seven things)
        self,
        loop: Loop,
        listener: socket.socket,
        start: Callable[[], Worker],
        size: int,
        queue: int,
        seconds: float,
        aside: int = 0,
    ) -> None:
        self.loop, self.listener, self.start = loop, listener, start
        self.size, self.queue, self.seconds, self.aside = size, queue, seconds, aside
        self.workers: set[Worker] = set()
        self.waiting: deque[tuple[float, socket.socket]] = deque()
        self.when_ready: list[Callable[[], None]] = []
        self.resume = 0.0
        listener.setblocking(False)
        loop.watch(listener, self.admit)
        loop.ticks += [self.set_aside, self.dispatch]

    def admit(self) -> None:
        """Take the clients that have come; refuse those for whom the queue has no place."""
        with suppress(BlockingIOError):
            while True:
                client, _ = self.listener.accept()
                if len(self.waiting) < self.queue:
                    self.waiting.append((time.monotonic(), client))
                    self.dispatch()
                else:
                    refuse(client, Overloaded(REFUSAL, retry_after=int(self.seconds) + 1))

    def fill(self) -> None:
        """Start as many workers as are waited for, and one to spare."""
        there = [worker for worker in self.workers if not worker.retired]
        wanted = len(self.waiting) + 1 - sum(not worker.client for worker in there)
        for _ in range(
            min(wanted, self.size - len(there)) if time.monotonic() >= self.resume else 0
        ):
            worker = self.start()
            self.workers.add(worker)
            self.loop.watch(worker.channel, partial(self.hear, worker))

    def dispatch(self) -> None:
        """Give waiting clients to idle workers, and turn away those that have waited too long."""
        now = time.monotonic()
        while self.waiting and now - self.waiting[0][0] > self.seconds:
            refuse(
                self.waiting.popleft()[1], Overloaded(REFUSAL, retry_after=int(self.seconds) + 1)
            )
        for worker in [one for one in self.workers if one.idle and not one.retired][
            : len(self.waiting)
        ]:
            worker.client = self.waiting.popleft()[1]
            worker.idle, worker.begun = False, now
            with suppress(BrokenPipeError):  # it died idle: its end is heard next
                socket.send_fds(worker.channel, [b"c"], [worker.client.fileno()])
        self.fill()

    def hear(self, worker: Worker) -> None:
        """Take in what a worker says about itself."""
        try:
            said = worker.channel.recv(1)
        except ConnectionResetError:
            said = b""
        if said == ANSWERING:
            worker.answering = True
        elif said == IDLE:
            self.release(worker)
            worker.idle, worker.ready, worker.answering = True, True, False
            while self.when_ready and not worker.retired:
                self.when_ready.pop()()
            self.dispatch()
        elif said == LEAVING:
            self.retire(worker)
            self.fill()
        else:
            self.bury(worker)

    def set_aside(self) -> None:
        """Have what takes long go on beside the others, and end the eldest of what is too much there."""
        now = time.monotonic()
        for worker in self.workers if self.aside else ():
            if worker.client and not worker.retired and now - worker.begun > LONG:
                os.setpriority(os.PRIO_PROCESS, worker.pid, LOW_PRIORITY)
                self.retire(worker)
            late = now - worker.begun - self.seconds
            if worker.client and not worker.answering and late > LATE:
                os.kill(worker.pid, signal.SIGALRM)
                if late > 2 * LATE:  # it writes nothing any more, but may take long to end
                    refuse(worker.client, self.explain(signal.SIGALRM))
                    worker.client = None
        retired = sorted(
            (one for one in self.workers if one.retired and one.client), key=lambda one: one.begun
        )
        for worker in retired[: max(0, len(retired) - self.aside)]:
            os.kill(worker.pid, signal.SIGXCPU)

    def retire(self, worker: Worker) -> None:
        """Give a worker no more clients; it ends after the one it has."""
        if not worker.retired:
            worker.retired = True
            worker.channel.shutdown(socket.SHUT_WR)

    def renew(self, *then: Callable[[], None]) -> None:
        """Replace every worker; call back when the first new one is ready."""
        self.when_ready += then
        for worker in self.workers:
            self.retire(worker)
        self.fill()

    def bury(self, worker: Worker) -> None:
        """Take leave of a worker that has ended, answer its client, and start another."""
        self.loop.unwatch(worker.channel)
        worker.channel.close()
        self.workers.discard(worker)
        _, status = os.waitpid(worker.pid, 0)
        if worker.client and not worker.answering:
            refuse(worker.client, self.explain(status))
        self.release(worker)
        if not worker.ready:  # what ends at its start would end again at once
            check_start(status)
            self.resume = time.monotonic() + PAUSE
        self.fill()

    def oldest(self) -> int:
        """Return the oldest generation that a worker still reads."""
        return min((worker.generation for worker in self.workers), default=sys.maxsize)

    def release(self, worker: Worker) -> None:
        """Let go of the client that a worker has answered."""
        if worker.client:
            worker.client.close()
            worker.client = None

    def explain(self, status: int) -> ShimodaError:
        """Say why a worker ended, from what waitpid(2) says."""
        match os.waitstatus_to_exitcode(status):
            case code if code == -signal.SIGALRM:
                return LimitExceeded(
                    f"It took longer than the {self.seconds:g} seconds allowed.", limit="time"
                )
            case code if code == -signal.SIGABRT:
                return LimitExceeded("It needed more memory than allowed.", limit="memory")
            case code if code in (-signal.SIGSEGV, -signal.SIGBUS):
                return LimitExceeded("It is nested too deeply.", limit="nesting")
            case code if code == -signal.SIGXCPU:
                return Overloaded(
                    "It took long while many others did too.", retry_after=int(self.seconds) + 1
                )
        return Unavailable(
            "The process that worked on it ended. Nothing is known of the outcome; ask again."
        )


def refuse(client: socket.socket, error: ShimodaError) -> None:
    """Answer a client with an error, without waiting for one that does not listen."""
    with client, suppress(OSError):
        client.settimeout(SENDING_TIME)
        wire.send_error(client, error)


def fork(run: Callable[[socket.socket], None]) -> Worker:
    """Start a worker that is a copy of this process, which must have one thread, and runs ``run``."""
    parent = os.getpid()
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid:
        theirs.close()
        return Worker(pid, ours)
    try:
        signal.set_wakeup_fd(-1)
        die_with_parent(parent)
        run(socket.socket(fileno=close_all_but(theirs.detach())))
    finally:  # the copy must not go on with what its parent was doing
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(0)
