"""Comparisons and arithmetic of columns."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from jiuye.policy.columns import nodes
from jiuye.policy.columns.blocks import LOWEST, NEVER, ONE, Block, Cell, Number, Truth, width
from jiuye.policy.columns.layout import Array

COMPARE: dict[type[ast.cmpop], Any] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
MIRROR: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
HOLDS_FOR_LOWEST = (np.less, np.less_equal, np.not_equal)  # and so for what stands for unknown
CENTS = 100


def same_truth(a: Truth, b: Truth, equal: bool) -> Truth:
    """Two conditions compared, open where one of them is."""

    def run(block: Block) -> Array:
        x, y = a.run(block), b.run(block)
        return nodes.tri(x == y if equal else x != y, ((x | y) & ONE).view(bool))

    return Truth(run)


def against(block: Block, fact: str, op: Any, limit: int) -> Array:
    """A number, date or month fact compared with a fixed one, in its own width."""
    if fact not in block.columns:
        return block.full(1)
    column, unknown = block.columns[fact], block.missing(fact)
    met = op(column, limit)
    if unknown is None or limit <= LOWEST[column.dtype]:
        return nodes.tri(met, unknown)
    out: Array = met.view(np.uint8)
    np.add(out, out, out=out)
    change = np.subtract if op in HOLDS_FOR_LOWEST else np.add
    changed: Array = change(out, unknown.view(np.uint8), out=out)
    return changed


def compare(a: Number, operator: ast.cmpop, b: Number) -> Truth:
    """An order or equality of numbers, days or months, open where one of them is."""
    if a.never or b.never:
        return Truth.constant(1)
    op = COMPARE[type(operator)]
    if a.always is not None and b.always is not None:
        first, second = nodes.align(a, b)
        return Truth.constant(2 * bool(op(first.always, second.always)))
    if a.always is not None:
        a, b, op = b, a, COMPARE[MIRROR[type(operator)]]
    if a.fact and b.always is not None and b.scale <= a.scale:
        fact, limit = a.fact, b.always * 10 ** (a.scale - b.scale)
        return Truth(lambda block: against(block, fact, op, limit))
    first, second = nodes.align(a, b)

    def run(block: Block) -> Array:
        x, y = first.run(block), second.run(block)
        met = op(x.data, y.data)
        if not np.ndim(met):  # both the same for everybody, though not for all known
            met = np.full(block.size, met)
        return nodes.tri(met, nodes.either(x.unknown, y.unknown))

    return Truth(run)


def _add(x: Cell, y: Cell) -> nodes.Bounds:
    return x.low + y.low, x.high + y.high


def _subtract(x: Cell, y: Cell) -> nodes.Bounds:
    return x.low - y.high, x.high - y.low


def _times(x: Cell, y: Cell) -> nodes.Bounds:
    corners = [a * b for a in (x.low, x.high) for b in (y.low, y.high)]
    return min(corners), max(corners)


def _divide(x: Cell, y: Cell) -> nodes.Bounds:
    if y.low == y.high > 0:
        return x.low // y.low, x.high // y.low
    most = max(abs(x.low), abs(x.high))
    return -most, most


def two(function: Any, bounds: Callable[[Cell, Cell], nodes.Bounds]) -> Callable[[Cell, Cell], Cell]:
    def run(x: Cell, y: Cell) -> Cell:
        (x, y), found, wide = nodes.in_bounds([x, y], bounds)
        return Cell(function(x.data, y.data, dtype=wide), None, *found)

    return run


def divided(x: Cell, y: Cell) -> Cell:
    """Rounded down; unknown where divided by nothing."""
    zero: Any = None
    if not isinstance(y.data, int):
        zero = y.data == 0
        if np.count_nonzero(zero):
            y = y._replace(data=np.where(zero, y.data.dtype.type(1), y.data), high=max(y.high, 1))
        else:
            zero = None
    found = two(np.floor_divide, _divide)(x, y)
    return found._replace(unknown=zero)


def negative(x: Cell) -> Cell:
    (x,), bounds, wide = nodes.in_bounds([x], lambda x: (-x.high, -x.low))
    return Cell(np.negative(x.data, dtype=wide), None, *bounds)


def arithmetic(op: ast.operator, a: Number, b: Number) -> Number:
    """+ - * //, exact or refused. Division by zero is unknown."""
    match op:
        case ast.Mult():
            return nodes.strict(two(np.multiply, _times), [a, b], a.scale + b.scale)
        case ast.FloorDiv() if b.always == 0:
            return NEVER
        case ast.FloorDiv():
            return nodes.strict(divided, [a, b], 0)
    a, b = nodes.align(a, b)
    adds = isinstance(op, ast.Add)
    function = two(np.add, _add) if adds else two(np.subtract, _subtract)
    return nodes.strict(function, [a, b], max(a.scale, b.scale))


def extreme(least: bool, args: list[Number]) -> Number:
    """min or max."""
    args = nodes.align(*args)
    pick, choose = (np.minimum, min) if least else (np.maximum, max)
    function = two(pick, lambda x, y: (choose(x.low, y.low), choose(x.high, y.high)))

    def run(*cells: Cell) -> Cell:
        out = cells[0]
        for cell in cells[1:]:
            out = function(out, cell)
        return out

    return nodes.strict(run, args, args[0].scale)


def round_cents(a: Number) -> Number:
    """To two places, half a cent away from zero, as `known.CALLS` does it."""
    if a.scale <= 2:
        return a
    cent = 10 ** (a.scale - 2)

    def run(x: Cell) -> Cell:
        most = max(abs(x.low), abs(x.high)) + cent
        if most > CENTS**9:  # not as wide as int64
            x = Cell.measured(x.data, x.unknown)
            most = max(abs(x.low), abs(x.high)) + cent
        wide = np.asarray(x.data, dtype=width(-most, most))
        up = (abs(wide) + cent // 2) // cent
        return Cell(np.where(wide < 0, -up, up), None, -(most // cent), most // cent)

    return nodes.strict(run, [a], 2)


def far(function: Callable[..., Any]) -> Callable[..., Cell]:
    """A function of the calendar as one of cells: (values, where there are none) from whole int64 columns."""

    def run(*cells: Cell) -> Cell:
        ready = []
        for cell in cells:
            most = max(abs(cell.low), abs(cell.high))
            if most > FURTHEST:
                cell = Cell.measured(cell.data, cell.unknown)
                width(2 * cell.low, 2 * cell.high)
            elif cell.unknown is not None and cell.unknown is not True:
                cell = cell._replace(data=np.where(cell.unknown, 0, cell.data))
            ready.append(np.atleast_1d(np.asarray(cell.data, dtype=np.int64)))
        values, outside = function(*ready)
        return Cell.measured(np.asarray(values, dtype=np.int64), outside)

    return run


FURTHEST = 1 << 61
