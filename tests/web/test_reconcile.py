"""``/reconcile``: names in somebody's table lead to our entities, as the Reconciliation API 0.2 has it."""

import json

import jsonschema
import pytest

from shimoda.engine.local import LocalEngine
from shimoda.settings import Settings
from shimoda.web.app import Application

TEXT, NUMBER, BOOLEAN = ({"type": one} for one in ("string", "number", "boolean"))


def entries(kind):
    return {"type": "object", "additionalProperties": kind}


def records(*required, **fields):
    return {"type": "array", "items": record(*required, **fields)}


def record(*required, **fields):
    return {"type": "object", "required": list(required), "properties": fields}


def template(mark):
    return {"type": "string", "pattern": mark}


CLASSES = records("id", id=TEXT, name=TEXT)
PLACE = record(service_url=TEXT, service_path=TEXT)
VALUE = {
    "oneOf": [
        {**record("id", "name", id=TEXT, name=TEXT), "additionalProperties": False},
        *(
            {**record(name, **{name: kind}), "additionalProperties": False}
            for name, kind in (("str", TEXT), ("float", NUMBER), ("int", {"type": "integer"}))
        ),
    ]
}
SCHEMAS = {
    "manifest": record(
        "versions",
        "name",
        "identifierSpace",
        "schemaSpace",
        versions={"type": "array", "items": TEXT, "contains": {"const": "0.2"}},
        view=record("url", url=template(r"\{\{id\}\}")),
        preview=record(
            "url", "width", "height", url=template(r"\{\{id\}\}"), width={"type": "integer"}
        ),
        suggest=record(entity=PLACE, property=PLACE, type=PLACE),
        extend=record(propose_properties=PLACE),
        defaultTypes={**CLASSES, "uniqueItems": True},
    ),
    "results": entries(
        record(
            "result",
            result=records(
                "id", "name", "score", id=TEXT, name=TEXT, score=NUMBER, match=BOOLEAN, type=CLASSES
            ),
        )
    ),
    "extended": record(
        "rows",
        "meta",
        meta=records("id", "name", id=TEXT, name=TEXT),
        rows=entries(entries({"type": "array", "items": VALUE})),
    ),
    "suggested": record("result", result=records("id", "name", id=TEXT, name=TEXT)),
}
"""The shapes of the specification's schemas, so far as answers here have them."""


@pytest.fixture(scope="module")
def client(store):
    return Application(LocalEngine(store), Settings(log_format="none")).test_client()


def checked(answer, schema):
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json, SCHEMAS[schema])
    return answer.json


def reconcile(client, **query):
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    return checked(answer, "results")["q0"]["result"]


def test_the_service_describes_itself_and_each_address_answers(client):
    manifest = checked(client.get("/reconcile"), "manifest")
    assert manifest["identifierSpace"] == "https://w3id.org/shimoda/id/"
    for place in manifest["suggest"].values():
        path = (place["service_url"] + place["service_path"]).removeprefix("http://localhost")
        assert checked(client.get(path + "?prefix=isl"), "suggested")["result"] is not None


@pytest.mark.parametrize("name", ["Kunashir", "Кунашир", "国後島", "kunashir"])
def test_a_name_in_any_script_is_matched(client, name):
    best, *_ = reconcile(client, query=name, type="Place")
    assert (best["id"], best["match"]) == ("place/kunashir", True)
    assert "Place" in {one["id"] for one in best["type"]}


def test_a_name_that_is_only_alike_is_a_candidate_and_no_match(client):
    best, *_ = reconcile(client, query="Kunashyr")
    assert (best["id"], best["match"]) == ("place/kunashir", False)


def test_a_class_keeps_others_out(client):
    assert all(
        "Person" in {one["id"] for one in found["type"]}
        for found in reconcile(client, query="Medvedev", type=["Person"], limit=20)
    )
    assert reconcile(client, query="Kunashir", type="Person") == []


def test_a_property_decides_between_namesakes_and_finds_without_a_name(client):
    wanted = [{"pid": "rdf:type", "v": "Contested territory"}]
    with_property, without = (
        reconcile(client, query="Shikotan", properties=properties)[0]["score"]
        for properties in ([{"pid": "rdf:type", "v": "Nothing"}], wanted)
    )
    assert with_property < without
    found = reconcile(client, properties=[{"pid": "rdfs:label", "v": "国後島"}], limit=1)
    assert found[0]["id"] == "place/kunashir"


def test_a_batch_is_answered_whole_by_get_too(client):
    queries = {f"q{number}": {"query": name} for number, name in enumerate(("Japan", "Kan", "?"))}
    answer = checked(
        client.get("/reconcile", query_string={"queries": json.dumps(queries)}), "results"
    )
    assert answer.keys() == queries.keys()
    assert answer["q0"]["result"][0]["id"] == "state/japan"


def test_values_of_properties_extend_a_table(client):
    proposed = client.get("/reconcile/properties?type=Place").json["properties"]
    assert "rdfs:label" in {one["id"] for one in proposed}
    asked = {
        "ids": ["place/kunashir", "place/nowhere"],
        "properties": [{"id": one} for one in ("rdfs:label", "claimedBy", "latitude")],
    }
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)})
    rows = checked(answer, "extended")["rows"]
    assert {"str": "国後島"} in rows["place/kunashir"]["rdfs:label"]
    assert "state/japan" in {one["id"] for one in rows["place/kunashir"]["claimedBy"]}
    assert rows["place/nowhere"] == {one["id"]: [] for one in asked["properties"]}


def test_classes_and_properties_are_suggested_apart(client):
    kinds = client.get("/reconcile/suggest/type?prefix=Contested").json["result"]
    properties = client.get("/reconcile/suggest/property?prefix=claimed").json["result"]
    assert kinds[0]["id"] == "ContestedTerritory"
    assert "claimedBy" in {one["id"] for one in properties}


def test_a_preview_may_stand_in_a_frame_and_runs_no_script(client):
    answer = client.get("/reconcile/preview?id=place/kunashir")
    policy = answer.headers.getlist("Content-Security-Policy")
    assert policy == ["default-src 'none'; style-src 'self'; frame-ancestors *"]
    assert "国後島" in answer.text
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "form",
    [
        {"queries": "["},
        {"queries": "[]"},
        {"queries": '{"q": 1}'},
        {"queries": '{"q": {"query": "x", "limit": "many"}}'},
        {"queries": '{"q": {"properties": [{"v": 1}]}}'},
        {"queries": '{"q": {"query": "x", "type": "> <"}}'},
        {"queries": json.dumps({str(number): {"query": "x"} for number in range(101)})},
        {"queries": "[" * 100_000},
        {"extend": '{"ids": ["> } <"], "properties": []}'},
        {"extend": '{"ids": 1}'},
    ],
)
def test_what_is_no_query_is_refused(client, form):
    answer = client.post("/reconcile", data=form)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
