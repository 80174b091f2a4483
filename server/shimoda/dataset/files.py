"""Reading files of RDF or text, with errors that say where."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Quad, RdfFormat
from pyoxigraph import parse as parse_rdf

from shimoda.errors import InputError
from shimoda.namespaces import BASE
from shimoda.sparql.syntax import syntax_problem


def parse(path: Path, *, base: str | None = BASE, apart: bool = True) -> Iterator[Quad]:
    """Yield the quads of a file whose ending names its syntax; no two files share a blank node if they are kept apart."""
    try:
        yield from parse_rdf(
            path=path, format=syntax_of(path), base_iri=base, rename_blank_nodes=apart
        )
    except SyntaxError as error:
        raise syntax_problem(error, file=str(path)) from None
    except OSError as error:  # the engine's has no strerror
        raise InputError(f"cannot be read: {error}", file=str(path)) from None


def syntax_of(path: Path) -> RdfFormat:
    """Return the syntax that the ending of a file's name stands for; of two endings, ``.gz`` does not count."""
    suffix = path.name.removesuffix(".gz").rpartition(".")[2]
    syntax = RdfFormat.from_extension(suffix)
    if syntax is None:
        raise InputError(
            f"the ending {path.suffix or '(none)'} names no RDF syntax", file=str(path)
        )
    return syntax


def read_text(path: Path) -> str:
    """Return the text of a file, its line ends as they are."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"cannot be read as UTF-8 text: {error}", file=str(path)) from None
