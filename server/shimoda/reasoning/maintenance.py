"""What is inferred, kept in step with what is stated."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pyoxigraph import BlankNode, NamedNode, Store, Triple

from shimoda import paths
from shimoda.reasoning.compiler import Compiled, compile_rules
from shimoda.reasoning.dates import DATES
from shimoda.reasoning.fixpoint import ADDED, LINKS, Inference, Limits, Run
from shimoda.reasoning.rules import Rule, read_rules, signature
from shimoda.reasoning.schema import KINDS, OWL, PREDICATES
from shimoda.reasoning.stores import RuleStore, local

__all__ = ["bring_up_to_date", "infer", "rules_of"]

RULES = paths.data("ontology") / "rules"


def rules_of(store: Store | RuleStore, view: NamedNode | None = None) -> list[Rule]:
    """Return the rules that hold in a store: those of its axioms, and those of the files in ``ontology/rules``."""
    return [*compile_rules(local(store), view).rules, *read_rules(RULES)]


def infer(
    store: Store | RuleStore, *, views: Iterable[NamedNode] = (), rules: Sequence[Rule] | None = None,
    limits: Limits | None = None, world: NamedNode | None = None,
) -> Inference:
    """Add everything that follows to the default graph (or ``world``), and to each view what follows only there.

    ``rules`` None stands for :func:`rules_of` the store. Links that already stand in the default graph stay out.

    Raises:
        LimitExceeded: a rule made too much, or did not end; the store is then to be thrown away.
        InputError: a rule file is no rule, or rules that close the world have no order.
    """
    run = start(store, rules, limits, world)
    with run.without(LINKS):
        run.saturate()
        return add_views(run, views)


def bring_up_to_date(  # noqa: PLR0913 (all but the first by name)
    store: Store | RuleStore, *, added: Collection[Triple] | None = None, views: Iterable[NamedNode] = (),
    rules: Sequence[Rule] | None = None, limits: Limits | None = None, world: NamedNode | None = None,
) -> Inference:
    """Make what is inferred follow from what now stands in the default graph (or ``world``).

    ``added`` holds the triples that were put there, if nothing was taken away: then only what they bring is worked
    out, in time that grows with them. Without it, or when one of them is an axiom or a date, has a blank node or bears
    on what a rule says is absent, all that was inferred is taken back and inferred anew. Views are always done anew.
    """
    run = start(store, rules, limits, world)
    with run.without(LINKS):
        if added is None or any(needs_all(triple) for triple in added) or not extend(run, added):
            run.retract()
            run.saturate()
        return add_views(run, views)


def start(
    store: Store | RuleStore, rules: Sequence[Rule] | None, limits: Limits | None, world: NamedNode | None,
) -> Run:
    """Prepare a run with the rules given, or with those of the store."""
    place = local(store)
    compiled = compile_rules(place, world) if rules is None else Compiled(list(rules))
    files = read_rules(RULES) if rules is None else []
    run = Run(place, [*compiled.rules, *files], limits or Limits(), world)
    run.outcome.beyond = compiled.beyond
    return run


def extend(run: Run, added: Collection[Triple]) -> bool:
    """Infer what triples bring; tell whether that was enough, as nothing bears on what a rule says is absent."""
    run.store.update(f"INSERT DATA {{ GRAPH {ADDED} {{ {' '.join(f'{triple} .' for triple in added)} }} }}")
    run.disown(ADDED)
    touched = set(run.signatures(ADDED))
    run.saturate(ADDED)
    touched |= {signature(atom) for rule in run.rules if run.outcome.by_rule[rule.name] for atom in rule.head}
    return touched.isdisjoint(signature(atom) for rule in run.rules for atom in rule.absent)


def add_views(run: Run, views: Iterable[NamedNode]) -> Inference:
    """Infer in each view, and return the outcome of all."""
    for view in views:
        run.outcome.views[view.value] = run.view(view)
    return run.outcome


def needs_all(triple: Triple) -> bool:
    """Tell whether a triple can change the rules themselves, or cannot be named in an update."""
    return (
        isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
        or triple.predicate in (*PREDICATES, *DATES) or triple.object in KINDS
        or triple.predicate in (OWL["sameAs"], OWL["differentFrom"])
    )
