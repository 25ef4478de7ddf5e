"""How facts and answers lie in columns.

* bool: uint8 0 not met, 1 unknown, 2 met
* number (int, decimal, money): signed integers, decimals times 10**scale_of(type)
* date: int32 days since 1970; month: int32 year * 12 + month - 1
* code and text: int16 or int8 index into `Program.words[name]` (a code's: its place in its table); -1 =
  unknown
* list: uint64, one bit per word; the top bit = unknown

Unknown numbers, dates and months are the lowest value of their dtype.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiuye.policy.errors import FactError
from jiuye.policy.values import BOOL, Month, State, Type, Value

Array = NDArray[Any]
NULL_NUMBER = np.int64(np.iinfo(np.int64).min)
NULL_DAY = np.int32(np.iinfo(np.int32).min)
NULL_WORD = np.int16(-1)
NULL_LIST = np.uint64(1 << 63)
FACT_SCALE = 2  # decimal places of decimals and money among the facts
RATIO_SCALE = 6  # of shares and rates: 0.16 per cent is 0.0016
BLOCK = 65536  # rows worked on at a time: small enough to stay in cache
EPOCH = date(1970, 1, 1)


class ColumnError(TypeError):
    """A column that isn't laid out as its fact asks for."""


def scale_of(of: Type) -> int:
    """Decimal places of a fact's column."""
    if of.kind != "number" or of.exact:
        return 0
    return RATIO_SCALE if of.unit == "ratio" else FACT_SCALE


def check_column(name: str, of: Type, column: Array) -> None:
    """Raises ColumnError when the dtype isn't that of the fact."""
    dtype = column.dtype
    fits = {
        "bool": dtype == np.uint8,
        "text": dtype in (np.int16, np.int8),
        "list": dtype == np.uint64,
        "number": dtype.kind == "i",
    }.get(of.kind, dtype == np.int32)
    if not fits:
        raise ColumnError(f"column {name}: {dtype} isn't the layout of a {of}")


def scaled(value: Value, scale: int | None = None) -> tuple[int, int]:
    """A number, day or month as (integer, decimal places). Raises FactError when `scale` can't hold it."""
    if isinstance(value, Decimal):
        places = max(0, -int(value.normalize().as_tuple().exponent))
        if scale is None:
            scale = places
        elif places > scale:
            raise FactError(f"{value} has more than {scale} decimal places")
        return int(value.scaleb(scale)), scale
    if isinstance(value, date):
        return (value - EPOCH).days, 0
    if isinstance(value, int):
        return int(value) * 10 ** (scale or 0), scale or 0
    raise FactError(f"{value!r} isn't a number, day or month")


def encode(of: Type, words: list[str], values: Sequence[Value]) -> Array:
    """Python values (None = unknown) as a column. New words are added, codes must be of their table."""
    if of.kind == "bool":
        return np.array([1 if v is None else 2 if v else 0 for v in values], dtype=np.uint8)
    if of.kind in ("number", "date", "month"):
        null = NULL_NUMBER if of.kind == "number" else NULL_DAY
        scale = scale_of(of)
        return np.array([null if v is None else scaled(v, scale)[0] for v in values], dtype=null.dtype)
    index = {word: number for number, word in enumerate(words)}
    for value in values:
        for word in value if isinstance(value, tuple | list) else (value,):
            if word is not None and word not in index:
                if of.codes:
                    raise FactError(f"{word!r} isn't in code table {of.codes}")
                index[str(word)] = len(words)
                words.append(str(word))
    if len(words) > (63 if of.kind == "list" else np.iinfo(np.int16).max):
        raise FactError(f"{len(words)} different words are too many for a column of {of}")
    if of.kind == "text":
        return np.array([-1 if v is None else index[v] for v in values], dtype=np.int16)  # type: ignore[index]
    bits = [int(NULL_LIST) if v is None else sum({1 << index[w] for w in v}) for v in values]  # type: ignore[union-attr,misc]
    return np.array(bits, dtype=np.uint64)


@dataclass(frozen=True)
class ColumnResult:
    """One rule's answers, row by row.

    state: uint8 0/1/2. value: None for a condition, else int64 (or as narrow as `Program.room` was
    asked for): numbers times 10**scale, days, months, index into `words`, 0/1 for a bool; the lowest value =
    unknown, of int64 that is NULL_NUMBER.
    """

    state: Array
    value: Array | None
    scale: int = 0
    words: tuple[str, ...] = ()
    type: Type = BOOL

    def at(self, row: int) -> tuple[State, Value]:
        """One row as explain says it."""
        state = State(int(self.state[row]))
        if self.value is None or self.value[row] == np.iinfo(self.value.dtype).min:
            return state, None
        number = int(self.value[row])
        match self.type.kind:
            case "bool":
                return state, bool(number)
            case "date":
                return state, EPOCH + timedelta(days=number)
            case "month":
                return state, Month(number)
            case "text":
                return state, self.words[number]
        return state, Decimal(number).scaleb(-self.scale) if self.scale else number
