"""One case, decided and explained.

A value that rests on a missing fact is unknown, and `ask` names the facts that would decide it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from typing import Any

from jiuye.policy.errors import FactError
from jiuye.policy.known import Known, kleene, known, unknown
from jiuye.policy.language import EMPLOYER, HOUSEHOLD, Expression
from jiuye.policy.outcome import Condition, Outcome, ScheduleLine
from jiuye.policy.parts import OF_EMPLOYER, PERSON, ConditionText, Rule
from jiuye.policy.values import Month, State, Value, plain
from jiuye.policy.working_out import OPEN, Worked, check_fact

_STATE = {None: State.UNKNOWN, False: State.NOT_MET, True: State.MET}
__all__ = ["Case", "Condition", "Outcome", "ScheduleLine", "check_fact"]


class Case(Worked):
    """The facts of one case; every rule is worked out at most once per date. None is like an absent fact.

    facts: of the person, or of the employer when rules `for: employer` are asked. members: the facts of every
    other member of the household (None: the household isn't known); one may hold `employer`, a mapping.
    employer: the facts of the person's employer. Facts may also state a rule or a parameter by its name: then
    that stands. Raises FactError.
    """

    # -- outcomes --------------------------------------------------------

    def outcome(self, name: str, on: date) -> Outcome:
        """The rule's answer on that day, with everything it looked at."""
        entity = self.law.rules[name][-1].entity
        if entity == PERSON and self.entity == OF_EMPLOYER:
            raise FactError(f"{name} is about a person, these facts are about an employer")
        if entity == OF_EMPLOYER and (self.entity == PERSON or self._employer is not None):
            return self.employer.outcome(name, on)
        rule = self.law.rule_at(name, on)
        self.shared.used = {}
        shown, transition = (None, None) if rule is None else self.version(rule, on)
        if rule is None or shown is None:
            last = self.law.rules[name][-1]
            return Outcome(
                name, last.title, last.basis, on, State.UNKNOWN, None, None, (), (), (name,), (), (), "",
                self.law.version, in_force=False, parameters=self.parameters(), transition=transition,
            )  # fmt: skip
        conditions: tuple[Condition, ...] = ()
        schedule: tuple[ScheduleLine, ...] = ()
        value: Value = None
        calculation = ""
        if rule.schedule:
            result, schedule = self.schedule(rule, shown, on)
            state = State.of(result.value)
        elif rule.condition:
            conditions, result = self.conditions(shown, on)
            result = self.rule(name, on) if rule.choices else self.answered(name, result)
            state = State.of(result.value)
        else:
            result = self.rule(name, on)
            value = result.value
            state = State.UNKNOWN if value is None else State.MET
            given, source = rule.given, shown.value
            if given is not None and self.evaluate(given.body, on).value is False:
                state, source = State.NOT_MET, shown.otherwise
                if rule.otherwise is None:
                    result = result._replace(gaps=frozenset())
            calculation = self.calculation(source, on)
        return Outcome(
            name, shown.title, shown.basis, on, state, value, rule.type.unit, self.order(result.ask),
            tuple(sorted(result.recalled)), tuple(sorted(result.gaps)), conditions, schedule, calculation,
            self.law.version, True, self.parameters(), transition,
        )  # fmt: skip

    def version(self, rule: Rule, on: date) -> tuple[Rule | None, Condition | None]:
        """The version that stands for this case, or the text that chooses while that is open.

        None: no version stands for it. With it the condition that kept an ended version for it, or didn't.
        """
        transition = None
        for text, old in rule.choices:
            transition, result = self.condition(text, on)
            if result.value is None:
                return rule, transition
            if result.value:
                return old, transition
        return (rule.base if rule.choices else rule), transition

    def conditions(self, rule: Rule, on: date) -> tuple[tuple[Condition, ...], Known]:
        """The parts of a condition and what follows; shown below every rule that names this one.

        While the version is open they are those of every version that may stand, and nothing follows.
        """
        key = ("conditions", self.prefix, rule.name, rule.first, on)
        return self.shared.once(key, lambda: self._conditions(rule, on))

    def _conditions(self, rule: Rule, on: date) -> tuple[tuple[Condition, ...], Known]:
        if rule.choices:
            versions = [old for _, old in rule.choices] + ([rule.base] if rule.base else [])
            return tuple(self.condition(one.condition, on)[0] for one in versions if one.condition), OPEN
        assert rule.condition is not None
        top, result = self.condition(rule.condition, on)
        return top.children or (top,), result

    def order(self, names: frozenset[str]) -> tuple[str, ...]:
        """Cheapest supplier first, then the case itself, its employer, the members."""
        if len(names) < 2:
            return tuple(names)
        return tuple(sorted(names, key=self.law.asking_order))

    def parameters(self) -> dict[str, list[dict[str, Any]]]:
        out: dict[str, list[dict[str, Any]]] = {}
        used = self.shared.used
        for name, first in sorted(used):
            out.setdefault(name, []).append(dict(used[name, first].shown))
        return out

    def condition(self, text: ConditionText, on: date) -> tuple[Condition, Known]:
        """A condition as it came out, with its value."""
        if text.when is not None:
            result = self.evaluate(text.when.body, on)
            children, quantifier = self.beneath(text.when.body, on)
            return Condition(
                text.name, _STATE[result.value], text.label, text.basis, text.when.text,
                self.looked_at(text.when, on), text.remedy, children, self.order(result.ask),
                quantifier, tuple(sorted(result.gaps)) if result.gaps else (),
            ), result  # fmt: skip
        parts = [self.condition(part, on) for part in text.parts]
        result = kleene(text.quantifier == "all", (value for _, value in parts))
        return Condition(
            text.name, State.of(result.value), text.label, text.basis, "", {}, text.remedy,
            tuple(part for part, _ in parts), self.order(result.ask), text.quantifier,
            tuple(sorted(result.gaps)),
        ), result  # fmt: skip

    def looked_at(self, expression: Expression, on: date) -> dict[str, Value]:
        if expression.of_employer or expression.of_household:
            return dict(self.inputs(expression, on))
        return {name: self.name(name, on).value for name in expression.names if name not in ("unknown", "on")}

    def inputs(self, expression: Expression, on: date) -> Iterator[tuple[str, Value]]:
        """What an expression looks at: its own names, the employer's, each member's."""
        for name in expression.names:
            if name not in ("unknown", "on"):
                yield name, self.name(name, on).value
        for name in expression.of_employer:
            yield f"employer.{name}", self.employer.name(name, on).value
        for function, name in expression.of_household:
            yield f"{function}({name})", self.over_household(function, name, on).value
            for member in self.shared.household or ():
                yield member.prefix + name, member.name(name, on).value

    def beneath(self, body: Any, on: date) -> tuple[tuple[Condition, ...], str]:
        """The conditions of the rule that a condition names and does nothing else."""
        match body:
            case ast.Name(id=name):
                whose = self
            case ast.Attribute(attr=name):
                whose = self.employer
            case _:
                return (), "all"
        if name not in self.law.rules or name in whose.facts:
            return (), "all"
        rule = self.law.rule_at(name, on)
        shown = whose.version(rule, on)[0] if rule else None
        if shown is None or shown.condition is None:
            return (), "all"
        quantifier = shown.condition.quantifier
        return whose.conditions(shown, on)[0], "all" if shown.choices else quantifier

    def schedule(self, rule: Rule, shown: Rule, on: date) -> tuple[Known, tuple[ScheduleLine, ...]]:
        """Month by month, each with the parameters and rule versions of its first day."""
        if shown.choices:
            return self.answered(rule.name, unknown([self.truth(t, on) for t, _ in shown.choices])), ()
        text = shown.schedule
        assert text is not None
        guard = self.evaluate(shown.given.body, on) if shown.given else Known(True)
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
                self.bind({"month": Known(month), "index": Known(index)})
                day = month.first_day
                more = {name: self.evaluate(e.body, day) for name, e in text.bind.items()}
                self.bind(self.bound | more)
                mark = self.answered(rule.name, self.evaluate(text.value.body, day))
                marks.append(mark)
                lines.append(ScheduleLine(month, index, mark.value))
        finally:
            self.bind({})
        missing = [mark for mark in marks if mark.value is None]
        return unknown(missing) if missing else known(True, marks), tuple(lines)

    def bind(self, bound: dict[str, Known]) -> None:
        self.bound = bound
        self.shared.bound = tuple(sorted((name, item.value) for name, item in bound.items()))

    def calculation(self, expression: Expression | None, on: date) -> str:
        """The expression with its values put in, e.g. min(24, 2 * (84 // 12))."""
        if expression is None:
            return ""
        values = {}
        for name, value in self.inputs(expression, on):
            values[name] = "?" if value is None else str(plain(value))
        if not expression.pieces:
            tree = ast.parse(expression.text, mode="eval")
            expression.pieces = tuple(ast.unparse(_Put().visit(tree)).split(_MARK))
        pieces = expression.pieces
        return "".join(values.get(piece, piece) if n % 2 else piece for n, piece in enumerate(pieces))


_MARK = "\0"


class _Put(ast.NodeTransformer):
    """What stands for a value set between marks."""

    def mark(self, text: str) -> ast.Name:
        return ast.Name(f"{_MARK}{text}{_MARK}", ast.Load())

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.mark(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self.mark(f"{EMPLOYER}.{node.attr}")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in HOUSEHOLD:
            return self.mark(ast.unparse(node))
        node.args = [self.visit(arg) for arg in node.args]
        return node
