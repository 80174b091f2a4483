"""The order of rules that close the world.

A rule with NOT EXISTS may only run when what it looks for can no longer come. Rules are put into strata: a rule runs
after all that make what it says is absent. (Apt, Blair and Walker, Towards a theory of declarative knowledge, 1988.)
Equality touches every predicate and is left out: an equality that only follows from an absence does not reopen it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from shimoda.errors import InputError
from shimoda.reasoning.rules import TYPE, Atom, Rule, Signature, signature


def stratify(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules by stratum, those first that no absence bears on; InputError if there is no order."""
    levels: dict[Signature, int] = defaultdict(int)
    while True:
        before = dict(levels)
        for rule in rules:
            level = level_of(rule, levels)
            if level > len(rules):
                detail = f"Rule {rule.name} says that something is absent which follows from it."
                raise InputError(detail, rule=rule.name)
            for atom in rule.head:
                levels[signature(atom)] = max(levels[signature(atom)], level)
        if levels == before:
            break
    strata: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        strata[level_of(rule, levels)].append(rule)
    return [strata[level] for level in sorted(strata)]


def level_of(rule: Rule, levels: dict[Signature, int]) -> int:
    """Return the stratum that a rule needs, as far as is known."""
    positive = (*rule.body, *(atom for many in rule.many for atom in many.atoms))
    absent = [atom for group in rule.absent for atom in group.atoms]
    return max(highest(positive, levels), highest(absent, levels) + 1 if absent else 0)


def highest(atoms: Iterable[Atom], levels: dict[Signature, int]) -> int:
    """Return the highest stratum that makes what atoms match; an open class matches every class."""
    wanted = [signature(atom) for atom in atoms]
    found = [levels[sign] for sign in wanted if sign != ("?", "?")]
    if (TYPE, "?") in wanted:
        found += [level for (predicate, _), level in levels.items() if predicate == TYPE]
    return max(found, default=0)
