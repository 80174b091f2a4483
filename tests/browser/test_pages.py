"""What people do with the pages, in a real browser: finding, reading, asking why, changing the language."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Open
from tests.pages import KINDS

from shimoda.paths import CHECKOUT

AXE = CHECKOUT / "server" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def search(page: Page, name: str) -> None:
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("searchbox").press("Enter")


@pytest.mark.parametrize("name", ["クナシリ", "国後", "Кунашир", "Kunasir"])
def test_kunashir_is_found_by_each_of_its_names(visit: Open, name: str) -> None:
    page = visit("/", java_script_enabled=False)
    search(page, name)
    page.locator(".hits a").first.click()
    expect(page.locator("h1")).to_have_text("Kunashir (Kunashiri)")


def test_what_there_is_of_a_name_is_shown_while_it_is_typed(visit: Open) -> None:
    page = visit("/")
    page.get_by_role("searchbox").press_sequentially("クナシリ")
    first = page.locator(".find li a").first
    expect(first).to_have_text("Kunashir (Kunashiri)")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Kunashir (Kunashiri)")


def test_who_claims_it_leads_to_the_sentence(visit: Open) -> None:
    page = visit("/doc/place/kunashir", java_script_enabled=False)
    claimed = page.locator("dt", has_text="claimed by").first.locator("+ dd")
    expect(claimed).to_contain_text("Japan")
    expect(claimed).to_contain_text("Russia")
    claimed.locator("li", has_text="Japan").locator(".chip b").click()
    expect(page.locator("h1")).to_contain_text(
        "What Japan claims are, by implication, the four islands"
    )
    page.locator(".manner").get_by_role("link", name="s080").click()
    assert page.url.endswith("/source/panov-2011#s080")
    expect(page.locator("#s080")).to_be_in_viewport()


def test_why_it_is_contested_is_proved_down_to_sentences(visit: Open) -> None:
    page = visit("/doc/place/kunashir", java_script_enabled=False)
    page.locator(".kinds .why").first.click()
    expect(page.locator("h1")).to_have_text("Kunashir (Kunashiri) is a contested territory")
    stated = page.locator(".proof li.stated")
    expect(stated.filter(has_text="Japan claims").get_by_role("link", name="s080")).to_be_visible()
    expect(stated.filter(has_text="Russia claims").get_by_role("link", name="s071")).to_be_visible()


def test_a_claim_is_told_from_a_fact_and_corrected_beside_it(visit: Open) -> None:
    page = visit("/doc/event/medvedev-visit-kunashir-2010")
    claim = page.locator(".told.claim", has_text="Kan is quoted as finding Medvedev's visit")
    expect(claim.locator(".set-right")).to_contain_text("departs from the record")
    fact = page.locator("#narrated ~ .tellings .told").first
    colours = [
        one.evaluate("node => getComputedStyle(node).borderLeftColor") for one in (claim, fact)
    ]
    assert colours[0] != colours[1]


def test_the_language_is_changed_once_and_stays(visit: Open) -> None:
    page = visit("/doc/place/kunashir", java_script_enabled=False)
    page.get_by_role("link", name="日本語").click()
    expect(page.locator("h1")).to_have_text("国後島")
    page.locator(".menu").get_by_role("link", name="争い").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("tbody").first).to_contain_text("択捉島")


def test_the_browser_s_language_is_spoken(visit: Open) -> None:
    expect(visit("/", locale="ru").locator("h1")).to_contain_text("Кто это говорит")


def test_what_a_voice_denies_is_asked_from_the_pages_alone(visit: Open) -> None:
    """Who knows SPARQL and not this graph: the example, one line from the words of the model, and the name found."""
    page = visit("/about/model", java_script_enabled=False)
    expect(page.locator("#voice")).to_contain_text("statedFor")
    page.locator("#denial").get_by_role("link", name="Run it").click()
    text = page.locator("textarea").input_value()
    party = "?assertion :statedFor <https://w3id.org/shimoda/id/person/alexander-panov> ."
    page.locator("textarea").fill(
        text.replace("?assertion a :Denial", f"{party} ?assertion a :Denial")
    )
    page.locator(".editor button[type=submit]").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.locator("tbody")).to_contain_text(re.compile(r"s\d{3}"))


def test_what_japan_s_government_denies_is_asked_from_the_pages_alone(visit: Open) -> None:
    """The model names the words for it; the page of one has a query to try, and the model says how to ask for one state."""
    page = visit("/about/model", java_script_enabled=False)
    expect(page.locator("#denial")).to_contain_text("contradicts")
    expect(page.locator("#denial")).to_contain_text("statedFor")
    page.goto("/ontology/contradicts")
    page.locator("#examples ~ p a").click()
    text = page.locator("textarea").input_value()
    ontology = "https://w3id.org/shimoda/ontology#"
    japan = f"?one <{ontology}statedFor> <https://w3id.org/shimoda/id/state/japan>"
    cited = f"?one <{ontology}voice> ?voice ; <{ontology}citedIn> ?sentence"
    asked = text.replace("?one ?other WHERE {", f"* WHERE {{ {japan} . {cited} . ")
    page.locator("textarea").fill(asked)
    page.locator(".editor button[type=submit]").click()
    row = page.locator("tbody tr", has_text="Government of Japan").first
    expect(row).to_contain_text(re.compile(r"s\d{3}"))


def test_an_event_is_shown_in_its_time_and_a_place_on_a_map(visit: Open) -> None:
    page = visit("/doc/event/medvedev-visit-kunashir-2010")
    expect(page.locator("svg.timeline")).to_contain_text("2010-11-01")
    page.goto("/doc/place/kunashir")
    expect(page.locator("svg.map")).to_contain_text("Kunashir")


@pytest.mark.parametrize(
    ("path", "width"),
    [
        *((path, 1280) for path in ("/map", "/network", KINDS["two maps"], KINDS["two networks"])),
        ("/map", 390),
    ],
)
def test_no_name_in_a_drawing_covers_another(visit: Open, path: str, width: int) -> None:
    """As the browser measures them; those for which there is no room are told by the title of their spot."""
    page = visit(path, viewport={"width": width, "height": 800})
    names = page.locator("svg.plot text.label:visible").evaluate_all(
        "all => all.map(one => [[...document.querySelectorAll('svg.plot')].indexOf(one.ownerSVGElement), one.getBBox()])"
        ".map(([plot, box]) => [plot, box.x, box.y, box.x + box.width, box.y + box.height])"
    )
    assert len(names) > 3
    covered = [
        (one, other)
        for one, other in combinations(names, 2)
        if one[0] == other[0]
        and min(one[3], other[3]) > max(one[1], other[1])
        and min(one[4], other[4]) > max(one[2], other[2])
    ]
    assert covered == []


@pytest.mark.parametrize("kind", ["map", "two maps", "place", "network", "timeline", "chart"])
def test_a_drawing_fits_a_phone_or_is_a_list_there(visit: Open, kind: str) -> None:
    page = visit(KINDS[kind], viewport={"width": 390, "height": 800})
    drawn = page.locator("svg.map:visible, ol.chart:visible, .as-list:visible")
    assert drawn.count() > 0
    for box in drawn.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())"):
        assert box["left"] >= 0
        assert box["right"] <= 390
    expect(page.locator("svg.network:visible, svg.timeline:visible")).to_have_count(0)


def test_two_maps_have_one_extent(visit: Open) -> None:
    page = visit(KINDS["two maps"])
    boxes = page.locator("svg.map").evaluate_all(
        "all => all.map(one => one.getAttribute('viewBox'))"
    )
    assert len(boxes) == 2
    assert boxes[0] == boxes[1]


def test_a_question_s_answer_is_taken_as_csv(visit: Open) -> None:
    page = visit("/q/contradictions")
    with page.expect_response(re.compile("csv")) as got, page.expect_download():
        page.locator(".formats").get_by_role("link", name="CSV").click()
    assert got.value.header_value("content-type").startswith("text/csv")


def test_a_wrong_name_leads_to_the_nearest(visit: Open) -> None:
    page = visit("/ontology/ContestedTeritory")
    page.get_by_role("link", name="ontology#ContestedTerritory", exact=True).click()
    expect(page.locator("h1")).to_have_text("contested territory")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_nothing_serious_keeps_anybody_from_a_page(visit: Open, path: str, scheme: str) -> None:
    """axe (https://github.com/dequelabs/axe-core) finds nothing serious or critical; nothing is wider than a phone."""
    page = visit(path, color_scheme=scheme, viewport={"width": 390, "height": 800}, bypass_csp=True)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then(result => result.violations)")
    grave = {
        (one["id"], one["nodes"][0]["html"])
        for one in found
        if one["impact"] in ("serious", "critical")
    }
    assert grave == set()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_a_page_is_short_enough(visit: Open, path: str) -> None:
    """Under 300 kB, with all that it loads; the editor may have more."""
    page = visit("/about/")
    sizes: list[int] = []
    page.on("response", lambda answer: answer.ok and sizes.append(len(answer.body())))
    page.goto(path, wait_until="networkidle")
    has_editor = "/sparql" in path or "query=" in path
    assert has_editor or sum(sizes) < 300_000
