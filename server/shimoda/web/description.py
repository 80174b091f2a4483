"""What is known of an IRI, asked by the queries of ``queries/pages/``, so that any engine can tell it."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from shimoda import paths
from shimoda.engine.interface import Engine, Query, once_a_version
from shimoda.questions import catalogue
from shimoda.sparql.formats import N_TRIPLES
from shimoda.sparql.results import Results, Row

THIS = "this"
MOST_LABELS = 100_000
"""What is kept of a version; the labels of very many things are asked for each time."""


class Description:
    """Questions about one IRI, put to an engine.

    Remembers the rows of each question, whether all answers may be cached, what the things in them are called
    (``labels``, by IRI), and what a page made of them: for itself (``made``), or for all until the version changes (``kept``).
    """

    def __init__(
        self,
        engine: Engine,
        iri: str,
        graphs: tuple[str, ...] | None = None,
        view: str | None = None,
    ) -> None:
        """Ask about ``iri``, of the default graph or of these graphs, in a view; ValueError when that is no IRI."""
        self.engine, self.iri, self.graphs, self.view = engine, NamedNode(iri).value, graphs, view
        self.cacheable = True
        self.labels: dict[str, Literal] = {}
        self.made: dict[object, Markup] = {}
        self.kept = self.made
        self.answers: dict[str, list[Row]] = {}

    def text(self, name: str, **given: str) -> str:
        """Return the question of that name with its parameters; ``this``, where it has one, is the IRI."""
        question = question_of(name)
        needs = {parameter.name for parameter in question.parameters}
        return question.bind({THIS: self.iri, **given} if THIS in needs else given)

    def query(self, name: str, graph_type: str = N_TRIPLES, **given: str) -> Results:
        """Put the question of that name."""
        return self.put(self.text(name, **given), graph_type=graph_type)[0]

    def put(self, *texts: str, graph_type: str = N_TRIPLES) -> list[Results]:
        """Put questions of one's own, all at the same time."""
        kinds = self.engine.rows_type, graph_type
        queries = [Query(text, *kinds, self.graphs, view=self.view) for text in texts]
        found = self.engine.query_each(queries)
        self.cacheable &= all(results.cacheable for results in found)
        return found

    def prepare(self, *texts: str) -> None:
        """Put the SELECTs at the same time whose solutions a page needs, those that were not put yet."""
        new = [text for text in dict.fromkeys(texts) if text not in self.answers]
        self.answers |= zip(new, [results.rows() for results in self.put(*new)], strict=True)

    def rows(self, name: str, **given: str) -> list[Row]:
        """Return the solutions of a SELECT."""
        text = self.text(name, **given)
        answers = self.answers
        if not question_of(name).parameters and self.graphs is None and not self.view:
            answers = kept_of(self.engine).answers
        if text not in answers:
            [results] = self.put(text)
            answers = answers if results.cacheable else self.answers
            answers[text] = results.rows()
        return answers[text]

    def text_of(self, name: str, iris: Iterable[str]) -> str:
        """Return the question of that name about several things, which stand in place of its ``$things``."""
        return catalogue.text_of(name).replace("$things", " ".join(f"<{iri}>" for iri in iris))

    def rows_of(self, name: str, iris: Collection[str]) -> list[Row]:
        """Return the solutions of a SELECT about several things; none about nothing."""
        if not iris:
            return []
        self.prepare(text := self.text_of(name, iris))
        return self.answers[text]

    def exists(self) -> bool:
        """Tell whether anything is said of the IRI, or in a graph of that name."""
        return self.query("exists").boolean

    def learn(self, iris: Collection[str], language: str) -> None:
        """Look up what things are called: in a language, else in English."""
        known = kept = kept_of(self.engine).labels.setdefault(language, {})
        unknown = {iri for iri in iris if iri not in kept}
        if unknown:
            text = self.text_of("labels", unknown).replace("$language", f'"{language}"')
            results = self.engine.query(Query(text, self.engine.rows_type))
            if not results.cacheable or len(kept) > MOST_LABELS:
                kept = {iri: kept.get(iri) for iri in iris}
            kept.update(dict.fromkeys(unknown))
            for row in results.rows():
                thing, label = row["thing"].value, row["label"]
                if label.language == language or kept[thing] is None:
                    kept[thing] = label
        if 0 < len(known) <= MOST_LABELS:
            self.kept = kept_of(self.engine).made.setdefault(language, {})
        self.labels |= {iri: label for iri in iris if (label := kept.get(iri))}


def iris_in(rows: Iterable[Row]) -> list[str]:
    """Return the IRIs in rows, each once."""
    terms = [term for row in rows for term in row.values() if type(term) is NamedNode]
    return list(dict.fromkeys([term.value for term in terms]))


class Kept(NamedTuple):
    """What is kept until the version changes: answers about the whole dataset; labels, and what is made of them, by language."""

    answers: dict[str, list[Row]]
    labels: dict[str, dict[str, Literal | None]]
    made: dict[str, dict[object, Markup]]


@once_a_version
def kept_of(_: Engine) -> Kept:
    """Return where that is kept; it is empty at first."""
    return Kept({}, {}, {})


@cache
def question_of(name: str) -> catalogue.Question:
    """Return the page query of that name."""
    return catalogue.read(paths.data("queries") / "pages" / f"{name}.rq")
