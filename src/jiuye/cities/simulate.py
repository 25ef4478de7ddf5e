"""What if: a law with other values of parameters, and what it costs month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from jiuye.cities.answers import Answer, Progress, answers, quietly
from jiuye.cities.comparing import looks_at_nobody, read, rows_of
from jiuye.cities.effects import people_or_employers
from jiuye.cities.facts import typed
from jiuye.cities.groups import Groups
from jiuye.cities.people import People, Rows, Source
from jiuye.policy import FactError, Law
from jiuye.policy.parts import OF_EMPLOYER, PERSON, ParameterValue
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
    """The law with those values; without any itself. FactError: no such parameter, not its kind."""
    if not supposed:
        return law
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
    """Of one rule in one month: who meets it and the sum of its amounts, without and with the change.

    `entity`: of whom it counts, persons or employers. Of a schedule: who is paid in that month and how much,
    if everybody were granted on the first day.
    """

    rule: str
    month: Month
    people: tuple[int, int]
    amount: tuple[Decimal, Decimal]
    entity: str = PERSON

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "for": self.entity,
            "month": str(self.month),
            "people": list(self.people),
            "amount": [str(one) for one in self.amount],
        }


def by_month(
    laws: tuple[Law, Law],
    rules: Sequence[str],
    months: Sequence[Month],
    source: Source,
    today: date,
    progress: Progress = quietly,
) -> tuple[list[MonthOf], dict[str, str], People]:
    """The rules put to the same people on the first day of each month (of this month: today), with that day's
    law; a schedule once, on the first of these days. Rules that look at nobody's facts have nobody to count.
    Of rules that couldn't be asked why. Raises what the source raises.
    """
    days = [today if month == Month.of_date(today) else month.first_day for month in months]
    rules = [name for name in rules if not looks_at_nobody(laws, name, days)]
    people = read(laws, rules, source, Groups(), days)
    out: list[MonthOf] = []
    failed: dict[str, str] = {}
    for entity in (PERSON, OF_EMPLOYER):
        rows = rows_of(people, entity)
        mine = [name for name in rules if people_or_employers(laws, name) == entity] if len(rows) else []
        plans = [name for name in mine if any(is_schedule(law, name) for law in laws)]
        flat = [name for name in mine if name not in plans]
        if plans:
            both, wrong = _both(laws, plans, days[0], rows, progress)
            failed |= wrong
            for name in plans:
                if name not in wrong:
                    out += [_of_schedule(name, month, both, entity) for month in months]
        for number, month in enumerate(months if flat else ()):
            both, wrong = _both(laws, flat, days[number], rows, quietly)
            failed |= wrong
            progress("months", number + 1, len(months))
            out += [
                MonthOf(
                    name,
                    month,
                    (int(both[0][name].met.sum()), int(both[1][name].met.sum())),
                    (both[0][name].total(), both[1][name].total()),
                    entity,
                )
                for name in flat
                if name not in wrong
            ]
    order = {name: number for number, name in enumerate(rules)}
    return sorted(out, key=lambda row: (order[row.rule], row.month)), failed, people


def is_schedule(law: Law, name: str) -> bool:
    return any(rule.schedule is not None for rule in law.rules.get(name, ()))


def _both(
    laws: tuple[Law, Law], rules: Sequence[str], on: date, rows: Rows, progress: Progress
) -> tuple[list[dict[str, Answer]], dict[str, str]]:
    found: list[dict[str, Answer]] = []
    failed: dict[str, str] = {}
    for law in laws:
        got, wrong = answers(law, rules, on, rows, progress)
        found.append(got)
        failed |= wrong
    return found, failed


def _of_schedule(name: str, month: Month, both: Sequence[Mapping[str, Answer]], entity: str) -> MonthOf:
    (was, before), (now, after) = (answer[name].months.get(month, (0, Decimal(0))) for answer in both)
    return MonthOf(name, month, (was, now), (before, after), entity)
