"""How far a rule looks: at the person, at the employer alone, at the household alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from jiuye.policy.folding import EMPLOYER, HOUSEHOLD, Facts, Folding, bodies, names_in
from jiuye.policy.law import Law


class Reach(Folding):
    """of_employers: rows are employers. in_home: what is being made rests on the household alone."""

    def __init__(self, law: Law, on: date) -> None:
        super().__init__(law, on)
        self.of_employers = False
        self.in_home = False
        self.asked_of_members = {
            name
            for versions in law.rules.values()
            for rule in versions
            for expression in rule.expressions()
            for _, name in expression.of_household
        }
        self._levels: dict[str, int] = {}

    def facts_in(self, node: Any) -> Facts:
        found = super().facts_in(node)
        return frozenset(name.removeprefix(EMPLOYER) for name in found) if self.of_employers else found

    def of_firm(self, facts: Facts) -> bool:
        """Whether nothing but the employer decides."""
        return bool(facts) and not self.of_employers and all(name.startswith(EMPLOYER) for name in facts)

    def of_home(self, facts: Facts) -> bool:
        """Whether nothing but the household decides."""
        return (
            bool(facts)
            and not self.in_home
            and all(name == "household" or name.startswith(HOUSEHOLD) for name in facts)
        )

    def level(self, name: str) -> int:
        """How many folds, one within the other, a fact or rule rests on."""
        if name not in self._levels:
            deepest = 0
            rule = self.law.rule_at(name, self.on) if name in self.law.rules else None
            for body in bodies(rule) if rule else ():
                for whose, other in names_in(body):
                    if whose != EMPLOYER:
                        deepest = max(deepest, self.level(other) + (whose == HOUSEHOLD))
            self._levels[name] = deepest
        return self._levels[name]
