"""The reader: holds an immutable generation, evaluates nothing, and forks the workers that do.

It has one thread, so that its forks are whole. In memory the workers share its store; on disk each opens the
generation itself, because the engine starts threads when it opens a folder.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from pyoxigraph import Store

from shimoda.engine.interface import Query
from shimoda.engine.local import Dataset
from shimoda.errors import ShimodaError
from shimoda.processes import messages as wire
from shimoda.processes.generations import Generations
from shimoda.processes.initial import initial
from shimoda.processes.loop import Loop
from shimoda.processes.pool import Pool, Worker, fork
from shimoda.processes.sandbox import limit_memory, stay_off_network, time_limit
from shimoda.processes.shared import Run, concurrency, take_part
from shimoda.processes.worker import serve
from shimoda.settings import Settings

PATIENCE = 1.0
BEHIND = 5
"""The workers' priority: the processes that serve all clients come first."""
ANSWERS_A_WORKER = 10_000
"""After so many a worker makes room for a new one: what the engine's allocator keeps does not add up."""


class Reader:
    """Two pools on one generation: queries that may not reach the network, and those that may."""

    def __init__(self, settings: Settings, run: Run, listeners: dict[str, socket.socket]) -> None:
        self.settings, self.run, self.listeners = settings, run, listeners
        self.loop = Loop()
        self.pools: list[Pool] = []
        self.dataset: Dataset | None = None
        self.number = 0
        self.loop.watch(listeners["control"], self.obey)
        self.loop.on_signal(signal.SIGHUP, self.reload)

    def work(self) -> None:
        """Serve until killed. A new store on disk has no generation until the writer publishes one."""
        if self.settings.store is None:
            self.load()
        elif (number := Generations(self.settings.store).current()) is not None:
            self.open(number, partial(self.announce, number))
        self.loop.run()

    def load(self) -> None:
        """Load the dataset into memory."""
        number = time.time_ns() // 1_000_000
        self.dataset = self.limited(initial(self.settings))
        self.dataset.reified  # noqa: B018 (made before the workers fork, so that they share it)
        self.open(number, partial(self.announce, number))

    def reload(self) -> None:
        """Load the dataset into memory again, if it is there; one that cannot be loaded leaves the last."""
        if self.settings.store is None:
            try:
                self.load()
            except ShimodaError as error:
                sys.stderr.write(f"shimoda: {error}\n")

    def limited(self, store: Store) -> Dataset:
        """Return a dataset whose answers are limited."""
        return Dataset(store, self.settings.max_rows, self.settings.max_bytes)

    def obey(self) -> None:
        """Open the generation that the writer has published, and tell it when the first worker has."""
        writer, _ = self.listeners["control"].accept()
        writer.settimeout(PATIENCE)
        with suppress(
            OSError, ShimodaError
        ):  # a writer that ends here is followed by one that asks again
            number = wire.receive_head(writer)[0]["open"]
            self.open(number, partial(self.announce, number, writer))

    def open(self, number: int, then: Callable[[], None]) -> None:
        """Turn to a generation."""
        self.number = number
        for pool in self.pools[1:]:
            pool.renew()
        if not self.pools:
            self.pools = [self.pool("query")] + [self.pool("federation")] * bool(
                self.settings.federate
            )
        self.pools[0].renew(then)

    def announce(self, number: int, writer: socket.socket | None = None) -> None:
        """Raise the version, and tell the writer which generations are read."""
        self.run.version = max(number, self.run.version)
        if writer:
            with writer, suppress(OSError):
                wire.send(writer, {"oldest": min(number, *(pool.oldest() for pool in self.pools))})

    def pool(self, name: str) -> Pool:
        """Make a pool of workers; only those for federation may reach the network."""
        settings = self.settings
        network = name == "federation"
        size = concurrency(settings)
        return Pool(
            self.loop,
            self.listeners[name],
            partial(self.start, network),
            size=size,
            queue=settings.queue,
            seconds=settings.federate_timeout if network else settings.timeout,
            aside=size,
        )

    def start(self, network: bool) -> Worker:
        """Fork a worker on the current generation."""
        worker = fork(partial(self.answer, network))
        worker.generation = self.number
        return worker

    def answer(self, network: bool, channel: socket.socket) -> None:
        """Be a worker: answer queries within the limits."""
        settings = self.settings
        dataset = self.dataset
        if dataset is None:
            assert settings.store
            dataset = self.limited(
                Store.read_only(str(Generations(settings.store).path(self.number)))
            )
        if not network:
            stay_off_network()
        limit_memory(settings.memory)
        os.nice(BEHIND)
        seconds = settings.federate_timeout if network else settings.timeout
        serve(channel, partial(handle, dataset, seconds), ANSWERS_A_WORKER)


def handle(dataset: Dataset, seconds: float, request: wire.Request) -> tuple[wire.Head, bytes]:
    """Answer a request in time."""
    with time_limit(seconds):
        if isinstance(request, Query):
            return wire.frame_of(dataset.query(request))
        assert isinstance(request, wire.GraphRead)
        return wire.frame_of(dataset.read_graph(request))


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.processes.reader PARENT FOLDER QUERY FEDERATION CONTROL``."""
    with take_part(int(sys.argv[1])):
        names = ("query", "federation", "control")
        listeners = {
            name: socket.socket(fileno=int(number))
            for name, number in zip(names, sys.argv[3:], strict=True)
        }
        Reader(Settings.gather({}, os.environ), Run(Path(sys.argv[2])), listeners).work()


if __name__ == "__main__":
    main()
