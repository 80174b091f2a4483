"""Reasoning goes wherever the data goes: the same rules, by the same SPARQL, on a store across the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from pyoxigraph import Triple
from tests.engine import stores

from shimoda.engine.interface import EngineStore, Update
from shimoda.engine.remote import RemoteEngine
from shimoda.namespaces import graph, view
from shimoda.reasoning import infer, rules_of
from shimoda.reasoning.explanation import explain
from shimoda.reasoning.proofs import Prover

from .worlds import CASES, PREFIXES, load, space, triple


@pytest.mark.parametrize("name", ["min-two-listed", "chain", "same-as", "key", "nested-expression"])
def test_a_store_across_the_network_infers_what_a_local_one_does(
    name: str, address: stores.Address
) -> None:
    local = load(name, CASES[name].text)
    infer(local)
    expected = {
        quad.triple for quad in local.quads_for_pattern(None, None, None, graph("inferred"))
    }
    with closing(RemoteEngine(address.url, update_url=address.update_url)) as engine:
        prefixes = PREFIXES.replace("@prefix", "PREFIX").replace(" .\n", "\n")
        engine.update(
            Update(
                f"{prefixes} PREFIX : <{space(name)}> DROP ALL ; INSERT DATA {{ {CASES[name].text} }}"
            )
        )
        store = EngineStore(engine)
        infer(store, views={view("party"): []})
        rows = store.select(f"SELECT ?s ?p ?o WHERE {{ GRAPH {graph('inferred')} {{ ?s ?p ?o }} }}")
        found = {Triple(*row) for row in rows}  # type: ignore[arg-type]
        assert {one for one in found if "_:" not in str(one)} == {
            one for one in expected if "_:" not in str(one)
        }
        proof = explain(Prover(store, rules_of(store)), triple(name, CASES[name].follows[0])).proof
        assert proof is not None and proof.rule is not None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stores.Address]:
    """An Oxigraph server."""
    with stores.oxigraph(tmp_path_factory.mktemp("oxigraph")) as found:
        yield found
