"""`jiuye law diff` over files with bad rows, and what of its answers may be handed on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jiuye.cities.small_cells import shareable
from jiuye.cli.main import app
from tests.cities.test_change_of_law import (
    GRANTED,
    HEAD,
    NEW,
    OLD,
    PEOPLE,
    changed,
    of_rule,
    run,
    said,
    written,
)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-25")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEAD, *PEOPLE]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Three months for a year of contributions instead of two."""
    return changed(tmp_path / "law", "*.yaml", OLD, NEW)


BAD = (
    "wrong code,310101,7,1990-05-05,84,06,true,true,true,false",
    "wrong day,310101,1,1990-05-45,many,99,true,true,true,false",
    "short,310101,1,1990-05-05,84,06,true,true,true,false",
    "cells,310101,1",
)


def test_every_bad_row_is_named_and_the_good_ones_count(other: Path, people: Path) -> None:
    people.write_text("\n".join([HEAD, *PEOPLE, *BAD]) + "\n", encoding="utf-8")
    arguments = [
        "law",
        "diff",
        "current",
        str(other),
        "--people",
        str(people),
        "--rule",
        "ui_months",
        "--json",
    ]
    result = CliRunner().invoke(app, arguments, env={"TERM": "dumb"})
    assert result.exit_code == 3, result.output
    out = json.loads(result.stdout)
    assert (out["people"], of_rule(out, "ui_months")["counts"]["more"]) == (4, 3)
    told = result.stderr.replace("\n", " ")
    for place in (
        "row 6, id wrong code: sex", "row 7, id wrong day: birth", "row 7, id wrong day: ui_months_unused",
        "row 8, id short: id: row 2 has it already", "row 9, id cells: : 3 cells, not 10",
    ):  # fmt: skip
        assert place in told
    assert "4 row(s) left out" in told


def test_bad_cells_of_parquet_are_found_among_many(tmp_path: Path, other: Path) -> None:
    rows = [GRANTED | {"id": f"p{n:04}"} for n in range(600)]
    rows[5]["separation_reason"], rows[577]["separation_reason"], rows[100]["sex"] = "99", "98", "x"
    file = written(tmp_path / "people.parquet", rows)
    arguments = ["law", "diff", "current", str(other), "--people", str(file), "--rule", "ui_months", "--json"]
    result = CliRunner().invoke(app, arguments, env={"TERM": "dumb"})
    assert result.exit_code == 3, result.output
    out = json.loads(result.stdout)
    assert out["people"] == 600 - 1  # only columns that are read can be wrong: the sex of one
    assert of_rule(out, "ui_months")["counts"]["more"] == 599
    assert "row 101, id p0100: sex" in result.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "said_so"),
    [
        ("id,nothing\na,1\n", "nothing is called nothing"),
        ("id,payroll_year\na,1\n", "not about a person"),
    ],
)
def test_a_file_of_something_else(tmp_path: Path, other: Path, text: str, said_so: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    assert said_so in run("diff", "current", str(other), "--people", str(path), wanted=1)
    floats = tmp_path / "floats.parquet"
    pq.write_table(pa.table({"id": ["a"], "ui_months_unused": [84.0]}), floats)
    assert "floating point" in run("diff", "current", str(other), "--people", str(floats), wanted=1)
    torn = tmp_path / "people.parquet"
    torn.write_bytes(b"PAR1 and no more")
    run("diff", "current", str(other), "--people", str(torn), wanted=1)


# -- codes and what is handed on -------------------------------------------------------------------------


def test_exit_codes(other: Path, people: Path) -> None:
    arguments = ("diff", "current", str(other), "--people", str(people), "--exit-code")
    run(*arguments, wanted=4)
    run(*arguments, "--rule", "ui_eligible")
    assert "no rule is called nothing" in run(*arguments, "--rule", "nothing", wanted=1)
    run(*arguments, "--list", "--shareable", wanted=1)


def test_what_is_handed_on_counts_nobody_who_could_be_found(other: Path, people: Path) -> None:
    arguments = ("diff", "current", str(other), "--people", str(people), "--rule", "ui_months", "--shareable")
    out = said(*arguments)
    (effect,) = out["effects"]
    assert (effect["counts"]["more"], effect["sum_before"], effect["before"]) == (None, None, None)
    assert "more" not in effect["amounts"]
    assert out["affected"]["person"] is None
    assert {"examples", "listed"}.isdisjoint(out)
    assert "<5" in run(*arguments)


def test_one_small_cell_takes_another_with_it() -> None:
    effect: dict[str, Any] = {
        "rule": "x", "kind": "number", "before": {"met": 60}, "after": {"met": 40}, "months": [],
        "counts": {"lost": 20, "more": 0}, "amounts": {"lost": "-200"},
        "sum_before": "600", "sum_after": "400",
        "groups": {"district": {"a": {"lost": 12}, "b": {"lost": 6}, "c": {"lost": 2}}},
        "group_amounts": {"district": {"a": "-120", "b": "-60", "c": "-20"}},
    }  # fmt: skip
    out = shareable({"effects": [effect], "affected": {"person": 20}, "not_compared": {}, "people": 99}, 5)
    (shown,) = out["effects"]
    assert shown["counts"]["lost"] == 20
    assert shown["groups"]["district"] == {"a": {"lost": 12}, "b": {"lost": None}, "c": {"lost": None}}
    assert shown["group_amounts"]["district"] == {"a": "-120"}  # two are gone: neither can be worked out
    assert effect["groups"]["district"]["c"]["lost"] == 2  # the result itself stays whole
