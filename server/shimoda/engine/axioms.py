"""An engine's axioms, and their rules."""

from shimoda.engine.interface import Engine, EngineStore, once_a_version
from shimoda.reasoning.compiler import rules_of
from shimoda.reasoning.rules import Rule
from shimoda.reasoning.schema import Schema, read_schema

__all__ = ["axioms_of", "compiled_rules"]


@once_a_version
def compiled_rules(engine: Engine) -> list[Rule]:
    """Return the rules of an engine's axioms, compiled once a version of its dataset."""
    return rules_of(EngineStore(engine))


@once_a_version
def axioms_of(engine: Engine) -> Schema:
    """Return the axioms in an engine's default graph, read once a version of its dataset."""
    return read_schema(EngineStore(engine))
