"""Facts as Arrow tables lie in the same columns as facts given one by one; answers come back as they are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuye.policy import Month
from jiuye.policy import arrow as tables
from jiuye.policy.columns import ColumnError, Program
from tests.policy.law_text import law, rule

TYPES = {
    "member": pa.bool_(),
    "count": pa.int64(),
    "wage": pa.decimal128(20, 2),
    "born": pa.date32(),
    "hue": pa.string(),
    "hues": pa.list_(pa.string()),
    "paid_until": pa.date32(),
    "town": pa.string(),
}
BODY = (
    "all: {a: {when: member, zh: 甲, en: a}, b: {when: 'count > 1', zh: 乙, en: b},"
    " c: {when: 'wage > 1', zh: 丙, en: c}, d: {when: born < on, zh: 丁, en: d},"
    ' e: {when: \'hue in ["red", "blue"]\', zh: 戊, en: e},'
    " f: {when: 'overlaps(hues, [\"red\"])', zh: 己, en: f},"
    " g: {when: 'paid_until < month_of(on)', zh: 庚, en: g}, h: {when: 'town == \"x\"', zh: 辛, en: h}}"
)
VALUES: dict[str, Any] = {
    "member": st.booleans(),
    "count": st.integers(-(10**9), 10**9),
    "wage": st.decimals(-(10**12), 10**12, places=2),
    "born": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    "hue": st.sampled_from(["red", "green", "blue"]),
    "hues": st.lists(st.sampled_from(["red", "green", "blue"]), unique=True).map(tuple),
    "paid_until": st.integers(int(Month.of(1900, 1)), int(Month.of(2100, 1))).map(Month),
    "town": st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=3),
}


def column(name: str, values: list[Any]) -> pa.Array:
    plain = [
        value.first_day if isinstance(value, Month) else list(value) if isinstance(value, tuple) else value
        for value in values
    ]
    return pa.array(plain, TYPES[name])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("law")


@pytest.fixture(scope="module")
def made(folder: Path) -> Program:
    return law(folder, rule("r", BODY)).columns(["r"], date(2005, 6, 1))


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries({name: st.none() | of for name, of in VALUES.items()}), max_size=20))
def test_a_table_lies_as_values_do(made: Program, rows: list[dict[str, Any]]) -> None:
    table = pa.table({name: column(name, [row[name] for row in rows]) for name in VALUES})
    found = tables.columns(made, table)
    assert set(found) == made.facts == set(VALUES)
    for name in VALUES:
        expected = made.encode(name, [row[name] for row in rows])
        assert found[name].dtype == expected.dtype, name
        np.testing.assert_array_equal(found[name], expected, name)
    back = tables.columns(made, pa.table(tables.facts(made.law, made.words, found)))
    for name in VALUES:
        np.testing.assert_array_equal(back[name], found[name], name)
    # in several chunks, sliced, and with dictionaries
    double = pa.concat_tables([table.slice(1), table.slice(0, 1)])
    again = tables.columns(made, double)
    for name in VALUES:
        np.testing.assert_array_equal(again[name], np.roll(found[name], -1) if len(rows) else found[name])


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("wage", pa.array([1.5]), "column wage: floating point numbers aren't exact"),
        ("wage", pa.array([Decimal("1.005")]), "column wage: .*"),
        ("wage", pa.array([Decimal(10) ** 20]), "column wage: .*(large|precision)"),
        ("hue", pa.array(["red", "violet"]), "column hue: not in code table colour: 'violet'"),
        ("hues", pa.array([["red", None]]), "column hues: a list holds an unknown word"),
        ("born", pa.array(["yesterday"]), "column born: .*"),
        ("count", pa.array(["x"]), "column count: .*"),
    ],
)
def test_what_does_not_fit_is_named(made: Program, name: str, values: pa.Array, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        tables.columns(made, pa.table({name: values}))


def test_answers_keep_their_kind(folder: Path) -> None:
    texts = {
        "whole": "value: count + 1",
        "money": "given: member\nvalue: wage * 0.125",
        "next_day": "value: add_months(born, 1)",
        "next_month": "value: paid_until + 1",
        "word": 'value: hue if member else "green"',
        "yes": "given: member\nvalue: count > 1",
        "state": "when: member",
    }
    text = "".join(rule(name, body) for name, body in texts.items())
    program = law(folder / "answers", text).columns(list(texts), date(2005, 6, 1))
    rows = {
        "member": [True, False, None],
        "count": [1, None, 3],
        "wage": [Decimal("-0.08"), Decimal(5), None],
        "born": [date(2000, 1, 31), None, date(1999, 5, 5)],
        "paid_until": [Month.of(2004, 12), None, Month.of(2004, 1)],
        "hue": ["red", "blue", "green"],
    }
    made = {name: program.encode(name, values) for name, values in rows.items()}
    results = program.run(made)
    table = pa.table(tables.answers(results))
    for name, result in results.items():
        for row in range(3):
            state, value = result.at(row)
            got = table.column(f"{name}_state")[row].as_py()
            assert got == int(state), (name, row)
            if result.value is not None:
                plain = value.first_day if isinstance(value, Month) else value
                assert table.column(f"{name}_value")[row].as_py() == plain, (name, row)
    assert table.schema.field("money_value").type == pa.decimal128(23, 5)
    assert table.column("money_value").to_pylist()[0] == Decimal("-0.01")
