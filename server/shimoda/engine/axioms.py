"""The rules of an engine's axioms."""

from shimoda import reasoning
from shimoda.engine.interface import Engine, EngineStore, once_a_version


@once_a_version
def compiled_rules(engine: Engine) -> "list[reasoning.Rule]":
    """Return the rules of an engine's axioms, compiled once a version of its dataset."""
    return reasoning.rules_of(EngineStore(engine))
