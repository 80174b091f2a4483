"""shimoda check finds what is wrong, names it and says where."""

import json
import random
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, Quad, Store

from shimoda import paths
from shimoda.authoring.checks import Finding, check_profile, check_queries, check_text, placed
from shimoda.authoring.examination import examine
from shimoda.authoring.shapes import check_shapes
from shimoda.authoring.sources import describe
from shimoda.cli.check import check_command
from shimoda.dataset.assembly import default_graph, files, read
from shimoda.dataset.canonical import serialize
from shimoda.dataset.files import parse
from shimoda.namespaces import BASE, PREFIXES, graph
from shimoda.questions.catalogue import read_all

ARTICLE = Path(__file__).parents[3] / "shared" / "source" / "article.txt"
SHIMODA, RDF, OWL = PREFIXES[""], PREFIXES["rdf"], PREFIXES["owl"]
NEEDED = {
    "voice": "has no voice",
    "mode": "needs one mode",
    "standing": "needs one standing",
    "citedIn": "cites no sentence",
}
EDTF = PREFIXES["edtf"]["EDTF"]


@pytest.fixture(scope="module")
def quads():
    return list(read(files()))


def assembled(quads):
    quads = list(quads)
    store = Store()
    store.bulk_extend(quads)
    store.bulk_extend(default_graph(quads))
    return store


def assertions(quads):
    return sorted(
        {
            q.subject.value
            for q in quads
            if q.predicate == RDF["type"] and q.object == SHIMODA["Assertion"]
        }
    )


def iri(text):
    """Read ``person:naoto-kan`` or ``:voice``."""
    prefix, _, name = text.partition(":")
    return PREFIXES[prefix][name]


def stated(subject, predicate, thing, home="entities"):
    """Return a quad in one of the named graphs, or in the graph of an assertion."""
    name = PREFIXES["assertion"][home] if home.startswith("panov") else graph(home)
    thing = thing if isinstance(thing, Literal) else iri(thing)
    return Quad(iri(subject), iri(predicate), thing, name)


def messages(found, subject):
    return " | ".join(finding.message for finding in found if finding.subject == subject)


def test_the_files_are_sound_and_complete():
    """Nothing is wrong; every sentence is cited or marked; at least 400 assertions, 85 % of them with content."""
    result = examine(only="panov-2011")
    assert result.findings == []
    figures = result.figures
    assert figures["sentences"] == 149 == figures["sentences cited"] + figures["sentences marked"]
    assert figures["assertions"] >= 400
    assert figures["share with content"] >= 0.85
    assert (
        sum(figures["by mode"].values())
        == sum(figures["by standing"].values())
        == figures["assertions"]
    )
    without = figures["assertions"] - figures["assertions with content"]
    assert sum(figures["by reason for no content"].values()) == without


@pytest.mark.parametrize(("needed", "message"), NEEDED.items())
def test_every_assertion_is_named_when_it_lacks_something(quads, needed, message):
    """Without voices, modes, standings or sentences, each assertion is found, none is passed over."""
    found = list(
        check_shapes(assembled(quad for quad in quads if quad.predicate != SHIMODA[needed]))
    )
    complained = {finding.subject for finding in found if message in finding.message}
    assert complained == set(assertions(quads))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A copy of the data that a test may damage, at which the command is made to look."""
    for name in ("ontology", "triples", "queries"):
        shutil.copytree(paths.data(name), tmp_path / name)
    monkeypatch.setenv("SHIMODA_DATA", str(tmp_path))
    monkeypatch.setattr(paths, "built", lambda: tmp_path)
    return tmp_path


def sample():
    """Draw an assertion for each of the things that it needs, each from another file."""
    draw, folder = random.Random(1855), paths.data("triples")
    names = {
        file: re.findall(r"^assertion:(\S+) a :Assertion", file.read_text("utf-8"), re.MULTILINE)
        for file in sorted(folder.glob("*/assertions/*.trig"))
    }
    drawn = draw.sample([file for file, found in names.items() if found], len(NEEDED))
    for file, needed in zip(drawn, NEEDED, strict=True):
        name = draw.choice(names[file])
        yield pytest.param(str(file.relative_to(folder)), name, needed, id=f"{name}-{needed}")


@pytest.mark.parametrize(("file", "name", "needed"), list(sample()))
def test_the_command_fails_and_names_what_lacks_something(place, file, name, needed):
    """Taken out of the file, a voice, mode, standing or sentence makes the command fail, naming file and line."""
    path = place / "triples" / file
    lacking = PREFIXES["assertion"][name]
    kept = [
        quad for quad in parse(path) if (quad.subject, quad.predicate) != (lacking, SHIMODA[needed])
    ]
    path.write_text(serialize(kept), encoding="utf-8")
    done = CliRunner().invoke(check_command, ["--json"])
    assert done.exit_code == 1
    findings = json.loads(done.stdout)["findings"]
    (finding,) = [
        f for f in findings if f.get("subject") == lacking.value and NEEDED[needed] in f["message"]
    ]
    assert finding["file"] == str(path)
    assert (
        path.read_text(encoding="utf-8")
        .splitlines()[finding["line"] - 1]
        .startswith(f"assertion:{name} ")
    )


S085, S086 = "panov-2011-s085-kan-speaks", "panov-2011-s086-maehara-speaks"
WRONG = {
    "sovereignty among the entities": (
        [stated("state:japan", ":sovereignOver", "place:kunashir")],
        "state:japan",
        "only a voice can say",
    ),
    "sovereignty in a narrated assertion": (
        [stated("state:russia", ":sovereignOver", "place:iturup", S085)],
        "state:russia",
        "only a voice can say",
    ),
    "an entity that nobody declared": (
        [stated("event:kan-statement", ":about", "topic:nobody-declared-this", S085)],
        "topic:nobody-declared-this",
        "declared nowhere",
    ),
    "a property that is not in the ontology": (
        [stated("event:kan-statement", ":regrets", "topic:bilateral-relations", S085)],
        ":regrets",
        "not declared",
    ),
    "a class that is not in the ontology": (
        [stated("event:kan-statement", "rdf:type", ":Lament")],
        ":Lament",
        "not declared",
    ),
    "a literal where an entity is due": (
        [stated("event:kan-statement", ":speaker", Literal("Kan"), S085)],
        "event:kan-statement",
        "takes an entity",
    ),
    "an entity where a literal is due": (
        [stated("event:kan-statement", ":date", "place:kunashir", S085)],
        "event:kan-statement",
        "takes a literal",
    ),
    "two dates": (
        [stated("event:earthquake-2011", ":date", Literal("2011-03-12", datatype=EDTF))],
        "event:earthquake-2011",
        "only one",
    ),
    "a day that does not exist": (
        [stated("event:kuril-dispute", ":endDate", Literal("2011-02-30", datatype=EDTF))],
        "event:kuril-dispute",
        "no date in EDTF",
    ),
    "a month that does not exist, in a claim": (
        [
            stated(
                "event:kuril-dispute",
                ":date",
                Literal("2011-13", datatype=EDTF),
                "panov-2011-s085-very-regrettable",
            )
        ],
        "assertion:panov-2011-s085-very-regrettable",
        "no date in EDTF",
    ),
    "a date without its datatype": (
        [stated("event:kuril-dispute", ":endDate", Literal("2011"))],
        "event:kuril-dispute",
        "no date in EDTF",
    ),
    "an entity of two kinds": (
        [stated("person:naoto-kan", "rdf:type", ":Office")],
        "person:naoto-kan",
        "no member in common",
    ),
    "an entity with an IRI of another kind": (
        [stated("place:kazan", "rdf:type", ":Person")],
        "place:kazan",
        "its IRI speaks of",
    ),
    "two labels in one language": (
        [stated("place:kunashir", "rdfs:label", Literal("Kunashir", language="en"))],
        "place:kunashir",
        "two labels",
    ),
    "an assertion without a sentence of its name": (
        [
            stated("assertion:panov-2011-s001-x", "rdf:type", ":Assertion", "provenance"),
            stated(
                "assertion:panov-2011-s001-x", ":citedIn", "source:panov-2011#s002", "provenance"
            ),
        ],
        "assertion:panov-2011-s001-x",
        "named after a sentence",
    ),
    "a graph that nobody describes": (
        [
            stated(
                "state:japan", ":understands", "topic:bilateral-relations", "panov-2011-s002-nobody"
            )
        ],
        "assertion:panov-2011-s002-nobody",
        "nothing that is described",
    ),
    "a reason beside content": (
        [stated(f"assertion:{S085}", ":noContent", ":LiteralOnly", "provenance")],
        f"assertion:{S085}",
        "has a triple",
    ),
    "a reason that is not in the list": (
        [stated("assertion:panov-2011-s133-question", ":noContent", ":Undisputed", "provenance")],
        "assertion:panov-2011-s133-question",
        "not in the closed list",
    ),
    "too many words quoted": (
        [stated(f"assertion:{S085}", ":quotedWords", Literal(" ".join("abcdefghi")), "provenance")],
        f"assertion:{S085}",
        "more than eight words",
    ),
    "a correction of what is not marked as corrected": (
        [stated("assertion:correction-s085-day", ":corrects", f"assertion:{S085}", "background")],
        f"assertion:{S085}",
        "its standing is not :Corrected",
    ),
    "a narrated assertion that another voice rejects": (
        [
            stated(
                "assertion:panov-2011-s086-hurts-sentiment",
                ":rejects",
                f"assertion:{S086}",
                "provenance",
            )
        ],
        f"assertion:{S086}",
        "another voice",
    ),
    "another voice that narrates": (
        [stated(f"assertion:{S085}", ":voice", "person:naoto-kan", "provenance")],
        f"assertion:{S085}",
        "neither wrote nor published",
    ),
    "an event without a date": (
        [stated("event:party", "rdf:type", ":Event")],
        "event:party",
        "neither a date nor a reason",
    ),
    "a state without a Russian label": (
        [
            stated("state:norway", "rdf:type", ":State"),
            stated("state:norway", "dcterms:source", "source:panov-2011#s002"),
        ],
        "state:norway",
        "a language that its source has",
    ),
    "content that is about nothing": (
        [
            stated("state:japan", ":fears", "state:china", "panov-2011-s002-nothing"),
            stated("assertion:panov-2011-s002-nothing", "rdf:type", ":Assertion", "provenance"),
        ],
        "assertion:panov-2011-s002-nothing",
        "names nothing that it is about",
    ),
    "two claimants that may be one": (
        [stated("state:norway", ":claims", "place:kunashir")],
        "state:japan",
        "may be the same state",
    ),
    "a correction that is not there": (
        [stated(f"assertion:{S086}", ":standing", ":Corrected", "provenance")],
        f"assertion:{S086}",
        "no correction departs from it",
    ),
    "a denial that is not there": (
        [stated(f"assertion:{S086}", ":polarity", ":Denied", "provenance")],
        f"assertion:{S086}",
        "its graph denies nothing",
    ),
    "a denial that is affirmed": (
        [stated("topic:x", "rdf:type", "owl:NegativePropertyAssertion", S085)],
        f"assertion:{S085}",
        "its graph denies something",
    ),
    "a denial of the utmost alone": (
        [stated("assertion:panov-2011-s137-nobody-else", ":degree", ":Utmost", "provenance")],
        "assertion:panov-2011-s137-nobody-else",
        "denies only the utmost",
    ),
    "a denial that nobody utters": (
        [stated("topic:x", "rdf:type", "owl:NegativePropertyAssertion")],
        "graph:entities",
        "outside of the graph of an assertion",
    ),
    "an author who quotes himself": (
        [
            stated(
                "assertion:panov-2011-s085-very-regrettable",
                ":voice",
                "person:alexander-panov",
                "provenance",
            )
        ],
        "assertion:panov-2011-s085-very-regrettable",
        "with the author of the source as its voice",
    ),
    "a sentence that nobody cites": (
        [stated("source:panov-2011#s999", "rdf:type", ":Sentence", "provenance")],
        "source:panov-2011#s999",
        "cited by no assertion",
    ),
    "a sentence that is cited and marked": (
        [stated("source:panov-2011#s085", ":noContent", ":TextStructure", "provenance")],
        "source:panov-2011#s085",
        "marked as stating nothing",
    ),
    "an assertion without content": (
        [stated("assertion:panov-2011-s001-empty", "rdf:type", ":Assertion", "provenance")],
        "assertion:panov-2011-s001-empty",
        "no triple between entities",
    ),
    "a figure without a number": (
        [stated("observation:x", "rdf:type", ":Observation")],
        "observation:x",
        "no figure",
    ),
    "a position that nobody holds": (
        [stated("position:x", "rdf:type", ":Position")],
        "position:x",
        "held by nobody",
    ),
    "a part in no event": (
        [stated("participation:x", "rdf:type", ":Participation")],
        "participation:x",
        "an event and an agent",
    ),
    "an entity of which nothing is said": (
        [stated("unit:x", "rdf:type", ":Unit")],
        "unit:x",
        "no graph says anything",
    ),
    "a source without a digest": (
        [stated("source:other", "rdf:type", ":Source", "provenance")],
        "source:other",
        "title or digest",
    ),
    "a contradiction without a remark": (
        [
            stated(
                "assertion:panov-2011-s002-issue",
                ":contradicts",
                "assertion:panov-2011-s003-author",
                "provenance",
            )
        ],
        "assertion:panov-2011-s002-issue",
        "no correction remarks on it",
    ),
    "a link without evidence": (
        [stated("body:gazprom", "owl:sameAs", "wd:Q1", "links")],
        "body:gazprom",
        "nobody has verified",
    ),
    "a corrected statement that the default graph repeats": (
        [stated("event:kan-statement", ":describesAs", "topic:regrettable")],
        "assertion:panov-2011-s085-words-of-that-day",
        "still says it",
    ),
    "a corrected quotation that a statement conveys": (
        [
            stated(
                "assertion:panov-2011-s085-very-regrettable",
                ":madeIn",
                "event:kan-statement",
                "provenance",
            )
        ],
        "assertion:panov-2011-s085-very-regrettable",
        "still said to convey it",
    ),
    "a disputed statement that the default graph repeats": (
        [stated("place:kuril-islands", ":hasPart", "place:shikotan")],
        "assertion:panov-2011-s008-part-of-kurils",
        "says it all the same",
    ),
    "a dispute without an opponent": (
        [
            stated(
                "assertion:panov-2011-s073-putin-visits-japan",
                ":standing",
                ":Disputed",
                "provenance",
            )
        ],
        "assertion:panov-2011-s073-putin-visits-japan",
        "nothing contradicts it",
    ),
    "a deed of which nobody says how far it went": (
        [stated("event:party", "rdf:type", ":Event")],
        "event:party",
        "how far it went",
    ),
    "an order told in spite of dates": (
        [
            stated("event:putin-statement-gas", ":stagedAfter", "event:putin-order", S085),
            stated("event:putin-statement-gas", ":follows", "event:putin-order"),
        ],
        "event:putin-statement-gas",
        "leave the order to the dates",
    ),
    "a subject that is not in the graph": (
        [stated(f"assertion:{S085}", ":about", "body:gazprom", "provenance")],
        f"assertion:{S085}",
        "does not stand in its graph",
    ),
    "a bare phrase": (
        [stated("topic:bare", "rdf:type", ":Policy")],
        "topic:bare",
        "nothing ties it",
    ),
    "an assessment of its own": (
        [stated("event:kan-statement", ":assessedAs", "topic:mutual-trust", S085)],
        "event:kan-statement",
        "without a valence",
    ),
    "a withdrawal without a word": (
        [stated("assertion:gone", "rdf:type", ":Withdrawn", "provenance")],
        "assertion:gone",
        "neither says why",
    ),
    "a tension that is a contradiction": (
        [
            stated(
                "assertion:panov-2011-s059-no-serious-influence",
                ":contradicts",
                "assertion:panov-2011-s027-depends-on-politics",
                "provenance",
            )
        ],
        "assertion:panov-2011-s059-no-serious-influence",
        "only in tension",
    ),
    "an end before the beginning": (
        [
            stated(
                "event:party", ":earliest", Literal("2011-02-02", datatype=PREFIXES["xsd"]["date"])
            ),
            stated(
                "event:party", ":latest", Literal("2011-02-01", datatype=PREFIXES["xsd"]["date"])
            ),
        ],
        "event:party",
        "ends before it begins",
    ),
    "a property for things of another kind": (
        [stated("agreement:joint-declaration-1956", ":concerns", "place:shikotan", S085)],
        f"assertion:{S085}",
        "(of agreement:joint-declaration-1956, property :concerns, for :Position)",
    ),
    "an event between two states": (
        [stated("event:kan-statement", ":between", "state:japan", S085)],
        "event:kan-statement",
        "wrong property",
    ),
    "a degree that is not in the scale": (
        [stated(f"assertion:{S085}", ":degree", ":Rising", "provenance")],
        f"assertion:{S085}",
        "not in the scale",
    ),
    "a comparison with nothing": (
        [stated(f"assertion:{S086}", ":comparison", ":More", "provenance")],
        f"assertion:{S086}",
        "with what",
    ),
    "a setting that takes part": (
        [stated("event:flag-desecration", ":setting", "person:naoto-kan", S086)],
        "event:flag-desecration",
        "neither place, body nor topic",
    ),
    "a word that ties it to nothing": (
        [stated(f"assertion:{S085}", ":ownWord", Literal("however"), "provenance")],
        f"assertion:{S085}",
        "and no tie",
    ),
    "a count of nobody": (
        [
            stated(f"assertion:{S085}", ":degree", ":Little", "provenance"),
            stated(f"assertion:{S085}", ":ownWord", Literal("few"), "provenance"),
        ],
        f"assertion:{S085}",
        "not of which",
    ),
    "a count of those who do not stand in the graph": (
        [stated(f"assertion:{S086}", ":degreeOf", "body:gazprom", "provenance")],
        f"assertion:{S086}",
        "does not stand in its graph",
    ),
    "a number without a degree": (
        [stated(f"assertion:{S086}", ":degreeOf", "event:maehara-statement", "provenance")],
        f"assertion:{S086}",
        "has no :degree",
    ),
    "a tie to what is no assertion": (
        [stated(f"assertion:{S086}", ":inSpiteOf", "person:naoto-kan", "provenance")],
        f"assertion:{S086}",
        "what is no assertion",
    ),
    "a hedge beside a booster": (
        [
            stated(f"assertion:{S086}", ":hedge", Literal("perhaps"), "provenance"),
            stated(f"assertion:{S086}", ":booster", Literal("certainly"), "provenance"),
        ],
        f"assertion:{S086}",
        "holds back and stresses",
    ),
    "an entity that no sentence speaks of": (
        [stated("unit:x", "rdf:type", ":Unit")],
        "unit:x",
        "names no sentence or text",
    ),
    "an entity with the sentence of another": (
        [stated("person:naoto-kan", "dcterms:source", "source:panov-2011#s015")],
        "person:naoto-kan",
        "no assertion speaks of it",
    ),
    "a correction without a source": (
        [stated("assertion:correction-x", "rdf:type", ":Correction", "background")],
        "assertion:correction-x",
        "has no source",
    ),
}


@pytest.fixture(scope="module")
def everything_wrong(quads):
    """What is found when every wrong thing has been put in."""
    store = assembled([*quads, *(quad for wrong, _, _ in WRONG.values() for quad in wrong)])
    return [*check_shapes(store), *check_queries(store)]


@pytest.mark.parametrize(("_", "subject", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_and_named(everything_wrong, _, subject, message):
    """Each wrong thing is told of what it is about, in words that a person understands."""
    assert message in messages(everything_wrong, iri(subject).value)


def test_every_check_is_shown_to_find_something(everything_wrong):
    """No query in queries/checks is there for nothing: among what was put in, each finds its own."""
    names = {query.name for query in read_all(paths.data("queries") / "checks")}
    assert names <= {finding.check for finding in everything_wrong}


def test_what_is_wrong_in_the_sample_is_not_wrong_without_it(quads):
    """None of these complaints is made of the files as they are."""
    store = assembled(quads)
    assert [*check_shapes(store), *check_queries(store)] == []


def test_a_graph_that_states_what_it_denies_is_found(quads):
    """A denial and the plain triple beside it make the assertion fail; the triple in another graph does not."""
    denial = next(quad for quad in quads if quad.predicate == OWL["assertionProperty"])
    own = {quad.predicate: quad.object for quad in quads if quad.subject == denial.subject}
    plain = (
        own[OWL["sourceIndividual"]],
        own[OWL["assertionProperty"]],
        own[OWL["targetIndividual"]],
    )
    elsewhere = assembled(
        [*quads, Quad(*plain, PREFIXES["assertion"]["panov-2011-s085-very-regrettable"])]
    )
    assert "what it denies" not in messages(check_shapes(elsewhere), denial.graph_name.value)
    beside = assembled([*quads, Quad(*plain, denial.graph_name)])
    assert "what it denies" in messages(check_shapes(beside), denial.graph_name.value)


def test_an_ontology_outside_of_the_profile_is_told(quads):
    """A property of objects and of data at once is no OWL 2 DL, and is named."""
    pun = Quad(SHIMODA["date"], RDF["type"], OWL["ObjectProperty"], graph("ontology"))
    assert list(check_profile(quads)) == []
    assert [finding.subject for finding in check_profile([*quads, pun])] == [SHIMODA["date"].value]


def test_a_syntax_error_is_told_with_file_line_and_column(place):
    """What does not parse ends the check with its place; nothing else is claimed."""
    file = place / "triples/panov-2011/source.ttl"
    file.write_text(file.read_text(encoding="utf-8") + "\nsource:x :title .\n", encoding="utf-8")
    done = CliRunner().invoke(check_command, ["--json"])
    result = json.loads(done.stdout)
    assert (done.exit_code, result["checked"]) == (1, ["syntax and canonical form"])
    (finding,) = result["findings"]
    assert (finding["check"], finding["file"]) == ("syntax", str(file))
    assert finding["line"] == len(file.read_text(encoding="utf-8").splitlines())


def test_another_form_is_told_with_its_line(place):
    """A file that means the same and is written otherwise is told, for a person to run shimoda format."""
    file = place / "ontology/offices.ttl"
    file.write_text(file.read_text(encoding="utf-8").replace(" ;\n", ";\n", 1), encoding="utf-8")
    done = CliRunner().invoke(check_command)
    assert done.exit_code == 1
    assert "offices.ttl" in done.stdout and "canonical form" in done.stdout


def test_a_contradiction_is_found(place):
    """A state that comes right after itself cannot be; the statement is told with its file."""
    file = place / "triples/panov-2011/entities/state.ttl"
    quads = [
        *parse(file),
        Quad(iri("state:japan"), SHIMODA["directSuccessorOf"], iri("state:japan")),
    ]
    file.write_text(serialize(quads), encoding="utf-8")
    (finding,) = json.loads(CliRunner().invoke(check_command, ["--json"]).stdout)["findings"]
    assert finding["check"] == "consistency"
    assert "directSuccessorOf" in finding["message"] and str(file) in finding["message"]


def test_a_question_without_answer_is_told(place):
    """A query in the catalogue that finds nothing is told, with its file."""
    (place / "queries/nobody.rq").write_text(
        "#+ summary: Who?\n#+ ja: {summary: 誰か。}\n#+ ru: {summary: Кто?}\n#+ tags: [people]\n"
        "#+ columns: [who]\nSELECT ?who { ?who a <urn:x> }\n",
        encoding="utf-8",
    )
    findings = json.loads(CliRunner().invoke(check_command, ["--json"]).stdout)["findings"]
    assert [(f["check"], f["file"]) for f in findings] == [("questions", "queries/nobody.rq")]


def test_a_text_proves_its_sentences_and_no_other_text_does(tmp_path):
    """Offsets and digests hold against the text, and the sentence that was changed in a copy is named."""
    text = "The harbour was closed. Nobody said why.\n"
    store = Store()
    store.bulk_extend(describe("harbour", "Harbour", text))
    file = tmp_path / "copy.txt"
    file.write_text(text, encoding="utf-8")
    assert list(check_text(store, file)) == []
    file.write_text(text.replace("Nobody", "No one"), encoding="utf-8")
    found = list(check_text(store, file))
    assert [finding.subject for finding in found if finding.subject] == [
        f"{BASE}source/harbour#s002"
    ]
    assert any("no source here" in finding.message for finding in found)


def test_the_article_proves_every_digest():
    """All 149 sentences stand where the description says, in the text of the article."""
    if not ARTICLE.is_file():
        pytest.skip("the text of the article is not beside this checkout")
    assert CliRunner().invoke(check_command, ["--source", str(ARTICLE)]).exit_code == 0


def test_a_call_that_is_wrong_has_another_exit_code():
    assert CliRunner().invoke(check_command, ["--sauce", "x"]).exit_code == 2


def test_findings_are_placed_where_their_subject_begins(tmp_path):
    """The place of a finding is the line on which its subject begins a block."""
    file = tmp_path / "x.ttl"
    file.write_text("\n\nstate:japan a <urn:x> .\n", encoding="utf-8")
    (finding,) = placed([Finding("x", "is wrong", f"{BASE}id/state/japan")], [file])
    assert (finding.file, finding.line) == (str(file), 3)


def test_no_code_names_the_article():
    """A second source is a second folder: no module knows the first one's name."""
    assert not [
        file for file in paths.PACKAGE.rglob("*.py") if "panov" in file.read_text(encoding="utf-8")
    ]


def test_the_page_on_checks_names_every_check():
    """docs/checks.md has a row for each query, in the query's own words."""
    page = (paths.CHECKOUT / "docs/checks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", page, re.MULTILINE)
    assert rows == [
        (query.name, query.title) for query in read_all(paths.data("queries") / "checks")
    ]
