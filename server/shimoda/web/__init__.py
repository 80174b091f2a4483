"""The HTTP layer: SPARQL 1.1 Protocol, Graph Store Protocol, pages and operations, over any engine."""
