"""What the law says about a running award: does an event stop it, from which month; is it extended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jiuye.desk import catalogue
from jiuye.funds.city import law
from jiuye.policy import Condition, Outcome, State
from jiuye.policy.values import Month, Value

STOP, FIRST_UNPAID = "ui_stop", "ui_first_unpaid_month"
EXTENSION, EXTENSION_AUTOMATIC = "ui_extension", "ui_extension_automatic"
EXTENSION_SCHEDULE = "ui_extension_schedule"


def benefit() -> str:
    """Code of the benefit that the law's extension prolongs. LookupError for a city without one."""
    found = (item.benefit for item in catalogue.current().items.values() if item.rule == EXTENSION)
    code = next((effect.code for effect in found if effect), None)
    if code is None:
        raise LookupError(f"no item is decided by {EXTENSION}")
    return code


@dataclass(frozen=True)
class Stop:
    """`first_month`: the first that is not due. `conditions`: the clauses that are met."""

    event: str
    on: date
    first_month: date
    outcome: Outcome
    facts: Mapping[str, Value]

    @property
    def conditions(self) -> list[Condition]:
        return [item for item in self.outcome.conditions if item.state is State.MET]


def stop(event: str, on: date) -> Stop | None:
    """Whether this event (code of life_event) stops the benefit. None: it doesn't, or the law can't say."""
    facts: dict[str, Value] = {"events": (event,), "stop_event_on": on}
    outcome = law().explain(STOP, facts, on)
    if outcome.state is not State.MET:
        return None
    month = law().explain(FIRST_UNPAID, facts, on).value
    if not isinstance(month, Month):
        return None
    return Stop(event, on, month.first_day, outcome, facts)


@dataclass(frozen=True)
class Extension:
    """`months`: (first day of the month, index, yuan). `outcome` explains why."""

    outcome: Outcome
    schedule: Outcome
    months: tuple[tuple[date, int, Value], ...]
    facts: Mapping[str, Value]


def extension(facts: Mapping[str, Value], on: date) -> Extension | None:
    """The extension that these facts give on that day; None when there is none or something is unknown."""
    automatic = law().explain(EXTENSION_AUTOMATIC, facts, on).state is State.MET
    applied = facts.get("extension_applied_on") is not None
    outcome = law().explain(EXTENSION, facts, on)
    if outcome.state is not State.MET or not (automatic or applied):
        return None
    schedule = law().explain(EXTENSION_SCHEDULE, facts, on)
    months = tuple((line.month.first_day, line.index, line.value) for line in schedule.schedule)
    if (
        schedule.state is not State.MET
        or not months
        or any(value is None for _month, _index, value in months)
    ):
        return None
    used = {name: facts[name] for name in sorted(facts) if name in _looked_at(outcome)}
    return Extension(outcome, schedule, months, used)


def _looked_at(outcome: Outcome) -> set[str]:
    """The facts in the conditions of an outcome and in the parts of those."""
    names: set[str] = {
        "birth", "sex", "retirement_category", "employed", "ui_award_last_month", "ui_extended_before",
        "extension_applied_on",
    }  # fmt: skip
    waiting = list(outcome.conditions)
    while waiting:
        item = waiting.pop()
        names |= set(item.inputs)
        waiting += item.children
    return names
