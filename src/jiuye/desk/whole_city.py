"""Another law over everybody on file: `jiuye law diff`, the lead's pages, the sandbox of the law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from jiuye.cities import groups
from jiuye.cities.answers import Progress, quietly
from jiuye.cities.comparing import Comparison, compare
from jiuye.cities.people import People
from jiuye.desk import city
from jiuye.foundation import scope
from jiuye.policy import Law
from jiuye.policy.parts import OF_EMPLOYER, PERSON
from jiuye.registry.facts.everybody import everybody


class Registers:
    """Everybody on file with their households and employers; as the system, which alone sees all."""

    def read(self, on: date, names: frozenset[str], employer_names: frozenset[str]) -> People:
        """What the law in force doesn't know as a fact the registers can't have: it stays unknown.

        What only people themselves could say is supposed as groups.yaml does, and said so.
        """
        with scope.elevated("another law is put to everybody"):
            people = everybody(on, _declared(names, PERSON), _declared(employer_names, OF_EMPLOYER))
        law = city.law()
        people.suppose(law, groups.read(city.folder()).supposed(law, on, names))
        return people


def _declared(names: Iterable[str], entity: str) -> list[str]:
    known = city.law().facts
    return sorted(name for name in names if name in known and known[name].entity == entity)


def over_registers(
    a: Law, b: Law, on: date, rules: Iterable[str] | None = None, progress: Progress = quietly
) -> Comparison:
    """What `b` makes of everybody on file instead of `a`, on that day."""
    asked = None if rules is None else list(rules)
    return compare(a, b, Registers(), groups.read(city.folder()), on, asked, progress)
