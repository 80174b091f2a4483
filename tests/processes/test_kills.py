"""What was acknowledged is there, whoever is killed; what was not is there whole or not at all."""

from __future__ import annotations

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from tests.processes.killing import Author, alive, descendants, kill_one, written
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
                time.sleep(0.3 + 0.1 * turn)
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
