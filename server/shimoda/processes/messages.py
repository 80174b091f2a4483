"""How the processes of a service talk over Unix sockets: a frame is a head (JSON) and a body (bytes or a file)."""

import json
import os
import socket
import struct
import tempfile
from array import array
from collections.abc import Callable, Sequence
from operator import attrgetter
from signal import ITIMER_REAL, setitimer
from typing import Any, BinaryIO, cast

from shimoda import errors
from shimoda.engine.interface import GraphRead, GraphWrite, Query, Update
from shimoda.errors import LimitExceeded, ShimodaError, Unavailable
from shimoda.sparql.results import Results

dumps, loads = json.JSONEncoder().encode, json.JSONDecoder().decode
Head = dict[str, Any]
Body = bytes | BinaryIO
Request = Query | Update | GraphRead | GraphWrite
Frame = tuple[Head, Body]
Handler = Callable[[Request], Results | bool]

KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Query, Update, GraphRead, GraphWrite)}
VALUES = {name: attrgetter(*kind.__slots__) for name, kind in KINDS.items()}
LISTS = {"default_graphs", "named_graphs", "using_graphs", "using_named_graphs", "tags"}
LENGTHS = struct.Struct("!IQ?")
"""Of the head, of the body, and whether the body lies in a file whose descriptor comes along."""
PIECE = 2**16
IN_FRAME = 2**16
"""Bytes of an answer that go through the socket; a longer one goes in a file."""
IN_MEMORY = 2**22
"""Bytes of an answer that are held in memory; a longer one lies on disk, and has no name there."""
DESCRIPTORS = socket.CMSG_SPACE(4 * array("i").itemsize)


def encode(head: Head, body: bytes = b"", *, in_file: bool = False) -> bytes:
    """Write a frame; a body in a file is sent apart."""
    text = dumps(head).encode()
    return LENGTHS.pack(len(text), len(body), in_file) + text + (b"" if in_file else body)


def send(conn: socket.socket, head: Head, body: bytes = b"") -> None:
    """Send a frame on a blocking socket."""
    conn.sendall(encode(head, body))


def send_answer(conn: socket.socket, head: Head, body: bytes) -> None:
    """Send a frame on a blocking socket, a long body in a file."""
    if len(body) <= IN_FRAME:
        send(conn, head, body)
        return
    with in_file(body) as file:
        text = encode(head, body, in_file=True)
        sent = socket.send_fds(conn, [text], [file.fileno()])
        conn.sendall(text[sent:])


def in_file(body: bytes) -> BinaryIO:
    """Put a body into a file without a name, in memory or on disk."""
    if len(body) <= IN_MEMORY:
        file = cast(BinaryIO, os.fdopen(os.memfd_create("answer"), "r+b"))
    else:
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 (whoever asked closes it)
    file.write(body)
    file.seek(0)
    return file


class FrameBuffer:
    """Puts frames together from what a socket gives, piece by piece."""

    def __init__(self) -> None:
        self.piece = bytearray(PIECE)
        self.data = bytearray()
        self.descriptors: list[int] = []

    def read(self, conn: socket.socket) -> bool:
        """Take what has come; tell whether the other end is still there."""
        length, messages, _, _ = conn.recvmsg_into([self.piece], DESCRIPTORS)
        for level, kind, numbers in messages:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self.descriptors += array("i", numbers)
        self.data += memoryview(self.piece)[:length]
        return length > 0

    def next(self) -> Frame | None:
        """Return a frame if one is whole."""
        if len(self.data) < LENGTHS.size:
            return None
        head_length, body_length, is_file = LENGTHS.unpack_from(self.data)
        body_start = LENGTHS.size + head_length
        end = body_start + (0 if is_file else body_length)
        if len(self.data) < end:
            return None
        head = loads(self.data[LENGTHS.size : body_start].decode())
        body = self.file(body_length) if is_file else bytes(self.data[body_start:end])
        del self.data[:end]
        return head, body

    def file(self, length: int) -> Body:
        """Return the body that lies in the file whose descriptor came along."""
        file = cast(BinaryIO, os.fdopen(self.descriptors.pop(0), "rb"))
        if length > IN_MEMORY:
            return file
        with file:
            return os.pread(file.fileno(), length, 0)


def receive(conn: socket.socket, buffer: FrameBuffer | None = None) -> Frame:
    """Receive a frame on a blocking socket; Unavailable when the other end is gone before it is whole.

    ``buffer`` keeps what comes behind it, where more than one frame may come at once.
    """
    buffer = buffer or FrameBuffer()
    while (frame := buffer.next()) is None:
        if not buffer.read(conn):
            raise Unavailable("The process at the other end has ended.")
    return frame


def encode_request(request: Request) -> bytes:
    """Write a request as a frame: its kind and its values; the body of a write goes as it is."""
    kind = type(request).__name__
    values = dict(zip(request.__slots__, VALUES[kind](request), strict=True))
    body = values.pop("body", b"")
    return encode({"request": kind, "values": values}, body)


def decode_request(frame: Frame) -> Request:
    """Make the request that a frame holds."""
    head, body = frame
    kind, values = head["request"], head["values"]
    for name in values.keys() & LISTS:
        values[name] = values[name] and tuple(values[name])
    if kind == GraphWrite.__name__:
        values["body"] = body
    request: Request = KINDS[kind](**values)
    return request


def head_of_error(error: ShimodaError) -> Head:
    """Return the head of a frame that says what went wrong."""
    return {"error": type(error).__name__, "detail": error.detail, "where": error.where}


def frame_of(found: Results | bool) -> tuple[Head, bytes]:
    """Return head and body of a frame that holds results, or whether a write made a new graph."""
    if isinstance(found, bool):
        return {"created": found}, b""
    names = ("form", "media_type", "count", "cacheable", "default_graph_only")
    assert isinstance(found.body, bytes)
    return {name: getattr(found, name) for name in names}, found.body


def results_of(frame: Frame) -> Results:
    """Make the results that a frame holds, or raise the error that it holds instead."""
    head, body = frame
    check(head)
    return Results(body=body, **head)


def check(head: Head) -> None:
    """Raise the error that a frame holds."""
    if "error" in head:
        raise getattr(errors, head["error"])(head["detail"], **head["where"])


def serve(channel: socket.socket, handle: Handler, seconds: float) -> None:
    """Say that this process is ready, then answer requests until the other end closes the channel.

    A request that takes longer than ``seconds`` ends this process by SIGALRM: nothing gentler stops the engine.
    """
    send(channel, {"ready": True})
    buffer = FrameBuffer()
    while buffer.read(channel):
        while (frame := buffer.next()) is not None:
            request = decode_request(frame)
            wanted = request.seconds if isinstance(request, Query) else None
            setitimer(ITIMER_REAL, min(seconds, wanted or seconds))
            found = answer(request, handle)
            setitimer(ITIMER_REAL, 0)
            send_answer(channel, *found)


def answer(request: Request, handle: Handler) -> tuple[Head, bytes]:
    """Return the answer to a request, or the error that it causes."""
    try:
        return frame_of(handle(request))
    except MemoryError:
        error: ShimodaError = LimitExceeded("It needed more memory than allowed.", limit="memory")
    except ShimodaError as raised:
        error = raised
    return head_of_error(error), b""


def send_packet(conn: socket.socket, message: Head, descriptors: Sequence[int] = ()) -> None:
    """Send a small message whole, with descriptors, on a socket that keeps packets apart."""
    socket.send_fds(conn, [dumps(message).encode()], list(descriptors))


def receive_packet(conn: socket.socket) -> tuple[Head, list[int]] | None:
    """Receive a message and its descriptors; None when the other end is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(conn, 2**12, 4)
    except ConnectionResetError:
        return None
    return (loads(data.decode()), descriptors) if data else None
