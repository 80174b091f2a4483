"""Reading RDF files, with errors that say where."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Quad, RdfFormat
from pyoxigraph import parse as parse_rdf

from shimoda.errors import InputError
from shimoda.namespaces import BASE
from shimoda.sparql.syntax import syntax_problem


def parse(path: Path) -> Iterator[Quad]:
    """Yield the quads of a file whose ending names its syntax; no two files share a blank node."""
    syntax = RdfFormat.from_extension(path.suffix.lstrip("."))
    if syntax is None:
        raise InputError(
            f"the ending {path.suffix or '(none)'} names no RDF syntax", file=str(path)
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    try:
        yield from parse_rdf(data, syntax, base_iri=BASE, rename_blank_nodes=True)
    except SyntaxError as error:
        raise syntax_problem(error, file=str(path)) from None
