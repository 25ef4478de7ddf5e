"""Everybody in the registers as the tools of the law take them: columns, with the district beside each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from jiuye.cities.population import People
from jiuye.registry.facts.batch import batch
from jiuye.registry.models import Person

DISTRICT = 6  # digits of a unit's code


def everybody(on: date, names: Iterable[str], employer_names: Iterable[str] = ()) -> People:
    """All people within the actor's scope, as known on that day; groups: district (code, "?" unknown)."""
    got = batch(on, names=names, employer_names=employer_names)
    units = dict(Person.objects.values_list("pk", "unit_code"))
    ids = [got.id(row) for row in range(len(got))]
    firms = got.employers.columns if got.employers is not None else None
    people = People([str(key) for key in ids], got.columns, got.words, got.household, got.employer, firms)
    people.groups["district"] = [units.get(key, "?")[:DISTRICT] for key in ids]
    return people
