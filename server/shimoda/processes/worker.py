"""The loop of a process that answers: a client's connection comes in, its request is answered, the next."""

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from shimoda.errors import LimitExceeded, ShimodaError, Unavailable
from shimoda.processes import messages as wire

IDLE, ANSWERING, LEAVING = b"i", b"a", b"l"
PATIENCE = 10.0
"""Seconds that a client, itself a process of this service, may take to send or receive a piece."""

Handler = Callable[[wire.Request], tuple[wire.Head, bytes]]


def serve(channel: socket.socket, handle: Handler, most: int | None = None) -> None:
    """Answer the clients that come over the channel until it closes, or until ``most`` are answered.

    The other end learns what this process is doing from one byte each: until ANSWERING is said, it may
    answer the client itself should this process die.
    """
    answered = 0
    while most is None or answered < most:
        channel.sendall(IDLE)
        message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        if not message:
            return
        with socket.socket(fileno=descriptors[0]) as client:
            client.settimeout(PATIENCE)
            answer(client, channel, handle)
        answered += 1
    channel.sendall(LEAVING)


def answer(client: socket.socket, channel: socket.socket, handle: Handler) -> None:
    """Answer one client: with what its request gives, or with the error that it causes."""
    try:
        request = wire.receive_request(client)
    except (OSError, Unavailable):  # it has gone
        return
    try:
        send = partial(wire.send, client, *handle(request))
    except MemoryError:
        send = partial(
            wire.send_error,
            client,
            LimitExceeded("It needed more memory than allowed.", limit="memory"),
        )
    except ShimodaError as error:
        send = partial(wire.send_error, client, error)
    channel.sendall(ANSWERING)
    with suppress(OSError):
        send()
