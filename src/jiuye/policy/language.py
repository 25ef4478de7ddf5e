"""The expression language: Python's expression grammar, parsed and checked, never executed.

Names of facts, parameters and rules; literals; `and or not`; comparisons (chained too); `in` / `not in`;
`+ - * //`; `x if c else y`; `table[key]`; `[a, b]`; `min`, `max` and the functions of FUNCTIONS.
`employer.NAME` reads a fact or rule of the person's employer, `household_any(NAME)`, `household_all(NAME)`
and `household_count(NAME)` one of every member of the person's household.
`on` is the date of the question; `unknown` is no value: the law leaves the case open.
In a schedule `month` is the month being worked out and `index` its number from 1.
"""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from typing import Any

from jiuye.policy.values import BOOL, DATE, INT, MONTH, NUMBER, Type

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
# over all members of the household, the person included: OR, AND, how many
HOUSEHOLD: dict[str, Type] = {"household_any": BOOL, "household_all": BOOL, "household_count": INT}
EMPLOYER = "employer"
RESERVED = frozenset(
    {
        *FUNCTIONS,
        *HOUSEHOLD,
        "min",
        "max",
        "on",
        "unknown",
        "month",
        "index",
        "household",
        "members",
        EMPLOYER,
    }
)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.FloorDiv, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In,
    ast.NotIn, ast.IfExp, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.List,
    ast.Attribute,
)  # fmt: skip


class ExpressionError(ValueError):
    """What is wrong with one expression; `span`: which characters of it, where that is known."""

    def __init__(self, message: str, span: tuple[int, int] | None = None) -> None:
        self.span = span
        super().__init__(message)


def span_of(text: str, node: Any) -> tuple[int, int]:
    """The characters of `text` that a node of its tree stands for (the tree counts bytes)."""
    raw = text.encode()
    first, last = node.col_offset, node.end_col_offset
    return len(raw[:first].decode()), len(raw[:last].decode())


def _stopped(text: str, error: SyntaxError) -> tuple[int, int]:
    """The characters at which reading stopped: its last word when it ended too soon."""
    first, last = (error.offset or 0) - 1, (error.end_offset or 0) - 1
    if not 0 <= first < len(text):
        first = text.rstrip().rfind(" ") + 1
        last = len(text)
    return first, max(first + 1, last)


class Expression:
    """One expression: its text and tree; `type` once it has been checked.

    names: what it reads of the case itself. of_employer: what it reads as `employer.NAME`. of_household:
    (function, name) of what it asks of every member. pieces: its text cut at every value, once made.
    """

    pieces: tuple[str, ...] = ()

    def __init__(self, text: str, where: str = "") -> None:
        self.text = " ".join(str(text).split())
        self.where = where
        self.type: Type = BOOL
        try:
            tree = ast.parse(self.text, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason, span = str(error), None
            if isinstance(error, SyntaxError):
                reason, span = error.msg, _stopped(self.text, error)
            raise ExpressionError(f"can't read “{self.text}”: {reason}", span) from None
        self.body: Any = tree.body
        self._note(self.body, allowed=True)

    @classmethod
    def made(cls, body: Any, text: str, where: str, of: Type) -> Expression:
        """An expression put together from the trees of checked ones."""
        out = cls.__new__(cls)
        out.text, out.where, out.body, out.type = text, where, body, of
        out._note(body, allowed=False)
        return out

    @property
    def reads(self) -> tuple[str, ...]:
        """Every name it depends on, whoever it is asked of."""
        return tuple(dict.fromkeys([*self.names, *self.of_employer, *(n for _, n in self.of_household)]))

    def _note(self, body: Any, allowed: bool) -> None:
        """Collect the names; with `allowed`, refuse what isn't of the language."""
        taken: set[int] = set()  # names that stand for a function, the employer or members
        names: dict[str, None] = {}
        of_employer: dict[str, None] = {}
        of_household: dict[tuple[str, str], None] = {}
        for node in ast.walk(body):
            if allowed and not isinstance(node, _ALLOWED):
                place = span_of(self.text, node) if hasattr(node, "col_offset") else None
                raise ExpressionError(
                    f"{type(node).__name__} isn't part of the language: “{self.text}”", place
                )
            if isinstance(node, ast.Call):
                function = self._function(node)
                taken.add(id(node.func))
                if function in HOUSEHOLD:
                    of_household[function, self._member_name(node, function)] = None
                    taken.add(id(node.args[0]))
            elif isinstance(node, ast.Attribute):
                if not isinstance(node.value, ast.Name) or node.value.id != EMPLOYER:
                    raise self._wrong("a dot stands only in employer.NAME", node)
                of_employer[node.attr] = None
                taken.add(id(node.value))
            elif isinstance(node, ast.Constant) and allowed:
                self._literal(node)
            elif isinstance(node, ast.Name) and id(node) not in taken:
                if node.id == EMPLOYER or node.id in HOUSEHOLD:
                    raise self._wrong(f"{node.id} can't stand alone", node)
                names[node.id] = None
        self.names, self.of_employer, self.of_household = (
            tuple(names),
            tuple(of_employer),
            tuple(of_household),
        )

    def _wrong(self, what: str, node: ast.expr) -> ExpressionError:
        return ExpressionError(f"{what}: “{self.text}”", span_of(self.text, node))

    def _function(self, node: ast.Call) -> str:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._wrong("a function is called by its name and takes plain values", node)
        if node.func.id not in FUNCTIONS and node.func.id not in ("min", "max", *HOUSEHOLD):
            raise self._wrong(f"no function is called {node.func.id}", node.func)
        return node.func.id

    def _member_name(self, node: ast.Call, function: str) -> str:
        if len(node.args) != 1 or not isinstance(node.args[0], ast.Name):
            raise self._wrong(f"{function} takes the name of one fact or rule", node)
        return node.args[0].id

    def _literal(self, node: ast.Constant) -> None:
        """Decimals are taken from the text itself, so that 0.1 is one tenth."""
        if isinstance(node.value, float):
            digits = ast.get_source_segment(self.text, node) or ""
            if not _NUMBER.match(digits):
                raise self._wrong(f"write {digits} as a plain decimal", node)
            node.value = Decimal(digits)  # type: ignore[assignment]
        elif not isinstance(node.value, bool | int | str):
            raise self._wrong(f"{node.value!r} isn't a value of the language", node)
