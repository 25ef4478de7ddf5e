"""docs/coverage.md: every row of the nineteen articles once, and nothing claimed that isn't there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from jiuye.desk import catalogue, city

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "coverage.md"
#: Rows of each article.
ARTICLES = (12, 14, 12, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14, 12, 12, 12, 14, 12, 10)
EXPECTED = [f"A{n:02}-{row:02}" for n, rows in enumerate(ARTICLES, 1) for row in range(1, rows + 1)]
MODULE = re.compile(r"\b(?:foundation|registry|desk|insight|insurance|cities)/[a-z_/]+\.py")
STATE = re.compile(r"done|partly|not yet: issue \d+|not yet: no issue filed|can't here")


class Row(NamedTuple):
    code: str
    what: str
    state: str
    where: str
    shown: str

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`(tests/[^`]+)`", self.shown)


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| A")]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


ROWS = rows()


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_row_is_there_exactly_once() -> None:
    assert len(EXPECTED) == 250
    assert [row.code for row in ROWS] == EXPECTED


@pytest.mark.parametrize("row", ROWS, ids=[row.code for row in ROWS])
def test_a_row_claims_only_what_is_there(row: Row) -> None:
    assert row.what
    assert STATE.fullmatch(row.state)
    for name in row.tests:
        path, _, test = name.partition("::")
        assert test.startswith("test_")
        assert test in names_in(path), name
    if row.state in ("done", "partly"):
        assert row.tests, "what is done is shown by a test"
        assert row.where != "–"
    if row.state == "can't here":
        assert row.where != "–"
    if row.state == "partly":  # what is missing or only supposed is in the cell, or the test covers the whole
        assert len(row.where) > 10


def test_files_and_items_it_names_exist() -> None:
    shanghai = city.folder()
    for row in ROWS:
        for path in re.findall(r"\b(?:rules|regions)/[a-z_]+(?:\.yaml|\.csv)", row.where):
            assert (shanghai / path).is_file(), f"{row.code}: {path}"
        for path in re.findall(MODULE, row.where):
            assert (ROOT / "src" / "jiuye" / path).is_file(), f"{row.code}: {path}"
        for names in re.findall(r"\bitems? ((?:[a-z_]+(?:, )?)+)", row.where):
            for name in re.findall(r"[a-z]+(?:_[a-z]+)+|internship", names):
                assert name in catalogue.shipped().items, f"{row.code}: {name}"


def test_the_sums_at_the_top_are_those_of_the_rows() -> None:
    said = dict(re.findall(r"^\| (?!State|Row|A\d)([^|]+?) \| (\d+) \|$", PAGE.read_text("utf-8"), re.M))
    assert {state: int(count) for state, count in said.items()} == Counter(row.state for row in ROWS)


def test_every_standard_has_a_point_of_control_or_says_why_not() -> None:
    text = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")
    found = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| GB")]
    assert len(found) >= 16
    for standard, _about, control, shown in found:
        assert len(control.strip()) > 10, standard
        names = re.findall(r"`(tests/[^`]+)`", shown)
        assert names or re.search(r"not yet|not a matter", control), standard
        for name in names:
            path, _, test = name.partition("::")
            assert test in names_in(path), name
