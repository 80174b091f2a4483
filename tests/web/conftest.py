"""A server in this process: the real application over a real store, without workers and disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from shimoda.engine.interface import Answer, GraphWrite, Query, Update
from shimoda.engine.local import Dataset
from shimoda.errors import UnknownName
from shimoda.processes.messages import GraphRead
from shimoda.settings import Settings
from shimoda.sparql.syntax import explained
from shimoda.web.app import create_app

TOKEN = "a token for tests"
Connect = Callable[..., FlaskClient]

DATA = """
PREFIX : <http://example.org/>
:a :label "one", "ichi"@en , "一"@ja .
:b :label "two" .
GRAPH :g { :c :label "in a graph" }
GRAPH :h { :d :label "in another" }
"""


class Embedded:
    """The engine's evaluation on a store that this process holds."""

    def __init__(self) -> None:
        self.store = Store()
        self.store.load(DATA.encode(), RdfFormat.TRIG)
        self.dataset = Dataset(self.store, 100_000, 10_000_000)
        self.version = 1
        self.asked: list[Query] = []
        self.updates: list[Update] = []
        self.is_ready = True

    def ready(self) -> bool:
        return self.is_ready

    def query(self, query: Query) -> Answer:
        self.asked.append(query)
        return self.dataset.query(query)

    def update(self, update: Update) -> None:
        with explained(update.text):
            self.store.update(update.text, base_iri=update.base)
        self.updates.append(update)
        self.version += 1

    def read_graph(self, graph: str | None, media_type: str) -> Answer:
        return self.dataset.read_graph(GraphRead(graph, media_type))

    def write_graph(self, write: GraphWrite) -> bool:
        name = NamedNode(write.graph) if write.graph else DefaultGraph()
        known = isinstance(name, DefaultGraph) or self.store.contains_named_graph(name)
        if write.method == "DELETE" and not known:
            raise UnknownName("There is no such graph.")
        fresh = Store()
        if write.method != "DELETE":
            with explained():
                fresh.load(
                    write.body,
                    RdfFormat.from_media_type(write.media_type),
                    to_graph=name,
                    base_iri=write.base,
                )
        if write.method != "POST":
            self.store.remove_graph(name)
        if write.method != "DELETE" and isinstance(name, NamedNode):
            self.store.add_graph(name)
        self.store.extend(fresh)
        self.version += 1
        return not known


@pytest.fixture
def engine() -> Embedded:
    return Embedded()


@pytest.fixture
def connect(engine: Embedded) -> Connect:
    def connect(**settings: object) -> FlaskClient:
        values = {"writable": True, "tokens": (TOKEN, "another"), "log_format": "none", **settings}
        return create_app(engine, Settings(**values)).test_client()  # type: ignore[arg-type]

    return connect


@pytest.fixture
def client(connect: Connect) -> FlaskClient:
    return connect()


@pytest.fixture
def writer(connect: Connect) -> FlaskClient:
    client = connect()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client
