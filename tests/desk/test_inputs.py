"""Typed answers: read kindly, refused with words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jiuye.desk import city, inputs
from jiuye.foundation.errors import UserError
from jiuye.policy import Month


def parse(name: str, raw: inputs.Raw) -> object:
    return inputs.parse(city.law().facts[name], raw)


@pytest.mark.parametrize(
    "text", ["2026-11-22", "2026年11月22日", "２０２６．１１．２２", "20261122", "2026/11/22"]
)
def test_dates_as_people_write_them(text: str) -> None:
    assert parse("separated_on", text) == date(2026, 11, 22)


def test_other_kinds() -> None:
    assert parse("wants_work", "yes") is True
    assert parse("wants_work", "no") is False
    assert parse("monthly_income", "1，200.50 元") == Decimal("1200.50")
    assert parse("ui_award_last_month", "2026年5月") == Month.of(2026, 5)
    assert parse("separation_reason", "10") == "10"
    assert parse("documents", ["01", "90"]) == ("01", "90")
    assert parse("claim_months_requested", "３") == 3


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("separated_on", "2026-02-30"),
        ("separated_on", "昨天"),
        ("wants_work", "perhaps"),
        ("wants_work", ""),
        ("monthly_income", "很多"),
        ("monthly_income", "-1"),
        ("monthly_income", "1.234"),
        ("monthly_income", "1e99"),
        ("monthly_income", "NaN"),
        ("claim_months_requested", "1.5"),
        ("separation_reason", "77"),
        ("documents", []),
        ("documents", ["01", "nope"]),
    ],
)
def test_what_can_not_be_read_is_said(name: str, raw: inputs.Raw) -> None:
    with pytest.raises(UserError) as caught:
        parse(name, raw)
    assert caught.value.field == name
    assert str(caught.value)


@pytest.mark.parametrize(
    "name", ["wants_work", "separated_on", "separation_reason", "documents", "monthly_income"]
)
def test_a_value_is_typed_again_as_it_was(name: str) -> None:
    fact = city.law().facts[name]
    values = {
        "wants_work": False,
        "separated_on": date(2026, 1, 2),
        "separation_reason": "07",
        "documents": ("01",),
        "monthly_income": Decimal("12.30"),
    }
    assert inputs.parse(fact, inputs.typed(fact, values[name])) == values[name]
