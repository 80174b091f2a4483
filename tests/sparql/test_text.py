"""What is known of a query from its text."""

import random

import pytest
from pyoxigraph import NamedNode, Quad, Store

from shimoda.sparql.text import (
    end_of_head,
    form_of,
    is_repeatable,
    mask,
    reads_default_graph_only,
)


@pytest.mark.parametrize(
    "word", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "now # (\r ()", "\\u004eOW()"]
)
def test_what_changes_from_time_to_time_is_not_kept(word):
    assert not is_repeatable(f"SELECT ({word} AS ?x) {{ }}")


def test_what_does_not_change_is_kept():
    assert is_repeatable("SELECT ?known ?branding { ?known <http://e/now> ?branding }")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SELECT * { ?s ?p ?o }", "{"),
        ("select (count(*) as ?n) where{?where ?p ?o} limit 1", "where{"),
        ("SELECT (EXISTS { ?a ?b ?c } AS ?x) # { where\n WHERE { ?s ?p '}' }", "WHERE {"),
        ("CONSTRUCT { ?s ?p [ ?q ( 1 2 ) ] } WHERE { ?s ?p ?o }", "WHERE {"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "WHERE {"),
        ("CONSTRUCT { ?s <http://e/{where}> ?o } { ?s ?p ?o }", "{ ?s ?p ?o }"),
        ("DESCRIBE <http://e/where> LIMIT 3", "LIMIT 3"),
        ("PREFIX where: <http://e/> DESCRIBE where:x", ""),
        ("ASK { GRAPH ?g { ?s ?p ?o } }", "{ GRAPH"),
    ],
)
def test_the_dataset_is_named_before_the_pattern(text: str, place: str) -> None:
    found = end_of_head(mask(text))
    assert text[found:].startswith(place) and bool(place) == (found < len(text))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PREFIX select: <http://e/ask> ASK { ?select select:construct 'describe' }", "ASK"),
        ("# SELECT\nDESCRIBE <http://e/select>", "DESCRIBE"),
        ("BASE <http://e/select#ask> CONSTRUCT WHERE { ?s ?p '''ask ' select''' }", "CONSTRUCT"),
        ('prefix : <http://e/> select * { :a :b "\\"ask" }', "SELECT"),
    ],
)
def test_the_form_is_read_past_names_strings_and_comments(text: str, form: str) -> None:
    assert form_of(text) == form


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { GRAPH<http://e/g>{ ?s ?p ?o } }",
        "SELECT * FROM NAMED <http://e/g> { ?s ?p ?o }",
        "SELECT *from<http://e/g>{ ?s ?p ?o }",
        "# a header\rSELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { \\u0047RAPH ?g { ?s ?p ?o } }",
        'SELECT * { BIND("""\n#""" AS ?x) GRAPH ?g { ?s ?p ?o } }',
    ],
)
def test_a_query_that_reads_named_graphs_is_known(query):
    assert not reads_default_graph_only(query)


def test_names_and_headers_do_not_read_named_graphs():
    assert reads_default_graph_only("#+ summary: from which graph?\n\nSELECT ?graph ?from { }")


PIECES = (
    *("{", "}", "(", ")", "<", ">", "#", "\n", "\r", "'", '"', '"""', ".", ";", "?", "$", "*", "1"),
    *("?s ?p ?o", "?graph", "$from", "e:p", "e:p?", "<http://e/#>", "<http://e/'>", "?x<?y#>"),
    *("GRAPH ?g {", "GRAPH?g{", "GRAPH e:g {", "GRAPHe:g{", "graph<http://e/g>{", "?GRAPH ?g {"),
    *("# GRAPH\n", "# from\r", "'graph'", "FILTER(", "OPTIONAL {", "{ ?s ?p ?o }", "?s e:p* ?o ."),
)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_pieces_a_query_is_made_of_one_that_reads_the_default_graph_only_sees_no_other(
    seed: int,
) -> None:
    choose, stores = random.Random(seed), (Store(), Store())
    name = [NamedNode(f"http://e/{letter}") for letter in "spog"]
    for store in stores:
        store.add(Quad(*name[:3]))
    stores[1].add(Quad(*name[:2], NamedNode("http://e/other"), name[3]))
    parsed = 0
    for _ in range(4000):
        pieces = choose.choices(PIECES, k=choose.randint(1, 5))
        start = choose.choice(("", "", "FROM e:g ", "FROM NAMED e:g ", "FROMe:g", "?from "))
        query = f"PREFIX e: <http://e/>\nSELECT * {start}{{ {' '.join(pieces)} }}"
        try:
            answers = [sorted(map(str, store.query(query))) for store in stores]
        except (SyntaxError, ValueError):
            continue
        parsed += 1
        assert answers[0] == answers[1] or not reads_default_graph_only(query), query
    assert parsed > 100
