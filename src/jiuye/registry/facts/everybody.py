"""Everybody in the registers as the tools of the law take them: columns, with the district beside each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from jiuye.cities.groups import DIGITS, DISTRICT, UNKNOWN
from jiuye.cities.people import People, Rows
from jiuye.registry.facts.batch import Batch, batch
from jiuye.registry.models import Employer, Person


def everybody(on: date, names: Iterable[str], employer_names: Iterable[str] = ()) -> People:
    """All people and employers within the actor's scope, as known on that day; groups: district (code)."""
    got = batch(on, names=names, employer_names=employer_names)
    people = _rows(got, dict(Person.objects.values_list("pk", "unit_code")))
    firms = got.employers
    employers = None if firms is None else _rows(firms, dict(Employer.objects.values_list("pk", "unit_code")))
    return People(
        people.ids,
        people.columns,
        people.words,
        people.groups,
        household=got.household,
        employer=got.employer,
        employers=employers,
    )


def _rows(got: Batch, units: Mapping[Any, str]) -> Rows:
    keys = [got.id(row) for row in range(len(got))]
    districts = [units.get(key, "")[:DIGITS] or UNKNOWN for key in keys]
    return Rows([str(key) for key in keys], got.columns, got.words, {DISTRICT: districts})
