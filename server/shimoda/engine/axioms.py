"""An engine's axioms, their rules, and proofs by them; what reasons is long to import, and few requests need it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pyoxigraph import Triple

from shimoda.engine.interface import Engine, EngineStore, once_a_version
from shimoda.errors import UnknownName
from shimoda.namespaces import view

if TYPE_CHECKING:
    from shimoda.reasoning.proofs import Prover
    from shimoda.reasoning.rules import Rule
    from shimoda.reasoning.schema import Schema


@once_a_version
def compiled_rules(engine: Engine) -> list[Rule]:
    """Return the rules of the axioms in an engine's default graph."""
    return compiled(tuple(axioms_of(engine).triples()))


@lru_cache(maxsize=2)
def compiled(axioms: tuple[Triple, ...]) -> list[Rule]:
    """Return the rules of axioms, which most versions of a dataset share."""
    from shimoda.reasoning.compiler import rules_from
    from shimoda.reasoning.schema import Schema

    return rules_from(Schema(axioms))


@once_a_version
def axioms_of(engine: Engine) -> Schema:
    """Return the axioms in an engine's default graph, read once a version of its dataset."""
    from shimoda.reasoning.schema import read_schema

    return read_schema(EngineStore(engine))


def prover_of(engine: Engine, party: str | None = None) -> Prover:
    """Return who finds proofs in an engine's default graph, or in the view of a party; UnknownName if it can have none."""
    from shimoda.reasoning.proofs import Prover

    store, rules = EngineStore(engine), compiled_rules(engine)
    if not party:
        return Prover(store, rules, axioms=axioms_of(engine))
    try:
        return Prover(store, rules, view(party))
    except ValueError:
        raise UnknownName(f"No view can have the name {party!r}.") from None
