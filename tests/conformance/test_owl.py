"""Test cases for OWL 2 by the W3C and others; they lie outside the project, if anywhere."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, RdfFormat, Store, Triple, parse
from tests.conformance.failures import read_failures

from shimoda.reasoning import Reasoner

CASES = Path(__file__).parents[3] / "shared" / "owl" / "cases.jsonl"
REASONS = read_failures(Path(__file__).parent / "owl_failures.txt")

pytestmark = [
    pytest.mark.skipif(not CASES.exists(), reason=f"the OWL test cases are not at {CASES}")
]


def cases() -> list[dict[str, str]]:
    return [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]


@cache
def infer(premise: str) -> tuple[bool, bytes]:
    """Whether premises contradict themselves, and what follows from them."""
    triples = (quad.triple for quad in parse(premise.encode(), RdfFormat.N_TRIPLES))
    reasoner = Reasoner(triples, whole=True, report=[].append)
    if next(reasoner.clashes(), None):
        return True, b""
    printed = io.BytesIO()
    reasoner.print_to(printed)
    return False, printed.getvalue()


def follows(printed: bytes, conclusion: str) -> bool:
    """Tell whether a conclusion, its blank nodes read as variables, lies in what follows."""
    store = Store()
    store.load(printed, RdfFormat.N_TRIPLES)

    def write(triple: Triple) -> str:
        terms = (triple.subject, triple.predicate, triple.object)
        return " ".join(
            f"?b{one.value}" if isinstance(one, BlankNode) else str(one) for one in terms
        )

    patterns = " . ".join(
        write(quad.triple) for quad in parse(conclusion.encode(), RdfFormat.N_TRIPLES)
    )
    return bool(store.query(f"ASK {{ {patterns} }}"))


def passes(case: dict[str, str]) -> bool:
    contradiction, printed = infer(case["premise"])
    if case["kind"] in ("consistency", "inconsistency"):
        return contradiction == (case["kind"] == "inconsistency")
    found = contradiction or follows(printed, case["conclusion"])
    return found == (case["kind"] == "positive")


def test_in_rl_every_failure_is_listed_with_its_reason_and_nothing_listed_passes() -> None:
    failed = {
        f"{case['id']} {case['kind']}"
        for case in cases()
        if "RL" in case["profiles"] and not passes(case)
    }
    assert failed == REASONS.keys() and all(REASONS.values())


def test_no_consistent_ontology_is_said_to_contradict_itself() -> None:
    assert [
        case["id"] for case in cases() if case["kind"] == "consistency" and not passes(case)
    ] == []


def test_nothing_follows_that_does_not() -> None:
    assert [case["id"] for case in cases() if case["kind"] == "negative" and not passes(case)] == []
