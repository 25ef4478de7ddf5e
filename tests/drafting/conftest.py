"""The law of these tests is a copy: a test may change what is in force; nobody changes it under another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from jiuye import cities
from tests.drafting.world import TODAY

HERE = Path(cities.__file__).parent / "shanghai"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


@pytest.fixture(autouse=True)
def in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the law in force here; `world.enact` changes it."""
    there = tmp_path / "cities" / "shanghai"
    copytree(HERE, there)
    monkeypatch.setattr(cities, "folder", lambda _city: there)
    cities.law.cache_clear()
    yield there
    cities.law.cache_clear()
