"""What is known of a query from its text."""

import pytest

from shimoda.sparql.text import end_of_head, form_of, is_repeatable, mask


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
