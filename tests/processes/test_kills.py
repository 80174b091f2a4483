"""What was acknowledged is there, whoever is killed; what was not is there whole or not at all."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.processes.killing import (
    Author,
    alive,
    ask_many,
    descendants,
    kill_one,
    named,
    written,
)
from tests.serving import serving


def test_killing_any_process_but_the_supervisor_loses_no_acknowledged_write(serve, tmp_path):
    service = serve("--empty", "--store", str(tmp_path / "store"))
    choose = random.Random(5)
    with Author(service.server) as author:
        for _ in range(10):
            time.sleep(choose.uniform(0, 0.3))
            kill_one(service.server, choose)
    first, second = written(service.server)
    assert len(author.acknowledged) > 5
    assert set(author.acknowledged) <= first
    assert first == second


HELD = {"worker": 1, "writer": 0, "reader": 16, "HTTP worker": 32, "HTTP server": 32}
"""For each process, how many of the requests under way it can hold."""


@pytest.fixture(scope="module")
def busy(tmp_path_factory, token_file):
    """A server that is asked much, and the folder for its files."""
    folder = tmp_path_factory.mktemp("busy")
    options = ("--empty", "--writable", "--token-file", str(token_file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        with serving(folder, *options, "--store", str(folder / "store")) as server:
            yield server, folder


@pytest.mark.parametrize("name", HELD)
def test_a_killed_process_fails_only_the_requests_that_it_held(busy, name):
    server, folder = busy
    asyncio.run(ask_many(server, 50, 32))

    def victim() -> int:
        (reader, *workers), (http, *https) = (
            named(server, words) for words in ("processes.reader", "web.server")
        )
        if name == "writer":
            return named(server, "processes.writer")[0]
        serving = {
            "reader": [reader],
            "worker": workers,
            "HTTP server": [http],
            "HTTP worker": https,
        }
        return serving[name][-1]

    async def kill_meanwhile() -> list[httpx.Response | str]:
        asking = asyncio.create_task(ask_many(server, 300, 32))
        await asyncio.sleep(0.1)
        os.kill(victim(), signal.SIGKILL)  # workers of the start may have left since
        return await asking

    answers = asyncio.run(kill_meanwhile())
    broken = [answer for answer in answers if isinstance(answer, str)]
    failed = [answer for answer in answers if not isinstance(answer, str) and answer.is_error]
    assert len(broken) + len(failed) <= HELD[name]
    assert not broken or name.startswith("HTTP")
    assert {answer.headers["Content-Type"] for answer in failed} <= {"application/problem+json"}
    assert {answer.json()["code"] for answer in failed} <= {"unavailable"}
    (run,) = folder.glob("shimoda-*")
    assert sorted(file.name for file in run.iterdir()) == ["reader.sock", "version", "write.sock"]


def test_killing_the_supervisor_leaves_nothing_running_and_a_new_start_loses_nothing(
    tmp_path, token_file
):
    options = (
        "--empty",
        "--writable",
        "--token-file",
        str(token_file),
        "--store",
        str(tmp_path / "store"),
    )
    number, acknowledged = 0, set()
    for turn in range(3):
        with serving(tmp_path, *options) as server:
            before, _ = written(server)
            assert acknowledged <= before
            processes = descendants(server.process.pid)
            with Author(server, number) as author:
                while len(author.acknowledged) < 2:
                    time.sleep(0.01)
                time.sleep(0.1 * turn)
                server.process.send_signal(signal.SIGKILL)
                server.process.wait()
                give_up = time.monotonic() + 5
                while any(map(alive, processes)) and time.monotonic() < give_up:
                    time.sleep(0.01)
            assert not [pid for pid in processes if alive(pid)]
            number, acknowledged = author.number, acknowledged | set(author.acknowledged)
    with serving(tmp_path, *options) as server:
        first, second = written(server)
    assert len(acknowledged) > 3
    assert acknowledged <= first
    assert first == second


def test_a_graceful_stop_answers_what_is_under_way(serve):
    service = serve("--empty", "--timeout", "5")
    slow = (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES ?x{n} {{ 1 2 3 4 5 6 7 8 9 0 }}" for n in range(6))
        + " }"
    )
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(service.ask, slow)
        time.sleep(0.15)
        service.server.process.terminate()
        assert answer.result().text.split() == ["n", "1000000"]
    assert service.server.process.wait(20) == 0
