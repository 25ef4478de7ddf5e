"""The demonstration city: synthetic, deterministic, calibrated to the census. Loaded by the tables' owner.

    load(20_000, progress)        people with households, employers, work, contributions, registrations

Rooms above have a `demo` of their own, which `runtime.demonstration` runs after this one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import transaction

from jiuye.foundation import clock, history, names, sealing
from jiuye.foundation.identifiers import normalise
from jiuye.registry import employment
from jiuye.registry.demo import deliveries, loading, personas, source
from jiuye.registry.demo.firms import Employers, employers
from jiuye.registry.demo.population import People, Population
from jiuye.registry.demo.work import Law, Lives, Work
from jiuye.registry.facts.text import law
from jiuye.registry.fields import search_words
from jiuye.registry.models import Employer, Person

Progress = Callable[[str, int, int], None]

_PEOPLE: Final = "人员和就业"
_BIRTH: Final = date(1970, 1, 1).toordinal()


class NotADemonstrationError(RuntimeError):
    """Numbers of the demonstration would be refused here."""


def load(people: int = 20_000, progress: Progress = lambda what, done, total: None) -> None:
    """Make `people` inhabitants, the personas among them, in one transaction; memory doesn't grow with them.

    Raises NotADemonstrationError outside demonstration mode, RuntimeError where people are on file already.
    """
    if not settings.DEMONSTRATION:
        raise NotADemonstrationError("the demonstration city needs JIUYE_DEMONSTRATION=1")
    if Person.objects.exists() or Employer.objects.exists():
        raise RuntimeError("there are people on file already: the demonstration city needs an empty database")
    today = clock.today()
    with transaction.atomic(), history.maintenance():
        _personas(today)
        _inhabitants(max(people - len(personas.residents(today)), 0), today, progress)
        deliveries.load(today)
        employment.register_everybody()
        loading.analyse()


def _inhabitants(people: int, today: date, progress: Progress) -> None:
    drawn = source.load()
    places = _employers(drawn, people, today)
    population = Population(drawn, people, today)
    work = Work(drawn, places, today, _law(today))
    done = 0
    progress(_PEOPLE, 0, people)
    for rng, chunk, households in population.chunks():
        lives = work.live(rng, chunk)
        loading.load("registry_household", households)
        loading.load("registry_person", _person_rows(chunk, lives))
        _load_lives(lives)
        done += len(chunk)
        progress(_PEOPLE, done, people)


def _employers(drawn: source.Source, people: int, today: date) -> Employers:
    """All employers, loaded; those of the story come first and keep a staff of some size."""
    told = personas.employers()
    first = Employers(
        ids=[str(key) for key, _name, _code, _unit in told],
        names=[name for _key, name, _code, _unit in told],
        codes=[code for _key, _name, code, _unit in told],
        kinds=["ENT"] * len(told),
        industries=["14", "59"],
        units=[unit for _key, _name, _code, unit in told],
        weights=np.full(len(told), 0.004),
    )
    made = employers(drawn, people, today, first)
    now = clock.now()
    loading.load(
        "registry_employer",
        (
            (
                made.ids[n],
                made.codes[n],
                False,
                made.names[n],
                made.kinds[n],
                made.industries[n],
                made.units[n],
                now,
            )
            for n in range(len(told), len(made))
        ),
    )
    return made


def _law(today: date) -> Law:
    """What the law says today; of the past nothing else matters to the demonstration."""

    def value(name: str) -> Any:
        found = law().parameter(name, today)
        if found is None or found.value is None:
            raise LookupError(f"{name} has no value on {today}")
        return found.value

    return Law(
        least_months=int(value("ui_min_contribution_months")),
        months_a_year=int(value("ui_months_per_contribution_year")),
        cap=int(value("ui_months_cap")),
        registration_months=int(value("unemp_registration_validity_months")),
        involuntary=frozenset(value("involuntary_reasons")),
    )


def _personas(today: date) -> None:
    now = clock.now()
    people = personas.residents(today)
    loading.load(
        "registry_employer",
        [
            (str(key), code, False, name, "ENT", "14", unit, now)
            for key, name, code, unit in personas.employers()
        ],
    )
    homes = [f"00000000-0000-7000-8000-00000000020{place}" for place in range(len(people))]
    loading.load("registry_household", [(home, personas.COMMUNITY) for home in homes])
    chunk = People(
        ids=[str(one.id) for one in people],
        names=[one.name for one in people],
        document_types=["01"] * len(people),
        numbers=[one.number for one in people],
        birth=_days([one.birth for one in people]),
        age=_days([one.birth for one in people]),
        sex=_days_of([2 if one.female else 1 for one in people]),
        nationality=["156"] * len(people),
        hukou=[personas.DISTRICT] * len(people),
        residence=[personas.DISTRICT] * len(people),
        unit=[personas.COMMUNITY] * len(people),
        phones=[one.phone for one in people],
        addresses=[one.address for one in people],
        education=[one.education for one in people],
        category=[one.category for one in people],
        pension=["none"] * len(people),
        pension_since=_days_of([-1] * len(people)),
        household=homes,
    )
    loading.load("registry_person", _person_rows(chunk, Lives()))
    for table, row in personas.rows(today):
        loading.load(table, [row])
    accounts = [
        (
            f"00000000-0000-7000-8000-00000000030{place}",
            str(one.id),
            personas.COMMUNITY,
            one.bank,
            one.name,
            one.account,
        )
        for place, one in enumerate(people)
    ]
    loading.load("registry_payeeaccount", _account_rows(accounts))


def _days(days: list[date]) -> Any:
    return _days_of([day.toordinal() - _BIRTH for day in days])


def _days_of(numbers: list[int]) -> Any:
    return np.array(numbers, dtype=np.int64)


def _person_rows(people: People, lives: Lives) -> list[tuple[Any, ...]]:
    """Rows of registry_person, sealed and indexed as a column."""
    now = clock.now()
    sealed = _sealed("registry_person.document_number", people.ids, people.numbers)
    phones = _sealed("registry_person.phone", people.ids, people.phones)
    addresses = _sealed("registry_person.address", people.ids, people.addresses, index=False)
    return [
        (
            people.ids[n],
            people.names[n],
            names.pinyin_key(people.names[n]),
            search_words(people.names[n]),
            people.document_types[n],
            *sealed[n],
            date.fromordinal(int(people.birth[n]) + _BIRTH),
            str(people.sex[n]),
            people.nationality[n],
            people.hukou[n] or None,
            people.residence[n] or None,
            people.unit[n],
            *phones[n],
            addresses[n][0],
            people.education[n] or None,
            people.category[n] or None,
            people.pension[n] or None,
            None if people.pension_since[n] < 0 else date.fromordinal(int(people.pension_since[n]) + _BIRTH),
            lives.business_since.get(n),
            people.household[n] or None,
            now,
        )
        for n in range(len(people))
    ]


def _load_lives(lives: Lives) -> None:
    loading.load("registry_employmentspell", lives.spells)
    loading.load("registry_contributionspell", lives.paid)
    loading.load("registry_registration", lives.registrations)
    loading.load("registry_benefitperiod", lives.benefits)
    loading.load("registry_payeeaccount", _account_rows(lives.accounts))


def _account_rows(accounts: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    now = clock.now()
    values = _sealed(
        "registry_payeeaccount.number", [row[0] for row in accounts], [row[5] for row in accounts]
    )
    return [(*row[:5], *values[n], now) for n, row in enumerate(accounts)]


def _sealed(
    label: str, keys: list[str], values: list[str], index: bool = True
) -> list[tuple[bytes | None, bytes | None]]:
    """(sealed, blind index) of each value; None where there is none."""
    there = [place for place, value in enumerate(values) if value]
    some = [values[place] for place in there]
    boxes = sealing.seal_many(label, [keys[place] for place in there], some)
    marks = sealing.blind_many(label, [normalise(value) for value in some]) if index else [b""] * len(some)
    found: list[tuple[bytes | None, bytes | None]] = [(None, None)] * len(values)
    for place, box, mark in zip(there, boxes, marks, strict=True):
        found[place] = (box, mark)
    return found
