"""One case, decided and explained.

A value that rests on a missing fact is unknown, and `ask` names the facts that would decide it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jiuye.policy.errors import FactError
from jiuye.policy.known import (
    CALLS,
    COMPARE,
    Known,
    apply,
    arithmetic,
    choose,
    in_calendar,
    kleene,
    known,
    negative,
    unknown,
)
from jiuye.policy.language import Expression
from jiuye.policy.law import Law
from jiuye.policy.outcome import Condition, Outcome, ScheduleLine
from jiuye.policy.parts import SUPPLIERS, ConditionText, ParameterValue, Rule
from jiuye.policy.values import Month, State, Type, Value, plain

__all__ = ["Case", "Condition", "Outcome", "ScheduleLine"]

Used = dict[tuple[str, date], ParameterValue]


class Case:
    """The facts of one case; every rule is worked out at most once per date. None is like an absent fact.

    The facts may also state a rule or a parameter by its name: then that stands. Raises FactError.
    """

    def __init__(self, law: Law, facts: Mapping[str, Value]) -> None:
        self.law = law
        self.facts = {name: value for name, value in facts.items() if value is not None}
        for name, value in self.facts.items():
            check_fact(law, name, value)
        self._done: dict[tuple[str, date, tuple[tuple[str, Any], ...]], tuple[Known, Used]] = {}
        self.bound: dict[str, Known] = {}
        self.used: Used = {}

    # -- outcomes --------------------------------------------------------

    def outcome(self, name: str, on: date) -> Outcome:
        """The rule's answer on that day, with everything it looked at."""
        rule = self.law.rule_at(name, on)
        if rule is None:
            last = self.law.rules[name][-1]
            return Outcome(
                name, last.title, last.basis, on, State.UNKNOWN, None, None, (), (), (name,), (), (), "",
                self.law.version, in_force=False,
            )  # fmt: skip
        self.used = {}
        conditions: tuple[Condition, ...] = ()
        schedule: tuple[ScheduleLine, ...] = ()
        value: Value = None
        calculation = ""
        if rule.schedule:
            result, schedule = self.schedule(rule, on)
            state = State.of(result.value)
        elif rule.condition:
            result = self.rule(name, on)
            top = self.condition(rule.condition, on)
            conditions = top.children or (top,)
            state = State.of(result.value)
        else:
            result = self.rule(name, on)
            value = result.value
            state = State.UNKNOWN if value is None else State.MET
            source = rule.value
            if rule.given is not None and self.evaluate(rule.given.body, on).value is False:
                state, source = State.NOT_MET, rule.otherwise
                if source is None:
                    result = result._replace(gaps=frozenset())
            calculation = self.calculation(source, on)
        return Outcome(
            name, rule.title, rule.basis, on, state, value, rule.type.unit, self.order(result.ask),
            tuple(sorted(result.recalled)), tuple(sorted(result.gaps)), conditions, schedule, calculation,
            self.law.version, True, self.parameters(),
        )  # fmt: skip

    def order(self, names: frozenset[str]) -> tuple[str, ...]:
        """Cheapest supplier first, then as facts.yaml lists them."""
        facts = self.law.facts
        return tuple(
            sorted(names, key=lambda name: (SUPPLIERS.index(facts[name].supplier), facts[name].place))
        )

    def parameters(self) -> dict[str, list[dict[str, Any]]]:
        out: dict[str, list[dict[str, Any]]] = {}
        for name, first in sorted(self.used):
            item = self.used[name, first]
            out.setdefault(name, []).append(
                {
                    "value": plain(item.value),
                    "from": None if item.first == date.min else item.first.isoformat(),
                    "source": item.source,
                    "status": item.status,
                }
            )
        return out

    def condition(self, text: ConditionText, on: date) -> Condition:
        if text.when is not None:
            result = self.evaluate(text.when.body, on)
            inputs = {
                name: self.name(name, on).value for name in text.when.names if name not in ("unknown", "on")
            }
            rule = self.condition_rule(text.when.body, on)
            inner = self.condition(rule.condition, on) if rule and rule.condition else None
            return Condition(
                text.name, State.of(result.value), text.label, text.basis, text.when.text, inputs,
                text.remedy,
                (inner.children or (inner,)) if inner else (), self.order(result.ask),
                inner.quantifier if inner else "all", tuple(sorted(result.gaps)),
            )  # fmt: skip
        children = tuple(self.condition(part, on) for part in text.parts)
        result = self.truth(text, on)
        return Condition(
            text.name, State.of(result.value), text.label, text.basis, "", {}, text.remedy, children,
            self.order(result.ask), text.quantifier, tuple(sorted(result.gaps)),
        )  # fmt: skip

    def condition_rule(self, body: Any, on: date) -> Rule | None:
        """The rule behind a condition that is nothing but its name: its conditions are shown beneath."""
        if isinstance(body, ast.Name) and body.id in self.law.rules and body.id not in self.facts:
            return self.law.rule_at(body.id, on)
        return None

    def schedule(self, rule: Rule, on: date) -> tuple[Known, tuple[ScheduleLine, ...]]:
        """Month by month, each with the parameters and rule versions of its first day."""
        text = rule.schedule
        assert text is not None
        guard = self.evaluate(rule.given.body, on) if rule.given else Known(True)
        if guard.value is not True:
            return self.answered(rule.name, guard), ()
        first, count = self.evaluate(text.first.body, on), self.evaluate(text.count.body, on)
        missing = [item for item in (first, count) if item.value is None]
        if missing:
            return self.answered(rule.name, unknown(missing)), ()
        marks, lines = [guard, first, count], []
        try:
            for index in range(1, count.value + 1):
                month = Month(first.value + index - 1)
                self.bound = {"month": Known(month), "index": Known(index)}
                self.bound |= {name: self.evaluate(e.body, month.first_day) for name, e in text.bind.items()}
                mark = self.answered(rule.name, self.evaluate(text.value.body, month.first_day))
                marks.append(mark)
                lines.append(ScheduleLine(month, index, mark.value))
        finally:
            self.bound = {}
        missing = [mark for mark in marks if mark.value is None]
        return unknown(missing) if missing else known(True, marks), tuple(lines)

    def calculation(self, expression: Expression | None, on: date) -> str:
        """The expression with its values put in, e.g. min(24, 2 * (84 // 12))."""
        if expression is None:
            return ""
        values = {}
        for name in expression.names:
            if name not in ("on", "unknown"):
                value = self.name(name, on).value
                values[name] = "?" if value is None else str(plain(value))

        return ast.unparse(_Put(values).visit(ast.parse(expression.text, mode="eval")))

    # -- evaluation --------------------------------------------------------

    def rule(self, name: str, on: date) -> Known:
        key = (name, on, tuple(sorted((k, v.value) for k, v in self.bound.items())) if self.bound else ())
        if key not in self._done:
            outer, self.used = self.used, {}
            self._done[key] = self._rule(name, on), self.used
            self.used = outer
        result, used = self._done[key]
        self.used |= used
        return result

    def _rule(self, name: str, on: date) -> Known:
        rule = self.law.rule_at(name, on)
        if rule is None:
            return Known(None, gaps=frozenset([name]))
        if rule.condition:
            return self.answered(name, self.truth(rule.condition, on))
        assert rule.value is not None, f"{name} is a schedule: it can't stand in an expression"
        source = rule.value
        guard = Known(True)
        if rule.given is not None:
            guard = self.evaluate(rule.given.body, on)
            if guard.value is None:
                return self.answered(name, guard)
            if guard.value is False:
                if rule.otherwise is None:
                    return Known(None, recalled=guard.recalled, gaps=frozenset([name]))
                source = rule.otherwise
        result = self.evaluate(source.body, on)
        return self.answered(name, result._replace(recalled=result.recalled | guard.recalled))

    def answered(self, name: str, result: Known) -> Known:
        """Unknown with nothing to ask and no gap elsewhere: this rule itself leaves the case open."""
        if result.value is None and not result.ask and not result.gaps:
            return result._replace(gaps=frozenset([name]))
        return result

    def truth(self, text: ConditionText, on: date) -> Known:
        if text.when is not None:
            return self.evaluate(text.when.body, on)
        return kleene(text.quantifier == "all", (self.truth(part, on) for part in text.parts))

    def name(self, name: str, on: date) -> Known:
        """A fact, parameter or rule by name. Facts may also state a rule or parameter: then that stands."""
        if name in self.bound:
            return self.bound[name]
        if (stated := self.facts.get(name)) is not None:
            return Known(stated)
        if name in self.law.facts:
            return Known(None, frozenset([name]))
        if name in self.law.parameters:
            found = self.law.parameters[name].at(on)
            if found is None or found.value is None:
                return Known(None, gaps=frozenset([name]))
            self.used[name, found.first] = found
            return Known(found.value, recalled=frozenset([name] if found.status == "recalled" else ()))
        if name == "on":
            return Known(on)
        if name == "unknown":
            return Known(None)
        return self.rule(name, on)

    def evaluate(self, node: Any, on: date) -> Known:
        match node:
            case ast.Constant(value=value):
                return Known(value)
            case ast.Name(id=name):
                return self.name(name, on)
            case ast.BoolOp(op=op, values=values):
                return kleene(isinstance(op, ast.And), (self.evaluate(value, on) for value in values))
            case ast.UnaryOp(op=op, operand=operand):
                return apply(_not if isinstance(op, ast.Not) else negative, self.evaluate(operand, on))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return choose(
                    self.evaluate(test, on),
                    lambda: self.evaluate(body, on),
                    lambda: self.evaluate(orelse, on),
                )
            case ast.Compare(left=left, ops=ops, comparators=rights):
                parts = [self.evaluate(item, on) for item in (left, *rights)]
                pairs = zip(ops, parts, parts[1:], strict=False)
                return kleene(True, [apply(COMPARE[type(op)], a, b) for op, a, b in pairs])
            case ast.BinOp(left=left, op=op, right=right):
                return apply(
                    lambda a, b: arithmetic(op, a, b), self.evaluate(left, on), self.evaluate(right, on)
                )
            case ast.Call(func=ast.Name(id=name), args=args):
                return apply(self.function(name), *(self.evaluate(arg, on) for arg in args))
            case ast.Subscript(value=table, slice=key):
                return apply(lambda t, k: t.get(k), self.evaluate(table, on), self.evaluate(key, on))
            case ast.List(elts=elts):
                return apply(lambda *items: items, *(self.evaluate(item, on) for item in elts))
        raise TypeError(ast.dump(node))

    def function(self, name: str) -> Any:
        if name == "add_working_days":
            return in_calendar(self.law.add_working_days or (lambda _start, _days: None))
        return CALLS[name]


class _Put(ast.NodeTransformer):
    """Names replaced by what they stand for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.values.get(node.id, node.id), ast.Load())


def _not(value: bool) -> bool:
    return not value


# -- facts as declared --------------------------------------------------------


def check_fact(law: Law, name: str, value: Value) -> None:
    """Raises FactError when `value` isn't what the law declares under that name."""
    of = law.type_of(name)
    if of is None:
        raise FactError(f"nothing is called {name}")
    if not _fits(of, value):
        raise FactError(f"{name}: {of} expected, not {value!r}")
    if of.codes:
        for word in value if isinstance(value, tuple | list) else (value,):
            if word not in law.codes[of.codes]:
                raise FactError(f"{name}: {word!r} isn't in code table {of.codes}")


def _fits(of: Type, value: Any) -> bool:
    match of.kind:
        case "bool":
            return isinstance(value, bool)
        case "number":
            whole = isinstance(value, int) and not isinstance(value, bool | Month)
            return whole or (isinstance(value, Decimal) and not of.exact and value.is_finite())
        case "date":
            return isinstance(value, date) and not isinstance(value, datetime)
        case "month":
            return isinstance(value, Month)
        case "text":
            return isinstance(value, str)
        case "list":
            return isinstance(value, tuple | list) and all(isinstance(word, str) for word in value)
        case "table":
            return isinstance(value, dict)
    return False
