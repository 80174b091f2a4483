"""The pages, as a browser without scripts gets them."""

import csv
import re
from html.parser import HTMLParser

import pytest
from pyoxigraph import Store

from shimoda.dataset.sentences import digest
from shimoda.engine.local import LocalEngine
from shimoda.namespaces import ONTOLOGY
from shimoda.settings import Settings
from shimoda.web.app import Application

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Page(HTMLParser):
    """What a page links to, and its table."""

    def __init__(self, text):
        super().__init__()
        self.links, self.cells, self.fields, self.inside = [], [], {}, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("a", "link") and "href" in attrs:
            self.links.append(attrs["href"])
        if tag in ("textarea", "select", "input") and "name" in attrs:
            self.fields[attrs["name"]] = ""
        self.inside = tag == "td" or (self.inside and tag in ("a", "span"))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "td"

    def handle_data(self, data):
        if self.inside:
            self.cells.append(data)


def browse(client, path, **arguments):
    answer = client.get(path, headers=BROWSER, **arguments)
    assert answer.mimetype == "text/html"
    return answer, Page(answer.text)


@pytest.fixture
def reader(store):
    """The pages over the real dataset."""
    return Application(LocalEngine(store), Settings(log_format="none")).test_client()


def test_every_link_of_the_first_page_leads_somewhere(reader):
    _, page = browse(reader, "/")
    assert len(page.links) > 30
    for link in page.links:
        if link.startswith("/"):
            assert reader.get(link, headers=BROWSER).status_code in (200, 303), link


def test_the_first_page_of_an_empty_store_offers_what_there_is(connect):
    client = connect(empty=True)
    _, page = browse(client, "/")
    for link in page.links:
        if link.startswith("/"):
            assert client.get(link, headers=BROWSER).status_code == 200, link


@pytest.mark.parametrize(
    ("headers", "path", "spoken"),
    [
        ({"Accept-Language": "ja, en;q=0.5"}, "/", "ja"),
        ({"Accept-Language": "fr, ru;q=0.4"}, "/", "ru"),
        ({"Accept-Language": "fr"}, "/", "en"),
        ({"Accept-Language": "ja", "Cookie": "lang=ru"}, "/", "ru"),
        ({"Cookie": "lang=ru"}, "/?lang=ja", "ja"),
        ({"Cookie": "lang=%22%3E"}, "/?lang=xx", "en"),
    ],
)
def test_the_address_the_choice_and_the_browser_decide_the_language_in_this_order(
    reader, headers, path, spoken
):
    client = reader.application.test_client(use_cookies=False)
    answer = client.get(path, headers=BROWSER | headers)
    assert f'<html lang="{spoken}">' in answer.text
    assert answer.headers["Content-Language"] == spoken
    assert {"Accept-Language", "Cookie"} <= {
        name.strip() for name in answer.headers["Vary"].split(",")
    }


def test_a_language_once_chosen_stays_chosen(reader):
    reader.get("/?lang=ja", headers=BROWSER)
    assert '<html lang="ja">' in reader.get("/doc/state/japan", headers=BROWSER).text
    reader.delete_cookie("lang")


@pytest.mark.parametrize(
    "path",
    [
        "/dispute",
        "/about/",
        "/about/model",
        "/about/curation",
        "/pair?one=state/japan&other=place/kunashir",
        "/ontology/claims",
        "/ontology/Place",
        "/source/panov-2011",
        "/assertion/panov-2011-s085-very-regrettable",
    ],
)
def test_every_link_of_a_page_leads_somewhere(reader, path):
    """Each kind of link once: its path without the name of the thing at its end."""
    _, page = browse(reader, path)
    kinds = {re.sub(r"[^/]*(?:[?#].*)?$", "", link): link for link in page.links if link[0] == "/"}
    for link in kinds.values():
        assert reader.get(link, headers=BROWSER).status_code in (200, 303), link


def test_the_queries_of_the_model_have_answers(reader):
    page = reader.get("/about/model", headers=BROWSER).text
    assert page.count("<tbody>") == page.count("SELECT ?") == 8
    runs = re.findall(r'<a class="button" href="([^"]+)"', page)
    assert len(runs) == 8
    for link in runs:
        answer = reader.get(link.replace("&amp;", "&"), headers={"Accept": "text/csv"})
        assert answer.status_code == 200 and len(answer.text.splitlines()) > 1


def test_what_is_chosen_of_a_facet_is_counted_and_kept(reader):
    whole = reader.get("/id/event.json").json
    some = reader.get("/id/event.json?mode=Quoted&decade=unknown").json
    assert (
        0
        < some["count"]
        < whole["count"]
        == len(
            {
                row["iri"]
                for n in (1, 2, 3)
                for row in reader.get(f"/id/event.json?page={n}").json["entities"]
            }
        )
    )
    unknown = {one["value"]: one["count"] for one in whole["facets"]["decade"]}["unknown"]
    known = sum(one["count"] for one in whole["facets"]["decade"]) - unknown
    assert unknown > 0 and unknown + known == whole["count"]
    left = {one["value"]: one["count"] for one in some["facets"]["mode"]}
    assert left["Quoted"] == some["count"]
    page = reader.get("/id/event/?mode=Quoted&lang=ja", headers=BROWSER).text
    assert re.search(r'<option value="Quoted" selected>\s*引用', page)


@pytest.mark.parametrize("name", ["timeline", "map", "network"])
def test_one_filter_holds_for_every_drawing_and_stays_in_the_address(reader, name):
    chosen = "kind=Visit&party=state%2Frussia&from=2009&to=2011"
    page = reader.get(f"/{name}?{chosen}", headers=BROWSER)
    assert page.status_code == 200
    for value in ("Visit", "state/russia"):
        assert f'<option value="{value}" selected>' in page.text
    others = {"timeline", "map", "network"} - {name}
    links = re.findall(r'<a href="/([a-z]+)\?([^"]+)"', page.text.replace("&amp;", "&"))
    assert {
        one for one, query in links if set(query.split("&")) == set(chosen.split("&"))
    } == others


@pytest.mark.parametrize("voice", ["", "&according=person/alexander-panov"])
def test_what_is_drawn_is_of_the_kind_the_party_and_the_years_that_were_chosen(
    reader, store, voice
):
    page = reader.get(f"/timeline?kind=Visit&party=state/russia&from=2009{voice}", headers=BROWSER)
    link = re.search(r'href="([^"]+format=csv)"', page.text)[1].replace("&amp;", "&")
    rows = list(csv.DictReader(reader.get(link).text.splitlines()))
    assert rows
    for row in rows:
        assert row["latest"] >= "2009"
        told = f"<{row['event']}> a :Visit ; :hasParticipant?/(:ofState|:destination) ?russia"
        russia = "FILTER (?russia = <https://w3id.org/shimoda/id/state/russia>)"
        assert store.query(f"PREFIX : <{ONTOLOGY}> ASK {{ {told} {russia} }}")


def test_a_voices_timeline_has_the_dates_that_it_gives_itself(reader):
    """The author dates a statement otherwise than the record that corrects him, and a peak that nobody else dates."""
    page = reader.get(
        "/timeline?according=person/alexander-panov&from=2011&to=2011", headers=BROWSER
    )
    link = re.search(r'href="([^"]+format=csv)"', page.text)[1].replace("&amp;", "&")
    rows = csv.DictReader(reader.get(link).text.splitlines())
    told = {(row["event"].rpartition("/")[2], row["date"]) for row in rows}
    assert {("kan-statement", "2011-02-11"), ("peak-of-japanese-criticism", "2011-02-11")} <= told
    assert ("peak-of-negative-emotions", "2010-39/2011-37") in told


def test_an_assertion_in_an_answer_shows_its_voice_its_mode_and_its_sentence(reader):
    query = "SELECT ?a { ?a <https://w3id.org/shimoda/ontology#contradicts> ?b } LIMIT 3"
    page = reader.get("/sparql", query_string={"query": query}, headers=BROWSER).text
    cells = re.findall(r"<td\b.*?</td>", page, re.DOTALL)
    assert len(cells) == 3
    for cell in cells:
        assert re.search(r'class="chip( claim)?" href="/assertion/', cell)
        assert re.search(r"<b>(s\d{3} )+</b>", cell)


def test_the_sources_of_rows_stay_chosen_in_the_form_the_tabs_and_the_formats(reader):
    query = "PREFIX : <https://w3id.org/shimoda/ontology#> SELECT ?v ?d { ?v a :Visit ; :date ?d }"
    arguments = {"query": query, "cite": "1"}
    page = reader.get("/sparql", query_string=arguments, headers=BROWSER).text
    assert re.search(r'name="cite" value="1" checked', page)
    kept = [link for link in re.findall(r'href="(/sparql\?[^"]+)"', page) if "cite=1" in link]
    chosen = {link.partition("#")[0].rpartition(";")[2] for link in kept}
    assert {"as=timeline", "format=csv"} <= chosen
    for link in kept:
        assert reader.get(link.replace("&amp;", "&"), headers=BROWSER).status_code == 200


def test_a_copy_of_the_text_is_shown_where_its_digest_proves_it(store, tmp_path):
    """One sentence is made to stand in the copy; the others are not in it, and are not shown."""
    text = "Es war <sehr> bedauerlich."
    copy, changed = tmp_path / "copy.txt", Store()
    copy.write_text(text)
    changed.bulk_extend(store)
    changed.update(f"""PREFIX : <{ONTOLOGY}> DELETE {{ ?s :digest ?d ; :startOffset ?b ; :endOffset ?e }}
        INSERT {{ ?s :digest "{digest(text)}" ; :startOffset 0 ; :endOffset {len(text)} }}
        WHERE {{ ?s :number 85 ; :digest ?d ; :startOffset ?b ; :endOffset ?e }}""")
    settings = Settings(log_format="none", source=copy)
    client = Application(LocalEngine(changed), settings).test_client()
    shown = "Es war &lt;sehr&gt; bedauerlich."
    for path in ("/source/panov-2011", "/assertion/panov-2011-s085-very-regrettable"):
        assert client.get(path, headers=BROWSER).text.count(shown) == 1
    other = client.get("/assertion/panov-2011-s077-illegal-occupation", headers=BROWSER).text
    assert "<mark>" not in other


def test_each_island_has_its_claimants_and_its_administration_cited(reader):
    page = reader.get("/dispute", headers=BROWSER).text
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.DOTALL)
    for island in ("iturup", "kunashir", "shikotan", "habomai"):
        (row,) = (one for one in rows if f"/doc/place/{island}" in one.partition("</th>")[0])
        _, claimed, administered, _ = re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        assert "/doc/state/japan" in claimed and "/doc/state/russia" in claimed
        assert "/doc/state/russia" in administered
        assert claimed.count('class="chip') >= 2 and 'class="chip' in administered


def test_two_things_are_shown_together(reader):
    page = reader.get("/pair?one=state/japan&other=place/kunashir", headers=BROWSER).text
    assert "What Japan claims are, by implication, the four islands" in page and "s080" in page
    assert reader.get("/pair?one=state/japan&other=place/atlantis").status_code == 404
    assert reader.get("/pair").status_code == 404


def test_names_follow_the_language_and_say_where_they_do_not(reader):
    page = reader.get("/doc/place/kunashir?lang=ru", headers=BROWSER).text
    assert '<a href="/doc/state/japan">Япония</a>' in page
    assert "<h1>Кунашир</h1>" in page
    assert re.search(r'<a href="/assertion/[^"]+"><span lang="en">', page)


def test_the_form_asks_what_the_endpoint_understands(client):
    _, page = browse(client, "/sparql")
    assert set(page.fields) == {"q", "query", "view", "format", "cite"}
    query = "SELECT ?l { <http://example.org/b> ?p ?l }"
    _, answer = browse(
        client, "/sparql", query_string={"query": query, "view": "", "format": "html"}
    )
    assert answer.cells == ["two"]
    csv = next(link for link in answer.links if link.endswith("format=csv"))
    assert client.get(csv).text == "l\r\ntwo\r\n"


def test_rows_ask_and_triples_are_shown(client):
    assert "Yes." in browse(client, "/sparql", query_string={"query": "ASK {}"})[0].text
    construct = "CONSTRUCT WHERE { ?s <http://example.org/label> ?l }"
    assert "4 triples" in browse(client, "/sparql", query_string={"query": construct})[0].text


def test_what_the_data_says_is_never_markup_nor_a_script(client, engine):
    engine.store.update(
        'INSERT DATA { <javascript:alert(1)> <http://x/p> "<script>alert(1)</script>" }'
    )
    text, page = browse(
        client, "/sparql", query_string={"query": "SELECT * { ?s <http://x/p> ?o }"}
    )
    assert "<script>" not in text.text
    assert not any(link.startswith("javascript") for link in page.links)
    query = "</textarea><script>alert(2)</script>"
    assert "<script>" not in browse(client, "/sparql", query_string={"query": query})[0].text


def test_a_broken_query_comes_back_with_what_is_wrong(client):
    answer, page = browse(client, "/sparql", query_string={"query": "SELECT * WHERE {"})
    assert answer.status_code == 400
    assert "Line 1, column 17" in answer.text
    assert "SELECT * WHERE {" in answer.text
    assert "query" in page.fields


def test_pages_load_nothing_from_elsewhere(client):
    for path in ("/", "/sparql", "/nothing"):
        text = client.get(path, headers=BROWSER).text
        assert re.findall(r'(?:src|href)="(https?://[^"]*)"', text) in (
            [],
            ["https://creativecommons.org/licenses/by/4.0/"],
        )
