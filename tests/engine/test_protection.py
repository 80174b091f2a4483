"""What an update does to the default graph is read from its text only where it is plain."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Store

from shimoda.engine.interface import Update
from shimoda.engine.protection import effect_of

DATA = "<http://e/a> <http://e/p> 1 . <http://e/b> <http://e/p> 2 ."
PLAIN = {
    "INSERT DATA { <http://e/c> <http://e/p> 3 }": 1,
    "PREFIX e: <http://e/> INSERT DATA { e:c e:p 3 } ; DELETE DATA { e:a e:p 1 }": 2,
    "DELETE WHERE { ?s <http://e/p> ?o }": 2,
    "DELETE { ?s <http://e/p> ?o } INSERT { ?s <http://e/q> ?o } WHERE { ?s <http://e/p> ?o FILTER(?o > 1) }": 2,
    '# DROP ALL\nINSERT DATA { <http://e/c> <http://e/p> "; DROP ALL" }': 1,
}
OTHERS = (
    "WITH <http://e/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } USING <http://e/g> WHERE { ?s ?p ?o }",
    "INSERT DATA { GRAPH <http://e/g> { <http://e/a> <http://e/p> 1 } }",
    "INSERT DATA { _:b <http://e/p> 1 }",
    "INSERT { ?s <http://e/q> ?u } WHERE { ?s <http://e/p> ?o BIND(UUID() AS ?u) }",
    "INSERT DATA { <http://e/c> <http://e/p> 3 } ; DELETE WHERE { ?s ?p ?o }",
    "DROP ALL ; INSERT DATA { <http://e/c> <http://e/p> 3 }",
    "\\u0044ROP ALL ; INSERT DATA { <http://e/c> <http://e/p> 3 }",
    "CLEAR DEFAULT",
    "INSERT DATA { <http://e/c> <http://e/p> 3 } # a\r ; DROP GRAPH <http://e/g>",
    "INSERT DATA { <http://e/c> <http://e/p> 3 } # \\u000A ; DROP GRAPH <http://e/g>",
    "PREFIX e: <http://e/> INSERT DATA { GRAPHe:g { e:a e:p 1 } }",
    "PREFIX e: <http://e/> DELETE { GRAPHe:g { ?s ?p ?o } } WHERE { ?s ?p ?o }",
    "PREFIX e: <http://e/> DELETE WHERE { GRAPHe:g { ?s ?p ?o } }",
    "LOAD <http://e/x>",
    "COPY <http://e/g> TO DEFAULT",
    "INSERT DATA { this does not parse",
)


@pytest.fixture
def store() -> Store:
    found = Store()
    found.load(DATA.encode(), RdfFormat.TURTLE)
    return found


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_update_tells_what_it_touches(text: str, store: Store) -> None:
    before = {quad.triple for quad in store}
    effect = effect_of(Update(text), store)
    assert effect is not None and len(effect.triples) >= PLAIN[text]
    store.update(text)
    now = {quad.triple for quad in store}
    added, removed = (set(side) for side in effect.on(store))
    assert now - before <= added and before - now <= removed


@pytest.mark.parametrize("text", OTHERS)
def test_any_other_update_is_not_guessed(text: str, store: Store) -> None:
    assert effect_of(Update(text), store) is None
