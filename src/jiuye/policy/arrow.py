"""Facts and answers as Arrow tables, so that columns run on Parquet files and inside other engines.

A table of facts has one column a fact, null where it is unknown: bool; integers; decimals for money and other
decimals; date32; months as the date of their first day; texts; lists of texts. Floats are refused: they are
not exact. Answers are `<rule>_state` (int8: 0 not met, 1 unknown, 2 met) and, for a rule with a value,
`<rule>_value` in the same types, null where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jiuye.policy.columns import NULL_LIST, NULL_NUMBER, ColumnError, ColumnResult, Program
from jiuye.policy.columns.layout import EPOCH, NULL_DAY, Array, scale_of
from jiuye.policy.law import Law
from jiuye.policy.values import Month, Type

_LOWEST = int(np.iinfo(np.int64).min)
_SHOWN = 5  # wrong values named in a message


def columns(program: Program, table: pa.Table, facts: Sequence[str] | None = None) -> dict[str, Array]:
    """The columns of `table` that the program reads (or of `facts`). Raises ColumnError naming the column."""
    wanted = program.facts if facts is None else facts
    found = {}
    for name in sorted(set(wanted) & set(table.column_names)):
        of = program.law.facts[name].type
        try:
            found[name] = _column(of, table.column(name), program.words.get(name, []))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ColumnError) as problem:
            raise ColumnError(f"column {name}: {problem}") from None
    return found


def _column(of: Type, column: pa.ChunkedArray, words: list[str]) -> Array:
    data: Any = column.combine_chunks()
    if isinstance(data, pa.ChunkedArray):  # an empty or a many-chunked one, by version
        data = pa.concat_arrays(data.chunks) if data.num_chunks else pa.array([], column.type)
    if pa.types.is_null(data.type):
        data = pa.array([None] * len(data), _EMPTY[of.kind])
    if pa.types.is_floating(data.type):
        raise ColumnError("floating point numbers aren't exact; use integers or decimals")
    match of.kind:
        case "bool":
            known = _numbers(pc.cast(pc.cast(data, pa.bool_()), pa.int8()), 0, np.uint8)
            return np.where(_missing(data), np.uint8(1), known * np.uint8(2))
        case "number":
            return _numbers(_scaled(data, scale_of(of)), int(NULL_NUMBER), np.int64)
        case "date":
            return _numbers(pc.cast(pc.cast(data, pa.date32()), pa.int32()), int(NULL_DAY), np.int32)
        case "month":
            return _months(data)
        case "text":
            places = _places(data, of, words)
            if len(words) > np.iinfo(np.int16).max:
                raise ColumnError(f"{len(words)} different words are too many for a column")
            return places.astype(np.int16)
        case "list":
            return _bits(data, of, words)
    raise ColumnError(f"a {of} can't be a column")


_EMPTY = {
    "bool": pa.bool_(), "number": pa.int64(), "date": pa.date32(), "month": pa.date32(), "text": pa.string(),
    "list": pa.list_(pa.string()),
}  # fmt: skip


def _missing(data: Any) -> Array:
    found: Array = pc.is_null(data).to_numpy(zero_copy_only=False)
    return found


def _numbers(data: Any, null: int, dtype: Any) -> Array:
    out: Array = pc.fill_null(data, null).to_numpy(zero_copy_only=False)
    return out.astype(dtype, copy=False)


def _scaled(data: Any, scale: int) -> Any:
    """Numbers times 10**scale as int64. Raises ArrowInvalid rather than lose a digit."""
    if pa.types.is_integer(data.type) and not scale:
        return pc.cast(data, pa.int64())
    exact = pc.cast(data, pa.decimal128(36, scale))
    wide = np.frombuffer(exact.buffers()[1], np.int64)[2 * exact.offset : 2 * (exact.offset + len(exact))]
    low, high = wide[0::2], wide[1::2]
    missing = _missing(data)
    if ((high != (low >> 63)) & ~missing).any():
        raise ColumnError("a number is too large")
    return pa.array(low, mask=missing)


def _months(data: Any) -> Array:
    """The month each date lies in."""
    days = pc.cast(data, pa.date32())
    years = _numbers(pc.cast(pc.year(days), pa.int32()), 0, np.int32)
    months = _numbers(pc.cast(pc.month(days), pa.int32()), 1, np.int32)
    return np.where(_missing(days), NULL_DAY, years * np.int32(12) + months - np.int32(1)).astype(np.int32)


def _places(data: Any, of: Type, words: list[str]) -> Array:
    """Each text's place among the words; -1 for none. New words are added, codes must be of their table."""
    if not pa.types.is_dictionary(data.type):
        data = pc.dictionary_encode(pc.cast(data, pa.string()))
    place = {word: number for number, word in enumerate(words)}
    found = [str(word) for word in data.dictionary.to_pylist()]
    wrong = [word for word in found if word not in place]
    if of.codes and wrong:
        raise ColumnError(f"not in code table {of.codes}: {', '.join(map(repr, wrong[:_SHOWN]))}")
    for word in wrong:
        place[word] = len(words)
        words.append(word)
    index = np.array([*(place[word] for word in found), -1], dtype=np.int64)
    return index[_numbers(data.indices, len(found), np.int64)]


def _bits(data: Any, of: Type, words: list[str]) -> Array:
    """Each list as a set of bits."""
    data = pc.cast(data, pa.list_(pa.string()))
    places = _places(data.flatten(), of, words)
    if (places < 0).any():
        raise ColumnError("a list holds an unknown word; leave the whole list unknown")
    if len(words) > 63:
        raise ColumnError(f"{len(words)} different words are too many for a list")
    counts = _numbers(pc.list_value_length(data), 0, np.int64)
    out: Array = np.zeros(len(data), np.uint64)
    filled = counts > 0
    if filled.any():
        starts = (np.cumsum(counts) - counts)[filled]
        out[filled] = np.bitwise_or.reduceat(np.left_shift(np.uint64(1), places.astype(np.uint64)), starts)
    out[_missing(data)] = NULL_LIST
    return out


def facts(law: Law, words: Mapping[str, list[str]], columns: Mapping[str, Array]) -> dict[str, pa.Array]:
    """Columns laid out for a program as those of a table, which `columns` reads back; narrow ones will do."""
    return {
        name: _fact(law.facts[name].type, words.get(name, []), column) for name, column in columns.items()
    }


def _fact(of: Type, words: list[str], column: Array) -> pa.Array:
    match of.kind:
        case "bool":
            return pa.array(column == 2, mask=column == 1)
        case "text":
            return _worded(column, words, column < 0)
        case "list":
            listed = [
                None if bits & int(NULL_LIST) else [word for n, word in enumerate(words) if bits >> n & 1]
                for bits in column.tolist()
            ]
            return pa.array(listed, pa.list_(pa.string()))
    return _natural(of, column, column == np.iinfo(column.dtype).min, scale_of(of))


# -- answers ----------------------------------------------------------------------------------------------


def answers(results: Mapping[str, ColumnResult]) -> dict[str, pa.Array]:
    """Columns of a table of answers, in the order of the rules."""
    out = {}
    for name, result in results.items():
        out[f"{name}_state"] = pa.array(result.state.astype(np.int8, copy=False))
        if result.value is not None:
            out[f"{name}_value"] = _values(result)
    return out


def _values(result: ColumnResult) -> pa.Array:
    value = result.value
    assert value is not None
    missing = value == NULL_NUMBER
    match result.type.kind:
        case "bool":
            return pa.array(value == 1, mask=missing)
        case "text":
            return _worded(value, result.words, missing)
    return _natural(result.type, value, missing, result.scale)


def _worded(places: Array, words: Sequence[str], missing: Array) -> pa.Array:
    index = pa.array(np.where(missing, 0, places).astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(index, pa.array(list(words), pa.string())).cast(pa.string())


def _natural(of: Type, numbers: Array, missing: Array, scale: int) -> pa.Array:
    """Numbers, days and months in the type that their kind has outside."""
    plain = np.where(missing, 0, numbers).astype(np.int64)
    match of.kind:
        case "date":
            return pa.array(plain.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())
        case "month":
            return pa.array(_first_days(plain, missing), pa.int32(), mask=missing).cast(pa.date32())
    if not scale:
        return pa.array(plain, mask=missing)
    wide = np.empty(2 * len(plain), np.int64)
    wide[0::2], wide[1::2] = plain, plain >> 63
    valid = pa.array(~missing).buffers()[1]  # a bitmap, as a column of its own
    exact = pa.decimal128(18 + scale, scale)
    return pa.Array.from_buffers(exact, len(plain), [valid, pa.py_buffer(wide)])


def _first_days(months: Array, missing: Array) -> Array:
    different, place = np.unique(np.where(missing, Month.of_date(EPOCH), months), return_inverse=True)
    days = [(Month(int(month)).first_day - EPOCH).days for month in different]
    found: Array = np.array(days, np.int32)[place]
    return found
