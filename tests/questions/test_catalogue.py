"""The catalogue reads what a query's header says, and binds its parameters."""

import pytest

from shimoda.errors import InputError, UnknownName
from shimoda.namespaces import PREFIXES
from shimoda.questions import catalogue

QUERY = """#+ summary: Who visited a place?
#+ description: Only visits that the article tells of;
#+   others are not counted.
#+ tags:
#+   - visits
#+   - places
#+ defaults:
#+   - place: https://example.org/kunashir

SELECT ?who { ?visit <urn:place> ?_place_iri ; <urn:by> ?who ; <urn:called> ?_name }
"""


@pytest.fixture
def query(tmp_path):
    file = tmp_path / "visitors.rq"
    file.write_text(QUERY, encoding="utf-8")
    return catalogue.read(file)


def test_the_header_is_read(query):
    """Entries of one line, of several lines and lists are told apart."""
    assert (query.name, query.summary) == ("visitors", "Who visited a place?")
    assert query.description == "Only visits that the article tells of; others are not counted."
    assert query.tags == ["visits", "places"]
    assert query.questions == []


def test_parameters_are_found_with_their_kind_and_default(query):
    assert [(p.name, p.is_iri, p.default) for p in query.parameters] == [
        ("place", True, "https://example.org/kunashir"),
        ("name", False, None),
    ]


def test_values_stand_for_parameters(query):
    """A value is written as the term that it is; what would break out of it is escaped."""
    bound = query.bind({"name": 'a "b\\'})
    assert "<https://example.org/kunashir>" in bound
    assert r'"a \"b\\"' in bound


def test_a_value_that_looks_like_a_parameter_is_only_a_value(tmp_path):
    file = tmp_path / "two.rq"
    file.write_text("#+ summary: Who?\nSELECT ?s { ?s <urn:a> ?_one ; <urn:b> ?_two }\n")
    bound = catalogue.read(file).bind({"one": "?_two", "two": " } DELETE { "})
    assert '<urn:a> "?_two" ; <urn:b> " } DELETE { "' in bound


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, InputError),
        ({"name": "x", "place": "not an IRI"}, InputError),
        ({"name": "x", "place": "urn:x> } DELETE {"}, InputError),
        ({"name": "x", "plaice": "urn:x"}, UnknownName),
    ],
)
def test_values_that_do_not_fit_are_refused(query, given, error):
    """A missing value, what is no IRI, and a parameter that does not exist are told."""
    with pytest.raises(error):
        query.bind(given)


def test_a_name_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(UnknownName) as told:
        catalogue.find("contested-territory")
    assert "contested-territories" in told.value.where["nearest"]


def test_every_query_says_what_it_asks_and_belongs_to_a_subject():
    """Pages and tools live on summaries and tags: a question each, tags for all."""
    for query in catalogue.read_all():
        assert query.summary.endswith("?") and query.tags, query.name


def rows(store, name, **given):
    results = store.query(catalogue.find(name).bind(given))
    return {tuple(tail(cell) for cell in row) for row in results}


def tail(cell):
    return "" if cell is None else cell.value.rpartition("/")[2].rpartition("#")[2]


def test_contradictions_name_claims_voices_and_sentences(store):
    """Read in the article: Russia no threat (s045) against a source of instability (s118); meetings (s039, s137)."""
    found = {
        (sentence, voice, other, against)
        for _, voice, sentence, _, _, against, other in rows(store, "contradictions")
    }
    assert ("s045", "alexander-panov", "s118", "kazuo-ogura") in found
    assert ("s039", "alexander-panov", "s137", "alexander-panov") in found


def test_what_is_reported_is_never_in_the_authors_voice(store):
    """Every row has another voice than the author, and Shumsky's punishment (s115) is among them."""
    found = rows(store, "reported-without-endorsement")
    assert ("s115", "alexander-shumsky") in {row[:2] for row in found}
    assert "alexander-panov" not in {row[1] for row in found}


def test_corrections_of_officials_hold_kan_putin_and_the_parliament(store):
    """The speech of 7 February, the cubic litres and the law of 2009, each with who spoke."""
    found = {
        (correction, speaker)
        for correction, _, _, speaker, _ in rows(store, "corrections-of-officials")
    }
    assert {
        ("correction-s085-speech", "naoto-kan"),
        ("correction-s125-unit", "vladimir-putin"),
        ("correction-s076-wording", "national-diet"),
    } <= found
    assert "alexander-shumsky" not in {speaker for _, speaker in found}


def test_a_parameter_changes_the_answer(store):
    """Positions on Shikotan are not those on the Kuril chain, of which the article tells none."""
    assert rows(store, "positions-on-an-island", island=PREFIXES["place"]["shikotan"].value)
    assert not rows(
        store, "positions-on-an-island", island=PREFIXES["place"]["kuril-islands"].value
    )


def test_what_is_denied_is_found_whatever_the_words(store):
    """Not ready yet (s016), no plan (s105), not a word (s117): one query, with who denies."""
    found = {
        (voice, subject, thing) for voice, subject, _, thing, _ in rows(store, "what-is-denied")
    }
    assert {
        ("alexander-panov", "japan", "mutual-trust"),
        ("us-embassy-tokyo", "japan", "plan-for-return-of-northern-territories"),
        ("alexander-panov", "kazuo-ogura", "russian-assistance"),
    } <= found


def test_what_is_only_planned_or_demanded_is_told_from_what_was_done(store):
    """Mapped out (s057), foreseen (s063), demanded (s068), thought of (s119); the visit of 2010 was made."""
    found = {
        what: realization
        for what, realization, *_ in rows(store, "what-is-only-planned-or-demanded")
    }
    assert found["rebuilding-of-afghanistan"] == "Planned"
    assert found["handover-shikotan"] == "Foreseen"
    assert found["return-of-iturup"] == "Demanded"
    assert found["nuclear-power-plant-on-kunashir"] == "Discussed"
    assert "medvedev-visit-kunashir-2010" not in found


def test_everything_graded_has_its_degree_and_its_word(store):
    """Few (s100), severely (s087), mostly (s010), never (s008); not seriously (s059) is denied."""
    found = {(sentence, polarity, degree, word) for _, polarity, degree, _, word, _, _, sentence in
             rows(store, "what-holds-to-which-degree")}  # fmt: skip
    assert {
        ("s100", "Affirmed", "Little", "few"),
        ("s087", "Affirmed", "Much", "severely"),
        ("s010", "Affirmed", "Most", "mostly"),
        ("s008", "Denied", "Utmost", "never"),
        ("s059", "Denied", "Much", "seriously"),
    } <= found


def test_a_half_year_has_what_certainly_and_what_possibly_happened_in_it(store):
    """The visit of 1 November 2010 is certain; the exchange of words, which lasted longer, only reaches into it."""
    found = {event: certain for event, _, certain, _ in rows(store, "what-happened-in-a-time")}
    assert found["medvedev-visit-kunashir-2010"] == "true"
    assert found["exchange-of-sharp-statements"] == "false"
    assert "earthquake-2011" not in found
    first = rows(store, "what-happened-in-a-time", first="2011-01-01", last="2011-06-30")
    assert ("earthquake-2011", "2011-03-11", "true", "Done") in first


def test_agreements_tell_what_they_provide_by_article(store):
    """Article 9 from the article itself (s063), the border of 1855 from elsewhere; the handover waits for a treaty."""
    found = {row[:4] for row in rows(store, "what-agreements-provide")}
    assert {
        ("joint-declaration-1956", "9", "handover-shikotan", "conclusion-of-peace-treaty"),
        ("treaty-of-shimoda", "2", "border-between-iturup-and-urup", ""),
    } <= found


CORRECTED = """
PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?correction (EXISTS { ?s ?p ?o } AS ?holds) WHERE { ?correction :corrects ?any . GRAPH ?correction { ?s ?p ?o } }
"""


def test_each_correction_holds_in_a_plain_query(store):
    """What a correction says stands in the default graph; that nothing else does is a check."""
    found = [(row["correction"].value, row["holds"].value) for row in store.query(CORRECTED)]
    assert len({correction for correction, _ in found}) >= 6
    assert {holds for _, holds in found} == {"true"}
