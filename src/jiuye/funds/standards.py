"""The amount of a month at the standard in force in its payment month, as the law says it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jiuye.funds.city import funds, law
from jiuye.funds.money import cents
from jiuye.policy import State
from jiuye.policy.values import Month, Value


class Standards:
    """Asks the law once for every (month, index, stage): a run of a whole city needs a few dozen answers.

    A benefit without a rate of its own (its amount depends on the person) is paid as it was awarded.
    """

    def __init__(self, benefit: str) -> None:
        self.rule = funds().benefit(benefit).rate_rule
        self._known: dict[tuple[date, int, str], int | None] = {}

    def amount(self, month: date, index: int, stage: str, awarded: int | None = None) -> int | None:
        """Cents of the `index`-th month of an award; None when the law can't say (then nothing is paid)."""
        if self.rule is None:
            return awarded
        key = (month, index, stage)
        if key not in self._known:
            facts: dict[str, Value] = {"ui_month_index": index, "ui_stage": stage}
            outcome = law().explain(self.rule, facts, Month.of_date(month).first_day)
            value = outcome.value
            known = outcome.state is not State.UNKNOWN and isinstance(value, Decimal | int)
            self._known[key] = cents(value) if known and isinstance(value, Decimal | int) else None
        return self._known[key]
