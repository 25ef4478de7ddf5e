"""Repayment plans make exactly the amount."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.funds import plans
from jiuye.funds.city import funds

TODAY = date(2026, 12, 10)


@given(st.integers(1, 10_000_000), st.integers(1, 12), st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_every_plan_sums_to_the_cent(amount: int, count: int, today: date) -> None:
    if count > plans.most_parts(amount):
        with pytest.raises(ValueError, match="not possible"):
            plans.propose(amount, count, today)
        return
    parts = plans.propose(amount, count, today)
    assert sum(part.amount_cents for part in parts) == amount
    assert [part.number for part in parts] == list(range(1, count + 1))
    assert all(part.amount_cents > 0 for part in parts)
    days = [part.due_on for part in parts]
    assert days == sorted(set(days))
    assert (days[0] - today).days >= funds().recovery.first_after_days


def test_options_of_two_months() -> None:
    found = plans.options(468000, TODAY)
    assert [len(parts) for parts in found] == list(range(1, 13))
    assert [part.amount_cents for part in found[2]] == [156000, 156000, 156000]
    assert [part.amount_cents for part in found[6]] == [66857] * 6 + [66858]
    assert found[0][0].due_on == date(2027, 1, 15)


def test_a_small_amount_is_one_part() -> None:
    assert plans.most_parts(100) == 1
    with pytest.raises(ValueError, match="not possible"):
        plans.propose(0, 1, TODAY)
