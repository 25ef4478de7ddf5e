"""What if: a law with other values of parameters, and what it costs month by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import numpy as np

from jiuye.cities.facts import typed
from jiuye.cities.population import People
from jiuye.policy import FactError, Law, State
from jiuye.policy.columns.layout import NULL_NUMBER
from jiuye.policy.parts import ParameterValue
from jiuye.policy.values import Month, Value

ASSUMED = "supposed"


@dataclass(frozen=True)
class Supposed:
    """A parameter's value from a day on (None: always), in place of whatever the law says from then."""

    name: str
    value: str
    first: date | None

    @staticmethod
    def parse(text: str) -> Supposed:
        """`name=value` or `name=value@YYYY-MM-DD`. FactError for another form."""
        name, equals, rest = text.partition("=")
        raw, _at, day = rest.partition("@")
        if not (name and equals and raw):
            raise FactError(f"{text}: write name=value or name=value@YYYY-MM-DD")
        try:
            return Supposed(name.strip(), raw.strip(), date.fromisoformat(day.strip()) if day else None)
        except ValueError:
            raise FactError(f"{text}: not a date: {day}") from None


def supposing(law: Law, supposed: Sequence[Supposed]) -> Law:
    """The law with those values. FactError for an unknown parameter or a value of another kind."""
    parameters = dict(law.parameters)
    for one in supposed:
        if one.name not in parameters:
            raise FactError(f"no parameter is called {one.name}")
        parameter = parameters[one.name]
        value = _value(one, parameter.type.kind, law)
        first = one.first or date.min
        kept = [
            replace(old, last=min(old.last or date.max, first - timedelta(days=1)))
            for old in parameter.values
            if old.first < first
        ]
        fresh = ParameterValue(value, first, None, ASSUMED, "verified", None, ASSUMED)
        parameters[one.name] = replace(parameter, values=(*kept, fresh))
    version = sha256(f"{law.version} {[str(one) for one in supposed]}".encode()).hexdigest()
    return replace(law, parameters=parameters, version=version, _together={})


def _value(one: Supposed, kind: str, law: Law) -> Value:
    of = law.parameters[one.name].type
    if kind == "number":
        try:
            number = Decimal(one.value)
        except InvalidOperation:
            raise FactError(f"{one.name} is a number, not {one.value}") from None
        if of.exact and number != int(number):
            raise FactError(f"{one.name} is a whole number, not {one.value}")
        return int(number) if number == int(number) else number
    if kind == "bool" and one.value in ("true", "false"):
        return one.value == "true"
    if kind in ("table", "mixed"):
        raise FactError(f"{one.name} is a {kind}: change it in a folder of law")
    if kind == "list":
        return tuple(one.value.split(","))
    return typed(of, one.value)


@dataclass(frozen=True)
class MonthOf:
    """Of one rule in one month: who meets it and the sum of its amounts, without and with the change."""

    rule: str
    month: Month
    people: tuple[int, int]
    amount: tuple[Decimal, Decimal]

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "month": str(self.month),
            "people": list(self.people),
            "amount": [str(one) for one in self.amount],
        }


def by_month(
    laws: tuple[Law, Law], rules: Sequence[str], months: Sequence[Month], people: People
) -> list[MonthOf]:
    """The rules put to the same people on the first day of each month, with that day's law."""
    out = []
    for month in months:
        answers = []
        for law in laws:
            program = law.columns(rules, month.first_day)
            columns = {name: column for name, column in people.columns.items() if name in law.facts}
            answers.append(
                program.run(
                    columns,
                    len(people),
                    household=people.household,
                    employer=people.employer if people.employers else None,
                    employers=people.employers or None,
                )
            )
        for name in rules:
            counts, sums = [], []
            for answer in answers:
                result = answer[name]
                met = result.state == State.MET
                counts.append(int(met.sum()))
                total = Decimal(0)
                if result.value is not None and result.type.kind == "number":
                    amounts = np.where(met & (result.value != NULL_NUMBER), result.value, 0)
                    total = Decimal(int(amounts.astype(np.int64).sum())).scaleb(-result.scale)
                sums.append(total)
            out.append(MonthOf(name, month, (counts[0], counts[1]), (sums[0], sums[1])))
    return out
