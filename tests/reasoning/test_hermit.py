"""What HermiT is given to read, and what happens when it cannot run."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store

from shimoda import paths
from shimoda.errors import LimitExceeded, Unavailable
from shimoda.reasoning import Upkeep, hermit
from shimoda.reasoning.hermit import require_sense

from .worlds import declare, load

XSD = "http://www.w3.org/2001/XMLSchema#"
FOREIGN = declare("A", data="p q r") + (
    "<http://e/Foreign> a rdfs:Datatype . :p rdfs:range xsd:date . :q rdfs:range <http://e/Foreign> . "
    ':x a :A ; :p "2011-03-14"^^xsd:date ; :q "far"^^<http://e/Foreign> ; :r "P1D"^^xsd:duration .'
)


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what is built, so that no answer is kept from before."""
    monkeypatch.setattr(paths, "built", lambda: tmp_path)
    return tmp_path


def test_the_projection_keeps_dates_as_times_and_foreign_literals_as_strings() -> None:
    found = {
        (quad.predicate.value.rpartition("#")[2], quad.object)
        for quad in hermit.project(load("t", FOREIGN))
    }
    assert ("p", Literal("2011-03-14T00:00:00Z", datatype=NamedNode(f"{XSD}dateTime"))) in found
    assert ("q", Literal("far")) in found and ("r", Literal("P1D")) in found
    assert ("range", NamedNode(f"{XSD}dateTime")) in found and (
        "range",
        NamedNode(f"{XSD}string"),
    ) in found
    assert not any("Foreign" in str(term) for _, term in found)


def test_hermit_reads_the_projection_and_finds_a_clash_of_dates(fresh: Path) -> None:
    late = ':A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:hasValue "2011-03-15"^^xsd:date ] . '
    assert hermit.ask(load("t", FOREIGN)).consistent
    assert not hermit.ask(load("t", FOREIGN + late + ":p a owl:FunctionalProperty .")).consistent


@pytest.mark.parametrize("spelling", ['"1"^^xsd:short', '"01"^^xsd:integer', "1.0"])
def test_hermit_finds_what_is_denied_in_another_spelling(fresh: Path, spelling: str) -> None:
    denied = (
        "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :x ; owl:assertionProperty :p ; "
    )
    told = declare(data="p", people="x") + denied + f"owl:targetValue 1 . :x :p {spelling} ."
    assert not hermit.ask(load("t", told)).consistent


def test_java_starts_once_a_change(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[str] = []
    run = hermit.run
    monkeypatch.setattr(hermit, "run", lambda *given: starts.append("java") or run(*given))
    anonymous = FOREIGN + "[] a owl:AllDifferent ; owl:distinctMembers (:x :y) ."
    first = hermit.ask(load("t", anonymous))
    assert hermit.ask(load("t", anonymous)) == first and len(starts) == 1
    hermit.ask(load("t", anonymous + ":y a :A ."))
    assert len(starts) == 2


def test_without_java_the_rules_alone_decide_and_the_build_hears_of_it(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hermit, "java", lambda: "/no/such/java")
    with pytest.raises(Unavailable, match="Java"):
        hermit.ask(load("t", FOREIGN))
    store, heard = load("t", FOREIGN), list[str]()
    require_sense(store, Upkeep(store), report=heard.append)
    assert "the rules alone decide" in heard[0]


def test_time_is_limited_and_nothing_is_left_behind(fresh: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("shimoda-hermit-*"))
    with pytest.raises(LimitExceeded, match="HermiT"):
        hermit.ask(load("t", FOREIGN), seconds=0.01)
    assert set(Path(tempfile.gettempdir()).glob("shimoda-hermit-*")) <= before


def test_memory_is_limited(fresh: Path) -> None:
    chain = "".join(f":n{number} :p :n{number + 1} . " for number in range(30000))
    store: Store = load("t", declare("A", "p") + ":p a owl:TransitiveProperty . " + chain)
    with pytest.raises(LimitExceeded, match="8 MB"):
        hermit.ask(store, megabytes=8)
