"""A December of 2026 in which people are paid."""

from __future__ import annotations

import pytest

from tests.support.money import Payers


@pytest.fixture(autouse=True)
def in_december(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-10")


@pytest.fixture
def payers(db: None) -> Payers:
    return Payers.make()
