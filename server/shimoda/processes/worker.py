"""A worker: a process forked to answer one request after the other, on the channel that it has for life."""

import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable

from shimoda.engine.interface import GraphRead, Query
from shimoda.engine.local import LocalEngine
from shimoda.errors import LimitExceeded, ShimodaError
from shimoda.processes.messages import (
    FrameBuffer,
    Head,
    Request,
    decode_request,
    frame_of,
    head_of_error,
    send,
    send_answer,
)
from shimoda.processes.sandbox import close_all_but, die_with_parent

Handler = Callable[[Request], tuple[Head, bytes]]


class TimeLimit:
    """Ends this process by SIGALRM when a block takes longer: nothing gentler stops the engine."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


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
    except OSError:  # nobody is at the other end any more
        pass
    finally:  # the copy must not go on with what its parent was doing
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(0)


def serve(channel: socket.socket, handle: Handler) -> None:
    """Say that this process is ready, then answer requests until the other end closes the channel."""
    send(channel, {"ready": True})
    buffer = FrameBuffer()
    while buffer.read(channel):
        while (frame := buffer.next()) is not None:
            send_answer(channel, *answer(decode_request(frame), handle))


def answer(request: Request, handle: Handler) -> tuple[Head, bytes]:
    """Return the answer to a request, or the error that it causes."""
    try:
        return handle(request)
    except MemoryError:
        error: ShimodaError = LimitExceeded("It needed more memory than allowed.", limit="memory")
    except ShimodaError as raised:
        error = raised
    return head_of_error(error), b""


def handle_query(engine: LocalEngine, seconds: float, request: Request) -> tuple[Head, bytes]:
    """Answer a query, or read a graph, in time."""
    with TimeLimit(seconds):
        if isinstance(request, GraphRead):
            return frame_of(engine.read_graph(request))
        assert isinstance(request, Query)
        return frame_of(engine.query(request))
