"""What the server says of itself: one log line a request, and metrics for Prometheus."""

import collections
import json
import os
import sys
import traceback
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from threading import Lock
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from shimoda.settings import Settings
from shimoda.web.requests import Incoming

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # set by whoever starts more than one HTTP process
encode, quote = json.JSONEncoder().encode, encode_basestring_ascii
DURATIONS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
AREAS = "- assertion doc graphs id mcp ontology q reconcile source sparql static update view"
KNOWN = {"/", *(f"/{name}" for name in AREAS.split())}


def fingerprint(query: str) -> str:
    """Return a hash of a query, which the log names: the text may hold what a person looks for."""
    return sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Log:
    """Counts and logs requests."""

    def __init__(self, settings: Settings):
        registry = self.registry = CollectorRegistry()
        self.requests = Counter(
            "shimoda_requests",
            "Requests answered.",
            ["endpoint", "method", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "shimoda_request_seconds",
            "Time to answer.",
            ["endpoint"],
            buckets=DURATIONS,
            registry=registry,
        )
        self.rows = Counter("shimoda_rows", "Rows and triples sent.", registry=registry)
        self.hits = Counter("shimoda_cache_hits", "Answers from the cache.", registry=registry)
        self.format = settings.log_format
        self.lines: list[str] | None = None
        self.clock_of = cache(self.seconds.labels)
        self.answered = collections.Counter[tuple[str, str, int]]()
        self.row_number = self.hit_number = 0
        self.lock = Lock()

    def write(self, incoming: Incoming, status: int) -> None:
        """Count and log a request that has been answered."""
        duration, entry = perf_counter() - incoming.begun, incoming.entry
        endpoint = endpoint_of(incoming.path)
        self.clock_of(endpoint).observe(duration)
        with self.lock:
            self.answered[endpoint, incoming.method, status] += 1
            self.row_number += entry.get("rows", 0)
            self.hit_number += "cached" in entry
        if self.lines is None:
            self.count()
        if self.format == "none":
            return
        text = self.line(incoming, status, duration)
        if self.lines is None:
            sys.stderr.write(f"{text}\n")
        else:
            self.lines.append(text)

    def count(self) -> None:
        """Count in the metrics what has been answered since the last time."""
        with self.lock:
            answered, self.answered = self.answered, collections.Counter()
            rows, hits = self.row_number, self.hit_number
            self.row_number = self.hit_number = 0
        for labels, number in answered.items():
            self.requests.labels(*labels).inc(number)
        self.rows.inc(rows)
        self.hits.inc(hits)

    def line(self, incoming: Incoming, status: int, duration: float) -> str:
        """Write what there is to say of a request, as JSON (by hand, for each answer waits for it) or as text."""
        client, method, path = incoming.client, incoming.method, incoming.path
        if self.format == "json":
            more = f", {encode(incoming.entry)[1:]}" if incoming.entry else "}"
            return (
                f'{{"client": {quote(client)}, "method": {quote(method)}, "path": {quote(path)}, '
                f'"status": {status}, "seconds": {duration:.4f}{more}'
            )
        facts = {"client": client, "method": method, "path": path, "status": status}
        facts |= {"seconds": round(duration, 4), **incoming.entry}
        return " ".join(f"{name}={value!s:.200}" for name, value in facts.items())

    def collect(self) -> None:
        """Keep counts and lines from now on, until :meth:`flush` writes them: once for many requests."""
        self.lines = []

    def flush(self) -> None:
        """Write what was kept."""
        self.count()
        if self.lines:
            lines, self.lines = self.lines, []
            sys.stderr.write("\n".join([*lines, ""]))

    def write_failure(self, incoming: Incoming, error: Exception) -> None:
        """Log an error that nobody foresaw, with its traceback."""
        self.flush()
        told = "".join(traceback.format_exception(error))
        sys.stderr.write(f"error in {incoming.method} {incoming.path!r}\n{told}")

    def metrics(self) -> bytes:
        """Return the metrics of all HTTP processes in the text format of Prometheus."""
        self.count()
        registry = self.registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def endpoint_of(path: str) -> str:
    """Return the first part of a path if it is one of ours: a label may not have a value a client chooses."""
    end = path.find("/", 1)
    first = path if end < 0 else path[:end]
    return first if first in KNOWN else "/other"
