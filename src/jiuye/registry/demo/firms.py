"""Employers of the synthetic city: made-up names, sizes as uneven as real ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiuye.registry.demo.numbers import Keys, credit_code
from jiuye.registry.demo.source import SEED, Source

Array = NDArray[Any]


@dataclass
class Employers:
    """Columns; the first rows are those of the personas."""

    ids: list[str]
    names: list[str]
    codes: list[str]
    kinds: list[str]
    industries: list[str]
    units: list[str]
    weights: Array

    def __len__(self) -> int:
        return len(self.ids)


def employers(source: Source, people: int, today: date, first: Employers) -> Employers:
    """Enough employers for so many people, after the given ones."""
    rng = np.random.default_rng([SEED, 1_000_000])
    size = max(80, people // source.shares["people_per_employer"])
    words = source.words
    industries = words["industries"]
    weights = np.array([row[3] for row in industries], dtype=float)
    kind = rng.choice(len(industries), size=size, p=weights / weights.sum())
    letters = words["company_characters"]
    drawn = rng.integers(0, len(letters), (size, 2))
    district = rng.choice(
        len(source.districts),
        size=size,
        p=np.bincount(source.cells.district, source.cells.people) / source.cells.people.sum(),
    )
    dice = rng.random(size)
    units = [
        source.communities[place][int(dice[one] * len(source.communities[place]))][:9]
        for one, place in enumerate(district)
    ]
    names = [f"上海{letters[a]}{letters[b]}{industries[k][0]}" for (a, b), k in zip(drawn, kind, strict=True)]
    sizes = rng.pareto(1.1, size) + 0.2
    return Employers(
        ids=[*first.ids, *Keys.of(today, 2).take(rng, size)],
        names=[*first.names, *names],
        codes=[*first.codes, *(credit_code(1000 + place) for place in range(size))],
        kinds=[*first.kinds, *(industries[k][2] for k in kind)],
        industries=[*first.industries, *(industries[k][1] for k in kind)],
        units=[*first.units, *units],
        weights=np.r_[first.weights * sizes.sum(), np.minimum(sizes, 0.02 * sizes.sum())],
    )
