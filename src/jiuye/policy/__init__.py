"""Rule text read, checked and asked: `Law`, `State`, `Outcome`. Knows neither Django nor any city."""

from jiuye.policy.errors import FactError, LawError, NotColumnar
from jiuye.policy.explain import Case
from jiuye.policy.law import Law
from jiuye.policy.outcome import Condition, Outcome, ScheduleLine
from jiuye.policy.parts import Expiry, Fact, Rule
from jiuye.policy.values import Month, State

__all__ = [
    "Case", "Condition", "Expiry", "Fact", "FactError", "Law", "LawError", "Month", "NotColumnar", "Outcome",
    "Rule", "ScheduleLine", "State",
]  # fmt: skip
