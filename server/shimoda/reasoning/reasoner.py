"""What follows from triples, wherever they come from::

reasoner = Reasoner(triples)
for triple in reasoner.inferred():
    print(triple)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store, Triple

from shimoda.errors import MalformedAxiom
from shimoda.reasoning.compiler import PRIVATE, Compiled, compile_schema
from shimoda.reasoning.dates import DATE_RULES, DATES, days
from shimoda.reasoning.evaluation import Prepared
from shimoda.reasoning.facts import (
    EMPTY,
    HALF,
    MASK,
    Columns,
    Facts,
    Table,
    common,
    differ,
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
from shimoda.reasoning.stores import LocalStore, Node, placed
from shimoda.reasoning.terms import Identities, Terms
from shimoda.reasoning.values import DATATYPES, has_datatype, value_of

__all__ = ["Change", "Inference", "Reasoner"]

BOUNDS = tuple(node_of(atom[1]) for rule in DATE_RULES.values() for atom in rule.head)
PRINTED = 100_000
"""How many lines are written at once."""
STRUCTURAL = (*LISTED, RDF["first"], RDF["rest"])
"""Of what is the same, these say nothing new: they hold axioms together."""


@dataclass(slots=True)
class Inference:
    """What a run inferred: how many triples there are, how many each rule found, and in how many rounds.

    ``beyond`` names what rules cannot say; ``views`` holds the outcome for each view.
    """

    triples: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    beyond: list[str] = field(default_factory=list)
    views: dict[str, Inference] = field(default_factory=dict)


@dataclass(slots=True)
class Change:
    """What is inferred now and was not, and what was and is no more."""

    added: Facts = field(default_factory=Facts)
    removed: Facts = field(default_factory=Facts)


@dataclass(slots=True)
class World:
    """A world that states more than another one, and what it shows that the other does not."""

    world: Materialisation
    own: Facts
    claimed: Facts
    told: object
    shown: Facts


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
        triples: Iterable[Triple] = (),
        *,
        rules: Iterable[Rule] = (),
        limits: Limits | None = None,
        whole: bool = False,
        report: Report | None = None,
    ) -> None:
        self.whole, self.report = whole, report
        self.hand_written = tuple(rules)
        self.terms = Terms()
        self.world = Materialisation(self.terms, limits or Limits())
        self.axioms: set[Triple] = set()
        self.found_axioms: set[Triple] = set()
        self.compiled = Compiled()
        self.given, self.dated, self.supposed, self.written = Facts(), Facts(), Facts(), Facts()
        self.worlds: dict[NamedNode, World] = {}
        self.base_change = Facts(), Facts()
        self.reruled = self.makes_axioms = False
        self.hierarchy = Hierarchy(self.terms, self.world.limits, whole)
        self.dates = [self.terms.number(node) for node in (*DATES, *BOUNDS)]
        self.dating = {self.terms.number(node) for node in DATES}
        self.restart(triples)

    # Statements in, and what follows

    def restart(self, triples: Iterable[Triple]) -> None:
        """State triples and nothing else, and infer all anew."""
        self.axioms, self.found_axioms = set(), set()
        self.given = self.numbered(triples, self.axioms)
        self.dated = self.days_of(self.given)
        self.recompile()
        self.world.build(joined(self.given, self.dated))
        self.follow_axioms()
        self.written = Facts()
        everything = self.world.facts.copy()
        self.written = self.settled(
            self.expanded(everything, self.world.identities, self.all_cliques())
        )

    def change(self, added: Iterable[Triple], removed: Iterable[Triple]) -> Change:
        """State more, and less; return what that changes in what is inferred."""
        axioms, gone_axioms = set[Triple](), set[Triple]()
        more, less = self.numbered(added, axioms), self.numbered(removed, gone_axioms)
        more, less = without(more, self.given), common(less, self.given)
        old_days = self.days_of_subjects(more, less)
        for predicate, pairs in less.rows():
            self.given.remove(predicate, pairs)
        for predicate, pairs in more.rows():
            self.given.add(predicate, pairs)
        new_days = self.days_of(self.subjects_rows(more, less))
        for predicate, pairs in old_days.rows():
            self.dated.remove(predicate, pairs)
        for predicate, pairs in new_days.rows():
            self.dated.add(predicate, pairs)
        before = self.world.identities.copy()
        self.axioms = (self.axioms - gone_axioms) | axioms
        direct = self.world.program.direct
        new, old = self.recompile() if axioms or gone_axioms else ([], [])
        plus = without(joined(more, new_days), self.world.stated)
        minus = without(
            without(joined(less, old_days), self.given), joined(self.dated, self.supposed)
        )
        self.base_change, self.reruled = (plus, minus), bool(new or old)
        anew = self.world.program.direct.keys() != direct.keys()
        if anew:
            self.world.build(joined(self.given, self.dated, self.supposed))
        else:
            self.world.update(plus, minus, new, old)
        candidates = self.candidates(before, more, less)
        if self.follow_axioms(anew=True) or anew:
            self.reruled = True
            candidates = joined(
                candidates,
                self.written,
                self.expanded(self.world.facts, self.world.identities, self.all_cliques()),
            )
        return self.difference(candidates)

    def suppose(self, triples: Iterable[Triple]) -> Change:
        """Take what somebody else inferred, with what follows from it; return what that changes in what is inferred."""
        more = without(self.numbered(triples, set()), self.world.facts)
        self.supposed = joined(self.supposed, more)
        before = self.world.identities.copy()
        self.world.update(more, Facts())
        self.base_change, self.reruled = (more, Facts()), False
        return self.difference(self.candidates(before, more, Facts()))

    def numbered(self, triples: Iterable[Triple], axioms: set[Triple]) -> Facts:
        """Put numbers for the terms of triples, and collect the axioms among them."""
        columns: dict[int, list[int]] = {}
        number = self.terms.number
        kinds: dict[int, bool] = {}
        kind = number(RDF["type"])
        for triple in triples:
            subject, predicate, thing = triple
            name, one, other = number(predicate), number(subject), number(thing)
            columns.setdefault(name, []).append((one << HALF) | other)
            sign = other if name == kind else -name - 1
            if sign not in kinds:
                self.check_term(triple)
                kinds[sign] = is_axiom(triple)
            if kinds[sign]:
                axioms.add(triple)
        return Facts.of(columns)

    def check_term(self, triple: Triple) -> None:
        """Hear of terms that OWL does not have."""
        try:
            check_term(triple)
        except MalformedAxiom as error:
            if self.report is None:
                raise
            self.report(error)

    def recompile(self) -> tuple[list[Prepared], list[Prepared]]:
        """Compile the axioms as they are now; return the rules that are new, and those that are gone."""
        schema = Schema(sorted(self.axioms | self.found_axioms, key=str))
        self.compiled = compile_schema(schema, whole=self.whole, report=self.report)
        self.hierarchy.restart(schema)
        rules = [*self.compiled.rules, *self.hand_written]
        self.makes_axioms = any(may_be_axiom(atom) for rule in rules for atom in rule.head)
        return self.world.load(self.compiled, rules)

    def follow_axioms(self, *, anew: bool = False) -> bool:
        """Compile what was inferred as an axiom, until there is no more; tell whether there was any."""
        changed = False
        while (found := set(self.inferred_axioms())) != self.found_axioms:
            changed = True
            gone = self.found_axioms - found
            self.found_axioms = found
            new, old = self.recompile()
            if anew or gone:
                self.world.build(joined(self.given, self.dated, self.supposed))
            else:
                self.world.update(Facts(), Facts(), new, old)
            anew = False
        return changed

    def inferred_axioms(self) -> Iterator[Triple]:
        """Yield what is inferred and is an axiom."""
        if not self.makes_axioms:
            return
        for predicate, pairs in self.world.facts.rows():
            node = self.terms.nodes[predicate]
            if node in PREDICATES or node == RDF["type"]:
                named = pairs[are_subjects(self.world, pairs >> HALF)]
                for triple in self.triples(Facts({predicate: Table(named)})):
                    told = (
                        not isinstance(triple.object, BlankNode) or triple.predicate != RDF["type"]
                    )
                    if (
                        told
                        and is_axiom(triple)
                        and triple not in self.axioms
                        and triple.predicate not in STRUCTURAL
                    ):
                        yield triple

    # Days, which no rule can work out

    def days_of(self, rows: Facts) -> Facts:
        """Return the days that dates allow."""
        if not any(len(rows.pairs(predicate)) for predicate in self.dating):
            return Facts()
        scratch = Store()
        some = Facts(
            {
                predicate: rows.tables[predicate]
                for predicate in self.dates
                if predicate in rows.tables
            }
        )
        scratch.extend(placed(triple, DefaultGraph()) for triple in self.triples(some))
        return self.numbered((triple for _, triple in days(LocalStore(scratch))), set())

    def subjects_rows(self, *changes: Facts) -> Facts:
        """Return the dates and days that are stated of whatever a change says a date or a day of."""
        touched = [unpack(rows.pairs(predicate))[0] for rows in changes for predicate in self.dates]
        subjects = np.unique(np.concatenate([EMPTY, *touched]))
        found = Facts()
        for predicate in self.dates if len(subjects) else ():
            pairs = self.given.pairs(predicate)
            found.add(predicate, pairs[np.isin(pairs >> HALF, subjects)])
        return found

    def days_of_subjects(self, *changes: Facts) -> Facts:
        """Return the days that were worked out of whatever a change says a date or a day of."""
        return common(self.days_of(self.subjects_rows(*changes)), self.dated)

    # What has changed

    def candidates(
        self, before: Identities, more: Facts, less: Facts, world: Materialisation | None = None
    ) -> Facts:
        """Return all that may be inferred now and was not, or the other way round."""
        world = world or self.world
        after = world.identities
        touched = {
            member
            for first in world.touched
            for member in (*before.members(first), *after.members(first))
            if first < len(before.first)
        } | set(world.touched)
        old = {int(before.first[one]) for one in touched if one < len(before.first)}
        new = {int(after.first[one]) for one in touched}
        rows = [
            self.spelled(more),
            self.spelled(less),
            self.expanded(world.gone, before, old),
            self.expanded(world.fresh, after, new),
        ]
        for facts, identities, firsts in ((world.before, before, old), (world.facts, after, new)):
            if firsts:
                around = facts.mentioning(np.array(sorted(firsts), dtype=np.int64))
                rows.append(self.expanded(around, identities, firsts))
        return joined(*rows)

    def difference(self, candidates: Facts) -> Change:
        """Tell what candidates are inferred now and were not, or the other way round, and note it."""
        found = Change()
        now = self.settled(candidates)
        for predicate, pairs in candidates.rows():
            inferred = now.contains(predicate, pairs)
            written = self.written.contains(predicate, pairs)
            found.added.add(predicate, pairs[inferred & ~written])
            found.removed.add(predicate, pairs[written & ~inferred])
        for predicate, pairs in found.removed.rows():
            self.written.remove(predicate, pairs)
        for predicate, pairs in found.added.rows():
            self.written.add(predicate, pairs)
        return found

    def settled(self, rows: Facts, world: Materialisation | None = None) -> Facts:
        """Return those rows that hold, are not stated, and tell something."""
        world = world or self.world
        first = world.identities.first
        found = Facts()
        for predicate, pairs in rows.rows():
            subjects, things = unpack(pairs)
            if predicate == world.same:
                holds = (first[subjects] == first[things]) & (subjects != things)
            else:
                holds = world.facts.contains(
                    int(first[predicate]), pack(first[subjects], first[things])
                )
            holds &= ~self.given.contains(predicate, pairs) & are_subjects(world, subjects)
            holds &= self.telling(predicate, subjects, things)
            found.add(predicate, pairs[holds])
        return found

    def telling(
        self, predicate: int, subjects: Columns, things: Columns
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell which triples say something to a reader; all but the private ones if everything is wanted."""
        node, kept = self.terms.nodes[predicate], np.ones(len(subjects), dtype=bool)
        if (
            not isinstance(node, NamedNode)
            or node.value.startswith(PRIVATE[1:])
            or node in STRUCTURAL
        ):
            return ~kept
        if self.whole:
            return kept
        if node == RDF["type"]:
            hidden = [
                kind
                for kind in np.unique(things).tolist()
                if not is_telling(self.terms.nodes[kind])
            ]
            kept &= ~np.isin(things, hidden)
        twins = {one for pair in self.terms.twins for one in pair}
        for place in np.nonzero(np.isin(things, list(twins)))[0].tolist() if twins else ():
            others = self.twins_of(int(things[place]))
            pairs = pack(np.full(len(others), subjects[place]), np.array(others))
            kept[place] &= (
                things[place] == others[0]
                and not self.given.contains(predicate, np.sort(pairs)).any()
            )
        return kept

    def spelled(self, rows: Facts) -> Facts:
        """Return rows with every spelling of the literals in them."""
        found = rows.copy()
        twins = np.array(sorted({one for pair in self.terms.twins for one in pair}), dtype=np.int64)
        for predicate, pairs in rows.rows() if len(twins) else ():
            for pair in pairs[np.isin(pairs & MASK, twins)].tolist():
                subject = pair >> HALF << HALF
                found.add(
                    predicate, np.array([subject | one for one in self.twins_of(pair & MASK)])
                )
        return found

    def twins_of(self, literal: int) -> list[int]:
        """Return the literals of one value, in the order in which they came."""
        first = next((one for one, other in self.terms.twins if other == literal), literal)
        return [first, *(other for one, other in self.terms.twins if one == first)]

    def all_cliques(self) -> set[int]:
        """Return who stands for others."""
        return set(self.world.identities.cliques)

    def expanded(self, rows: Facts, identities: Identities, cliques: Iterable[int]) -> Facts:
        """Say of all that are the same what is said of who stands for them; and of cliques that they are the same."""
        if not identities.cliques:
            return rows
        found = Facts()
        for predicate, table in rows.tables.items():
            if predicate == self.world.same:
                continue
            pairs = table.forward
            subjects, things = unpack(pairs)
            many = identities.stands[subjects] | identities.stands[things]
            if many.any():
                pairs = np.concatenate([pairs[~many], self.each(pairs[many], identities)])
            elif not identities.stands[predicate] and predicate not in found.tables:
                found.tables[predicate] = table
                continue
            for name in identities.members(predicate):
                if isinstance(self.terms.nodes[name], NamedNode):
                    found.add(name, pairs)
        for clique in cliques:
            members = [one for one in identities.members(clique) if not self.is_literal(one)]
            others = identities.members(clique) if members else []
            found.add(
                self.world.same,
                np.array(
                    [(a << HALF) | b for a in members for b in others if a != b], dtype=np.int64
                ),
            )
        return found

    def infers(self, triple: Triple) -> bool:
        """Tell whether a triple is inferred, and not stated."""
        subject, predicate, thing = map(self.terms.number, triple)
        return bool(self.written.contains(predicate, np.array([(subject << HALF) | thing])).any())

    def each(self, pairs: Columns, identities: Identities) -> Columns:
        """Return pairs with every member of a clique for who stands for it."""
        members = identities.members
        every = [
            (a << HALF) | b
            for one, other in zip((pairs >> HALF).tolist(), (pairs & MASK).tolist(), strict=True)
            for a in members(one)
            if not self.is_literal(a)
            for b in members(other)
        ]
        return np.array(every, dtype=np.int64)

    def is_literal(self, term: int) -> bool:
        """Tell whether a number is that of a literal."""
        return isinstance(self.terms.nodes[term], Literal)

    def triples(self, rows: Facts) -> Iterator[Triple]:
        """Yield rows as triples."""
        nodes = self.terms.nodes
        for predicate, pairs in rows.rows():
            name = nodes[predicate]
            for one, other in zip((pairs >> HALF).tolist(), (pairs & MASK).tolist(), strict=True):
                yield Triple(nodes[one], name, nodes[other])  # type: ignore[arg-type]

    def clashes(self, limit: int = 20) -> Iterator[tuple[Rule, tuple[Atom, ...]]]:
        """Yield the rules that say what cannot be, with what is so."""
        world, nodes = self.world, self.terms.nodes
        for found in world.program.rules.values():
            if not found.head:
                solutions = world.evaluation.solve(found, world.facts)
                for row in range(min(solutions.size, limit)):
                    values = {
                        name: str(nodes[int(column[row])])
                        for name, column in solutions.columns.items()
                    }
                    yield found.rule, tuple(bind(atom, values) for atom in found.rule.body)
        for number in self.terms.ill_typed:
            for triple in self.triples(self.given.mentioning(np.array([number]))):
                subject, predicate, thing = map(str, triple)
                yield ILL_TYPED_LITERAL, ((subject, predicate, thing),)
        for first, clique in world.identities.cliques.items():
            literals = [
                node for node in map(nodes.__getitem__, clique) if isinstance(node, Literal)
            ]
            if len({value_of(literal) for literal in literals} - {None}) > 1:
                yield (
                    SAME_LITERALS,
                    (
                        (
                            str(nodes[first]),
                            str(OWL["sameAs"]),
                            str(nodes[int(world.identities.literal[first])]),
                        ),
                    ),
                )

    # Worlds that state more

    def within(self, name: NamedNode, stated: Iterable[Triple]) -> tuple[Change, Inference]:
        """Return what has changed in what a world adds that states more, and how much follows there.

        A world is kept by its name, and follows what has changed here since, unless terms have become one or rules
        have changed: then it is made anew.
        """
        known = self.worlds.get(name)
        claimed = known.claimed if known and known.told is stated else self.numbered(stated, set())
        own, base = without(claimed, self.given), self.world
        if (
            known
            and known.told is stated
            and not (base.touched or self.reruled or differ(known.own, own))
        ):
            mine, news = known, [base.fresh, base.gone, *self.base_change]
            before = mine.world.identities.copy()
            mine.world.keep_up(base, *self.base_change)
        else:
            mine = World(base.fork(), own, claimed, stated, known.shown if known else Facts())
            self.worlds[name], news, before = mine, [own, mine.shown], base.identities
            mine.world.update(without(joined(own, self.days_of(own)), base.stated), Facts())
        world = mine.world
        told = [
            self.expanded(rows, world.identities, set(world.identities.cliques)) for rows in news
        ]
        rows = joined(*told, self.candidates(before, Facts(), Facts(), world))
        now = without(joined(common(rows, own), self.settled(rows, world)), self.written)
        change = Change(without(now, mine.shown), without(common(rows, mine.shown), now))
        mine.shown = joined(without(mine.shown, change.removed), change.added)
        return change, Inference(len(without(mine.shown, own)), world.by_rule, world.rounds)

    # What follows, as triples

    def inferred(self) -> Iterator[Triple]:
        """Yield what follows: with what every graph holds, if everything is wanted."""
        yield from self.triples(self.written)
        if self.whole:
            yield from self.general()

    def print_to(self, out: IO[bytes]) -> None:
        """Write what is stated and what follows as N-Triples; a line may come twice."""
        texts = [f"{node} " for node in self.terms.nodes]
        for rows in (self.given, self.written):
            for predicate, pairs in rows.rows():
                name = texts[predicate]
                for start in range(0, len(pairs), PRINTED):
                    some = pairs[start : start + PRINTED]
                    ends = zip((some >> HALF).tolist(), (some & MASK).tolist(), strict=True)
                    out.write(
                        "".join(
                            [f"{texts[one]}{name}{texts[other]}.\n" for one, other in ends]
                        ).encode()
                    )
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
        identities = self.world.identities
        spoken = [
            (first, self.terms.nodes[int(identities.literal[first])])
            for first in identities.cliques
        ]
        valued = [(first, value_of(node)) for first, node in spoken if isinstance(node, Literal)]
        for first, value in valued:
            same = [
                node
                for one in identities.members(first)
                if not isinstance(node := self.terms.nodes[one], Literal)
            ]
            for kind in DATATYPES:
                if has_datatype(value, kind):
                    yield from (Triple(node, RDF["type"], kind) for node in same)
            for other, different in valued:
                if value != different and None not in (value, different):
                    others = [self.terms.nodes[one] for one in identities.members(other)]
                    yield from (
                        Triple(node, OWL["differentFrom"], one) for node in same for one in others
                    )


ILL_TYPED_LITERAL = Rule(
    "clash-ill-typed-literal", "A literal is no value of its datatype.", (), ()
)
SAME_LITERALS = Rule(
    "clash-same-literals", "One thing is the same as literals of different values.", (), ()
)


def is_telling(kind: Node) -> bool:
    """Tell whether being in a class says something: in one that has a name, and not simply in everything."""
    return not isinstance(kind, BlankNode) and kind not in (OWL["Thing"], RDFS["Resource"])


def may_be_axiom(atom: Atom) -> bool:
    """Tell whether what a rule's head says can be an axiom."""
    _, predicate, thing = atom
    if predicate == TYPE:
        return thing.startswith("?") or thing in AXIOMATIC
    return predicate.startswith("?") or predicate in AXIOMATIC


AXIOMATIC = {str(node) for node in (*PREDICATES, *KINDS)}


def are_subjects(
    world: Materialisation, terms: Columns
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which terms of a world can be the subject of a triple: no literal can."""
    return np.asarray(world.identities.literal[terms] != terms)
