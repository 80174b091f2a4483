"""What the query editor offers: examples, prefixes, and the words that it completes."""

from typing import Any

from flask import Blueprint

from shimoda.engine.interface import Query
from shimoda.namespaces import PREFIXES
from shimoda.questions import catalogue
from shimoda.sparql.formats import JSON
from shimoda.web.description import question_of
from shimoda.web.language import language
from shimoda.web.responses import QueryResponse
from shimoda.web.service import service

blueprint = Blueprint("editor", __name__)


@blueprint.route("/sparql/<any(vocabulary, usage):name>")  # type: ignore[type-var]
def vocabulary(name: str) -> QueryResponse:
    """Answer with the terms of the ontology, or with how often each property is used (SPARQL results in JSON)."""
    return QueryResponse(Query(question_of(name).text, results_type=JSON))


@blueprint.app_template_global()
def examples() -> list[dict[str, Any]]:
    """Return the named queries that run as they are: topic, question and text."""
    if service().settings.empty:
        return []
    return [
        {
            "topic": catalogue.topics()[one.topic][language()],
            "question": one.titles.get(language(), one.title),
            "text": catalogue.without_header(one.bind()),
        }
        for one in catalogue.read_all()
        if one.tags and all(parameter.default for parameter in one.parameters)
    ]


@blueprint.app_template_global()
def prefixes() -> dict[str, str]:
    """Return the prefixes that the editor declares by itself."""
    return {name: str(namespace) for name, namespace in PREFIXES.items()}
