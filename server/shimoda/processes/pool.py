"""The engine of a service: queries go to forked workers, writes to the writer.

The workers answer on the event loop of their HTTP process; no thread waits for one.
"""

import asyncio
import errno
import os
import socket
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum, auto
from typing import Any, TypeVar

from shimoda.engine.interface import Engine, GraphRead, GraphWrite, Query, Update
from shimoda.errors import Overloaded, Refused, ShimodaError, Unavailable
from shimoda.processes.messages import (
    Frame,
    FrameBuffer,
    Head,
    Request,
    check,
    encode_request,
    receive,
    receive_packet,
    results_of,
    send_packet,
)
from shimoda.processes.runtime import Runtime
from shimoda.processes.sandbox import explain_end, too_slow
from shimoda.settings import Settings
from shimoda.sparql.results import Results
from shimoda.sparql.text import Load, endpoints, federates, load_of, may_load

T = TypeVar("T")
READY_WITHIN = 1.0
PATIENCE = 5.0
"""Seconds that a client of the writer waits for its answer beyond the limits."""
TICK = 0.1
LONG = 0.25
"""Seconds after which a request is set aside, so that another worker can take its place."""
SOON = 0.002
"""A worker that has been busy for less time than this gets the next request before it has answered."""
SHORT = 2**15
"""Bytes that such a request may have; a longer one waits for a worker that has nothing else to do."""
NOTHING = memoryview(b"")
GRACE = 0.2
"""Seconds that a worker may take to end when its time is up: it gives back its memory first."""
ANSWERS_A_WORKER = 10_000
"""After so many a worker makes room for a new one: what the engine's allocator keeps does not add up."""
PAUSE = 0.5
"""Seconds before a worker is ordered after one that ended while it started."""
RECONNECT = 0.02


class State(Enum):
    """What a worker is doing."""

    STARTING = auto()
    IDLE = auto()
    BUSY = auto()
    ASIDE = auto()
    """Busy for long: it goes on with a low priority while another takes its place, and then ends."""
    LEAVING = auto()
    """Busy, and to end after that."""
    ENDED = auto()


TAKING = (State.STARTING, State.IDLE, State.BUSY)  # a set would hash names


class Displaced(Exception):
    """A request stood behind one that takes long, or whose worker has ended: it goes to another."""


class Pending:
    """A request that a worker has, and the frame that is to answer it."""

    __slots__ = ("begun", "reply")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.begun = time.monotonic()
        self.reply: asyncio.Future[Frame] = loop.create_future()

    def fail(self, error: Exception) -> None:
        """Answer with an error."""
        if not self.reply.done():
            self.reply.set_exception(error)


class Worker:
    """A worker as its HTTP process sees it: a channel, and the requests that went through it.

    While it works on one request it may have the next already, so that it need not sleep in between.
    """

    def __init__(self, pool: "Pool", pid: int, generation: int, channel: socket.socket) -> None:
        self.pool, self.pid, self.generation, self.channel = pool, pid, generation, channel
        self.state = State.STARTING
        self.buffer = FrameBuffer()
        self.pending: deque[Pending] = deque()
        self.unsent, self.is_blocked = NOTHING, False
        self.answers = 0
        channel.setblocking(False)
        pool.loop.add_reader(channel, self.receive)

    def age(self, now: float) -> float:
        """Return for how long it has worked on its request."""
        return now - self.pending[0].begun if self.pending else 0.0

    async def ask(self, message: bytes) -> Frame:
        """Send a request, and return the frame that answers it; Displaced when another has to."""
        if self.state is State.ENDED or self.unsent:  # since it was chosen
            raise Displaced
        pending = Pending(self.pool.loop)
        self.pending.append(pending)
        self.unsent = memoryview(message)
        self.send()
        return await pending.reply

    def send(self) -> None:
        """Send as much as the channel takes, and the rest when it takes more."""
        try:
            self.unsent = self.unsent[self.channel.send(self.unsent) :]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):  # the reader says why it ended
            self.unsent = NOTHING
        if self.unsent:
            self.pool.loop.add_writer(self.channel, self.send)
            self.is_blocked = True
        elif self.is_blocked:
            self.pool.loop.remove_writer(self.channel)
            self.is_blocked = False

    def receive(self) -> None:
        """Take in what has come on the channel."""
        try:
            is_open = self.buffer.read(self.channel)
        except BlockingIOError:
            return
        except ConnectionResetError:
            is_open = False
        if not is_open:
            self.close()
        while self.state is not State.ENDED and (frame := self.buffer.next()) is not None:
            self.finish(frame)

    def finish(self, frame: Frame) -> None:
        """Pass on an answer; the first frame only says that the worker is ready."""
        if self.state is not State.STARTING:
            pending = self.pending.popleft()
            if not pending.reply.done():
                pending.reply.set_result(frame)
            self.answers += 1
        if self.pending:
            self.pending[0].begun = time.monotonic()
        if self.state is State.ASIDE or (self.state is State.LEAVING and not self.pending):
            self.pool.dismiss(self)
        elif self.state is not State.LEAVING:
            self.state = State.BUSY if self.pending else State.IDLE
            self.pool.take_back(self)

    def displace(self, first: int) -> None:
        """Let the requests from that place on go to other workers."""
        for pending in list(self.pending)[first:]:
            pending.fail(Displaced())

    def close(self) -> None:
        """Close the channel; a worker that still lives ends then."""
        if self.state is not State.ENDED:
            self.state = State.ENDED
            self.pool.loop.remove_reader(self.channel)
            self.pool.loop.remove_writer(self.channel)
            self.channel.close()


class Pool:
    """Workers of one kind, and the requests that wait for one: first come, first served."""

    def __init__(self, link: "Link", kind: str, size: int, queue: int, seconds: float) -> None:
        """At most ``size`` workers take requests, and as many are set aside; ``queue`` requests wait.

        ``seconds`` is how long a request may take, and how long it may wait.
        """
        self.link, self.loop, self.kind = link, link.loop, kind
        self.size, self.queue, self.seconds = size, queue, seconds
        self.workers: dict[int, Worker] = {}
        self.idle: list[Worker] = []
        self.waiting: deque[tuple[float, asyncio.Future[Worker]]] = deque()
        self.ordered = 0
        self.resume = 0.0
        self.generation = 0

    # Requests

    async def ask(self, request: Request) -> Frame:
        """Have a worker answer a request; Overloaded when too many wait, or this one did too long."""
        message = encode_request(request)
        worker = self.take(message) or await self.wait()
        while True:
            try:
                return await worker.ask(message)
            except Displaced:
                worker = self.take(message) or await self.wait(first=True)

    def take(self, message: bytes) -> Worker | None:
        """Return an idle worker, or one that will soon be; None if others wait already."""
        if self.waiting:
            return None
        while self.idle:
            worker = self.idle.pop()
            if worker.state is State.IDLE:
                worker.state = State.BUSY
                return worker
        if len(message) > SHORT:
            return None
        now = time.monotonic()
        for worker in self.workers.values():
            if worker.state is not State.BUSY or worker.unsent:
                continue
            if len(worker.pending) == 1 and worker.age(now) < SOON:
                return worker
        return None

    async def wait(self, *, first: bool = False) -> Worker:
        """Wait for a worker, behind all others or before them."""
        if len(self.waiting) >= self.queue:
            raise self.overloaded()
        turn: asyncio.Future[Worker] = self.loop.create_future()
        place = (time.monotonic(), turn)
        if first:
            self.waiting.appendleft(place)
        else:
            self.waiting.append(place)
        self.fill()
        return await turn

    def take_back(self, worker: Worker) -> None:
        """Give a worker that has time to whoever has waited longest."""
        if worker.answers > ANSWERS_A_WORKER:
            self.leave(worker)
            return
        while self.waiting and not worker.unsent:
            _, turn = self.waiting.popleft()
            if not turn.done():
                worker.state = State.BUSY
                turn.set_result(worker)
                return
        if worker.state is State.IDLE:
            self.idle.append(worker)

    def leave(self, worker: Worker) -> None:
        """Give a worker no more requests; it ends after those it has."""
        if worker.pending:
            worker.state = State.LEAVING
        else:
            self.dismiss(worker)

    def overloaded(self) -> Overloaded:
        """Say that there is too much to do."""
        detail = "Too many requests are waiting. Try again in a moment."
        return Overloaded(detail, retry_after=int(self.seconds) + 1)

    # Workers

    def fill(self) -> None:
        """Order as many workers as are waited for, one to spare, and one for each that is set aside."""
        if not self.generation or time.monotonic() < self.resume:
            return
        there = [
            worker
            for worker in self.workers.values()
            if worker.state in TAKING and worker.generation == self.generation
        ]
        spare = sum(worker.state is not State.BUSY for worker in there) + self.ordered
        room = self.size - len(there) - self.ordered
        aside = sum(worker.state is State.ASIDE for worker in self.workers.values())
        number = min(len(self.waiting) + 1 + aside - spare, room)
        if number > 0:
            self.ordered += number
            self.link.send({"want": self.kind, "number": number})

    def add(self, worker: Worker) -> None:
        """Take in a worker that was ordered."""
        self.ordered = max(0, self.ordered - 1)
        self.workers[worker.pid] = worker

    def dismiss(self, worker: Worker) -> None:
        """Have no more to do with a worker; what it has not begun goes to others."""
        worker.displace(0)
        worker.close()
        if worker.pending:
            self.link.send({"kill": worker.pid})
        self.workers.pop(worker.pid, None)
        self.fill()

    def end(self, pid: int, status: int) -> None:
        """Take note that a process has ended, and tell whoever it worked for why."""
        worker = self.workers.get(pid)
        if worker is None:
            return
        if worker.state is State.STARTING:
            self.resume = time.monotonic() + PAUSE
        if worker.state is not State.ENDED:
            worker.receive()  # its last words
        self.fail(worker, explain_end(status, self.seconds))

    def fail(self, worker: Worker, error: ShimodaError) -> None:
        """Answer the request under way with an error, and end its worker."""
        if worker.pending:
            worker.pending[0].fail(error)
        self.dismiss(worker)

    def lose_all(self) -> None:
        """Take note that the reader has ended, and every worker with it."""
        self.generation = self.ordered = 0  # none is ordered until the next reader has a generation
        for worker in list(self.workers.values()):
            self.fail(worker, Unavailable("The process that worked on it ended. Ask again."))

    def turn(self, generation: int) -> None:
        """Turn to a generation: requests wait for workers that read it, the others leave."""
        self.generation = generation
        self.renew(generation)
        self.fill()

    def renew(self, kept: int = 0) -> None:
        """Let the workers leave, but those of one generation; others take their place."""
        for worker in list(self.workers.values()):
            if worker.generation != kept and worker.state is not State.ASIDE:
                self.leave(worker)

    def tick(self) -> None:
        """Set aside what takes long; end what takes, or has waited, too long."""
        now = time.monotonic()
        for worker in list(self.workers.values()):
            age = worker.age(now)
            if age > self.seconds + GRACE:
                self.fail(worker, too_slow(self.seconds))
            elif age > LONG and worker.state is State.BUSY:
                self.set_aside(worker)
        while self.waiting and now - self.waiting[0][0] > self.seconds:
            _, turn = self.waiting.popleft()
            if not turn.done():
                turn.set_exception(self.overloaded())
        self.fill()

    def set_aside(self, worker: Worker) -> None:
        """Let a worker go on beside the others, unless there are too many such."""
        worker.displace(1)
        if sum(one.state is State.ASIDE for one in self.workers.values()) < self.size:
            worker.state = State.ASIDE
            self.link.send({"aside": worker.pid})


class Link:
    """The connection to the reader, which sends the workers that are ordered and says why they end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str) -> None:
        self.loop, self.address = loop, address
        self.pools: dict[str, Pool] = {}
        self.conn: socket.socket | None = None

    def start(self) -> None:
        """Connect, and look after the pools from now on."""
        self.attach()
        self.tick()

    def attach(self) -> None:
        """Connect to the reader; the address stays when a reader ends and another is started."""
        conn = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        conn.setblocking(False)
        try:
            conn.connect(self.address)
        except OSError:
            conn.close()
            self.loop.call_later(RECONNECT, self.attach)
            return
        self.conn = conn
        self.loop.add_reader(conn, self.receive)
        self.send({"attach": os.getpid()})

    def send(self, message: Head) -> None:
        """Send a message; one that is lost with the reader is of no use to the next."""
        if self.conn:
            with suppress(OSError):
                send_packet(self.conn, message)

    def receive(self) -> None:
        """Take in what the reader says."""
        assert self.conn
        packet = receive_packet(self.conn)
        if packet is None:
            self.detach()
            return
        message, descriptors = packet
        if "worker" in message:
            pool = self.pools[message["kind"]]
            channel = socket.socket(fileno=descriptors[0])
            pool.add(Worker(pool, message["worker"], message["generation"], channel))
        for pool in self.pools.values():
            if "ended" in message:
                pool.end(message["ended"], message["status"])
            elif "turn" in message:
                pool.turn(message["turn"])
            elif "renew" in message:
                pool.renew()
        if "turn" in message:  # no request goes to an older generation any more
            self.send({"turned": message["turn"]})

    def detach(self) -> None:
        """Take note that the reader has ended, and connect to the next one."""
        assert self.conn
        self.loop.remove_reader(self.conn)
        self.conn.close()
        self.conn = None
        for pool in self.pools.values():
            pool.lose_all()
        self.attach()

    def tick(self) -> None:
        """Look after the pools, ten times a second."""
        for pool in self.pools.values():
            pool.tick()
        self.loop.call_later(TICK, self.tick)


class PooledEngine(Engine):
    """The engine of an HTTP process, on its event loop; threads may use it too."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self.settings, self.runtime = settings, runtime
        self.endpoints = endpoints(settings.federate)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.pools: dict[str, Pool] = {}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Order the first workers; the loop is the one that answers requests."""
        settings, self.loop = self.settings, loop
        link = Link(loop, self.runtime.address("reader"))
        workers = settings.workers or max(4, 2 * (os.cpu_count() or 2))
        size = max(1, workers // settings.http_workers)
        link.pools["query"] = Pool(link, "query", size, settings.queue, settings.timeout)
        if settings.federate:
            seconds = settings.federate_timeout
            link.pools["federation"] = Pool(link, "federation", size, settings.queue, seconds)
        self.pools = link.pools
        link.start()

    @property
    def version(self) -> int:
        """The dataset's version."""
        return self.runtime.version[0]

    @property
    def default_graph_version(self) -> int:
        """The version since which the default graph surely is as it is."""
        return self.runtime.version[1]

    @property
    def changed(self) -> float | None:
        """When the dataset was last changed: generations are numbered by the millisecond."""
        return self.version / 1000 or None

    def is_ready(self) -> bool:
        """Tell whether a query is answered now."""
        ready = asyncio.wait_for(self.query_async(Query("ASK {}")), READY_WITHIN)
        try:
            self.wait_for(ready)
        except (ShimodaError, TimeoutError):
            return False
        return True

    async def query_async(self, query: Query) -> Results:
        """Answer a query."""
        kind = "federation" if federates(query.text, self.endpoints) else "query"
        return results_of(await self.pools[kind].ask(query))

    async def read_graph_async(self, read: GraphRead) -> Results:
        """Return a graph whole."""
        return results_of(await self.pools["query"].ask(read))

    def query(self, query: Query) -> Results:
        """Answer a query, asked by a thread."""
        return self.wait_for(self.query_async(query))

    def query_each(self, queries: list[Query]) -> list[Results]:
        """Answer several queries at the same time, asked by a thread."""

        async def answers() -> list[Results]:
            return await asyncio.gather(*map(self.query_async, queries))

        return self.wait_for(answers())

    def read_graph(self, read: GraphRead) -> Results:
        """Return a graph whole, asked by a thread."""
        return self.wait_for(self.read_graph_async(read))

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the event loop do something, and wait for it in this thread."""
        assert self.loop
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    # Writes, which threads ask for

    def update(self, update: Update) -> None:
        """Carry out an update."""
        federates(update.text, frozenset())
        load = load_of(update.text)
        if load and may_load(load, self.settings.load_from):
            self.load(load)
        else:  # in the writer, which has no network, any other LOAD fails
            self.write(update)

    def load(self, load: Load) -> None:
        """Fetch a document and write it."""
        from shimoda.engine.loading import fetch  # the HTTP client takes long to import

        with suppress(*[ShimodaError] * load.silent):
            seconds, most = self.settings.federate_timeout, self.settings.max_body
            body, media_type = fetch(load.source, seconds, most)
            self.write(GraphWrite("POST", load.graph, body, media_type, base=load.source))

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a Graph Store operation; tell whether it made a new graph."""
        return self.write(write)

    def write(self, request: Update | GraphWrite) -> bool:
        """Have the writer carry out a request; tell whether it made a new graph."""
        if not self.settings.writable:
            raise Refused("This server is read-only.")
        with socket.socket(socket.AF_UNIX) as conn:
            conn.settimeout(2 * self.settings.update_timeout + PATIENCE)
            try:
                conn.connect(self.runtime.address("write"))
                # refused unread: what was said is there to read
                with suppress(BrokenPipeError, ConnectionResetError):
                    conn.sendall(encode_request(request))
                head, _ = receive(conn)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    detail = "Too many writes are waiting. Try again in a moment."
                    raise Overloaded(detail, retry_after=1) from error
                raise Unavailable("The writer does not answer. Try again in a moment.") from error
        check(head)
        return bool(head["created"])
