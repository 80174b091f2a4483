"""A server that is really started: ``with serving("--empty") as server``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PATIENCE = 60
TOKEN = "a-token-for-tests"
SERVER = Path(__file__).parents[1] / "server"


@dataclass(frozen=True)
class Server:
    """Where it listens, and its supervisor."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ready(self) -> bool:
        """Tell whether it answers queries."""
        try:
            return httpx.get(self.url + "/-/ready").status_code == 200
        except httpx.TransportError:
            return False


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def writable(folder: Path) -> tuple[str, ...]:
    """Return the options of a server that takes writes from whoever has TOKEN; a file in the folder holds it."""
    (folder / "tokens").write_text(TOKEN + "\n")
    return "--writable", "--token-file", str(folder / "tokens")


@contextmanager
def serving(folder: Path, *options: str, patience: float = PATIENCE) -> Iterator[Server]:
    """Start ``shimoda serve`` on a free port, wait until it is ready, and end it after the block."""
    port = free_port()
    command = [sys.executable, "-m", "shimoda", "serve", "--port", str(port), *options]
    log = folder / "server.log"
    paths = [str(SERVER), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    server = Server(f"http://127.0.0.1:{port}", port, process, log)
    try:
        give_up = time.monotonic() + patience
        while not server.ready():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.05)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)
