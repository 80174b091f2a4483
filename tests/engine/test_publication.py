"""``shimoda publish``: the store ends with exactly our dataset, whatever was there and however it was interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple
from tests.engine import stores

from shimoda.authoring.publication import content, publish
from shimoda.dataset import snapshot
from shimoda.engine.interface import Update
from shimoda.engine.remote import RemoteEngine
from shimoda.namespaces import BASE, NEUTRAL, PREFIXES, graph

DURATION = PREFIXES["xsd"]["duration"]
OTHERS = "https://elsewhere.example/graph"


def lossy(name: str, triple: Triple) -> bool:
    """Virtuoso 7 keeps a duration as a number of months or seconds, or refuses it."""
    return (
        name == "virtuoso"
        and isinstance(triple.object, Literal)
        and triple.object.datatype == DURATION
    )


def differences(engine: RemoteEngine, address: stores.Address, store: Store) -> list[str]:
    """Return every way in which a store does not hold our dataset, but for what it cannot hold."""
    engine.listed = (0, {})
    graphs = {NEUTRAL.value: DefaultGraph()} | {name.value: name for name in store.named_graphs()}
    found = [
        f"unknown graph {name}"
        for name in engine.sizes()
        if name.startswith(BASE) and name not in graphs
    ]
    for name, source in graphs.items():
        wanted = content(quad.triple for quad in store.quads_for_pattern(None, None, None, source))
        present = content(engine.raw_triples(name) if name in engine.sizes() else ())
        for what, less in (("missing", wanted - present), ("surplus", present - wanted)):
            triples = less.triples()
            found += [
                f"{what} in {name}: {triple}"
                for triple in triples
                if not lossy(address.name, triple)
            ]
    return found


def test_the_store_holds_exactly_our_dataset(remote, address, store) -> None:
    assert differences(remote, address, store) == []


def test_a_store_with_a_default_graph_holds_ours_there_too(remote, address, store) -> None:
    own = content(quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph()))
    if address.name == "oxigraph":
        there = content(remote.raw_triples(None))
        assert own.keys() == there.keys()
    else:
        assert remote.layout == "neutral"


def test_what_a_store_cannot_hold_is_told(remote, address, store) -> None:
    refused = publish(store, remote).refused
    assert all(lossy(address.name, triple) for triple in refused)
    assert bool(refused) == any(lossy(address.name, quad.triple) for quad in store)


def test_publishing_again_sends_nothing(remote, address, store) -> None:
    again = publish(store, remote)
    durations = sum(lossy(address.name, quad.triple) for quad in store)
    assert again.added == 0 and again.removed <= durations


def test_only_the_difference_is_sent_and_others_are_left_alone(remote, address, store) -> None:
    stale = f"{BASE}assertion/no-longer-there"
    claim = next(name for name in store.named_graphs() if "very-regrettable" in name.value)
    link = next(
        store.quads_for_pattern(None, PREFIXES["owl"]["sameAs"], None, graph("links"))
    ).triple
    remote.update(
        Update(f"""
      INSERT DATA {{ GRAPH <{OTHERS}> {{ <{OTHERS}> a <{OTHERS}> }} }} ;
      INSERT DATA {{ GRAPH <{stale}> {{ <{stale}> a <{OTHERS}> }} }} ;
      INSERT DATA {{ GRAPH {graph("links")} {{ <{stale}> a <{OTHERS}> }} }} ;
      DELETE DATA {{ GRAPH {graph("links")} {{ {link} }} }} ;
      CLEAR GRAPH {claim}""")
    )
    size = len(list(store.quads_for_pattern(None, None, None, claim)))
    done = publish(store, remote)
    assert done.added == size + 1
    assert differences(remote, address, store) == []
    assert remote.sizes()[OTHERS] == 1
    remote.update(Update(f"CLEAR GRAPH <{OTHERS}>"))


def test_triples_of_others_in_the_default_graph_stay(remote, address, store) -> None:
    if address.name != "oxigraph":
        return
    foreign = f"<{OTHERS}> a <{OTHERS}>"
    remote.update(Update(f"INSERT DATA {{ {foreign} }}"))
    publish(store, remote)
    assert remote.raw_ask(f"ASK {{ {foreign} }}")
    remote.update(Update(f"DELETE DATA {{ {foreign} }}"))


def test_killed_and_run_again_it_ends_with_exactly_our_dataset(remote, address) -> None:
    """kill -9 at two moments of a first publication, then a run to the end."""
    store = snapshot.load()
    for name in list(remote.sizes()):
        if name.startswith(BASE):
            remote.update(Update(f"CLEAR GRAPH <{name}>"))
    if address.name == "oxigraph":
        remote.update(Update("CLEAR DEFAULT"))
    command = [sys.executable, "-m", "shimoda", "publish", "--to", address.url]
    for enough in (5, 60):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up = time.monotonic() + 60
        while sum(name.startswith(BASE) for name in remote.sizes()) < enough:
            remote.listed = (0, {})
            assert process.poll() is None and time.monotonic() < give_up
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert differences(remote, address, store) != []
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    assert finished.returncode == (
        1 if any(lossy(address.name, quad.triple) for quad in store) else 0
    )
    assert "triples added" in finished.stdout
    assert differences(remote, address, store) == []


def test_a_literal_comes_back_as_it_went(remote) -> None:
    """Quotes, line breaks, backslashes and three scripts, through update and back."""
    text = '日本\n"Россия" \\ \t’ <&>'
    there = NamedNode(f"{BASE}assertion/of-a-test")
    remote.update(
        Update(f"INSERT DATA {{ GRAPH {there} {{ {there} a {Literal(text, language='ja')} }} }}")
    )
    assert [triple.object for triple in remote.raw_triples(there.value)] == [
        Literal(text, language="ja")
    ]
    remote.update(Update(f"CLEAR GRAPH {there}"))
