"""People and households of the synthetic city, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jiuye.registry.demo.numbers import IdentityNumbers, Keys, phone
from jiuye.registry.demo.source import EDUCATION, FEMALE, MALE, SEED, Source, apportion, by_age

Array = NDArray[Any]
CHUNK: Final = 10_000
GROWN_UP: Final = 16
_ADULT: Final = 22
_YEAR: Final = 365.2425
_LEVELS: Final = np.array(list(EDUCATION.values()))


@dataclass
class People:
    """Columns of one chunk. Days count from 1970-01-01; '' stands for nothing."""

    ids: list[str]
    names: list[str]
    document_types: list[str]
    numbers: list[str]
    birth: Array
    age: Array  # years with fraction
    sex: Array
    nationality: list[str]
    hukou: list[str]
    residence: list[str]
    unit: list[str]
    phones: list[str]
    addresses: list[str]
    education: list[str]
    category: list[str]  # retirement_category
    pension: list[str]
    pension_since: Array  # days, -1 = none
    household: list[str]

    def __len__(self) -> int:
        return len(self.ids)


class Population:
    """`people` inhabitants as of `today`, always the same."""

    def __init__(self, source: Source, people: int, today: date) -> None:
        self.source, self.people = source, people
        self.today = (today - date(1970, 1, 1)).days
        self.numbers = IdentityNumbers()
        self.person_keys, self.household_keys = Keys.of(today, 0), Keys.of(today, 1)
        cells = np.repeat(np.arange(len(source.cells.people)), apportion(source.cells.people, people))
        self.cells = np.random.default_rng([SEED, 0]).permutation(cells.astype(np.int32))

    def chunks(self) -> Iterator[tuple[np.random.Generator, People, list[tuple[str, str]]]]:
        """(random numbers of the chunk, its people, its households as (key, unit))."""
        for number, start in enumerate(range(0, self.people, CHUNK), start=1):
            rng = np.random.default_rng([SEED, number])
            people, households = self._chunk(rng, self.cells[start : start + CHUNK], start)
            yield rng, people, households

    def _chunk(
        self, rng: np.random.Generator, cell: Array, start: int
    ) -> tuple[People, list[tuple[str, str]]]:
        cells, shares, size = self.source.cells, self.source.shares, len(cell)
        district, sex = cells.district[cell], cells.sex[cell]
        low, high = cells.age_from[cell], cells.age_to[cell]
        age = low + rng.random(size) * (high - low)
        birth = (self.today - age * _YEAR).astype(np.int64)
        member_of, households = self._households(rng, district, sex, age)
        units = [unit for _key, unit in households]
        surnames = self._surnames(rng, sex, age, member_of)
        foreign = rng.random(size) < shares["names"]["foreign"]
        names = self._names(rng, surnames, sex, foreign)
        education = self._education(rng, district, sex, age)
        category = _category(rng, sex, age, education, shares)
        pension, since = self._pension(rng, age, birth, category)
        grown = age >= GROWN_UP
        numbers = self.numbers.take(birth, sex)
        places = member_of.tolist()
        people = People(
            ids=self.person_keys.take(rng, size),
            names=names,
            document_types=["08" if one else "01" for one in foreign],
            numbers=[
                f"DEMO{start + place:08d}" if one else numbers[place] for place, one in enumerate(foreign)
            ],
            birth=birth,
            age=age,
            sex=sex,
            nationality=_pick(rng, self.source.words["nationalities"], foreign, "156"),
            hukou=self._hukou(rng, district, age, foreign),
            residence=[self.source.districts[place] for place in district],
            unit=[units[place] for place in places],
            phones=[phone(start + place) if one else "" for place, one in enumerate(grown)],
            addresses=[
                _address(place, rooms)
                for place, rooms in zip(places, rng.integers(101, 2999, size), strict=True)
            ],
            education=education,
            category=category,
            pension=pension,
            pension_since=since,
            household=[households[place][0] for place in places],
        )
        return people, households

    # -- households ---------------------------------------------------------------------------

    def _households(
        self, rng: np.random.Generator, district: Array, sex: Array, age: Array
    ) -> tuple[Array, list[tuple[str, str]]]:
        """Which household of the list each belongs to. Couples, then those alone, then children with them."""
        member_of = np.full(len(district), -1, dtype=np.int64)
        homes: list[int] = []  # district of each
        mothers: list[tuple[int, float]] = []
        for place in np.unique(district):
            here = district == place
            self._couples(rng, np.flatnonzero(here), sex, age, member_of, homes, mothers, int(place))
        self._children(rng, sex, age, district, member_of, homes, mothers)
        units = self._units(rng, homes)
        keys = self.household_keys.take(rng, len(homes))
        return member_of, list(zip(keys, units, strict=True))

    def _couples(
        self,
        rng: np.random.Generator,
        here: Array,
        sex: Array,
        age: Array,
        member_of: Array,
        homes: list[int],
        mothers: list[tuple[int, float]],
        district: int,
    ) -> None:
        adult = here[age[here] >= 22]
        men, women = adult[sex[adult] == MALE], adult[sex[adult] == FEMALE]
        men = men[np.argsort(age[men] + rng.normal(0, 2, len(men)))]
        women = women[np.argsort(age[women] + 2 + rng.normal(0, 2, len(women)))]
        together = rng.random(min(len(men), len(women))) < self.source.shares["couples"]
        for man, woman in zip(men[: len(together)][together], women[: len(together)][together], strict=True):
            member_of[man] = member_of[woman] = len(homes)
            mothers.append((len(homes), float(age[woman])))
            homes.append(district)
        alone = self.source.shares["alone"]
        couples = np.flatnonzero(np.array(homes) == district).tolist() if homes else []
        there: list[int] = list(couples)
        for one in here[(age[here] >= GROWN_UP) & (member_of[here] < 0)]:
            if there and rng.random() >= alone:  # with parents, grown children, others
                member_of[one] = there[int(rng.integers(len(there)))]
                continue
            member_of[one] = len(homes)
            there.append(len(homes))
            homes.append(district)

    def _children(
        self,
        rng: np.random.Generator,
        sex: Array,
        age: Array,
        district: Array,
        member_of: Array,
        homes: list[int],
        mothers: list[tuple[int, float]],
    ) -> None:
        """Each child with a couple of its district of a fitting age, else in any household there."""
        youngest, oldest = self.source.shares["one_child_gap"]
        at = np.array([homes[home] for home, _age in mothers], dtype=np.int64)
        homes_of = np.array([home for home, _age in mothers], dtype=np.int64)
        ages = np.array([of for _home, of in mothers])
        for child in np.flatnonzero(member_of < 0):
            gap = ages - age[child]
            fitting = homes_of[(at == district[child]) & (gap >= youngest) & (gap <= oldest)]
            if not len(fitting):
                fitting = np.flatnonzero(np.array(homes) == district[child])
            if not len(fitting):
                fitting = np.array([len(homes)])
                homes.append(int(district[child]))
            member_of[child] = fitting[rng.integers(len(fitting))]

    def _units(self, rng: np.random.Generator, homes: list[int]) -> list[str]:
        """The community of each household, or only its district where nobody reported it."""
        known = rng.random(len(homes)) >= self.source.shares["unit_unknown"]
        dice = rng.random(len(homes))
        units = []
        for place, home in enumerate(homes):
            communities = self.source.communities[home]
            code = communities[int(dice[place] * len(communities))]
            units.append(code if known[place] else self.source.districts[home])
        return units

    # -- names --------------------------------------------------------------------------------

    def _surnames(self, rng: np.random.Generator, sex: Array, age: Array, member_of: Array) -> list[str]:
        """By frequency; children are called as the man of their household."""
        source = self.source
        drawn = rng.choice(len(source.surnames), size=len(sex), p=source.surname_weights)
        rare = rng.random(len(sex)) < source.shares["names"]["rare_surname"]
        odd = rng.integers(0, len(source.words["rare_surnames"]), len(sex))
        names = [
            source.words["rare_surnames"][odd[place]] if rare[place] else source.surnames[drawn[place]]
            for place in range(len(sex))
        ]
        fathers = {
            int(member_of[place]): names[place] for place in np.flatnonzero((sex == MALE) & (age >= 22))
        }
        for child in np.flatnonzero(age < 22):
            names[child] = fathers.get(int(member_of[child]), names[child])
        return names

    def _names(self, rng: np.random.Generator, surnames: list[str], sex: Array, foreign: Array) -> list[str]:
        source, size = self.source, len(surnames)
        shares, words = source.shares["names"], source.words
        pairs = np.empty((size, 2), dtype=np.int64)
        for one in (MALE, FEMALE):
            mine = sex == one
            pairs[mine] = rng.choice(
                len(source.characters), size=(int(mine.sum()), 2), p=source.character_weights[one]
            )
        dice, pick = rng.random((size, 4)), rng.integers(0, 1 << 30, (size, 2))
        found = []
        for place, surname in enumerate(surnames):
            first, second = (source.characters[number] for number in pairs[place])
            common, (one, other) = source.given_names[int(sex[place])], pick[place]
            if foreign[place]:
                found.append(f"{_of(words['latin_given'], one)} {_of(words['latin_family'], other)}")
            elif dice[place, 0] < shares["dotted"]:
                found.append(f"{_of(words['dotted_given'], one)}·{_of(words['dotted_family'], other)}")
            elif dice[place, 1] < shares["common_given"]:
                found.append(surname + _of(common, one))
            elif dice[place, 2] < shares["rare_character"]:
                found.append(surname + first + _of(words["rare_characters"], other))
            else:
                found.append(
                    surname + (first if dice[place, 3] < shares["one_character"] else first + second)
                )
        return found

    # -- what the register knows of them ------------------------------------------------------

    def _education(self, rng: np.random.Generator, district: Array, sex: Array, age: Array) -> list[str]:
        """By district and sex; among adults the young are better educated. The young are still at school."""
        shares = self.source.shares
        relative = np.array([shares["education_of_adults"].get(level, 0.0) for level in _LEVELS.tolist()])
        weights = self.source.education[district, sex - 1] * relative
        limits = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
        # A number between 0 and 1 that falls with age, and spreads evenly over all adults taken together.
        order = np.where(age < _ADULT, -100.0, age + rng.normal(0, 18, len(age)))
        adults = int((age >= _ADULT).sum())
        rank = np.argsort(np.argsort(-order))  # the oldest adult 0
        level = (limits < ((rank + rng.random(len(age))) / max(adults, 1))[:, None]).sum(axis=1)
        level = level.clip(0, len(_LEVELS) - 1)
        at_school = by_age(dict(shares["at_school"]), age).astype(int)
        return [
            str(_LEVELS[one]) if years >= _ADULT else str(school or "")
            for one, school, years in zip(level, at_school, age, strict=True)
        ]

    def _hukou(self, rng: np.random.Generator, district: Array, age: Array, foreign: Array) -> list[str]:
        source = self.source
        relative = by_age(source.shares["from_elsewhere"], age)
        elsewhere = rng.random(len(age)) < source.from_elsewhere[district] * relative / relative.mean()
        origins = source.words["origins"]
        weights = np.array(list(origins.values()), dtype=float)
        drawn = rng.choice(list(origins), size=len(age), p=weights / weights.sum())
        return [
            "" if alien else f"{drawn[place]}0000" if out else source.districts[district[place]]
            for place, (alien, out) in enumerate(zip(foreign, elsewhere, strict=True))
        ]

    def _pension(
        self, rng: np.random.Generator, age: Array, birth: Array, category: list[str]
    ) -> tuple[list[str], Array]:
        shares = self.source.shares
        limit = np.array([shares["retired_at"].get(one, 999) for one in category])
        retired = age >= limit
        of_employees = rng.random(len(age)) < shares["pensioners_of_employees_scheme"]
        unknown = (rng.random(len(age)) < shares["pension_unknown"]) & ~retired
        kinds = [
            "" if dark else "none" if not old else "employee" if main else "resident"
            for dark, old, main in zip(unknown, retired, of_employees, strict=True)
        ]
        since = np.where(retired, birth + (limit * _YEAR).astype(np.int64) + 30, -1)
        return kinds, np.minimum(since, self.today)


def _category(
    rng: np.random.Generator, sex: Array, age: Array, education: list[str], shares: dict[str, Any]
) -> list[str]:
    """Retirement category: of women by post, which goes with education."""
    technical = rng.random(len(sex)) < shares["women_technical"]
    return [
        ""
        if years < GROWN_UP
        else "M60"
        if one == MALE
        else "F55"
        if post and level in ("20", "30", "60")
        else "F50"
        for one, years, post, level in zip(sex, age, technical, education, strict=True)
    ]


def _pick(rng: np.random.Generator, values: list[str], where: Array, otherwise: str) -> list[str]:
    drawn = rng.integers(0, len(values), len(where))
    return [values[drawn[place]] if one else otherwise for place, one in enumerate(where)]


def _of(values: list[str], number: int) -> str:
    return values[int(number) % len(values)]


def _address(home: int, room: int) -> str:
    return f"上海市演示路{home % 900 + 1}弄{home % 60 + 1}号{room}室"
