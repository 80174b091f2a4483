"""Generations of a store on disk: each holds what was written before it, however it lies in the files."""

from __future__ import annotations

import signal

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store
from tests.processes.killing import descendants, read

from shimoda.processes import generations as module
from shimoda.processes.generations import Generations

PLACE = NamedNode("http://e/p")


@pytest.fixture
def generations(tmp_path):
    (tmp_path / "store").mkdir()
    return Generations(tmp_path / "store")


def write(store: Store, number: int) -> None:
    subject = NamedNode(f"http://e/{number}")
    store.add(Quad(subject, PLACE, Literal(number), DefaultGraph()))


def held(generations: Generations, number: int) -> int:
    return len(Store.read_only(str(generations.path(number))))


@pytest.mark.parametrize("length", [0, 2**30], ids=["flushed and merged", "in the log"])
def test_every_generation_holds_all_that_was_written_before_it(generations, monkeypatch, length):
    monkeypatch.setattr(module, "LONG_LOG", length)
    store = generations.checkout()
    for number in range(1, 41):
        write(store, number)
        generations.publish(store, number)
    assert [held(generations, number) for number in range(1, 41)] == list(range(1, 41))


def test_what_is_only_in_the_log_comes_along_in_a_working_copy_and_in_a_backup(
    generations, tmp_path
):
    store = generations.checkout()
    write(store, 1)
    generations.publish(store, 1)
    backup = Generations(tmp_path / "backup")
    backup.take(generations.path(1), 7)
    assert (held(backup, 7), backup.current()) == (1, 7)
    assert len(generations.checkout()) == 1


def test_a_folder_that_goes_while_it_is_copied_is_an_error_and_no_endless_loop(generations):
    with pytest.raises(FileNotFoundError):
        generations.take(generations.path(5), 6)


def test_a_disk_without_hard_links_gets_copies(generations, monkeypatch):
    store = generations.checkout()
    write(store, 1)
    store.flush()

    def refuse(*_: object) -> None:
        raise OSError(module.errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(module.Path, "hardlink_to", refuse)
    generations.publish(store, 1)
    assert held(generations, 1) == 1


def test_a_write_is_seen_after_the_worker_that_was_to_read_it_was_killed(serve, tmp_path):
    service = serve("--empty", "--store", str(tmp_path / "store"))
    for number in range(3):
        for pid in descendants(service.server.process.pid):
            if "processes.reader" in read(module.Path(f"/proc/{pid}/cmdline")) and not descendants(
                pid
            ):
                module.os.kill(pid, signal.SIGKILL)
        update = f"INSERT DATA {{ <http://e/{number}> <http://e/p> 1 }}"
        assert service.update(update).status_code == 204
        assert service.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [str(number + 1)]
