"""``cite=1``: an answer with what each of its rows rests on."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Response

from shimoda.engine.interface import Query
from shimoda.errors import TooLarge
from shimoda.questions.bibliography import BIBLIOGRAPHY, answer_item, source_items, write
from shimoda.sparql.formats import CSV, JSON, RESULTS_TYPES, TSV, negotiate
from shimoda.sparql.results import Results
from shimoda.web.responses import QueryResponse, send_body
from shimoda.web.service import service

if TYPE_CHECKING:
    from shimoda.questions.citations import Citations

LARGEST = 2**23
OFFERED = (JSON, "application/json", CSV, TSV)


@dataclass(frozen=True, slots=True)
class Named:
    """A named question as it was asked: its ``address`` but for the version, and the version, if one was given."""

    name: str
    title: str
    address: str
    version: str | None

    def told(self, results: Results, cited: "Citations") -> dict[str, Any]:
        """Return the address by which the answer is cited, and whether it changed since the version that was given."""
        from shimoda.questions.versions import Version, compare

        engine = service().engine
        now = Version.of(engine, results, cited)
        mark = "&" if "?" in self.address else "?"
        found: dict[str, Any] = {"address": f"{self.address}{mark}version={now}"}
        if self.version is not None:
            found["since"] = compare(engine, Version.read(self.version), now, cited)
        return found


def answer_with_sources(
    query: Query, accept: str | None, named: Named | None = None
) -> QueryResponse:
    """Answer a query with its sources: JSON with a member ``citations``, CSV and TSV with more columns.

    The answer to a named question has an address by which it can be cited, and bibliography entries.
    """
    kind = negotiate(accept, (*OFFERED, *BIBLIOGRAPHY.values()) if named else OFFERED)

    def render(results: Results) -> Response:
        cited = sources_of(query, results)
        told = named.told(results, cited) if named else {}
        if named and kind in BIBLIOGRAPHY.values():
            own = answer_item(named.name, named.title, told["address"], cited.sentences)
            body: str | bytes = write([own, *source_items(service().engine, cited.sentences)], kind)
        else:
            body = cited.write(results, RESULTS_TYPES[kind], **told)
        response = send_body(body, kind, cacheable=results.cacheable and cited.is_whole)
        if named:  # RFC 8574
            response.headers.add("Link", f'<{told["address"]}>; rel="cite-as"')
        return response

    return QueryResponse(replace(query, results_type=JSON), render=render)


def sources_of(query: Query, results: Results) -> "Citations":
    """Return what the rows of an answer rest on; TooLarge for an answer that is too long to be traced."""
    from shimoda.questions.citations import cite

    if len(results.read()) > LARGEST:
        detail = "This answer is too long to come with its sources. Ask for fewer rows, with LIMIT."
        raise TooLarge(detail, limit="citations")
    return cite(service().engine, query, results)
