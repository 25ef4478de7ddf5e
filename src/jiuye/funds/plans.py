"""Repayment plans: equal instalments by the city's terms, the last one takes the rest. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from jiuye.funds.city import Recovery, funds, month_after, working_day_from


@dataclass(frozen=True)
class Part:
    """One instalment."""

    number: int
    due_on: date
    amount_cents: int


def most_parts(amount_cents: int, terms: Recovery | None = None) -> int:
    """Into how many instalments an amount may be split; at least one."""
    terms = terms or funds().recovery
    return max(1, min(terms.most_instalments, amount_cents // terms.least_instalment_cents))


def propose(amount_cents: int, count: int, today: date, terms: Recovery | None = None) -> list[Part]:
    """`count` monthly instalments that make exactly the amount. ValueError outside of the city's terms."""
    terms = terms or funds().recovery
    if amount_cents < 1 or not 1 <= count <= most_parts(amount_cents, terms):
        raise ValueError(f"{count} instalments for {amount_cents} cents are not possible")
    earliest = today + timedelta(days=terms.first_after_days)
    month = earliest.replace(day=1)
    if earliest.day > terms.pay_day:
        month = month_after(month)
    each = amount_cents // count
    amounts = [each] * (count - 1) + [amount_cents - each * (count - 1)]
    return [
        Part(index + 1, working_day_from(month_after(month, index).replace(day=terms.pay_day)), amount)
        for index, amount in enumerate(amounts)
    ]


def options(amount_cents: int, today: date) -> list[list[Part]]:
    """Every plan the person may choose from, one instalment first."""
    return [propose(amount_cents, count, today) for count in range(1, most_parts(amount_cents) + 1)]
