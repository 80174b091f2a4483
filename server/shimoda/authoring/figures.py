"""How much there is: sentences, assertions by mode, standing, polarity and voice, and what they hold."""

from typing import Any

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from shimoda.namespaces import BASE, ONTOLOGY, PREFIXES

PROLOGUE = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("", "owl", "rdf"))
CONTENT = """
FILTER(EXISTS { GRAPH ?s { ?one ?relation ?other } FILTER(isIRI(?one) && isIRI(?other) && ?relation != rdf:type) }
    || EXISTS { GRAPH ?s { ?denial owl:targetIndividual ?other } })"""
TOTALS = {
    "sentences": "?s a :Sentence",
    "sentences cited": "?s a :Sentence . ?assertion :citedIn ?s",
    "sentences marked": "?s a :Sentence ; :noContent ?reason",
    "assertions": "?s a :Assertion",
    "assertions with content": f"?s a :Assertion {CONTENT}",
    "corrections": "?s a :Correction",
    "backgrounds": "?s a :Background",
}
GROUPS = {
    "mode": ":mode",
    "standing": ":standing",
    "polarity": ":polarity",
    "voice": ":voice",
    "reason for no content": ":noContent",
}


def figures(store: Store) -> dict[str, Any]:
    """Count what an assembled dataset holds."""
    counted: dict[str, Any] = {name: number(store, pattern) for name, pattern in TOTALS.items()}
    with_content = counted["assertions with content"]
    counted["share with content"] = (
        round(with_content / counted["assertions"], 3) if counted["assertions"] else 0
    )
    for name, path in GROUPS.items():
        counted[f"by {name}"] = grouped(store, path)
    return counted


def number(store: Store, pattern: str) -> int:
    """Return how many ``?s`` a pattern has."""
    ((found,),) = rows(store, f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {pattern} }}")
    return int(found)


def grouped(store: Store, path: str) -> dict[str, int]:
    """Return how many assertions there are for each value of a property, the most frequent first."""
    query = f"""SELECT ?value (COUNT(DISTINCT ?a) AS ?n) WHERE {{ ?a a :Assertion ; {path} ?value }}
                GROUP BY ?value ORDER BY DESC(?n) ?value"""
    return {
        value.removeprefix(ONTOLOGY).removeprefix(BASE + "id/"): int(n)
        for value, n in rows(store, query)
    }


def rows(store: Store, query: str) -> list[list[str]]:
    """Return the rows of a query as text."""
    solutions = store.query(PROLOGUE + query)
    assert isinstance(solutions, QuerySolutions)
    return [
        [cell.value for cell in row if isinstance(cell, NamedNode | Literal)] for row in solutions
    ]
