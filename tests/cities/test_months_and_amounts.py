"""Months, amounts and retirement months of any person, against the arithmetic of the texts."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from jiuye.cities.city import city
from jiuye.policy import Month, State
from jiuye.policy.values import Value, add_months

LAW = city().law
DAYS = st.dates(date(2020, 7, 1), date(2027, 12, 31))
FIRST_CLAIM: dict[str, Value] = {
    "separation_reason": "07",
    "registered_unemployed": True,
    "wants_work": True,
    "hukou_local": True,
    "ui_previously_assessed": False,
}
CATEGORIES = {"M60": ("1", 60, 4, 36), "F55": ("2", 55, 4, 36), "F50": ("2", 50, 2, 60)}


def value(rule: str, facts: dict[str, Value], on: date) -> Value:
    outcome = LAW.explain(rule, facts, on)
    assert outcome.state == State.MET
    return outcome.value


@given(st.integers(0, 600), DAYS)
def test_months_and_what_is_kept(unused: int, on: date) -> None:
    facts: dict[str, Value] = {"ui_months_unused": unused, "ui_previously_assessed": False}
    months, kept = value("ui_months", facts, on), value("ui_residual", facts, on)
    assert isinstance(months, int)
    assert isinstance(kept, int)
    assert months == min(24, unused // 12 * 2)
    assert kept + months * 6 == unused
    # Never above the national caps of 12, 18 and 24 months (社会保险法 46).
    assert months <= (12 if unused < 60 else 18 if unused < 120 else 24)
    assert (kept < 12) or months == 24


@given(st.integers(12, 400), DAYS)
def test_a_schedule_pays_every_month_once_at_the_standard_of_that_month(unused: int, accepted: date) -> None:
    facts = FIRST_CLAIM | {"ui_months_unused": unused, "accepted_on": accepted}
    outcome = LAW.explain("ui_schedule", facts, accepted)
    assert len(outcome.schedule) == min(24, unused // 12 * 2)
    first = Month.of_date(accepted) + 1
    for line in outcome.schedule:
        assert line.month == first + line.index - 1
        series = "ui_rate_m01_12" if line.index <= 12 else "ui_rate_m13_24"
        assert line.value == LAW.parameters[series].at(line.month.first_day).value  # type: ignore[union-attr]
    assert outcome.total == sum(line.value for line in outcome.schedule if line.value is not None)


@given(st.dates(date(2018, 4, 1), date(2026, 12, 1)))
def test_the_later_months_are_four_fifths_and_nothing_is_above_the_minimum_wage(on: date) -> None:
    """18号 七: 80 % with the minimum living standard as floor, the minimum wage as ceiling."""
    high, low, extended, floor, ceiling = (
        LAW.parameters[name].at(on).value  # type: ignore[union-attr]
        for name in ("ui_rate_m01_12", "ui_rate_m13_24", "ui_rate_extended", "dibao", "min_wage_month")
    )
    assert low * 10 == high * 8  # type: ignore[operator]
    assert ceiling > high > low > extended >= floor  # type: ignore[operator]


@given(st.integers(12, 400), DAYS, st.sampled_from(["04", "10", "12"]))
def test_no_schedule_for_who_left_by_their_own_will(unused: int, accepted: date, reason: str) -> None:
    facts = FIRST_CLAIM | {"ui_months_unused": unused, "accepted_on": accepted, "separation_reason": reason}
    outcome = LAW.explain("ui_schedule", facts, accepted)
    assert (outcome.state, outcome.schedule) == (State.NOT_MET, ())


@given(st.sampled_from(sorted(CATEGORIES)), st.dates(date(1945, 1, 1), date(2010, 12, 31)))
def test_retirement(category: str, birth: date) -> None:
    sex, base, step, cap = CATEGORIES[category]
    facts: dict[str, Value] = {"birth": birth, "sex": sex, "retirement_category": category}
    on = date(2026, 11, 25)
    reached = (birth.year + base - 2025) * 12 + birth.month - 1
    delay = 0 if reached < 0 else min(cap, reached // step + 1)
    assert value("retirement_delay", facts, on) == delay
    month = value("statutory_retirement_month", facts, on)
    assert month == Month.of_date(birth) + base * 12 + delay
    day = value("statutory_retirement_date", facts, on)
    assert day == add_months(birth, base * 12 + delay)
    years, months = (value(f"statutory_retirement_age_{unit}", facts, on) for unit in ("years", "months"))
    assert divmod(base * 12 + delay, 12) == (years, months)
    earliest, latest = (value(f"retirement_{end}_month", facts, on) for end in ("earliest", "latest"))
    assert max(Month.of_date(birth) + base * 12, month - 36) == earliest  # type: ignore[operator]
    assert month + 36 == latest  # type: ignore[operator]


@given(st.dates(date(1940, 1, 1), date(2010, 12, 31)))
def test_before_the_reform_the_old_age_holds_and_men_need_no_category(birth: date) -> None:
    facts: dict[str, Value] = {"birth": birth, "sex": "1"}
    assert value("statutory_retirement_month", facts, date(2024, 12, 31)) == Month.of_date(birth) + 720
    assert isinstance(value("statutory_retirement_month", facts, date(2025, 1, 1)), Month)
    woman = LAW.explain("statutory_retirement_month", {"birth": birth, "sex": "2"}, date(2025, 1, 1))
    assert woman.ask == ("retirement_category",)


@given(st.integers(1, 24), st.integers(1, 3000), st.booleans())
def test_overpayment(months: int, rate: int, fraud: bool) -> None:
    facts: dict[str, Value] = {"overpaid_months": months, "overpaid_rate": rate, "fraud": fraud}
    on = date(2026, 11, 25)
    assert value("ui_recover", facts, on) == months * rate
    lowest, highest = (LAW.explain(name, facts, on).value for name in ("ui_fine_min", "ui_fine_max"))
    assert (lowest, highest) == ((2 * months * rate, 5 * months * rate) if fraud else (0, 0))


@given(
    st.dates(date(2025, 1, 1), date(2028, 6, 30)), st.dates(date(2025, 1, 1), date(2031, 1, 1)), st.booleans()
)
def test_extension_under_the_rule_of_its_day(expired: date, statutory: date, before: bool) -> None:
    facts: dict[str, Value] = {
        "ui_expired_on": expired,
        "statutory_retirement_date": statutory,
        "employed": False,
        "ui_extended_before": before,
        "extension_applied_on": expired,
    }
    if expired <= date(2026, 8, 15):
        expected = expired < statutory <= add_months(expired, 24)
    else:
        expected = expired < statutory < add_months(expired, 12) and not before
    assert LAW.explain("ui_extension", facts, expired).state == State.of(expected)
