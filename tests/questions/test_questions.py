"""The competency questions are answered by queries in queries/ or beside this, none of which holds its own answer."""

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, QueryBoolean, Store

from shimoda.namespaces import BASE, PREFIXES
from shimoda.questions import catalogue

sys.path.insert(0, str(Path(__file__).parent))
from matching import matches, matches_number, matches_order, matches_set


def asked(query: catalogue.Question) -> list[str]:
    """Return the competency questions that a query answers."""
    return query.header.get("question", "").split()


GOLD = json.loads(Path(__file__).with_name("gold.json").read_text(encoding="utf-8"))
HERE = catalogue.read_all(Path(__file__).parent)
"""Questions that are asked once; what is asked again is in the catalogue."""
QUERIES = {question: query for query in [*catalogue.read_all(), *HERE] for question in asked(query)}
SHARED = Path(__file__).parents[3] / "shared" / "facts" / "questions_public.jsonl"
PUBLIC = (
    [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    if SHARED.is_file()
    else []
)
ENTITY = re.compile(rf"<({BASE}(?!ontology)[^>]+)>")
PREFIXED = re.compile(r"(?<![\w<:])([a-z]+):([\w.-]*\w)")


def full(text: str) -> str:
    """Return a query's body with the IRIs of entities in full, and without header and prefixes."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith(("#", "PREFIX")))
    return PREFIXED.sub(lambda m: f"<{PREFIXES[m[1]]}{m[2]}>" if m[1] in PREFIXES else m[0], body)


def runnable(body: str) -> str:
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items()) + body


def short(term: object) -> str:
    return (
        str(getattr(term, "value", term))
        .removeprefix(BASE + "id/")
        .removeprefix(PREFIXES[""])
        .removeprefix(BASE)
    )


def answer(store: Store, text: str) -> bool | list[list[str]]:
    results = store.query(text)
    if isinstance(results, QueryBoolean):
        return bool(results)
    return [[short(cell) for cell in row if cell is not None] for row in results]


def in_order(rows: bool | list[list[str]], expected: dict) -> object:
    return rows if expected.get("ordered") or isinstance(rows, bool) else sorted(rows)


def test_every_question_is_answered_by_one_query():
    """No question is left out, and no two queries claim the same."""
    claimed = [question for query in [*catalogue.read_all(), *HERE] for question in asked(query)]
    assert sorted(claimed) == sorted(GOLD) and len(GOLD) == 50


@pytest.mark.parametrize("question", GOLD)
def test_answers_are_the_expected_entities(store, question):
    """The rows are those written down from the question, no more and no fewer."""
    rows = answer(store, QUERIES[question].bind())
    assert in_order(rows, GOLD[question]) == in_order(GOLD[question]["rows"], GOLD[question])


@pytest.mark.parametrize("gold", PUBLIC or [None], ids=lambda gold: gold["id"] if gold else "none")
def test_answers_match_the_words_of_whoever_asks(store, gold):
    """The names of what is answered are the words that people who did not write the queries expect."""
    if gold is None:
        pytest.skip("the questions of others are not beside this checkout")
    assert matches(
        store, QUERIES[gold["id"]].bind(), gold["id"], gold["answer_type"], gold["answer"]
    )


@pytest.mark.parametrize("question", GOLD)
def test_no_query_holds_its_answer(question):
    """No entity or value of the answer stands in the query, but what the question itself names; and no VALUES."""
    gold = GOLD[question]
    body = full(QUERIES[question].bind())
    assert "VALUES" not in body.upper()
    cells = (
        {cell for row in gold["rows"] for cell in row} if isinstance(gold["rows"], list) else set()
    )
    used = {short(NamedNode(iri)) for iri in ENTITY.findall(body)}
    assert not used & (cells - set(gold.get("given", [])))
    bare = ENTITY.sub("", body)
    literals = set(re.findall(r'"([^"]*)"', bare)) | set(
        re.findall(r"(?<![\w\"-])\d+(?:\.\d+)?(?![\w-])", bare)
    )
    assert not literals & cells


def renamed(iri: str) -> str:
    """Return an IRI that says nothing of what it names."""
    return f"{BASE}id/x{hashlib.sha256(iri.encode()).hexdigest()[:20]}"


@pytest.fixture(scope="module")
def anonymous(store):
    """The dataset with another IRI for every entity, assertion and sentence."""
    other = Store()

    def rename(term):
        mine = isinstance(term, NamedNode) and ENTITY.fullmatch(str(term))
        return NamedNode(renamed(term.value)) if mine else term

    other.bulk_extend(
        Quad(rename(q.subject), q.predicate, rename(q.object), rename(q.graph_name)) for q in store
    )
    return other


@pytest.mark.parametrize("question", GOLD)
def test_answers_do_not_hang_on_names(anonymous, question):
    """With every entity renamed in dataset and query, the answer is the same, renamed."""
    gold = GOLD[question]
    query = runnable(ENTITY.sub(lambda m: f"<{renamed(m[1])}>", full(QUERIES[question].bind())))
    if isinstance(gold["rows"], bool):
        assert answer(anonymous, query) == gold["rows"]
        return
    expected = [[other_name(cell) for cell in row] for row in gold["rows"]]
    assert in_order(answer(anonymous, query), gold) == in_order(expected, gold)


def other_name(cell: str) -> str:
    """Return what an expected cell is after the renaming: an entity has a slash in it."""
    if "/" not in cell:
        return cell
    iri = cell if cell.startswith("source/") else f"id/{cell}"
    return renamed(BASE + iri).removeprefix(BASE + "id/")


def test_matching_refuses_too_little_too_much_and_another_order():
    """The test's own yardstick: an answer with a row missing, a row too many or in another order does not match."""
    one, two = [("who", frozenset({"abe", "shinzo abe"}))], [("who", frozenset({"fukuda"}))]
    assert matches_set([one, two], ["Shinzo Abe", "Fukuda"], set())
    assert not matches_set([one], ["Shinzo Abe", "Fukuda"], set())
    assert not matches_set([one, two], ["Shinzo Abe"], set())
    assert not matches_set([[*one, *two]], ["Shinzo Abe"], set())
    assert matches_order([one, two], ["Abe", "Fukuda"], set())
    assert not matches_order([two, one], ["Abe", "Fukuda"], set())
    assert not matches_number([[("n", frozenset({"17000"}))]], "more than 17,000")
