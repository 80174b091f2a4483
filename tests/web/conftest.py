"""A server in this process: the real application over a real store, without workers and disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, Store

from shimoda.engine.interface import Query, Update
from shimoda.engine.local import LocalEngine
from shimoda.settings import Settings
from shimoda.sparql.results import Results
from shimoda.web.app import Application

TOKEN = "a token for tests"
Connect = Callable[..., FlaskClient]

DATA = """
PREFIX : <http://example.org/>
:a :label "one", "ichi"@en , "一"@ja .
:b :label "two" .
GRAPH :g { :c :label "in a graph" }
GRAPH :h { :d :label "in another" }
"""


class RecordingEngine(LocalEngine):
    """The engine in this process, which remembers what it was asked."""

    def __init__(self) -> None:
        store = Store()
        store.load(DATA.encode(), RdfFormat.TRIG)
        super().__init__(store, 100_000, 10_000_000)
        self.asked: list[Query] = []
        self.updates: list[Update] = []

    def query(self, query: Query) -> Results:
        self.asked.append(query)
        return super().query(query)

    def update(self, update: Update) -> None:
        super().update(update)
        self.updates.append(update)


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
def connect(engine: RecordingEngine) -> Connect:
    def connect(**settings: object) -> FlaskClient:
        values = {"writable": True, "tokens": (TOKEN, "another"), "log_format": "none", **settings}
        return Application(engine, Settings(**values)).test_client()  # type: ignore[arg-type]

    return connect


@pytest.fixture
def client(connect: Connect) -> FlaskClient:
    return connect()


@pytest.fixture
def writer(connect: Connect) -> FlaskClient:
    client = connect()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client
