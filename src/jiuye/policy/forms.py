"""Which form of an expression is read how: one table for all readers that don't work with values.

A reader says what a truth, a number, a text is for it (T, N, W), what comes before the form is looked at
(constants, tables, what it made already), and what each form becomes.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from jiuye.policy.errors import NotColumnar
from jiuye.policy.language import HOUSEHOLD
from jiuye.policy.parts import ConditionText, Rule
from jiuye.policy.values import Value

T = TypeVar("T")
N = TypeVar("N")
W = TypeVar("W")
One = TypeVar("One")  # T, N or W
Name = ast.Name | ast.Attribute  # of the case itself, or `employer.NAME`


class Forms(ABC, Generic[T, N, W]):
    """Raises NotColumnar for a form that a reader has no way with; `refusal` says so."""

    refusal = "can't be read"

    # -- before the form --------------------------------------------------------

    @abstractmethod
    def folded(self, node: Any) -> tuple[Value] | None: ...

    @abstractmethod
    def rule_at(self, name: str) -> Rule | None: ...

    @abstractmethod
    def truth(self, node: Any) -> T: ...

    @abstractmethod
    def number(self, node: Any) -> N: ...

    @abstractmethod
    def text(self, node: Any) -> W: ...

    # -- truth --------------------------------------------------------

    def truth_form(self, node: Any) -> T:
        match node:
            case ast.Name() | ast.Attribute():
                return self.named_truth(node)
            case ast.Call(func=ast.Name(id=function)) if function in HOUSEHOLD:
                return self.truth_of_home(node)
            case ast.BoolOp(op=op, values=values):
                return self.all_or_any(values, isinstance(op, ast.And))
            case ast.UnaryOp(operand=operand):
                return self.negate(self.truth(operand))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose_truth(self.truth(test), self.truth(body), self.truth(orelse), False)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.compare(left, op, right)
            case ast.Compare():
                return self.together([self.truth(pair) for pair in pairs(node)], True)
            case ast.Call(args=[left, right]):
                return self.overlap(left, right)
        raise self.refused(node)

    def refused(self, node: Any) -> NotColumnar:
        return NotColumnar(f"{ast.unparse(node)} {self.refusal}")

    def all_or_any(self, values: Sequence[Any], conjunction: bool) -> T:
        return self.together([self.truth(part) for part in values], conjunction)

    def condition(self, text: ConditionText) -> T:
        """The parts of a rule, named one by one."""
        if text.when is not None:
            return self.truth(text.when.body)
        return self.parts(text, text.quantifier == "all")

    def parts(self, text: ConditionText, conjunction: bool) -> T:
        return self.together([self.condition(part) for part in text.parts], conjunction)

    def compare(self, left: Any, op: ast.cmpop, right: Any) -> T:
        if isinstance(op, ast.In | ast.NotIn):
            found = self.member(left, right)
            return found if isinstance(op, ast.In) else self.negate(found)
        match left.t.kind:
            case "text":
                return self.compare_texts(op, self.text(left), self.text(right))
            case "bool":
                return self.compare_truths(op, self.truth(left), self.truth(right))
        return self.compare_numbers(op, self.number(left), self.number(right))

    def member(self, left: Any, right: Any) -> T:
        """`text in list`: one side is the same for everybody."""
        if (folded := self.folded(right)) is not None:
            return self.no_truth if folded[0] is None else self.among(self.text(left), _list(folded[0]))
        word = self.folded(left)
        if word is not None and isinstance(right, Name):
            return self.no_truth if word[0] is None else self.holds(right, _list(word))
        raise NotColumnar(
            f"“{ast.unparse(left)} in {ast.unparse(right)}” compares two values of the same person"
        )

    def overlap(self, left: Any, right: Any) -> T:
        if self.folded(left) is not None:
            left, right = right, left
        folded = self.folded(right)
        if folded is None or not isinstance(left, Name):
            raise NotColumnar(
                f"overlaps({ast.unparse(left)}, {ast.unparse(right)}): one list must be a fixed one"
            )
        return self.no_truth if folded[0] is None else self.holds(left, _list(folded[0]))

    # -- numbers, days, months --------------------------------------------------------

    def number_form(self, node: Any) -> N:
        match node:
            case ast.Name() | ast.Attribute():
                return self.named_number(node)
            case ast.Call(func=ast.Name(id=function)) if function in HOUSEHOLD:
                return self.count_of_home(node)
            case ast.UnaryOp(operand=operand):
                return self.negative(self.number(operand))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose_number(self.truth(test), self.number(body), self.number(orelse), False)
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(op, self.number(left), self.number(right))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, [self.number(arg) for arg in args], node)
            case ast.Subscript(value=table, slice=key):
                return self.lookup(table, key)
        raise self.refused(node)

    def lookup(self, table: Any, key: Any) -> N:
        """table[text]: the table is the same for everybody."""
        folded = self.folded(table)
        if folded is None:
            raise NotColumnar(f"{ast.unparse(table)} differs between people: it can't be looked up")
        rows: Any = folded[0]
        return self.row(self.text(key), rows) if rows else self.no_number

    # -- words --------------------------------------------------------

    def text_form(self, node: Any) -> W:
        match node:
            case ast.Name() | ast.Attribute():
                return self.named_text(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose_text(self.truth(test), self.text(body), self.text(orelse), False)
        raise self.refused(node)

    # -- rules --------------------------------------------------------

    def by_rule(
        self,
        name: str,
        make: Callable[[Any], One],
        choose: Callable[[T, One, One, bool], One],
        none: One,
    ) -> One:
        """What a rule with a value comes to: `value` when `given` is met, `otherwise` when it isn't."""
        rule = self.rule_at(name)
        if rule is None:
            return none
        assert rule.value is not None
        value = make(rule.value.body)
        if rule.given is None:
            return value
        other = make(rule.otherwise.body) if rule.otherwise else none
        return choose(self.truth(rule.given.body), value, other, True)

    def truth_of_rule(self, name: str) -> T:
        rule = self.rule_at(name)
        if rule is not None and rule.condition is not None:
            return self.condition(rule.condition)
        return self.by_rule(name, self.truth, self.choose_truth, self.no_truth)

    def number_of_rule(self, name: str) -> N:
        return self.by_rule(name, self.number, self.choose_number, self.no_number)

    def text_of_rule(self, name: str) -> W:
        return self.by_rule(name, self.text, self.choose_text, self.no_text)

    # -- what a form becomes --------------------------------------------------------
    # choose_*: body if test else orelse; open while the test is, unless the branches agree (never if strict)

    @property
    @abstractmethod
    def no_truth(self) -> T: ...

    @property
    @abstractmethod
    def no_number(self) -> N: ...

    @property
    @abstractmethod
    def no_text(self) -> W: ...

    @abstractmethod
    def named_truth(self, node: Name) -> T: ...

    @abstractmethod
    def named_number(self, node: Name) -> N: ...

    @abstractmethod
    def named_text(self, node: Name) -> W: ...

    @abstractmethod
    def choose_truth(self, test: T, body: T, orelse: T, strict: bool) -> T: ...

    @abstractmethod
    def choose_number(self, test: T, body: N, orelse: N, strict: bool) -> N: ...

    @abstractmethod
    def choose_text(self, test: T, body: W, orelse: W, strict: bool) -> W: ...

    @abstractmethod
    def together(self, parts: list[T], conjunction: bool) -> T: ...

    @abstractmethod
    def negate(self, truth: T) -> T: ...

    @abstractmethod
    def compare_truths(self, op: ast.cmpop, a: T, b: T) -> T: ...

    @abstractmethod
    def compare_numbers(self, op: ast.cmpop, a: N, b: N) -> T: ...

    @abstractmethod
    def compare_texts(self, op: ast.cmpop, a: W, b: W) -> T: ...

    @abstractmethod
    def among(self, text: W, members: tuple[str, ...]) -> T:
        """Whether it is one of these words."""

    def holds(self, node: Name, members: tuple[str, ...]) -> T:
        """Whether the list of that name holds one of these words."""
        raise self.refused(node)

    def truth_of_home(self, node: ast.Call) -> T:
        """`household_any`, `household_all`."""
        raise self.refused(node)

    def count_of_home(self, node: ast.Call) -> N:
        raise self.refused(node)

    @abstractmethod
    def negative(self, number: N) -> N: ...

    @abstractmethod
    def arithmetic(self, op: ast.operator, a: N, b: N) -> N: ...

    @abstractmethod
    def call(self, name: str, args: list[N], node: ast.Call) -> N: ...

    @abstractmethod
    def row(self, text: W, rows: dict[str, Any]) -> N:
        """The entry of a table for a word; unknown where there is none."""


def pairs(node: ast.Compare) -> list[ast.Compare]:
    """A chain of comparisons one by one."""
    sides = [node.left, *node.comparators]
    return [ast.Compare(a, [op], [b]) for a, op, b in zip(sides, node.ops, sides[1:], strict=False)]


def _list(value: Any) -> tuple[str, ...]:
    return tuple(value)
