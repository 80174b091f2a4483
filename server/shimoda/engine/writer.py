"""The writer: alone writes a store on disk, a request at a time, each whole or not at all.

It is never forked (a forked child that writes corrupts the store). What it writes goes into a working copy;
what counts is the generation that it publishes then. When it is killed at a limit, the copy is gone.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Store

from shimoda.engine import wire
from shimoda.engine.confinement import die_with_parent, limit_memory, stay_off_network, time_limit
from shimoda.engine.generations import Generations
from shimoda.engine.initial import initial
from shimoda.engine.problems import explained
from shimoda.engine.protocol import GraphWrite, Update
from shimoda.engine.run import Run
from shimoda.engine.serialization import rdf_format
from shimoda.engine.using import with_using
from shimoda.engine.worker import serve
from shimoda.errors import ShimodaError, UnknownName
from shimoda.settings import Settings

__all__ = ["Writer"]

RETRY = 0.02
Change = Callable[[Store], bool]


class Writer:
    """A working copy of the current generation, and how it becomes the next one."""

    def __init__(self, settings: Settings, run: Run) -> None:
        assert settings.store
        self.settings, self.run = settings, run
        self.generations = Generations(settings.store)
        number = self.generations.current()
        self.store = self.generations.checkout()
        if number is None:
            self.store.bulk_extend(initial(settings))
            number = self.generations.publish(self.store)
        self.show(number)

    def handle(self, request: wire.Request) -> tuple[wire.Head, bytes]:
        """Carry out a request; when this returns, it is on disk and every reader sees it."""
        change = changes(request)
        try:
            with time_limit(self.settings.update_timeout), explained(getattr(request, "text", None)):
                created = change(self.store)
        except ShimodaError:
            self.store = self.generations.checkout()
            raise
        self.show(self.generations.publish(self.store))
        return {"created": created}, b""

    def show(self, number: int) -> None:
        """Have the reader turn to a generation, and drop those that nobody reads any more."""
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as reader:
                    reader.connect(self.run.address("control"))
                    wire.send(reader, {"open": number})
                    self.generations.prune(wire.receive_head(reader)[0]["oldest"])
                    return
            except (OSError, ShimodaError):  # the reader has ended; the supervisor starts another
                time.sleep(RETRY)


def changes(request: wire.Request) -> Change:
    """Return what a request does to a store; whoever does it learns whether it made a new graph."""
    if isinstance(request, Update):
        return partial(update, request)
    assert isinstance(request, GraphWrite)
    return partial({"PUT": put, "POST": post, "DELETE": delete}[request.method], request)


def update(request: Update, store: Store) -> bool:
    """Carry out a SPARQL update."""
    store.update(with_using(request), base_iri=request.base)
    return False


def put(request: GraphWrite, store: Store) -> bool:
    """Replace a graph."""
    created = is_new(request, store)
    store.clear_graph(graph_of(request))
    post(request, store)
    return created


def post(request: GraphWrite, store: Store) -> bool:
    """Add to a graph, which is there afterwards even if there was nothing to add."""
    created, graph = is_new(request, store), graph_of(request)
    if created:
        store.add_graph(graph)
    store.load(request.body, rdf_format(request.media_type), base_iri=request.base, to_graph=graph)
    return created


def delete(request: GraphWrite, store: Store) -> bool:
    """Delete a graph."""
    if is_new(request, store):
        raise UnknownName(f"There is no graph <{request.graph}>.")
    store.remove_graph(graph_of(request))
    return False


def graph_of(request: GraphWrite) -> NamedNode | DefaultGraph:
    """Return the graph that is written."""
    return DefaultGraph() if request.graph is None else NamedNode(request.graph)


def is_new(request: GraphWrite, store: Store) -> bool:
    """Tell whether the store has no such graph; the default graph it always has."""
    return request.graph is not None and not store.contains_named_graph(NamedNode(request.graph))


def main() -> None:
    """Run as a process of its own: ``python -m shimoda.engine.writer PARENT FOLDER CHANNEL``."""
    die_with_parent(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stay_off_network()
    settings = Settings.gather({}, os.environ)
    writer = Writer(settings, Run(Path(sys.argv[2])))
    limit_memory(settings.memory)
    serve(socket.socket(fileno=int(sys.argv[3])), writer.handle)


if __name__ == "__main__":
    main()
