"""The catalogue reads what a query's header says, and binds its parameters."""

import re

import pytest
from click.testing import CliRunner
from pyoxigraph import Store

from shimoda import paths
from shimoda.cli import main
from shimoda.engine.interface import Query, Update
from shimoda.engine.local import LocalEngine
from shimoda.errors import InputError, SyntaxProblem, UnknownName
from shimoda.namespaces import PREFIXES
from shimoda.questions import catalogue
from shimoda.sparql.text import reads_default_graph_only


@pytest.fixture(scope="module")
def engine(store):
    return LocalEngine(store)


QUERY = """#+ summary: Who visited a place?
#+ description: Only visits that the article tells of;
#+   others are not counted.
#+ ja:
#+   summary: 誰が場所を訪れたか。
#+ tags:
#+   - people
#+   - visits
#+ parameters:
#+   place: territory
#+   name: {en: Name, ja: 名, ru: Имя}
#+ defaults:
#+   - place: https://example.org/kunashir
#+ views:
#+   timeline: {label: who, start: day}
#+ columns: [who, day]
#+ least: 2

SELECT ?who ?day { ?visit <urn:place> ?_place_iri ; <urn:by> ?who ; <urn:called> ?_name # ?_name
  FILTER(?who != "?_name" && ?day > ?_year_integer) }
"""


def written(folder, text, name="visitors"):
    file = folder / f"{name}.rq"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def query(tmp_path):
    return catalogue.read(written(tmp_path, QUERY))


def test_the_header_is_read(query):
    """Titles by language, a description of several lines, tags, views and the shape of the answer."""
    assert (query.name, query.title) == ("visitors", "Who visited a place?")
    assert query.titles["ja"] == "誰が場所を訪れたか。"
    assert (
        query.descriptions["en"] == "Only visits that the article tells of; others are not counted."
    )
    assert (query.topic, query.tags) == ("people", ("people", "visits"))
    assert query.views == {"timeline": {"label": "who", "start": "day"}}
    assert (query.columns, query.least) == (("who", "day"), 2)


def test_parameters_are_found_with_their_type_label_and_default(query):
    assert [(p.name, p.kind, p.suffix, p.default) for p in query.parameters] == [
        ("place", "territory", "iri", "https://example.org/kunashir"),
        ("name", "text", "", None),
        ("year", "integer", "integer", None),
    ]
    assert query.parameters[0].labels["ru"] == "Спорная территория"
    assert query.parameters[1].labels["en"] == "Name"


def test_values_stand_for_parameters(query):
    """A value is written as the term that it is; what would break out of it is escaped."""
    bound = query.bind({"name": 'a "b\\', "year": "2010"})
    assert "<https://example.org/kunashir>" in bound
    assert r'<urn:called> "a \"b\\" # ?_name' in bound and '?who != "?_name"' in bound
    assert '"2010"^^<http://www.w3.org/2001/XMLSchema#integer>' in bound


def test_a_value_that_looks_like_a_parameter_is_only_a_value(tmp_path):
    file = written(tmp_path, "#+ summary: Who?\nSELECT ?s { ?s <urn:a> ?_one ; <urn:b> ?_two }\n")
    bound = catalogue.read(file).bind({"one": "?_two", "two": " } DELETE { "})
    assert '<urn:a> "?_two" ; <urn:b> " } DELETE { "' in bound


@pytest.mark.parametrize("question", catalogue.read_all(), ids=lambda question: question.name)
def test_a_condition_that_a_default_makes_true_is_left_out(question):
    if not all(parameter.default for parameter in question.parameters):
        return
    assert not re.search(r"<[^>]*#(\w+)> = :\1\b", question.bind())
    for parameter in question.parameters:
        if parameter.name == "source":
            assert "<urn:text>" in question.bind({"source": "urn:text"})


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"year": "2010"}, InputError),
        ({"name": "x", "year": "MMX"}, InputError),
        ({"name": "x", "year": "2010", "place": "not an IRI"}, InputError),
        ({"name": "x", "year": "2010", "place": "urn:x> } DELETE {"}, InputError),
        ({"name": "x", "year": "2010", "plaice": "urn:x"}, UnknownName),
    ],
)
def test_values_that_do_not_fit_are_refused(query, given, error):
    """A missing value, what is no IRI or no number, and a parameter that does not exist are told."""
    with pytest.raises(error):
        query.bind(given)


@pytest.mark.parametrize(
    "name",
    [
        "kunashir",
        "place/kunashir",
        "place:kunashir",
        "国後島",
        "кунашир",
        "KUNASHIRI",
        "Kunashir (Kunashiri)",
    ],
)
def test_a_label_an_alias_or_a_slug_does_where_an_iri_does(query, engine, name):
    """In any language and case; the type of the parameter says among what."""
    bound = query.bind({"place": name, "name": "x", "year": "2010"}, engine)
    assert f"<{PREFIXES['place']['kunashir'].value}>" in bound


@pytest.mark.parametrize("value", ["Kunashyr", "https://w3id.org/shimoda/id/place/kunashyr"])
def test_an_unknown_value_is_refused_with_what_was_expected_and_the_nearest(query, engine, value):
    with pytest.raises(InputError, match="the type territory") as told:
        query.bind({"place": value, "name": "x", "year": "2010"}, engine)
    assert (told.value.status, told.value.where["parameter"]) == (400, "place")
    assert any("kunashir" in name for name in told.value.where["nearest"])


def test_a_value_of_another_type_is_refused(query, engine):
    """Tokyo is a place, and no contested territory."""
    with pytest.raises(InputError, match="territory"):
        query.bind({"place": PREFIXES["place"]["tokyo"].value, "name": "x", "year": "2010"}, engine)


def test_what_a_parameter_takes_follows_the_dataset(query):
    """After a write, what was added is taken."""
    engine = LocalEngine(Store())
    given = {"place": "Utopia", "name": "x", "year": "2010"}
    with pytest.raises(InputError):
        query.bind(given, engine)
    added = (
        "<urn:u> a :ContestedTerritory ; <http://www.w3.org/2000/01/rdf-schema#label> 'Utopia' ."
    )
    year = "<urn:e> a :Event ; :earliest '2010-01-01'^^<http://www.w3.org/2001/XMLSchema#date> ."
    engine.update(Update(f"PREFIX : <{PREFIXES['']}> INSERT DATA {{ {added} {year} }}"))
    assert "<urn:u>" in query.bind(given, engine)


def test_a_name_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(UnknownName) as told:
        catalogue.find("contested-territory")
    assert "contested-territories" in told.value.where["nearest"]


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("#+ tags:\n#+   - people\n", 1),
        ("#+ summary: Who?\n#+ description: One: two.\n", 2),
        ("#+ summary: Who?\n#+ tags: [\n", 2),
        ("#+ summary: Who?\n#+ least: many\n", 1),
    ],
)
def test_a_header_that_cannot_be_used_is_told_with_file_and_line(tmp_path, header, line):
    file = written(tmp_path, header + "ASK {}\n")
    with pytest.raises(SyntaxProblem) as told:
        catalogue.read(file)
    assert told.value.where["file"] == str(file)
    assert told.value.where["line"] >= line


HEADER = """#+ summary: Who?
#+ ja: {summary: 誰か。}
#+ ru: {summary: Кто?}
#+ tags: [people]
#+ columns: [who]
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER.replace("people", "persons") + "SELECT ?who { ?who a ?kind }\n", 4),
        (HEADER.replace("columns", "pillars") + "SELECT ?who { ?who a ?kind }\n", 5),
        (HEADER.replace("#+ ru: {summary: Кто?}\n", "") + "ASK {}\n", 1),
        (HEADER + "#+ views:\n#+   globe: {label: who}\nASK {}\n", 6),
        (HEADER + "#+ views:\n#+   chart: {label: who, value: many}\nASK {}\n", 6),
        (HEADER + "SELECT ?who { ?who a ?_view_iri }\n", 1),
        (HEADER + "#+ parameters: {who: nobody}\nSELECT ?who { ?who a ?_who_iri }\n", 6),
        (HEADER + "SELECT ?who { ?who a ?_state_iri ; <urn:a> ?_state }\n", 1),
        ("#+ summary: Who: what?\nASK {}\n", 1),
        (HEADER + "\nSELECT ?who {\n  ?who a ;;; }\n", 8),
        (HEADER + "SELECT ?whom { ?whom a ?kind }\n", None),
        (HEADER + "#+ least: 2\nSELECT ?who { VALUES ?who { 1 } }\n", None),
    ],
)
def test_a_broken_question_stops_the_build_with_file_and_line(queries, text, line):
    """Unknown topic, entry, view, column, parameter; a language left out; no YAML, no SPARQL; another answer than told."""
    written(queries, text, "broken")
    told = CliRunner().invoke(main, ["build"])
    assert told.exit_code == 1
    assert "queries/broken.rq" + (f":{line}:" if line else ":") in told.stderr


def test_the_example_in_the_documentation_is_a_whole_question(tmp_path, engine):
    text = (paths.CHECKOUT / "docs" / "questions.md").read_text("utf-8")
    example = re.search(r"```sparql\n(.*?)```", text, re.DOTALL)
    question = catalogue.read(written(tmp_path, example[1]), complete=True)
    results = engine.query(Query(question.bind({"person": "Александр Панов"}, engine)))
    assert results.variables == list(question.columns) and results.count >= question.least


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
    assert rows(store, "positions-on-a-territory", territory=PREFIXES["place"]["shikotan"].value)
    assert not rows(
        store, "positions-on-a-territory", territory=PREFIXES["place"]["kuril-islands"].value
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
    """Mapped out (s057), foreseen (s063), demanded (s146), thought of (s119); the visit of 2010 was made."""
    found = {
        what: realization
        for what, realization, *_ in rows(store, "what-is-only-planned-or-demanded")
    }
    assert found["rebuilding-of-afghanistan"] == "Planned"
    assert found["handover-shikotan"] == "Foreseen"
    assert found["gradual-improvement-of-relations"] == "Demanded"
    assert found["nuclear-power-plant-on-kunashir"] == "Discussed"
    assert "medvedev-visit-kunashir-2010" not in found


def test_everything_graded_has_its_degree_and_its_word(store):
    """Few (s100), severely (s087), mostly (s010), any (s044); not seriously (s059) is denied."""
    told = rows(store, "what-holds-to-which-degree")
    found = {(row[7], row[1], row[2], row[4]) for row in told}
    assert {
        ("s100", "Affirmed", "Little", "few"),
        ("s087", "Affirmed", "Much", "severely"),
        ("s010", "Affirmed", "Most", "mostly"),
        ("s044", "Affirmed", "Utmost", "any major field"),
        ("s059", "Denied", "Much", "seriously"),
    } <= found


def test_a_number_names_whom_it_counts(store):
    """Few are versed (s100) and a handful interested (s110): each is a group, not a weak interest of all."""
    told = rows(store, "what-holds-to-which-degree")
    found = {(row[7], row[8]) for row in told if row[2] == "Little"}
    assert {
        ("s100", "politicians-versed-in-russian-relations"),
        ("s110", "handful-interested-in-improvement"),
    } <= found


def test_the_words_that_tie_sentences_together_are_ties(store):
    """However (s075), although (s038), also (s042) and for example (s036) each lead to what they refer to."""
    sentence = re.compile(r"s\d{3}")
    found = {
        (row[0], row[3], sentence.search(row[4])[0])
        for row in rows(store, "ties-between-statements")
    }
    assert {
        ("s075", "contrastsWith", "s074"),
        ("s038", "inSpiteOf", "s038"),
        ("s042", "addsTo", "s040"),
        ("s036", "elaborates", "s035"),
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


EXPECTED = [
    ("contacts-of-a-person", {}, ("dmitry-medvedev", "telephonedWith")),
    ("titles-of-a-person", {}, ("prime-minister-of-japan",)),
    ("offices-of-a-person", {"person": "鳩山由紀夫"}, ("prime-minister-of-japan", "2009-09-16")),
    ("organizations-of-a-person", {}, ("iskran", "worksFor")),
    ("people-of-a-state", {"state": "Japan"}, ("naoto-kan", "prime-minister-of-japan")),
    ("contested-territories", {}, ("kunashir", "japan", "russia")),
    ("control-of-a-territory", {}, ("russia", "illegal-occupation", "national-diet")),
    ("handovers", {}, ("handover-shikotan", "shikotan", "japan", "Foreseen")),
    ("agreements", {}, ("treaty-of-shimoda", "tokugawa-shogunate", "1855")),
    ("conditions", {}, ("handover-habomai", "conclusion-of-peace-treaty")),
    ("documents", {}, ("us-embassy-cables", "us-embassy-tokyo", "state-department")),
    ("events-of-a-participant", {"agent": "Владимир Путин"}, ("putin-visit-japan-2009", "2009-05")),
    (
        "events-at-a-place",
        {"place": "Moscow"},
        ("maehara-visit-moscow-2011", "destination", "s055"),
    ),
    ("days-between-two-events", {}, ("130", "130")),
    ("reactions-to-an-event", {}, ("recall-of-ambassador",)),
    ("what-somebody-wants", {"agent": "state/japan"}, ("demands",)),
    ("assertions-of-a-mode", {"mode": "quoted"}, ("naoto-kan",)),
    (
        "how-something-is-assessed",
        {"entity": "event:tragic-events-in-japan"},
        ("adverse",),
    ),
    ("what-a-world-adds", {"world": "Россия"}, ("russia", "sovereignOver", "kunashir")),
    (
        "claims-drawn-from-a-document",
        {"document": "shumsky-article"},
        ("alexander-shumsky", "s115"),
    ),
    ("links-of-an-entity", {"entity": "Naoto Kan"}, ("GND", "1017190461")),
    ("inferred-of-an-entity", {}, ("kunashir", "claimedBy", "japan")),
    ("things-of-a-kind", {}, ("iturup", "true")),
    ("successors-of-a-state", {}, ("russia",)),
]
"""From the article and the record: cells that stand in one row of the answer."""


@pytest.mark.parametrize(("name", "given", "cells"), EXPECTED, ids=[one[0] for one in EXPECTED])
def test_a_question_is_answered_as_a_reader_expects(engine, name, given, cells):
    results = engine.query(Query(catalogue.find(name).bind(given, engine)))
    found = [{tail(cell) for cell in row.values()} for row in results.rows()]
    assert any(set(cells) <= row for row in found), found[:5]


@pytest.mark.parametrize(
    "file", sorted((paths.data("queries") / "parameters").glob("*.rq")), ids=lambda file: file.stem
)
def test_what_a_parameter_takes_is_read_from_the_default_graph(file):
    """So the answer to a question depends on named graphs only where its query reads them."""
    assert reads_default_graph_only(file.read_text(encoding="utf-8"))
