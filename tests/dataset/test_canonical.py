"""The canonical form says the same as the file, and says it in one way only."""

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from shimoda import paths
from shimoda.dataset.canonical import canonicalize, natural, serialize
from shimoda.errors import InputError

FILES = sorted(
    file for name in ("ontology", "triples") for file in paths.data(name).rglob("*.t*[lg]")
)


def dataset(text):
    quads = Dataset(parse(text.encode(), RdfFormat.TRIG, base_iri="https://w3id.org/shimoda/"))
    quads.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return quads


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_it_says_the_same_as_the_file(file):
    assert dataset(canonicalize(file)) == dataset(file.read_text())


def test_order_and_spelling_in_the_file_do_not_matter():
    one = '@prefix : <https://w3id.org/shimoda/ontology#> . :b a :C . :a :p "x"@en, 1.50 ; :q [ :r ( 1 [] ) ] .'
    other = (
        "<https://w3id.org/shimoda/ontology#a> <https://w3id.org/shimoda/ontology#q> _:z ; "
        '<https://w3id.org/shimoda/ontology#p> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> , """x"""@en . '
        "@prefix o: <https://w3id.org/shimoda/ontology#> . o:b a o:C . _:z o:r ( 1 _:y ) ."
    )
    assert serialize(parse(one, RdfFormat.TRIG)) == serialize(parse(other, RdfFormat.TRIG))


def test_a_graph_stands_after_its_description():
    quads = parse(
        "<http://x/g> { <http://x/s> <http://x/p> 1 } <http://x/g> <http://x/v> 2 .", RdfFormat.TRIG
    )
    text = serialize(quads)
    assert text.index("<http://x/v>") < text.index("<http://x/p>")


def test_numbers_in_names_sort_as_numbers():
    assert sorted(["s10", "s9", "s009a"], key=natural) == ["s9", "s009a", "s10"]


def test_a_blank_node_used_twice_needs_an_iri():
    with pytest.raises(InputError, match="give them IRIs"):
        serialize(
            parse(
                "<http://x/a> <http://x/p> _:b . <http://x/c> <http://x/p> _:b .", RdfFormat.TURTLE
            )
        )


def test_an_iri_whose_scheme_is_called_like_a_prefix_stays_whole():
    text = "<geo:37> <urn:p> <time:5> .\n"
    assert serialize(parse(text, RdfFormat.TURTLE)) == text


COMMENTED = """# what this file holds
@prefix : <https://w3id.org/shimoda/ontology#> .
@prefix state: <https://w3id.org/shimoda/id/state/> .

# the first; <no#iri> and "no # string"
# in two lines
state:aland a :State .

state:bland a :State .

# state:cland a :State .
"""


def test_comments_stay_before_their_subject_at_the_beginning_and_at_the_end(tmp_path):
    """Also when the subjects change their order, and when there is nothing else in the file."""
    file = tmp_path / "states.ttl"
    for text in (COMMENTED, "# nothing yet\n# state:aland a :State .\n"):
        file.write_text(text)
        assert canonicalize(file) == text
    bland = "state:bland a :State .\n\n"
    file.write_text(COMMENTED.replace(bland, "").replace("# the first", bland + "# the first"))
    assert canonicalize(file) == COMMENTED


@pytest.mark.parametrize("text", [
    "state:aland a :State ; # a state",
    "state:aland a :State ;\n# a label\n :label 1 .",
    "# unlike\n[] a :State .",
])  # fmt: skip
def test_a_comment_that_would_be_lost_is_told_with_its_place(tmp_path, text):
    file = tmp_path / "states.ttl"
    file.write_text(COMMENTED + text + ("" if text.endswith(".") else " .".rjust(3, "\n")))
    with pytest.raises(InputError, match="would be lost") as raised:
        canonicalize(file)
    assert raised.value.where["file"] == str(file) and raised.value.where["line"] >= 10
