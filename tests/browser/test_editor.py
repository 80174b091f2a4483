"""The query form as a person uses it, with and without scripts."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Open

ONTOLOGY = "PREFIX : <https://w3id.org/shimoda/ontology#>"


def asking(query: str, **parameters: str) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters})


def write(page: Page, text: str) -> None:
    """Type a text into the emptied editor (Chromium reports styles of its own when typing replaces coloured text)."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def written(page: Page) -> str:
    return page.locator("#query").input_value()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_query_is_asked_and_answered_with_names(visit: Open, scripts: bool):
    page = visit("/sparql", java_script_enabled=scripts)
    query = f"{ONTOLOGY} SELECT ?state {{ ?state :claims ?place }}"
    if scripts:
        write(page, query)
    else:
        page.locator("#query").fill(query)
    page.get_by_role("button", name="Ask", exact=True).click()
    cell = page.locator(".answer td").get_by_text("Japan").first
    expect(cell).to_be_visible()


def test_control_enter_asks(visit: Open):
    page = visit("/sparql")
    write(page, "ASK { ?s ?p ?o }")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice")).to_have_text("Yes.")


def test_properties_are_offered_for_the_class_at_the_cursor(visit: Open):
    page = visit("/sparql")
    write(page, "SELECT * { ?x a :Tenure ; :ho")
    options = page.locator(".cm-tooltip-autocomplete li")
    expect(options.filter(has_text=":holder").first).to_be_visible()
    expect(options.filter(has_text=":destination")).to_have_count(0)


def test_a_prefix_is_declared_when_it_is_used(visit: Open):
    page = visit("/sparql")
    write(page, "SELECT * { ?x skos:altLabel ?name")
    assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in written(page)


@pytest.mark.parametrize("name", ["Kunashir", "Кунашир", "国後", "Kunasir"])
def test_an_entity_is_found_by_its_name_in_any_script(visit: Open, name: str):
    page = visit("/sparql")
    write(page, f"SELECT * {{ ?x ?p {name}")
    page.locator(".cm-tooltip-autocomplete li").filter(has_text="place:kunashir").first.click()
    assert "?p place:kunashir" in written(page)


def test_an_error_is_shown_at_its_place(visit: Open):
    page = visit(asking("SELECT * {\n  ?s foo:bar ?o\n}"))
    expect(page.locator(".lead")).to_contain_text("foo")
    expect(page.locator(".cm-lintRange-error")).to_have_text("foo:bar")


def test_what_was_asked_can_be_asked_again(visit: Open):
    page = visit("/sparql")
    query = "ASK { ?remembered ?p ?o }"
    write(page, query)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.goto("/sparql")
    page.locator("#history").select_option(index=1)
    assert written(page) == query


def test_an_example_is_put_into_the_editor(visit: Open):
    page = visit("/sparql")
    label = page.locator("#example option").nth(1).inner_text()
    page.locator("#example").select_option(index=1)
    assert label and "SELECT" in written(page)


def test_code_is_copied_that_asks_the_same(visit: Open):
    page = visit("/sparql", permissions=["clipboard-read", "clipboard-write"])
    write(page, "ASK { ?s ?p 'quoted' }")
    page.locator("#code").select_option("python")
    expect(page.locator("[data-said]")).to_have_text("Copied.")
    code = page.evaluate("navigator.clipboard.readText()")
    compile(code, "copied", "exec")
    assert "ASK { ?s ?p 'quoted' }" in code


def test_an_answer_is_drawn_on_a_timeline_and_downloaded(visit: Open):
    page = visit(asking(f"{ONTOLOGY} SELECT ?visit ?date {{ ?visit a :Visit ; :date ?date }}"))
    page.locator(".tabs").get_by_text("Timeline").click()
    expect(page.locator("svg.timeline")).to_contain_text("2010-11-01")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.path().read_text().startswith("visit,date")


def test_an_answer_is_drawn_on_a_map(visit: Open):
    page = visit(
        asking(f"{ONTOLOGY} SELECT ?place {{ ?place a :ContestedTerritory }}", **{"as": "map"})
    )
    expect(page.locator("svg.map")).to_contain_text("Kunashir")
    land = page.locator("svg.map use.land").bounding_box()
    assert land and land["width"] > 0, "the coast is drawn"


def test_counts_are_drawn_as_bars(visit: Open):
    query = f"{ONTOLOGY} SELECT ?mode (COUNT(*) AS ?n) {{ ?a :mode ?mode }} GROUP BY ?mode"
    page = visit(asking(query, **{"as": "chart"}))
    bars = page.locator(".chart rect")
    widths = [float((bar.get_attribute("width") or "0").rstrip("%")) for bar in bars.all()]
    counts = [int(text) for text in page.locator(".chart .when").all_text_contents()]
    assert max(counts) > 100
    assert widths.index(max(widths)) == counts.index(max(counts))


def test_two_voices_stand_side_by_side_on_the_map(visit: Open):
    page = visit("/map")
    page.get_by_label("According to").select_option("group/russian-leadership")
    page.get_by_label("beside").select_option("group/the-japanese")
    page.get_by_role("button", name="Show").click()
    given = parse_qs(urlsplit(page.url).query)
    assert given["according"] == ["group/russian-leadership"], "the choice is in the address"
    one, other = page.locator(".sides > section").all()
    expect(one).to_contain_text("sovereign over")
    expect(other).to_contain_text("Southern Kurils")


def test_a_date_that_is_only_a_month_is_drawn_as_possible(visit: Open):
    page = visit("/timeline?from=2009&to=2009")
    visit_to_japan = page.locator("svg.timeline g").filter(has_text="Putin's visit to Japan")
    expect(visit_to_japan.locator("rect.faint")).to_have_count(1)
    expect(visit_to_japan.locator("rect.solid")).to_have_count(0)
    expect(visit_to_japan).to_contain_text("2009-05")
    assert page.locator("svg.timeline g").filter(has_text="1855").count() == 0


def test_an_empty_answer_says_why_it_is_empty(visit: Open):
    page = visit(asking(f"{ONTOLOGY} SELECT * {{ ?event a :Evnt }}"))
    expect(page.locator(".findings")).to_contain_text(":Event")
    page.get_by_role("link", name="Ask instead").first.click()
    expect(page.locator(".answer td").first).to_be_visible()


def test_a_question_is_chosen_drawn_and_asked_of_something_else(visit: Open):
    page = visit("/q/")
    page.get_by_role("link", name="Which offices did a person hold, from when to when?").click()
    drawn = page.locator("svg.timeline").inner_html()
    page.locator("select[name=person], input[name=person]").first.wait_for()
    field = page.locator("[name=person]")
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(label="Naoto Kan")
    else:
        field.fill("Naoto Kan")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("svg.timeline")).to_contain_text("Prime Minister")
    assert page.locator("svg.timeline").inner_html() != drawn
