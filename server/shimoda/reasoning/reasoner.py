"""What follows from triples, wherever they come from::

reasoner = Reasoner(triples)
for triple in reasoner.inferred():
    print(triple)
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import IO, Any

import numpy as np
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from shimoda.errors import MalformedAxiom
from shimoda.reasoning.compiler import PRIVATE, Compiled, compile_schema
from shimoda.reasoning.dates import DATE_RULES, DATES, bounds_of
from shimoda.reasoning.evaluation import Prepared
from shimoda.reasoning.facts import (
    HALF,
    MASK,
    Columns,
    Facts,
    Mask,
    common,
    distinct,
    has_subject,
    joined,
    pack,
    unpack,
    without,
)
from shimoda.reasoning.hierarchy import Hierarchy, vocabulary
from shimoda.reasoning.materialisation import Limits, Materialisation
from shimoda.reasoning.rules import TYPE, Atom, Rule, bind, node_of
from shimoda.reasoning.schema import (
    KINDS,
    LISTED,
    OWL,
    PREDICATES,
    RDF,
    RDFS,
    Report,
    Schema,
    check_term,
    is_axiom,
)
from shimoda.reasoning.stores import Node
from shimoda.reasoning.terms import Identities, Terms
from shimoda.reasoning.values import DATATYPES, has_datatype, value_of

BOUNDS = tuple(node_of(rule.head[0][1]) for rule in DATE_RULES.values())
AXIOMATIC = {str(node) for node in (*PREDICATES, *KINDS)}
LARGE = 1_000_000
"""Facts from which on worlds that state more are not kept, but for what they add."""
AT_ONCE = 100_000
"""How many rows become triples, or lines, at once."""
STRUCTURAL = (*LISTED, RDF["first"], RDF["rest"])
"""Of what is the same, these say nothing new: they hold axioms together."""
ILL_TYPED_LITERAL = Rule(
    "clash-ill-typed-literal", "A literal is no value of its datatype.", (), ()
)
SAME_LITERALS = Rule(
    "clash-same-literals", "One thing is the same as literals of different values.", (), ()
)


@dataclass(slots=True)
class Inference:
    """What a run inferred: how many triples there are, how many each rule found, and in how many rounds.

    ``beyond`` names what rules cannot say.
    """

    triples: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    beyond: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Change:
    """What is inferred now and was not, and what was and is no more."""

    added: Facts = field(default_factory=Facts)
    removed: Facts = field(default_factory=Facts)


@dataclass(slots=True)
class World:
    """A world that states more than another one (``claimed``, of which ``own`` the other does not state).

    ``told`` is what it was made of, ``shown`` what it adds, and ``apart`` the facts that the other has not; None where
    the other has facts that this one has not. ``is_alike`` if the same terms are one in both. ``world`` is None where
    keeping it would take too much memory: it is made anew when it is needed.
    """

    own: Facts
    claimed: Facts
    told: object
    shown: Facts
    apart: Facts | None = None
    is_alike: bool = False
    world: Materialisation | None = None


@dataclass(slots=True)
class State:
    """What a reasoner holds, but for what it compiles from axioms and rules: another one can go on from it.

    The axioms that were stated and those that were inferred; the facts that are stated, the days of their dates, what
    somebody else inferred, all that holds, and what is inferred for readers; the terms that are one; the worlds.
    """

    terms: Terms
    axioms: set[Triple]
    found_axioms: set[Triple]
    given: Facts
    dated: Facts
    supposed: Facts
    facts: Facts
    written: Facts
    cliques: dict[int, list[int]]
    worlds: dict[NamedNode, World]


class Statements:
    """Triples by the numbers of their terms, and the axioms among them; ``report`` hears of terms that OWL does not have."""

    def __init__(
        self,
        triples: Iterable[Triple] = (),
        terms: Terms | None = None,
        report: Report | None = None,
    ) -> None:
        self.terms, self.report = terms or Terms(), report
        self.axioms: set[Triple] = set()
        self.columns: dict[int, array[int]] = defaultdict(partial(array, "q"))
        self.kinds: dict[int, bool] = {}
        self.type = self.terms.number(RDF["type"])
        for triple in triples:
            self.add(triple)

    def __len__(self) -> int:
        return sum(map(len, self.columns.values()))

    def add(self, triple: Triple) -> None:
        """Take a triple in."""
        number = self.terms.number
        subject, predicate, thing = triple
        name, one, other = number(predicate), number(subject), number(thing)
        self.columns[name].append((one << HALF) | other)
        sign = other if name == self.type else -name - 1
        is_one = self.kinds.get(sign)
        if is_one is None:
            is_one = self.kinds[sign] = self.is_axiom(triple)
        if is_one:
            self.axioms.add(triple)

    def is_axiom(self, triple: Triple) -> bool:
        """Tell whether a triple, and every other with its predicate or class, is an axiom."""
        try:
            check_term(triple)
        except MalformedAxiom as error:
            if self.report is None:
                raise
            self.report(error)
        return is_axiom(triple)

    def facts(self) -> Facts:
        """Return the triples as facts."""
        return Facts.of(self.columns)


class Reasoner:
    """Statements and what follows from them, kept in step.

    ``whole`` adds what OWL 2 RL/RDF says of every graph, and who is in an expression without a name: an answer to ask
    anything of. Without it there is what tells a reader something. ``report`` hears of malformed axioms, which are left
    out then.

    Raises:
        MalformedAxiom: an axiom says nothing, or something else than it was meant to.
        LimitExceeded: a rule made too much, or did not end.
    """

    def __init__(
        self,
        triples: Iterable[Triple] | Statements | State = (),
        *,
        rules: Iterable[Rule] = (),
        limits: Limits | None = None,
        whole: bool = False,
        report: Report | None = None,
    ) -> None:
        self.whole, self.report = whole, report
        self.hand_written = tuple(rules)
        if not isinstance(triples, Statements | State):
            triples = Statements(triples, report=report)
        self.terms = triples.terms
        self.world = Materialisation(self.terms, limits or Limits())
        self.axioms = triples.axioms
        self.found_axioms: set[Triple] = set()
        self.compiled = Compiled()
        self.given = triples.given if isinstance(triples, State) else triples.facts()
        self.supposed, self.written = Facts(), Facts()
        self.worlds: dict[NamedNode, World] = {}
        self.base_change, self.restated = (Facts(), Facts()), Facts()
        self.reruled = self.makes_axioms = False
        self.hierarchy = Hierarchy(self.terms, self.world.limits, whole)
        self.dates = [self.terms.number(node) for node in (*DATES, *BOUNDS)]
        self.kinds = [self.terms.number(node) for node in KINDS]
        if isinstance(triples, State):
            self.resume(triples)
            return
        self.dated = self.days_of(self.given)
        self.recompile()
        self.world.build(joined(self.given, self.dated))
        self.follow_axioms()
        self.written = self.settled(self.everything(), self.world)

    def resume(self, state: State) -> None:
        """Go on from what another reasoner held."""
        self.found_axioms, self.worlds = state.found_axioms, state.worlds
        self.dated, self.supposed, self.written = state.dated, state.supposed, state.written
        self.recompile()
        stated = joined(self.given, self.dated, self.supposed)
        self.world.resume(stated, state.facts, state.cliques)

    def state(self) -> State:
        """Return what another reasoner can go on from, as long as this one does not change."""
        return State(
            self.terms,
            self.axioms,
            self.found_axioms,
            self.given,
            self.dated,
            self.supposed,
            self.world.facts,
            self.written,
            self.world.identities.cliques,
            self.worlds,
        )

    @property
    def rules(self) -> list[Rule]:
        """The rules of the axioms, and those that were given."""
        return [*self.compiled.rules, *self.hand_written]

    # Statements in, and what follows

    def change(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Change:
        """State more, and less; return what that changes in what is inferred."""
        new_ones, old_ones = self.numbered(added), self.numbered(removed)
        axioms, gone_axioms = new_ones.axioms, old_ones.axioms
        more = without(new_ones.facts(), self.given)
        less = common(old_ones.facts(), self.given)
        old_days = common(self.days_of(self.dates_of(more, less)), self.dated)
        self.given.change(more, less)
        new_days = self.days_of(self.dates_of(more, less))
        self.dated.change(new_days, old_days)
        before = self.world.identities.copy()
        self.axioms = (self.axioms - gone_axioms) | axioms
        direct = self.world.program.direct
        new, old = self.recompile() if axioms or gone_axioms else ([], [])
        plus = without(joined(more, new_days), self.world.stated)
        minus = without(joined(less, old_days), self.given)
        minus = without(without(minus, self.dated), self.supposed)
        self.base_change, self.restated = (plus, minus), joined(more, less)
        self.reruled = bool(new or old)
        anew = self.world.program.direct.keys() != direct.keys()
        if anew:
            self.world.build(joined(self.given, self.dated, self.supposed))
        else:
            self.world.update(plus, minus, new, old)
        candidates = self.candidates(self.world, before, more, less)
        if self.follow_axioms(anew=True) or anew:
            self.reruled = True
            candidates = joined(candidates, self.written, self.everything())
        return self.difference(candidates)

    def suppose(self, triples: Iterable[Triple]) -> Change:
        """Take what somebody else inferred, with what follows from it; return what that changes in what is inferred."""
        more = without(self.numbered(triples).facts(), self.world.facts)
        self.supposed = joined(self.supposed, more)
        before = self.world.identities.copy()
        self.world.update(more, Facts())
        self.base_change, self.restated, self.reruled = (more, Facts()), Facts(), False
        return self.difference(self.candidates(self.world, before, more))

    def numbered(self, triples: Iterable[Triple]) -> Statements:
        """Put numbers for the terms of triples."""
        return Statements(triples, self.terms, self.report)

    # Axioms, and what is inferred as an axiom

    def recompile(self) -> tuple[list[Prepared], list[Prepared]]:
        """Compile the axioms as they are now; return the rules that are new, and those that are gone."""
        schema = Schema(sorted(self.axioms | self.found_axioms, key=str))
        self.compiled = compile_schema(schema, whole=self.whole, report=self.report)
        self.hierarchy.restart(schema)
        heads = (atom for rule in self.rules for atom in rule.head)
        self.makes_axioms = any(map(may_be_axiom, heads))
        return self.world.load(self.compiled, self.rules)

    def follow_axioms(self, *, anew: bool = False) -> bool:
        """Compile what was inferred as an axiom, until there is no more; tell whether there was any.

        One that makes another malformed may take itself back: what was found before is not followed again.
        """
        seen: list[set[Triple]] = []
        while (found := set(self.inferred_axioms())) != self.found_axioms and found not in seen:
            seen.append(found)
            gone = self.found_axioms - found
            self.found_axioms = found
            new, old = self.recompile()
            if anew or gone:
                self.world.build(joined(self.given, self.dated, self.supposed))
            else:
                self.world.update(Facts(), Facts(), new, old)
            anew = False
        return bool(seen)

    def inferred_axioms(self) -> Iterator[Triple]:
        """Yield what is inferred and is an axiom; that something is in an expression without a name says nothing new."""
        for predicate, pairs in self.world.facts.rows() if self.makes_axioms else ():
            node = self.terms.nodes[predicate]
            is_type = node == RDF["type"]
            if (node in PREDICATES and node not in STRUCTURAL) or is_type:
                kept = self.are_subjects(pairs >> HALF)
                if is_type:
                    kept &= np.isin(pairs & MASK, self.kinds)
                found = self.triples({predicate: pairs[kept]})
                yield from (triple for triple in found if triple not in self.axioms)

    # Days, which no rule can work out

    def days_of(self, rows: Facts) -> Facts:
        """Return the days that dates allow, of whatever is not said to have them already."""
        columns: dict[int, list[int]] = {}
        nodes, number = self.terms.nodes, self.terms.number
        for given in DATES:
            for pair in rows.pairs(number(given)).tolist():
                subject, date = pair >> HALF, nodes[pair & MASK]
                if isinstance(date, Literal) and isinstance(nodes[subject], NamedNode):
                    for bound, day in bounds_of(given, date.value):
                        name = number(bound)
                        if not has_subject(rows.pairs(name), subject):
                            columns.setdefault(name, []).append((subject << HALF) | number(day))
        return Facts.of(columns)

    def dates_of(self, *changes: Facts) -> Facts:
        """Return the dates and days that are stated of whatever a change says a date or a day of."""
        touched = [rows.pairs(predicate) >> HALF for rows in changes for predicate in self.dates]
        subjects, found = distinct(np.concatenate(touched)), Facts()
        for predicate in self.dates if len(subjects) else ():
            pairs = self.given.pairs(predicate)
            found.add(predicate, pairs[np.isin(pairs >> HALF, subjects)])
        return found

    # What has changed

    def candidates(self, world: Materialisation, before: Identities, *news: Facts) -> Facts:
        """Return all that may be inferred now and was not, or the other way round."""
        after, size = world.identities, len(before.first)
        known = {first for first in world.touched if first < size}
        touched = set(world.touched).union(
            *(after.members(first) for first in known), *(before.members(first) for first in known)
        )
        old = {int(before.first[one]) for one in touched if one < size}
        new = {int(after.first[one]) for one in touched}
        rows = [
            *map(self.spelled, news),
            self.expanded(world.gone, before, old),
            self.expanded(world.fresh, after, new),
        ]
        for facts, identities, firsts in ((world.before, before, old), (world.facts, after, new)):
            if firsts:
                around = facts.mentioning(np.array(sorted(firsts), dtype=np.int64))
                rows.append(self.expanded(around, identities, firsts))
        return joined(*rows)

    def everything(self) -> Facts:
        """Return all that holds."""
        identities = self.world.identities
        return self.expanded(self.world.facts, identities, identities.cliques)

    def difference(self, candidates: Facts) -> Change:
        """Tell what candidates are inferred now and were not, or the other way round, and note it."""
        now = self.settled(candidates, self.world)
        found = Change(without(now, self.written), without(common(candidates, self.written), now))
        self.written.change(found.added, found.removed)
        return found

    def settled(self, rows: Facts, world: Materialisation) -> Facts:
        """Return those rows that hold, are not stated, and tell something."""
        first, found = world.identities.first, Facts()
        for predicate, pairs in rows.rows():
            subjects, things = unpack(pairs)
            if predicate == world.same:
                holds = (first[subjects] == first[things]) & (subjects != things)
            else:
                same = pack(first[subjects], first[things])
                holds = world.facts.contains(int(first[predicate]), same)
            holds &= ~self.given.contains(predicate, pairs) & self.are_subjects(subjects, world)
            holds &= self.telling(predicate, subjects, things, world)
            found.add(predicate, pairs[holds])
        return found

    def are_subjects(self, terms: Columns, world: Materialisation | None = None) -> Mask:
        """Tell which terms can be the subject of a triple: no literal can."""
        return np.asarray((world or self.world).identities.literal[terms] != terms)

    def telling(
        self, predicate: int, subjects: Columns, things: Columns, world: Materialisation
    ) -> Mask:
        """Tell which triples say something to a reader; all but the private ones if everything is wanted."""
        node, kept = self.terms.nodes[predicate], np.ones(len(subjects), dtype=bool)
        named = isinstance(node, NamedNode) and not str(node).startswith(PRIVATE)
        if not named or node in STRUCTURAL:
            return ~kept
        if self.whole:
            return kept
        if node == RDF["type"]:
            kinds, back = np.unique(things, return_inverse=True)
            telling = [is_telling(self.terms.nodes[kind]) for kind in kinds.tolist()]
            kept &= np.array(telling, dtype=bool)[back]
        twins = {one for pair in self.terms.twins for one in pair}
        for place in np.nonzero(np.isin(things, list(twins)))[0].tolist() if twins else ():
            others = self.twins_of(int(things[place]))
            pairs = pack(np.full(len(others), subjects[place]), np.array(others))
            stated = world.stated.contains(predicate, pairs).any()
            kept[place] &= things[place] == others[0] and not stated
        return kept

    def spelled(self, rows: Facts) -> Facts:
        """Return rows with every spelling of the literals in them."""
        found = rows.copy()
        twins = [one for pair in self.terms.twins for one in pair]
        for predicate, pairs in rows.rows() if twins else ():
            for pair in pairs[np.isin(pairs & MASK, twins)].tolist():
                every = self.twins_of(pair & MASK)
                found.add(predicate, pack(pair >> HALF, np.array(every)))
        return found

    def twins_of(self, literal: int) -> list[int]:
        """Return the literals of one value, in the order in which they came."""
        first = next((one for one, other in self.terms.twins if other == literal), literal)
        return [first, *(other for one, other in self.terms.twins if one == first)]

    def expanded(self, rows: Facts, identities: Identities, cliques: Iterable[int]) -> Facts:
        """Say of all that are the same what is said of who stands for them; and of cliques that they are the same."""
        if not identities.cliques:
            return rows
        found, members, same = Facts(), identities.members, self.world.same
        for predicate, table in rows.tables.items():
            pairs, names = table.forward, members(predicate) if predicate != same else []
            subjects, things = unpack(pairs)
            many = identities.stands[subjects] | identities.stands[things]
            if many.any():
                every = [
                    (a << HALF) | b
                    for pair in pairs[many].tolist()
                    for a in members(pair >> HALF)
                    for b in members(pair & MASK)
                ]
                pairs = np.concatenate([pairs[~many], np.array(every, dtype=np.int64)])
            elif names == [predicate] and predicate not in found.tables:
                found.tables[predicate] = table
                continue
            for name in names:
                found.add(name, pairs)
        for clique in cliques:
            every = [(a << HALF) | b for a in members(clique) for b in members(clique)]
            found.add(same, np.array(every, dtype=np.int64))
        return found

    # Worlds that state more

    def within(self, name: NamedNode, stated: Iterable[Triple]) -> Change:
        """Return what has changed in what a world adds that states more.

        A world is kept by its name, and follows what has changed here since, unless terms have become one or rules
        have changed: then it is made anew. Where no rule joins what has changed with what only one of the two worlds
        holds, nothing is worked out.
        """
        known, base = self.worlds.get(name), self.world
        told = known is not None and known.told is stated
        moved = base.touched or self.reruled or (known and common(self.restated, known.claimed))
        follows = told and not moved
        if known and follows and self.is_apart(known):
            if known.world:
                known.world.take_over(base, *self.base_change)
            news = [base.fresh, base.gone, *self.base_change]
            return self.show(known, Facts(), joined(*news))
        if known and follows and known.world:
            mine, world, news = known, known.world, [base.fresh, base.gone, *self.base_change]
            before = world.identities.copy()
            near = [base.facts, world.facts] if mine.apart is None else news[:2]
            cliques: Iterable[int] = ()  # what changes of them is among the candidates
            world.update(*self.base_change, other=base)
        else:
            claimed = known.claimed if known and told else self.numbered(stated).facts()
            own = without(claimed, self.given)
            mine = World(own, claimed, stated, known.shown if known else Facts())
            self.worlds[name], world = mine, base.fork()
            news, before = [own, mine.shown], base.identities
            world.update(without(joined(own, self.days_of(own)), base.stated), Facts())
            near, cliques = [], world.identities.cliques
        changed = self.expanded(joined(*news), world.identities, cliques)
        candidates = joined(changed, self.candidates(world, before))
        differing = joined(*near, world.fresh, world.gone)
        lacking = without(common(differing, base.facts), world.facts)
        apart = mine.apart or Facts()
        apart.change(without(common(differing, world.facts), base.facts), differing)
        mine.apart = None if lacking else apart
        mine.is_alike = world.identities.cliques == base.identities.cliques
        mine.world = world if len(base.facts) < LARGE else None
        now = joined(common(candidates, mine.own), self.settled(candidates, world))
        return self.show(mine, now, joined(candidates, *news))

    def is_apart(self, mine: World) -> bool:
        """Tell whether nothing follows in a world from what has changed here but what follows here."""
        base = self.world
        if mine.apart is None or not mine.is_alike:
            return False
        if common(base.gone, mine.own):
            return False
        if base.places is None:
            news, facts = joined(base.fresh, base.gone), joined(base.facts, base.gone)
            base.places = base.program.places(news, base.gone, facts), news, facts
        return not base.program.bears_on(mine.apart, *base.places)

    def show(self, mine: World, now: Facts, old: Facts) -> Change:
        """Note what a world adds now, and of what it no longer may."""
        now = without(now, self.written)
        change = Change(without(now, mine.shown), without(common(old, mine.shown), now))
        mine.shown.change(change.added, change.removed)
        return change

    # What follows, as triples

    def triples(self, rows: Facts | dict[int, Columns]) -> Iterator[Triple]:
        """Yield rows as triples."""
        return triples_of(self.terms, rows)

    def quads(self, rows: Facts, *graphs: NamedNode | DefaultGraph) -> Iterator[Quad]:
        """Yield rows as quads of some graphs."""
        nodes: list[Any] = self.terms.nodes
        for predicate, pairs in ends(rows):
            name = nodes[predicate]
            for one, other in pairs:
                for graph in graphs:
                    yield Quad(nodes[one], name, nodes[other], graph)

    def infers(self, triple: Triple) -> bool:
        """Tell whether a triple is inferred, and not stated."""
        subject, predicate, thing = map(self.terms.number, triple)
        return bool(self.written.contains(predicate, np.array([(subject << HALF) | thing])).any())

    def inferred(self) -> Iterator[Triple]:
        """Yield what follows: with what every graph holds, if everything is wanted."""
        yield from self.triples(self.written)
        if self.whole:
            yield from self.general()

    def print_to(self, out: IO[bytes]) -> None:
        """Write what is stated and what follows as N-Triples; a line may come twice."""
        texts = [f"{node} " for node in self.terms.nodes]
        for predicate, pairs in chain(ends(self.given), ends(self.written)):
            name = texts[predicate]
            lines = [f"{texts[one]}{name}{texts[other]}.\n" for one, other in pairs]
            out.write("".join(lines).encode())
        for triple in self.general() if self.whole else ():
            out.write(f"{triple} .\n".encode())

    def general(self) -> Iterator[Triple]:
        """Yield what follows and is no fact: about classes and properties, of literals, and of every term."""
        yield from self.schema()
        yield from self.of_literals()
        for name in self.named():
            yield Triple(name, OWL["sameAs"], name)

    def schema(self) -> Iterator[Triple]:
        """Yield what follows about classes and properties (OWL 2 Profiles section 4.3, table 9)."""
        for clique in self.world.identities.cliques.values() if self.whole else ():
            self.hierarchy.unite([self.terms.nodes[one] for one in clique])
        yield from self.hierarchy.inferred()
        if self.whole:
            yield from vocabulary()

    def named(self) -> set[NamedNode | BlankNode]:
        """Return every IRI and blank node that is stated of, is said, or is a predicate."""
        found = {predicate for predicate, _ in self.given.rows()}
        for _, pairs in self.given.rows():
            found.update(np.unique(np.concatenate(unpack(pairs))).tolist())
        nodes = (self.terms.nodes[number] for number in found)
        return {node for node in nodes if isinstance(node, NamedNode | BlankNode)}

    def of_literals(self) -> Iterator[Triple]:
        """Yield what follows of things that are the same as literals: their datatypes, and how they differ."""
        identities, nodes = self.world.identities, self.terms.nodes
        for first in identities.cliques:
            literal = nodes[int(identities.literal[first])]
            if not isinstance(literal, Literal):
                continue
            value = value_of(literal)
            things = [nodes[one] for one in identities.members(first)]
            same = [node for node in things if not isinstance(node, Literal)]
            for kind in DATATYPES if same else ():
                if has_datatype(value, kind):
                    yield from (Triple(node, RDF["type"], kind) for node in same)
            for other in identities.cliques if same else ():
                spoken = nodes[int(identities.literal[other])]
                different = value_of(spoken) if isinstance(spoken, Literal) else None
                if None not in (value, different) and value != different:
                    others = [nodes[one] for one in identities.members(other)]
                    yield from (Triple(a, OWL["differentFrom"], b) for a in same for b in others)

    # Contradictions

    def clashes(self, limit: int = 20) -> Iterator[tuple[Rule, tuple[Atom, ...]]]:
        """Yield the rules that say what cannot be, with what is so."""
        world, nodes = self.world, self.terms.nodes
        for found in world.program.rules.values():
            solutions = world.evaluation.solve(found, world.facts) if not found.head else None
            for row in range(min(solutions.size, limit)) if solutions else ():
                columns = solutions.columns.items() if solutions else ()
                values = {name: str(nodes[int(column[row])]) for name, column in columns}
                yield found.rule, tuple(bind(atom, values) for atom in found.rule.body)
        for number in self.terms.ill_typed:
            for triple in self.triples(self.given.mentioning(np.array([number]))):
                subject, predicate, thing = map(str, triple)
                yield ILL_TYPED_LITERAL, ((subject, predicate, thing),)
        for first, clique in world.identities.cliques.items():
            members = [nodes[one] for one in clique]
            values_of = {value_of(node) for node in members if isinstance(node, Literal)}
            if len(values_of - {None}) > 1:
                literal = nodes[int(world.identities.literal[first])]
                yield SAME_LITERALS, ((str(nodes[first]), str(OWL["sameAs"]), str(literal)),)


def ends(rows: Facts | dict[int, Columns]) -> Iterator[tuple[int, Iterable[tuple[int, int]]]]:
    """Yield rows some at a time: a predicate, and the numbers of subjects and objects."""
    for predicate, pairs in rows.rows() if isinstance(rows, Facts) else rows.items():
        for start in range(0, len(pairs), AT_ONCE):
            some = pairs[start : start + AT_ONCE]
            yield predicate, zip((some >> HALF).tolist(), (some & MASK).tolist(), strict=True)


def triples_of(terms: Terms, rows: Facts | dict[int, Columns]) -> Iterator[Triple]:
    """Yield rows as triples."""
    nodes: list[Any] = terms.nodes
    for predicate, pairs in ends(rows):
        name = nodes[predicate]
        for one, other in pairs:
            yield Triple(nodes[one], name, nodes[other])


def is_telling(kind: Node) -> bool:
    """Tell whether being in a class says something: in one that has a name, and not simply in everything."""
    return not isinstance(kind, BlankNode) and kind not in (OWL["Thing"], RDFS["Resource"])


def may_be_axiom(atom: Atom) -> bool:
    """Tell whether what a rule's head says can be an axiom."""
    sign = atom[2] if atom[1] == TYPE else atom[1]
    return sign.startswith("?") or sign in AXIOMATIC
