"""A city's law: facts, code tables, dated parameters and rules, read from a folder and ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jiuye.policy.checks import check
from jiuye.policy.errors import LawError
from jiuye.policy.parts import Fact, Parameter, ParameterValue, Rule
from jiuye.policy.reader import Reader
from jiuye.policy.values import Type, Value

if TYPE_CHECKING:
    from jiuye.policy.columns import Program
    from jiuye.policy.explain import Case, Outcome

__all__ = ["Fact", "Law", "Parameter", "ParameterValue", "Rule"]


@dataclass
class Law:
    """One namespace holds facts, parameters and rules. `version` is the hash of every file read."""

    facts: dict[str, Fact] = field(default_factory=dict)
    codes: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    version: str = ""
    add_working_days: Callable[[date, int], date] | None = None

    @staticmethod
    def load(path: Path, add_working_days: Callable[[date, int], date] | None = None) -> Law:
        """Read a folder of law. Raises LawError listing every problem with file and line."""
        reader = Reader(path)
        reader.read()
        check(reader)
        if reader.problems:
            raise LawError(reader.problems)
        return Law(
            reader.facts, reader.codes, reader.parameters, reader.rules, reader.units,
            reader.digest.hexdigest(), add_working_days,
        )  # fmt: skip

    def rule_at(self, name: str, on: date) -> Rule | None:
        return next((rule for rule in self.rules[name] if rule.in_force(on)), None)

    def parameter(self, name: str, on: date) -> ParameterValue | None:
        return self.parameters[name].at(on)

    def type_of(self, name: str) -> Type | None:
        if name in self.facts:
            return self.facts[name].type
        if name in self.parameters:
            return self.parameters[name].type
        if name in self.rules:
            return self.rules[name][0].type
        return None

    def case(self, facts: Mapping[str, Value]) -> Case:
        """One case, to be asked several rules: what they share is worked out once. Raises FactError."""
        from jiuye.policy.explain import Case

        return Case(self, facts)

    def explain(self, rule: str, facts: Mapping[str, Value], on: date) -> Outcome:
        """Decide one case; see `Outcome`. Raises FactError when a fact isn't what the law declares."""
        return self.case(facts).outcome(rule, on)

    def questions(self, rules: Sequence[str], facts: Mapping[str, Value], on: date) -> list[Fact]:
        """The facts that would decide these rules and that nobody supplied, cheapest supplier first."""
        case = self.case(facts)
        asked = frozenset(name for rule in rules for name in case.outcome(rule, on).ask)
        return [self.facts[name] for name in case.order(asked)]

    def columns(self, rules: Sequence[str], on: date) -> Program:
        """The same rules for a whole population; see `Program`. Raises NotColumnar."""
        from jiuye.policy.columns import Program

        return Program(self, rules, on)
