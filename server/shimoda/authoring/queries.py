"""What queries tell: in ``queries/checks/`` every row is something wrong, in ``queries/`` no row is.

A row of a check names what it is about in its first column that has a value; the others help to see what is wrong.
"""

from collections.abc import Iterator

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, Store

from shimoda import paths
from shimoda.authoring.findings import Finding
from shimoda.namespaces import BASE, ONTOLOGY
from shimoda.questions import catalogue


def forbidden(store: Store, *, inferred: bool = False) -> Iterator[Finding]:
    """Yield what the queries find; ``inferred`` takes those alone that hold for what is inferred, too."""
    for query in catalogue.read_all(paths.data("queries") / "checks"):
        if inferred and query.line("inferred") != "yes":
            continue
        rows = store.query(query.text)
        assert isinstance(rows, QuerySolutions)
        for row in rows:
            (_, subject), *others = [
                (name, row[name]) for name in rows.variables if row[name] is not None
            ]
            more = ", ".join(f"{name.value} {shown(value)}" for name, value in others)
            message = f"{query.summary} ({more})" if more else query.summary
            yield Finding(
                query.name, message, subject.value if isinstance(subject, NamedNode) else ""
            )


def unanswered(store: Store) -> Iterator[Finding]:
    """Yield the named queries that the dataset has no answer to, but those whose answer is that there is none.

    What asks another endpoint is left to whoever may reach it.
    """
    for query in catalogue.read_all():
        if "federation" in query.tags:
            continue
        results = store.query(query.bind())
        answered = (
            bool(results)
            if isinstance(results, QueryBoolean)
            else next(iter(results), None) is not None
        )
        if not answered and query.line("empty") != "yes":
            yield Finding(
                "questions", f"{query.summary} has no answer", file=f"queries/{query.name}.rq"
            )


def shown(term: object) -> str:
    """Return a term as a person reads it."""
    text = str(getattr(term, "value", term))
    return text.removeprefix(ONTOLOGY).removeprefix(BASE)
