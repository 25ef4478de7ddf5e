"""The day of a demonstration."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from jiuye.foundation import clock


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIUYE_TODAY", raising=False)
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    settings.DEMONSTRATION = True  # type: ignore[attr-defined]


def test_a_demonstration_moves_on_to_a_day_for_everybody() -> None:
    real = clock.today()
    assert clock.pretended() is None
    clock.pretend(real + timedelta(days=14))
    assert clock.today() == real + timedelta(days=14)
    assert clock.now().tzinfo == clock.zone()


def test_time_does_not_run_backwards() -> None:
    clock.pretend(clock.today() + timedelta(days=14))
    with pytest.raises(ValueError, match="backwards"):
        clock.pretend(clock.today() - timedelta(days=1))


def test_real_operation_knows_no_other_day(settings: object) -> None:
    clock.pretend(date(2030, 1, 1))
    settings.DEMONSTRATION = False  # type: ignore[attr-defined]
    assert clock.today() < date(2030, 1, 1)
    with pytest.raises(RuntimeError):
        clock.pretend(date(2031, 1, 1))


def test_one_process_may_pretend_by_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.pretend(clock.today() + timedelta(days=14))
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-25")
    assert clock.today() == date(2026, 11, 25)
