"""What the dataset says of itself, as a view of its own: prefixes, examples, and which classes have which properties.

Tools that complete queries, and assistants that write them, ask an endpoint for these; in the default graph they would
be counted with what the dataset tells.
"""

import re
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryTriples, Store, Triple

from shimoda import paths
from shimoda.namespaces import BASE, ONTOLOGY, PREDEFINED, PREFIXES, view
from shimoda.sparql.text import form_of

SERVICE = view("service")
SUMMARY = re.compile(r"^#\+ summary: (.*)", re.MULTILINE)
DEFAULT = re.compile(r"^#\+ +- (\w+): (\S+)$", re.MULTILINE)
HEADER = re.compile(r"^#\+.*\n", re.MULTILINE)
PARAMETER = re.compile(r"\?_([a-z]+)_iri\b")
RDF, RDFS, SH, XSD = (PREFIXES[name] for name in ("rdf", "rdfs", "sh", "xsd"))
ONTOLOGY_ITSELF = NamedNode(ONTOLOGY[:-1])


def describe(store: Store) -> None:
    """Put the description of a dataset into the dataset."""
    partitions = store.query((paths.data("queries") / "pages" / "partitions.rq").read_text("utf-8"))
    assert isinstance(partitions, QueryTriples)
    triples = [*partitions, *prefixes(), *examples()]
    store.extend(Quad(one.subject, one.predicate, one.object, SERVICE) for one in triples)


def prefixes() -> Iterator[Triple]:
    """Declare the prefixes that a query need not declare (SHACL section 5.2.1)."""
    for name, iri in PREDEFINED.items():
        declaration = BlankNode(f"prefix{name}")
        yield Triple(ONTOLOGY_ITSELF, SH["declare"], declaration)
        yield Triple(declaration, SH["prefix"], Literal(name))
        yield Triple(declaration, SH["namespace"], Literal(iri, datatype=XSD["anyURI"]))


def examples() -> Iterator[Triple]:
    """Tell the questions of the catalogue that need nothing given, as SHACL has queries."""
    for file in sorted(paths.data("queries").glob("*.rq")):
        text = file.read_text("utf-8")
        found, defaults = SUMMARY.search(text), dict(DEFAULT.findall(text))
        for name in {*PARAMETER.findall(text)} & defaults.keys():
            text = text.replace(f"?_{name}_iri", f"<{defaults[name]}>")
        if not found or "?_" in text:
            continue
        query, form = HEADER.sub("", text).strip(), form_of(text)
        example = NamedNode(f"{BASE}q/{file.stem}")
        yield Triple(example, RDF["type"], SH["SPARQLExecutable"])
        yield Triple(example, RDF["type"], SH[f"SPARQL{form.capitalize()}Executable"])
        yield Triple(example, RDFS["comment"], Literal(found[1], language="en"))
        yield Triple(example, SH[form.lower()], Literal(query))
        yield Triple(example, SH["prefixes"], ONTOLOGY_ITSELF)
