"""A city's law: facts, code tables, dated parameters and rules, read from a folder and ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jiuye.policy import contradictions
from jiuye.policy.checks import check
from jiuye.policy.errors import LawError
from jiuye.policy.parts import SUPPLIERS, Expiry, Fact, Parameter, ParameterValue, Rule
from jiuye.policy.reader import Reader
from jiuye.policy.transition import chosen
from jiuye.policy.values import Type
from jiuye.policy.working_days import WorkingCalendar

if TYPE_CHECKING:
    from jiuye.policy.columns import Program
    from jiuye.policy.explain import Case, Outcome
    from jiuye.policy.sql import Statement, Tables

__all__ = ["Expiry", "Fact", "Law", "Parameter", "ParameterValue", "Rule"]

Given = Mapping[str, Any]  # facts by name; a member's may also hold `employer`, a mapping of the same form


@dataclass
class Law:
    """One namespace holds facts, parameters and rules. `version` is the hash of every file read.

    warnings: what is odd about the text and no error, as "file:line: message".
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    codes: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    units: dict[str, str | None] = field(default_factory=dict)
    version: str = ""
    calendar: WorkingCalendar | None = None
    warnings: tuple[str, ...] = ()
    _asking: dict[str, tuple[int, int, int, int]] = field(default_factory=dict, repr=False)
    _together: dict[str, dict[tuple[int, ...], Rule]] = field(default_factory=dict, repr=False)
    _declared: dict[str, tuple[Type, str | None] | None] = field(default_factory=dict, init=False, repr=False)
    _going_on: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    def __post_init__(self) -> None:
        self._going_on = frozenset(
            name for name, versions in self.rules.items() if any(rule.goes_on for rule in versions)
        )

    @staticmethod
    def load(path: Path, calendar: WorkingCalendar | None = None) -> Law:
        """Read a folder of law. Raises LawError listing every problem with file and line.

        calendar: of working days; without one what rests on them is unknown.
        """
        reader = Reader(path)
        reader.read()
        check(reader)
        if not reader.problems:
            contradictions.find(reader)
        if reader.problems:
            raise LawError(reader.problems)
        return Law(
            reader.facts, reader.codes, reader.parameters, reader.rules, reader.units,
            reader.digest.hexdigest(), calendar, tuple(reader.warnings),
        )  # fmt: skip

    @property
    def add_working_days(self) -> Callable[[date, int], date] | None:
        """The n-th working day after a day. OverflowError, ValueError where there is none."""
        return None if self.calendar is None else self.calendar.add_to

    def rule_at(self, name: str, on: date) -> Rule | None:
        """What stands on that day. After versions that go on for some it is one text that chooses."""
        versions = self.rules[name]
        if name in self._going_on:
            return chosen(versions, on, self._together.setdefault(name, {}))
        for rule in versions:
            if rule.first <= on and (rule.last is None or on <= rule.last):
                return rule
        return None

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

    def entity_of(self, name: str) -> str | None:
        """Whom a fact or rule is about; None for what is about nobody."""
        if name in self.facts:
            return self.facts[name].entity
        return self.rules[name][0].entity if name in self.rules else None

    def declared(self, name: str) -> tuple[Type, str | None] | None:
        """Type of a name and whom it is about, kept; None when nothing is called so."""
        if name not in self._declared:
            of = self.type_of(name)
            self._declared[name] = None if of is None else (of, self.entity_of(name))
        return self._declared[name]

    def fact(self, name: str) -> Fact:
        """The fact behind a name as `ask` has it: `name`, `employer.name` or `members[0].name`.

        The fact is called by the whole of that name.
        """
        found = self.facts[name.rpartition(".")[2]]
        return found if found.name == name else replace(found, name=name)

    def asking_order(self, name: str) -> tuple[int, int, int, int]:
        """Sorts names of `ask`: cheapest supplier, then the case, its employer, the members."""
        found = self._asking.get(name)
        if found is None:
            found = self._asking[name] = self._asking_order(name)
        return found

    def _asking_order(self, name: str) -> tuple[int, int, int, int]:
        prefix, _, own = name.rpartition(".")
        fact = self.facts[own]
        member = int(prefix[8 : prefix.index("]")]) + 1 if prefix.startswith("members[") else 0
        return SUPPLIERS.index(fact.supplier), member, prefix.endswith("employer"), fact.place

    # -- asking --------------------------------------------------------

    def case(
        self, facts: Given, members: Sequence[Given] | None = None, employer: Given | None = None
    ) -> Case:
        """One case, to be asked several rules: what they share is worked out once. Raises FactError."""
        from jiuye.policy.explain import Case

        return Case(self, facts, members, employer)

    def explain(
        self,
        rule: str,
        facts: Given,
        on: date,
        members: Sequence[Given] | None = None,
        employer: Given | None = None,
    ) -> Outcome:
        """Decide one case; see `Case` and `Outcome`. Raises FactError for facts that aren't as declared."""
        return self.case(facts, members, employer).outcome(rule, on)

    def questions(
        self,
        rules: Sequence[str],
        facts: Given,
        on: date,
        members: Sequence[Given] | None = None,
        employer: Given | None = None,
    ) -> list[Fact]:
        """The facts that would decide these rules and that nobody supplied, cheapest supplier first.

        Those of the employer or of a member are called as in `ask`.
        """
        case = self.case(facts, members, employer)
        asked = frozenset(name for rule in rules for name in case.outcome(rule, on).ask)
        return [self.fact(name) for name in case.order(asked)]

    # -- the law itself --------------------------------------------------------

    def excluded(self, name: str) -> tuple[str, ...]:
        """Benefits not to be had for the same month as this one, whichever of the two says so."""
        own = {other for rule in self.rules[name] for other in rule.excludes}
        return tuple(
            other
            for other, versions in self.rules.items()
            if other in own or any(name in rule.excludes for rule in versions)
        )

    def expiring(self, on: date, days: int = 90) -> list[Expiry]:
        """Rules and parameters in force that end within `days` with nothing to follow, soonest first."""
        until = on + timedelta(days=days)

        def ending(items: Sequence[Rule] | Sequence[ParameterValue]) -> Iterator[date]:
            for item in items:
                if item.in_force(on) and item.last is not None and item.last <= until:
                    after = item.last + timedelta(days=1)
                    if not any(other.in_force(after) for other in items):
                        yield item.last

        found = [
            Expiry("rule", name, last, versions[-1].title)
            for name, versions in self.rules.items()
            if not versions[0].stop_of
            for last in ending(versions)
        ]
        found += [
            Expiry("parameter", name, last, parameter.label)
            for name, parameter in self.parameters.items()
            for last in ending(parameter.values)
        ]
        return sorted(found, key=lambda item: (item.last, item.kind == "parameter", item.name))

    def columns(self, rules: Sequence[str], on: date) -> Program:
        """The same rules for a whole population; see `Program`. Raises NotColumnar."""
        from jiuye.policy.columns import Program

        return Program(self, rules, on)

    def sql(self, rules: Sequence[str], on: date, dialect: str, tables: Tables | None = None) -> Statement:
        """The same rules as one SELECT for postgresql, duckdb, spark; see `Statement`. Raises NotColumnar."""
        from jiuye.policy.sql import Statement

        return Statement(self, rules, on, dialect, tables)
