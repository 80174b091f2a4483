"""Errors as HTTP: what only HTTP can complain of, and the problem document (RFC 9457) for every error."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from shimoda.errors import InputError, Overloaded, Refused, ShimodaError
from shimoda.sparql.formats import prefers_html

RETRY = {429, 503}
SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not answer that method.",
}


class Unauthorized(Refused, code="unauthorized", status=401):
    """A token is needed."""


class TooSlow(InputError, code="too-slow", status=408):
    """The request took too long to arrive."""


class Unsupported(InputError, code="unsupported-media-type", status=415):
    """The body's type cannot be read."""


class TooManyRequests(Overloaded, code="rate", status=429):
    """Too many requests from one client."""


class ProblemResponse(Response):
    """A problem document; the log names its ``code``."""

    code = ""


def translate(error: HTTPException) -> dict[str, Any]:
    """Return the problem document of an error that Flask itself found."""
    status = HTTPStatus(error.code or 500)
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": SENTENCES.get(status, status.description or status.phrase),
        "code": status.phrase.lower().replace(" ", "-"),
    }


def respond(error: ShimodaError | HTTPException) -> Response:
    """Answer with a problem document, or with a page that says the same to a browser."""
    problem = translate(error) if isinstance(error, HTTPException) else error.problem()
    response = document(problem)
    if prefers_html(request.headers.get("Accept")):
        response.data = render_template("problem.html", problem=problem)
        response.mimetype = "text/html"
    if isinstance(error, HTTPException):
        response.headers.extend(
            (name, value) for name, value in error.get_headers() if name == "Allow"
        )
    return response


def document(problem: dict[str, Any]) -> ProblemResponse:
    """Return the problem document as a response with the headers that its status asks for, outside of Flask too."""
    text = json.dumps(problem, ensure_ascii=False)
    response = ProblemResponse(text, problem["status"], content_type="application/problem+json")
    response.code = problem["code"]
    response.headers.update({"Cache-Control": "no-store", "Vary": "Accept"})
    if problem["status"] in RETRY:
        response.headers["Retry-After"] = str(max(1, round(problem.get("retry_after", 1))))
    if problem["status"] == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="shimoda"'  # RFC 6750 section 3
    return response
