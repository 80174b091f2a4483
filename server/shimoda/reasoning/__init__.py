"""Reasoning: rules from axioms and from files, and what follows from them, each triple with its proof.

In three lines, over any triples::

    from shimoda.reasoning import Reasoner
    reasoner = Reasoner(triples)
    print(*reasoner.inferred(), sep="\\n")

:func:`infer` is for a store, :class:`Upkeep` keeps it in step with what is written there, :func:`require_consistency`
is for the gate.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shimoda.reasoning.clashes import Clash, find_clashes, require_consistency
    from shimoda.reasoning.compiler import rules_of
    from shimoda.reasoning.maintenance import Upkeep, infer
    from shimoda.reasoning.materialisation import Limits
    from shimoda.reasoning.reasoner import Inference, Reasoner, Statements
    from shimoda.reasoning.rules import Rule
    from shimoda.reasoning.stores import LocalStore, RuleStore

__all__ = [
    "Clash",
    "Inference",
    "Limits",
    "LocalStore",
    "Reasoner",
    "Rule",
    "RuleStore",
    "Statements",
    "Upkeep",
    "find_clashes",
    "infer",
    "require_consistency",
    "rules_of",
]
HOMES = ("compiler", "clashes", "maintenance", "materialisation", "reasoner", "rules", "stores")


def __getattr__(name: str) -> object:
    """Import a name when it is asked for: words and proofs need no numpy, which takes long (PEP 562)."""
    modules = (import_module(f"{__name__}.{home}") for home in HOMES if name in __all__)
    for module in modules:
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
