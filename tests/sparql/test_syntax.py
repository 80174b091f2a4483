"""What does not parse is told in a sentence, with the place where it goes wrong."""

import pytest
from pyoxigraph import Store

from shimoda.engine.interface import Query, Update
from shimoda.engine.local import LocalEngine
from shimoda.errors import InputError, SyntaxProblem

BROKEN = [
    ("SELECT ?x (COUNT(*) AS ?n) { ?s ?p ?x }", "?x", 1, 8),
    ("SELECT (LANG(?o) AS ?l) (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY (LANG(?o))", "?o", 1, 14),
    ("SELECT (MAX(?o) AS ?m)\n ?s ?p { ?s ?p ?o } GROUP BY ?s", "?p", 2, 5),
    ("SELECT * { ?s ?p ?o } GROUP BY ?s", "SELECT *", 1, 34),
    ("SELECT (?s AS ?s) { ?s ?p ?o }", "?s", 1, 12),
    ("SELECT * {\n ?s ?p ?o\n BIND(1 AS ?o) }", "?o", 3, 9),
    ("SELECT * { ?s foo:bar ?o . ?o baz:x foaf:name }", "foo:, baz:.", 1, 15),
    ("SELECT * { ?s ?p 'abc }", "does not end", 1, 18),
    ("SELECT * {\n { ?s ?p ?o }", "line 1, column 10 is not closed", 2, 14),
    ("SELECT * { ?s ?p ?o } }", "closes nothing", 1, 23),
    ("SELECT * { ?s ?p ?o FILTER ?o > 3 }", "FILTER", 1, 21),
    ("SELECT ?s, ?p { ?s ?p ?o }", "commas", 1, 10),
    ("SELECT COUNT(?s) { ?s ?p ?o }", "AS ?n", 1, 8),
    ("SELECT (COUNT(?s)) { ?s ?p ?o }", "AS ?n", 1, 18),
    ("SELEC * { ?s ?p ?o }", "SELECT", 1, 1),
    ("SELECT * { ?s ?p ?o } LIMIT ten", "whole number", 1, 23),
    ("SELECT * { ?s ?p ?o } ORDER ?s", "BY", 1, 23),
    ("SELECT ?s { ?s ?p ?o } ORDER BY ?s GROUP BY ?s", "order", 1, 36),
    ("SELECT * { GRAPH { ?s ?p ?o } }", "GRAPH", 1, 12),
    ("SELECT * { VALUES (?a ?b) { (1) } }", "VALUES", 1, 12),
    ("SELECT * { ?s ?p ?o FILTER (STARTS(?o, 'a')) }", "STARTS", 1, 29),
    ("SELECT * { ?s a <relative> }", "<relative>", 1, 17),
    ("SELECT * { ?s <http://a b> ?o }", "IRI", 1, 15),
    ("SELECT * { _:a ?p ?o { _:a ?q ?r } FILTER (true) { _:a ?q ?r } }", "one group", 1, 52),
    ("INSERT DATA { <x:s> <x:p> 1 }", "/update", 1, 1),
    ("PREFIX x: <x:> DELETE WHERE { x:s ?p ?o }", "/update", 1, 1),
]


@pytest.mark.parametrize(("text", "said", "line", "column"), BROKEN, ids=[one[0] for one in BROKEN])
def test_a_broken_query_is_told_what_is_wrong_and_where(text, said, line, column):
    with pytest.raises(SyntaxProblem) as caught:
        LocalEngine(Store()).query(Query(text))
    assert said in caught.value.detail
    assert (caught.value.where["line"], caught.value.where["column"]) == (line, column)


def test_a_broken_update_is_not_told_that_it_is_an_update():
    with pytest.raises(SyntaxProblem) as caught:
        LocalEngine(Store()).update(Update("INSERT DATA { <x:s> x:p 1 }"))
    assert "x:" in caught.value.detail and "/update" not in caught.value.detail


def test_a_query_among_updates_is_told_where_queries_go():
    with pytest.raises(SyntaxProblem, match="/sparql"):
        LocalEngine(Store()).update(Update("SELECT * { ?s ?p ?o }"))


def test_the_endpoint_that_service_failed_on_is_named():
    text = "SELECT * { SERVICE <http://127.0.0.1:9/sparql> { ?s ?p ?o } }"
    with pytest.raises(Exception, match=r"<http://127\.0\.0\.1:9/sparql>"):
        LocalEngine(Store()).query(Query(text))


def test_the_variable_that_names_no_endpoint_is_named():
    with pytest.raises(InputError, match=r"SERVICE \?where"):
        LocalEngine(Store()).query(Query("SELECT * { SERVICE ?where { ?s ?p ?o } }"))
