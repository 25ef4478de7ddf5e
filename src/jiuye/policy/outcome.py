"""What a decision says: its state, its value, every condition with its clause, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from jiuye.policy.values import Month, State, Value, plain


@dataclass(frozen=True)
class ScheduleLine:
    """One month of a schedule: `index` counts from 1; value None = unknown."""

    month: Month
    index: int
    value: Decimal | int | None


class Condition(NamedTuple):
    """One condition as it came out. `inputs` are the facts, parameters and rules it looked at.

    gaps: parameters or rules without a value on that day, when the condition is open because of them.
    """

    name: str
    state: State
    label: Mapping[str, str]
    basis: str
    text: str
    inputs: Mapping[str, Value]
    remedy: Mapping[str, str]
    children: tuple[Condition, ...] = ()
    ask: tuple[str, ...] = ()
    quantifier: str = "all"
    gaps: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state.name.lower(),
            "label": dict(self.label),
            "basis": self.basis,
            "text": self.text,
            "inputs": {key: plain(value) for key, value in self.inputs.items()},
            "remedy": dict(self.remedy),
            "quantifier": self.quantifier,
            "ask": list(self.ask),
            "gaps": list(self.gaps),
            "children": [child.to_json() for child in self.children],
        }

    def leaves(self, state: State) -> list[Condition]:
        """The conditions at the ends of the tree that are in `state`, below groups that are in it too."""
        if self.state != state:
            return []
        return [leaf for child in self.children for leaf in child.leaves(state)] if self.children else [self]


@dataclass(frozen=True)
class Outcome:
    """state: MET / NOT_MET / UNKNOWN. value: number, date, month, text, bool or None.

    A rule with a value is MET when it has one, NOT_MET when its `given` isn't met (value: `otherwise`).
    A schedule is UNKNOWN while one of its months is; the lines are there all the same.

    ask: missing facts that could change the outcome, cheapest supplier first. gaps: parameters and rules
    without a value on that day. recalled: unverified parameters the outcome rests on. parameters: every
    parameter value that was looked at, by name. transition: whether a version that has ended goes on for this
    case.
    """

    rule: str
    title: Mapping[str, str]
    basis: str
    on: date
    state: State
    value: Value
    unit: str | None
    ask: tuple[str, ...]
    recalled: tuple[str, ...]
    gaps: tuple[str, ...]
    conditions: tuple[Condition, ...]
    schedule: tuple[ScheduleLine, ...]
    calculation: str
    version: str
    in_force: bool = True
    parameters: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    transition: Condition | None = None

    @property
    def unmet(self) -> list[Condition]:
        return [leaf for item in self.conditions for leaf in item.leaves(State.NOT_MET)]

    @property
    def total(self) -> Decimal | int | None:
        """Sum of the schedule; None while anything about it is unknown."""
        if self.state == State.UNKNOWN:
            return None
        return sum(line.value for line in self.schedule if line.value is not None)

    def to_json(self) -> dict[str, Any]:
        out = {
            "rule": self.rule,
            "title": dict(self.title),
            "basis": self.basis,
            "on": self.on.isoformat(),
            "state": self.state.name.lower(),
            "value": plain(self.value),
            "unit": self.unit,
            "ask": list(self.ask),
            "recalled": list(self.recalled),
            "gaps": list(self.gaps),
            "conditions": [item.to_json() for item in self.conditions],
            "schedule": [
                {"month": str(line.month), "index": line.index, "value": plain(line.value)}
                for line in self.schedule
            ],
            "calculation": self.calculation,
            "version": self.version,
            "in_force": self.in_force,
            "parameters": {name: list(values) for name, values in self.parameters.items()},
        }
        return out if self.transition is None else out | {"transition": self.transition.to_json()}
