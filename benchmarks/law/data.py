"""A city made up at random: people with households and employers, some of their facts missing.

Columns lie as `jiuye.policy.columns.layout` says, codes in one byte and months in two: what an engine other
than ours makes of them is not timed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Columns = dict[str, Array]

ON = date(2026, 6, 30)
EPOCH = date(1970, 1, 1)
HOUSEHOLDS, EMPLOYERS = 0.44, 0.08  # for one person
RULES = (
    "before_retirement", "ui_eligible", "ui_months", "ui_amount", "zero_household", "hardship",
    "flexible_subsidy", "hiring_subsidy",
)  # fmt: skip
VALUES: dict[str, Any] = {"ui_months": np.int16, "ui_amount": np.int16}  # rules with a number, how wide it is
MISSING = {  # share of people whose fact nobody supplied
    "birth": 0.01, "sex": 0.01, "category": 0.03, "status": 0.02, "insured_months": 0.03,
    "benefit_months": 0.02, "left_on": 0.05, "reason": 0.04, "registered": 0.01, "local": 0.01,
    "disabled": 0.02, "minimum_income": 0.02, "jobless_since": 0.05, "recognised": 0.02,
    "subsidy_months": 0.03, "contributions_paid": 0.03, "contract_months": 0.05, "kind": 0.01,
    "in_arrears": 0.03, "staff": 0.02,
}  # fmt: skip
NONE: dict[str, int] = {"bool": 1, "int8": -1, "int16": -(1 << 15), "int32": -(1 << 31)}


def day(year: int) -> int:
    return (date(year, 1, 1) - EPOCH).days


def make(count: int, order: str, seed: int = 2026) -> dict[str, Columns]:
    """People and employers, the same for every run. order: shuffled, or sorted by household."""
    random = np.random.default_rng(seed)

    def flags(share: float) -> Array:
        return (random.random(count, np.float32) < share).astype(np.uint8) * np.uint8(2)

    def days(low: int, high: int) -> Array:
        return random.integers(low, high, count, dtype=np.int32)

    def choice(*shares: float) -> Array:
        return np.searchsorted(np.cumsum(shares)[:-1], random.random(count, np.float32)).astype(np.int8)

    today = (ON - EPOCH).days
    people: Columns = {
        "birth": days(day(1936), day(2026)),
        "sex": choice(0.5, 0.5),
        "category": choice(0.4, 0.3, 0.3),
        "status": choice(0.3, 0.42, 0.06, 0.12, 0.1),
        "insured_months": random.integers(0, 400, count, dtype=np.int16),
        "benefit_months": random.integers(0, 25, count, dtype=np.int16),
        "left_on": days(today - 1500, today),
        "reason": choice(0.2, 0.15, 0.15, 0.05, 0.05, 0.4),
        "registered": flags(0.5),
        "local": flags(0.6),
        "disabled": flags(0.05),
        "minimum_income": flags(0.03),
        "jobless_since": days(today - 1000, today),
        "recognised": flags(0.3),
        "subsidy_months": random.integers(0, 60, count, dtype=np.int16),
        "contributions_paid": flags(0.8),
        "contract_months": random.integers(0, 60, count, dtype=np.int16),
    }
    people["category"][people["sex"] == 0] = 0
    np.add(
        people["category"], 1, out=people["category"], where=(people["sex"] == 1) & (people["category"] == 0)
    )
    firms = max(1, int(count * EMPLOYERS))
    employers: Columns = {
        "kind": np.searchsorted([0.6, 0.65, 0.9, 0.95], random.random(firms)).astype(np.int8),
        "in_arrears": (random.random(firms) < 0.1).astype(np.uint8) * np.uint8(2),
        "staff": random.integers(0, 500, firms, dtype=np.int16),
    }
    for columns in (people, employers):
        for name, column in columns.items():
            none = NONE["bool"] if column.dtype == np.uint8 else NONE[str(column.dtype)]
            column[random.random(len(column), np.float32) < MISSING[name]] = none
    employer = (firms * random.random(count) ** 1.5).astype(np.int32)
    employer[people["status"] != 1] = -1
    household = np.sort(random.integers(0, max(1, int(count * HOUSEHOLDS)), count, dtype=np.int32))
    if order == "shuffled":
        random.shuffle(household)
    return {"people": people, "employers": employers, "links": {"household": household, "employer": employer}}


def save(folder: Path, made: dict[str, Columns]) -> None:
    for part, columns in made.items():
        (folder / part).mkdir(parents=True, exist_ok=True)
        for name, column in columns.items():
            np.save(folder / part / f"{name}.npy", column)


def load(folder: Path, part: str) -> Columns:
    return {path.stem: np.load(path) for path in sorted((folder / part).glob("*.npy"))}


def save_answers(folder: Path, engine: str, answers: Columns) -> None:
    """`RULE.state` bytes 0/1/2 and `RULE.value`."""
    save(folder, {f"answers-{engine}": answers})
