"""A writer that starts again knows what follows, from a checkpoint and what has been touched since, as if it inferred all anew."""

from __future__ import annotations

import errno
import os
import random
import shutil
from contextlib import suppress

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store
from tests.processes.test_replica import GRAPH_WRITES, PREFIXES, UNKNOWN, WRITES

from shimoda.engine.interface import GraphWrite, Update
from shimoda.engine.protection import follow
from shimoda.errors import ShimodaError
from shimoda.processes import generations as generations_module
from shimoda.processes.runtime import Runtime
from shimoda.processes.writer import Writer
from shimoda.reasoning import Upkeep
from shimoda.reasoning.checkpoint import restore
from shimoda.settings import Settings

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ISLAND = "https://w3id.org/shimoda/ontology#Island"
CLAIM = """SELECT ?claim { ?claim s:statedFor <https://w3id.org/shimoda/id/state/japan> ; s:polarity s:Affirmed ;
    s:mode s:Reported ; s:standing s:Undisputed } ORDER BY ?claim LIMIT 1"""


class Alone(Writer):
    """A writer without a reader."""

    def show(self, number, changes):
        self.number = number

    def prepare(self, number):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store that a writer was started on."""
    folder = tmp_path_factory.mktemp("started")
    Alone(Settings(store=folder / "store"), Runtime(folder))
    return folder / "store"


@pytest.fixture
def start(tmp_path, folder):
    """Start a writer of one store, again and again, as after a crash of the last."""
    shutil.copytree(folder, tmp_path / "store", symlinks=True)
    return lambda: Alone(Settings(store=tmp_path / "store"), Runtime(tmp_path))


def held(upkeep: Upkeep) -> list[set[object]]:
    """What is stated, what is inferred, and what each view shows."""
    reasoner = upkeep.reasoner
    shown = {
        (view, triple)
        for view, world in reasoner.worlds.items()
        for triple in reasoner.triples(world.shown)
    }
    return [set(reasoner.triples(reasoner.given)), set(reasoner.inferred()), shown]


def write(writer: Writer, request: str | GraphWrite) -> None:
    with suppress(ShimodaError):
        writer.handle(Update(PREFIXES + request) if isinstance(request, str) else request)


def test_a_writer_goes_on_from_what_was_known_after_whatever_was_written(start):
    choose = random.Random(1)
    writer = start()
    kept = writer.checkpoint.path
    claim = next(writer.engine.store.query(PREFIXES + CLAIM))["claim"]
    speaking = [f"INSERT DATA {{ GRAPH {claim} {{ e:a{n} a s:Island }} }}" for n in range(2)]
    vague = [f"INSERT {{ GRAPH {claim} {{ ?s e:p 1 }} }} WHERE {{ ?s a s:Island }}", *UNKNOWN]
    for _ in range(3):
        for _ in range(5):
            write(writer, choose.choice([*WRITES, *GRAPH_WRITES, *speaking]))
        write(writer, choose.choice(vague))
        writer = start()
        assert writer.checkpoint.path == kept
        generation = writer.generations.path(writer.generations.current())
        assert {*writer.engine.store} == {
            *Store.read_only(str(generation))
        }  # what follows is there
        assert held(writer.upkeep) == held(follow(writer.engine.store))


def test_what_was_noted_and_not_published_is_of_no_account(start):
    writer = start()
    write(writer, WRITES[0])
    expected = held(writer.upkeep)
    with writer.checkpoint.log.open("ab") as log:  # killed before it published, while it wrote
        log.write(b"# 9999999999999\n<http://e/y> <http://e/p> <http://e/z> .\n<http://e/y> <htt")
    after = start()
    assert after.checkpoint.path == writer.checkpoint.path
    assert held(after.upkeep) == expected
    write(after, WRITES[1])
    expected = held(after.upkeep)
    again = start()
    assert again.checkpoint.path == writer.checkpoint.path
    assert held(again.upkeep) == expected


def test_what_cannot_be_published_is_of_no_account_and_ends_the_writer(start, monkeypatch):
    writer = start()
    expected = held(writer.upkeep)
    with monkeypatch.context() as patch:
        patch.setattr(generations_module, "sync", full)  # when all has been noted and written
        with pytest.raises(SystemExit, match="No space left"):
            write(writer, WRITES[0])
    after = start()
    assert held(after.upkeep) == expected
    write(after, WRITES[1])
    assert held(start().upkeep) == held(after.upkeep)


def full(path):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_others_wrote_is_inferred_anew_and_kept(start):
    writer = start()
    write(writer, WRITES[0])
    working = writer.generations.checkout()
    island = Quad(*map(NamedNode, ("http://e/x", RDF_TYPE, ISLAND)), DefaultGraph())
    working.add(island)
    follow(working)
    writer.generations.publish(working, writer.generations.next())
    after = start()
    assert island.triple in held(after.upkeep)[0]
    assert after.checkpoint.path != writer.checkpoint.path
    assert not writer.checkpoint.path.exists()


@pytest.mark.parametrize(
    ("name", "left"),
    [("terms.nt", 0.5), ("pairs.npy", 0.5), ("tables.npy", 0), ("worlds.json", None)],
)
def test_what_is_damaged_is_made_again(start, name, left):
    writer = start()
    file = writer.checkpoint.path / name
    if left is None:
        file.unlink()
    else:
        text = file.read_bytes()
        file.write_bytes(text[: text.rfind(b"\n", 0, int(len(text) * left)) + 1])
    after = start()
    assert held(after.upkeep) == held(writer.upkeep)
    assert restore(after.checkpoint.path).written


def test_a_log_that_is_long_begins_again(start, monkeypatch):
    writer = start()
    write(writer, WRITES[0])
    assert not writer.checkpoint.is_long()
    monkeypatch.setattr(generations_module, "MUCH", 10)
    assert writer.checkpoint.is_long()
    writer.save()
    assert not writer.checkpoint.is_long()
    assert held(start().upkeep) == held(writer.upkeep)
