"""How the people of the synthetic city worked, paid in, lost their jobs and were helped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jiuye.policy.values import add_months
from jiuye.registry.demo.firms import Employers
from jiuye.registry.demo.numbers import Keys, account
from jiuye.registry.demo.population import People
from jiuye.registry.demo.source import MALE, Source, by_age, story

Array = NDArray[Any]
Row = tuple[Any, ...]
_EPOCH: Final = date(1970, 1, 1)
_EARLIEST: Final = (date(1999, 1, 1) - _EPOCH).days  # unemployment insurance begins
_YEAR: Final = 365.2425
_THREE_YEARS: Final = 1096  # days
_SLOTS: Final = 4  # jobs of one life, the latest first
OPEN: Final = 1 << 20  # a job that goes on


@dataclass(frozen=True)
class Law:
    """What the law says on that day about months of benefit, for awards of the past."""

    least_months: int
    months_a_year: int
    cap: int
    registration_months: int
    involuntary: frozenset[str]


@dataclass
class Lives:
    """Rows to be loaded, by table, in the order of the columns in `loading`."""

    spells: list[Row] = field(default_factory=list)
    paid: list[Row] = field(default_factory=list)
    registrations: list[Row] = field(default_factory=list)
    benefits: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)  # (key, person, unit, bank, holder, number)
    business_since: dict[int, date] = field(default_factory=dict)  # place of the person in the chunk


class Work:
    """Makes the lives of a chunk of people."""

    def __init__(self, source: Source, places: Employers, today: date, law: Law) -> None:
        self.source, self.places, self.law = source, places, law
        self.today, self.day = today, (today - _EPOCH).days
        self.keys = {
            name: Keys.of(today, kind)
            for kind, name in enumerate(
                ("spell", "paid", "registration", "benefit", "account", "award"), start=3
            )
        }
        self.shares = source.shares
        self.chances = places.weights / places.weights.sum()
        self.number = 0

    def live(self, rng: np.random.Generator, people: People) -> Lives:
        """Everything that happened to these people at work."""
        status = self._status(rng, people)
        starts, ends = self._jobs(rng, people, status)
        lives = Lives()
        self._enter_jobs(rng, people, starts, ends, lives)
        self._enter_registrations(rng, people, status, starts, ends, lives)
        self._by_themselves(rng, people, status, lives)
        return lives

    def _status(self, rng: np.random.Generator, people: People) -> Array:
        """w works, u registered unemployed, o worked before, f flexible, b business, n nothing of it."""
        shares, age, male = self.shares, people.age, people.sex == MALE
        rate = np.where(
            male, by_age(shares["working"]["male"], age), by_age(shares["working"]["female"], age)
        )
        pensioner = np.array([kind in ("employee", "resident") for kind in people.pension])
        dice = rng.random((4, len(people)))
        works = (dice[0] < rate) & ~pensioner
        jobless = ~works & ~pensioner & (age >= 20)
        status = np.full(len(people), "n")
        status[works] = "w"
        status[works & (dice[1] < shares["flexible"])] = "f"
        status[works & (dice[1] > 1 - shares["business"])] = "b"
        status[jobless & (dice[2] < shares["worked_before"])] = "o"
        limit = np.array([shares["retired_at"].get(one, 0) for one in people.category])
        status[jobless & (age < limit) & (dice[3] < shares["registered_unemployed"])] = "u"
        return status

    def _jobs(self, rng: np.random.Generator, people: People, status: Array) -> tuple[Array, Array]:
        """First and last day of each job, shape (slots, people), latest first; start -1 = none."""
        shares, size = self.shares, len(people)
        began = np.maximum(people.birth + ((18 + 5 * rng.random(size)) * _YEAR).astype(np.int64), _EARLIEST)
        starts = np.full((_SLOTS, size), -1, dtype=np.int64)
        ends = np.full((_SLOTS, size), OPEN, dtype=np.int64)
        month = rng.random(size) * shares["unemployed_months"] * 30.4
        long_ago = 60 + rng.random(size) * 2500
        last = np.select(
            [status == "u", np.isin(status, ("o", "f", "b"))],
            [self.day - 10 - month.astype(np.int64), self.day - long_ago.astype(np.int64)],
            OPEN,
        )
        alive = np.isin(status, ("w", "u", "o", "f", "b"))
        alive &= ~(np.isin(status, ("f", "b")) & (rng.random(size) < 0.4))
        for slot in range(_SLOTS):
            until = np.minimum(last, self.day)
            length = rng.exponential(shares["job_years"] * _YEAR, size).astype(np.int64) + 20
            start = np.maximum(until - length, began)
            alive = alive & (until - start >= 20)
            starts[slot] = np.where(alive, start, -1)
            ends[slot] = np.where(alive, last, OPEN)
            pause = rng.exponential(shares["gap_years"] * _YEAR, size).astype(np.int64)
            pause = np.where(rng.random(size) < shares["gap_share"], pause, 0)
            last = np.where(alive, start - 1 - pause, last)
            alive = alive & (rng.random(size) < shares["earlier_job"])
        return starts, ends

    def _enter_jobs(
        self, rng: np.random.Generator, people: People, starts: Array, ends: Array, lives: Lives
    ) -> None:
        shares = self.shares
        slot, who = np.nonzero(starts >= 0)
        size = len(who)
        keys = self.keys["spell"].take(rng, size)
        employer = rng.choice(len(self.places), size=size, p=self.chances)
        reasons = list(shares["reasons"])
        reason = rng.choice(reasons, size=size, p=np.array(list(shares["reasons"].values())))
        dark = rng.random(size) < shares["reason_unknown"]
        pay = shares["pay"]
        base = np.clip(pay["median"] * np.exp(rng.normal(0, pay["sigma"], size)), pay["least"], pay["most"])
        occupations = self.source.words["occupations"]
        occupation = rng.integers(0, len(occupations), size)
        late = rng.integers(0, 12, size)
        for place in range(size):
            one, start, end = (
                int(who[place]),
                int(starts[slot[place], who[place]]),
                int(ends[slot[place], who[place]]),
            )
            goes_on = end >= OPEN
            firm, unit = int(employer[place]), people.unit[one]
            lives.spells.append(
                (
                    keys[place],
                    people.ids[one],
                    self.places.ids[firm],
                    unit,
                    people.names[one],
                    people.numbers[one][-4:],
                    _day(start),
                    None if goes_on else _day(end),
                    "2" if place % 3 == 0 else "1",
                    _day(_term(start, self.day)) if place % 3 and goes_on else None,
                    occupations[occupation[place]],
                    None if goes_on or dark[place] else str(reason[place]),
                    _day(min(start + int(late[place]), self.day)),
                    None if goes_on else _day(min(end + int(late[place]), self.day)),
                    "demo",
                )
            )
            self._pay(rng, lives, people.ids[one], unit, firm, start, end, int(base[place]) * 100)

    def _pay(
        self,
        rng: np.random.Generator,
        lives: Lives,
        person: str,
        unit: str,
        firm: int,
        start: int,
        end: int,
        cents: int,
    ) -> None:
        """Contributions of a job: from the month of its start or the next, so that no month counts twice."""
        first, last = months_of(start, min(end, OPEN), self.today)
        if last < first:
            return
        lives.paid.append(
            (
                self.keys["paid"].take(rng, 1)[0],
                person,
                self.places.ids[firm],
                unit,
                first,
                last,
                cents,
                self.places.units[firm][:6],
                False,
                None if end >= OPEN else _day(end),
            )
        )

    def _enter_registrations(
        self,
        rng: np.random.Generator,
        people: People,
        status: Array,
        starts: Array,
        ends: Array,
        lives: Lives,
    ) -> None:
        """Registered now, or in an earlier gap; some drew benefit."""
        shares = self.shares
        reasons = {(row[1], row[7]): row[11] for row in lives.spells}
        months = _months_before(lives.paid)
        for one in np.flatnonzero(status == "u"):
            end = int(ends[0, one])
            if starts[0, one] < 0:
                self._register(rng, people, int(one), self.day - int(rng.integers(5, 300)), None, "10", lives)
                continue
            opened = min(end + int(rng.integers(2, 40)), self.day)
            reason = reasons.get((people.ids[one], _day(end)))
            self._register(rng, people, int(one), opened, None, "24" if reason == "10" else "21", lives)
            if reason in self.law.involuntary and rng.random() < shares["claimed"]:
                self._award(rng, people, int(one), opened, None, months, lives)
        gap = (starts[0] >= 0) & (starts[1] >= 0) & (starts[0] - ends[1] > 75)
        again = gap & np.isin(status, ("w", "o")) & (rng.random(len(people)) < shares["registered_in_gap"])
        for one in np.flatnonzero(again):
            opened = int(ends[1, one]) + int(rng.integers(2, 40))
            hired = int(starts[0, one])
            reason = reasons.get((people.ids[one], _day(int(ends[1, one]))))
            self._register(rng, people, int(one), opened, hired, "24" if reason == "10" else "21", lives)
            if reason in self.law.involuntary and rng.random() < shares["claimed_in_gap"]:
                self._award(rng, people, int(one), opened, hired, months, lives)

    def _register(
        self,
        rng: np.random.Generator,
        people: People,
        one: int,
        opened: int,
        closed: int | None,
        why: str,
        lives: Lives,
    ) -> None:
        first = _day(opened)
        lives.registrations.append(
            (
                self.keys["registration"].take(rng, 1)[0],
                people.ids[one],
                people.unit[one],
                "unemployment",
                first,
                why,
                add_months(first, self.law.registration_months),
                None if closed is None else _day(closed),
                None if closed is None else "02",
                None,
            )
        )

    def _award(
        self,
        rng: np.random.Generator,
        people: People,
        one: int,
        opened: int,
        hired: int | None,
        months: dict[str, list[tuple[date, date]]],
        lives: Lives,
    ) -> None:
        """A benefit period by the law's arithmetic on what had been paid in by then."""
        assessed = _day(opened)
        first = assessed.replace(day=1)
        paid = sum(_count(a, min(b, first)) for a, b in months.get(people.ids[one], ()) if a <= first)
        count = min(self.law.cap, self.law.months_a_year * (paid // 12))
        if paid < self.law.least_months or count == 0:
            return
        stop = None if hired is None else _next_month(_day(hired))
        last = _add(first, count - 1)
        stopped = stop if stop is not None and stop <= last else None
        lives.benefits.append(
            (
                self.keys["benefit"].take(rng, 1)[0],
                people.ids[one],
                people.unit[one],
                story().benefit,
                "ordinary",
                assessed,
                first,
                last,
                stopped,
                "reemployed" if stopped else None,
                12 * (count // self.law.months_a_year),
                self.keys["award"].take(rng, 1)[0],
            )
        )
        banks = self.source.words["banks"]
        self.number += 1
        lives.accounts.append(
            (
                self.keys["account"].take(rng, 1)[0],
                people.ids[one],
                people.unit[one],
                banks[int(rng.integers(len(banks)))],
                people.names[one],
                account(self.number),
            )
        )

    def _by_themselves(self, rng: np.random.Generator, people: People, status: Array, lives: Lives) -> None:
        """Flexible workers are registered as such; others hold a licence."""
        for one in np.flatnonzero(status == "f"):
            since = self.day - int(rng.integers(30, 2000))
            opened = _day(since)
            lives.registrations.append(
                (
                    self.keys["registration"].take(rng, 1)[0],
                    people.ids[one],
                    people.unit[one],
                    "flexible",
                    opened,
                    "1",
                    None,
                    None,
                    None,
                    None,
                )
            )
        for one in np.flatnonzero(status == "b"):
            lives.business_since[int(one)] = _day(self.day - int(rng.integers(30, 2000)))


def _term(start: int, today: int) -> int:
    """Last day of a contract for three years, renewed as often as needed to reach beyond today."""
    return start + (max(today - start, 0) // _THREE_YEARS + 1) * _THREE_YEARS - 1


def months_of(start: int, end: int, today: date) -> tuple[date, date]:
    """First and last month paid in for a job: whole halves of months, never one month for two jobs.

    A job that goes on is paid until last month.
    """
    begin = _day(start)
    first = begin.replace(day=1) if begin.day <= 15 else _next_month(begin)
    if end >= OPEN:
        return first, _add(today.replace(day=1), -1)
    last_day = _day(end)
    last = last_day.replace(day=1)
    return first, last if last_day.day > 15 else _add(last, -1)


def _months_before(paid: list[Row]) -> dict[str, list[tuple[date, date]]]:
    found: dict[str, list[tuple[date, date]]] = {}
    for row in paid:
        found.setdefault(row[1], []).append((row[4], row[5]))
    return found


def _count(first: date, last: date) -> int:
    return max((last.year - first.year) * 12 + last.month - first.month + 1, 0)


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=int(number))


def _add(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _next_month(day: date) -> date:
    return _add(day.replace(day=1), 1)
