"""The reasoner as a tool of its own, for any RDF files."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shimoda.cli import main

PREFIXES = """@prefix : <http://t/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . """
FACTS = ":A rdfs:subClassOf :B . :x a :A . :p a owl:TransitiveProperty . :x :p :y . :y :p :z . "
A_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def infer(folder: Path, text: str, *options: str) -> Result:
    file = folder / "facts.ttl"
    file.write_text(PREFIXES + text, encoding="utf-8")
    return CliRunner().invoke(main, ["infer", str(file), *options])


def test_what_is_stated_and_what_follows_is_printed_as_n_triples(tmp_path: Path) -> None:
    done = infer(tmp_path, FACTS, "--brief")
    assert done.exit_code == 0
    assert {
        "<http://t/x> <http://t/p> <http://t/z> .",
        f"<http://t/x> <{A_TYPE}> <http://t/B> .",
    } < {*done.stdout.splitlines()}


def test_a_proof_goes_down_to_what_is_stated_through_a_transitive_property(tmp_path: Path) -> None:
    done = infer(tmp_path, FACTS, "--explain", "http://t/x", "http://t/p", "http://t/z")
    assert "by the rule type-p-transitive-property" in done.stdout
    assert "    http://t/x http://t/p http://t/y\n" in done.stdout


def test_a_contradiction_is_told_with_the_fewest_statements_and_exit_code_3(tmp_path: Path) -> None:
    done = infer(tmp_path, FACTS + ":B owl:disjointWith :C . :x a :C . :y a :C .")
    assert done.exit_code == 3 and not done.stdout
    assert [line.strip() for line in done.stderr.splitlines()[1:]] == [
        f"<http://t/x> <{A_TYPE}> <http://t/A>",
        f"<http://t/x> <{A_TYPE}> <http://t/C>",
    ]


def test_a_malformed_axiom_is_named_with_its_file_and_left_out(tmp_path: Path) -> None:
    done = infer(tmp_path, FACTS + ":B owl:subClassOf :C .", "--brief")
    assert done.exit_code == 0 and "facts.ttl: http://t/B: OWL has no term" in done.stderr
    assert infer(tmp_path, FACTS + ":B owl:subClassOf :C .", "--strict").exit_code == 1


def test_profiles_are_told_with_what_keeps_axioms_out_and_what_rules_cannot_say(
    tmp_path: Path,
) -> None:
    text = ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] ."
    told = infer(tmp_path, text, "--profile").stdout
    assert "OWL 2 RL: outside" in told and "something that exists without a name" in told


@pytest.mark.parametrize(
    ("form", "first"), [("ttl", "<http://t/"), ("rdf", "<?xml"), ("jsonld", "[")]
)
def test_other_formats_can_be_had(tmp_path: Path, form: str, first: str) -> None:
    assert infer(tmp_path, FACTS, "--brief", "--format", form).stdout.startswith(first)


def test_a_rule_of_ones_own_takes_part(tmp_path: Path) -> None:
    rule = tmp_path / "back.rq"
    rule.write_text("PREFIX : <http://t/> CONSTRUCT { ?y :q ?x } WHERE { ?x :p ?y }", "utf-8")
    done = infer(tmp_path, FACTS, "--brief", "--rules", str(rule))
    assert "<http://t/z> <http://t/q> <http://t/x> ." in done.stdout
