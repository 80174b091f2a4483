"""Reading files of RDF or text, with errors that say where."""

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
        detail = f"the ending {path.suffix or '(none)'} names no RDF syntax"
        raise InputError(detail, file=str(path))
    try:
        yield from parse_rdf(read(path), syntax, base_iri=BASE, rename_blank_nodes=True)
    except SyntaxError as error:
        raise syntax_problem(error, file=str(path)) from None


def read(path: Path) -> bytes:
    """Return what a file holds."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None


def read_text(path: Path) -> str:
    """Return the text of a file, its line ends as they are."""
    try:
        return read(path).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"cannot be read as UTF-8 text: {error}", file=str(path)) from None
