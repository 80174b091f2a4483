"""``cite=1``: an answer with what each of its rows rests on."""

from dataclasses import replace

from flask import Response

from shimoda.engine.interface import Query
from shimoda.errors import InputError, TooLarge
from shimoda.questions.citations import Citations, cite
from shimoda.sparql.formats import CSV, JSON, RESULTS_TYPES, TSV, negotiate
from shimoda.sparql.results import Results
from shimoda.web.requests import Parameters
from shimoda.web.responses import QueryResponse, send_body
from shimoda.web.service import service

LARGEST = 2**23
OFFERED = (JSON, "application/json", CSV, TSV)


def asks_for_sources(parameters: Parameters) -> bool:
    """Tell whether a request wants sources with its answer; InputError for a value that means nothing."""
    value = parameters.one("cite") or "0"
    if value not in ("0", "1"):
        raise InputError("The parameter cite takes 1 for an answer with its sources, or 0.")
    return value == "1"


def answer_with_sources(query: Query, accept: str | None) -> QueryResponse:
    """Answer a query with its sources: JSON with a member ``citations``, CSV and TSV with more columns."""
    kind = negotiate(accept, OFFERED)

    def render(results: Results) -> Response:
        cited = sources_of(query, results)
        body = cited.write(results, RESULTS_TYPES[kind])
        return send_body(body, kind, cacheable=results.cacheable and cited.is_whole)

    return QueryResponse(replace(query, results_type=JSON), render=render)


def sources_of(query: Query, results: Results) -> Citations:
    """Return what the rows of an answer rest on; TooLarge for an answer that is too long to be traced."""
    if len(results.read()) > LARGEST:
        detail = "This answer is too long to come with its sources. Ask for fewer rows, with LIMIT."
        raise TooLarge(detail, limit="citations")
    return cite(service().engine, query, results)
