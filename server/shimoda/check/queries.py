"""What SHACL cannot see, as queries: every row of a query in ``queries/checks/`` is something wrong.

A row names what it is about in its first column that has a value; the others help to see what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, QuerySolutions, Store

from shimoda import catalogue, paths
from shimoda.check.findings import Finding
from shimoda.vocabulary import BASE, ONTOLOGY

__all__ = ["forbidden"]


def forbidden(store: Store, *, inferred: bool = False) -> Iterator[Finding]:
    """Yield what the queries find; ``inferred`` takes those alone that hold for what is inferred, too."""
    for query in catalogue.read_all(paths.data("queries") / "checks"):
        if inferred and query.line("inferred") != "yes":
            continue
        rows = store.query(query.text)
        assert isinstance(rows, QuerySolutions)
        for row in rows:
            (_, subject), *others = [(name, row[name]) for name in rows.variables if row[name] is not None]
            more = ", ".join(f"{name.value} {shown(value)}" for name, value in others)
            message = f"{query.summary} ({more})" if more else query.summary
            yield Finding(query.name, message, subject.value if isinstance(subject, NamedNode) else "")


def shown(term: object) -> str:
    """Return a term as a person reads it."""
    text = str(getattr(term, "value", term))
    return text.removeprefix(ONTOLOGY).removeprefix(BASE)
