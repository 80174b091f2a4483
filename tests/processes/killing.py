"""Killing processes of a service while somebody writes to it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
from tests.processes.conftest import TOKEN
from tests.serving import Server

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def descendants(pid: int) -> list[int]:
    """Return the processes below one; none below one that has ended."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    children = [int(child) for one in threads for child in read(one / "children").split()]
    return children + [below for child in children for below in descendants(child)]


def read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and ") Z " not in read(Path(f"/proc/{pid}/stat"))


class Author:
    """Writes pairs of triples one after the other, and remembers which were acknowledged."""

    def __init__(self, server: Server, first: int = 0) -> None:
        self.server, self.number = server, first
        self.acknowledged: list[int] = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.write)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def write(self) -> None:
        while not self.stopped.is_set():
            pair = f"<http://e/{self.number}> <http://e/first> 1 ; <http://e/second> 2"
            try:
                update = {"update": f"INSERT DATA {{ {pair} }}"}
                response = httpx.post(
                    self.server.url + "/update", data=update, headers=HEADERS, timeout=10
                )
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                if response.status_code == 204:
                    self.acknowledged.append(self.number)
            self.number += 1


def named(server: Server, words: str) -> list[int]:
    """Return the processes of a server whose command line has these words, parents first."""
    return [
        pid
        for pid in descendants(server.process.pid)
        if words in read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")
    ]


async def ask_many(server: Server, number: int, connections: int) -> list[httpx.Response | str]:
    """Ask as many different queries over so many connections; return the answers, or how a connection broke.

    A connection that is refused is tried again: nobody held that request yet.
    """
    limits = httpx.Limits(max_connections=connections)
    async with httpx.AsyncClient(limits=limits, timeout=30, verify=False) as client:

        async def ask(each: int) -> httpx.Response | str:
            give_up = time.monotonic() + 20
            while True:
                try:
                    query = f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} # {each} {random.random()}"
                    return await client.post(server.url + "/sparql", data={"query": query})
                except httpx.ConnectError:
                    if time.monotonic() > give_up:
                        raise
                    await asyncio.sleep(0.05)
                except httpx.TransportError as error:
                    return type(error).__name__

        return await asyncio.gather(*map(ask, range(number)))


def written(server: Server) -> tuple[set[int], set[int]]:
    """Return the numbers of which the first half is there, and the second."""
    return half(server, "first"), half(server, "second")


def half(server: Server, name: str) -> set[int]:
    response = httpx.post(
        server.url + "/sparql",
        data={"query": f"SELECT ?s {{ ?s <http://e/{name}> ?o }} #{random.random()}"},
        headers={"Accept": "text/csv"},
    )
    response.raise_for_status()
    return {int(row.rpartition("/")[2]) for row in response.text.split()[1:]}


def time_to_answer(server: Server) -> float:
    """Return how long it takes until a write and a query are answered again."""
    begun = time.monotonic()
    while time.monotonic() - begun < 30:
        try:
            update = {"update": f"INSERT DATA {{ <http://e/now> <http://e/is> {time.time_ns()} }}"}
            if (
                httpx.post(
                    server.url + "/update", data=update, headers=HEADERS, timeout=10
                ).status_code
                == 204
            ):
                written(server)
                return time.monotonic() - begun
        except httpx.HTTPError:
            time.sleep(0.02)
    raise AssertionError("the service did not come back")


def kill_one(server: Server, choose: random.Random) -> float:
    """Kill a process that is not the supervisor; return how long the service is gone."""
    killed = False
    while not killed:
        with suppress(ProcessLookupError):  # it had just ended by itself
            os.kill(choose.choice(descendants(server.process.pid)), signal.SIGKILL)
            killed = True
    return time_to_answer(server)
