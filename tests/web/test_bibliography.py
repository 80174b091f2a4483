"""Answers and assertions that can be cited: entries for a bibliography, and addresses that tell of changes."""

import pytest
from pyoxigraph import RdfFormat, Store

from shimoda.engine.interface import Update
from shimoda.engine.local import LocalEngine
from shimoda.questions.bibliography import BIBTEX, CSL, bibtex
from shimoda.settings import Settings
from shimoda.web.app import Application

VISIT = "/assertion/panov-2011-s081-medvedev-visits-kunashir"
QUESTION = "/q/sayings-of-a-voice"
PUTIN = {"voice": "vladimir-putin"}
CORRECTION = """PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX a: <https://w3id.org/shimoda/assertion/>
INSERT DATA { a:correction-of-a-test :corrects a:panov-2011-s124-study . a:panov-2011-s124-study :correctedBy a:correction-of-a-test } ;
DELETE WHERE { a:panov-2011-s124-study :paraphrase ?words }"""


@pytest.fixture
def engine(store):
    """A copy of the dataset, which a test may change."""
    copy = Store()
    copy.bulk_load(store.dump(format=RdfFormat.N_QUADS), RdfFormat.N_QUADS)
    return LocalEngine(copy)


@pytest.fixture
def client(engine):
    return Application(engine, Settings(log_format="none")).test_client()


@pytest.fixture(scope="module")
def site(store):
    return Application(LocalEngine(store), Settings(log_format="none")).test_client()


@pytest.fixture(scope="module")
def slug(site):
    found = site.get(
        "/sparql",
        query_string={
            "query": """SELECT ?a { ?a :citedIn <https://w3id.org/shimoda/source/panov-2011#s124> ;
      :mode :Reported ; :voice person:vladimir-putin } ORDER BY ?a""",
            "format": "csv",
        },
        headers={"Accept": "text/csv"},
    )
    return found.text.split()[1].rpartition("/")[2]


@pytest.mark.parametrize(
    ("path", "accept"),
    [("{}.csl.json", None), ("{}", CSL)],
)
def test_an_assertion_and_its_source_are_csl_items(site, slug, path, accept):
    answer = site.get(
        path.format(f"/assertion/{slug}"), headers={"Accept": accept} if accept else {}
    )
    assert answer.mimetype == CSL
    assertion, article = answer.get_json(force=True)
    assert assertion["type"] == "entry"
    assert assertion["author"] == [{"family": "Putin", "given": "Vladimir"}]
    assert assertion["URL"] == f"https://w3id.org/shimoda/assertion/{slug}"
    assert "s124" in assertion["note"] and "reported" in assertion["note"]
    assert article["type"] == "article-journal"
    assert article["author"] == [{"family": "Panov", "given": "Alexander"}]
    assert article["issued"] == {"date-parts": [[2011]]}
    assert article["issue"] == "3"


@pytest.mark.parametrize(("path", "accept"), [("{}.bib", None), ("{}", BIBTEX)])
def test_an_assertion_is_a_bibtex_entry(site, slug, path, accept):
    answer = site.get(
        path.format(f"/assertion/{slug}"), headers={"Accept": accept} if accept else {}
    )
    assert answer.mimetype == BIBTEX
    assert answer.text.startswith(f"@misc{{{slug},\n  author = {{Putin, Vladimir}},\n")
    assert "@article{panov-2011,\n  author = {Panov, Alexander},\n" in answer.text


def test_what_tex_takes_for_a_command_is_escaped():
    entry = bibtex({"id": "x", "type": "entry", "title": "50% of {A} & B_1 \\ ~"})
    assert r"{50\% of \{A\} \& B\_1 \textbackslash{} \textasciitilde{}}" in entry


def test_an_answer_has_entries_too(site):
    items = site.get(QUESTION + ".csl.json", query_string=PUTIN).get_json(force=True)
    assert [item["type"] for item in items] == ["dataset", "article-journal"]
    assert "version=" in items[0]["URL"]
    assert "s124" in items[0]["note"]
    assert site.get(QUESTION + ".bib", query_string=PUTIN).text.startswith(
        "@misc{sayings-of-a-voice,"
    )


def test_an_answer_that_did_not_change_says_so(site):
    first = site.get(QUESTION + ".json", query_string={**PUTIN, "cite": "1"})
    address = first.json["citations"]["address"]
    assert f'<{address}>; rel="cite-as"' in first.headers.getlist("Link")
    again = site.get(
        address.removeprefix("http://localhost"), headers={"Accept": "application/json"}
    )
    assert again.json["citations"]["since"]["changed"] is False
    page = site.get(address.removeprefix("http://localhost"), headers={"Accept": "text/html"})
    assert "the same as when it was cited" in page.text


def test_an_answer_that_changed_says_by_which_correction(client, engine, slug):
    first = client.get(QUESTION + ".json", query_string={**PUTIN, "cite": "1"})
    address = first.json["citations"]["address"].removeprefix("http://localhost")
    engine.update(Update(CORRECTION.replace("panov-2011-s124-study", slug)))
    since = client.get(address, headers={"Accept": "application/json"}).json["citations"]["since"]
    assert since["changed"] is True
    assert since["because"] == [
        {
            "assertion": f"https://w3id.org/shimoda/assertion/{slug}",
            "change": "correctedBy",
            "by": "https://w3id.org/shimoda/assertion/correction-of-a-test",
        }
    ]
    page = client.get(address, headers={"Accept": "text/html"}).text
    assert "It has changed" in page and "correction-of-a-test" in page


def test_what_is_no_version_is_refused(site):
    answer = site.get(QUESTION + ".json", query_string={**PUTIN, "version": "yesterday"})
    assert answer.status_code == 400
    assert "version" in answer.json["detail"]


def test_who_say_it_together_are_its_authors(site):
    answer = site.get("/assertion/panov-2011-s016-creative-partnership", headers={"Accept": CSL})
    authors = answer.json[0]["author"]
    assert sorted(author["literal"] for author in authors) == ["Japan", "Russia"]
