"""What a law is made of once it has been read: facts, parameters, conditions, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from jiuye.policy.language import Expression
from jiuye.policy.values import BOOL, Type, Value, plain

PERSON, OF_EMPLOYER = "person", "employer"  # whom a fact or rule is about
ENTITIES = (PERSON, OF_EMPLOYER)
SUPPLIERS = ("register", "person", "document", "staff")  # cheapest first: this is the order of asking


def in_force(first: date, last: date | None, on: date) -> bool:
    """Both ends belong to it; no end means until further notice."""
    return first <= on and (last is None or on <= last)


@dataclass(frozen=True)
class Fact:
    """A named value about a person or case, or an employer. `supplier` says who gives it first."""

    name: str
    type: Type
    label: Mapping[str, str]
    question: Mapping[str, str]
    supplier: str
    evidence: Mapping[str, str]
    hint: Mapping[str, str]
    place: int = 0  # in facts.yaml
    entity: str = PERSON

    @property
    def codes(self) -> str | None:
        return self.type.codes


@dataclass(frozen=True)
class ParameterValue:
    """One value in force from `first` to `last` (inclusive; None = until further notice)."""

    value: Value
    first: date
    last: date | None
    source: str
    status: str  # verified | recalled: nobody is paid or refused on a recalled value without a person
    confidence: Decimal | None
    note: str
    gap_before: str = ""  # why nothing was in force before it

    def in_force(self, on: date) -> bool:
        return in_force(self.first, self.last, on)

    @cached_property
    def shown(self) -> Mapping[str, Any]:
        """What an outcome says of it; not to be changed."""
        return {
            "value": plain(self.value),
            "from": None if self.first == date.min else self.first.isoformat(),
            "source": self.source,
            "status": self.status,
        }


@dataclass(frozen=True)
class Parameter:
    name: str
    label: Mapping[str, str]
    type: Type
    basis: str
    values: tuple[ParameterValue, ...]
    note: str = ""
    unit: str = ""  # as written, e.g. 元/月

    def at(self, on: date) -> ParameterValue | None:
        return next((item for item in self.values if item.in_force(on)), None)


@dataclass(frozen=True)
class ConditionText:
    """One named condition: an expression, or a group (`all`/`any`) of further conditions."""

    name: str
    basis: str
    label: Mapping[str, str]
    remedy: Mapping[str, str]
    when: Expression | None = None
    quantifier: str = "all"
    parts: tuple[ConditionText, ...] = ()

    def expressions(self) -> Iterator[Expression]:
        if self.when is not None:
            yield self.when
        for part in self.parts:
            yield from part.expressions()


@dataclass(frozen=True)
class ScheduleText:
    """`count` months from `first` on; `value` is worked out on the first day of each, `bind` sets facts."""

    first: Expression
    count: Expression
    value: Expression
    bind: Mapping[str, Expression] = field(default_factory=dict)


@dataclass
class Rule:
    """One version of a rule, in force `first`..`last`.

    goes_on: after `last` it still stands for those who meet this. excludes: benefits not to be had for the
    same month, `prefer` says which is better. stop_of: the rule whose `stops` this one gathers.
    choices: for a date after versions that go on: (whether it does, that version), oldest first, `base` being
    what stands for everybody else; such a rule reads as one text that chooses, see `transition`.
    """

    name: str
    id: str
    title: Mapping[str, str]
    basis: str
    first: date
    last: date | None
    given: Expression | None
    otherwise: Expression | None
    condition: ConditionText | None
    value: Expression | None
    schedule: ScheduleText | None
    unit: str | None
    where: str
    type: Type = BOOL
    note: str = ""
    entity: str = PERSON
    goes_on: ConditionText | None = None
    gap_before: str = ""
    excludes: tuple[str, ...] = ()
    prefer: Mapping[str, str] = field(default_factory=dict)
    stop_of: str = ""
    choices: tuple[tuple[ConditionText, Rule], ...] = ()
    base: Rule | None = None

    @property
    def kind(self) -> str:
        return "schedule" if self.schedule else "value" if self.value else "condition"

    def expressions(self) -> Iterator[Expression]:
        for item in (self.given, self.otherwise, self.value):
            if item is not None:
                yield item
        if self.condition:
            yield from self.condition.expressions()
        if self.schedule:
            yield from (self.schedule.first, self.schedule.count, self.schedule.value)
            yield from self.schedule.bind.values()
        if self.goes_on:
            yield from self.goes_on.expressions()

    def in_force(self, on: date) -> bool:
        return in_force(self.first, self.last, on)


@dataclass(frozen=True)
class Expiry:
    """A rule or parameter that ends with nothing to follow it. kind: rule, parameter."""

    kind: str
    name: str
    last: date
    title: Mapping[str, str]
