"""``/q/`` and ``/q/<name>``: the named questions, as pages with a form and as calls that answer in every format.

The parameters of a call are those of the question, and ``format``, ``view``, ``limit`` with ``offset`` or ``page``. A suffix
names a format as well: ``/q/<name>.csv``.
"""

import json
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from shimoda.engine.interface import Engine, Query
from shimoda.errors import InputError
from shimoda.questions import catalogue
from shimoda.questions.bibliography import BIBLIOGRAPHY
from shimoda.questions.catalogue import RESERVED, Question, without_header
from shimoda.questions.parameters import are_kept
from shimoda.settings import Settings
from shimoda.sparql.formats import HTML, accept_of, choose_answer, negotiate, prefers_html
from shimoda.sparql.results import Results
from shimoda.sparql.text import form_of
from shimoda.web.citations import Named, answer_with_sources
from shimoda.web.pages import JSON, html
from shimoda.web.requests import Incoming, Parameters, incoming_request, own_url
from shimoda.web.responses import HeaderList, QueryResponse, send_body
from shimoda.web.service import service
from shimoda.web.sparql import FORMAT, read_query, shown_of

blueprint = Blueprint("questions", __name__)
ROOT = "/q/"
ASKED = re.compile(r"/q/.")
"""The path of a question, and not of their index."""
ON_PAGE = 100
"""Rows that a page shows, and that a call with ``page`` answers, when no ``limit`` is given."""
LARGEST = 10**6


@blueprint.route("/q/")
def index() -> Response:
    """List the questions by topic."""
    questions = [] if service().settings.empty else catalogue.read_all()
    accept = accept_of(request.args.getlist("format")) or request.headers.get("Accept")
    if negotiate(accept, (JSON, *HTML)) == JSON:
        listed = [describe(question) for question in questions]
        return send_body(json.dumps(listed, ensure_ascii=False, indent=1), JSON)
    by_topic = {topic: [q for q in questions if q.topic == topic] for topic in catalogue.topics()}
    return html("questions.html", topics=catalogue.topics(), questions=by_topic)


def describe(question: Question) -> dict[str, Any]:
    """Return what the list tells of a question."""
    return {
        "name": question.name,
        "path": ROOT + question.name,
        "titles": question.titles,
        "descriptions": question.descriptions,
        "topic": question.topic,
        "parameters": [
            {"name": one.name, "type": one.kind, "default": one.default, "labels": one.labels}
            for one in question.parameters
        ],
        "columns": question.columns,
        "views": question.views,
    }


@blueprint.route("/q/<path:name>")  # type: ignore[type-var]
def answer(name: str) -> QueryResponse:  # noqa: ARG001 (it is read from the path, as on the loop)
    """Answer a question: a browser gets a page, where it can be asked of something else."""
    call = Call.read(incoming_request())
    if not call.is_page and call.is_cited:
        query = call.query(service().settings, service().engine)
        return answer_with_sources(query, call.accept, call.named)
    if not call.is_page:
        return call.response(service().settings, service().engine)
    shown = call if call.version else replace(call, limit=call.limit or ON_PAGE)
    query = shown.query(service().settings, service().engine)
    return QueryResponse(query, render=partial(show, shown, query))


# What follows knows nothing of Flask, so that a server with an event loop need not call it.


@dataclass(frozen=True, slots=True)
class Call:
    """A question that is asked: with which values, from which row on and how many of them (0: all), in which format."""

    question: Question
    incoming: Incoming
    parameters: Parameters
    accept: str | None
    limit: int
    offset: int

    @classmethod
    def read(cls, incoming: Incoming) -> "Call":
        """Read a request; UnknownName and InputError say what is wrong with it."""
        name, _, suffix = incoming.path.removeprefix(ROOT).partition(".")
        question, parameters = catalogue.find(name), Parameters(incoming.query_string)
        page = parameters.number("page", 0, LARGEST)
        limit = parameters.number("limit", ON_PAGE if page else 0, LARGEST)
        skipped = parameters.number("offset", 0, LARGEST, least=0)
        offset = (page - 1) * limit if page else skipped
        named = [value for one, value in parameters.pairs if one in FORMAT]
        accept = BIBLIOGRAPHY.get(suffix) or accept_of([suffix, *named])
        accept = accept or incoming.headers.get("accept")
        return cls(question, incoming, parameters, accept, limit, offset)

    @property
    def is_page(self) -> bool:
        """Whether a browser asks."""
        return prefers_html(self.accept)

    @property
    def is_cited(self) -> bool:
        """Whether the answer is to come with its sources."""
        is_entry = self.accept in BIBLIOGRAPHY.values()
        return is_entry or self.version is not None or self.parameters.is_set("cite")

    @property
    def version(self) -> str | None:
        """The version of the answer that somebody cited."""
        return self.parameters.one("version")

    @property
    def named(self) -> Named:
        """What the answer is cited by."""
        other = ("cite", "version", *FORMAT)
        pairs = [pair for pair in self.parameters.pairs if pair[0] not in other]
        if self.limit and not {"limit", "page"} & {name for name, _ in pairs}:
            pairs.append(("limit", str(self.limit)))
        address = f"{own_url()}{ROOT}{self.question.name}"
        address += f"?{urlencode(pairs)}" * bool(pairs)
        return Named(self.question.name, self.question.title, address, self.version)

    @property
    def given(self) -> dict[str, str]:
        """The values of the question's parameters; InputError for two of one. An empty field of a form gives none."""
        pairs = self.parameters.pairs
        names = dict.fromkeys(name for name, value in pairs if name not in RESERVED and value)
        return {name: self.parameters.one(name) or "" for name in names}

    def query(self, settings: Settings, engine: Engine) -> Query:
        """Return the query, with terms for the parameters."""
        text = self.question.bind(self.given, engine)
        if form_of(text) != "ASK" and (self.limit or self.offset):
            limit = f"LIMIT {self.limit} " if self.limit else ""
            text += f"\n{limit}OFFSET {self.offset}\n"
        asked = Parameters("")
        views = [pair for pair in self.parameters.pairs if pair[0] == "view"]
        asked.pairs = [("query", text), *views]
        accept = None if self.is_page or self.is_cited else self.accept
        return read_query(self.incoming, settings, asked, accept)

    def response(self, settings: Settings, engine: Engine) -> QueryResponse:
        """Return the answer that is still to be completed."""
        query, links = self.query(settings, engine), self.links if self.limit else None
        return QueryResponse(query, choose_answer(self.accept), headers=links)

    def links(self, results: Results) -> HeaderList:
        """Return where the neighbouring pages are (RFC 8288)."""
        pages = self.neighbours(results.count)
        return [("Link", f'<{address}>; rel="{rel}"') for rel, address in pages.items()]

    def neighbours(self, count: int) -> dict[str, str]:
        """Return the addresses of the pages before and after one with so many rows."""
        pages = {}
        if self.offset:
            pages["prev"] = self.address(offset=max(0, self.offset - self.limit))
        if count == self.limit:
            pages["next"] = self.address(offset=self.offset + self.limit)
        return pages

    def address(self, **changed: object) -> str:
        """Return the address of this call with something changed."""
        kept = [pair for pair in self.parameters.pairs if pair[0] not in {*changed, "page"}]
        own = {"limit": self.limit} if self.limit and "limit" not in dict(kept) else {}
        query = urlencode([*kept, *own.items(), *changed.items()])
        return f"{self.incoming.path}?{query}"


def read_call(incoming: Incoming, settings: Settings, engine: Engine) -> QueryResponse | None:
    """Return the response to a call; None for what takes a thread.

    That is a page, an answer with its sources, and values that the engine has to be asked of.
    """
    call = Call.read(incoming)
    if call.is_page or call.is_cited or not are_kept(call.question.parameters, engine):
        return None
    try:
        return call.response(settings, engine)
    except InputError:  # it takes a while to find the nearest names
        return None


# Pages


def show(call: Call, query: Query, results: Results) -> Response:
    """Show a question with its form and its answer."""
    question, path, engine = call.question, ROOT + call.question.name, service().engine
    shown = shown_of(query, call.parameters, results, path, cite=call.is_cited)
    shown["chosen"] = shown["chosen"] or next(iter(question.views), None)
    roles, cited = question.views.get(shown["chosen"] or "", {}), shown["cited"]
    whole = shown["address"].partition("?")[2]
    shown["links"] = {name: f"{path}.{name}?{whole}" for name in shown["links"]}
    return html(
        "question.html",
        question=question,
        given=call.given,
        choices={one.name: one.choices(engine) for one in question.parameters},
        offset=call.offset,
        pages=call.neighbours(results.count),
        told=call.named.told(results, cited) if cited else {},
        entries={name: f"{path}.{name}?{whole}" for name in BIBLIOGRAPHY} if cited else {},
        drawn=list(dict.fromkeys([*roles.values(), *question.columns])),
        query=without_header(question.bind(call.given, engine)),
        **shown,
    )
