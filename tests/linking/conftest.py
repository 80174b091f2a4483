"""The application over the built dataset, in this process: real pages, real queries, no workers."""

from __future__ import annotations

import sys

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Store

from shimoda.engine.interface import Answer, GraphWrite, Query, Update
from shimoda.engine.local import Dataset
from shimoda.errors import Refused
from shimoda.processes.messages import GraphRead
from shimoda.settings import Settings
from shimoda.web.app import create_app


class Embedded:
    """The engine's evaluation of queries on a store that this process holds; read-only."""

    version = 1

    def __init__(self, store: Store) -> None:
        self.dataset = Dataset(store, sys.maxsize, sys.maxsize)

    def ready(self) -> bool:
        return True

    def query(self, query: Query) -> Answer:
        return self.dataset.query(query)

    def read_graph(self, graph: str | None, media_type: str) -> Answer:
        return self.dataset.read_graph(GraphRead(graph, media_type))

    def update(self, update: Update) -> None:
        raise Refused("This server is read-only.")

    def write_graph(self, write: GraphWrite) -> bool:
        raise Refused("This server is read-only.")


@pytest.fixture(scope="session")
def engine(store: Store) -> Embedded:
    return Embedded(store)


@pytest.fixture(scope="session")
def client(engine: Embedded) -> FlaskClient:
    return create_app(engine, Settings(log_format="none")).test_client()
