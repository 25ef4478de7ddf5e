"""How nodes are put together: AND, OR, NOT, choices, functions of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jiuye.policy.columns.blocks import (
    NEVER,
    ONE,
    TWO,
    Block,
    Cell,
    Number,
    Truth,
    shared,
    width,
)
from jiuye.policy.columns.layout import Array

Cells = Sequence[Cell]
Bounds = tuple[int, int]


# -- truth --------------------------------------------------------


def tri(met: Array, unknown: Array | None) -> Array:
    """Booleans (fresh ones: they are written over) and where they are unknown, as bytes 0/1/2."""
    out = met.view(np.uint8)
    np.add(out, out, out=out)
    if unknown is not None:
        open_ = unknown.view(np.uint8)
        np.bitwise_and(out, open_ - ONE, out=out)
        np.bitwise_or(out, open_, out=out)
    return out


def reduce(parts: Sequence[Truth], conjunction: bool) -> Truth:
    """AND or OR; parts that are the same for everybody are folded away."""
    deciding, neutral = (0, 2) if conjunction else (2, 0)
    if any(part.always == deciding for part in parts):
        return Truth.constant(deciding)
    left = [part for part in parts if part.always != neutral]
    if len(left) < 2:
        return left[0] if left else Truth.constant(neutral)
    combine = np.minimum if conjunction else np.maximum

    def run(block: Block) -> Array:
        out: Array = combine(left[0].run(block), left[1].run(block))
        for part in left[2:]:
            combine(out, part.run(block), out=out)
        return out

    return Truth(run)


def negate(part: Truth) -> Truth:
    if part.always is not None:
        return Truth.constant(2 - part.always)
    return Truth(lambda block: TWO - part.run(block))


def choose_truth(test: Truth, body: Truth, orelse: Truth, strict: bool) -> Truth:
    """body if test else orelse. Open test: open, unless the branches agree (never when `strict`)."""
    if test.always is not None and test.always != 1:
        return body if test.always else orelse

    def run(block: Block) -> Array:
        t, a, b = test.run(block), body.run(block), orelse.run(block)
        out: Array = np.minimum(t, a)
        np.maximum(out, np.minimum(TWO - t, b), out=out)
        # open test: open when strict (bit 0 of the test), else what both branches say
        return np.maximum(out, t & ONE if strict else np.minimum(a, b), out=out)

    return Truth(run)


# -- numbers --------------------------------------------------------


def either(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def in_bounds(cells: Cells, bounds: Callable[..., Bounds]) -> tuple[Cells, Bounds, np.dtype[Any]]:
    """The cells, the bounds of their result, and integers wide enough for both.

    Bounds too wide are measured again. Raises OverflowError when the numbers themselves are too large.
    """
    low, high = bounds(*cells)
    try:
        wide = width(min(low, *(cell.low for cell in cells)), max(high, *(cell.high for cell in cells)))
    except OverflowError:
        cells = [Cell.measured(cell.data, cell.unknown) for cell in cells]
        low, high = bounds(*cells)
        wide = width(min(low, *(cell.low for cell in cells)), max(high, *(cell.high for cell in cells)))
    return cells, (low, high), wide


def strict(function: Callable[..., Cell], numbers: Sequence[Number], scale: int) -> Number:
    """A function of cells, unknown where one of them is (or where the function says so)."""
    if any(number.never for number in numbers):
        return NEVER
    if all(number.always is not None for number in numbers):
        found = function(*(Cell(n.always, None, n.always or 0, n.always or 0) for n in numbers))
        if found.unknown is not None and np.any(found.unknown):
            return NEVER
        return Number.constant(int(np.asarray(found.data).flat[0]), scale)

    def run(block: Block) -> Cell:
        cells = [number.run(block) for number in numbers]
        found = function(*cells)
        unknown = found.unknown
        for cell in cells:
            unknown = either(unknown, cell.unknown)
        return found._replace(unknown=unknown)

    return Number(shared(run), scale)


def rescale(number: Number, scale: int) -> Number:
    """The same numbers with more decimal places."""
    if number.scale == scale or number.never:
        return number
    factor = 10 ** (scale - number.scale)
    if number.always is not None:
        return Number.constant(number.always * factor, scale)

    def run(block: Block) -> Cell:
        cells, bounds, wide = in_bounds([number.run(block)], lambda x: (x.low * factor, x.high * factor))
        wide = max(wide, width(0, factor), key=lambda of: of.itemsize)
        return Cell(np.multiply(cells[0].data, factor, dtype=wide), cells[0].unknown, *bounds)

    return Number(shared(run), scale)


def align(*numbers: Number) -> list[Number]:
    scale = max(number.scale for number in numbers)
    return [rescale(number, scale) for number in numbers]


def choose_number(test: Truth, body: Number, orelse: Number, exacting: bool) -> Number:
    """Like choose_truth."""
    if test.always is not None and test.always != 1:
        return body if test.always else orelse
    if body.never and orelse.never:
        return NEVER
    body, orelse = align(body, orelse)

    def one_sided(block: Block) -> Cell:
        """The other side is never known."""
        found, side = (body, 2) if orelse.never else (orelse, 0)
        cell = found.run(block)
        if found.always is not None:
            cell = cell._replace(data=np.full(block.size, found.always, width(cell.low, cell.high)))
        return cell._replace(unknown=either(test.run(block) != side, cell.unknown))

    def run(block: Block) -> Cell:
        t, a, b = test.run(block), body.run(block), orelse.run(block)
        yes = t == 2
        low, high = min(a.low, b.low), max(a.high, b.high)
        unknown: Array = t == 1
        if not exacting:
            unknown &= either(either(a.unknown, b.unknown), a.data != b.data)
        if a.unknown is not None:
            unknown |= yes & a.unknown
        if b.unknown is not None:
            unknown |= (t == 0) & b.unknown
        return Cell(
            blend(yes, a.data, b.data, low, high), unknown if np.count_nonzero(unknown) else None, low, high
        )

    one = body.never or orelse.never
    return Number(shared(one_sided if one else run), max(body.scale, orelse.scale))


def blend(yes: Array, a: Any, b: Any, low: int, high: int) -> Array:
    """`a` where yes, else `b`: by arithmetic, several times as fast as np.where."""
    bits = yes.view(np.int8)
    if isinstance(b, int) and b == 0:
        product: Array = np.multiply(bits, a, dtype=width(low, high))
        return product
    if isinstance(a, int) and isinstance(b, int):
        step = a - b
        out: Array = np.multiply(bits, step, dtype=width(min(low, step), max(high, step)))
        np.add(out, b, out=out)
        return out
    wide = width(low, high)
    mask: Array = np.negative(bits).astype(wide)
    x, y = np.asarray(a, dtype=wide), np.asarray(b, dtype=wide)
    mixed = np.bitwise_xor(x, y)
    if mixed.ndim == 0:
        mixed = np.broadcast_to(mixed, mask.shape)
    np.bitwise_and(mask, mixed, out=mask)
    np.bitwise_xor(mask, y, out=mask)
    return mask
