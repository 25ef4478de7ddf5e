from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def pretended_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of the registers live on one day."""
    monkeypatch.setenv("JIUYE_TODAY", "2026-11-25")
