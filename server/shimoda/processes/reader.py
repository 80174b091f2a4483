"""The reader: holds an immutable generation, evaluates nothing, and forks the workers that do.

It has one thread, so that its forks are whole. In memory the workers share its store. On disk they share the replica
of the generation, if there is one, and otherwise each opens the generation itself, because the engine starts threads when
it opens a folder. Each worker has one channel, whose other
end goes to the HTTP process that ordered it.
"""

import gc
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from select import select
from typing import BinaryIO, cast

from pyoxigraph import Store

from shimoda.dataset import snapshot
from shimoda.dataset.description import describe
from shimoda.engine.local import LocalEngine
from shimoda.errors import ShimodaError, Unavailable
from shimoda.processes.generations import Generations, Replica
from shimoda.processes.messages import (
    FrameBuffer,
    Head,
    receive,
    receive_packet,
    send,
    send_packet,
    serve,
)
from shimoda.processes.runtime import Loop, Runtime, child_of, require_start
from shimoda.processes.sandbox import (
    close_all_but,
    die_with_parent,
    limit_memory,
    stay_off_network,
)
from shimoda.settings import Settings

PATIENCE = 30.0
"""Seconds that an HTTP process may take to turn to a generation, while a write waits for that."""
LATER = 0.02
"""Seconds that a worker forked ahead of need waits before it opens the store."""
QUIET = 2.0
"""Seconds until a replica is made again after one was lost; ten times what making the last one took, if that is more."""
PIECE = 10_000
"""Quads that a replica takes in between two looks at what else there is to do."""
BEHIND, FAR_BEHIND = 5, 8
"""Priorities of workers, and of those set aside: the processes that serve all clients come first."""


@dataclass(eq=False, slots=True)
class Peer:
    """A process that asks the reader for something: an HTTP process, or the writer."""

    conn: socket.socket
    generation: int | None = None
    """The generation that an HTTP process has turned to; None for the writer."""
    ordered: float = 0.0
    """When it was told to turn to another."""

    def send(self, message: Head, *descriptors: int) -> None:
        """Send a message; what has just ended needs none."""
        with suppress(OSError):
            send_packet(self.conn, message, descriptors)


@dataclass(frozen=True, slots=True)
class Child:
    """A worker, as the reader knows it."""

    peer: Peer
    generation: int


class Reader:
    """A generation of the dataset, the workers that read it, and the HTTP processes that these work for."""

    def __init__(self, settings: Settings, runtime: Runtime, listener: socket.socket) -> None:
        self.settings, self.runtime, self.listener = settings, runtime, listener
        self.engine: LocalEngine | None = None
        self.number = self.default_graph_number = 0
        self.is_warm = False
        self.peers: set[Peer] = set()
        self.children: dict[int, Child] = {}
        self.writer: Peer | None = None
        self.spare: tuple[int, socket.socket] | None = None
        """A worker that has not been told yet what to open, with our end of its channel."""
        self.replica: Replica | None = None
        self.dumping: tuple[int, int, BinaryIO] | None = None
        """The process that writes a generation into a file, from which a replica is made, that generation, and the file."""
        self.replica_begun = self.replica_pause = 0.0
        """When a replica was last begun or lost (time.monotonic), and the seconds from then until the next one is begun."""
        self.loop = Loop()
        self.loop.watch(listener, self.admit)
        self.loop.on_signal(signal.SIGHUP, self.reload)
        self.loop.on_signal(signal.SIGCHLD, self.reap)
        self.loop.ticks.append(self.tick)

    def work(self) -> None:
        """Serve until killed. A new store on disk has no generation until the writer publishes one."""
        if self.settings.store is None:
            self.load()
        elif (number := Generations(self.settings.store).current()) is not None:
            self.open(number)
        self.loop.run()

    # The generation

    def load(self) -> None:
        """Load the dataset into memory."""
        store, number = Store(), time.time_ns() // 1_000_000
        if not self.settings.empty:
            store = snapshot.load()
            describe(store)
            number = snapshot.place().stat().st_mtime_ns // 1_000_000  # the same for every server
        self.engine, self.is_warm = self.limited(store), False
        gc.freeze()  # the collector of a worker need not touch, and so copy, what it shares
        if number < self.number:  # an older file has taken the place of the last
            number = self.number + 1
        self.open(number)

    def reload(self) -> None:
        """Load the dataset into memory again, if it is there; one that cannot be loaded leaves the last."""
        if self.settings.store is None:
            try:
                self.load()
            except ShimodaError as error:
                sys.stderr.write(f"shimoda: {error}\n")

    def limited(self, store: Store) -> LocalEngine:
        """Return an engine whose answers are limited."""
        return LocalEngine(store, self.settings.max_rows, self.settings.max_bytes)

    def open_store(self, number: int) -> Store:
        """Open a generation on disk."""
        assert self.settings.store
        return Store.read_only(str(Generations(self.settings.store).path(number)))

    def open(self, number: int, *, keeps_default_graph: bool = False) -> None:
        """Turn to a generation, and have every HTTP process turn to it."""
        self.number = number
        if not keeps_default_graph:
            self.default_graph_number = number
        for peer in self.peers:
            if peer.generation not in (None, number):
                self.turn(peer)
        self.announce()

    def turn(self, peer: Peer) -> None:
        """Have an HTTP process turn to the generation."""
        peer.ordered = time.monotonic()
        peer.send({"turn": self.number})

    def tick(self) -> None:
        """Part with HTTP processes that cannot turn: they lose their workers, and may connect again.

        While no write waits, have a worker ready for the next one.
        """
        latest = time.monotonic() - PATIENCE
        for peer in list(self.peers):
            if peer.generation not in (None, self.number) and peer.ordered < latest:
                self.part_with(peer)
        served = [peer for peer in self.peers if peer.generation is not None]
        if not self.is_warm and served and all(one.generation == self.number for one in served):
            self.warm_up(served)
        if self.settings.store and self.number and not self.writer:
            self.replicate()
            if not self.spare and not self.engine:
                self.spare = self.fork(ahead=True)

    def warm_up(self, served: list[Peer]) -> None:
        """Have what few queries need and takes long, now that the others are answered; and workers that share it.

        These are the parser that places errors, for which no worker has the time, and the view rdf12.
        """
        self.is_warm = True
        import_module("shimoda.sparql.grammar")
        if self.engine and not self.settings.store:
            self.engine.reified  # noqa: B018
        self.renew(served)

    def renew(self, served: list[Peer]) -> None:
        """Have workers that share what there is now take the place of the others."""
        gc.collect()
        gc.freeze()  # the collector of a worker need not touch, and so copy, what it shares
        for peer in served:
            peer.send({"renew": self.number})

    def announce(self) -> None:
        """Raise the version when every HTTP process has turned, and tell the writer which generations are read."""
        turned = [peer.generation for peer in self.peers if peer.generation is not None]
        if min(turned, default=self.number) < self.number:
            return
        self.runtime.version[1] = self.default_graph_number
        self.runtime.version[0] = max(self.number, self.runtime.version[0])
        if self.writer:
            read = [self.number, *(child.generation for child in self.children.values())]
            if self.dumping:
                read.append(self.dumping[1])
            self.writer.send({"oldest": min(read)})
            self.writer = None

    # The replica

    def replicate(self) -> None:
        """Begin a replica if there is none and the generation is not too large, or read on in its file."""
        now, store = time.monotonic(), self.settings.store
        if self.replica:
            if not self.replica.is_whole and self.replica.load(PIECE):
                self.replica_pause = max(QUIET, 10 * (now - self.replica_begun))
                self.share(self.replica)
        elif (
            self.is_warm
            and store
            and not self.dumping
            and now > self.replica_begun + self.replica_pause
        ):
            self.replica_begun = now
            if Generations(store).size(self.number) <= self.settings.replica * 2**20:
                self.replica = Replica(self.number)
                # a file without a name: whoever is killed leaves none
                file = cast(BinaryIO, tempfile.TemporaryFile(dir=self.runtime.folder))  # noqa: SIM115
                ours, theirs = socket.socketpair()
                with ours, theirs:
                    socket.send_fds(ours, [b"f"], [file.fileno()])
                    self.dumping = fork(self.write_dump, theirs), self.number, file

    def write_dump(self, channel: socket.socket) -> None:
        """Be a process that writes the generation into a file, which comes over the channel."""
        assert self.settings.store
        os.nice(FAR_BEHIND)
        _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        with os.fdopen(descriptors[0], "wb") as output:
            Generations(self.settings.store).dump(self.number, output)

    def read_dump(self, file: BinaryIO) -> None:
        """Have the replica read the file; without a whole file it is lost."""
        self.dumping = None
        with file:
            if not self.replica or not self.replica.read(file):
                self.replica_pause = max(QUIET, 2 * self.replica_pause)
                self.lose_replica()

    def lose_replica(self) -> None:
        """Do without a replica for a while: workers open the generation themselves."""
        self.replica = self.engine = None
        self.replica_begun = time.monotonic()

    def share(self, replica: Replica) -> None:
        """Have workers share the replica from now on."""
        self.engine = self.limited(replica.store)
        if self.spare:  # it would open the generation itself
            self.spare[1].close()  # which ends it
            self.spare = None
        self.renew([peer for peer in self.peers if peer.generation is not None])

    def update_replica(self, message: Head, descriptors: list[int]) -> None:
        """Have the replica become the next generation; there is none for a while if it cannot."""
        changes = None
        if descriptors:
            with os.fdopen(descriptors[0], "rb") as file:
                changes = file.read(message["absent"]), file.read()
        if self.replica and not self.replica.follow(message["base"], message["open"], changes):
            self.lose_replica()

    # Those who ask

    def admit(self) -> None:
        """Take in a process that connects."""
        conn, _ = self.listener.accept()
        conn.setblocking(False)
        peer = Peer(conn)
        self.peers.add(peer)
        self.loop.watch(conn, partial(self.hear, peer))

    def hear(self, peer: Peer) -> None:
        """Do what a process asks for."""
        packet = receive_packet(peer.conn)
        if packet is None:
            self.part_with(peer)
            return
        message, descriptors = packet
        if "want" in message:
            for _ in range(message["number"]):
                self.start(peer, message["want"])
        elif "aside" in message:
            if message["aside"] in self.children:
                os.setpriority(os.PRIO_PROCESS, message["aside"], FAR_BEHIND)
        elif "kill" in message:
            if message["kill"] in self.children:
                os.kill(message["kill"], signal.SIGKILL)
        elif "turned" in message:
            peer.generation = message["turned"]
            self.announce()
        elif "attach" in message:
            peer.generation = 0
            if self.number:
                self.turn(peer)
        elif "prepare" in message:
            self.prepare(message["prepare"])
        elif "open" in message:
            self.writer = peer
            self.update_replica(message, descriptors)
            self.open(message["open"], keeps_default_graph=message["keeps_default_graph"])

    def part_with(self, peer: Peer) -> None:
        """Forget a process that has ended, and end the workers that worked for it."""
        self.loop.unwatch(peer.conn)
        peer.conn.close()
        self.peers.discard(peer)
        if self.writer is peer:
            self.writer = None
        for pid, child in self.children.items():
            if child.peer is peer:
                os.kill(pid, signal.SIGKILL)
        self.announce()

    # Workers

    def start(self, peer: Peer, kind: str) -> None:
        """Have a worker open the current generation, and send its channel to the process that ordered it."""
        (pid, ours), self.spare = self.spare or self.fork(), None
        role = {"kind": kind, "generation": self.number}
        with ours:
            self.children[pid] = Child(peer, self.number)
            with suppress(OSError):  # it has ended, and whoever ordered it will hear of that
                send(ours, role)
            peer.send({"worker": pid, **role}, ours.fileno())

    def prepare(self, number: int) -> None:
        """Have the spare worker open the generation that will be the next."""
        if self.spare:
            with suppress(OSError):
                send(self.spare[1], {"generation": number})

    def fork(self, *, ahead: bool = False) -> tuple[int, socket.socket]:
        """Fork a worker; return its id and our end of its channel, through which it is told what to open."""
        ours, theirs = socket.socketpair()
        with theirs:
            return fork(partial(self.answer, ahead), theirs), ours

    def answer(self, ahead: bool, channel: socket.socket) -> None:
        """Be a worker: answer queries within the limits; only federation may reach the network.

        One that is forked ``ahead`` of need opens the generation once and lets it go: the next one takes half as long.
        It begins a little later, so that the write before it is acknowledged first.
        """
        if ahead and not select([channel], [], [], LATER)[0]:
            with suppress(OSError, RuntimeError):  # a newer write may have removed its files
                self.open_store(self.number)
        kind, engine = self.await_role(channel)
        if kind != "federation":
            stay_off_network()
        settings = self.settings
        limit_memory(settings.memory)
        os.nice(BEHIND)
        seconds = settings.federate_timeout if kind == "federation" else settings.timeout
        serve(channel, engine.answer, seconds)

    def await_role(self, channel: socket.socket) -> tuple[str, LocalEngine]:
        """Return what kind of worker this is to be, and the engine of its generation, which may be opened before that is told."""
        engine, buffer = self.engine, FrameBuffer()
        opened = self.number if engine else 0
        while True:
            role, _ = receive(channel, buffer)
            if role["generation"] != opened:
                opened = role["generation"]
                engine = self.limited(self.open_store(opened))
            if "kind" in role:
                assert engine
                return role["kind"], engine

    def reap(self) -> None:
        """Say of workers that have ended why they did."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if self.dumping and pid == self.dumping[0]:
                self.read_dump(self.dumping[2])
                continue
            if self.spare and pid == self.spare[0]:
                self.spare[1].close()
                self.spare = None
                continue
            if child := self.children.pop(pid, None):
                child.peer.send({"ended": pid, "status": status})
                require_start(status)


def fork(run: Callable[[socket.socket], None], channel: socket.socket) -> int:
    """Fork a process that runs ``run`` with its end of a channel; return its id.

    The process that forks must have one thread.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        die_with_parent(parent)
        run(socket.socket(fileno=close_all_but(channel.fileno())))
    except (OSError, Unavailable):  # nobody is at the other end any more
        pass
    except RuntimeError as error:  # the engine's, when it cannot open its files
        sys.stderr.write(f"shimoda: a worker could not read the dataset: {error}\n")
    finally:  # the copy must not go on with what its parent was doing
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(0)


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.processes.reader PARENT FOLDER LISTENER``."""
    with child_of(int(sys.argv[1])):
        listener = socket.socket(fileno=int(sys.argv[3]))
        Reader(Settings.gather({}, os.environ), Runtime(Path(sys.argv[2])), listener).work()


if __name__ == "__main__":
    main()
