"""Every expression becomes, once, a function of a case and a day. Nothing of the text is executed."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from jiuye.policy.known import (
    CALLS,
    COMPARE,
    NOTHING,
    Known,
    apply,
    arithmetic,
    choose,
    in_calendar,
    kleene,
    negative,
)
from jiuye.policy.language import HOUSEHOLD

if TYPE_CHECKING:
    from jiuye.policy.working_out import Worked

Run = Callable[["Worked", date], Known]
YES, NO = Known(True), Known(False)


def prepared(node: Any) -> Run:
    """The function of a node, kept with it."""
    try:
        found: Run = node.run
    except AttributeError:
        found = node.run = _made(node)
    return found


def _made(node: Any) -> Run:
    match node:
        case ast.Constant(value=value):
            constant = Known(value)
            return lambda case, on: constant
        case ast.Name(id=name):
            return lambda case, on: case.name(name, on)
        case ast.Attribute(attr=name):
            return lambda case, on: case.employer.name(name, on)
        case ast.BoolOp(op=op, values=values):
            return _group(isinstance(op, ast.And), [prepared(value) for value in values])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _negation(prepared(operand))
        case ast.UnaryOp(operand=operand):
            inner = prepared(operand)
            return lambda case, on: apply(negative, inner(case, on))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _choice(prepared(test), prepared(body), prepared(orelse))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(COMPARE[type(op)], prepared(left), prepared(right))
        case ast.Compare(left=left, ops=ops, comparators=rights):
            return _chain([COMPARE[type(op)] for op in ops], [prepared(item) for item in (left, *rights)])
        case ast.BinOp(left=left, op=op, right=right):
            return _two(lambda a, b: arithmetic(op, a, b), prepared(left), prepared(right))
        case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name)]) if function in HOUSEHOLD:
            return lambda case, on: case.over_household(function, name, on)
        case ast.Call(func=ast.Name(id="add_working_days"), args=[start, days]):
            return _working_days(prepared(start), prepared(days))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(CALLS[name], [prepared(arg) for arg in args])
        case ast.Subscript(value=table, slice=key):
            return _two(lambda rows, word: rows.get(word), prepared(table), prepared(key))
        case ast.List(elts=elts):
            return _call(lambda *items: items, [prepared(item) for item in elts])
    raise TypeError(ast.dump(node))


def _group(conjunction: bool, parts: list[Run]) -> Run:
    def group(case: Worked, on: date) -> Known:
        return kleene(conjunction, (part(case, on) for part in parts))

    return group


def _negation(inner: Run) -> Run:
    def negation(case: Worked, on: date) -> Known:
        found = inner(case, on)
        return found if found.value is None else found._replace(value=not found.value)

    return negation


def _choice(test: Run, body: Run, orelse: Run) -> Run:
    def choice(case: Worked, on: date) -> Known:
        return choose(test(case, on), lambda: body(case, on), lambda: orelse(case, on))

    return choice


def _comparison(function: Callable[[Any, Any], bool], left: Run, right: Run) -> Run:
    def comparison(case: Worked, on: date) -> Known:
        a, b = left(case, on), right(case, on)
        if a.value is None or b.value is None:
            return apply(function, a, b)
        met = function(a.value, b.value)
        if a.recalled or b.recalled:
            return Known(met, NOTHING, a.recalled | b.recalled)
        return YES if met else NO

    return comparison


def _chain(functions: list[Callable[[Any, Any], bool]], parts: list[Run]) -> Run:
    def chain(case: Worked, on: date) -> Known:
        found = [part(case, on) for part in parts]
        return kleene(True, [apply(f, a, b) for f, a, b in _pairs(functions, found)])

    return chain


def _pairs(functions: list[Any], found: list[Known]) -> Iterator[tuple[Any, Known, Known]]:
    return zip(functions, found, found[1:], strict=False)


def _two(function: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    return lambda case, on: apply(function, left(case, on), right(case, on))


def _call(function: Callable[..., Any], args: list[Run]) -> Run:
    return lambda case, on: apply(function, *(arg(case, on) for arg in args))


def _working_days(start: Run, days: Run) -> Run:
    def later(case: Worked, on: date) -> Known:
        function = in_calendar(case.law.add_working_days or (lambda _start, _days: None))
        return apply(function, start(case, on), days(case, on))

    return later


FOLD: dict[str, Callable[[list[Known]], Known]] = {
    "household_any": lambda members: kleene(False, members),
    "household_all": lambda members: kleene(True, members),
    "household_count": lambda members: apply(lambda *values: sum(map(operator.truth, values)), *members),
}
