"""The replica of a store on disk: the same as the generation, after every write; and who answers from it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from tempfile import TemporaryFile

import pytest
from pyoxigraph import Store
from tests.processes.killing import named

from shimoda.engine.interface import GraphWrite, Update
from shimoda.errors import ShimodaError
from shimoda.processes import generations as generations_module
from shimoda.processes.generations import Generations, Replica
from shimoda.processes.runtime import Runtime
from shimoda.processes.writer import Writer
from shimoda.settings import Settings

E = "http://e/"
PREFIXES = "PREFIX e: <http://e/> PREFIX s: <https://w3id.org/shimoda/ontology#> "
WRITES = [
    *[f"INSERT DATA {{ e:a{n} e:p e:b{n % 3} ; e:q {n} . e:b{n} a s:Island }}" for n in range(4)],
    *[f"DELETE DATA {{ e:a{n} e:p e:b{n % 3} . e:b{n} a s:Island }}" for n in range(4)],
    "INSERT DATA { <<( e:a e:p e:b )>> e:q 1 }",
    "INSERT DATA { e:t rdfs:subClassOf e:u . e:x a e:t . e:y a e:t }",
    "DELETE DATA { e:x a e:t }",
    'INSERT DATA { e:a e:q "x"@en--ltr , "\\t\\n\\"" }',
    "DELETE { ?s e:q ?o } INSERT { ?s e:r ?o } WHERE { ?s e:q ?o }",
    "DELETE WHERE { ?s e:r ?o }",
    "INSERT DATA { GRAPH e:g { e:a e:p 1 , 2 } }",
    "DELETE DATA { GRAPH e:g { e:a e:p 1 , 2 } }",
    "DELETE DATA { GRAPH e:none { e:a e:p 1 } }",
    "INSERT DATA { GRAPH e:h { e:a e:p 1 } } ; INSERT DATA { e:a e:p 1 } ; DELETE DATA { GRAPH e:h { e:a e:p 1 } }",
    "INSERT DATA { GRAPH e:empty { } }",
    "INSERT DATA { e:a a e:nonsense ; this does not parse",
    "DELETE WHERE { ?s a s:State }",  # protected
]
UNKNOWN = [
    "INSERT DATA { _:b e:p 1 }",
    "INSERT { GRAPH e:k { ?s e:p 1 } } WHERE { ?s a s:Island }",
    "DROP SILENT GRAPH e:g",
    "CREATE GRAPH e:made",
]
GRAPH_WRITES = [
    GraphWrite("PUT", E + "put", b"<http://e/a> <http://e/p> 1 , _:b .", "text/turtle"),
    GraphWrite("PUT", E + "put", b"", "text/turtle"),
    GraphWrite("POST", E + "put", b"<http://e/a> <http://e/p> 2 .", "text/turtle"),
    GraphWrite("DELETE", E + "put", b"", ""),
    GraphWrite("POST", None, b"<http://e/a> <http://e/p> 7 .", "text/turtle"),
    GraphWrite("DELETE", E + "g", b"", ""),
]


class Following(Writer):
    """A writer whose generations a replica follows, here, instead of in the reader."""

    replica: Replica | None = None
    made = 0

    def show(self, number, changes):
        base, self.number = self.number, number
        if self.replica is None or not self.replica.follow(base, number, changes):
            self.replica = Replica(number)
            with TemporaryFile() as file:
                assert not self.replica.read(file)
                self.generations.dump(number, file)
                assert not self.replica.read(file)  # as long as a part is not written
                file.flush()
                assert self.replica.read(file)
            self.made += 1

    def prepare(self, number):
        pass


def differs(replica: Replica, generations: Generations) -> set[object]:
    """Return what only one of them has."""
    kept = Store.read_only(str(generations.path(generations.current())))
    graphs = {*replica.store.named_graphs()} ^ {*kept.named_graphs()}
    return graphs | ({*replica.store} ^ {*kept})


def write(writer: Following, request: Update | GraphWrite) -> None:
    with suppress(ShimodaError):
        writer.handle(request)


@pytest.mark.parametrize(("options", "number"), [({}, 15), ({"empty": True}, 200)])
def test_a_replica_is_what_the_generation_is_after_every_write(tmp_path, store, options, number):
    choose = random.Random(number)
    writer = Following(Settings(store=tmp_path / "store", **options), Runtime(tmp_path))
    while not writer.replica.load(1000):
        pass
    assert not writer.journal.touched  # nothing is written anew at the start
    plain = [*(Update(PREFIXES + text) for text in WRITES), *GRAPH_WRITES]
    for place in range(number):
        write(writer, choose.choice(plain))
        if place % 5 == 0:
            assert differs(writer.replica, writer.generations) == set()
    assert writer.made == 1
    for text in UNKNOWN:
        write(writer, Update(PREFIXES + text))
        assert not writer.replica.is_whole
        for later in choose.choices(plain, k=2):  # it follows while it is still read
            write(writer, later)
        while not writer.replica.load(20_000):
            write(writer, choose.choice(plain))
        assert differs(writer.replica, writer.generations) == set()


def test_a_replica_follows_only_what_is_known_of_its_own_generation(monkeypatch):
    replica = Replica(1)
    replica.rest = iter(())
    assert replica.load(1)
    assert replica.follow(1, 2, (b"", b"<http://e/a> <http://e/p> <http://e/o> .\n"))
    assert replica.follow(1, 2, None)  # shown again
    assert len(replica.store) == 1
    assert not replica.follow(1, 3, (b"", b""))
    assert not replica.follow(2, 3, None)
    monkeypatch.setattr(generations_module, "MOST_REMOVED", 0)
    assert replica.follow(2, 3, (b"<http://e/a> <http://e/p> <http://e/o> .\n", b""))
    assert len(replica.store) == 0
    assert not replica.follow(3, 4, (b"", b""))


@pytest.mark.parametrize("replica", [True, False])
def test_workers_share_the_replica_and_need_no_files_unless_there_is_none(serve, tmp_path, replica):
    folder = tmp_path / "store"
    options = ("--timeout", "2", *(() if replica else ("--replica", "0")))
    service = serve("--empty", "--store", str(folder), "--cache", "0", *options)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    for number in range(3):
        assert service.update(f"INSERT DATA {{ <{E}{number}> <{E}p> 1 }}").status_code == 204
        assert service.rows(count) == [str(number + 1)]
        time.sleep(2 if number == 0 else 0)  # for the replica
    shutil.rmtree(folder / "generations")
    workers = named(service.server, "processes.reader")[1:]
    assert service.rows(count) == ["3"]
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    time.sleep(1)
    answer = service.ask(count)
    assert answer.status_code == (200 if replica else 503)
