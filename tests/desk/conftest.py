from __future__ import annotations

import pytest

from tests.desk.world import TODAY


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Wednesday in force of the new law, whatever the machine's clock says."""
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())
