"""What each row of an answer rests on: the sentences that a reader of the article gives."""

import csv
import io
import json
import tomllib
from pathlib import Path

import pytest

from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.errors import InputError, NotAcceptable
from shimoda.questions import catalogue, citations
from shimoda.questions.citations import Citations, RowCitation, cite
from shimoda.sparql.formats import CSV, TSV, XML

HERE = Path(__file__).parent
EXPECTED = tomllib.loads((HERE / "expected_citations.toml").read_text())
DIFFERENT = {
    "telephone-partners": "what is stated in so many words is not proved again from another sentence",
    "who-saw-no-plan-for-the-return": "the assertion takes its date from a sentence further on",
}
PREFIX = """
PREFIX : <https://w3id.org/shimoda/ontology#>
PREFIX event: <https://w3id.org/shimoda/id/event/>
PREFIX person: <https://w3id.org/shimoda/id/person/>
PREFIX place: <https://w3id.org/shimoda/id/place/>
PREFIX state: <https://w3id.org/shimoda/id/state/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
"""


@pytest.fixture(scope="module")
def engine(store):
    return LocalEngine(store)


@pytest.fixture(scope="module")
def ask(engine):
    """Ask a query; return its rows and what each rests on."""

    def ask(text, **arguments):
        query = Query(text if text.startswith("#+") else PREFIX + text, **arguments)
        results = engine.query(query)
        return citations.rows_of(results), cite(engine, query, results).rows

    return ask


def bound(name):
    """Return a question of the catalogue, or one beside this that is asked once."""
    here = Path(__file__).with_name(f"{name}.rq")
    return (catalogue.read(here) if here.is_file() else catalogue.find(name)).bind()


def named(name):
    """Return the text of a named query: of the catalogue, or of those that are asked once."""
    file = HERE / f"{name}.rq"
    return (catalogue.read(file) if file.exists() else catalogue.find(name)).bind()


def numbers(row):
    return {int(sentence[-3:]) for sentence in row.values("sentences")}


def local(term):
    return term.value.rpartition("/")[2]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in DIFFERENT])
def test_a_named_answer_cites_the_sentences_that_a_reader_gives(ask, name):
    rows, cited = ask(bound(name))
    expected, found = EXPECTED[name], set()
    for row, citation in zip(rows, cited, strict=True):
        label = local(next(iter(row.values())))
        wanted = expected.get(label) or expected.get("*")
        if wanted:
            found.add(label if label in expected else "*")
            musts = [{*map(int, group.split("|"))} for group in wanted["must"].split()]
            allowed = {*map(int, wanted.get("may", "").split())}.union(*musts)
            assert all(must & numbers(citation) for must in musts), (label, numbers(citation))
            assert numbers(citation) <= allowed, (label, numbers(citation) - allowed)
    assert found == expected.keys()


WITH_SENTENCE = """events-at-a-place figures handovers how-something-is-assessed reactions-to-an-event
titles-of-a-person what-is-denied what-is-given-to-whom what-is-recommended what-somebody-wants"""


@pytest.mark.parametrize("name", WITH_SENTENCE.split())
def test_a_row_that_names_a_sentence_cites_it(ask, name):
    rows, cited = ask(bound(name))
    for row, citation in zip(rows, cited, strict=True):
        assert row["sentence"].value in citation.values("sentences")


STATUSES = {
    "asserted": "SELECT ?p { event:medvedev-visit-kunashir-2010 :destination ?p }",
    "reported": "SELECT ?q { GRAPH ?a { ?q :means event:earthquake-2011 } ?a :citedIn ?s }",
    "inferred": "SELECT ?e { event:earthquake-2011 :precedes ?e }",
    "background": "SELECT ?h { ?t :holder ?h ; :tenureOf ?o ; :startDate ?d . ?o :ofState state:japan }",
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_row_says_how_it_stands(ask, status):
    _, cited = ask(STATUSES[status])
    assert {row.status for row in cited} == {status}


def test_what_follows_is_cited_with_the_sentences_of_its_premises(ask):
    _, [row] = ask("SELECT ?x { VALUES ?x { place:kunashir } ?x a :ContestedTerritory }")
    assert row.status == "inferred"
    assert all(source.sentences for source in row.sources)
    assert numbers(row)


def test_what_holds_in_a_view_is_reported_by_those_who_speak_for_it(ask):
    query = "SELECT ?c { GRAPH <https://w3id.org/shimoda/view/alexander-panov> { ?c :ultimatelyCauses event:stall-of-peace-talks } }"
    _, cited = ask(query)
    assert {row.status for row in cited} == {"reported"}
    assert all(numbers(row) for row in cited)


def test_each_row_is_told_from_the_others(ask):
    rows, cited = ask("SELECT ?v ?p { ?visit :visitor ?v ; :destination ?p }")
    found = {local(row["v"]): numbers(one) for row, one in zip(rows, cited, strict=True)}
    assert found["vladimir-putin"] == {73}
    assert found["seiji-maehara"] == {55}


def test_what_has_no_name_in_the_query_is_looked_up(ask):
    _, [row] = ask("SELECT ?v { [ :visitor ?v ; :destination place:moscow ] }")
    assert numbers(row) == {55}


def test_an_option_that_is_not_taken_is_not_cited(ask):
    _, [row] = ask(
        "SELECT * { VALUES ?e { event:putin-visit-japan-2009 } ?e :visitor ?v OPTIONAL { ?e :carries ?c } }"
    )
    assert numbers(row) == {73}
    assert not row.notes


def test_only_the_branch_that_holds_is_cited(ask):
    _, [row] = ask(
        "SELECT ?e { VALUES ?e { event:earthquake-2011 } { ?e :visitor ?x } UNION { ?e :date ?x } }"
    )
    assert numbers(row) == {112}


def test_a_path_is_followed_step_by_step(ask):
    _, [row] = ask(
        "ASK { event:medvedev-visit-kunashir-2010 ^:about/:speaker person:seiji-maehara }"
    )
    assert numbers(row) == {55, 85, 86}


def test_a_branch_whose_variables_have_no_value_is_not_cited(ask):
    rows, cited = ask("""SELECT DISTINCT ?how ?v {
      VALUES ?s { state:russia } { ?s :claims place:kunashir BIND("holds" AS ?how) } UNION
      { GRAPH ?a { ?s :claims place:kunashir } ?a :voice ?v BIND("claimed" AS ?how) } }""")
    found = {row["how"].value: numbers(one) for row, one in zip(rows, cited, strict=True)}
    assert found == {"holds": {68, 71}, "claimed": {68, 71}}


def test_a_path_of_no_length_needs_no_source(ask):
    _, [row] = ask("""SELECT ?p { VALUES ?p { place:moscow } ?visit :destination ?p .
      { ?p :hasPart? place:moscow } UNION { ?p :visitor place:moscow } }""")
    assert (numbers(row), row.notes) == ({55}, ())


UNTRACEABLE = {
    "SELECT (COUNT(*) AS ?n) { ?v a :Visit }": "Counts",
    "SELECT ?v { ?v a :Visit FILTER NOT EXISTS { ?v :hasPart ?x } }": "absent",
    "SELECT ?v { ?v a :Visit MINUS { ?v :hasPart ?x } }": "left out",
    "SELECT ?v { ?v !:destination place:kunashir }": "path",
    "SELECT ?v { { SELECT ?v { ?v a :Visit } LIMIT 3 } }": "subquery",
    "SELECT ?v FROM <https://w3id.org/shimoda/graph/entities> { ?v a :Visit }": "dataset of its own",
    "SELECT ?v { ?v :destination ?p {| :citedIn ?s |} }": "SPARQL 1.2",
    f"SELECT ?v {{ ?v a :Visit FILTER({'(' * 40}1{')' * 40}) }}": "nested deep",
    f"SELECT ?v {{ ?v a :Visit FILTER({' || '.join(['?v = ?v'] * 300)}) }}": "too long",
}


@pytest.mark.parametrize("query", UNTRACEABLE)
def test_each_row_says_what_cannot_be_known(ask, query):
    _, cited = ask(query, view="rdf12" if "{|" in query else None)
    assert cited
    for row in cited:
        assert any(UNTRACEABLE[query] in note for note in row.notes), row.notes


def test_a_count_rests_on_all_that_was_counted(ask):
    _, [row] = ask("SELECT (COUNT(?c) AS ?n) { event:relief-flight :carries ?c }")
    assert numbers(row) == {127, 128}


def test_rows_beyond_the_first_are_not_traced_and_that_is_said(engine):
    query = Query(PREFIX + "SELECT ?a { ?a :citedIn ?s }")
    found = cite(engine, query, engine.query(query), rows=3)
    assert len(found.rows) == 3
    assert found.notice.startswith("The first 3 of ")


def test_what_there_is_no_time_for_is_said(engine, monkeypatch):
    monkeypatch.setattr(citations, "SECONDS", 0)
    query = Query(PREFIX + "SELECT ?x { ?x a :ContestedTerritory }")
    found = cite(engine, query, engine.query(query))
    assert not found.is_whole
    assert {row.notes for row in found.rows} == {(citations.TIMED_OUT,)}


def test_triples_have_no_rows_to_cite(engine):
    query = Query(PREFIX + "CONSTRUCT WHERE { ?v a :Visit }")
    with pytest.raises(InputError, match="/explain"):
        cite(engine, query, engine.query(query))


def test_json_keeps_the_standard_members_and_adds_one(engine):
    query = Query(PREFIX + STATUSES["asserted"])
    results = engine.query(query)
    plain = json.loads(results.read())
    found = json.loads(
        cite(engine, query, results).write(results, "application/sparql-results+json")
    )
    cited = found.pop("citations")
    assert found == plain
    [row] = cited["rows"]
    assert row["status"] == "asserted"
    assert row["sentences"] == ["https://w3id.org/shimoda/source/panov-2011#s081"]
    assert cited["assertions"].keys() == {*row["assertions"]}


@pytest.mark.parametrize("media_type", [CSV, TSV])
def test_tables_have_more_columns(engine, media_type):
    query = Query(PREFIX + 'SELECT ?x ?l { ?x :carries ?c BIND("a \\"b\\", c\\td"@en AS ?l) }')
    results = engine.query(query)
    text = cite(engine, query, results).write(results, media_type).decode()
    if media_type == CSV:
        head, *rows = csv.reader(io.StringIO(text))
        assert head == ["x", "l", *citations.COLUMNS]
        assert rows[0][1] == 'a "b", c\td'
    else:
        head, *rows = (line.split("\t") for line in text.splitlines())
        assert head == ["?x", "?l", *citations.COLUMNS]
        assert rows[0][1] == '"a \\"b\\", c\\td"@en'
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0][2] == "asserted"


def test_xml_holds_no_sources():
    with pytest.raises(NotAcceptable, match="JSON, CSV or TSV"):
        Citations([RowCitation("unknown")]).write(None, XML)
