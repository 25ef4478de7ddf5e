"""The expression language: Python's expression grammar, parsed and checked, never executed.

names, literals, `and or not`, comparisons (chained too), `in` / `not in`, `+ - * //`, `x if c else y`,
`table[key]`, `[a, b]`, and the functions of FUNCTIONS. `on` is the date of the question; `unknown` is no value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from jiuye.policy.values import BOOL, DATE, INT, LIST, MONTH, TEXT, Type

# name: (kinds of the arguments, type of the result, direction in each argument where it is monotone)
FUNCTIONS: dict[str, tuple[tuple[str, ...], Type, tuple[int, ...]]] = {
    "years_between": (("date", "date"), Type("number", "year"), (-1, 1)),
    "months_between": (("date", "date"), Type("number", "month"), (-1, 1)),
    "days_between": (("date", "date"), Type("number", "day"), (-1, 1)),
    "add_months": (("date", "number"), DATE, (1, 1)),
    "add_days": (("date", "number"), DATE, (1, 1)),
    "add_working_days": (("date", "number"), DATE, (1, 1)),
    "month_of": (("date",), MONTH, (1,)),
    "first_day": (("month",), DATE, (1,)),
    "last_day": (("month",), DATE, (1,)),
    "overlaps": (("list", "list"), BOOL, ()),
}
_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.FloorDiv, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
    ast.IfExp, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.List,
)  # fmt: skip


class ExpressionError(ValueError):
    pass


class Expression:
    """One checked expression: its text, its tree, the names it speaks of and its type."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(str(text).split())
        try:
            tree = ast.parse(self.text, mode="eval")
        except (SyntaxError, ValueError) as error:
            raise ExpressionError(f"can't read “{self.text}”: {error}") from None
        for node in ast.walk(tree):
            if not isinstance(node, _ALLOWED):
                raise ExpressionError(f"{type(node).__name__} isn't part of the language: “{self.text}”")
            if isinstance(node, ast.Call) and (
                not isinstance(node.func, ast.Name)
                or node.keywords
                or node.func.id not in (*FUNCTIONS, "min", "max")
            ):
                raise ExpressionError(f"no such function in “{self.text}”")
        self.body: Any = tree.body
        called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)}  # type: ignore[attr-defined]
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(
                node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in called
            )
        )
        self.type: Type = BOOL


def infer(expression: Expression, lookup: Callable[[str], Type | None], codes: dict[str, Any]) -> Type:
    """Type every node (kept as `node.t`); raises ExpressionError with the first thing that doesn't fit."""

    def fail(message: str) -> None:
        raise ExpressionError(f"{message} in “{expression.text}”")

    def merge(a: Type, b: Type, what: str) -> Type:
        if a.kind == "unknown":
            return b
        if b.kind == "unknown":
            return a
        if a.kind != b.kind:
            fail(f"{what} of {a} and {b}")
        if a.unit and b.unit and a.unit != b.unit:
            fail(f"{what} of units {a.unit} and {b.unit}")
        return Type(a.kind, a.unit or b.unit, a.codes or b.codes, a.exact and b.exact)

    def check_code(of: Type, node: ast.AST) -> None:
        items = node.elts if isinstance(node, ast.List) else [node]
        for item in items:
            if isinstance(item, ast.Constant) and isinstance(item.value, str) and of.codes:
                if item.value not in codes.get(of.codes, {}):
                    fail(f"{item.value!r} isn't in code table {of.codes}")

    def visit(node: Any) -> Type:
        node.t = kind(node)
        found: Type = node.t
        return found

    def kind(node: Any) -> Type:  # noqa: PLR0911
        match node:
            case ast.Constant(value=bool()):
                return BOOL
            case ast.Constant(value=int()):
                return INT
            case ast.Constant(value=float()):
                return Type("number", exact=False)
            case ast.Constant(value=str()):
                return TEXT
            case ast.Name(id="on"):
                return DATE
            case ast.Name(id="unknown"):
                return Type("unknown")
            case ast.Name(id=name):
                found = lookup(name)
                if found is None:
                    fail(f"nothing is called {name}")
                return found or BOOL
            case ast.BoolOp(values=values):
                for value in values:
                    if visit(value).kind not in ("bool", "unknown"):
                        fail(f"and/or needs conditions, not {value.t}")
                return BOOL
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                if visit(operand).kind != "bool":
                    fail("not needs a condition")
                return BOOL
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                if visit(operand).kind != "number":
                    fail("minus needs a number")
                return operand.t  # type: ignore[no-any-return]
            case ast.UnaryOp():
                fail("only `not` and minus stand before a value")
            case ast.BinOp(left=left, op=op, right=right):
                a, b = visit(left), visit(right)
                return arithmetic(a, op, b)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                last, last_node = visit(left), left
                for op, right_node in zip(ops, rights, strict=True):
                    b = visit(right_node)
                    if isinstance(op, ast.In | ast.NotIn):
                        if last.kind != "text" or b.kind != "list":
                            fail(f"`in` of {last} and {b}")
                        check_code(last, right_node)
                        check_code(b, last_node)
                    else:
                        merge(last, b, "comparison")
                        check_code(last, right_node)
                        check_code(b, last_node)
                        if last.kind in ("list", "table", "schedule"):
                            fail(f"comparison of {last}")
                        if last.kind in ("text", "bool") and not isinstance(op, ast.Eq | ast.NotEq):
                            fail(f"order of {last}")
                    last, last_node = b, right_node
                return BOOL
            case ast.IfExp(test=test, body=body, orelse=orelse):
                if visit(test).kind != "bool":
                    fail("if needs a condition")
                return merge(visit(body), visit(orelse), "if/else")
            case ast.Call(func=ast.Name(id=name), args=args):
                types = [visit(arg) for arg in args]
                if name in ("min", "max"):
                    if len(types) < 2 or types[0].kind not in ("number", "date", "month"):
                        fail(f"{name} needs two values that can be ordered")
                    result = types[0]
                    for other in types[1:]:
                        result = merge(result, other, name)
                    return result
                kinds, result, _ = FUNCTIONS[name]
                if tuple(t.kind for t in types) != kinds:
                    fail(f"{name} takes {', '.join(kinds)}")
                return result
            case ast.Subscript(value=table, slice=key):
                of, by = visit(table), visit(key)
                if of.kind != "table" or by.kind != "text":
                    fail("a table is looked up by a code")
                return Type("number", of.unit, exact=of.exact)
            case ast.List(elts=elts):
                for item in elts:
                    if visit(item).kind != "text":
                        fail("a list holds texts")
                return LIST
        raise ExpressionError(f"can't type {ast.dump(node)}")

    def arithmetic(a: Type, op: ast.operator, b: Type) -> Type:
        pair = (a.kind, b.kind)
        if isinstance(op, ast.Add) and pair == ("text", "text"):
            return TEXT
        if pair == ("month", "number") and isinstance(op, ast.Add | ast.Sub):
            return MONTH
        if pair == ("month", "month") and isinstance(op, ast.Sub):
            return Type("number", "month")
        if pair != ("number", "number"):
            fail(f"arithmetic of {a} and {b}")
        if isinstance(op, ast.Mult):
            units = {a.unit, b.unit} - {None, "ratio", "count"}
            return Type("number", units.pop() if len(units) == 1 else None, exact=a.exact and b.exact)
        if isinstance(op, ast.FloorDiv):
            if not (a.exact and b.exact):
                fail("// needs whole numbers")
            return Type("number", None if b.unit else a.unit)
        return merge(a, b, "sum")

    expression.type = visit(expression.body)
    return expression.type
