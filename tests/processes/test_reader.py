"""What the reader does when a process at its other end does not do its part."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager

import pytest
from pyoxigraph import NamedNode

from shimoda.engine.interface import Query
from shimoda.processes import reader as readers
from shimoda.processes.generations import Generations
from shimoda.processes.messages import (
    encode_request,
    receive,
    receive_packet,
    results_of,
    send_packet,
)
from shimoda.processes.reader import Reader
from shimoda.processes.runtime import Runtime
from shimoda.settings import Settings


@pytest.fixture
def reader(tmp_path):
    """A reader on the first generation of an empty dataset, in this process."""
    with reading(tmp_path, Settings(empty=True)) as found:
        yield found


@contextmanager
def reading(tmp_path, settings):
    """Yield a reader on generation 1, in this process."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGCHLD)}
    runtime = Runtime(tmp_path)
    with runtime.listen("reader", socket.SOCK_SEQPACKET) as listener:
        found = Reader(settings, runtime, listener)
        found.open(1)
        yield found
    signal.set_wakeup_fd(-1)
    found.loop.woken.close()
    for peer in found.peers:
        peer.conn.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def connect(reader: Reader, message: dict[str, object]) -> socket.socket:
    """Connect as another process does, and say something."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    peer.settimeout(5)
    peer.connect(reader.runtime.address("reader"))
    known = set(reader.peers)
    reader.admit()
    (admitted,) = reader.peers - known
    send_packet(peer, message)
    reader.hear(admitted)
    return peer


def test_a_write_does_not_wait_for_ever_for_an_http_process_that_cannot_turn(reader, monkeypatch):
    with (
        connect(reader, {"attach": 1}) as stuck,
        connect(reader, {"open": 2, "base": 1, "keeps_default_graph": False}) as writer,
    ):
        assert [receive_packet(stuck) for _ in range(2)] == [({"turn": 1}, []), ({"turn": 2}, [])]
        reader.tick()
        assert reader.runtime.version[0] == 1
        monkeypatch.setattr(readers, "PATIENCE", 0.0)
        reader.tick()
        assert reader.runtime.version[0] == 2
        assert receive_packet(writer) == ({"oldest": 2}, [])
        assert receive_packet(stuck) is None


def test_the_generation_of_which_a_replica_is_made_is_kept(reader):
    reader.dumping = 0, 1, None
    with connect(reader, {"open": 2, "base": 1, "keeps_default_graph": False}) as writer:
        assert receive_packet(writer) == ({"oldest": 1}, [])


@pytest.mark.parametrize("prepared", [1, 2])
def test_a_worker_answers_from_the_generation_that_is_current_whatever_it_opened_before(
    tmp_path, prepared
):
    settings = Settings(empty=True, store=tmp_path / "store")
    generations = Generations(settings.store)
    store, node = generations.checkout(), NamedNode("urn:generation")
    for number in (1, 2):
        store.update(f"DELETE WHERE {{ ?s ?p ?o }}; INSERT DATA {{ {node} {node} {number} }}")
        generations.publish(store, number)
    with reading(tmp_path, settings) as reader, connect(reader, {"attach": 1}) as front:
        (peer,) = reader.peers
        reader.spare = reader.fork(ahead=True)
        connect(reader, {"prepare": prepared}).close()
        reader.open(2)
        reader.start(peer, "query")
        told = [receive_packet(front) for _ in range(3)]
        assert [sorted(head) for head, _ in told] == [
            ["turn"],
            ["turn"],
            ["generation", "kind", "worker"],
        ]
        with socket.socket(fileno=told[2][1][0]) as worker:
            worker.settimeout(5)
            assert receive(worker) == ({"ready": True}, b"")
            worker.sendall(encode_request(Query("SELECT ?n { ?s ?p ?n }")))
            found = results_of(receive(worker))
        assert b'"value":"2"' in found.body
