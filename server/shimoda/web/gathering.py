"""What a page tells of an IRI, gathered from the engine by SPARQL, so that any engine can tell it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from shimoda.engine.protocol import Answer, Engine, Query
from shimoda.vocabulary import BASE, PREFIXES

__all__ = ["Cell", "Gathering", "Row"]

HEAD = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())

# One triple in each template: Virtuoso constructs nothing from a solution that leaves a variable of it unbound.
DESCRIBED = """CONSTRUCT { ?s ?p ?o } WHERE {
  { VALUES ?s { $this } ?s ?p ?o } UNION { $this ?q ?s . ?s ?p ?o FILTER (isBlank(?s)) } UNION
  { VALUES ?o { $this } ?s ?p ?o FILTER (isIRI(?s)) }
}"""
WHOLE = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH $this { ?s ?p ?o } }"
SOURCE = """CONSTRUCT { ?s ?p ?o } WHERE {
  { VALUES ?s { $this } ?s ?p ?o FILTER (!isBlank(?o)) } UNION
  { ?s :sentenceOf $this ; ?p ?o . FILTER NOT EXISTS { GRAPH graph:inferred { ?s ?p ?o } } } UNION
  { VALUES ?p { :citedIn } ?o :sentenceOf $this . ?s ?p ?o }
}"""
NAMES = """SELECT DISTINCT ?p ?o WHERE {
  $this ?p ?o FILTER (?p IN (rdfs:label, skos:altLabel, :paraphrase, :quotedWords, skos:definition, rdfs:comment)) }
ORDER BY ?p LANG(?o) ?o"""
FACTS = """SELECT DISTINCT ?p ?pLabel ?o ?oLabel ?inferred WHERE {
  $this ?p ?o FILTER (!isBlank(?o) && ?p NOT IN (rdfs:label, skos:altLabel, :paraphrase, :quotedWords, skos:definition,
    rdfs:comment, rdfs:isDefinedBy, owl:sameAs, skos:exactMatch, skos:closeMatch, :voiceOf, :conveys))
  OPTIONAL { ?p rdfs:label ?pLabel FILTER (LANG(?pLabel) = "en") }
  OPTIONAL { ?o rdfs:label|:paraphrase ?oLabel FILTER (LANG(?oLabel) = "en") }
  BIND (EXISTS { GRAPH graph:inferred { $this ?p ?o } } AS ?inferred)
} ORDER BY ?inferred ?p ?oLabel ?o LIMIT 400"""
POINTING = """SELECT DISTINCT ?s ?sLabel ?p ?pLabel ?inferred WHERE {
  ?s ?p $this FILTER (isIRI(?s) && ?p NOT IN (:about, :voice, :linkSubject, :citedIn, rdfs:isDefinedBy))
  OPTIONAL { ?p rdfs:label ?pLabel FILTER (LANG(?pLabel) = "en") }
  OPTIONAL { ?s rdfs:label|:paraphrase ?sLabel FILTER (LANG(?sLabel) = "en") }
  BIND (EXISTS { GRAPH graph:inferred { ?s ?p $this } } AS ?inferred)
} ORDER BY ?inferred ?p ?sLabel ?s LIMIT 400"""
LINKS = """SELECT ?link ?scheme ?identifier ?target ?relation ?evidence WHERE {
  ?link :linkSubject $this ; :identifierScheme ?scheme ; :identifier ?identifier ; :evidence ?evidence .
  OPTIONAL { ?link :linkTarget ?target ; :linkRelation ?relation }
} ORDER BY ?scheme ?identifier"""
TOLD = """SELECT ?a ?said ?voice ?voiceLabel ?mode ?standing ?polarity
  (GROUP_CONCAT(DISTINCT STR(?sentence); SEPARATOR=" ") AS ?sentences)
WHERE {
  { SELECT DISTINCT ?a WHERE { $pattern } }
  ?a :paraphrase ?said FILTER (LANG(?said) = "en")
  OPTIONAL { ?a :citedIn ?sentence }
  OPTIONAL { ?a :voice ?voice OPTIONAL { ?voice rdfs:label ?voiceLabel FILTER (LANG(?voiceLabel) = "en") } }
  OPTIONAL { ?a :mode ?mode } OPTIONAL { ?a :standing ?standing } OPTIONAL { ?a :polarity ?polarity }
} GROUP BY ?a ?said ?voice ?voiceLabel ?mode ?standing ?polarity ORDER BY ?sentences ?a"""
MENTIONS = "{ GRAPH ?a { $this ?p ?o } } UNION { GRAPH ?a { ?s ?p $this } } UNION { ?a :about $this }"
CONTENT = """SELECT ?s ?sLabel ?p ?pLabel ?o ?oLabel WHERE {
  { SELECT ?s ?p ?o WHERE { GRAPH $this { ?s ?p ?o } } LIMIT 300 }
  OPTIONAL { ?s rdfs:label ?sLabel FILTER (LANG(?sLabel) = "en") }
  OPTIONAL { ?p rdfs:label ?pLabel FILTER (LANG(?pLabel) = "en") }
  OPTIONAL { ?o rdfs:label ?oLabel FILTER (LANG(?oLabel) = "en") }
} ORDER BY ?s ?p ?o"""
SENTENCES = """SELECT ?sentence ?number ?paragraph ?start ?end ?digest WHERE {
  ?sentence :sentenceOf $this ; :number ?number ; :startOffset ?start ; :endOffset ?end ; :digest ?digest .
  OPTIONAL { ?sentence :paragraph ?paragraph }
} ORDER BY ?number"""
TERMS = """SELECT ?term ?kind ?label ?definition WHERE {
  VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty owl:NamedIndividual }
  GRAPH graph:ontology { ?term a ?kind ; rdfs:label ?label ; skos:definition ?definition }
  FILTER (LANG(?label) = "en" && LANG(?definition) = "en")
} ORDER BY ?kind ?term"""
KNOWN = """SELECT DISTINCT ?e ?name WHERE {
  { ?e rdfs:label|skos:altLabel ?name } UNION { ?e a :Assertion BIND ("" AS ?name) }
  FILTER (STRSTARTS(STR(?e), "$base")) }"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A term in an answer: its kind (``uri``, ``literal``, ``bnode``), its value and its language."""

    type: str
    value: str
    language: str = ""

    def __str__(self) -> str:
        return self.value


Row = dict[str, Cell]


class Gathering:
    """Questions about one IRI, put to an engine; remembers whether all answers may be cached."""

    def __init__(
        self, engine: Engine, iri: str, graphs: tuple[str, ...] | None = None, view: str | None = None
    ) -> None:
        """Ask about ``iri``, of the default graph or of these graphs, in a view; ValueError when that is no IRI."""
        self.engine, self.this, self.graphs, self.view = engine, str(NamedNode(iri)), graphs, view
        self.cacheable = True

    def put(self, text: str, graph_type: str = "application/n-triples") -> Answer:
        """Put a question; ``$this`` stands for the IRI."""
        filled = HEAD + text.replace("$this", self.this).replace("$base", BASE)
        answer = self.engine.query(Query(filled, graph_type=graph_type, default_graphs=self.graphs, view=self.view))
        self.cacheable &= answer.cacheable
        return answer

    def rows(self, text: str) -> list[Row]:
        """Return the solutions of a SELECT, each with what is bound in it."""
        bindings = json.loads(self.put(text).content())["results"]["bindings"]
        return [
            {name: Cell(term["type"], term["value"], term.get("xml:lang", "")) for name, term in row.items()}
            for row in bindings
        ]

    def told(self, pattern: str) -> list[Row]:
        """Return the assertions ``?a`` that a pattern finds, with voice, mode, standing and sentences."""
        return [row for row in self.rows(TOLD.replace("$pattern", pattern)) if "a" in row]

    def exists(self) -> bool:
        """Tell whether anything is said of the IRI, or in a graph of that name."""
        found = self.put("ASK { { $this ?p ?o } UNION { ?s ?r $this } UNION { GRAPH $this { ?x ?y ?z } } }").content()
        return bool(json.loads(found)["boolean"])

    def names(self) -> Iterable[tuple[str, str]]:
        """Yield each IRI of ours with each of its labels and aliases; assertions with none."""
        return ((row["e"].value, row["name"].value) for row in self.rows(KNOWN))
