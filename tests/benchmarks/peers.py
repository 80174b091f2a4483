"""Other stores over the same data, each really run: Oxigraph's native server, Virtuoso, rdflib-endpoint."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize
from tests.engine.stores import ISQL, OXIGRAPH, VIRTUOSO, Address, running, virtuoso
from tests.serving import free_port

from shimoda.namespaces import NEUTRAL

BUFFERS = 100_000
"""Pages of 8 KiB that Virtuoso may keep in memory."""


@contextmanager
def oxigraph(folder: Path, data: Path | None = None, *, disk: bool = False) -> Iterator[Address]:
    """Run Oxigraph's native server over N-Quads, in memory or on disk."""
    home, address = folder / "oxigraph", f"127.0.0.1:{free_port()}"
    location = ["--location", str(home)] if disk else []
    if disk and data:
        load = [str(OXIGRAPH), "load", *location, "--file", str(data)]
        subprocess.run(load, check=True, capture_output=True)
    base = f"http://{address}"
    with running([str(OXIGRAPH), "serve", *location, "--bind", address], f"{base}/query"):
        if data and not disk:
            with data.open("rb") as content:
                kind = {"Content-Type": RdfFormat.N_QUADS.media_type}
                sent = httpx.post(f"{base}/store", content=content, headers=kind, timeout=None)
                sent.raise_for_status()
        name = "Oxigraph, disk" if disk else "Oxigraph, memory"
        yield Address(name, f"{base}/query", f"{base}/update")


@contextmanager
def virtuoso_over(folder: Path, data: Path) -> Iterator[Address]:
    """Run Virtuoso over N-Quads; it has no default graph, so that of the data stands in a graph with a name."""
    home = folder / "virtuoso"
    home.mkdir()
    quads = (
        Quad(*quad.triple, NEUTRAL) if isinstance(quad.graph_name, DefaultGraph) else quad
        for quad in parse(path=data, format=RdfFormat.N_QUADS)
    )
    serialize(quads, home / "data.nq", RdfFormat.N_QUADS)
    with virtuoso(home, buffers=BUFFERS) as store:
        load = (
            f"DB.DBA.TTLP(file_to_string_output('{home}/data.nq'), '', 'urn:x', 512); checkpoint;"
        )
        sql = [str(ISQL), f"127.0.0.1:{store.sql}", "dba", "dba", f"exec={load}"]
        subprocess.run(sql, check=True, capture_output=True)
        yield Address("Virtuoso", f"{store.url}?default-graph-uri={NEUTRAL.value}", store.url)


@contextmanager
def rdflib_endpoint(folder: Path, data: Path) -> Iterator[Address]:
    """Run rdflib-endpoint over N-Quads."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", __name__, str(data), str(port)]
    with running(command, url):
        yield Address("rdflib-endpoint", url, url)


def serve_rdflib(data: str, port: int) -> None:
    """Be rdflib-endpoint."""
    import uvicorn
    from rdflib import Dataset
    from rdflib_endpoint import SparqlEndpoint

    dataset = Dataset(default_union=False)
    dataset.parse(data, format="nquads")
    app = SparqlEndpoint(graph=dataset, enable_update=True)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def versions() -> dict[str, str]:
    """Return the versions of what is compared."""
    found = {
        name: version(name)
        for name in ("shimoda", "oxigraph", "rdflib-endpoint", "rdflib", "reasonable", "owlrl")
    }
    if VIRTUOSO:
        said = subprocess.run([VIRTUOSO, "-?"], capture_output=True, text=True, check=False)
        words = (said.stdout + said.stderr).split("Version ")
        found["Virtuoso"] = words[1].split()[0] if len(words) > 1 else "unknown"
    return found


if __name__ == "__main__":
    serve_rdflib(sys.argv[1], int(sys.argv[2]))
