"""The profile of the ontology: OWL 2 DL, so that reasoners end."""

from collections.abc import Iterable, Iterator

from pyowl2_profiles import detect_profiles
from pyoxigraph import DefaultGraph, Quad, Store

from shimoda.authoring.findings import Finding
from shimoda.namespaces import BASE, graph


def outside_profile(quads: Iterable[Quad]) -> Iterator[Finding]:
    """Yield what keeps the ontology, without the triples, out of OWL 2 DL (OWL 2 Syntax section 3)."""
    ontology = Store()
    own = (quad for quad in quads if quad.graph_name == graph("ontology"))
    ontology.bulk_extend(
        Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) for quad in own
    )
    for found in detect_profiles(ontology, None, f"{BASE}ontology", None)["dl"][
        "sample_violations"
    ]:
        yield Finding(
            "profile", f"is outside of OWL 2 DL: {found['details']}", found["subject_iri"]
        )
