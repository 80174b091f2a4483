"""Reasoning: rules from axioms and from files, and what follows from them, each triple with its proof.

In three lines, over any triples::

    from shimoda.reasoning import Reasoner
    reasoner = Reasoner(triples)
    print(*reasoner.inferred(), sep="\\n")

:func:`infer` is for a store, :class:`Upkeep` keeps it in step with what is written there, :func:`require_consistency`
is for the gate.
"""

from shimoda.reasoning.clashes import Clash, find_clashes, require_consistency
from shimoda.reasoning.maintenance import Upkeep, infer, rules_of
from shimoda.reasoning.materialisation import Limits
from shimoda.reasoning.reasoner import Inference, Reasoner
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
    "Upkeep",
    "find_clashes",
    "infer",
    "require_consistency",
    "rules_of",
]
