"""Worked examples through the command: the public file, cases worked by hand, how the runner complains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jiuye.cities.city import city
from jiuye.cli.main import app

PUBLIC = city().path / "examples" / "persons.yaml"
SIBLINGS = Path(__file__).parent / "siblings.yaml"


def run(*arguments: str) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(app, ["law", "examples", *arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def case(tmp_path: Path, text: str) -> tuple[int, dict[str, object]]:
    path = tmp_path / "cases.yaml"
    path.write_text(f"compiled: '2026-11-22'\nexamples:\n- {text}\n", encoding="utf-8")
    return run(str(path))


def test_public_examples() -> None:
    code, report = run(str(PUBLIC))
    assert (code, report["failed"], report["errors"], report["reported"]) == (0, [], [], [])
    assert (report["total"], report["passed"]) == (99, 99)


def test_cases_worked_by_hand() -> None:
    code, report = run(str(SIBLINGS))
    assert (code, report["failed"], report["errors"]) == (0, [], [])
    assert report["passed"] == report["total"]


def test_a_wrong_expectation_fails_with_both_values(tmp_path: Path) -> None:
    code, report = case(
        tmp_path,
        "{id: a, ask: ui_months, given: {as_of: '2026-09-10', ui_months_unused: 23}, expect: {months: 4}}",
    )
    assert code == 1
    assert report == {
        "total": 1,
        "passed": 0,
        "failed": [{"id": "a", "key": "months", "expected": 4, "got": 2}],
        "errors": [],
        "reported": [],
    }


def test_an_open_text_is_reported_and_does_not_fail(tmp_path: Path) -> None:
    code, report = case(
        tmp_path,
        "{id: a, ask: ui_months, given: {as_of: '2026-09-10', ui_months_unused: 23}, "
        "expect: {months: 4}, strict: false}",
    )
    assert (code, report["failed"], report["passed"]) == (0, [], 0)
    assert report["reported"] == [{"id": "a", "key": "months", "expected": 4, "got": 2}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{id: a, ask: ui_months, given: [1], expect: {}}", "given and expect are written as `key: value`"),
        ("{id: a, ask: horoscope, given: {}, expect: {}}", "not built: horoscope"),
        (
            "{id: a, ask: ui_months, given: {as_of: '2026-09-10', stars: 3}, expect: {months: 4}}",
            "unknown key of ui_months: given.stars",
        ),
        (
            "{id: a, ask: ui_months, given: {as_of: '2026-09-10'}, expect: {weeks: 4}}",
            "unknown key of ui_months: expect.weeks",
        ),
        (
            "{id: a, ask: ui_stop, given: {as_of: '2026-09-10', event: 中奖}, expect: {stop: false}}",
            "unknown word: 中奖",
        ),
        (
            "{id: a, ask: ui_months, given: {as_of: '2026-09-10', ui_months_unused: many}, expect: {}}",
            "not a number: many",
        ),
        (
            "{id: a, ask: labour_age, given: {as_of: '2026-09-10', birth: '2010-02-30'}, expect: {}}",
            "not a date: 2010-02-30",
        ),
    ],
)
def test_what_cannot_be_put_is_an_error_of_the_case(tmp_path: Path, text: str, message: str) -> None:
    code, report = case(tmp_path, text)
    assert code == 1
    assert report["errors"] == [{"id": "a", "message": message}]


def test_numbers_to_the_cent_and_no_truth_for_a_number(tmp_path: Path) -> None:
    given = "given: {months: 3, yuan_per_month: 1872.005, fraud: false}"
    assert case(tmp_path, f"{{id: a, ask: ui_overpay, {given}, expect: {{recover_yuan: 5616.02}}}}")[0] == 0
    assert case(tmp_path, f"{{id: a, ask: ui_overpay, {given}, expect: {{recover_yuan: 5616.03}}}}")[0] == 1
    assert case(tmp_path, f"{{id: a, ask: ui_overpay, {given}, expect: {{fine_yuan: false}}}}")[0] == 1


@pytest.mark.parametrize(
    ("text", "message"), [("a: 1", "no list of examples"), ("examples: [a: {", "expected")]
)
def test_a_file_that_holds_no_examples(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["law", "examples", str(path)])
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert message in " ".join(result.output.split())


def test_report_for_people(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["law", "examples", str(SIBLINGS)])
    assert result.exit_code == 0
    assert " 0 failed, 0 errors, 0 reported." in " ".join(result.output.split())
