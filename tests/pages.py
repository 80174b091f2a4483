"""The kinds of pages, for the tests and measurements that go through all of them."""

from urllib.parse import urlencode

VISITS = """PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?visit ?date ?assertion ?sentence {
  GRAPH ?assertion { ?visit :destination ?place } ?assertion :citedIn ?sentence . ?visit :date ?date }"""
MODES = """PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?mode (COUNT(*) AS ?n) { ?assertion :mode ?mode } GROUP BY ?mode"""
ODD = "SELECT * { ?event a <https://w3id.org/shimoda/ontology#Evnt> }"
VOICES = "according=group/russian-leadership&beside=group/the-japanese"


def asking(query: str, **more: str) -> str:
    """Return the address of an answer."""
    return "/sparql?" + urlencode({"query": query, **more})


KINDS = {
    "home": "/",
    "search": "/search?q=Kunasir",
    "index": "/id/",
    "kind": "/id/place/",
    "place": "/doc/place/kunashir",
    "event kinds": "/id/event/",
    "state": "/doc/state/japan",
    "event": "/doc/event/medvedev-visit-kunashir-2010",
    "person": "/doc/person/naoto-kan",
    "pair": "/pair?one=state/japan&other=place/kunashir",
    "assertion": "/assertion/panov-2011-s085-very-regrettable",
    "source": "/source/panov-2011",
    "proof": "/explain?s=place:kunashir&p=a&o=ContestedTerritory",
    "no proof": "/explain?s=place:kunashir&p=a&o=State",
    "dispute": "/dispute",
    "timeline": "/timeline",
    "map": "/map",
    "network": "/network",
    "voice's timeline": "/timeline?according=person/alexander-panov&from=2009",
    "two maps": f"/map?{VOICES}",
    "two networks": "/network?according=state/japan&beside=state/russia",
    "questions": "/q/",
    "question": "/q/contradictions",
    "marked question": "/q/contacts-of-a-person?cite=1",
    "editor": "/sparql",
    "answer": asking(VISITS),
    "drawn answer": asking(VISITS, **{"as": "timeline"}),
    "chart": asking(MODES, **{"as": "chart"}),
    "marked answer": asking("SELECT * { ?s a ?kind } LIMIT 20", cite="1"),
    "empty answer": asking(ODD),
    "broken query": asking("SELECT * WHERE { ?s foo:bar ?o }"),
    "doctor": "/doctor?" + urlencode({"query": ODD}),
    "ontology": "/ontology",
    "term": "/ontology/ContestedTerritory",
    "rule": "/rule/visited-whole",
    "view": "/view/japan",
    "graph": "/graph/links",
    "preview": "/reconcile/preview?id=place/kunashir",
    "about": "/about/",
    "model": "/about/model",
    "curation": "/about/curation",
    "nothing": "/id/place/kunasir",
}
"""A page of each kind."""
