"""What the server says of itself: one log line a request, and metrics for Prometheus."""

import json
import logging
import os
import sys
from hashlib import sha256
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from shimoda.settings import Settings

ENTRY = "shimoda.entry"
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # set by whoever starts more than one HTTP process, before the import
DURATIONS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
KNOWN = {
    "",
    "sparql",
    "update",
    "graphs",
    "id",
    "doc",
    "ontology",
    "assertion",
    "source",
    "static",
    "-",
}


def note(environ: dict[str, Any], *, query: str | None = None, **facts: Any) -> None:
    """Note facts for the request's log line; of a query only a hash, for it may hold what a person looks for."""
    entry = environ.setdefault(ENTRY, {})
    if query is not None:
        entry["query"] = sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    entry.update(facts)


class Journal:
    """Counts and logs requests."""

    def __init__(self, settings: Settings):
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "shimoda_requests",
            "Requests answered.",
            ("endpoint", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shimoda_request_seconds",
            "Time to answer.",
            ("endpoint",),
            buckets=DURATIONS,
            registry=self.registry,
        )
        self.rows = Counter("shimoda_rows", "Rows and triples sent.", registry=self.registry)
        self.hits = Counter(
            "shimoda_cache_hits", "Answers that came from the cache.", registry=self.registry
        )
        self.format = settings.log_format
        self.log = logging.getLogger("shimoda.requests")
        if not self.log.handlers:
            self.log.addHandler(logging.StreamHandler(sys.stderr))
            self.log.setLevel(logging.INFO)
            self.log.propagate = False

    def open(self, environ: dict[str, Any]) -> float:
        """Begin a request; returns the clock."""
        environ[ENTRY] = {}
        return perf_counter()

    def close(self, environ: dict[str, Any], status: int, begun: float) -> None:
        """End a request: count it, and log it."""
        duration, entry = perf_counter() - begun, environ[ENTRY]
        first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        endpoint = "/" + (first if first in KNOWN else "other")
        self.requests.labels(endpoint, environ["REQUEST_METHOD"], status).inc()
        self.seconds.labels(endpoint).observe(duration)
        self.rows.inc(entry.get("rows", 0))
        self.hits.inc(entry.get("cached", False))
        if self.format == "none":
            return
        line = {
            "client": environ.get("REMOTE_ADDR"),
            "method": environ["REQUEST_METHOD"],
            "path": environ.get("PATH_INFO", ""),
            "status": status,
            "seconds": round(duration, 4),
            **entry,
        }
        plain = (f"{name}={value!s:.200}" for name, value in line.items())
        self.log.info(json.dumps(line) if self.format == "json" else " ".join(plain))

    def failure(self, environ: dict[str, Any]) -> None:
        """Log an error that nobody foresaw, with its traceback."""
        self.log.exception("error in %s %r", environ["REQUEST_METHOD"], environ.get("PATH_INFO"))

    def metrics(self) -> bytes:
        """Return the metrics of all HTTP processes in the text format of Prometheus."""
        registry = self.registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
