"""Where a quantity that moves in one direction turns: by bisection over whole places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Sign = Callable[[int], int | None]  # of a place; None where there is no value


@dataclass(frozen=True)
class Edges:
    """last: the last place before the sign changes. equal: first and last place where it is 0, None: endless.

    rising: whether it goes up with the place.
    """

    last: int
    equal: tuple[int | None, int | None] | None
    rising: bool


def edges_of(sign: Sign, furthest: int) -> Edges | None:
    """Where the sign first changes on either side of place 0; it changes in one direction only."""
    for way in (1, -1):
        last = _last(lambda place, way=way: sign(way * place), furthest)  # type: ignore[misc]
        if last is not None:
            return _around(sign, last if way == 1 else -last - 1, furthest)
    return None


def _last(sign: Sign, furthest: int) -> int | None:
    """The last place from 0 on before the sign changes; None when it never does."""
    start = sign(0)
    if start is None:
        return None
    far, width = 0, 1
    while width <= furthest:
        found = sign(width)
        if found is None:  # as far as there are values
            width = turn(lambda place: sign(place) is not None, far, width)
            found = sign(width)
            if found == start:
                return None
        if found != start:
            return turn(lambda place: sign(place) == start, far, width)
        far, width = width, width * 2
    return None


def turn(same: Callable[[int], bool], low: int, high: int) -> int:
    """The last place that is the same, when `low` is and `high` isn't."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if same(middle) else (low, middle)
    return low


def _around(sign: Sign, last: int, furthest: int) -> Edges:
    before, after = sign(last), sign(last + 1)
    assert before is not None
    assert after is not None
    if 0 not in (before, after):
        return Edges(last, None, after > before)
    inside = last + 1 if after == 0 else last

    def reach(way: int) -> int | None:
        far, width = 0, 1
        while sign(inside + way * width) == 0:
            far, width = width, width * 2
            if width > furthest:
                return None
        return inside + way * turn(lambda place: sign(inside + way * place) == 0, far, width)

    return Edges(last, (reach(-1), reach(1)), after > before)
