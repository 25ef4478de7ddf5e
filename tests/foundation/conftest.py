from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.foundation import probe
from tests.support.database import as_owner


@pytest.fixture
def probes(db: None) -> None:
    """The probe tables, for one test within its transaction."""
    with as_owner():
        probe.make()


@pytest.fixture
def lasting_probes(transactional_db: None) -> Iterator[None]:
    """The probe tables for a test with real transactions."""
    with as_owner():
        probe.make()
    yield
    with as_owner():
        probe.drop()
