"""The tools for language models, used by the official client: over HTTP against a real service, and over stdio."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from mcp import Client, StdioServerParameters
from tests.serving import serving

TIMEOUT = 4
BOMB = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FACT = {"subject": "Japan", "predicate": "claims", "object": "place:kunashir"}
QUESTIONS = {
    "check_fact": (FACT, {"panov-2011#s068", "panov-2011#s080"}),
    "sourced_statements": (
        {"subject": "event:medvedev-visit-kunashir-2010", "predicate": ":assessedAs"},
        {"panov-2011#s082"},
    ),
    "ask": (
        {"name": "contacts-of-a-person", "parameters": {"person": "菅直人"}},
        {"panov-2011#s129"},
    ),
    "sparql": (
        {
            "query": "PREFIX : <https://w3id.org/shimoda/ontology#> "
            "SELECT ?v { ?visit :visitor ?v ; :destination <https://w3id.org/shimoda/id/place/moscow> }"
        },
        {"panov-2011#s055"},
    ),
    "explain": (
        {"subject": "Кунашир", "predicate": "a", "object": ":ContestedTerritory"},
        {"panov-2011#s071", "panov-2011#s080"},
    ),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("mcp"), "--timeout", str(TIMEOUT)) as server:
        yield server


@pytest.fixture(scope="module", params=["auto", "legacy"])
def use(server, request):
    """Do something with a client, in the newest protocol and in the one with a handshake."""

    def use(act):
        async def run():
            async with Client(f"{server.url}/mcp", mode=request.param) as client:
                return await act(client)

        return asyncio.run(run())

    return use


@pytest.fixture(scope="module")
def call(use):
    def call(name, arguments):
        return use(lambda client: client.call_tool(name, arguments))

    return call


def sentences(found):
    """Return the sentences that an answer cites."""
    rows = found.get("rows", [found])
    return {name.removeprefix("source:") for row in rows for name in row["sentences"]}


def test_every_tool_says_what_it_takes_and_gives_and_changes_nothing(use):
    tools = use(lambda client: client.list_tools()).tools
    assert {tool.name for tool in tools} >= {"search", "statements", "list_questions", *QUESTIONS}
    for tool in tools:
        assert tool.annotations.read_only_hint and not tool.annotations.destructive_hint
        assert tool.description and tool.input_schema["type"] == "object"
        assert tool.output_schema["type"] == "object"


@pytest.mark.parametrize("tool", QUESTIONS)
def test_a_question_gets_a_cited_answer(call, server, tool):
    arguments, expected = QUESTIONS[tool]
    result = call(tool, arguments)
    assert not result.is_error, server.log.read_text()
    assert sentences(result.structured_content) >= expected


def test_search_finds_by_name_in_any_script(call):
    hits = call("search", {"text": "クナシリ", "limit": 3}).structured_content["hits"]
    assert hits[0]["name"] == "place:kunashir"


def test_cheap_statements_come_without_sources(call):
    found = call("statements", {"subject": "place:kunashir"}).structured_content
    assert found["rows"] and not sentences(found) and not found["sources"]


def test_a_fact_is_told_from_a_claim_and_from_what_nobody_says(call):
    assert call("check_fact", FACT).structured_content["notice"].startswith("1 holds")
    claim = {"subject": "event:medvedev-visit-kunashir-2010", "predicate": ":assessedAs"}
    found = call("check_fact", claim).structured_content
    assert "claimed" in found["notice"]
    assert {row["status"] for row in found["rows"] if row["values"]["how"] == "claimed"} == {
        "reported"
    }
    denied = call("check_fact", {"subject": "state:japan", "predicate": ":recognizes"})
    assert "denied" in denied.structured_content["notice"]
    nothing = call("check_fact", {"subject": "place:moscow", "predicate": ":claims"})
    assert nothing.structured_content["notice"].startswith("Nothing here says so")


def test_an_empty_answer_says_why(call):
    query = "PREFIX : <https://w3id.org/shimoda/ontology#> SELECT ?v { ?v a :Vist }"
    found = call("sparql", {"query": query}).structured_content
    assert found["rows"] == []
    assert any(":Visit" in finding for finding in found["findings"])


def test_a_long_answer_is_cut_and_that_is_said(call):
    query = "SELECT * { ?s ?p ?o }"
    found = call("sparql", {"query": query, "sources": False}).structured_content
    assert len(found["rows"]) == 50
    assert found["notice"] == f"The first 50 of {found['total']:,}."
    wide = " ".join(f"(?long AS ?v{number})" for number in range(40))
    query = f'SELECT {wide} {{ VALUES ?long {{ "{"x" * 1000}" }} ?s ?p ?o }} LIMIT 100'
    found = call("sparql", {"query": query, "sources": False, "limit": 100}).structured_content
    assert 0 < len(str(found)) < 300_000
    assert found["notice"]


@pytest.mark.parametrize(
    ("tool", "arguments", "hint"),
    [
        ("sparql", {"query": "SELECT ?s { ?s a ex:Visit }"}, "No PREFIX declares ex:"),
        ("sparql", {"query": "CLEAR ALL"}, ""),
        ("ask", {"name": "timelin"}, "timeline"),
        ("check_fact", {"subject": "place:kunashr"}, "place:kunashir"),
        ("statements", {"subject": "Kunashirr"}, "place:kunashir"),
        ("explain", {"subject": "Kunashir", "predicate": "a"}, "object"),
    ],
)
def test_what_is_wrong_is_said_so_that_it_can_be_mended(call, tool, arguments, hint):
    result = call(tool, arguments)
    assert result.is_error
    assert hint in result.content[0].text
    assert "Traceback" not in result.content[0].text


def test_a_hostile_query_is_stopped_and_nobody_else_notices(server, call):
    with ThreadPoolExecutor(1) as thread, httpx.Client() as other:
        attack = thread.submit(call, "sparql", {"query": BOMB})
        asked = 0
        while not attack.done():
            query = f"SELECT ({asked} AS ?n) {{}}"
            answer = other.get(server.url + "/sparql", params={"query": query})
            assert answer.status_code == 200
            asked += 1
    result = attack.result()
    assert result.is_error
    assert "seconds" in result.content[0].text
    assert asked > 1
    assert not call("check_fact", FACT).is_error


def test_the_schema_is_a_page_that_can_be_read(use):
    page = use(lambda client: client.read_resource("shimoda://schema")).contents[0].text
    assert "GRAPH ?assertion" in page
    assert "`:ContestedTerritory`" in page
    assert "`:citedIn`" in page


def message(**headers):
    return {
        "json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
        "headers": {"Accept": "application/json, text/event-stream", **headers},
    }


@pytest.mark.parametrize("origin", ["http://evil.example", "http://evil.example:7878", "null"])
def test_a_page_of_another_site_may_not_use_the_tools(server, origin):
    host = origin.removeprefix("http://")
    answer = httpx.post(server.url + "/mcp", **message(Origin=origin, Host=host))
    assert answer.status_code == 403
    assert answer.json()["code"] == "refused"


def test_a_local_page_and_a_program_may(server):
    assert httpx.post(server.url + "/mcp", **message()).status_code == 200
    assert (
        httpx.post(server.url + "/mcp", **message(Origin="http://localhost:6274")).status_code
        == 200
    )


def test_there_are_no_sessions_and_no_streams(server):
    assert httpx.get(server.url + "/mcp").status_code == 405
    assert httpx.delete(server.url + "/mcp").status_code == 405
    answer = httpx.post(server.url + "/mcp", **message())
    assert "mcp-session-id" not in answer.headers
    assert answer.headers["content-type"] == "application/json"


def test_what_is_no_message_is_refused(server):
    answer = httpx.post(server.url + "/mcp", content=b"{", headers=message()["headers"])
    assert answer.status_code == 400


def test_language_models_are_told_what_is_here(server):
    text = httpx.get(server.url + "/llms.txt").text
    assert text.startswith("# Shimoda\n\n> ")
    assert f"({server.url}/mcp)" in text


def test_the_same_tools_work_over_stdio():
    async def run():
        command = StdioServerParameters(command=sys.executable, args=["-m", "shimoda", "mcp"])
        async with Client(command) as client:
            return await client.call_tool("check_fact", FACT)

    result = asyncio.run(run())
    assert sentences(result.structured_content) >= QUESTIONS["check_fact"][1]
