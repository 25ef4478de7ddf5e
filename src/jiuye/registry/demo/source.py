"""What the synthetic city is drawn from: `cities/<city>/demo`, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from jiuye.foundation import city

Array = NDArray[Any]
SEED: Final = 20201101  # the day of the census
MALE, FEMALE = 1, 2  # GB/T 2261.1
#: Words of the census -> GB/T 4658.
EDUCATION: Final = {
    "未上过学": "90",
    "学前教育": "",
    "小学": "80",
    "初中": "70",
    "高中": "60",
    "大学专科": "30",
    "本科及以上": "20",
}
_OLDEST: Final = 98


@dataclass(frozen=True)
class Cells:
    """One entry a district × sex × band of age: `ages` are [from, to) in years, `people` as counted."""

    district: Array  # index into `Source.districts`
    sex: Array
    age_from: Array
    age_to: Array
    people: Array


@dataclass(frozen=True)
class Story:
    """Which items and which benefit the made-up lives are about: codes of the city's catalogue."""

    benefit: str
    registration: str
    hire: str
    bundle: str


@dataclass(frozen=True)
class Source:
    """All of it. Shares by district and sex are arrays of shape (districts, 2, kinds)."""

    districts: list[str]
    communities: list[list[str]]  # by district
    cells: Cells
    education: Array  # (districts, 2, len(EDUCATION)), sums to 1
    from_elsewhere: Array  # (districts,)
    surnames: list[str]
    surname_weights: Array
    characters: list[str]
    character_weights: dict[int, Array]  # by sex
    given_names: dict[int, list[str]]
    words: dict[str, Any]
    shares: dict[str, Any]


@lru_cache(maxsize=2)
def story(folder: Path | None = None) -> Story:
    here = folder or city.folder() / "demo"
    return Story(**yaml.safe_load((here / "story.yaml").read_text(encoding="utf-8")))


@lru_cache(maxsize=2)
def load(folder: Path | None = None) -> Source:
    """Read the demonstration's sources of the city."""
    here = folder or city.folder() / "demo"
    census = _rows(here / "census2020.csv")
    districts = sorted({row["district_code"] for row in census})
    place = {code: number for number, code in enumerate(districts)}
    counts = {(r["district_code"], r["table"], r["category"], r["sex"]): int(r["value"]) for r in census}
    surnames = _rows(here / "surnames.csv")
    characters = _rows(here / "given_name_characters.csv")
    given = _rows(here / "given_names.csv")
    return Source(
        districts=districts,
        communities=_communities(districts),
        cells=_cells(census, place),
        education=_education(counts, districts),
        from_elsewhere=np.array(
            [
                counts[code, "other", "户口登记地在外乡镇街道人口_省外", "all"]
                / counts[code, "population", "total", "all"]
                for code in districts
            ]
        ),
        surnames=[row["surname"] for row in surnames],
        surname_weights=_share([float(row["weight"]) for row in surnames]),
        characters=[row["char"] for row in characters],
        character_weights={
            sex: _share([float(row[column]) for row in characters])
            for sex, column in ((MALE, "male"), (FEMALE, "female"))
        },
        given_names={sex: [r["given_name"] for r in given if r["sex"] == str(sex)] for sex in (MALE, FEMALE)},
        words=yaml.safe_load((here / "words.yaml").read_text(encoding="utf-8")),
        shares=yaml.safe_load((here / "shares.yaml").read_text(encoding="utf-8")),
    )


def by_age(table: dict[int, float], ages: Array) -> Array:
    """The value of the band an age lies in; `table` maps lower bounds to values."""
    bounds = np.array(sorted(table))
    values = np.array([table[int(bound)] for bound in bounds])
    place = np.searchsorted(bounds, ages, side="right") - 1
    found: Array = np.where(place < 0, 0.0, values[np.maximum(place, 0)])
    return found


def apportion(people: Array, total: int) -> Array:
    """Whole numbers that add up to `total` in the proportions of `people` (largest remainders)."""
    exact = people / people.sum() * total
    whole: Array = np.floor(exact).astype(np.int64)
    rest = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:rest]] += 1
    return whole


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _share(weights: list[float]) -> Array:
    found: Array = np.array(weights) / sum(weights)
    return found


def _cells(census: list[dict[str, str]], place: dict[str, int]) -> Cells:
    rows = [row for row in census if row["table"] == "age"]
    bounds = [_bounds(row["category"]) for row in rows]
    return Cells(
        district=np.array([place[row["district_code"]] for row in rows]),
        sex=np.array([MALE if row["sex"] == "male" else FEMALE for row in rows]),
        age_from=np.array([low for low, _high in bounds]),
        age_to=np.array([high for _low, high in bounds]),
        people=np.array([int(row["value"]) for row in rows]),
    )


def _bounds(category: str) -> tuple[int, int]:
    """'15-19' -> (15, 20), '0' -> (0, 1), '85+' -> (85, 98)."""
    if category.endswith("+"):
        return int(category[:-1]), _OLDEST
    low, _dash, high = category.partition("-")
    return int(low), int(high or low) + 1


def _education(counts: dict[tuple[str, str, str, str], int], districts: list[str]) -> Array:
    found = np.array(
        [
            [
                [counts.get((code, "education_3plus", word, sex), 0) for word in EDUCATION]
                for sex in ("male", "female")
            ]
            for code in districts
        ],
        dtype=float,
    )
    shares: Array = found / found.sum(axis=2, keepdims=True)
    return shares


def _communities(districts: list[str]) -> list[list[str]]:
    codes = [row["code"] for row in _rows(city.folder() / "regions" / "communities.csv")]
    return [[code for code in codes if code.startswith(district)] for district in districts]
