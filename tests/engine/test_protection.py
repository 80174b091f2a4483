"""What an update does to the default graph is read from its text only where it is plain."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store

from shimoda.engine.interface import Update
from shimoda.engine.local import LocalEngine
from shimoda.engine.protection import INFERRED, STATED_FOR, Protection, effect_of
from shimoda.errors import Refused

DATA = "<http://e/a> <http://e/p> 1 . <http://e/b> <http://e/p> 2 ."
PLAIN = {
    "INSERT DATA { <http://e/c> <http://e/p> 3 }": 1,
    "PREFIX e: <http://e/> INSERT DATA { e:c e:p 3 } ; DELETE DATA { e:a e:p 1 }": 2,
    "INSERT DATA { <http://e/c> rdfs:label 'c' }": 1,
    "DELETE WHERE { ?s <http://e/p> ?o }": 2,
    "DELETE { ?s <http://e/p> ?o } INSERT { ?s <http://e/q> ?o } WHERE { ?s <http://e/p> ?o FILTER(?o > 1) }": 2,
    '# DROP ALL\nINSERT DATA { <http://e/c> <http://e/p> "; DROP ALL" }': 1,
    "PREFIX e: <http://e/> INSERT DATA { e:c\\#d e:p e:b ~ e:r }": 2,
}
OTHERS = (
    "WITH <http://e/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } USING <http://e/g> WHERE { ?s ?p ?o }",
    "INSERT DATA { GRAPH <http://e/g> { <http://e/a> <http://e/p> 1 } <http://e/a> <http://e/p> 3 }",
    "INSERT DATA { GRAPH <http://e/g> { <http://e/a> <http://e/p> 1 } GRAPH <http://e/h> { <http://e/a> <http://e/p> 1 } }",
    "PREFIX e: <http://e/> PREFIX GRAPHe: <http://f/> INSERT DATA { GRAPHe:g { e:a e:p 1 } }",
    "INSERT DATA { GRAPH <https://w3id.org/shimoda/graph/links> { <http://e/a> <http://e/p> 1 } }",
    "BASE <https://w3id.org/shimoda/x/y> INSERT DATA { GRAPH <../graph/inferred> { <http://e/a> <http://e/p> 1 } }",
    "BASE <https://w3id.org/shimoda/view/> DELETE DATA { GRAPH <japan> { <http://e/a> <http://e/p> 1 } }",
    "PREFIX g: <https://w3id.org/shimoda/graph/> INSERT DATA { GRAPH g:inferred { <http://e/a> <http://e/p> 1 } }",
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
    # a letter beyond ASCII in an IRI, whose # is no comment
    "INSERT DATA { <http://e/\u00a0#> <http://e/p> 1 } ; DROP SILENT GRAPH <http://e/g> ; INSERT DATA { <http://e/a> <http://e/p> 1\n }",
    # a quote or a # that is escaped in a name
    "PREFIX e: <http://e/> INSERT DATA { e:a\\' e:p 1 } ; DROP SILENT GRAPH e:g ; INSERT DATA { e:b e:p 2 #'\n }",
    "PREFIX e: <http://e/> INSERT DATA { e:a\\# e:p 1 } ; DROP SILENT GRAPH e:g ; INSERT DATA { e:b e:p 2\n }",
    # less-than, and a comment or a string that only the engine sees
    """PREFIX e: <http://e/> INSERT { e:q e:q ?x } WHERE { ?s ?p ?x FILTER(?x<?y)#>\"\"\"
} #\"\"\" } ; INSERT DATA { e:a e:p \"\"\"
; DROP SILENT GRAPH e:g #\"\"\" }""",
    # keywords glued to a name
    "PREFIX e: <http://e/> DELETE { e:a e:p 1 } USINGe:g WHERE { ?s ?p 9 }",
    "PREFIX e: <http://e/> DELETE { e:a e:p 1 } USINGNAMEDe:g WHERE { ?s ?p 9 }",
    "PREFIX e: <http://e/> WITHe:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "PREFIX e: <http://e/> INSERT DATA { e:c e:p 3 } ; DROPGRAPHe:g",
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
    LocalEngine(store).update(Update(text))
    now = {quad.triple for quad in store}
    added, removed = (set(side) for side in effect.on(store))
    assert now - before <= added and before - now <= removed


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH <http://e/g> { <http://e/a> <http://e/p> 1 } }",
        "prefix e: <http://e/> delete data{graph e:g{e:a e:p 1}} ; INSERT DATA { GRAPH e:g { e:a e:p 2 } }",
    ],
)
def test_data_for_a_named_graph_touch_that_graph(text: str, store: Store) -> None:
    effect = effect_of(Update(text), store)
    assert effect and not effect.triples and effect.graphs == {NamedNode("http://e/g")}
    assert effect.keeps_default_graph(store)
    party = Quad(NamedNode("http://e/g"), STATED_FOR, NamedNode("http://e/party"))
    store.add(party)
    assert not effect.keeps_default_graph(store)


@pytest.mark.parametrize("text", OTHERS)
def test_any_other_update_is_not_guessed(text: str, store: Store) -> None:
    assert effect_of(Update(text), store) is None


PIECES = (
    *[
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "#",
        "'",
        '"',
        ";",
        ".",
        "?",
        "~",
        "|",
        ",",
        "\\",
        "\n",
        "\r",
        "\xa0",
        "?",
        "?s",
        "?p",
        "?o",
        "?x",
        "a",
        "1",
        "e:a",
        "e:p",
    ],
    *[
        "INSERT",
        "DELETE",
        "DATA",
        "WHERE",
        "GRAPH",
        "USING",
        "NAMED",
        "WITH",
        "DROP",
        "SILENT",
        "FILTER(",
        "BIND(1",
        "AS",
        "OPTIONAL{",
    ],
    *(
        "<http://e/a>",
        "<http://e/#>",
        "<http://e/'>",
        "<\u00a0#>",
        "?x<?y#>",
        "e:a\\#",
        "e:a\\'",
        '"""',
    ),
    *(
        "'x'",
        "# x\n",
        "GRAPHe:g{",
        "GRAPH e:g {",
        "GRAPH <http://e/g>{",
        "USINGe:g",
        "WITHe:g",
        "DROPGRAPHe:g",
        ";DROP GRAPH e:g;",
        "{ ?s ?p ?o }",
    ),
    *("INSERT DATA { GRAPH e:g { e:c e:p 3 } }", "DELETE DATA { GRAPH <g> { e:a e:p 1 } }"),
    *("INSERT DATA { e:c e:p 3 }", "DELETE WHERE { ?s ?p ?o }", "DELETE DATA { e:a e:p 1 }"),
    *("INSERT { e:z e:p ?o } WHERE { ?s ?p ?o", "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"),
)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_pieces_an_update_is_made_of_its_effect_holds_all_that_it_changes(
    seed: int,
) -> None:
    choose = random.Random(seed)
    for _ in range(400):
        pieces = choose.choices(PIECES, k=choose.randint(1, 9))
        text = "PREFIX e: <http://e/> " + choose.choice(("", " ")).join(pieces)
        found = Store()
        found.load(f"{DATA} GRAPH <http://e/g> {{ {DATA} }}".encode(), RdfFormat.TRIG)
        before = set(found)
        effect = effect_of(Update(text), found)
        if effect is None:
            continue
        try:
            found.update(text)
        except (SyntaxError, ValueError, RuntimeError):
            continue
        changed = before ^ set(found)
        graphs = {quad.graph_name for quad in changed}
        assert graphs <= {DefaultGraph(), *effect.graphs}, text
        assert {q.triple for q in changed if q.graph_name == DefaultGraph()} <= effect.triples, text


def test_an_inferred_triple_cannot_take_the_place_of_another(store: Store) -> None:
    one, other = (f"GRAPH {INFERRED} {{ <http://e/a> <http://e/p> {n} }}" for n in (1, 2))
    store.update(f"INSERT DATA {{ {one} }}")
    swap = Update(f"DELETE DATA {{ {one} }} ; INSERT DATA {{ {other} }}")
    protection = Protection([])
    protection.observe(store, None)
    store.update(swap.text)
    with pytest.raises(Refused, match="cannot be written"):
        protection.check(store, swap, None)
