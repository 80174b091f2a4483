"""The engine as the web sees it: requests go over Unix sockets to the reader and the writer."""

import errno
import socket
from contextlib import suppress
from pathlib import Path

from shimoda.engine.interface import Answer, GraphWrite, Query, Update
from shimoda.errors import Overloaded, Refused, ShimodaError, Unavailable
from shimoda.processes import messages as wire
from shimoda.processes.shared import Run
from shimoda.settings import Settings
from shimoda.sparql.federation import Load, endpoints, federates, load_of, may_load

GRACE, READY_WITHIN = 5.0, 1.0


class SocketEngine:
    """The embedded engine, for a process of the same service. It keeps no connection; threads may share it."""

    def __init__(self, settings: Settings, run: Run) -> None:
        self.settings, self.run = settings, run
        self.endpoints = endpoints(settings.federate)

    @property
    def version(self) -> int:
        """The dataset's version."""
        return self.run.version

    def ready(self) -> bool:
        """Tell whether a query is answered now."""
        try:
            self.ask("query", Query("ASK {}"), READY_WITHIN)
        except ShimodaError:
            return False
        return True

    def query(self, query: Query) -> Answer:
        """Answer a query."""
        if federates(query.text, self.endpoints):
            return wire.answer_of(
                *self.ask("federation", query, patience(self.settings.federate_timeout))
            )
        return wire.answer_of(*self.ask("query", query, patience(self.settings.timeout)))

    def read_graph(self, graph: str | None, media_type: str) -> Answer:
        """Return a graph whole."""
        read = wire.GraphRead(graph, media_type)
        return wire.answer_of(*self.ask("query", read, patience(self.settings.timeout)))

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
        from shimoda.engine.loading import (
            fetch,  # the HTTP client takes long to import, and is rarely needed
        )

        with suppress(*[ShimodaError] * load.silent):
            body, media_type = fetch(
                load.source, self.settings.federate_timeout, self.settings.max_body
            )
            self.write(GraphWrite("POST", load.graph, body, media_type, base=load.source))

    def write_graph(self, write: GraphWrite) -> bool:
        """Carry out a Graph Store operation; tell whether it made a new graph."""
        return bool(self.write(write)["created"])

    def write(self, request: wire.Request) -> wire.Head:
        """Have the writer carry out a request."""
        if not self.settings.writable:
            raise Refused("This server is read-only.")
        head, _ = self.ask("write", request, patience(self.settings.update_timeout))
        return head

    def ask(
        self, name: str, request: wire.Request, seconds: float
    ) -> tuple[wire.Head, bytes | Path]:
        """Send a request to one of the sockets, and wait for the answer."""
        with socket.socket(socket.AF_UNIX) as conn:
            conn.settimeout(seconds)
            try:
                conn.connect(self.run.address(name))
                with suppress(
                    BrokenPipeError, ConnectionResetError
                ):  # refused unread: what was said is there to read
                    wire.send_request(conn, request)
                return wire.receive_answer(conn)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    raise Overloaded(
                        "Too many requests are waiting. Try again in a moment.", retry_after=1
                    ) from error
                raise Unavailable("The engine does not answer. Try again in a moment.") from error


def patience(seconds: float) -> float:
    """Return how long to wait for what may take so long, after waiting its turn as long."""
    return 2 * seconds + GRACE
