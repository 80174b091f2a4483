"""The server's end of RSGI, held by a test: what granian hands over, and what it takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class Protocol:
    """Takes a response."""

    def __init__(self) -> None:
        self.status, self.body = 0, b""

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.body = status, body


class Headers(dict[str, str]):
    """The headers of a request."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]] if name in self else []


def scope(query_string: str, accept: str, path: str = "/sparql") -> Any:
    """Return what there is to say of a request."""
    return SimpleNamespace(
        method="GET",
        path=path,
        query_string=query_string,
        headers=Headers({"host": "127.0.0.1:7878", "accept": accept}),
        scheme="http",
        client="127.0.0.1:40000",
        server="127.0.0.1:7878",
        http_version="1.1",
    )
