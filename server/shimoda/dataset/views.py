"""Views: what one party's world adds to the default graph.

A party's world is what those who speak for it affirm of how things are: no denial (a graph cannot deny), no
prediction, recommendation, counterfactual or question, and nothing that a correction departs from.
"""

from typing import cast

from pyoxigraph import NamedNode, QuerySolutions, Store, Triple

from shimoda.namespaces import PREFIXES, view

STATED_FOR = """
PREFIX : <https://w3id.org/shimoda/ontology#>
SELECT ?party ?assertion WHERE {
  ?assertion :statedFor ?party ; :polarity :Affirmed ; :mode ?mode ; :standing ?standing .
  FILTER(?standing != :Corrected)
  FILTER(?mode NOT IN (:Prediction, :Recommendation, :Counterfactual, :Question))
}
"""

SPEAKING = {PREFIXES[""][name] for name in ("statedFor", "polarity", "mode")}
"""What decides who speaks for a party; where none of it changes, nor an assertion, the worlds stay as they are."""


def worlds(store: Store) -> dict[NamedNode, list[Triple]]:
    """Return what each party states that somebody speaks for, by its view (``…/view/<party>``)."""
    found: dict[NamedNode, list[Triple]] = {}
    for solution in cast(QuerySolutions, store.query(STATED_FOR)):
        party = view(solution["party"].value.rpartition("/")[2])
        quads = store.quads_for_pattern(None, None, None, solution["assertion"])
        found.setdefault(party, []).extend(quad.triple for quad in quads)
    return found
