"""The states of a worker and of a pool, one by one: a real link and real channels, of which this test holds the other ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest

from shimoda.engine.interface import Query
from shimoda.errors import LimitExceeded, Overloaded, Unavailable
from shimoda.processes import pool as pools
from shimoda.processes.messages import (
    FrameBuffer,
    receive,
    receive_packet,
    send,
    send_packet,
)
from shimoda.processes.pool import Link, Pool, State

HEAD = {"form": "ASK", "media_type": "text/csv", "count": 1, "cacheable": True}


class ReaderEnd:
    """What the reader does, done by hand: it hears what is ordered, and sends workers."""

    def __init__(self, path: str) -> None:
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen()
        self.number = 100
        self.open = [self.listener]

    def accept(self) -> None:
        self.conn, _ = self.listener.accept()
        self.conn.settimeout(2)
        self.open.append(self.conn)

    def hear(self) -> dict[str, object]:
        packet = receive_packet(self.conn)
        assert packet
        return packet[0]

    def worker(self, generation: int) -> tuple[int, socket.socket]:
        """Send a worker; return its number and the worker's end of its channel."""
        ours, theirs = socket.socketpair()
        self.number += 1
        message = {"worker": self.number, "kind": "query", "generation": generation}
        send_packet(self.conn, message, [ours.fileno()])
        ours.close()
        theirs.settimeout(2)
        self.open.append(theirs)
        return self.number, theirs


class World:
    """A pool, its link, and the reader at the other end."""

    def __init__(self, folder, size=2, queue=4, seconds=5.0) -> None:
        self.reader = ReaderEnd(str(folder / "reader.sock"))
        self.link = Link(asyncio.get_running_loop(), str(folder / "reader.sock"))
        self.pool = Pool(self.link, "query", size, queue, seconds)
        self.link.pools["query"] = self.pool

    async def start(self, generation: int = 1) -> None:
        self.link.start()
        self.reader.accept()
        assert self.reader.hear() == {"attach": os.getpid()}
        send_packet(self.reader.conn, {"turn": generation})
        await settle()
        assert self.reader.hear() == {"want": "query", "number": 1}

    def close(self) -> None:
        """Close what is open at both ends."""
        for worker in list(self.pool.workers.values()):
            worker.close()
        if self.link.conn:
            self.link.loop.remove_reader(self.link.conn)
            self.link.conn.close()
        for conn in self.reader.open:
            conn.close()

    async def ready(self, generation: int = 1) -> tuple[int, socket.socket]:
        """Send a worker that says that it is ready."""
        number, channel = self.reader.worker(generation)
        send(channel, {"ready": True})
        await settle()
        return number, channel

    def state(self, number: int) -> State:
        return self.pool.workers[number].state

    def ask(self, text: str = "ASK {}") -> asyncio.Task:
        return asyncio.ensure_future(self.pool.ask(Query(text)))


async def settle(seconds: float = 0.03) -> None:
    """Let the event loop take in what has come."""
    await asyncio.sleep(seconds)


def answer(channel: socket.socket, body: bytes) -> None:
    send(channel, HEAD, body)


def run(folder, play, **options):
    async def main():
        world = World(folder, **options)
        try:
            await world.start()
            await play(world)
        finally:
            world.close()

    asyncio.run(main())


def test_a_worker_starts_is_idle_is_busy_and_is_idle_again(tmp_path):
    async def play(world):
        number, channel = world.reader.worker(1)
        await settle()
        assert world.state(number) is State.STARTING
        send(channel, {"ready": True})
        await settle()
        assert world.state(number) is State.IDLE
        asking = world.ask()
        await settle()
        assert world.state(number) is State.BUSY
        receive(channel)
        answer(channel, b"yes")
        assert (await asking)[1] == b"yes"
        assert world.state(number) is State.IDLE

    run(tmp_path, play)


def test_a_busy_worker_has_the_next_request_already_and_answers_in_order(tmp_path):
    async def play(world):
        _, channel = await world.ready()
        first, second = world.ask("ASK {1}"), world.ask("ASK {2}")
        await settle()
        buffer = FrameBuffer()
        buffer.read(channel)
        assert [buffer.next()[0]["values"]["text"] for _ in range(2)] == ["ASK {1}", "ASK {2}"]
        answer(channel, b"1")
        answer(channel, b"2")
        assert [(await one)[1] for one in (first, second)] == [b"1", b"2"]

    run(tmp_path, play)


def test_a_request_is_not_put_behind_one_that_has_taken_a_while(tmp_path):
    async def play(world):
        _, channel = await world.ready()
        first = world.ask("ASK {1}")
        await settle(2 * pools.SOON)
        second = world.ask("ASK {2}")
        await settle()
        buffer = FrameBuffer()
        buffer.read(channel)
        assert buffer.next()[0]["values"]["text"] == "ASK {1}" and buffer.next() is None
        _, other = await world.ready()
        answer(other, b"2")
        assert (await second)[1] == b"2"
        answer(channel, b"1")
        assert (await first)[1] == b"1"

    run(tmp_path, play)


LONG = "ASK {} #" + "x" * 10**6
"""More than a channel takes at once."""


def test_nothing_is_put_behind_a_request_of_which_a_part_is_still_to_be_sent(tmp_path):
    async def play(world):
        _, channel = await world.ready()
        long, short = world.ask(LONG), world.ask("ASK {2}")
        await settle()
        _, other = await world.ready()
        answer(other, b"2")
        assert (await short)[1] == b"2"
        head, _ = await asyncio.to_thread(receive, channel)
        assert head["values"]["text"] == LONG
        answer(channel, b"1")
        assert (await long)[1] == b"1"

    run(tmp_path, play)


def test_for_each_worker_that_is_set_aside_another_is_ready_beside_the_spare_one(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(pools, "LONG", 0.0)

    async def play(world):
        number, channel = await world.ready()
        long = world.ask("ASK {1}")
        await settle(0.15)
        assert world.state(number) is State.ASIDE
        said = [world.reader.hear() for _ in range(3)]
        assert {"want": "query", "number": 2} in said, said
        answer(channel, b"1")
        await long

    run(tmp_path, play)


def test_what_takes_long_is_set_aside_and_what_stood_behind_it_goes_to_another(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(pools, "LONG", 0.0)

    async def play(world):
        number, channel = await world.ready()
        long, behind = world.ask("ASK {1}"), world.ask("ASK {2}")
        await settle(0.15)
        assert world.state(number) is State.ASIDE
        assert {"aside": number} in [world.reader.hear() for _ in range(2)]
        _, other = await world.ready()
        assert receive(other)[0]["values"]["text"] == "ASK {2}"
        answer(other, b"2")
        assert (await behind)[1] == b"2"
        answer(channel, b"1")
        assert (await long)[1] == b"1"
        assert number not in world.pool.workers

    run(tmp_path, play)


@pytest.mark.parametrize(
    ("status", "error", "word"),
    [
        (signal.SIGKILL, Unavailable, "ended"),
        (signal.SIGALRM, LimitExceeded, "seconds"),
        (signal.SIGABRT, LimitExceeded, "memory"),
        (signal.SIGSEGV, LimitExceeded, "nested"),
    ],
)
@pytest.mark.parametrize("text", ["ASK {1}", LONG], ids=["it has", "on its way"])
def test_the_end_of_a_worker_is_one_error_and_the_next_request_goes_on(
    tmp_path, text, status, error, word
):
    async def play(world):
        number, channel = await world.ready()
        held, behind = world.ask(text), world.ask("ASK {2}")
        await settle()
        channel.close()
        send_packet(world.reader.conn, {"ended": number, "status": int(status)})
        with pytest.raises(error, match=word):
            await asyncio.wait_for(held, 2)
        _, other = await world.ready()
        receive(other)
        answer(other, b"2")
        assert (await behind)[1] == b"2"

    run(tmp_path, play)


def test_after_a_turn_no_request_goes_to_an_older_worker_and_busy_ones_end_what_they_have(tmp_path):
    async def play(world):
        busy, channel = await world.ready()
        asking = world.ask()
        await settle(0.15)  # a spare one is ordered
        idle, _ = await world.ready()
        send_packet(world.reader.conn, {"turn": 2})
        await settle()
        said = [world.reader.hear() for _ in range(4)]
        assert said[-1] == {"turned": 2}
        assert idle not in world.pool.workers
        assert world.state(busy) is State.LEAVING
        later = world.ask()
        await settle()
        answer(channel, b"old")
        assert (await asking)[1] == b"old"
        assert busy not in world.pool.workers and not later.done()
        _, new = await world.ready(generation=2)
        answer(new, b"new")
        assert (await later)[1] == b"new"

    run(tmp_path, play)


def test_when_the_reader_ends_each_request_under_way_fails_and_the_next_reader_is_asked(tmp_path):
    async def play(world):
        await world.ready()
        asking = world.ask()
        await settle()
        world.reader.conn.close()
        with pytest.raises(Unavailable):
            await asking
        world.reader.accept()
        assert world.reader.hear() == {"attach": os.getpid()}
        send_packet(world.reader.conn, {"turn": 1})
        await settle()
        assert world.reader.hear() == {"want": "query", "number": 1}

    run(tmp_path, play)


def test_more_than_may_wait_are_refused_and_what_waits_too_long_too(tmp_path):
    async def play(world):
        first = world.ask()
        await settle()
        with pytest.raises(Overloaded):
            await world.ask()
        with pytest.raises(Overloaded):
            await first

    run(tmp_path, play, queue=1, seconds=0.1)
