"""What stands in a store: whole requests, the dataset's own triples, loads, backups."""

from __future__ import annotations

import gzip
import shutil
import time

import pytest
from pyoxigraph import RdfFormat, Store
from tests.processes.conftest import Service
from tests.processes.test_service import run
from tests.serving import serving

JAPAN = "<https://w3id.org/shimoda/id/state/japan>"
EVERYTHING = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory, token_file):
    """The article's dataset in a writable store."""
    folder = tmp_path_factory.mktemp("dataset")
    options = ("--writable", "--token-file", str(token_file), "--store", str(folder / "store"))
    with serving(folder, *options) as server:
        yield Service(server)


@pytest.mark.parametrize(
    "update",
    [
        f"DELETE WHERE {{ {JAPAN} ?p ?o }}",
        f"DELETE {{ {JAPAN} a ?o }} INSERT {{ {JAPAN} a <http://e/Other> }} WHERE {{ {JAPAN} a ?o }}",
        "CLEAR DEFAULT",
        "DROP ALL",
        "INSERT DATA { <http://e/a> <http://e/b> 1 } ; DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "COPY SILENT <https://w3id.org/shimoda/graph/links> TO DEFAULT",
        "INSERT DATA { GRAPH <https://w3id.org/shimoda/graph/inferred> { <http://e/a> <http://e/b> 1 } }",
        "INSERT DATA { GRAPH <https://w3id.org/shimoda/view/japan> { <http://e/a> <http://e/b> 1 } }",
        "DELETE DATA { GRAPH <https://w3id.org/shimoda/graph/ontology> { :State a owl:Class } }",
        "INSERT DATA { <http://e/a> <http://e/b> 1 } #\r ; DROP GRAPH <https://w3id.org/shimoda/graph/links>",
        "PREFIX g: <https://w3id.org/shimoda/graph/> DELETE WHERE { GRAPHg:links { ?s ?p ?o } }",
        "PREFIX g: <https://w3id.org/shimoda/graph/> INSERT DATA { GRAPHg:inferred { <http://e/a> <http://e/b> 1 } }",
    ],
)
def test_a_write_takes_nothing_of_the_dataset_and_changes_nothing_inferred(dataset, update):
    before = dataset.rows(EVERYTHING)
    assert dataset.update(update).status_code == 403
    assert dataset.rows(EVERYTHING + "#") == before


@pytest.mark.parametrize("facet", ["length", "minLength", "maxLength"])
def test_an_axiom_whose_literal_looks_like_an_update_changes_nothing_else(dataset, facet):
    ontology = (
        "SELECT (COUNT(*) AS ?n) { GRAPH <https://w3id.org/shimoda/graph/ontology> { ?s ?p ?o } }"
    )
    before = dataset.rows(ontology)
    assert before != ["0"]
    literal = "1)) } } } ; DROP GRAPH <https://w3id.org/shimoda/graph/ontology> #"
    axiom = f"""PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        INSERT DATA {{ <http://e/code> a owl:DatatypeProperty .
            [ a owl:Restriction ; owl:onProperty <http://e/code> ; owl:someValuesFrom
                [ a rdfs:Datatype ; owl:onDatatype xsd:string ; owl:withRestrictions ( [ xsd:{facet} "{literal}" ] ) ]
            ] rdfs:subClassOf <http://e/Coded> . <http://e/x> <http://e/code> "abc" }}"""
    assert dataset.update(axiom).status_code == 422
    assert dataset.rows(ontology + "#") == before


def test_what_users_write_stands_beside_the_dataset_and_can_go_again(dataset):
    before = dataset.rows(EVERYTHING)
    assert dataset.update(f"INSERT DATA {{ {JAPAN} <http://e/note> 'mine' }}").status_code == 204
    assert dataset.rows(f"SELECT ?o {{ {JAPAN} <http://e/note> ?o }}") == ["mine"]
    assert dataset.update(f"DELETE WHERE {{ {JAPAN} <http://e/note> ?o }}").status_code == 204
    assert dataset.rows(EVERYTHING) == before


def test_what_is_inferred_follows_a_write(dataset):
    place = "<http://e/place>"
    types = f"SELECT ?type {{ {place} a ?type FILTER(STRSTARTS(STR(?type), 'https://w3id.org/shimoda/')) }}"
    island = "<https://w3id.org/shimoda/ontology#Island>"
    assert dataset.update(f"INSERT DATA {{ {place} a {island} }}").status_code == 204
    assert len(dataset.rows(types)) > 1
    assert dataset.update(f"DELETE DATA {{ {place} a {island} }}").status_code == 204
    assert dataset.rows(types + "#") == []


def test_a_view_follows_a_write_to_the_graph_of_an_assertion(dataset):
    assertion, *_ = dataset.rows("""PREFIX : <https://w3id.org/shimoda/ontology#> SELECT ?a {
        ?a :statedFor <https://w3id.org/shimoda/id/state/japan> ; :polarity :Affirmed ; :mode :Reported ;
            :standing :Undisputed } ORDER BY ?a LIMIT 1""")
    note = "<http://e/a> <http://e/says> 1"
    assert dataset.update(f"INSERT DATA {{ GRAPH <{assertion}> {{ {note} }} }}").status_code == 204
    assert dataset.rows("SELECT ?o { <http://e/a> <http://e/says> ?o }", view="japan") == ["1"]
    assert dataset.update(f"DELETE DATA {{ GRAPH <{assertion}> {{ {note} }} }}").status_code == 204
    assert dataset.rows("SELECT ?o { <http://e/a> <http://e/says> ?o }#", view="japan") == []


def test_a_write_to_a_graph_of_one_s_own_leaves_the_answers_that_do_not_read_it(dataset):
    note, default = "<http://e/a> <http://e/note>", "SELECT ?o { <http://e/a> <http://e/note> ?o }"
    everywhere = "SELECT ?o { GRAPH ?g { <http://e/a> <http://e/note> ?o } } ORDER BY ?o"

    def write(value: int) -> None:
        update = f"INSERT DATA {{ GRAPH <http://e/mine> {{ {note} {value} }} }}"
        assert dataset.update(update).status_code == 204

    write(1)
    assert (dataset.rows(default), dataset.rows(everywhere)) == ([], ["1"])
    kept = dataset.hits()
    write(2)
    assert (dataset.rows(default), dataset.hits()) == ([], kept + 1)
    assert (dataset.rows(everywhere), dataset.hits()) == (["1", "2"], kept + 1)
    assert dataset.update(f"INSERT DATA {{ {note} 3 }}").status_code == 204
    assert (dataset.rows(default), dataset.hits()) == (["3"], kept + 1)
    clear = f"CLEAR GRAPH <http://e/mine> ; DELETE DATA {{ {note} 3 }}"
    assert dataset.update(clear).status_code == 204
    assert (dataset.rows(default), dataset.rows(everywhere)) == ([], [])


def test_views_add_to_the_default_graph_and_rdf12_shows_in_no_graph(dataset):
    plain = int(dataset.rows(EVERYTHING)[0])
    assert int(dataset.rows(EVERYTHING, view="japan")[0]) > plain
    assert int(dataset.rows(EVERYTHING, view="neutral")[0]) == plain
    reified = (
        "SELECT (COUNT(*) AS ?n) { ?a <http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies> ?t }"
    )
    everywhere = reified.replace("{ ?a", "{ GRAPH ?g { ?a").replace("?t }", "?t } }")
    assert int(dataset.rows(reified, view="rdf12")[0]) > 100
    assert (
        dataset.rows(reified)
        == dataset.rows(everywhere)
        == dataset.rows(everywhere, view="rdf12")
        == ["0"]
    )
    unknown = dataset.ask(EVERYTHING, view="atlantis")
    assert unknown.status_code == 404
    assert {"japan", "neutral", "rdf12"} <= set(unknown.json()["nearest"])


def test_a_request_that_fails_half_way_changes_nothing(limited):
    text = "INSERT DATA { <http://e/half> <http://e/p> 1 } ; DROP GRAPH <http://e/none>"
    assert limited.update(text).status_code == 400
    assert limited.rows("SELECT * { <http://e/half> ?p ?o }") == []


def test_an_unknown_function_is_an_error_in_its_expression_only(limited):
    assert limited.rows("SELECT (COALESCE(<http://e/f>(1), 'none') AS ?x) {}") == ["none"]


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT * {", 1, 11),
        ("SELECT *\n{ ?s ?p ?o ) }", 2, 12),
        ("ASK { ?s ?p }", 1, 7),
        ("SELEC ?x {}", 1, 1),
    ],
)
def test_a_query_that_does_not_parse_is_placed(limited, query, line, column):
    problem = limited.ask(query).json()
    assert (problem["code"], problem["line"], problem["column"]) == ("syntax", line, column)


def test_a_prefix_that_is_missing_is_named(limited):
    assert "ex:" in limited.ask('SELECT * { ?s ex:p "a:b" }').json()["detail"]


def test_files_are_loaded_all_or_none_and_the_bad_line_is_named(tmp_path, serve):
    (tmp_path / "a.ttl").write_text("<http://e/a> <http://e/p> <rel> .")
    with gzip.open(tmp_path / "b.nq.gz", "wt") as file:
        file.write('<http://e/b> <http://e/p> "b" <http://e/g> .\n')
    (tmp_path / "bad.ttl").write_text(
        "<http://e/a> <http://e/p> 1 .\n<http://e/a> <http://e/p> oops .\n"
    )
    store = str(tmp_path / "store")
    bad = run("load", "--store", store, str(tmp_path / "a.ttl"), str(tmp_path / "bad.ttl"))
    assert bad.returncode == 1
    assert "bad.ttl:2:" in bad.stderr
    assert run("load", "--store", store, str(tmp_path / "b.nq.gz")).returncode == 0
    service = serve("--empty", "--store", store)
    assert service.rows("SELECT ?s ?g { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }") == [
        "http://e/b,http://e/g"
    ]


def test_a_backup_of_a_store_that_is_served_is_restored(tmp_path, serve):
    store, backup, fresh = (str(tmp_path / name) for name in ("store", "backup", "fresh"))
    service = serve("--empty", "--store", store)
    assert service.update("INSERT DATA { <http://e/s> <http://e/p> 'kept' }").status_code == 204
    assert run("backup", store, backup).returncode == 0
    assert service.update("DELETE WHERE { ?s ?p ?o }").status_code == 204
    assert run("restore", backup, fresh).returncode == 0
    assert serve("--empty", "--store", fresh).rows("SELECT ?o { ?s ?p ?o }") == ["kept"]


def test_an_unknown_function_in_an_update_leaves_its_variable_unbound(limited):
    text = "INSERT { <http://e/f> <http://e/value> ?x } WHERE { BIND(COALESCE(<http://e/f>(1), 2) AS ?x) }"
    assert limited.update(text).status_code == 204
    assert limited.rows("SELECT ?x { <http://e/f> <http://e/value> ?x }") == ["2"]


def test_marks_of_triple_terms_in_a_string_are_no_nesting(limited):
    text = f'INSERT DATA {{ <http://e/s> <http://e/code> "{"cout << 1;" * 200}" }}'
    assert limited.update(text).status_code == 204


@pytest.mark.parametrize("form", ["store", "N-Quads"])
def test_a_store_is_carried_to_the_next_version_of_the_dataset_with_what_users_wrote(
    tmp_path, token_file, form
):
    """Also one that an earlier version of the software made, which kept N-Quads of what the store was based on."""
    options = ("--writable", "--token-file", str(token_file), "--store", str(tmp_path / "store"))
    with serving(tmp_path, *options) as server:
        service = Service(server)
        assert (
            service.update(f"INSERT DATA {{ {JAPAN} <http://e/note> 'mine' }}").status_code == 204
        )
        size = service.rows(EVERYTHING)
    (founded,) = (tmp_path / "store").glob("dataset-*")
    older = founded.rename(founded.with_name(founded.name.rpartition("-")[0] + "-0000000000000000"))
    if form == "N-Quads":
        Store.read_only(str(older)).dump(older.with_suffix(".nq"), RdfFormat.N_QUADS)
        shutil.rmtree(older)
        older = older.with_suffix(".nq")
    with serving(tmp_path, *options) as server:
        service = Service(server)
        give_up = time.monotonic() + 60
        while older.exists():
            assert time.monotonic() < give_up
            time.sleep(0.1)
        assert (
            service.update(f"INSERT DATA {{ {JAPAN} <http://e/note> 'mine' }}").status_code == 204
        )
        assert service.rows(EVERYTHING) == size
        assert service.rows(f"SELECT ?o {{ {JAPAN} <http://e/note> ?o }}") == ["mine"]


def test_a_dataset_that_was_built_into_a_store_is_served_and_protected(tmp_path, serve, dataset):
    store = str(tmp_path / "built")
    built = run("build", "--store", store)
    assert built.returncode == 0, built.stderr
    again = run("build", "--store", store)
    assert again.returncode == 1 and "already" in again.stderr
    service = serve("--store", store)
    assert service.rows(EVERYTHING) == dataset.rows(EVERYTHING)
    assert service.update(f"DELETE WHERE {{ {JAPAN} ?p ?o }}").status_code == 403
    assert service.update(f"INSERT DATA {{ {JAPAN} <http://e/note> 'mine' }}").status_code == 204
