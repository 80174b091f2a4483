"""Two real stores that hold our dataset, published by ``shimoda publish``'s own function."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing

import pytest
from pyoxigraph import Store
from tests.engine import stores

from shimoda.authoring.publication import publish
from shimoda.engine.remote import RemoteEngine
from shimoda.settings import Settings

PATIENT = Settings(timeout=120)


@pytest.fixture(autouse=True)
def results_go_where_they_came_from() -> None:
    """Collect garbage here: pyoxigraph's results may not be dropped on the threads that these tests start."""
    gc.collect()


@pytest.fixture(scope="session", params=["oxigraph", "virtuoso"])
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[stores.Address]:
    """An empty store."""
    if request.param == "virtuoso" and not (stores.VIRTUOSO and stores.ISQL):
        pytest.skip("Virtuoso (Debian's virtuoso-opensource-7) is not installed")
    with getattr(stores, request.param)(tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.fixture(scope="session")
def remote(address: stores.Address, store: Store) -> Iterator[RemoteEngine]:
    """A store that holds the dataset."""
    with closing(RemoteEngine(address.url, PATIENT, update_url=address.update_url)) as engine:
        publish(store, engine)
        yield engine
