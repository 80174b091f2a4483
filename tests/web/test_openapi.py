"""The description of the service is true: what it promises, a client that knows nothing else gets."""

from __future__ import annotations

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shimoda.engine.local import LocalEngine
from shimoda.questions import catalogue
from shimoda.settings import Settings
from shimoda.web.app import Application

PROMISES = (
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
BOUNDED = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def application(store):
    settings = Settings(log_format="none")
    return Application(LocalEngine(store, settings.max_rows, settings.max_bytes), settings)


@pytest.fixture(scope="module")
def api(application):
    """The description, but for the questions that ask an endpoint elsewhere."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", application)
    return schema.exclude(path_regex="/q/federated-")


def test_no_call_breaks_the_server_or_a_promise(api):
    """Five calls of each operation with what its parameters allow, and five with what they do not."""
    calls = 0
    for found in api.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            drawn = operation.as_strategy(generation_mode=mode)

            @BOUNDED
            @given(case=drawn)
            def call(case):
                nonlocal calls
                calls += 1
                case.call_and_validate(checks=PROMISES, headers={"Accept-Encoding": "identity"})

            with suppress(Unsatisfiable):  # what takes nothing takes nothing wrong
                call()
    assert calls > 500


def test_every_question_is_an_operation(application):
    described = application.test_client().get("/openapi.json").json
    questions = {one.name: one for one in catalogue.read_all()}
    operations = {
        path.removeprefix("/q/"): item["get"]
        for path, item in described["paths"].items()
        if path.startswith("/q/") and path != "/q/"
    }
    assert operations.keys() == questions.keys()
    for name, operation in operations.items():
        own = [one for one in operation["parameters"] if "name" in one]
        assert [one["name"] for one in own] == [one.name for one in questions[name].parameters]
        assert (operation["summary"], operation["tags"]) == (
            questions[name].title,
            [questions[name].topic],
        )


def test_the_values_that_are_offered_are_taken(application):
    """Each example of each parameter is answered."""
    client = application.test_client()
    for path, item in client.get("/openapi.json").json["paths"].items():
        for parameter in item["get"].get("parameters", ()) if "/q/" in path else ():
            for value in parameter.get("schema", {}).get("examples", ())[:3]:
                answer = client.get(path, query_string={parameter["name"]: value})
                assert answer.status_code == 200, (path, parameter["name"], value, answer.text)
