"""Reasoning: rules from axioms and from files, run where the data is, each inferred triple with its proof.

:func:`infer` is for a build, :func:`bring_up_to_date` for after a write, :func:`require_consistency` for the gate.
"""

from shimoda.reasoning.clashes import Clash, find_clashes, require_consistency
from shimoda.reasoning.fixpoint import Inference, Limits
from shimoda.reasoning.maintenance import bring_up_to_date, infer, rules_of
from shimoda.reasoning.rules import Rule
from shimoda.reasoning.stores import LocalStore, RuleStore

__all__ = ["Clash", "Inference", "Limits", "LocalStore", "Rule", "RuleStore", "bring_up_to_date", "find_clashes",
           "infer", "require_consistency", "rules_of"]
