"""One case, decided and explained.

A value that rests on a missing fact is unknown, and `ask` names the facts that would decide it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from jiuye.policy.language import Expression
from jiuye.policy.law import SUPPLIERS, ConditionText, Law, Rule
from jiuye.policy.values import (
    Month,
    State,
    Value,
    add_days,
    add_months,
    months_between,
    plain,
    years_between,
)

NOTHING: frozenset[str] = frozenset()


class Known(NamedTuple):
    """A value with the facts that would decide it (when None) and the recalled or missing parameters it used."""

    value: Any
    ask: frozenset[str] = NOTHING
    recalled: frozenset[str] = NOTHING
    gaps: frozenset[str] = NOTHING


class Month_(NamedTuple):
    """One line of a schedule: `index` counts from 1."""

    month: Month
    index: int
    value: Decimal | int | None


@dataclass(frozen=True)
class Condition:
    """One condition as it came out. `inputs` are the facts, parameters and rules it looked at."""

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
            "children": [child.to_json() for child in self.children],
        }

    def leaves(self, state: State) -> list[Condition]:
        """The conditions at the ends of the tree that are in `state`."""
        if not self.children:
            return [self] if self.state == state else []
        return [leaf for child in self.children if child.state == state for leaf in child.leaves(state)]


@dataclass(frozen=True)
class Outcome:
    """state: MET / NOT_MET / UNKNOWN. value: number, date, month, text, list or None. schedule: month by month."""

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
    schedule: tuple[Month_, ...]
    calculation: str
    version: str
    in_force: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unmet(self) -> list[Condition]:
        return [leaf for item in self.conditions for leaf in item.leaves(State.NOT_MET)]

    @property
    def total(self) -> Decimal | int | None:
        values = [line.value for line in self.schedule]
        return None if None in values else sum(value for value in values if value is not None)

    def to_json(self) -> dict[str, Any]:
        return {
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
            "parameters": dict(self.parameters),
        }


class Case:
    """The facts of one case; every rule is evaluated at most once per date."""

    def __init__(self, law: Law, facts: Mapping[str, Value]) -> None:
        self.law = law
        self.facts = facts
        self._done: dict[tuple[str, date, tuple[tuple[str, Any], ...]], Known] = {}
        self.bound: dict[str, Known] = {}
        self.used: dict[str, Any] = {}

    # -- outcomes ---------------------------------------------------------------------------------------------

    def outcome(self, name: str, on: date) -> Outcome:
        rule = self.law.rule_at(name, on)
        if rule is None:
            last = self.law.rules[name][-1]
            return Outcome(
                name, last.title, last.basis, on, State.UNKNOWN, None, None, (), (), (), (), (), "",
                self.law.version, in_force=False,
            )  # fmt: skip
        self.used = {}
        conditions: tuple[Condition, ...] = ()
        schedule: tuple[Month_, ...] = ()
        if rule.condition:
            result = self.rule(name, on)
            top = self.condition(rule.condition, on)
            conditions = top.children or (top,)
            state = State.of(result.value)
            value: Value = None
        elif rule.schedule:
            result, schedule = self.schedule(rule, on)
            state, value = State.of(True if schedule else result.value), None
        else:
            result = self.rule(name, on)
            value = result.value
            state = State.UNKNOWN if value is None else State.MET
            if rule.given is not None:
                guard = self.evaluate(rule.given.body, on)
                if guard.value is False:
                    state = State.NOT_MET
        source = rule.value or (rule.schedule.value if rule.schedule else None)
        return Outcome(
            name, rule.title, rule.basis, on, state, value, rule.type.unit, self.order(result.ask),
            tuple(sorted(result.recalled)), tuple(sorted(result.gaps)), conditions, schedule,
            self.calculation(source, on) if rule.value else "", self.law.version, True, dict(self.used),
        )  # fmt: skip

    def order(self, names: frozenset[str]) -> tuple[str, ...]:
        position = {name: number for number, name in enumerate(self.law.facts)}
        return tuple(
            sorted(names, key=lambda name: (SUPPLIERS.index(self.law.facts[name].supplier), position[name]))
        )

    def condition(self, text: ConditionText, on: date) -> Condition:
        if text.when is not None:
            known = self.evaluate(text.when.body, on)
            inputs = {name: self.name(name, on).value for name in text.when.names if name not in ("unknown", "on")}
            rule = self.condition_rule(text.when.body, on)
            inner = self.condition(rule.condition, on) if rule and rule.condition else None
            return Condition(
                text.name, State.of(known.value), text.label, text.basis, text.when.text, inputs, text.remedy,
                (inner.children or (inner,)) if inner else (), self.order(known.ask),
                inner.quantifier if inner else "all",
            )  # fmt: skip
        children = tuple(self.condition(part, on) for part in text.parts)
        states = [child.state for child in children]
        state = min(states) if text.quantifier == "all" else max(states)
        ask = [name for child in children if child.state == State.UNKNOWN for name in child.ask]
        return Condition(
            text.name, State(state), text.label, text.basis, "", {}, text.remedy, children,
            tuple(dict.fromkeys(ask)) if state == State.UNKNOWN else (), text.quantifier,
        )  # fmt: skip

    def condition_rule(self, body: Any, on: date) -> Rule | None:
        """The rule behind a condition that is nothing but that rule's name: its conditions are shown beneath."""
        if isinstance(body, ast.Name) and body.id in self.law.rules and self.facts.get(body.id) is None:
            return self.law.rule_at(body.id, on)
        return None

    def schedule(self, rule: Rule, on: date) -> tuple[Known, tuple[Month_, ...]]:
        assert rule.schedule is not None
        guard = self.evaluate(rule.given.body, on) if rule.given else Known(True)
        if guard.value is not True:
            return guard, ()
        first, count = (self.evaluate(item.body, on) for item in (rule.schedule.first, rule.schedule.count))
        missing = _join([item for item in (first, count) if item.value is None])
        if missing:
            return missing, ()
        lines = []
        marks = [guard, first, count]
        for index in range(1, count.value + 1):
            month = Month(first.value + index - 1)
            day = month.first_day
            self.bound = {"month": Known(month), "index": Known(index)}
            self.bound |= {key: self.evaluate(item.body, day) for key, item in rule.schedule.bind.items()}
            known = self.evaluate(rule.schedule.value.body, day)
            marks.append(known)
            lines.append(Month_(month, index, known.value))
        self.bound = {}
        joined = _join(marks) or Known(True)
        if any(line.value is None for line in lines):
            return Known(None, joined.ask, joined.recalled, joined.gaps), tuple(lines)
        return Known(True, NOTHING, joined.recalled, joined.gaps), tuple(lines)

    def calculation(self, expression: Expression | None, on: date) -> str:
        """The expression with its values put in, e.g. min(24, 2 * (84 // 12))."""
        if expression is None:
            return ""
        values = {}
        for name in expression.names:
            if name in ("on", "unknown"):
                continue
            value = self.name(name, on).value
            values[name] = "?" if value is None else str(plain(value))

        class Put(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.AST:  # noqa: N802
                return ast.Name(values.get(node.id, node.id), ast.Load())

        return ast.unparse(Put().visit(ast.parse(expression.text, mode="eval")))

    # -- evaluation -------------------------------------------------------------------------------------------

    def rule(self, name: str, on: date) -> Known:
        key = (name, on, tuple(sorted((k, v.value) for k, v in self.bound.items())) if self.bound else ())
        if key not in self._done:
            self._done[key] = self._rule(name, on)
        return self._done[key]

    def _rule(self, name: str, on: date) -> Known:
        rule = self.law.rule_at(name, on)
        if rule is None:
            return Known(None, gaps=frozenset([name]))
        if rule.condition:
            return self.truth(rule.condition, on)
        assert rule.value is not None, f"{name} is a schedule: it can't stand in an expression"
        if rule.given is not None:
            guard = self.evaluate(rule.given.body, on)
            if guard.value is None:
                return guard
            if guard.value is False:
                if rule.otherwise is None:
                    return Known(None)
                return self.evaluate(rule.otherwise.body, on)
        return self.evaluate(rule.value.body, on)

    def truth(self, text: ConditionText, on: date) -> Known:
        if text.when is not None:
            return self.evaluate(text.when.body, on)
        return _kleene(text.quantifier == "all", (self.truth(part, on) for part in text.parts))

    def name(self, name: str, on: date) -> Known:
        """A fact, parameter or rule by name. The facts may also state a rule or parameter: then that stands."""
        if name in self.bound:
            return self.bound[name]
        if name in self.law.facts:
            value = self.facts.get(name)
            return Known(value) if value is not None else Known(None, frozenset([name]))
        if (stated := self.facts.get(name)) is not None:
            return Known(stated)
        if name in self.law.parameters:
            found = self.law.parameters[name].at(on)
            if found is None or found.value is None:
                return Known(None, gaps=frozenset([name]))
            self.used[name] = {"value": plain(found.value), "source": found.source, "status": found.status}
            return Known(found.value, recalled=frozenset([name]) if found.status == "recalled" else NOTHING)
        if name == "on":
            return Known(on)
        if name == "unknown":
            return Known(None)
        return self.rule(name, on)

    def evaluate(self, node: Any, on: date) -> Known:  # noqa: PLR0911
        match node:
            case ast.Constant(value=value):
                return Known(Decimal(str(value)) if isinstance(value, float) else value)
            case ast.Name(id=name):
                return self.name(name, on)
            case ast.BoolOp(op=op, values=values):
                return _kleene(isinstance(op, ast.And), (self.evaluate(value, on) for value in values))
            case ast.UnaryOp(op=op, operand=operand):
                known = self.evaluate(operand, on)
                if known.value is None:
                    return known
                return known._replace(value=not known.value if isinstance(op, ast.Not) else -known.value)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, body, orelse, on)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                parts = [self.evaluate(item, on) for item in (left, *rights)]
                results = [
                    _apply(lambda a, b, op=op: _compare(op, a, b), parts[number], parts[number + 1])
                    for number, op in enumerate(ops)
                ]
                return _kleene(True, iter(results)) if len(results) > 1 else results[0]
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.evaluate(left, on), self.evaluate(right, on)
                return _apply(lambda x, y: _arithmetic(op, x, y), a, b)
            case ast.Call(func=ast.Name(id=name), args=args):
                function = self.function(name)
                return _apply(function, *(self.evaluate(arg, on) for arg in args))
            case ast.Subscript(value=table, slice=key):
                known = _apply(lambda t, k: t.get(k), self.evaluate(table, on), self.evaluate(key, on))
                return known
            case ast.List(elts=elts):
                return _apply(lambda *items: tuple(items), *(self.evaluate(item, on) for item in elts))
        raise TypeError(ast.dump(node))

    def choice(self, test: Any, body: Any, orelse: Any, on: date) -> Known:
        known = self.evaluate(test, on)
        if known.value is not None:
            chosen = self.evaluate(body if known.value else orelse, on)
            ask = chosen.ask
            if chosen.value is None and not ask and not chosen.gaps:  # the text itself leaves this case open
                ask = frozenset(
                    item.id for item in ast.walk(test) if isinstance(item, ast.Name) and item.id in self.law.facts
                )
            return Known(chosen.value, ask, chosen.recalled | known.recalled, chosen.gaps | known.gaps)
        both = [self.evaluate(body, on), self.evaluate(orelse, on)]
        if both[0].value is not None and both[0].value == both[1].value:
            return _join(both, both[0].value)  # type: ignore[return-value]
        return known

    def function(self, name: str) -> Any:
        if name == "add_working_days":
            if self.law.add_working_days is None:
                return lambda _start, _days: None
            return self.law.add_working_days
        return _FUNCTIONS[name]


_FUNCTIONS: dict[str, Any] = {
    "min": min,
    "max": max,
    "years_between": years_between,
    "months_between": months_between,
    "days_between": lambda a, b: (b - a).days,
    "add_months": add_months,
    "add_days": add_days,
    "month_of": Month.of_date,
    "first_day": lambda month: month.first_day,
    "last_day": lambda month: month.last_day,
    "overlaps": lambda a, b: bool(set(a) & set(b)),
}


def _join(items: list[Known], value: Any = None) -> Known | None:
    if not items:
        return None
    return Known(
        value,
        frozenset().union(*(item.ask for item in items)) if value is None else NOTHING,
        frozenset().union(*(item.recalled for item in items)),
        frozenset().union(*(item.gaps for item in items)),
    )


def _kleene(conjunction: bool, items: Any) -> Known:
    """AND or OR. A deciding member (false for AND, true for OR) stands alone: only what it used is marked."""
    seen: list[Known] = []
    decided: Known | None = None
    for item in items:
        if item.value is (not conjunction):
            if not item.recalled:
                return item  # type: ignore[no-any-return]
            decided = decided or item
        seen.append(item)
    if decided is not None:
        return decided
    unknown = [item for item in seen if item.value is None]
    if unknown:
        return _join(unknown) or Known(None)
    return _join(seen, conjunction) or Known(conjunction)


def _apply(function: Any, *items: Known) -> Known:
    missing = [item for item in items if item.value is None]
    if missing:
        return _join(missing) or Known(None)
    if not any(item.recalled or item.gaps for item in items):
        return Known(function(*(item.value for item in items)))
    value = function(*(item.value for item in items))
    joined = _join(list(items), value)
    return joined._replace(ask=NOTHING) if joined else Known(value)


def _compare(op: ast.cmpop, a: Any, b: Any) -> bool:  # noqa: PLR0911
    match op:
        case ast.Eq():
            return bool(a == b)
        case ast.NotEq():
            return bool(a != b)
        case ast.Lt():
            return bool(a < b)
        case ast.LtE():
            return bool(a <= b)
        case ast.Gt():
            return bool(a > b)
        case ast.GtE():
            return bool(a >= b)
        case ast.In():
            return a in b
    return a not in b


def _arithmetic(op: ast.operator, a: Any, b: Any) -> Any:
    if isinstance(a, Month):
        if isinstance(b, Month):
            return int(a) - int(b)
        return Month(int(a) + b if isinstance(op, ast.Add) else int(a) - b)
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
    return a // b if b else None
