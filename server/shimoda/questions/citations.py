"""Which assertions, voices and sentences each row of an answer rests on, from the graph's own provenance.

A row is traced through the query's pattern: its triples are looked up with the row's values, in the graphs that hold
them; what is inferred leads through its proof. What cannot be traced is said.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from itertools import chain, repeat
from time import monotonic
from typing import Any

from pyoxigraph import Literal, NamedNode

from shimoda.engine.axioms import prover_of
from shimoda.engine.interface import Engine, EngineStore, Query
from shimoda.errors import InputError, LimitExceeded, NotAcceptable, ShimodaError
from shimoda.namespaces import PREFIXES, VIEWS, graph
from shimoda.questions.patterns import (
    NAMELESS,
    SAME,
    Group,
    Leaf,
    nameable,
    read_pattern,
    witness_query,
)
from shimoda.reasoning.explanation import Citation, cite_graphs
from shimoda.reasoning.proofs import Prover
from shimoda.reasoning.rules import Atom, bind, join, variables
from shimoda.reasoning.stores import Node
from shimoda.sparql.formats import CSV, JSON, TSV
from shimoda.sparql.results import Results, Row

__all__ = ["Citations", "RowCitation", "cite"]

ASSERTIONS = str(PREFIXES["assertion"])
DESCRIBED_IN = {graph("provenance").value, graph("background").value}
INFERRED = graph("inferred").value
STATUSES = ("reported", "inferred", "asserted", "background", "unknown")
"""Of what a row rests on, the first of these that occurs is the row's."""
ROWS = 100
WAYS = 100
"""In how many ways a row that can be found in several is traced."""
MOST_WITNESSES = ROWS * WAYS
BATCH = 25
"""Patterns that are looked up in one query."""
SECONDS = 5.0
TIMED_OUT = "There was no time left to trace it."
MORE_WAYS = f"It can be found in more than {WAYS} ways; so many are traced."
LOST = "Not all that it rests on could be traced."
COLUMNS = ("status", "sentences", "voices", "modes", "assertions", "notes")
Instance = tuple[str | None, tuple[Atom, ...]]
"""Triple patterns with the values of a row, and the graph that holds them; None is the default graph."""
Ground = tuple[str, ...]
"""The graphs that state one triple; :data:`INFERRED` for one that follows from others."""
Values = dict[str, str]
"""Terms, as SPARQL writes them, by the variables that they stand for; one that no query can name stays a variable."""


@dataclass(frozen=True, slots=True)
class RowCitation:
    """What a row rests on.

    ``status`` is *reported* when some of it stands only with a voice, else *inferred* when some of it follows, else
    *asserted* when the article tells it, else *background*; *unknown* when nothing could be traced. ``notes`` say what
    could not.
    """

    status: str
    sources: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()

    def values(self, name: str) -> list[str]:
        """Return the sentences, voices, modes or assertions, each once."""
        found = {
            "sentences": (one for source in self.sources for one in source.sentences),
            "voices": (voice for source in self.sources for voice in source.voices),
            "modes": (source.mode for source in self.sources),
            "assertions": (source.graph for source in self.sources),
            "notes": self.notes,
            "status": (self.status,),
        }
        return sorted({value for value in found[name] if value})


@dataclass(frozen=True, slots=True)
class Citations:
    """What the rows of an answer rest on, in their order.

    ``notice`` says why there are fewer than rows; ``is_whole`` is false when a limit was reached, so that another time
    more may be found.
    """

    rows: list[RowCitation]
    notice: str = ""
    is_whole: bool = True

    @property
    def assertions(self) -> list[str]:
        """All that rows rest on, each once."""
        return sorted({source.graph for row in self.rows for source in row.sources})

    @property
    def sentences(self) -> list[str]:
        """All sentences that rows rest on, each once."""
        return sorted({sentence for row in self.rows for sentence in row.values("sentences")})

    def as_json(self) -> dict[str, Any]:
        """Return the rows, and each assertion once."""
        sources = {source.graph: source for row in self.rows for source in row.sources}
        rows = [
            {"status": row.status}
            | {name: row.values(name) for name in ("sentences", "voices", "assertions", "notes")}
            for row in self.rows
        ]
        found: dict[str, Any] = {
            "rows": rows,
            "assertions": {name: source.as_json() for name, source in sorted(sources.items())},
        }
        return found | ({"notice": self.notice} if self.notice else {})

    def write(self, results: Results, media_type: str, **more: object) -> bytes:
        """Write an answer with its sources: JSON with a member ``citations``, CSV and TSV with more columns.

        ``more`` stands with the citations in JSON.
        """
        if media_type == JSON:
            body = json.loads(results.read()) | {"citations": self.as_json() | more}
            return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        if media_type not in (CSV, TSV):
            raise NotAcceptable(
                "Sources can be had with an answer in JSON, CSV or TSV, or as a page."
            )
        names = results.variables if results.form == "SELECT" else []
        write = plain if media_type == CSV else in_full
        lines = [[*(name if media_type == CSV else f"?{name}" for name in names), *COLUMNS]]
        untraced = repeat(RowCitation("unknown"))
        for row, cited in zip(rows_of(results), chain(self.rows, untraced), strict=False):
            columns = [" ".join(cited.values(name)) for name in COLUMNS]
            lines.append([*(write(row.get(name)) for name in names), *columns])
        if media_type == TSV:
            return "".join("\t".join(line) + "\n" for line in lines).encode()
        text = StringIO()
        csv.writer(text).writerows(lines)
        return text.getvalue().encode()


def in_full(term: Any) -> str:
    """Return a term as TSV writes it (SPARQL 1.1 Query Results CSV and TSV Formats section 4)."""
    return "" if term is None else str(term).replace("\t", "\\t")


def plain(term: Any) -> str:
    """Return a term as CSV writes it (SPARQL 1.1 Query Results CSV and TSV Formats section 3)."""
    if isinstance(term, NamedNode | Literal):
        return term.value
    return "" if term is None else str(term)


def rows_of(results: Results, most: int | None = None) -> list[Row]:
    """Return the first rows of an answer, or all; what ASK finds true is one row without values."""
    if results.form == "SELECT":
        return results.rows(most)
    if results.form == "ASK":
        return [{}] if results.boolean else []
    raise InputError("Sources can be had for SELECT and ASK; triples have theirs at /explain.")


def cite(engine: Engine, query: Query, results: Results, rows: int = ROWS) -> Citations:
    """Tell what the first rows of an answer rest on, in bounded time.

    Args:
        query: the query that was asked.
        results: its answer, in SPARQL's JSON.
        rows: the most rows that are traced.

    Raises:
        InputError: the query has no rows: it is a CONSTRUCT or a DESCRIBE.
    """
    answered = rows_of(results, rows)
    notice = f"The first {rows} of {results.count:,} rows are traced." * (results.count > rows)
    try:
        if query.default_graphs is not None:
            raise InputError("A query with a dataset of its own is not traced to sources.")
        tracer = Tracer(engine, query)
        found = tracer.cite(results.variables if results.form == "SELECT" else [], answered)
    except ShimodaError as error:
        unknown = [RowCitation("unknown", (), (error.detail,))] * len(answered)
        return Citations(unknown, notice, isinstance(error, InputError))
    return Citations(found, notice, tracer.is_whole)


class Tracer:
    """Traces the rows of one answer, for :data:`SECONDS`."""

    def __init__(self, engine: Engine, query: Query) -> None:
        self.engine, self.query = engine, query
        self.pattern = read_pattern(query.text, query.base)
        self.is_whole = True
        self.end = monotonic() + SECONDS
        self.store = EngineStore(engine)
        self.provers: dict[str | None, Prover] = {}
        self.solved: dict[Instance, list[Instance]] = {}

    def select(
        self, query: str, view: NamedNode | None = None
    ) -> Iterator[tuple[Node | None, ...]]:
        """Answer a SELECT query of a prover; LimitExceeded when the time is over."""
        self.check()
        return self.store.select(query, view)

    def update(self, text: str) -> None:
        """Change nothing: provers only ask."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise LimitExceeded when the time is over."""
        if monotonic() > self.end:
            raise LimitExceeded(TIMED_OUT, limit="citations")

    def cite(self, names: list[str], rows: list[Row]) -> list[RowCitation]:
        """Return what each row rests on."""
        witnesses = self.witnesses(names, rows)
        self.look_up(
            one
            for group in witnesses
            for values in group[:WAYS]
            for leaf in leaves(self.pattern.tree)
            for one in instances(leaf, values)
        )
        traced = [self.trace(group) for group in witnesses]
        places = {place for grounds, _ in traced for ground in grounds for place in ground}
        told = cite_graphs(self.store, {place for place in places if place.startswith(ASSERTIONS)})
        return [judge(grounds, notes, told) for grounds, notes in traced]

    def witnesses(self, names: list[str], rows: list[Row]) -> list[list[Values]]:
        """Return the solutions of the query's pattern, with all its variables, from which each row comes."""
        keys = self.pattern.keys
        compared = [name for name in names if keys is None or name in keys]
        text = witness_query(self.query.text, self.pattern, compared, rows, MOST_WITNESSES)
        found: dict[tuple[Any, ...], list[Values]] = {}
        for row in self.engine.rows(text, self.query.view):
            key = tuple(row.get(name) for name in compared)
            values = {f"?{name}": nameable(term, f"?{name}") for name, term in row.items()}
            found.setdefault(key, []).append(values)
        return [found.get(tuple(row.get(name) for name in compared), []) for row in rows]

    def look_up(self, wanted: Iterable[Instance]) -> None:
        """Find what is open in patterns, and learn where the triples of the default graph stand, many in one query."""
        waiting = list(dict.fromkeys(wanted))
        self.solve([one for one in waiting if is_open(one)])
        known = chain((one for one in waiting if not is_open(one)), *self.solved.values())
        atoms = [atom for place, some in known if place is None for atom in some]
        prover = self.prover(self.query.view)
        prover.learn(atoms)
        prover.look_around(atoms)

    def solve(self, waiting: list[Instance]) -> None:
        """Look up patterns that are open: they have blank nodes, the steps of a path, or a graph of their own."""
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            self.solved |= {instance: [] for instance in batch}
            branches = (
                f"{{ {{ SELECT * WHERE {{ {written(one)} }} LIMIT {WAYS} }} BIND({number} AS ?__n) }}"
                for number, one in enumerate(batch)
            )
            self.check()
            for row in self.engine.rows(
                f"SELECT * WHERE {{ {' UNION '.join(branches)} }}", self.query.view
            ):
                place, atoms = instance = batch[int(row.pop("__n").value)]
                values = {f"?{name}": str(term) for name, term in row.items()}
                ground = values.get(place or "", place), tuple(bind(one, values) for one in atoms)
                self.solved[instance].append(ground)

    # Rows

    def trace(self, witnesses: list[Values]) -> tuple[list[Ground], list[str]]:
        """Return what a row rests on, and what of it could not be traced."""
        grounds: dict[Ground, None] = {}
        notes = list(self.pattern.notes)
        try:
            for values in witnesses[:WAYS]:
                held = self.hold(self.pattern.tree, values)
                notes += [LOST] * (held is None)
                grounds |= dict.fromkeys(held or ())
        except LimitExceeded as error:
            notes.append(error.detail)
            self.is_whole = False
        notes += [LOST] * (not witnesses) + [MORE_WAYS] * (len(witnesses) > WAYS)
        return list(grounds), list(dict.fromkeys(notes))

    def hold(self, tree: Group | Leaf, values: Values) -> list[Ground] | None:
        """Return what patterns rest on under values; None if they do not hold."""
        if isinstance(tree, Leaf):
            return self.any(self.hold_all(one) for one in instances(tree, values))
        parts = [self.hold(part, values) for part in tree.parts]
        if tree.kind == "all":
            return None if None in parts else list(chain(*(part or () for part in parts)))
        return self.any([*parts, []] if tree.kind == "optional" else parts)

    def any(self, parts: Iterable[list[Ground] | None]) -> list[Ground] | None:
        """Return what those parts rest on that hold; None if none does."""
        holding = [part for part in parts if part is not None]
        return list(chain(*holding)) if holding else None

    def hold_all(self, instance: Instance) -> list[Ground] | None:
        """Return what triple patterns rest on; None if they do not hold."""
        ways = self.solved.get(instance, []) if is_open(instance) else [instance]
        return self.any(
            None if None in found else list(chain(*(one or () for one in found)))
            for place, atoms in ways
            for found in [[self.ground(place, atom) for atom in atoms]]
        )

    def ground(self, place: str | None, triple: Atom) -> list[Ground] | None:
        """Return what one triple rests on: the graphs that state it, or those that state what it follows from."""
        name = place[1:-1] if place else None
        if name and name != INFERRED and not name.startswith(VIEWS):
            return [(stated(name, triple),)]
        prover = self.prover(
            name.removeprefix(VIEWS) if name != INFERRED and name else self.query.view
        )
        standing = prover.standing(triple)
        if standing is None:
            return None
        if not standing.inferred:
            return [tuple(stated(one, triple) for one in standing.places)]
        proof = prover.prove(triple)
        assert proof
        about = [(triple[0][1:-1],)] if triple[0].startswith(f"<{ASSERTIONS}") else []
        return [(INFERRED,), *about, *(leaf.places for leaf in proof.leaves())]

    def prover(self, party: str | None) -> Prover:
        """Return the prover of a party's world, or of the default graph."""
        if party not in self.provers:
            self.provers[party] = replace(prover_of(self.engine, party), store=self)
        return self.provers[party]


def leaves(tree: Group | Leaf) -> Iterator[Leaf]:
    """Yield the triple patterns of a tree, a graph at a time."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        yield from chain(*map(leaves, tree.parts))


def instances(leaf: Leaf, values: Values) -> Iterator[Instance]:
    """Yield triple patterns with values put in, for each way to read them; none where a variable has no value."""
    for way in leaf.ways:
        names = {name for name in variables(way) if not name.startswith(NAMELESS)}
        if leaf.graph and leaf.graph.startswith("?"):
            names.add(leaf.graph)
        atoms = [bind(atom, values) for atom in way]
        same = all(atom[0] == atom[2] for atom in atoms if atom[1] == SAME)
        if same and names <= values.keys():
            place = leaf.graph and values.get(leaf.graph, leaf.graph)
            yield place, tuple(atom for atom in atoms if atom[1] != SAME)


def is_open(instance: Instance) -> bool:
    """Tell whether patterns have to be looked up: they have variables, or stand in a graph of their own."""
    place, atoms = instance
    return place is not None or any(variables(atoms))


def written(instance: Instance) -> str:
    """Write triple patterns as SPARQL."""
    place, atoms = instance
    return f"GRAPH {place} {{ {join(atoms)} }}" if place else join(atoms)


def stated(place: str, triple: Atom) -> str:
    """Return the assertion that states a triple in a graph: what is told of an assertion stands with it."""
    about = triple[0][1:-1]
    return about if place in DESCRIBED_IN and about.startswith(ASSERTIONS) else place


def judge(grounds: list[Ground], notes: list[str], told: dict[str, Citation]) -> RowCitation:
    """Return what a row rests on. Of several who state the same, those count that the default graph follows."""
    found: dict[str, Citation] = {}
    statuses = set()
    for ground in grounds:
        sources = [told[place] for place in ground if place in told]
        sources = [source for source in sources if source.is_plain] or sources
        found |= {source.graph: source for source in sources}
        statuses.add("inferred" if INFERRED in ground else status_of(sources))
    status = next((one for one in STATUSES if one in statuses), "unknown")
    return RowCitation(status, tuple(found.values()), tuple(notes))


def status_of(sources: list[Citation]) -> str:
    """Return how a triple stands that these state."""
    if not any(source.voices for source in sources):
        return "background"
    return (
        "asserted" if any(source.voices and source.is_plain for source in sources) else "reported"
    )
