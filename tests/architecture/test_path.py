"""How many modules a request goes through, from socket to socket, in all processes that work on it."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from tests.processes.killing import descendants, named
from tests.serving import TOKEN, Server, serving, writable

from shimoda.paths import PACKAGE

TRACING = Path(__file__).parent / "tracing"


@pytest.fixture
def traced(tmp_path, monkeypatch):
    """A folder into which every process of a server that is started here writes what it runs."""
    folder = tmp_path / "trace"
    folder.mkdir()
    monkeypatch.setenv("TRACE_FOLDER", str(folder))
    monkeypatch.setenv("TRACE_PACKAGE", str(PACKAGE))
    monkeypatch.setenv("PYTHONPATH", str(TRACING))
    return folder


def ask(server: Server, text: str) -> None:
    answer = httpx.get(server.url + "/sparql", params={"query": text}, timeout=60)
    assert answer.status_code == 200


def wait_for_rest(server: Server) -> None:
    """Wait until no worker is new: those of the start make room for others that share what took long to make."""
    workers, now = None, named(server, "processes.reader")
    while workers != now:
        time.sleep(2)
        workers, now = now, named(server, "processes.reader")


def write(server: Server, text: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx.post(server.url + "/update", data={"update": text}, headers=headers, timeout=120)
    assert answer.status_code == 204, answer.text


def modules(folder: Path, processes: list[int]) -> set[str]:
    """Return the modules that these processes ran, and those forked since."""
    found: set[str] = set()
    for process in processes:
        file = folder / str(process)
        found |= set(file.read_text().split()) if file.exists() else set()
    return {str(Path(name).relative_to(PACKAGE)) for name in found}


def test_a_select_goes_through_ten_modules_at_most(tmp_path, traced):
    with serving(tmp_path, "--empty") as server:
        for number in range(20):
            ask(server, f"SELECT * {{ ?s ?p {number} }}")
        wait_for_rest(server)
        (traced / "on").touch()
        ask(server, "SELECT (1 AS ?x) {}")
        (traced / "on").unlink()
        _, *workers = named(server, "processes.reader")
        found = modules(traced, [*named(server, "web.server"), *workers])
    assert {"web/server.py", "processes/pool.py", "engine/local.py"} <= found
    assert len(found) <= 10, " ".join(sorted(found))


def test_a_write_goes_through_eighteen_modules_at_most_beside_reasoning(tmp_path, store, traced):
    with serving(tmp_path, *writable(tmp_path), "--store", str(tmp_path / "store")) as server:
        write(server, "INSERT DATA { <http://e/a> <http://e/b> 1 }")
        wait_for_rest(server)
        (traced / "on").touch()
        write(server, "INSERT DATA { <http://e/c> <http://e/d> 2 }")
        (traced / "on").unlink()
        found = modules(traced, [server.process.pid, *descendants(server.process.pid)])
    assert {"web/sparql.py", "processes/writer.py", "processes/reader.py"} <= found
    others = {name for name in found if not name.startswith(("reasoning/", "namespaces"))}
    assert len(others) <= 18, " ".join(sorted(others))
