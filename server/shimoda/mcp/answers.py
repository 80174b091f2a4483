"""Answers as a language model takes them: short names, few rows, and with each row what it rests on."""

from dataclasses import dataclass, field, replace
from typing import Any

from shimoda.engine.interface import Engine, Query
from shimoda.namespaces import short
from shimoda.questions.citations import cite, plain, rows_of
from shimoda.questions.doctor import diagnose
from shimoda.sparql.results import Results

LONGEST_CELL = 500
LONGEST = 100_000
"""Characters that the rows of an answer may have."""


@dataclass
class CitedRow:
    """A row of an answer, and what it rests on.

    ``status``: asserted (the article tells it as a fact), reported (only a voice says so), inferred, background, or
    unknown; "" where nobody asked. ``notes`` say what could not be traced.
    """

    values: dict[str, str]
    status: str = ""
    sentences: list[str] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Answer:
    """The first rows of an answer; ``total`` is how many there are. ``notice`` says what a reader has to know of it.

    ``findings`` tell why an answer is empty; ``sources`` are the assertions that rows rest on: words, voice, mode,
    standing, and in which sentences or other sources.
    """

    columns: list[str]
    rows: list[CitedRow]
    total: int
    notice: str = ""
    findings: list[str] = field(default_factory=list)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Found:
    """What a search found, best first: IRI, short name, kind, label, and the name by which it was found."""

    hits: list[dict[str, Any]]


@dataclass
class Explained:
    """Whether a triple holds, its proof in words (or what is missing), and the sentences and voices at its end."""

    holds: bool
    text: str
    sentences: list[str]
    voices: list[str]


@dataclass
class Question:
    """A named question, and its parameters with their types and defaults."""

    name: str
    title: str
    topic: str
    parameters: dict[str, str]


def answer(engine: Engine, query: Query, limit: int, *, cited: bool = True) -> Answer:
    """Ask a query, and return its first rows with their sources; triples come as rows of one column."""
    results = engine.query(query)
    if results.form in ("CONSTRUCT", "DESCRIBE"):
        return triples(results, limit)
    columns = results.variables if results.form == "SELECT" else ["answer"]
    found = rows_of(results, limit)
    rows = [CitedRow({name: cell(term) for name, term in row.items()}) for row in found]
    if results.form == "ASK":
        rows = [CitedRow({"answer": "yes" if results.boolean else "no"})]
    if results.is_empty:
        findings = [str(finding) for finding in diagnose(engine, query).findings]
        return Answer(columns, rows, results.count, "Nothing was found.", findings)
    if not cited:
        return bounded(Answer(columns, rows, results.count))
    told = shortened(cite(engine, query, results, limit).as_json())
    rows = [replace(row, **about) for row, about in zip(rows, told["rows"], strict=True)]
    return bounded(Answer(columns, rows, results.count, sources=told["assertions"]))


def triples(results: Results, limit: int) -> Answer:
    """Return the first triples of a CONSTRUCT or a DESCRIBE."""
    names = ("subject", "predicate", "object")
    rows = [
        CitedRow(dict(zip(names, map(cell, triple), strict=True)))
        for triple, _ in zip(results.triples(), range(limit), strict=False)
    ]
    return bounded(Answer([*names], rows, results.count))


def shortened(value: Any) -> Any:
    """Write every IRI in what JSON holds in short."""
    if isinstance(value, dict):
        return {short(name): shortened(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(one) for one in value]
    return short(value)


def bounded(found: Answer) -> Answer:
    """Leave out rows beyond what may be sent, with their sources, and say so."""
    kept, size = [], 0
    for row in found.rows:
        size += sum(len(text) + len(name) for name, text in row.values.items())
        if size > LONGEST:
            break
        kept.append(row)
    wanted = {name for row in kept for name in row.assertions}
    sources = {name: source for name, source in found.sources.items() if name in wanted}
    notice = f"The first {len(kept)} of {found.total:,}." * (len(kept) < found.total)
    return replace(found, rows=kept, sources=sources, notice=notice)


def cell(term: Any) -> str:
    """Return a term in few characters: a prefixed name, or the value of a literal."""
    text = short(plain(term))
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"
