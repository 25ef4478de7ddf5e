"""Rules over a Parquet file of people: the same answers as one case at a time, on every engine."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jiuye.cities.city import city
from jiuye.cli.main import app
from jiuye.policy import Month
from jiuye.policy.values import plain

ON = date(2026, 11, 1)
RULES = (
    "labour_age",
    "statutory_retirement_month",
    "ui_months",
    "zero_household",
    "mass_layoff",
    "age",
    "education_fund_due",
)
PEOPLE: list[dict[str, Any]] = [
    {"birth": date(1980, 2, 29), "sex": "1", "ui_months_unused": 30, "employed": False, "able_to_work": True},
    {"birth": None, "sex": "2", "ui_months_unused": 11, "employed": False, "able_to_work": None},
    {
        "birth": date(2012, 1, 1),
        "sex": None,
        "ui_months_unused": None,
        "employed": None,
        "able_to_work": True,
    },
    {
        "birth": date(1950, 12, 31),
        "sex": "2",
        "ui_months_unused": 400,
        "employed": True,
        "able_to_work": False,
    },
    {"birth": date(1999, 7, 1), "sex": "1", "ui_months_unused": 24, "employed": False, "able_to_work": True},
]
COMMON = {
    "at_school": False,
    "flexible_registered": False,
    "self_employed_licence": False,
    "pension_kind": "none",
}
for _person in PEOPLE:
    _person |= COMMON
PEOPLE[2]["at_school"] = True
HOUSEHOLDS = ["b", "a", "b", None, "a"]
EMPLOYERS = ["x", "y", None, "z", "x"]
FIRMS: dict[str, dict[str, Any]] = {
    "x": {"layoff_planned": 20, "staff_count": 300, "payroll_year": Decimal("1234567.89")},
    "y": {"layoff_planned": 19, "staff_count": 300, "payroll_year": None},
}


def law() -> Any:
    return city().law


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    def column(name: str, values: list[Any]) -> pa.Array:
        of = law().facts[name].type
        whole = pa.int64() if of.exact else pa.decimal128(18, 2)
        kinds = {"date": pa.date32(), "bool": pa.bool_(), "number": whole, "text": pa.string()}
        return pa.array(values, kinds[of.kind])

    people = {name: column(name, [person[name] for person in PEOPLE]) for name in PEOPLE[0]}
    keys = {"id": list(range(5)), "household": HOUSEHOLDS, "employer": EMPLOYERS}
    pq.write_table(pa.table(keys | people), tmp_path / "people.parquet")
    firms = {name: column(name, [firm[name] for firm in FIRMS.values()]) for name in FIRMS["x"]}
    pq.write_table(pa.table({"id": list(FIRMS)} | firms), tmp_path / "employers.parquet")
    return tmp_path / "people.parquet", tmp_path / "employers.parquet"


def command(files: tuple[Path, Path], out: Path, *more: str, rules: tuple[str, ...] = RULES) -> Any:
    asked = [part for name in rules for part in ("-r", name)]
    return CliRunner().invoke(
        app,
        [
            "law",
            "population",
            str(files[0]),
            str(out),
            "--employers",
            str(files[1]),
            "--on",
            str(ON),
            *asked,
            *more,
        ],
    )


def expected(row: int, rule: str) -> tuple[int, Any]:
    own = {name: value for name, value in PEOPLE[row].items() if value is not None}
    home = HOUSEHOLDS[row]
    members = None if home is None else [
        {name: value for name, value in PEOPLE[other].items() if value is not None}
        for other in range(5) if other != row and HOUSEHOLDS[other] == home
    ]  # fmt: skip
    firm = FIRMS.get(EMPLOYERS[row] or "", {})
    firm = {name: value for name, value in firm.items() if value is not None}
    if law().rules[rule][-1].entity == "employer":
        found = law().explain(rule, firm, ON)
    else:
        found = law().explain(rule, own, ON, members, firm)
    value = found.value.first_day if isinstance(found.value, Month) else found.value
    return int(found.state), value


@pytest.mark.parametrize("engine", ["columns", "duckdb"])
def test_engines_answer_as_one_case_does(files: tuple[Path, Path], tmp_path: Path, engine: str) -> None:
    done = command(files, tmp_path / "out.parquet", "--engine", engine)
    assert done.exit_code == 0, done.output
    answers = pq.read_table(tmp_path / "out.parquet").sort_by("id").to_pylist()
    assert [answer["id"] for answer in answers] == list(range(5))
    for row, answer in enumerate(answers):
        for rule in RULES:
            state, value = expected(row, rule)
            assert answer[f"{rule}_state"] == state, (row, rule)
            if f"{rule}_value" in answer:
                got = answer[f"{rule}_value"]
                assert (Decimal(got) if isinstance(value, Decimal) else got) == value, (
                    row,
                    rule,
                    plain(value),
                )
    assert {answer["zero_household_state"] for answer in answers} > {1}  # households count
    assert len({answer["mass_layoff_state"] for answer in answers}) > 1  # and employers


def test_the_engine_is_a_setting(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIUYE_ENGINE", "nonsense")
    done = command(files, tmp_path / "out.parquet")
    assert done.exit_code == 1
    assert "No engine is called nonsense" in done.output


def test_nothing_is_left_of_what_fails(files: tuple[Path, Path], tmp_path: Path) -> None:
    table = pq.read_table(files[0])
    broken = table.set_column(table.column_names.index("sex"), "sex", pa.array(["1", "7", "2", "1", "1"]))
    pq.write_table(broken, files[0])
    done = command(files, tmp_path / "out.parquet")
    assert done.exit_code == 1
    assert "people.parquet, row 2, id 1: sex: not in code table sex: '7'" in done.output
    assert "1 bad rows; nothing was answered" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["employers.parquet", "people.parquet"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [(("nonsense",), "No rule is called nonsense"), (("ui_schedule",), "ui_schedule is a schedule")],
)
def test_what_cannot_be_asked_is_said(
    files: tuple[Path, Path], tmp_path: Path, rules: tuple[str, ...], message: str
) -> None:
    done = command(files, tmp_path / "out.parquet", rules=rules)
    assert done.exit_code == 1
    assert message in " ".join(done.output.split())
