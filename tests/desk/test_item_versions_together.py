"""Several processes: what one publishes the others read with their next request; two at once publish once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection

from jiuye.desk import actions, catalogue
from jiuye.desk.models import ItemVersion, VersionState
from jiuye.foundation import scope
from jiuye.foundation.errors import Conflict
from tests.desk import catalogue_world as made

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 30  # s


def elsewhere(act: Callable[[], None]) -> threading.Thread:
    """On a connection of its own, as another process has one."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_publication_is_read_by_everybody_with_the_next_request() -> None:
    seen: list[bool] = []

    def look() -> None:
        with scope.acting(scope.SYSTEM):
            seen.append(made.CODE in catalogue.current().items)

    elsewhere(look).join(PATIENCE)
    made.publish()
    elsewhere(look).join(PATIENCE)
    assert seen == [False, True]


def test_one_request_reads_one_catalogue_whatever_is_published_meanwhile() -> None:
    with scope.acting(scope.SYSTEM):
        before = catalogue.current()
        elsewhere(lambda: made.publish() and None).join(PATIENCE)
        assert catalogue.current() is before
    with scope.acting(scope.SYSTEM):
        assert made.CODE in catalogue.current().items


def test_two_who_sign_at_once_publish_once() -> None:
    one = made.editor()
    row = made.draft(one)
    actions.submit_item_draft(one, draft_id=row.pk)
    signers = [made.editor("石磊"), made.editor("何宁")]
    together = threading.Barrier(2, timeout=PATIENCE)
    results: list[str] = []

    def sign(number: int, draft_id: UUID) -> None:
        together.wait()
        try:
            actions.publish_item(signers[number], draft_id=draft_id)
            results.append("published")
        except Conflict:
            results.append("too late")

    threads = [elsewhere(lambda number=number: sign(number, row.pk)) for number in (0, 1)]  # type: ignore[misc]
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(results) == ["published", "too late"]
    with scope.acting(scope.SYSTEM):
        assert ItemVersion.objects.filter(code=made.CODE, state=VersionState.PUBLISHED).count() == 1
