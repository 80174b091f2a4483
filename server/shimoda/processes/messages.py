"""How the engine's processes talk over Unix sockets: a frame is a head (JSON) and a body (bytes)."""

import json
import socket
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from shimoda import errors
from shimoda.engine.interface import Answer, GraphWrite, Query, Update
from shimoda.errors import ShimodaError, Unavailable

Head = dict[str, Any]
LENGTHS = struct.Struct("!IQ")
IN_MEMORY = 2**20
CHUNK = 2**18


@dataclass(frozen=True, slots=True)
class GraphRead:
    """A Graph Store operation that reads; ``graph`` None is the default graph."""

    graph: str | None
    media_type: str


Request = Query | Update | GraphWrite | GraphRead
REQUESTS: dict[str, type[Request]] = {
    kind.__name__: kind for kind in (Query, Update, GraphWrite, GraphRead)
}


def send(conn: socket.socket, head: Head, body: bytes = b"") -> None:
    """Send a frame."""
    text = json.dumps(head).encode()
    conn.sendall(LENGTHS.pack(len(text), len(body)) + text)
    if body:  # an empty send fails where the other end has already answered and gone
        conn.sendall(body)


def send_error(conn: socket.socket, error: ShimodaError) -> None:
    """Send an error as a frame that :func:`receive_answer` raises again."""
    send(conn, {"error": type(error).__name__, "detail": error.detail, "where": error.where})


def send_request(conn: socket.socket, request: Request) -> None:
    """Send a request; the body of a write goes as it is."""
    values = {one.name: getattr(request, one.name) for one in fields(request)}
    body = values.pop("body", b"")
    send(conn, {"request": type(request).__name__, "values": values}, body)


def receive_request(conn: socket.socket) -> Request:
    """Receive what :func:`send_request` sent."""
    head, length = receive_head(conn)
    body = b"".join(chunks(conn, length))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in head["values"].items()
    }
    if head["request"] == GraphWrite.__name__:
        values["body"] = body
    kind: Any = REQUESTS[head["request"]]
    return cast(Request, kind(**values))


def receive_answer(conn: socket.socket) -> tuple[Head, bytes | Path]:
    """Receive an answer, a long body into a file; raise the error that came instead of one."""
    head, length = receive_head(conn)
    if "error" in head:
        raise getattr(errors, head["error"])(head["detail"], **head["where"])
    if length <= IN_MEMORY:
        return head, b"".join(chunks(conn, length))
    with tempfile.NamedTemporaryFile(prefix="shimoda-answer-", delete=False) as file:
        try:
            file.writelines(chunks(conn, length))
        except BaseException:
            Path(file.name).unlink()
            raise
    return head, Path(file.name)


def receive_head(conn: socket.socket) -> tuple[Head, int]:
    """Receive a frame's head, and the length of the body that follows it."""
    text_length, body_length = LENGTHS.unpack(b"".join(chunks(conn, LENGTHS.size)))
    return json.loads(b"".join(chunks(conn, text_length))), body_length


def chunks(conn: socket.socket, length: int) -> Iterator[bytes]:
    """Receive exactly so many bytes, piece by piece; Unavailable when the other side ends before that."""
    while length:
        piece = conn.recv(min(length, CHUNK))
        if not piece:
            raise Unavailable("The engine ended before its answer was whole. Try again.")
        length -= len(piece)
        yield piece


def frame_of(answer: Answer) -> tuple[Head, bytes]:
    """Return the frame that holds an answer."""
    assert isinstance(answer.body, bytes)
    names = ("form", "media_type", "rows", "cacheable")
    return {name: getattr(answer, name) for name in names}, answer.body


def answer_of(head: Head, body: bytes | Path) -> Answer:
    """Make the answer that a frame holds."""
    return Answer(body=body, **head)
