"""Conditions that can never be met, or always are: seen from their text, before any case is decided.

For every term (a fact, a rule, an expression) the values that a condition leaves open are followed through
`all` and `any`: intervals, words of a code table, true and false. What is left open is never too little, so a
complaint is always right; what depends on two terms at once isn't seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from typing import Any

from jiuye.policy.domains import Domain, Interval, Open, Words, join, meet
from jiuye.policy.language import HOUSEHOLD, Expression
from jiuye.policy.parts import ConditionText, Rule
from jiuye.policy.reader import Reader

NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq, ast.NotEq: ast.NotEq, ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE,
}  # fmt: skip
NOTHING = object()


@dataclass
class Item:
    """A group (`all`, `any`) of items, or one condition (`one`) as it is or denied."""

    kind: str
    where: str
    text: str
    parts: list[Item] = field(default_factory=list)
    node: Any = None
    positive: bool = True


def find(law: Reader) -> None:
    """Adds what can't be met, or always is, to `law.problems`. The law must have passed its other checks.

    A group that lists every code of a table is a warning only.
    """
    finder = _Finder(law)
    for versions in law.rules.values():
        for rule in versions:
            finder.rule(rule)
    law.problems.extend(dict.fromkeys(finder.found))
    law.warnings.extend(dict.fromkeys(finder.odd))


class _Finder:
    def __init__(self, law: Reader) -> None:
        self.law = law
        self.found: list[str] = []
        self.odd: list[str] = []
        self.whole_tables = True  # a code is one of its table
        self.of_rule: dict[tuple[str, bool, bool], Open] = {}

    def rule(self, rule: Rule) -> None:
        texts = [text for text in (rule.condition, rule.goes_on) if text is not None]
        for text in texts:
            self.check(self.item_of(text), {})
        if rule.given is not None:
            self.check(self.item(rule.given.body, rule.given), {})
            self.constant(rule.given.body, rule.given)
        for expression in rule.expressions():
            for node in ast.walk(expression.body):
                if isinstance(node, ast.IfExp):
                    self.check(self.item(node.test, expression), {})
                    self.constant(node.test, expression)
                elif isinstance(node, ast.BoolOp):
                    for value in node.values:
                        self.constant(value, expression)
        for text in texts:
            for expression in text.expressions():
                self.constant(expression.body, expression)

    def say(self, item: Item, message: str) -> None:
        self.found.append(f"{item.where}: {message}: “{item.text}”")

    def constant(self, node: Any, expression: Expression) -> None:
        """A condition that speaks of nothing is the same for everybody on every day."""
        if not any(isinstance(part, ast.Name) for part in ast.walk(node)):
            self.found.append(f"{expression.where}: the same for everybody: “{ast.unparse(node)}”")
            return
        for part in ast.walk(node):
            if isinstance(part, ast.Compare):
                values = [self.value(item) for item in (part.left, *part.comparators)]
                if NOTHING not in values:  # parameters that have had one value only: so far no condition
                    text = ast.unparse(part)
                    self.odd.append(
                        f"{expression.where}: the same for everybody as long as it stands: “{text}”"
                    )

    # -- shape --------------------------------------------------------

    def item_of(self, text: ConditionText) -> Item:
        if text.when is not None:
            return self.item(text.when.body, text.when)
        parts = [self.item_of(part) for part in text.parts]
        return Item(text.quantifier, parts[0].where if parts else "", text.name, parts)

    def item(self, node: Any, expression: Expression, positive: bool = True) -> Item:
        where = expression.where
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.item(operand, expression, not positive)
            case ast.BoolOp(op=op, values=values):
                parts = [self.item(value, expression, positive) for value in values]
                kind = "all" if isinstance(op, ast.And) is positive else "any"
                return Item(kind, where, ast.unparse(node), parts)
            case ast.Compare(left=left, ops=ops, comparators=rights) if len(ops) > 1:
                pairs = zip([left, *rights], ops, rights, strict=False)
                parts = [self.item(ast.Compare(a, [op], [b]), expression, positive) for a, op, b in pairs]
                return Item("all" if positive else "any", where, ast.unparse(node), parts)
        text = ast.unparse(node) if positive else f"not {ast.unparse(node)}"
        return Item("one", where, text, [], node, positive)

    def denied(self, item: Item) -> Item:
        kind = {"all": "any", "any": "all", "one": "one"}[item.kind]
        parts = [self.denied(part) for part in item.parts]
        return Item(kind, item.where, item.text, parts, item.node, not item.positive)

    # -- what is left open --------------------------------------------------------

    def check(self, item: Item, around: Open) -> None:
        """`around`: what the conditions around leave open."""
        if item.kind == "one":
            return
        if item.kind == "all":
            total = around
            for part in item.parts:
                narrowed = meet(total, self.open(part))
                if narrowed is None:
                    self.say(part, "can never be met beside the conditions it stands with")
                    return
                total = narrowed
            for part in item.parts:
                self.check(part, total)
            return
        for part in item.parts:
            within = meet(around, self.open(part))
            if within is None:
                self.say(part, "can never be met here")
            else:
                self.check(part, within)
        if len(item.parts) > 1 and self.always(item):
            message = "with the others one of these is always met"
            self.whole_tables = False
            if self.always(item):
                self.say(item.parts[-1], message)
            else:  # the law may list every code there is
                self.odd.append(f"{item.parts[-1].where}: {message}: “{item.parts[-1].text}”")
            self.whole_tables = True

    def always(self, item: Item) -> bool:
        total: Open | None = {}
        for part in item.parts:
            total = meet(total, self.open(self.denied(part)))
            if total is None:
                return True
        return False

    def open(self, item: Item) -> Open:
        """For every term, the values with which the item can be met. A term not in it may have any."""
        if item.kind == "one":
            return dict(self.terms(item.node, item.positive))
        opens = [self.open(part) for part in item.parts]
        if item.kind == "any":
            return reduce(join, opens) if opens else {}
        total: Open = {}
        for one in opens:
            total = meet(total, one) or total
        return total

    def terms(self, node: Any, positive: bool) -> Iterator[tuple[str, Domain]]:
        match node:
            case ast.Name(id="unknown"):
                return
            case ast.Name(id=name):
                yield name, Words(frozenset([str(positive)]))
                if name in self.law.rules:
                    yield from self.inside(name, positive).items()
            case ast.Attribute() | ast.Call(func=ast.Name(id="household_any" | "household_all")):
                yield ast.unparse(node), Words(frozenset([str(positive)]))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                kind = type(op) if positive else NEGATED[type(op)]
                yield from self.compared(left, kind, right)
                if kind in MIRRORED:
                    yield from self.compared(right, MIRRORED[kind], left)

    def inside(self, name: str, positive: bool) -> Open:
        """What a rule of one version says of its own terms."""
        key = (name, positive, self.whole_tables)
        if key not in self.of_rule:
            self.of_rule[key] = {}
            versions = self.law.rules[name]
            text = versions[0].condition
            if len(versions) == 1 and text is not None:
                item = self.item_of(text)
                self.of_rule[key] = self.open(item if positive else self.denied(item))
        return self.of_rule[key]

    def compared(self, term: Any, op: type[ast.cmpop], other: Any) -> Iterator[tuple[str, Domain]]:
        if isinstance(term, ast.Constant | ast.List) or _is_open(term):
            return
        key = ast.unparse(term)
        value = self.value(other)
        if value is NOTHING:  # the same expression on both occasions
            found = Interval.of(op, 0)
            if found is not None and not _is_open(other):
                yield f"{key} ? {ast.unparse(other)}", found
            return
        if isinstance(value, str | tuple | bool):
            words = frozenset([str(value)] if isinstance(value, str | bool) else value)
            outside = op in (ast.NotEq, ast.NotIn)
            of = getattr(term, "t", None)
            if of is not None and of.kind == "bool":
                table = frozenset(["True", "False"])
            else:
                table = frozenset(self.law.codes.get(of.codes or "", ()) if of and self.whole_tables else ())
            yield key, Words(table - words) if outside and table else Words(words, outside)
        elif (found := Interval.of(op, value)) is not None:
            yield key, found

    def value(self, node: Any) -> Any:
        """A literal, or a parameter that has had one value only; NOTHING otherwise."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | Decimal() as value)):
                return -value
            case ast.List(elts=elts):
                values = [self.value(item) for item in elts]
                return tuple(values) if all(isinstance(v, str) for v in values) else NOTHING
            case ast.Name(id=name) if name in self.law.parameters:
                dated = self.law.parameters[name].values
                if len(dated) == 1 and dated[0].value is not None and not isinstance(dated[0].value, dict):
                    return dated[0].value
        return NOTHING


def _is_open(node: Any) -> bool:
    """Whether the text says `unknown` in it; counts of members are left alone too."""
    return any(isinstance(part, ast.Name) and part.id in ("unknown", *HOUSEHOLD) for part in ast.walk(node))
