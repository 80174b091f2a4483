"""The graph as Python programs use it: :func:`shimoda.open` returns a :class:`Graph`."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

from pyoxigraph import Literal, NamedNode, Triple

from shimoda import paths
from shimoda.dataset import snapshot
from shimoda.engine.axioms import prover_of
from shimoda.engine.interface import Engine, Query
from shimoda.engine.local import LocalEngine
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError, UnknownName
from shimoda.namespaces import PREFIXES
from shimoda.questions import catalogue
from shimoda.questions.catalogue import Question
from shimoda.questions.parameters import choices
from shimoda.questions.search import Hit, search
from shimoda.reasoning.explanation import Explanation, explain, read
from shimoda.sparql.formats import N_TRIPLES
from shimoda.sparql.results import Results, Term

if TYPE_CHECKING:
    import rdflib
    import rdflib.query

XSD = PREFIXES["xsd"]
READERS: dict[NamedNode, Callable[[str], object]] = {
    **{XSD["integer"]: int, XSD["decimal"]: Decimal, XSD["double"]: float, XSD["float"]: float},
    XSD["boolean"]: lambda text: text in ("true", "1"),
    XSD["date"]: date.fromisoformat,
    XSD["dateTime"]: datetime.fromisoformat,
}
"""What reads a literal of a datatype."""


class Answer:
    """What a query answers.

    Iterating gives the rows of a SELECT as mappings from column to value, or the triples of a CONSTRUCT or a DESCRIBE as
    tuples; ``bool(answer)`` is what an ASK answers, and whether there is anything in any other. IRIs are texts, numbers,
    dates and booleans the types of Python for them, other literals texts; ``results`` has the RDF terms.
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    @property
    def columns(self) -> list[str]:
        """The columns of a SELECT; none for other forms."""
        return self.results.variables if self.results.form == "SELECT" else []

    def __iter__(self) -> Iterator[Any]:
        if self.results.form == "SELECT":
            yield from (
                {name: value_of(term) for name, term in row.items()} for row in self.results.rows()
            )
        elif self.results.form != "ASK":
            yield from (tuple(map(value_of, triple)) for triple in self.results.triples())

    def __len__(self) -> int:
        return 0 if self.results.form == "ASK" else self.results.count

    def __bool__(self) -> bool:
        return self.results.boolean if self.results.form == "ASK" else self.results.count > 0

    def __repr__(self) -> str:
        return f"<Answer: {bool(self) if self.results.form == 'ASK' else len(self)}>"

    def to_pandas(self) -> Any:
        """Return the rows as a :class:`pandas.DataFrame`; InputError where pandas is not installed."""
        try:
            import pandas as pd
        except ImportError:
            raise InputError("to_pandas() needs pandas: pip install pandas") from None
        return pd.DataFrame(list(self), columns=self.columns)

    def to_rdflib(self) -> "rdflib.Graph | rdflib.query.Result":
        """Return the triples as an :class:`rdflib.Graph`, the rows of a SELECT or an ASK as its result."""
        import rdflib.query

        if self.results.form in ("SELECT", "ASK"):
            return rdflib.query.Result.parse(BytesIO(self.results.read()), format="json")
        return rdflib.Graph().parse(self.results.read(), format="nt")


class Graph:
    """A graph to ask: the embedded dataset, or one behind a SPARQL endpoint.

    Every method may raise a :class:`shimoda.errors.ShimodaError`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        """Close the connections to an endpoint; ``with shimoda.open(url) as graph`` does it at the end."""
        if isinstance(self.engine, RemoteEngine):
            self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def query(self, text: str, *, view: str | None = None) -> Answer:
        """Answer a SPARQL query; ``view`` adds the world of a party to its default graph: ``"japan"``."""
        return Answer(self.engine.query(Query(text, graph_type=N_TRIPLES, view=view)))

    def questions(self) -> list[Question]:
        """Return the questions that have a name."""
        return catalogue.read_all()

    def ask(self, name: str, /, *, view: str | None = None, **parameters: object) -> Answer:
        """Answer a question of the catalogue; values may be IRIs, slugs or names in any language.

        UnknownName and InputError say what is wrong with the name or a value, and what is nearest.
        """
        given = {one: str(value) for one, value in parameters.items()}
        return self.query(catalogue.find(name).bind(given, self.engine), view=view)

    def describe(self, name: str) -> Answer:
        """Return what is said of a thing; it goes by IRI, prefixed name, slug, or label in any language."""
        known = choices("entity", self.engine)
        found = known.named(name)
        iri = found[0] if len(found) == 1 else read(name)[1:-1]
        described = catalogue.read(paths.data("queries") / "pages" / "described.rq")
        answer = self.query(described.bind({"this": iri}))
        if not answer:
            raise UnknownName(f"There is nothing of the name {name}.", nearest=known.nearest(name))
        return answer

    def explain(
        self, subject: str, predicate: str, thing: str, *, view: str | None = None
    ) -> Explanation:
        """Prove a triple of prefixed names, IRIs or literals; ``print`` of its ``as_text()`` shows the proof."""
        return explain(prover_of(self.engine, view), (subject, predicate, thing))

    def search(self, name: str, *, limit: int = 20, kinds: Iterable[str] = ()) -> list[Hit]:
        """Find entities, terms, assertions and questions by a name in any script, best first."""
        return search(self.engine, name, limit, kinds)


def open_graph(url: str | None = None) -> Graph:
    """Open the embedded dataset, built if need be, or the one behind a SPARQL endpoint."""
    return Graph(RemoteEngine(url) if url else LocalEngine(snapshot.load()))


def value_of(term: Term) -> object:
    """Return a term as a value of Python."""
    if isinstance(term, NamedNode):
        return term.value
    if isinstance(term, Triple):
        return tuple(map(value_of, term))
    if isinstance(term, Literal) and term.datatype in READERS:
        try:
            return READERS[term.datatype](term.value)
        except (ValueError, ArithmeticError):  # a year before 1, a day with a timezone
            return term.value
    return term.value
