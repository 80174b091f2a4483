"""``shimoda infer``: what follows from RDF files, or from the default graph of a store."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import click
from pyoxigraph import DefaultGraph, RdfFormat, Store, Triple, serialize

from shimoda.dataset.files import parse
from shimoda.engine.interface import EngineStore
from shimoda.engine.remote import RemoteEngine
from shimoda.errors import InputError, MalformedAxiom
from shimoda.processes.sandbox import limit_memory, limit_time
from shimoda.reasoning import Clash, Limits, LocalStore, Reasoner, find_clashes
from shimoda.reasoning.explanation import explain
from shimoda.reasoning.maintenance import INFERRED
from shimoda.reasoning.proofs import Prover
from shimoda.reasoning.rules import read_rule
from shimoda.reasoning.stores import placed, read
from shimoda.reasoning.words import say

CONTRADICTION = 3
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
option = click.option
FORMATS = ("nt", "ttl", "rdf", "jsonld")


@click.command("infer")
@click.argument("files", nargs=-1, type=FILE)
@option("--engine", metavar="URL", help="Read this SPARQL endpoint's default graph, not files.")
@option("--rules", multiple=True, type=FILE, help="A rule of your own (CONSTRUCT); again for more.")
@option("--explain", "asked", nargs=3, metavar="S P O", help="Print a triple's proof instead.")
@option("--profile", is_flag=True, help="Print what is outside of which OWL 2 profile instead.")
@option(
    "--brief", is_flag=True, help="Leave out what is true of every graph, and what has no name."
)
@option("--strict", is_flag=True, help="Stop at a malformed axiom; without it, it is left out.")
@option("--format", "form", type=click.Choice(FORMATS), default="nt", show_default=True)
@option("--timeout", type=float, default=0, metavar="SECONDS", help="Stop then; 0 never does.")
@option("--memory", type=int, default=0, metavar="MB", help="Stop above that; 0 never does.")
@option(
    "--most", type=int, default=Limits().triples, metavar="N", help="Stop a rule that makes more."
)
def infer_command(  # noqa: PLR0913, PLR0917 (one argument an option)
    files: tuple[Path, ...],
    engine: str | None,
    rules: tuple[Path, ...],
    asked: tuple[str, str, str] | None,
    profile: bool,
    brief: bool,
    strict: bool,
    form: str,
    timeout: float,
    memory: int,
    most: int,
) -> None:
    """Print what RDF files state and what follows from it; exit with 3, and the proof, if it contradicts itself."""
    if bool(files) == bool(engine):
        raise InputError("Name files, or an --engine; one of the two.")
    if memory:
        limit_memory(memory)
    with limit_time(timeout) if timeout else nullcontext():
        triples = read(EngineStore(RemoteEngine(engine)), None) if engine else parsed(files)
        if profile:
            click.echo("\n".join(judged(list(triples))))
            return

        def report(error: MalformedAxiom) -> None:
            if strict:
                raise located(error, files)
            click.echo(f"shimoda: {located(error, files)}", err=True)

        own, limits = [read_rule(path) for path in rules], Limits(triples=most)
        reasoner = Reasoner(triples, rules=own, limits=limits, whole=not brief, report=report)
        if next(reasoner.clashes(), None):
            click.echo(told(next(find_clashes(stored(reasoner), reasoner))), err=True)
            sys.exit(CONTRADICTION)
        if asked:
            found = explain(Prover(LocalStore(stored(reasoner)), reasoner.rules), asked)
            click.echo(found.as_text())
        else:
            printed(reasoner, form)


def parsed(files: Iterable[Path]) -> Iterator[Triple]:
    """Yield the triples of files; blank nodes of different files differ."""
    several = len(tuple(files)) > 1
    return (quad.triple for file in files for quad in parse(file, base=None, apart=several))


def located(error: MalformedAxiom, files: Iterable[Path]) -> MalformedAxiom:
    """Name the file in which a malformed axiom stands."""
    wanted = {error.where.get("subject"), error.where.get("about")}
    held = (
        str(file)
        for file in files
        if any(str(triple.subject) in wanted for triple in parsed([file]))
    )
    return MalformedAxiom(error.detail, **{**error.where, "file": next(held, None)})


def stored(reasoner: Reasoner) -> Store:
    """Return a store with what is stated, and what follows."""
    store = Store()
    store.extend(placed(triple, DefaultGraph()) for triple in reasoner.triples(reasoner.given))
    for triple in reasoner.triples(reasoner.written):
        store.extend(placed(triple, name) for name in (DefaultGraph(), INFERRED))
    return store


def told(clash: Clash) -> str:
    """Say a contradiction, with the statements that it comes from."""
    lines = [" ".join(proof.triple) for proof in clash.statements] or [
        " ".join(atom) for atom in clash.premises
    ]
    return "\n  ".join([f"This contradicts itself. {say(clash.rule)}", *lines])


def judged(triples: list[Triple]) -> Iterator[str]:
    """Yield what keeps axioms out of each profile of OWL 2, and what rules cannot say."""
    from pyowl2_profiles import detect_profiles

    store = Store()
    store.extend(placed(triple, DefaultGraph()) for triple in triples)
    found = detect_profiles(store, None, None, None)
    for name in ("dl", "el", "ql", "rl"):
        yield f"OWL 2 {name.upper()}: {'inside' if found[name]['in_profile'] else 'outside'}"
        yield from (
            f"  {kind}, {number} times"
            for kind, number in found[name]["violations_by_axiom_type"].items()
        )
    yield "Beyond rules, and left to a complete reasoner:"
    yield from (
        f"  {line}"
        for line in Reasoner(triples, report=lambda _: None).compiled.beyond or ["nothing"]
    )


def printed(reasoner: Reasoner, form: str) -> None:
    """Print what is stated and what follows."""
    if form == "nt":
        reasoner.print_to(sys.stdout.buffer)
        return
    triples = {*reasoner.triples(reasoner.given), *reasoner.inferred()}
    serialize(triples, sys.stdout.buffer, RdfFormat.from_extension(form))
