"""The names of formats on the command line: what results and what graphs are written as."""

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
FORMATS: dict[str, tuple[str | None, str | None]] = {
    "json": (JSON, "text/turtle"),
    "xml": (XML, "application/rdf+xml"),
    "csv": ("text/csv", None),
    "tsv": ("text/tab-separated-values", None),
    "turtle": (None, "text/turtle"),
    "ntriples": (None, "application/n-triples"),
    "rdfxml": (None, "application/rdf+xml"),
    "jsonld": (None, "application/ld+json"),
    "trig": (None, "application/trig"),
    "nquads": (None, "application/n-quads"),
}
"""For each name the media type of results and of graphs; None where that name fits no such answer."""
