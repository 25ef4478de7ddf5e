"""Static types of expressions: kinds, units and code tables must fit before any case is decided."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from jiuye.policy.language import FUNCTIONS, HOUSEHOLD, Expression, ExpressionError, span_of
from jiuye.policy.values import BOOL, DATE, INT, LIST, MONTH, NUMBER, TEXT, Type

UNKNOWN = Type("unknown")
BARE = {None, "ratio", "count"}  # units that a product doesn't keep


@dataclass(frozen=True)
class Scope:
    """What names mean. `texts_of` gives the words that a parameter (text, list or table) holds.

    The three that give a type raise ExpressionError for a name of another kind of case: one read plainly, one
    read as `employer.NAME`, one asked of every member of the household.
    """

    type_of: Callable[[str], Type | None]
    of_employer: Callable[[str], Type | None]
    of_member: Callable[[str], Type | None]
    texts_of: Callable[[str], Collection[str]]
    codes: Mapping[str, Collection[str]]


def infer(expression: Expression, scope: Scope) -> Type:
    """Type every node (kept as `node.t`). Raises ExpressionError with the first thing that doesn't fit."""
    expression.type = _Checker(expression.text, scope).visit(expression.body)
    return expression.type


class _Checker:
    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope = text, scope
        self.node: Any = None  # the innermost one being typed

    def fail(self, message: str, node: Any = None) -> NoReturn:
        """Complain about `node`, or about what is being typed."""
        raise ExpressionError(f"{message} in “{self.text}”", span_of(self.text, node or self.node))

    def visit(self, node: Any) -> Type:
        outer, self.node = self.node, node
        node.t = self.kind(node)
        self.node = outer
        found: Type = node.t
        return found

    def truth(self, node: Any, what: str) -> None:
        found = self.visit(node)
        if found.kind not in ("bool", "unknown"):
            self.fail(f"{what} needs a condition, not {found}", node)

    def merge(self, a: Type, b: Type, what: str) -> Type:
        if "unknown" in (a.kind, b.kind):
            return b if a.kind == "unknown" else a
        if a.kind != b.kind:
            self.fail(f"{what} of {a} and {b}")
        if a.unit and b.unit and a.unit != b.unit:
            self.fail(f"{what} of units {a.unit} and {b.unit}")
        if a.codes and b.codes and a.codes != b.codes:
            self.fail(f"{what} of code tables {a.codes} and {b.codes}")
        return Type(a.kind, a.unit or b.unit, a.codes or b.codes, a.exact and b.exact)

    def texts(self, node: Any) -> Collection[str]:
        """The words an operand can be seen to hold."""
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.Name(id=name):
                return self.scope.texts_of(name)
            case ast.List(elts=items):
                return [text for item in items for text in self.texts(item)]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self.texts(body), *self.texts(orelse)]
        return []

    def codes(self, of: Type, node: Any) -> None:
        if of.codes:
            for text in self.texts(node):
                if text not in self.scope.codes.get(of.codes, ()):
                    said = (n for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value == text)
                    self.fail(f"{text!r} isn't in code table {of.codes}", next(said, node))

    def kind(self, node: Any) -> Type:
        match node:
            case ast.Constant(value=bool()):
                return BOOL
            case ast.Constant(value=int()):
                return INT
            case ast.Constant(value=Decimal()):
                return NUMBER
            case ast.Constant(value=str()):
                return TEXT
            case ast.Name(id=name):
                return self.name(name)
            case ast.BoolOp(values=values):
                for value in values:
                    self.truth(value, "and/or")
                return BOOL
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.truth(operand, "not")
                return BOOL
            case ast.UnaryOp(operand=operand):
                found = self.visit(operand)
                if found.kind != "number":
                    self.fail(f"minus needs a number, not {found}")
                return found
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(self.visit(left), op, self.visit(right))
            case ast.Compare(left=left, ops=ops, comparators=rights):
                self.visit(left)
                for a, comparison, b in zip([left, *rights], ops, rights, strict=False):
                    self.visit(b)
                    self.comparison(a, comparison, b)
                return BOOL
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.truth(test, "if")
                return self.merge(self.visit(body), self.visit(orelse), "if/else")
            case ast.Attribute(attr=name):
                return self.name(name, self.scope.of_employer)
            case ast.Call(func=ast.Name(id=function), args=[member]) if function in HOUSEHOLD:
                return self.over_household(function, member)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, args)
            case ast.Subscript(value=table, slice=key):
                of, by = self.visit(table), self.visit(key)
                if of.kind != "table" or by.kind != "text":
                    self.fail(f"{of} can't be looked up by {by}: a table is looked up by a code")
                self.codes(by, table)
                return Type("number", of.unit, exact=of.exact)
            case ast.List(elts=elts):
                of = LIST
                for item in elts:
                    found = self.visit(item)
                    if found.kind != "text":
                        self.fail(f"a list holds texts, not {found}")
                    of = self.merge(of, Type("list", codes=found.codes), "list")
                return of
        self.fail(f"{type(node).__name__} isn't part of the language")

    def name(self, name: str, type_of: Callable[[str], Type | None] | None = None) -> Type:
        if type_of is None and name == "on":
            return DATE
        if type_of is None and name == "unknown":
            return UNKNOWN
        try:
            found = (type_of or self.scope.type_of)(name)
        except ExpressionError as error:
            self.fail(str(error))
        if found is None:
            self.fail(f"nothing is called {name}")
        if found.kind in ("schedule", "mixed"):
            self.fail(f"{name} ({found.kind}) can't stand in an expression")
        return found

    def over_household(self, function: str, member: Any) -> Type:
        outer, self.node = self.node, member
        member.t = found = self.name(member.id, self.scope.of_member)
        self.node = outer
        if found.kind != "bool":
            self.fail(f"{function} needs a condition, {member.id} is a {found}")
        return HOUSEHOLD[function]

    def comparison(self, left: Any, op: ast.cmpop, right: Any) -> None:
        a, b = left.t, right.t
        if "unknown" in (a.kind, b.kind):
            self.fail("nothing can be compared with unknown")
        if isinstance(op, ast.In | ast.NotIn):
            if a.kind != "text" or b.kind != "list":
                self.fail(f"`in` of {a} and {b}")
            self.merge(Type("list", codes=a.codes), b, "`in`")
        else:
            self.merge(a, b, "comparison")
            if a.kind in ("list", "table"):
                self.fail(f"comparison of {a}")
            if a.kind in ("text", "bool") and not isinstance(op, ast.Eq | ast.NotEq):
                self.fail(f"order of {a}")
        self.codes(a, right)
        self.codes(b, left)

    def call(self, name: str, args: list[Any]) -> Type:
        types = [self.visit(arg) for arg in args]
        if name in ("min", "max"):
            if len(types) < 2 or types[0].kind not in ("number", "date", "month"):
                self.fail(f"{name} needs two or more values that can be ordered")
            found = types[0]
            for other in types[1:]:
                if other.kind == "unknown":
                    self.fail(f"{name} of unknown")
                found = self.merge(found, other, name)
            return found
        if name == "round_cents" and len(types) == 1 and types[0].kind == "number":
            return Type("number", types[0].unit)
        kinds, result = FUNCTIONS[name]
        if tuple(of.kind for of in types) != kinds or not all(t.exact for t in types if t.kind == "number"):
            self.fail(f"{name} takes {', '.join(kinds)} (whole), not {', '.join(map(str, types))}")
        if name == "overlaps":
            self.merge(types[0], types[1], name)
            self.codes(types[0], args[1])
            self.codes(types[1], args[0])
        return result

    def arithmetic(self, a: Type, op: ast.operator, b: Type) -> Type:
        pair = (a.kind, b.kind)
        if isinstance(op, ast.Add) and pair == ("text", "text"):
            return TEXT
        if pair == ("month", "number") and isinstance(op, ast.Add | ast.Sub):
            if not b.exact:
                self.fail("a month moves by whole numbers")
            return MONTH
        if pair == ("month", "month") and isinstance(op, ast.Sub):
            return Type("number", "month")
        if pair != ("number", "number"):
            self.fail(f"arithmetic of {a} and {b}")
        if isinstance(op, ast.Mult):
            units = {a.unit, b.unit} - BARE
            return Type("number", units.pop() if len(units) == 1 else None, exact=a.exact and b.exact)
        if isinstance(op, ast.FloorDiv):
            if not (a.exact and b.exact):
                self.fail("// needs whole numbers")
            return Type("number", None if b.unit else a.unit)
        return self.merge(a, b, "sum")
