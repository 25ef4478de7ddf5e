"""Loading the city's whole law, and explaining one household, in processor time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import jiuye.cities
from jiuye.policy import Law
from jiuye.policy.values import Value

CITY = Path(jiuye.cities.__file__).parent / "shanghai"
FACTS: dict[str, Value] = {
    "birth": date(1980, 5, 1), "sex": "1", "hukou_local": True, "able_to_work": True, "wants_work": True,
    "unemployed_months": 8, "registered_unemployed": True,
}  # fmt: skip


def best(work: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def test_the_law_is_read_and_checked_in_half_a_second() -> None:
    assert best(lambda: Law.load(CITY), 3) < 0.5


def test_a_household_is_explained_in_a_millisecond() -> None:
    law = Law.load(CITY)
    on = date(2026, 9, 1)
    members: list[dict[str, Value]] = [{"birth": date(1982, 1, 1), "sex": "2"}, {"birth": date(2012, 1, 1)}]
    for rule in ("ui_eligible", "hardship_recognition", "zero_household"):
        law.explain(rule, FACTS, on, members)
        assert best(lambda rule=rule: law.explain(rule, FACTS, on, members), 50) < 0.001, rule  # type: ignore[misc]
