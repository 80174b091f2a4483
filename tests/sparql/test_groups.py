"""A pattern is taken apart where its parts begin and end, whatever its strings, IRIs and comments hold."""

import pytest

from shimoda.sparql.groups import QueryText

PARTS = [
    ("?s ?p ?o . ?o a <e:f>", ["?s ?p ?o", "?o a <e:f>"]),
    ("<a:b><c:d>1.5.<a:b> <c:d> ex:a.b", ["<a:b><c:d>1.5", "<a:b> <c:d> ex:a.b"]),
    ('?s ?p "x . { y" # . {\n . ?a ?b ?c .', ['?s ?p "x . { y"', "?a ?b ?c"]),
    ("?s :p [ :q 1 ; :r ( 2 . ) ] ; :t 3 .", ["?s :p [ :q 1 ; :r ( 2 . ) ] ; :t 3"]),
    ("?s ?p ?o {| :q ?z |} . ?a ?b ?c", ["?s ?p ?o {| :q ?z |}", "?a ?b ?c"]),
    (
        "?s ?p ?o FILTER (?o > 3 && EXISTS { ?s a ?t }) ?a ?b ?c",
        ["", "FILTER (?o > 3 && EXISTS { ?s a ?t })", ""],
    ),
    (
        "FILTER NOT EXISTS { ?s a ?t } FILTER regex(?a, '}')",
        ["FILTER NOT EXISTS { ?s a ?t }", "FILTER regex(?a, '}')"],
    ),
    (
        "{ ?a ?b ?c } UNION { ?d ?e ?f } { ?g ?h ?i }",
        ["{ ?a ?b ?c } UNION { ?d ?e ?f }", "{ ?g ?h ?i }"],
    ),
    (
        "OPTIONAL { ?a ?b ?c } GRAPH <g:h> { ?d ?e ?f } MINUS { ?g ?h ?i }",
        ["OPTIONAL { ?a ?b ?c }", "GRAPH <g:h> { ?d ?e ?f }", "MINUS { ?g ?h ?i }"],
    ),
    ("VALUES (?a ?b) { (1 2) } BIND (1 AS ?c)", ["VALUES (?a ?b) { (1 2) }", "BIND (1 AS ?c)"]),
    ("", []),
    (" . . ", []),
]


@pytest.mark.parametrize(("group", "parts"), PARTS, ids=[group for group, _ in PARTS])
@pytest.mark.parametrize(
    "around",
    [
        "ASK {%s}",
        "PREFIX ex: <x:{> SELECT (1 AS ?x) FROM <g:h> WHERE {%s} LIMIT 1",
        "CONSTRUCT { ?s ?p ?o } WHERE {%s}",
    ],
)
def test_a_group_is_taken_apart(around, group, parts):
    text = QueryText(around % group)
    found = [text[part.span] for part in text.parts(text.pattern)]
    assert len(found) == len(parts)
    assert all(part in ("", there) for part, there in zip(parts, found, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "}",
        "ASK {",
        "ASK { ?s (",
        "SELECT * { GRAPH",
        "ASK { FILTER",
        "ASK { { } UNION",
        "ASK } {",
    ],
)
def test_what_is_broken_ends(text):
    query = QueryText(text)
    assert len(list(query.parts(query.pattern))) <= 2
