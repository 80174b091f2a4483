"""The workers that answer for this HTTP process, on its event loop; no thread waits for one."""

import asyncio
import os
import socket
import time
from collections import deque
from contextlib import suppress
from enum import Enum, auto

from shimoda.errors import Overloaded, ShimodaError, Unavailable
from shimoda.processes.messages import (
    Frame,
    FrameBuffer,
    Head,
    Request,
    encode_request,
    receive_packet,
    send_packet,
)
from shimoda.processes.sandbox import explain_end, too_slow

TICK = 0.1
LONG = 0.25
"""Seconds after which a request is set aside, so that another worker can take its place."""
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


TAKING = {State.STARTING, State.IDLE, State.BUSY}


class Worker:
    """A worker as its HTTP process sees it: a channel, and the request that it works on."""

    def __init__(self, pool: "Pool", pid: int, generation: int, channel: socket.socket) -> None:
        self.pool, self.pid, self.generation, self.channel = pool, pid, generation, channel
        self.state = State.STARTING
        self.buffer = FrameBuffer()
        self.reply: asyncio.Future[Frame] | None = None
        self.begun = 0.0
        self.answers = 0
        channel.setblocking(False)
        pool.loop.add_reader(channel, self.receive)

    async def ask(self, message: bytes) -> Frame:
        """Send a request, and return the frame that answers it."""
        self.begun = time.monotonic()
        reply: asyncio.Future[Frame] = self.pool.loop.create_future()
        self.reply = reply
        with suppress(BrokenPipeError, ConnectionResetError):  # the reader says why it ended
            sent = self.channel.send(message)
            if sent < len(message):
                await self.pool.loop.sock_sendall(self.channel, message[sent:])
        return await reply

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
        elif (frame := self.buffer.next()) is not None:
            self.finish(frame)

    def finish(self, frame: Frame) -> None:
        """Pass on an answer; the first frame only says that the worker is ready."""
        reply, self.reply = self.reply, None
        self.answers += 1
        if reply and not reply.done():
            reply.set_result(frame)
        if self.state in (State.LEAVING, State.ASIDE) or self.answers > ANSWERS_A_WORKER:
            self.pool.dismiss(self)
        else:
            self.state = State.IDLE
            self.pool.take_back(self)

    def fail(self, error: ShimodaError) -> None:
        """Answer the request under way with an error."""
        if self.reply and not self.reply.done():
            self.reply.set_exception(error)
        self.reply = None

    def close(self) -> None:
        """Close the channel; a worker that still lives ends then."""
        if self.state is not State.ENDED:
            self.state = State.ENDED
            self.pool.loop.remove_reader(self.channel)
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
        self.turned = False

    # Requests

    async def ask(self, request: Request) -> Frame:
        """Have a worker answer a request; Overloaded when too many wait, or this one did too long."""
        message = encode_request(request)
        worker = self.take() or await self.wait()
        return await worker.ask(message)

    def take(self) -> Worker | None:
        """Return an idle worker, unless others wait already."""
        while self.idle and not self.waiting:
            worker = self.idle.pop()
            if worker.state is State.IDLE:
                worker.state = State.BUSY
                return worker
        return None

    async def wait(self) -> Worker:
        """Wait for a worker."""
        if len(self.waiting) >= self.queue:
            raise self.overloaded()
        turn: asyncio.Future[Worker] = self.loop.create_future()
        self.waiting.append((time.monotonic(), turn))
        if len(self.workers) + self.ordered < self.size:
            self.fill()
        return await turn

    def take_back(self, worker: Worker) -> None:
        """Give an idle worker to whoever has waited longest."""
        if worker.generation == self.generation and not self.turned:
            self.finish_turn()
        while self.waiting:
            _, turn = self.waiting.popleft()
            if not turn.done():
                worker.state = State.BUSY
                turn.set_result(worker)
                return
        self.idle.append(worker)

    def overloaded(self) -> Overloaded:
        """Say that there is too much to do."""
        detail = "Too many requests are waiting. Try again in a moment."
        return Overloaded(detail, retry_after=int(self.seconds) + 1)

    # Workers

    def fill(self) -> None:
        """Order as many workers as are waited for, and one to spare."""
        if not self.generation or time.monotonic() < self.resume:
            return
        there = [
            worker
            for worker in self.workers.values()
            if worker.state in TAKING and worker.generation == self.generation
        ]
        spare = sum(worker.state is not State.BUSY for worker in there) + self.ordered
        room = self.size - len(there) - self.ordered
        number = min(len(self.waiting) + 1 - spare, room)
        if number > 0:
            self.ordered += number
            self.link.send({"want": self.kind, "number": number})

    def add(self, worker: Worker) -> None:
        """Take in a worker that was ordered."""
        self.ordered = max(0, self.ordered - 1)
        self.workers[worker.pid] = worker

    def dismiss(self, worker: Worker) -> None:
        """Have no more to do with a worker."""
        worker.close()
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
        worker.fail(explain_end(status, self.seconds))
        self.dismiss(worker)

    def lose_all(self) -> None:
        """Take note that the reader has ended, and every worker with it."""
        self.ordered = 0
        for worker in list(self.workers.values()):
            worker.fail(Unavailable("The process that worked on it ended. Ask again."))
            worker.close()
        self.workers.clear()

    def turn(self, generation: int) -> None:
        """Turn to a generation: as soon as a worker that reads it is ready, the others leave."""
        self.generation, self.turned = generation, False
        self.fill()

    def finish_turn(self) -> None:
        """Let the workers of older generations leave."""
        self.turned = True
        for worker in list(self.workers.values()):
            if worker.generation == self.generation:
                continue
            if worker.reply is None:
                self.dismiss(worker)
            elif worker.state is State.BUSY:
                worker.state = State.LEAVING
        self.link.report_turn()

    def tick(self) -> None:
        """Set aside what takes long; end what takes, or has waited, too long."""
        now = time.monotonic()
        for worker in list(self.workers.values()):
            taken = now - worker.begun if worker.reply else 0.0
            if taken > self.seconds + GRACE:
                worker.fail(too_slow(self.seconds))
                self.dismiss(worker)
            elif taken > LONG and worker.state is State.BUSY:
                self.set_aside(worker)
        while self.waiting and now - self.waiting[0][0] > self.seconds:
            _, turn = self.waiting.popleft()
            if not turn.done():
                turn.set_exception(self.overloaded())
        self.fill()

    def set_aside(self, worker: Worker) -> None:
        """Let a worker go on beside the others, unless there are too many such."""
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

    def detach(self) -> None:
        """Take note that the reader has ended, and connect to the next one."""
        assert self.conn
        self.loop.remove_reader(self.conn)
        self.conn.close()
        self.conn = None
        for pool in self.pools.values():
            pool.lose_all()
        self.attach()

    def report_turn(self) -> None:
        """Tell the reader when no request goes to an older generation any more."""
        if all(pool.turned for pool in self.pools.values()):
            generation = min(pool.generation for pool in self.pools.values())
            self.send({"turned": generation})

    def tick(self) -> None:
        """Look after the pools, ten times a second."""
        for pool in self.pools.values():
            pool.tick()
        self.loop.call_later(TICK, self.tick)
