"""Each triple stands in its graph, and the default graph holds what nobody disputes."""

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph

from shimoda.dataset.assembly import default_graph, files, read
from shimoda.errors import InputError, SyntaxProblem
from shimoda.namespaces import BASE, PREFIXES, graph

SHIMODA = PREFIXES[""]
EXAMPLE = """
@prefix : <https://w3id.org/shimoda/ontology#> .
@prefix assertion: <https://w3id.org/shimoda/assertion/> .
assertion:x :voice <http://x/v> ; :mode :%s ; :standing :%s .
assertion:x { <http://x/s> <http://x/p> <http://x/o> }
"""


def predicates(tmp_path, text):
    file = tmp_path / "x.trig"
    file.write_text(text)
    quads = list(read([(file, graph("provenance"))]))
    return {quad.predicate.value for quad in default_graph(quads)}


@pytest.mark.parametrize(("mode", "standing", "told"), [
    ("Narrated", "Undisputed", True), ("Narrated", "Disputed", False), ("Narrated", "Corrected", False),
    ("Quoted", "Undisputed", False), ("Evaluation", "Undisputed", False),
])  # fmt: skip
def test_only_what_is_narrated_and_undisputed_is_told(tmp_path, mode, standing, told):
    assert ("http://x/p" in predicates(tmp_path, EXAMPLE % (mode, standing))) is told


def test_what_is_said_about_an_assertion_is_always_there(tmp_path):
    assert SHIMODA["voice"].value in predicates(tmp_path, EXAMPLE % ("Quoted", "Disputed"))


def test_a_file_cannot_write_into_a_graph_that_is_no_assertion(tmp_path):
    (tmp_path / "x.trig").write_text(
        "<https://w3id.org/shimoda/graph/inferred> { <http://x/s> a <http://x/o> }"
    )
    with pytest.raises(InputError, match="graph/inferred"):
        list(read([(tmp_path / "x.trig", graph("provenance"))]))


def test_a_broken_file_is_named_with_line_and_column(tmp_path):
    (tmp_path / "x.ttl").write_text("@prefix : <http://x/> .\n:a :b :c\n:d :e :f .")
    with pytest.raises(SyntaxProblem) as caught:
        list(read([(tmp_path / "x.ttl", graph("provenance"))]))
    assert (Path(caught.value.where["file"]).name, caught.value.where["line"]) == ("x.ttl", 3)


def test_files_go_to_the_graphs_of_their_folders(tmp_path):
    for name in (
        "one/entities/person.ttl",
        "one/source.ttl",
        "background/offices.ttl",
        "links/wikidata.ttl",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    found = {
        file.name: target.value.removeprefix(BASE)
        for file, target in files(tmp_path / "empty", tmp_path)
    }
    assert found == {
        "person.ttl": "graph/entities", "source.ttl": "graph/provenance",
        "offices.ttl": "graph/background", "wikidata.ttl": "graph/links",
    }  # fmt: skip


def test_nothing_in_the_default_graph_says_whose_a_place_is(store):
    assert not list(store.quads_for_pattern(None, SHIMODA["sovereignOver"], None, DefaultGraph()))


BETWEEN_ENTITIES = """
PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?a) AS ?graphs) WHERE {
  ?a a :Assertion . GRAPH ?a { ?s ?p ?o FILTER (isIRI(?s) && isIRI(?o) && ?p != rdf:type) }
}"""


def test_the_graph_is_no_toy(store):
    """Labels, types and provenance do not count."""
    (row,) = store.query(BETWEEN_ENTITIES)
    assert int(row["graphs"].value) >= 250
    assert int(row["triples"].value) >= 600
