"""Comparisons and arithmetic of columns."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from jiuye.policy.columns import nodes
from jiuye.policy.columns.layout import Array
from jiuye.policy.columns.nodes import Block, Number, Truth

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


def same_truth(a: Truth, b: Truth, equal: bool) -> Truth:
    """Two conditions compared, open where one of them is."""

    def run(block: Block) -> Array:
        x, y = a.run(block), b.run(block)
        return nodes.tri(x == y if equal else x != y, (x == 1) | (y == 1))

    return Truth(run)


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

        def plain(block: Block) -> Array:
            if fact not in block.columns:
                return block.full(1)
            return nodes.tri(op(block.columns[fact], limit), block.missing(fact))

        return Truth(plain)
    first, second = nodes.align(a, b)

    def run(block: Block) -> Array:
        x, y = first.run(block), second.run(block)
        return nodes.tri(op(x.data, y.data), nodes.either(x.unknown, y.unknown))

    return Truth(run)


def arithmetic(op: ast.operator, a: Number, b: Number) -> Number:
    """+ - * //, exact or refused. Division by zero is unknown."""
    match op:
        case ast.Mult():

            def times(x: Any, y: Any) -> tuple[Any, None]:
                nodes.fits(nodes.extent(x) * nodes.extent(y))
                return x * y, None

            return nodes.strict(times, [a, b], a.scale + b.scale)
        case ast.FloorDiv() if b.always == 0:
            return nodes.NEVER
        case ast.FloorDiv():

            def divide(x: Any, y: Any) -> tuple[Any, Any]:
                if isinstance(y, int):
                    return x // y, None
                zero = y == 0
                return x // np.where(zero, 1, y), zero if zero.any() else None

            return nodes.strict(divide, [a, b], 0)
    combine = np.add if isinstance(op, ast.Add) else np.subtract
    a, b = nodes.align(a, b)

    def add(x: Any, y: Any) -> tuple[Any, None]:
        nodes.fits(nodes.extent(x) + nodes.extent(y))
        return combine(x, y), None

    return nodes.strict(add, [a, b], max(a.scale, b.scale))


def round_cents(a: Number) -> Number:
    """To two places, half a cent away from zero, as `known.CALLS` does it."""
    if a.scale <= 2:
        return a
    cent = 10 ** (a.scale - 2)

    def run(x: Any) -> tuple[Any, None]:
        nodes.fits(nodes.extent(x) + cent)
        up = (abs(x) + cent // 2) // cent
        return (up if x >= 0 else -up) if isinstance(x, int) else np.where(x < 0, -up, up), None

    return nodes.strict(run, [a], 2)
