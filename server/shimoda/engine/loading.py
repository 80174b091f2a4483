"""Fetching a document that an update may load."""

import time

import httpx
from pyoxigraph import RdfFormat

from shimoda.errors import TooLarge, Unavailable

ACCEPT = "text/turtle, application/n-triples, application/rdf+xml;q=0.9, application/ld+json;q=0.8"


def fetch(iri: str, seconds: float, most: int) -> tuple[bytes, str]:
    """Return a document and its media type, within so many seconds and bytes. No redirect is followed."""
    deadline = time.monotonic() + seconds
    body = b""
    try:
        with httpx.stream(
            "GET", iri, headers={"Accept": ACCEPT}, timeout=seconds, trust_env=False
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise Unavailable(f"<{iri}> answered {response.status_code}.")
            for piece in response.iter_bytes():
                body += piece
                if len(body) > most:
                    raise TooLarge(
                        f"<{iri}> is longer than the {most:,} bytes allowed.", limit="bytes"
                    )
                if time.monotonic() > deadline:
                    raise Unavailable(f"<{iri}> did not come within {seconds:g} seconds.")
            return body, media_type(response, iri)
    except httpx.HTTPError as error:
        raise Unavailable(f"<{iri}> cannot be fetched: {error}") from error


def media_type(response: httpx.Response, iri: str) -> str:
    """Return what a document says it is, or else what its name says."""
    said: str = response.headers.get("Content-Type", "")
    if RdfFormat.from_media_type(said):
        return said
    form = RdfFormat.from_extension(iri.rsplit(".", 1)[-1])
    return form.media_type if form else said
