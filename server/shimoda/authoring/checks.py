"""What is wrong with the files, and where. SHACL has a module of its own, :mod:`shimoda.authoring.shapes`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pyowl2_profiles import detect_profiles
from pyoxigraph import NamedNode, Quad, Store

from shimoda import paths
from shimoda.authoring.sources import sentences
from shimoda.dataset.canonical import SUBJECT, canonicalize, iri_of
from shimoda.dataset.files import read_text
from shimoda.dataset.sentences import digest, disagreements
from shimoda.engine.interface import Query
from shimoda.engine.local import LocalEngine
from shimoda.errors import ShimodaError, SyntaxProblem
from shimoda.namespaces import BASE, PREFIXES, graph, short
from shimoda.questions import catalogue
from shimoda.sparql.results import Results
from shimoda.sparql.text import line_and_column


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: its name, a sentence, what it is about (an IRI, or empty), and the place in a file."""

    check: str
    message: str
    subject: str = ""
    file: str = ""
    line: int | None = None


def placed(findings: Iterable[Finding], files: Iterable[Path]) -> list[Finding]:
    """Return the findings with the place of what they are about where it is known, sorted by it.

    That is where it is a subject or, if it is none (an undeclared term), where it is first mentioned.
    """
    texts = {str(file): file.read_text(encoding="utf-8") for file in files}
    places: dict[str, dict[str, Any]] = {}
    for file, text in texts.items():
        for match in SUBJECT.finditer(text):
            line = line_and_column(text, match.start())[0]
            places.setdefault(iri_of(match), {"file": file, "line": line})
    found = (
        replace(one, **places.get(one.subject) or mention(one.subject, texts))
        if one.subject and not one.file
        else one
        for one in findings
    )
    return sorted(found, key=lambda one: (one.file, one.line or 0, one.message))


def mention(iri: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the file and line of the first mention of an IRI in texts by file; nothing if there is none."""
    name = re.compile(rf"(?<![\w:-]){re.escape(short(iri))}(?![\w-])|<{re.escape(iri)}>")
    for file, text in texts.items():
        if found := name.search(text):
            return {"file": file, "line": line_and_column(text, found.start())[0]}
    return {}


def all_files() -> list[Path]:
    """Return the RDF files of the project, those too that are no part of the dataset."""
    found = [*paths.data("ontology").rglob("*"), *paths.data("triples").rglob("*")]
    return sorted(file for file in found if file.suffix in (".ttl", ".trig"))


def check_form(files: Iterable[Path]) -> Iterator[Finding]:
    """Yield what does not parse, and what is not in the canonical form."""
    for file in files:
        try:
            due = canonicalize(file)
        except ShimodaError as error:
            yield Finding("syntax", error.detail, file=str(file), line=error.where.get("line"))
            continue
        text = file.read_text(encoding="utf-8")
        if text != due:
            detail = "is not in the canonical form; shimoda format mends it"
            yield Finding("form", detail, file=str(file), line=first_difference(due, text))


def first_difference(one: str, other: str) -> int | None:
    """Return the first line in which two texts differ, from 1; None if one only goes on longer."""
    lines = enumerate(zip(one.splitlines(), other.splitlines(), strict=False), start=1)
    return next((number for number, (left, right) in lines if left != right), None)


def check_profile(quads: Iterable[Quad]) -> Iterator[Finding]:
    """Yield what keeps the ontology, without the triples, out of OWL 2 DL (OWL 2 Syntax section 3)."""
    ontology = Store()
    own = (quad for quad in quads if quad.graph_name == graph("ontology"))
    ontology.bulk_extend(Quad(*quad.triple) for quad in own)
    profiles = detect_profiles(ontology, None, f"{BASE}ontology", None)
    for found in profiles["dl"]["sample_violations"]:
        detail = f"is outside of OWL 2 DL: {found['details']}"
        yield Finding("profile", detail, found["subject_iri"])


def check_queries(store: Store, *, inferred: bool = False) -> Iterator[Finding]:
    """Yield what the queries of ``queries/checks/`` find; ``inferred`` takes those that hold for what is inferred, too.

    A row names what it is about in its first column that has a value; the others help to see what is wrong. A header
    with ``nearest`` asks for the declared name that is most like it.
    """
    for query in catalogue.read_all(paths.data("queries") / "checks"):
        if inferred and query.header.get("inferred") != "yes":
            continue
        for row in LocalEngine(store).rows(query.text):
            (_, subject), *others = row.items()
            more = [f"{name} {short(term.value)}" for name, term in others]
            if "nearest" in query.header:
                more += [f"nearest: {name}" for name in nearest(store, subject.value)]
            message = f"{query.title} ({', '.join(more)})" if more else query.title
            iri = subject.value if isinstance(subject, NamedNode) else ""
            yield Finding(query.name, message, iri)


def nearest(store: Store, iri: str) -> list[str]:
    """Return the name of what is declared that is most like an IRI, if any is; what is of another sort begins otherwise."""
    declared = store.quads_for_pattern(None, PREFIXES["rdf"]["type"], None)
    names = {short(one.subject.value) for one in declared if isinstance(one.subject, NamedNode)}
    name = short(iri)
    first = name[: name.find(":") + 2]
    return get_close_matches(name, [one for one in names - {name} if one.startswith(first)], 1)


def check_questions(store: Store) -> Iterator[Finding]:
    """Yield the named queries whose answer has another shape than their header tells; SyntaxProblem for one that is broken.

    What asks another endpoint is left to whoever may reach it.
    """
    engine = LocalEngine(store)
    for question in catalogue.read_all():
        if "federation" in question.tags:
            continue
        file = paths.data("queries") / f"{question.name}.rq"
        try:
            results = engine.query(Query(question.bind()))
        except SyntaxProblem as error:
            raise SyntaxProblem(error.detail, **{**error.where, "file": str(file)}) from error
        for detail in misshapen(question, results):
            yield Finding("questions", detail, file=f"queries/{question.name}.rq")


def misshapen(question: catalogue.Question, results: Results) -> Iterator[str]:
    """Yield in what an answer differs from the shape that the header of its question tells."""
    if results.form == "SELECT" and tuple(results.variables) != question.columns:
        yield f"The columns are {', '.join(results.variables)}, the header tells others."
    number = int(results.boolean) if results.form == "ASK" else results.count
    if number < question.least:
        yield f"The answer has {number} rows, at least {question.least} are expected."


def check_text(store: Store, file: Path) -> Iterator[Finding]:
    """Yield what a text does not bear out; a text that is no source's own is held against the nearest one."""
    text = read_text(file)
    rows = LocalEngine(store).rows(catalogue.text_of("digests"))
    found = {row["source"]: row["digest"].value for row in rows}
    wrong = {one: list(disagreements(text, sentences(store, one))) for one in found}
    meant = [one for one in found if found[one] == digest(text)]
    if not meant:
        detail = "is the text of no source here: its digest is that of none"
        yield Finding("source", detail, file=str(file))
        meant = sorted(wrong, key=lambda one: len(wrong[one]))[:1]
    for source in meant:
        for name, detail in wrong[source]:
            yield Finding("source", detail, f"{source.value}#{name}", file=str(file))
