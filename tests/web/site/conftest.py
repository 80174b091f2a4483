"""The application over the built dataset, in this process: real pages, real queries, no workers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Store

from shimoda.engine.local import LocalEngine
from shimoda.settings import Settings
from shimoda.web.app import Application


@pytest.fixture(scope="session")
def engine(store: Store) -> LocalEngine:
    return LocalEngine(store)


@pytest.fixture(scope="session")
def client(engine: LocalEngine) -> FlaskClient:
    return Application(engine, Settings(log_format="none")).test_client()
