"""Links: each is described, verified and right; the traps of the identifiers' table stay unsprung."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping

import pytest
from pyoxigraph import Quad, Store

from shimoda import paths
from shimoda.dataset.assembly import files, read
from shimoda.namespaces import BASE

ID = BASE + "id/"
WD = "http://www.wikidata.org/entity/"
TABLE = paths.CHECKOUT.parent / "shared/facts/identifiers.csv"
MAPPINGS = "owl:sameAs skos:exactMatch skos:closeMatch rdfs:seeAlso"
LINKS = """
PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?link ?entity ?scheme ?identifier ?target ?relation ?evidence ?verified WHERE {
  ?link a :Link ; :linkSubject ?entity ; :identifierScheme ?scheme ; :identifier ?identifier ; :evidence ?evidence ;
        :verified ?verified .
  OPTIONAL { ?link :linkTarget ?target ; :linkRelation ?relation }
}
"""


Identifiers = Mapping[str, Mapping[str, set[str]]]


@pytest.fixture(scope="module")
def links() -> Store:
    store = Store()
    for quad in read(one for one in files() if one[1].value.endswith("/links")):
        store.add(Quad(quad.subject, quad.predicate, quad.object))
    return store


@pytest.fixture(scope="module")
def identifiers(links: Store) -> Identifiers:
    """Which identifiers each entity has, by scheme."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in links.query(LINKS):
        found[row["entity"].value.removeprefix(ID)][row["scheme"].value].add(
            row["identifier"].value
        )
    return found


def everything(identifiers: Identifiers, scheme: str) -> set[str]:
    return {identifier for schemes in identifiers.values() for identifier in schemes[scheme]}


def test_every_link_is_complete_and_verified(links: Store) -> None:
    described = list(links.query(LINKS))
    assert (
        len(described)
        == len(list(links.query("SELECT * { ?l a <https://w3id.org/shimoda/ontology#Link> }")))
        > 150
    )
    assert all(
        row["verified"].value == "true" and len(row["evidence"].value) > 10 for row in described
    )


def test_every_linking_triple_has_its_link_and_every_link_its_triple(links: Store) -> None:
    described = {
        (row["entity"], row["relation"], row["target"])
        for row in links.query(LINKS)
        if row["target"]
    }
    stated = {
        (row["s"], row["p"], row["o"])
        for row in links.query(f"""
          PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
          PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
          SELECT * {{ VALUES ?p {{ {MAPPINGS} }} ?s ?p ?o }}""")
    }
    assert described == stated


def test_every_linked_entity_is_declared(identifiers: Mapping[str, object]) -> None:
    declared = {
        quad.subject.value for quad in read(files()) if quad.predicate.value.endswith("#label")
    }
    assert [name for name in identifiers if ID + name not in declared] == []


def test_no_identifier_stands_for_two_entities(links: Store) -> None:
    owners = defaultdict(set)
    for row in links.query(LINKS):
        owners[row["scheme"].value, row["identifier"].value].add(row["entity"].value)
    assert {key for key, entities in owners.items() if len(entities) > 1} == set()


def test_sameas_only_where_the_dataset_means_the_thing_itself(links: Store) -> None:
    """DBpedia IRIs may be redirects, ISSN names a serial, an ISO page is a page: none of them is the thing."""
    same = {
        row["scheme"].value
        for row in links.query(LINKS)
        if row["relation"] and "sameAs" in row["relation"].value
    }
    assert same <= {"Wikidata", "GeoNames", "VIAF", "ISNI", "GND"}


@pytest.mark.skipif(not TABLE.is_file(), reason="the identifiers' table is not beside the checkout")
def test_every_identifier_stands_in_a_verified_row_of_the_table(links: Store) -> None:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["status"] == "verified"]
    columns = ("wikidata", "dbpedia", "geonames", "iso3166")
    known = {row[name] for row in rows for name in columns if row[name]}
    known |= {part for row in rows for part in row["iso3166"].split("/")}
    known |= {
        part.partition("=")[2].partition(" (")[0]
        for row in rows
        for part in row["other_ids"].split("|")
        if "memory" not in part
    }
    assert {row["identifier"].value for row in links.query(LINKS)} - known == set()


def test_trap_1_the_day_is_its_own_and_not_foundation_day(identifiers: Identifiers) -> None:
    assert identifiers["event/northern-territories-day"]["DBpedia"] == {"Northern_Territories_Day"}
    assert "National_Foundation_Day" not in everything(identifiers, "DBpedia")


def test_trap_2_the_archipelago_is_not_the_four_islands(identifiers: Identifiers) -> None:
    assert identifiers["place/kuril-islands"]["Wikidata"] == {"Q80389"}
    assert identifiers["place/south-kurils"]["Wikidata"] == set()
    assert identifiers["place/south-kurils"]["FIPS 10-4"] == {"PJ"}
    assert everything(identifiers, "Natural Earth") == set()


def test_trap_3_an_island_is_neither_its_village_nor_its_town(identifiers: Identifiers) -> None:
    for island in ("kunashir", "iturup", "shikotan", "habomai"):
        assert identifiers[f"place/{island}"]["GeoNames"] == set()
    assert not {"6930874", "2119443"} & everything(identifiers, "GeoNames")
    assert identifiers["place/shikotan"]["DBpedia"] == {"Shikotan"}


def test_trap_4_city_and_oblast_prefecture_and_island(identifiers: Identifiers) -> None:
    assert identifiers["place/moscow"]["Wikidata"] == {"Q649"}
    assert not {"Q1697", "Q35581"} & everything(identifiers, "Wikidata")


def test_trap_5_states_and_their_predecessors(identifiers: Identifiers) -> None:
    assert identifiers["state/russia"]["Wikidata"] == {"Q159"}
    assert identifiers["state/soviet-union"]["Wikidata"] == {"Q15180"}
    assert identifiers["state/tokugawa-shogunate"]["Wikidata"] == set()
    assert "Q2184" not in everything(identifiers, "Wikidata")


def test_trap_6_two_liberal_democratic_parties(identifiers: Identifiers) -> None:
    assert identifiers["body/liberal-democratic-party-of-japan"]["Wikidata"] == {"Q232595"}
    assert identifiers["body/liberal-democratic-party-of-russia"]["Wikidata"] == {"Q212115"}
    assert identifiers["body/democratic-party-of-japan"]["Wikidata"] == {"Q200314"}
    assert "Q1424871" not in everything(identifiers, "Wikidata")


def test_trap_7_deputy_and_first_deputy(identifiers: Identifiers) -> None:
    assert identifiers["office/deputy-prime-minister-of-russia"]["Wikidata"] == {"Q14805701"}
    assert identifiers["office/first-deputy-prime-minister-of-russia"]["Wikidata"] == {"Q1965788"}
    assert identifiers["person/victor-basargin"]["Wikidata"] == {"Q982320"}


def test_trap_8_maehara_is_not_his_successor(identifiers: Identifiers) -> None:
    assert identifiers["person/seiji-maehara"]["Wikidata"] == {"Q132280"}
    assert identifiers["person/takeaki-matsumoto"]["Wikidata"] <= {"Q1315762"}


def test_trap_9_namesakes_among_bodies(identifiers: Identifiers) -> None:
    assert identifiers["body/tepco"]["Wikidata"] == {"Q333894"}
    assert identifiers["body/gazprom"]["Wikidata"] == {"Q102673"}
    assert identifiers["body/japan-foundation"]["DBpedia"] == {"Japan_Foundation"}
    assert identifiers["body/russia-in-global-affairs"]["ISSN"] == {"1810-6374", "2072-8723"}
    assert identifiers["event/earthquake-2011"]["Wikidata"] == {"Q36204"}


def test_trap_10_people_with_namesakes_stay_unlinked(identifiers: Identifiers) -> None:
    for person in ("kazuo-ogura", "alexander-panov", "alexander-shumsky", "shigeki-hakamada"):
        assert dict(identifiers.get(f"person/{person}", {})) == {}
    assert identifiers["person/junichiro-koizumi"]["Wikidata"] == {"Q130852"}


def test_trap_11_the_treaty_is_the_first_of_shimoda(identifiers: Identifiers) -> None:
    assert identifiers["agreement/treaty-of-shimoda"]["DBpedia"] == {"Treaty_of_Shimoda"}
    assert identifiers["agreement/joint-declaration-1956"]["United Nations Treaty Series"] == {
        "3768"
    }


def test_no_candidate_from_memory_is_linked(identifiers: Identifiers) -> None:
    assert not {"Q359", "Q83172"} & everything(identifiers, "Wikidata")


def test_the_check_finds_an_unverified_link(links: Store) -> None:
    """The query in queries/checks returns nothing on our links, and a row when one is not verified."""
    check = (paths.data("queries") / "checks/unverified-links.rq").read_text(encoding="utf-8")
    assert list(links.query(check)) == []
    links.update("""PREFIX : <https://w3id.org/shimoda/ontology#> PREFIX owl: <http://www.w3.org/2002/07/owl#>
      INSERT DATA { <https://w3id.org/shimoda/id/body/wikileaks> owl:sameAs <http://www.wikidata.org/entity/Q359> }""")
    assert len(list(links.query(check))) == 1
    links.update("DELETE WHERE { ?s ?p <http://www.wikidata.org/entity/Q359> }")
    links.update("""PREFIX : <https://w3id.org/shimoda/ontology#>
      DELETE { ?l :verified true } INSERT { ?l :verified false } WHERE { ?l :identifier "Q17" ; :verified true }""")
    assert [row["link"].value for row in links.query(check)] == [ID + "link/state-japan-wikidata"]
