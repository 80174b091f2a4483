"""The rules of an engine's axioms."""

from shimoda.engine.interface import Engine, EngineStore, once_a_version
from shimoda.reasoning.compiler import rules_of
from shimoda.reasoning.rules import Rule

__all__ = ["compiled_rules"]


@once_a_version
def compiled_rules(engine: Engine) -> list[Rule]:
    """Return the rules of an engine's axioms, compiled once a version of its dataset."""
    return rules_of(EngineStore(engine))
