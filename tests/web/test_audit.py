"""The auditor's pages: samples, reads, changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk.models import Decision
from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.funds.models import ControlSample
from tests.desk import world
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db


def auditor() -> Client:
    return signed_in(granted(Role.AUDITOR))


def drawn() -> ControlSample:
    """An automatic grant in the sample."""
    case = world.submit(world.resident())[world.BENEFIT]
    with scope.acting(scope.SYSTEM):
        decision = Decision.objects.get(case=case)
        found = ControlSample.objects.filter(decision=decision).first()
    if found is not None:
        return found
    with as_owner():
        return ControlSample.objects.create(
            decision=decision,
            person_id=decision.person_id,
            unit_code=decision.unit_code,
            seed="0123456789abcdef",
            drawn_at=decision.decided_at,
        )


def test_a_sample_is_looked_at_and_found_right() -> None:
    sample = drawn()
    client = auditor()
    assert sample.decision.number in client.get(reverse("audit:samples")).content.decode()
    page = client.get(reverse("audit:sample", args=[sample.pk])).content.decode()
    assert "失业前用人单位和本人已缴纳失业保险费满一年" in page
    assert "0123456789abcdef" in page or sample.seed[:12] in page
    answer = client.post(
        reverse("audit:sample", args=[sample.pk]), {"action": "confirm", "finding": "缴费和离职原因都对得上"}
    )
    assert answer.status_code == 302
    with scope.acting(scope.SYSTEM):
        assert ControlSample.objects.get(pk=sample.pk).state == "confirmed"


def test_an_objection_needs_words() -> None:
    sample = drawn()
    answer: Any = auditor().post(
        reverse("audit:sample", args=[sample.pk]), {"action": "object", "finding": ""}
    )
    assert answer.status_code == 422
    with scope.acting(scope.SYSTEM):
        assert ControlSample.objects.get(pk=sample.pk).state == "drawn"


def test_every_look_at_a_file_is_listed_and_can_be_followed() -> None:
    who, case = world.doubtful()
    grant = granted(Role.STREET_CLERK, world.STREET, name="周敏")
    signed_in(grant).get(reverse("workbench:case", args=[case.pk]))
    client = auditor()
    page = client.get(reverse("audit:reads")).content.decode()
    assert "周敏" in page
    assert "李国强" in page
    one = client.get(reverse("audit:reads"), {"user": str(grant.user_id)}).content.decode()
    assert "只看这位工作人员" in one
    assert client.get(reverse("audit:reads"), {"person": str(who.id)}).status_code == 200
    assert client.get(reverse("audit:reads"), {"person": "nobody"}).status_code == 404


def test_changes_are_listed_without_sealed_values() -> None:
    who, _case = world.doubtful()
    page = auditor().get(reverse("audit:history"), {"person": str(who.id)}).content.decode()
    assert "desk_case" in page
    assert "desk.submit_bundle" in page
    assert "\\x" not in page


def test_the_lists_cost_the_same_however_long(django_assert_max_num_queries: Any) -> None:
    client = auditor()
    world.doubtful()
    client.get(reverse("audit:history"))
    world.doubtful()
    with django_assert_max_num_queries(14):
        client.get(reverse("audit:history"))
