"""What the city of this installation says about paying: funds.yaml and accounts.yaml, read once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from jiuye import cities
from jiuye.funds.bank.order import Debtor
from jiuye.policy import Law
from jiuye.policy.values import Month

Words = Mapping[str, str]


@dataclass(frozen=True)
class Benefit:
    """`rate_rule`: the rule that says the amount of one month; without, an award's amounts stand."""

    code: str
    title: Words
    rate_rule: str | None
    pay_day: int
    lock_day: int
    remittance: Words


@dataclass(frozen=True)
class Account:
    """`role`: what it is booked by (bank, transit, receivable, payable, expense)."""

    code: str
    role: str
    kind: str
    title: Words
    benefit: str | None = None


@dataclass(frozen=True)
class FailureReason:
    """`account`: the person must correct the account before the month is paid again."""

    code: str
    account: bool
    words: Words


@dataclass(frozen=True)
class Control:
    rate: Decimal
    least: int
    most: int
    due_working_days: int


@dataclass(frozen=True)
class Recovery:
    basis: str
    most_instalments: int
    least_instalment_cents: int
    pay_day: int
    first_after_days: int
    task_due_working_days: int
    how: Words


@dataclass(frozen=True)
class Stop:
    """`registration_exit`: life_event -> reason code with which the registration as unemployed ends."""

    basis: Words
    registration_exit: Mapping[str, str]


@dataclass(frozen=True)
class Funds:
    benefits: Mapping[str, Benefit]
    accounts: tuple[Account, ...]
    debtor: Debtor
    reasons: Mapping[str, FailureReason]
    unknown_reason: str
    control: Control
    recovery: Recovery
    correct_account_days: int
    review_grant_days: int
    overdue_days: int
    stuck_days: int
    stop: Stop

    def benefit(self, code: str) -> Benefit:
        """LookupError for a benefit that this city doesn't pay."""
        try:
            return self.benefits[code]
        except KeyError:
            raise LookupError(f"no benefit {code!r} in funds.yaml") from None

    def account(self, role: str, benefit: str | None = None) -> str:
        """The number of the account that is booked by this role (an expense: of this benefit)."""
        for item in self.accounts:
            if item.role == role and item.benefit in (None, benefit):
                return item.code
        raise LookupError(f"no account {role!r} for {benefit!r} in accounts.yaml")

    def reason(self, code: str) -> FailureReason:
        """What the bank's code means; an unlisted one counts like `failure_unknown`."""
        return self.reasons.get(code) or self.reasons[self.unknown_reason]


def funds() -> Funds:
    return _read(settings.CITY)


def law() -> Law:
    return cities.law(settings.CITY)


def working_days_after(start: date, days: int) -> date:
    return cities.calendar(settings.CITY).add_working_days(start, days).date


def working_day_from(day: date) -> date:
    """The day itself, or the next working day."""
    calendar = cities.calendar(settings.CITY)
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return day


def value_date(benefit: str, month: date, today: date) -> date:
    """When the bank is to pay a month: on the pay day, or as soon as possible once that is over."""
    planned = working_day_from(month.replace(day=funds().benefit(benefit).pay_day))
    return planned if planned > today else working_days_after(today, 1)


def expected_day(benefit: str, month: date) -> date:
    """When a person can expect the money of a month."""
    return working_day_from(month.replace(day=funds().benefit(benefit).pay_day))


def month_after(month: date, count: int = 1) -> date:
    """The first day of the month `count` months later."""
    return Month(Month.of_date(month) + count).first_day


@cache
def _read(city: str) -> Funds:
    folder = cities.folder(city)
    raw: dict[str, Any] = yaml.safe_load((folder / "funds.yaml").read_text(encoding="utf-8"))
    chart: dict[str, Any] = yaml.safe_load((folder / "accounts.yaml").read_text(encoding="utf-8"))
    recovery = raw["recovery"]
    debtor = raw["debtor"]
    control = raw["control"]
    return Funds(
        benefits={code: Benefit(code=code, **item) for code, item in raw["benefits"].items()},
        accounts=tuple(
            Account(
                str(item["code"]),
                item["role"],
                item["kind"],
                {"zh": item["zh"], "en": item["en"]},
                item.get("benefit"),
            )
            for item in chart["accounts"]
        ),
        debtor=Debtor(
            debtor["name"],
            debtor["account"],
            debtor["bank_name"],
            debtor["clearing_code"],
            debtor["currency"],
        ),
        reasons={
            code: FailureReason(code, item["account"], {"zh": item["zh"], "en": item["en"]})
            for code, item in raw["failure_reasons"].items()
        },
        unknown_reason=raw["failure_unknown"],
        control=Control(
            Decimal(control["rate"]),
            control["least_per_district_month"],
            control["most_per_district_month"],
            control["due_working_days"],
        ),
        recovery=Recovery(
            basis=recovery["basis"],
            most_instalments=recovery["most_instalments"],
            least_instalment_cents=recovery["least_instalment_yuan"] * 100,
            pay_day=recovery["pay_day"],
            first_after_days=recovery["first_after_days"],
            task_due_working_days=recovery["task_due_working_days"],
            how=recovery["how"],
        ),
        correct_account_days=raw["tasks"]["correct_account_working_days"],
        review_grant_days=raw["tasks"]["review_grant_working_days"],
        overdue_days=raw["checks"]["overdue_days"],
        stuck_days=raw["checks"]["stuck_days"],
        stop=Stop(raw["stop"]["basis"], raw["stop"]["registration_exit"]),
    )
