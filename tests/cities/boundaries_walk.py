"""Every threshold that the checked text of the law holds, with what must be so for it to decide.

A threshold is a comparison of numbers, dates or months, a cap (`min`, `max`), a step (`//`, completed years
or months) or a term that is added to a date. Lists of words are no thresholds: mutation looks after them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from jiuye.policy import Law
from jiuye.policy.language import HOUSEHOLD, Expression
from jiuye.policy.parts import ConditionText, Rule

MEASURED = ("number", "date", "month")
TERMS = ("add_months", "add_days", "add_working_days")
STEPS = ("years_between", "months_between")
Need = tuple[Any, bool]  # a condition or a tree, and what it must be


@dataclass(frozen=True)
class Threshold:
    """One threshold of one version of a rule.

    where: the named conditions that lead to it, or given, value, otherwise. kind: compare, cap, step, term.
    variant: which row of a table, which branch; needs: what must hold for it to decide.
    """

    rule: str
    version: Rule
    where: str
    basis: str
    kind: str
    node: Any
    needs: tuple[Need, ...]
    number: int = 0
    variant: str = ""

    @property
    def text(self) -> str:
        return ast.unparse(self.node)

    @property
    def operands(self) -> tuple[Any, ...]:
        match self.node:
            case ast.Compare(left=left, comparators=[right]):
                return left, right
            case ast.Call(args=args) if self.kind == "cap":
                return tuple(args)
        return (self.node,)

    @property
    def name(self) -> str:
        """The same as long as the text is."""
        since = "" if self.version.first == date.min else f" from {self.version.first}"
        number = f" #{self.number + 1}" if self.number else ""
        variant = f" [{self.variant}]" if self.variant else ""
        return f"{self.rule}{since}: {self.where}: {self.text}{number}{variant}"


def thresholds(law: Law) -> Iterator[Threshold]:
    """In the order of the text."""
    for versions in law.rules.values():
        for version in versions:
            seen: dict[str, int] = {}
            for found in _Walk(law, version).all():
                number = seen.get(found.name, 0)
                seen[found.name] = number + 1
                yield replace(found, number=number)


def read_by(law: Law, node: Any) -> frozenset[str]:
    """Facts a tree rests on, through rules and all their versions; `on` and `household` among them."""
    kept: frozenset[str] | None = getattr(node, "rests_on", None)
    if kept is None:
        kept = node.rests_on = frozenset(_read(law, node, set()))
    return kept


def _read(law: Law, node: Any, done: set[str]) -> Iterator[str]:
    for part in ast.walk(node):
        match part:
            case ast.Attribute(attr=name):
                yield from _named(law, name, "employer.", done)
            case ast.Call(func=ast.Name(id=function)) if function in HOUSEHOLD:
                yield "household"
            case ast.Name(id=name):
                yield from _named(law, name, "", done)


def _named(law: Law, name: str, prefix: str, done: set[str]) -> Iterator[str]:
    if name == "on":
        yield "on"
    elif name in law.facts:
        yield prefix + name
    elif name in law.rules and prefix + name not in done:
        done.add(prefix + name)
        for version in law.rules[name]:
            for expression in version.expressions():
                for found in _read(law, expression.body, done):
                    yield found if found in ("on", "household") else prefix + found


class _Walk:
    def __init__(self, law: Law, version: Rule) -> None:
        self.law, self.version = law, version

    def all(self) -> Iterator[Threshold]:
        rule = self.version
        if rule.condition is not None:
            top = "when" if rule.condition.when is not None else ""
            yield from self.text(rule.condition, (), top, rule.basis)
        if rule.goes_on is not None:
            yield from self.text(rule.goes_on, (), "goes_on_for", rule.goes_on.basis or rule.basis)
        given: tuple[Need, ...] = ()
        if rule.given is not None:
            yield from self.expression(rule.given, (), "given")
            given = ((rule.given.body, True),)
        if rule.value is not None:
            yield from self.expression(rule.value, given, "value")
        if rule.otherwise is not None and rule.given is not None:
            yield from self.expression(rule.otherwise, ((rule.given.body, False),), "otherwise")
        if rule.schedule is not None:
            yield from self.expression(rule.schedule.first, given, "first")
            yield from self.expression(rule.schedule.count, given, "count")
            yield from self.expression(rule.schedule.value, given, "amount")

    def expression(self, of: Expression, needs: tuple[Need, ...], where: str) -> Iterator[Threshold]:
        return self.tree(of.body, needs, where, self.version.basis, False)

    def text(
        self, text: ConditionText, needs: tuple[Need, ...], where: str, basis: str
    ) -> Iterator[Threshold]:
        if text.when is not None:
            yield from self.tree(text.when.body, needs, where or text.name, basis, False)
        for part in text.parts:
            wanted = text.quantifier == "all"
            others = tuple((other, wanted) for other in text.parts if other is not part)
            inner = f"{where}.{part.name}" if where else part.name
            yield from self.text(part, needs + others, inner, part.basis or basis)

    def tree(
        self, node: Any, needs: tuple[Need, ...], where: str, basis: str, compared: bool
    ) -> Iterator[Threshold]:
        def found(kind: str, at: Any, also: tuple[Need, ...] = ()) -> Iterator[Threshold]:
            made = Threshold(self.version.name, self.version, where, basis, kind, at, needs + also)
            if any(self.moves(name) for name in read_by(self.law, at)):
                yield from self.variants(made)

        def inside(part: Any, also: tuple[Need, ...] = (), beneath: bool = compared) -> Iterator[Threshold]:
            return self.tree(part, needs + also, where, basis, beneath)

        match node:
            case ast.BoolOp(op=op, values=values):
                wanted = isinstance(op, ast.And)
                for value in values:
                    yield from inside(value, tuple((v, wanted) for v in values if v is not value))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                yield from inside(test, (), False)
                yield from inside(body, ((test, True),))
                yield from inside(orelse, ((test, False),))
            case ast.Compare(left=left, ops=ops, comparators=rights):
                pairs = _pairs(left, ops, rights)
                for pair in pairs:
                    kind = pair.left.t.kind  # type: ignore[attr-defined]
                    if kind in MEASURED and not isinstance(pair.ops[0], ast.In | ast.NotIn):
                        also = tuple((other, True) for other in pairs if other is not pair)
                        yield from found("compare", pair, also)
                for part in (left, *rights):
                    yield from inside(part, (), True)
            case ast.Call(func=ast.Name(id="min" | "max"), args=args):
                yield from found("cap", node)
                for part in args:
                    yield from inside(part)
            case ast.Call(func=ast.Name(id=name), args=args) if name not in HOUSEHOLD:
                if not compared and name in STEPS + TERMS:
                    yield from found("step" if name in STEPS else "term", node)
                for part in args:
                    yield from inside(part)
            case ast.BinOp(left=left, op=op, right=right):
                if isinstance(op, ast.FloorDiv) and not compared:
                    yield from found("step", node)
                yield from inside(left)
                yield from inside(right)
            case ast.UnaryOp(operand=operand):
                yield from inside(operand)
            case ast.Subscript(slice=key):
                yield from inside(key)

    def moves(self, name: str) -> bool:
        """Whether that fact can be moved by a step."""
        fact = self.law.facts.get(name.rpartition(".")[2])
        return name in ("on", "household") or (fact is not None and fact.type.kind in MEASURED)

    def variants(self, of: Threshold) -> Iterator[Threshold]:
        """One for each row of the tables and each branch that the operands choose between."""
        choices: list[list[tuple[str, tuple[Need, ...]]]] = []
        keys: set[str] = set()
        for part in (part for operand in of.operands for part in ast.walk(operand)):
            match part:
                case ast.Subscript(value=ast.Name(id=table), slice=ast.Name() as key) if key.id not in keys:
                    keys.add(key.id)
                    rows = {
                        row
                        for dated in self.law.parameters[table].values
                        if isinstance(dated.value, dict)
                        for row, limit in dated.value.items()
                        if limit  # 0 sets no limit
                    }
                    choices.append([(f"{key.id} {row}", ((equal(key, row), True),)) for row in sorted(rows)])
                case ast.IfExp(test=test):
                    text = ast.unparse(test)
                    choices.append([(text, ((test, True),)), (f"not {text}", ((test, False),))])
        for chosen in product(*choices):
            variant = ", ".join(words for words, _ in chosen)
            yield replace(of, variant=variant, needs=of.needs + tuple(n for _, more in chosen for n in more))


def equal(left: Any, word: str) -> ast.Compare:
    return ast.Compare(left, [ast.Eq()], [ast.Constant(word)])


def _pairs(left: Any, ops: list[ast.cmpop], rights: list[Any]) -> list[ast.Compare]:
    return [ast.Compare(a, [op], [b]) for a, op, b in zip([left, *rights], ops, rights, strict=False)]
