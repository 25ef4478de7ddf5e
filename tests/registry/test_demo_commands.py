"""`jiuye demo`, from outside."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from jiuye.cli.demo import app


def test_csv_writes_a_sample_file(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    answer = CliRunner().invoke(app, ["csv", str(file), "--rows", "20", "--bad", "5"])
    assert answer.exit_code == 0, answer.output
    assert "20 rows, 5 of them" in answer.output
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 21


def test_csv_refuses_more_bad_rows_than_there_are(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    answer = CliRunner().invoke(app, ["csv", str(file), "--rows", "20", "--bad", "18"])
    assert answer.exit_code == 1
    assert not file.exists()
