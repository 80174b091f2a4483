"""``/openapi.json``: the service for programs that make clients (https://spec.openapis.org/oas/v3.1.1.html)."""

import json
from typing import Any

from flask import Blueprint, Response

from shimoda import __version__
from shimoda.engine.interface import Engine
from shimoda.namespaces import local_name, short
from shimoda.paths import PACKAGE
from shimoda.questions import catalogue
from shimoda.questions.bibliography import BIBLIOGRAPHY
from shimoda.questions.catalogue import Question
from shimoda.questions.parameters import Parameter
from shimoda.sparql.formats import JSON, JSON_LD, N_TRIPLES, RDF_XML, RESULTS_TYPES, TURTLE
from shimoda.sparql.text import form_of
from shimoda.web.requests import own_url
from shimoda.web.responses import send_body
from shimoda.web.service import service

blueprint = Blueprint("openapi", __name__)
TABLE = (*RESULTS_TYPES, "text/html", *BIBLIOGRAPHY.values())
GRAPH = (TURTLE, N_TRIPLES, RDF_XML, JSON_LD, "text/html")
OF_ANY = ("view", "cite", "version", "format")
OF_ROWS = ("limit", "offset", "page")
EXAMPLES = 20
"""Values of a parameter that are listed."""
SCHEMAS = {
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "iri": {"type": "string", "format": "iri"},
}


@blueprint.route("/openapi.json")
def openapi() -> Response:
    """Describe the service, with an operation for each named question."""
    import yaml

    text = (PACKAGE / "web" / "openapi.yaml").read_text("utf-8")
    document = yaml.load(text, yaml.CSafeLoader)
    document["info"]["version"] = __version__
    document["servers"] = [{"url": own_url()}]
    if not service().settings.empty:
        document["tags"] += [
            {"name": topic, "description": labels["en"]}
            for topic, labels in catalogue.topics().items()
        ]
        for question in catalogue.read_all():
            operation = describe(question, service().engine)
            document["paths"][f"/q/{question.name}"] = {"get": operation}
    return send_body(json.dumps(document, ensure_ascii=False), "application/json")


def describe(question: Question, engine: Engine) -> dict[str, Any]:
    """Return the operation of a question (section 4.8.10)."""
    is_graph = form_of(question.text) in ("CONSTRUCT", "DESCRIBE")
    shared = OF_ANY if form_of(question.text) == "ASK" else (*OF_ANY, *OF_ROWS)
    content: dict[str, Any] = {kind: {} for kind in (GRAPH if is_graph else TABLE)}
    if not is_graph:
        content[JSON]["schema"] = shape(question)
    return {
        "operationId": question.name,
        "summary": question.title,
        "description": question.descriptions["en"],
        "tags": [question.topic],
        "parameters": [describe_parameter(one, engine) for one in question.parameters]
        + [{"$ref": f"#/components/parameters/{name}"} for name in shared],
        "responses": {
            "200": {"description": "The answer.", "content": content},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }


def describe_parameter(parameter: Parameter, engine: Engine) -> dict[str, Any]:
    """Return a parameter (section 4.8.12), with some of the values that the dataset has for it."""
    known = parameter.choices(engine)
    schema: dict[str, Any] = dict(SCHEMAS.get(parameter.kind, {"type": "string"}))
    if known:
        named = [(local_name(value), value) for value in list(known.labels)[:EXAMPLES]]
        schema["examples"] = [
            name if known.named(name) == (value,) else short(value) for name, value in named
        ]
    if parameter.default is not None:
        schema["default"] = parameter.default
    how = ": its IRI, its slug, or its name in any language." if known else ""
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.default is None,
        "description": parameter.labels["en"] + how,
        "schema": schema,
    }


def shape(question: Question) -> dict[str, Any]:
    """Return the schema of a question's answer: results with these columns."""
    results = {"$ref": "#/components/schemas/Results"}
    head = {"properties": {"vars": {"const": list(question.columns)}}}
    return {"allOf": [results, {"properties": {"head": head}}]} if question.columns else results
