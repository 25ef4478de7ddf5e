"""Rule text read, checked and asked: `Law`, `State`, `Outcome`. Knows neither Django nor any city."""

from jiuye.policy.errors import LawError
from jiuye.policy.explain import Outcome
from jiuye.policy.law import Fact, Law, Rule
from jiuye.policy.values import Month, State

__all__ = ["Fact", "Law", "LawError", "Month", "Outcome", "Rule", "State"]
