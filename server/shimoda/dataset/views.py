"""Views: what one party's world adds to the default graph.

A party's world is what those who speak for it affirm of how things are: no denial (a graph cannot deny), no
prediction, recommendation, counterfactual or question, and nothing that a correction departs from.
"""

from typing import cast

from pyoxigraph import NamedNode, Quad, QuerySolutions, Store

from shimoda.vocabulary import view

STATED_FOR = """
PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?party ?s ?p ?o WHERE {
  ?assertion :statedFor ?party ; :polarity :Affirmed ; :mode ?mode ; :standing ?standing .
  FILTER(?standing != :Corrected)
  FILTER(?mode NOT IN (:Prediction, :Recommendation, :Counterfactual, :Question))
  GRAPH ?assertion { ?s ?p ?o }
  FILTER NOT EXISTS { ?s ?p ?o }
}
"""


def add_views(store: Store) -> dict[NamedNode, int]:
    """Add ``…/view/<party>`` for every party that somebody speaks for; return how many triples each holds."""
    sizes: dict[NamedNode, int] = {}
    for solution in list(cast(QuerySolutions, store.query(STATED_FOR))):
        party = view(solution["party"].value.rpartition("/")[2])
        store.add(Quad(solution["s"], solution["p"], solution["o"], party))
        sizes[party] = sizes.get(party, 0) + 1
    return sizes
