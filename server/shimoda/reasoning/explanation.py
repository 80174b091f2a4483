"""Why a triple holds, for people and for programs: as text, as JSON and as RDF, down to sentences and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from shimoda import namespaces
from shimoda.errors import UnknownName
from shimoda.namespaces import BASE, PREFIXES, local_name
from shimoda.reasoning.proofs import Gap, Proof, Prover
from shimoda.reasoning.rules import TYPE, Atom, Rule, node_of, rule_iri
from shimoda.reasoning.stores import RuleStore
from shimoda.reasoning.words import say

RDF, PROV, SH, DCTERMS = (PREFIXES[name] for name in ("rdf", "prov", "sh", "dcterms"))
SHIMODA = PREFIXES[""]
PLAIN = SHIMODA["Narrated"].value, SHIMODA["Undisputed"].value
TOLD = (
    *(str(SHIMODA[name]) for name in ("paraphrase", "citedIn", "voice", "mode", "standing")),
    str(DCTERMS["source"]),
)
ASSERTIONS, SHARED = PREFIXES["assertion"], PREFIXES["graph"]
"""Where the names of assertions begin, and of graphs that tell of many things, each with a source of its own."""


@dataclass(frozen=True, slots=True)
class Citation:
    """What states a premise: the graph, what it says in our words, who say so, and in which sentences or sources.

    A sentence of a source is a sentence that it is in: what is stated of it is there to see.
    """

    graph: str
    words: str = ""
    voices: tuple[str, ...] = ()
    mode: str = ""
    standing: str = ""
    sentences: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the default graph follows it: it is told as what happened or stands, or comes from elsewhere."""
        return not self.voices or (self.mode, self.standing) == PLAIN

    def as_json(self) -> dict[str, object]:
        """Return what is known of it; IRIs in full."""
        return {name: value for name, value in asdict(self).items() if value}

    def __str__(self) -> str:
        where = ", ".join(map(local_name, self.sentences)) or ", ".join(self.sources)
        place = where or namespaces.short(self.graph)
        who = ", ".join(map(local_name, self.voices))
        return " · ".join(filter(None, (place, who, self.words)))


@dataclass(frozen=True, slots=True)
class Explanation:
    """A triple, and why it holds: the proof, other proofs if asked for; or what is missing, and what holds that is near."""

    triple: Atom
    proof: Proof | None
    alternatives: tuple[Proof, ...] = ()
    gaps: tuple[Gap, ...] = ()
    near: tuple[Atom, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    citations: dict[str, Citation] = field(default_factory=dict)

    def words(self, triple: Atom) -> str:
        """Say a triple, with labels."""
        subject, predicate, thing = (self.labels.get(term) or short(term) for term in triple)
        return f"{subject} {'is a' if triple[1] == TYPE else predicate} {thing}"

    def cited(self, proof: Proof) -> list[Citation]:
        """Return what states a premise."""
        found: list[Citation] = []
        for place in proof.places:
            name = told_of(place, proof.triple)
            told = self.citations.get(name, Citation(place))
            found.append(told if name.startswith(ASSERTIONS) else replace(told, graph=place))
        return found

    def as_text(self) -> str:
        """Write the explanation for a terminal."""
        if self.proof is None:
            return "\n".join(self.lacking())
        lines = list(self.tree(self.proof, "", set()))
        for number, other in enumerate(self.alternatives, 1):
            lines += ["", f"Another proof ({number}):", *self.tree(other, "", set())]
        return "\n".join(lines)

    def lacking(self) -> Iterator[str]:
        """Write what is missing, and what holds instead, as lines."""
        yield f"It does not hold that {self.words(self.triple)}."
        for triple in self.near:
            yield f"It holds with another datatype: {triple[2]}"
        for gap in self.gaps:
            yield f"\nIt would follow by the rule {gap.rule.name}: {say(gap.rule)}\n  Missing:"
            yield from (f"    {shortened(text)}" for text in gap.missing)
        if not self.gaps and not self.near:
            yield "No rule could bring it about."

    def tree(self, proof: Proof, indent: str, shown: set[Atom]) -> Iterator[str]:
        """Write a proof as lines; what has been shown already is not shown again."""
        again = proof.rule is not None and proof.triple in shown
        shown.add(proof.triple)
        yield f"{indent}{self.words(proof.triple)}{' (as above)' if again else ''}"
        if proof.rule is None:
            yield from (f"{indent}  [{citation}]" for citation in self.cited(proof))
        elif not again:
            yield f"{indent}  by the rule {proof.rule.name}: {say(proof.rule)}"
            for premise in proof.premises:
                yield from self.tree(premise, indent + "    ", shown)

    def as_json(self) -> dict[str, object]:
        """Return the explanation as JSON; IRIs in full, without brackets."""
        missing = [
            {
                "rule": describe(gap.rule),
                "present": list(map(spelled, gap.present)),
                "missing": list(map(shortened, gap.missing)),
            }
            for gap in self.gaps
        ]
        return {
            "triple": spelled(self.triple),
            "words": self.words(self.triple),
            "holds": self.proof is not None,
            "stated": self.proof is not None and self.proof.rule is None,
            "proof": self.step(self.proof) if self.proof else None,
            "alternatives": list(map(self.step, self.alternatives)),
            "missing": missing,
            "nearest": [list(triple) for triple in self.near],
        }

    def step(self, proof: Proof) -> dict[str, object]:
        """Return one step of a proof, with those that it rests on."""
        found: dict[str, object] = {
            "triple": spelled(proof.triple),
            "words": self.words(proof.triple),
        }
        if proof.rule is None:
            return found | {"stated": [citation.as_json() for citation in self.cited(proof)]}
        premises = list(map(self.step, proof.premises))
        return found | {"rule": describe(proof.rule), "premises": premises}

    def as_turtle(self) -> bytes:
        """Return the proof as RDF 1.1: a reified statement a step (``prov:wasDerivedFrom``, ``sh:sourceRule``)."""
        used = ("prov", "sh", "rdf", "rdfs", "dcterms", "xsd")
        prefixes = {
            name: str(iri) for name, iri in PREFIXES.items() if name in used or iri.startswith(BASE)
        }
        return serialize(self.triples(), format=RdfFormat.TURTLE, prefixes=prefixes) or b""

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of the proof; a premise that stands in several places is one node."""
        steps = {step.triple: step for step in self.proof.steps()} if self.proof else {}
        nodes = {triple: BlankNode(f"step{number}") for number, triple in enumerate(steps, 1)}
        for triple, step in steps.items():
            node = nodes[triple]
            yield Triple(node, RDF["type"], RDF["Statement"])
            yield Triple(node, RDF["type"], PROV["Entity"])
            for name, term in zip(("subject", "predicate", "object"), triple, strict=True):
                yield Triple(node, RDF[name], node_of(term))
            for premise in step.premises:
                yield Triple(node, PROV["wasDerivedFrom"], nodes[premise.triple])
            if step.rule:
                rule = NamedNode(rule_iri(step.rule.name))
                yield Triple(node, SH["sourceRule"], rule)
                yield Triple(rule, DCTERMS["description"], Literal(say(step.rule), language="en"))
            for citation in self.cited(step):
                graph = NamedNode(citation.graph)
                yield Triple(node, PROV["wasQuotedFrom"], graph)
                for source in (*citation.sentences, *citation.sources):
                    yield Triple(graph, PROV["hadPrimarySource"], NamedNode(source))


def explain(
    prover: Prover, terms: tuple[str, str, str], *, alternatives: bool = False
) -> Explanation:
    """Explain a triple. Its terms are prefixed names, IRIs or literals; ``a`` is rdf:type.

    Raises:
        UnknownName: a term does not occur in the data; the nearest names that do are with it.
        LimitExceeded: the proof leads through too many triples.
    """
    store = prover.store
    asked = (read(terms[0]), read(terms[1]), read(terms[2]))
    for term in asked:
        require(store, term)
    proof = prover.prove(asked)
    if proof is None:
        near, gaps = tuple(others_like(prover, asked)), tuple(prover.missing(asked))
        return Explanation(asked, None, (), gaps, near, labels(store, [asked]))
    found = prover.alternatives(asked) if alternatives else []
    others = tuple(other for other in found if other != proof)
    steps = [step for found in (proof, *others) for step in found.steps()]
    places = {told_of(place, step.triple) for step in steps for place in step.places}
    names = labels(store, [step.triple for step in steps])
    return Explanation(asked, proof, others, (), (), names, cite_graphs(store, places))


def others_like(prover: Prover, triple: Atom) -> Iterator[Atom]:
    """Yield what holds with a literal of the same text and another datatype or language."""
    literal = node_of(triple[2])
    if isinstance(literal, Literal):
        for (found,), _ in prover.solve([(triple[0], triple[1], "?o")], (), {}):
            other = node_of(found[2])
            if isinstance(other, Literal) and other.value == literal.value:
                yield found


def told_of(place: str, triple: Atom) -> str:
    """Return what has a source of its own: the graph that states a triple, or in one of many things, its subject."""
    about = triple[0]
    return about[1:-1] if place.startswith(SHARED) and about.startswith("<") else place


def read(text: str) -> str:
    """Return a term as SPARQL writes it, with its IRI in full."""
    if text == "a":
        return TYPE
    prefix, colon, name = text.partition(":")
    try:
        if text.startswith(('"', "<")):
            return str(node_of(text))
        if colon and prefix in PREFIXES and not name.startswith("//"):
            return str(PREFIXES[prefix][name])
        return str(NamedNode(text)) if colon else str(SHIMODA[text])
    except (ValueError, SyntaxError):
        detail = f"{text} is no name: write a prefixed name, an IRI or a literal"
        raise UnknownName(detail) from None


def require(store: RuleStore, term: str) -> None:
    """Raise UnknownName, with the nearest names, if an IRI does not occur in the default graph or any other."""
    if not term.startswith("<"):
        return
    places = " UNION ".join(
        f"{{ {place} }}"
        for pattern in (f"{term} ?p ?o", f"?s ?p {term}", f"?s {term} ?o")
        for place in (pattern, f"GRAPH ?g {{ {pattern} }}")
    )
    if next(store.select(f"SELECT * WHERE {{ {places} }} LIMIT 1"), None):
        return
    ours = f'FILTER(isIRI(?s) && STRSTARTS(STR(?s), "{BASE}"))'
    rows = store.select(f"SELECT DISTINCT ?s WHERE {{ ?s ?p ?o {ours} }}")
    nearest = get_close_matches(short(term), [short(str(row[0])) for row in rows], 3, 0.4)
    hint = f"; the nearest names are {', '.join(nearest)}" if nearest else ""
    raise UnknownName(f"Nothing here is called {short(term)}{hint}.", nearest=nearest)


def labels(store: RuleStore, triples: Iterable[Atom]) -> dict[str, str]:
    """Return the English labels of the terms in triples."""
    terms = {term for triple in triples for term in triple}
    iris = " ".join(sorted(term for term in terms if term.startswith("<")))
    rows = store.select(f"""SELECT ?term ?label WHERE {{ VALUES ?term {{ {iris} }}
        ?term {PREFIXES["rdfs"]["label"]} ?label FILTER(LANG(?label) = "en") }}""")
    found = {str(row[0]): row[1].value for row in rows if isinstance(row[1], Literal)}
    return found | {term: "an axiom" for term in terms if term.startswith("_:")}


def cite_graphs(store: RuleStore, graphs: Iterable[str]) -> dict[str, Citation]:
    """Return what is told of graphs that state something, and of other things that have a source."""
    graphs = sorted(graphs)
    rows = store.select(f"""SELECT ?a ?p ?o WHERE {{ VALUES ?a {{ {" ".join(f"<{name}>" for name in graphs)} }}
        VALUES ?p {{ {" ".join(TOLD)} }} ?a ?p ?o }}""")
    told: dict[str, dict[str, list[str]]] = {name: {} for name in graphs}
    for graph, relation, value in rows:
        assert isinstance(graph, NamedNode) and isinstance(relation, NamedNode)
        told[graph.value].setdefault(local_name(relation), []).append(plain(str(value)))
    return {name: citation(name, facts) for name, facts in told.items()}


def citation(name: str, facts: dict[str, list[str]]) -> Citation:
    """Make a citation of what is told of a graph, by the local names of the properties."""
    words, mode, standing = (
        "".join(facts.get(part, [])[:1]) for part in ("paraphrase", "mode", "standing")
    )
    voices = tuple(sorted(facts.get("voice", ())))
    sources = {*facts.get("citedIn", ()), *facts.get("source", ())}
    places = {name, *sources}
    sentences = {one for one in places if one.startswith(PREFIXES["source"]) and "#" in one}
    rest = sorted(sources - sentences)
    return Citation(name, words, voices, mode, standing, tuple(sorted(sentences)), tuple(rest))


def describe(rule: Rule) -> dict[str, str]:
    """Return a rule as JSON: its IRI, what it says, and where it comes from."""
    of = rule.source
    source = of if isinstance(of, str) else " ".join(map(short, of))
    return {"iri": rule_iri(rule.name), "name": rule.name, "words": say(rule), "source": source}


def plain(term: str) -> str:
    """Return an IRI without its brackets, and the value of a literal."""
    found = node_of(term)
    return found.value if isinstance(found, NamedNode | Literal) else term


def spelled(triple: Atom) -> list[str]:
    """Return the terms of a triple for JSON."""
    return list(map(plain, triple))


def short(term: str) -> str:
    """Return an IRI as a prefixed name where there is a prefix, and the value of a literal."""
    return namespaces.short(plain(term)) if term.startswith("<") else plain(term)


def shortened(text: str) -> str:
    """Return a pattern or a filter with prefixed names."""
    parts = (
        short(part) if part.startswith("<") and part.endswith(">") else part
        for part in text.split()
    )
    return " ".join(parts).removesuffix(" .")
