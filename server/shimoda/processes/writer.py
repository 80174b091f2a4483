"""The writer: alone writes a store on disk, a request at a time, each whole or not at all.

It is never forked (a forked child that writes corrupts the store). What it writes goes into a working copy;
what counts is the generation that it publishes then. When it is killed at a limit, the copy is gone.
"""

import gc
import os
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from shimoda.engine.interface import GraphWrite, Update
from shimoda.engine.local import LocalEngine
from shimoda.engine.protection import Effect, Protection, Replay, effect_of, follow
from shimoda.errors import ShimodaError
from shimoda.processes.baseline import baseline_path, make_checkpoint, settle, version_of
from shimoda.processes.generations import MARK, Changes, Checkpoint, Generations, Journal, mark
from shimoda.processes.messages import (
    Request,
    answer,
    decode_request,
    in_file,
    receive,
    receive_packet,
    send,
    send_packet,
)
from shimoda.processes.runtime import ANSWERING, IDLE, Runtime, child_of
from shimoda.processes.sandbox import limit_memory, limit_time, stay_off_network
from shimoda.reasoning import LocalStore, Upkeep
from shimoda.reasoning.checkpoint import restore
from shimoda.reasoning.stores import placed
from shimoda.settings import Settings

DAMAGE = (OSError, EOFError, ValueError, LookupError, SyntaxError)
"""What reading a checkpoint raises that is not what was saved, or of another generation."""
RETRY = 0.02
LONG = 2**20
"""Characters or bytes of a request to a plain store that is not searched for what it changes: that takes too long."""
PATIENCE = 10.0
"""Seconds that a client, itself a process of this service, may take to send or receive a piece."""


class Writer:
    """A working copy of the current generation, and how it becomes the next one."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        assert settings.store
        self.settings, self.runtime = settings, runtime
        self.generations = Generations(settings.store)
        store, baseline = settle(self.generations, settings)
        self.engine = LocalEngine(store)
        self.upkeep: Upkeep | None = None
        self.protection: Protection | None = None
        self.number = self.oldest = 0
        self.journal = Journal()
        self.checkpoint: Checkpoint | None = None
        self.touched: list[Quad] = []
        """What the last write touched, as a checkpoint has it."""
        self.is_published = False
        """Whether what follows from the generation at the start has gone out: it goes with the first write."""
        self.keeps_default_graph = False
        """Whether the last write left the default graph, and all that is derived, as they were."""
        if not settings.empty:
            self.protection = Protection(Store() if settings.unprotected else baseline)
            with suppress(ShimodaError):  # the first write would meet it, and say so
                self.begin()
        self.show(self.generations.current() or 0, None)

    def begin(self) -> None:
        """Know what follows from the store: from a checkpoint and what has been touched since, or inferred anew."""
        store, current, baseline = self.engine.store, *self.base()
        self.checkpoint = Checkpoint.find(self.generations.folder, version_of(baseline))
        if self.checkpoint:
            with suppress(*DAMAGE):
                effect = replay(self.checkpoint.since(current))
                state = restore(self.checkpoint.path)
                upkeep = Upkeep(LocalStore(store, self.journal.note), stated=state)
                self.upkeep = follow(store, upkeep, effect)
                return
        self.checkpoint = None
        self.upkeep = follow(store, note=self.journal.note)
        if self.journal.is_whole and not self.journal.touched:
            self.save()

    def save(self) -> None:
        """Keep what is known to follow from the current generation for the next start, which can do without."""
        assert self.upkeep
        number, baseline = self.base()
        with suppress(OSError):
            self.checkpoint = make_checkpoint(baseline, number, self.upkeep.reasoner)

    def base(self) -> tuple[int, Path]:
        """Return the current generation, and the dataset that it is based on."""
        number = self.generations.current() or 0
        path = baseline_path(self.generations.folder, number)
        assert path
        return number, path

    def handle(self, request: Request) -> bool:
        """Carry out a request; when this returns, it is on disk and every reader sees it. Tell whether it made a new graph."""
        assert isinstance(request, Update | GraphWrite)
        try:
            with limit_time(self.settings.update_timeout):
                created = self.change(request)
        except (ShimodaError, MemoryError):
            self.engine = LocalEngine(self.generations.checkout())
            self.journal.start()
            if self.upkeep:
                self.upkeep.store = LocalStore(self.engine.store, self.journal.note)
            raise
        try:
            self.publish()
        except OSError as error:  # the next writer begins with what is published
            raise SystemExit(f"A write could not be published: {error}") from error
        return created

    def publish(self) -> None:
        """Make the working copy the next generation, which every reader sees when this returns."""
        number = self.generations.next()
        changes = self.journal.changes(self.engine.store)
        self.journal.start()
        self.generations.stage(self.engine.store, number)
        self.prepare(number)
        if self.checkpoint:
            self.checkpoint.record(number, self.touched)
        self.generations.commit(number, *([self.checkpoint.log] if self.checkpoint else ()))
        self.show(number, changes)
        self.is_published = True

    def change(self, request: Update | GraphWrite) -> bool:
        """Change the working copy, and what follows from it; tell whether that made a new graph."""
        size = len(request.text if isinstance(request, Update) else request.body)
        is_read = self.protection is not None or size < LONG
        effect = effect_of(request, self.engine.store) if is_read else None
        self.note(effect)
        created = self.derive(request, effect) if self.protection else self.carry_out(request)
        self.note(effect)
        return created

    def note(self, effect: Effect | None) -> None:
        """Have the journal know what a write may change, before it and after it."""
        if effect is None:
            self.journal.lose()
        else:
            self.journal.note_graphs(effect.graphs)
            self.journal.note(effect.touched(self.engine.store))

    def derive(self, request: Update | GraphWrite, effect: Effect | None) -> bool:
        """Carry out a request, unless it does what none may, and have what is derived follow."""
        assert self.protection
        store = self.engine.store
        if not self.upkeep:
            self.begin()
        keeps = effect is not None and effect.keeps_default_graph(store)
        self.keeps_default_graph = keeps and self.is_published
        self.protection.observe(store, effect)
        created = self.carry_out(request)
        self.protection.check(store, request, effect)
        upkeep, self.upkeep = self.upkeep, None  # whoever stops it on the way leaves it out of step
        self.upkeep = follow(store, upkeep, effect)
        triples = effect.triples if effect else self.upkeep.latest
        graphs = effect.graphs if effect else [DefaultGraph()]
        self.touched = [placed(triple, DefaultGraph()) for triple in triples]
        self.touched += map(mark, graphs)
        return created

    def carry_out(self, request: Update | GraphWrite) -> bool:
        """Carry out a request; tell whether it made a new graph."""
        if isinstance(request, GraphWrite):
            return self.engine.write_graph(request)
        self.engine.update(request)
        return False

    def prepare(self, number: int) -> None:
        """Have the reader open the files of the next generation while they are synced; it may do without."""
        with suppress(OSError), self.runtime.connect("reader") as reader:
            send_packet(reader, {"prepare": number})

    def show(self, number: int, changes: Changes | None) -> None:
        """Have the reader turn to a generation, and learn which is the oldest that somebody reads."""
        absent, present = changes or (b"", b"")
        message = {
            "open": number,
            "keeps_default_graph": self.keeps_default_graph,
            "base": self.number,
            "absent": len(absent),
        }
        self.number = number
        while True:
            with (
                suppress(OSError),
                self.runtime.connect("reader") as reader,
                in_file(absent + present) as file,
            ):
                send_packet(reader, message, [file.fileno()] if changes else [])
                packet = receive_packet(reader)
                if packet is not None:
                    self.oldest = packet[0]["oldest"]
                    return
            time.sleep(RETRY)  # the reader has ended; the supervisor starts another

    def serve(self, channel: socket.socket) -> None:
        """Answer the clients whose connections come over the channel, until it closes.

        The supervisor, at its other end, learns from a byte what goes on: until ANSWERING is said it may answer the
        client itself, should this process die.
        """
        while True:
            self.generations.prune(self.oldest)
            if self.checkpoint and self.checkpoint.is_long():
                self.save()
            channel.sendall(IDLE)
            message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
            if not message:
                return
            with socket.socket(fileno=descriptors[0]) as client, suppress(OSError, ShimodaError):
                client.settimeout(PATIENCE)
                head, body = answer(decode_request(receive(client)), self.handle)
                channel.sendall(ANSWERING)
                send(client, head, body)


def replay(touched: Iterable[Quad]) -> Replay:
    """Return the effect of the writes that have touched some quads since a checkpoint."""
    marks = {quad for quad in touched if quad.predicate == MARK}
    graphs = frozenset(quad.graph_name for quad in marks)
    named = frozenset(name for name in graphs if isinstance(name, NamedNode))
    triples = frozenset(quad.triple for quad in touched if quad not in marks)
    return Replay(triples, named, is_vague=graphs != named)


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.processes.writer PARENT FOLDER CHANNEL``."""
    with child_of(int(sys.argv[1])):
        stay_off_network()
        settings = Settings.gather({}, os.environ)
        writer = Writer(settings, Runtime(Path(sys.argv[2])))
        limit_memory(settings.memory)
        gc.freeze()  # what is there now stays: the collector need not look at it in every write
        writer.serve(socket.socket(fileno=int(sys.argv[3])))


if __name__ == "__main__":
    main()
