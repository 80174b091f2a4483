"""Starting, stopping, reloading, and what the settings cannot be."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from tests.processes.killing import alive, descendants
from tests.serving import SERVER, serving


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shimoda", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(SERVER)}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, timeout=60
    )


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--empty", "--writable", "--token-file", "/nowhere/tokens"], "/nowhere/tokens"),
        (["--writable"], "--store"),
        (["--store", "{folder}/none"], "shimoda load"),
        (["--empty", "--federate", "ftp://example.org/"], "ftp"),
        (["--port", "many"], "--port"),
        (["--port", "99999"], "99999"),
        (["--host", "nowhere.invalid"], "nowhere.invalid"),
        (["--empty", "--writable", "--store", "/dev/null/store"], "/dev/null/store"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(tmp_path, options, word):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    done = run(
        "serve", "--port", port, *(option.replace("{folder}", str(tmp_path)) for option in options)
    )
    assert done.returncode == 1
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--empty", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "in use" in done.stderr and "Traceback" not in done.stderr


def test_a_store_is_served_by_one_service_only(tmp_path, serve):
    serve("--empty", "--store", str(tmp_path / "store"))
    (tmp_path / "a.ttl").write_text("<http://e/s> <http://e/p> 1 .")
    for command in (
        ["load", "--store", str(tmp_path / "store"), str(tmp_path / "a.ttl")],
        ["restore", str(tmp_path / "store"), str(tmp_path / "store")],
    ):
        done = run(*command)
        assert done.returncode == 1
        assert "in use" in done.stderr


def test_stopping_leaves_nothing_behind(tmp_path):
    with serving(tmp_path, "--empty") as server:
        processes = descendants(server.process.pid)
        assert len(processes) >= 4
        server.process.terminate()
        assert server.process.wait(20) == 0
    assert not [pid for pid in processes if alive(pid)]


def test_a_reload_raises_the_version_and_answers_all_the_while(tmp_path):
    with serving(tmp_path, "--empty") as server:
        before = httpx.get(server.url + "/-/version").json()
        server.process.send_signal(signal.SIGHUP)
        give_up = time.monotonic() + 10
        while httpx.get(server.url + "/-/version").json() == before:
            assert time.monotonic() < give_up
            assert (
                httpx.get(server.url + "/sparql", params={"query": "ASK {}"}).json()["boolean"]
                is True
            )


def test_not_ready_while_no_worker_can_answer(tmp_path):
    with serving(tmp_path, "--empty", "--workers", "1") as server:
        reader = next(
            pid for pid in descendants(server.process.pid) if "reader" in command_line(pid)
        )
        os.kill(reader, signal.SIGSTOP)  # it forks none from now on
        stopped = [reader, *descendants(reader)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        assert httpx.get(server.url + "/-/ready", timeout=10).status_code == 503
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        assert httpx.get(server.url + "/-/ready", timeout=10).status_code == 200


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_long_requests_and_short_ones_each_get_their_own_answer(serve):
    service = serve("--empty", "--cache", "0")

    def ask(number: int) -> list[str]:
        comment = "x" * (number % 3 * 400_000)
        return service.rows(f"SELECT ({number} AS ?n) {{}} #{comment}")

    numbers = range(90)
    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(ask, numbers)) == [[str(number)] for number in numbers]
