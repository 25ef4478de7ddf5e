"""The expression language: Python's expression grammar, parsed and checked, never executed.

Names of facts, parameters and rules; literals; `and or not`; comparisons (chained too); `in` / `not in`;
`+ - * //`; `x if c else y`; `table[key]`; `[a, b]`; `min`, `max` and the functions of FUNCTIONS.
`on` is the date of the question; `unknown` is no value: the law leaves the case open.
In a schedule `month` is the month being worked out and `index` its number from 1.
"""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from typing import Any

from jiuye.policy.values import BOOL, DATE, MONTH, NUMBER, Type

# name: (kinds of the arguments, type of the result)
FUNCTIONS: dict[str, tuple[tuple[str, ...], Type]] = {
    "years_between": (("date", "date"), Type("number", "year")),
    "months_between": (("date", "date"), Type("number", "month")),
    "days_between": (("date", "date"), Type("number", "day")),
    "add_months": (("date", "number"), DATE),
    "add_days": (("date", "number"), DATE),
    "add_working_days": (("date", "number"), DATE),
    "month_of": (("date",), MONTH),
    "first_day": (("month",), DATE),
    "last_day": (("month",), DATE),
    "overlaps": (("list", "list"), BOOL),
    "round_cents": (("number",), NUMBER),  # of any number; keeps the unit
}
RESERVED = frozenset({*FUNCTIONS, "min", "max", "on", "unknown", "month", "index"})
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.FloorDiv, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In,
    ast.NotIn, ast.IfExp, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.List,
)  # fmt: skip


class ExpressionError(ValueError):
    """What is wrong with one expression."""


class Expression:
    """One expression: its text, its tree, the names it speaks of; `type` once it has been checked."""

    def __init__(self, text: str, where: str = "") -> None:
        self.text = " ".join(str(text).split())
        self.where = where
        self.type: Type = BOOL
        try:
            tree = ast.parse(self.text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else str(error)
            raise ExpressionError(f"can't read “{self.text}”: {reason}") from None
        called = set()
        for node in ast.walk(tree):
            if not isinstance(node, _ALLOWED):
                raise ExpressionError(f"{type(node).__name__} isn't part of the language: “{self.text}”")
            if isinstance(node, ast.Call):
                called.add(self._function(node))
            elif isinstance(node, ast.Constant):
                self._literal(node)
        self.body: Any = tree.body
        names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        self.names: tuple[str, ...] = tuple(dict.fromkeys(name for name in names if name not in called))

    def _function(self, node: ast.Call) -> str:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise ExpressionError(f"a function is called by its name and takes plain values: “{self.text}”")
        if node.func.id not in FUNCTIONS and node.func.id not in ("min", "max"):
            raise ExpressionError(f"no function is called {node.func.id}: “{self.text}”")
        return node.func.id

    def _literal(self, node: ast.Constant) -> None:
        """Decimals are taken from the text itself, so that 0.1 is one tenth."""
        if isinstance(node.value, float):
            digits = ast.get_source_segment(self.text, node) or ""
            if not _NUMBER.match(digits):
                raise ExpressionError(f"write {digits} as a plain decimal: “{self.text}”")
            node.value = Decimal(digits)  # type: ignore[assignment]
        elif not isinstance(node.value, bool | int | str):
            raise ExpressionError(f"{node.value!r} isn't a value of the language: “{self.text}”")
