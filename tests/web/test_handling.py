"""Pages of handling: the next case, putting aside, who has how much, standing in for a colleague."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk import actions
from jiuye.desk.models import AbsenceCover, Case
from jiuye.foundation import scope
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from tests.desk import world
from tests.desk.world import TODAY
from tests.factories import case
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db

Count = Callable[..., Any]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def staff(role: Role, unit: str) -> tuple[Client, Grant]:
    grant = granted(role, unit)
    return signed_in(grant), grant


def person(who: world.Resident) -> Client:
    with scope.acting(scope.SYSTEM):
        return signed_in(Grant.objects.get(user_id=who.actor.user_id))


def street(days: int, **fields: Any) -> Case:
    return case(state="street", unit="310101002001", handled_by=world.STREET, days=days, **fields)


def act(client: Client, one: Case, act: str, **fields: Any) -> Any:
    return client.post(reverse("workbench:case_act", args=[one.pk]), {"act": act, **fields})


def test_next_leads_to_the_case_and_says_when_there_is_none() -> None:
    one = street(3)
    client, grant = staff(Role.STREET_CLERK, world.STREET)
    assert "下一件" in client.get(reverse("workbench:queue")).content.decode()
    answer = client.post(reverse("workbench:next_case"))
    assert answer["Location"].startswith(reverse("workbench:case", args=[one.pk]))
    assert world.fresh(one).assigned_to_id == grant.user_id
    page = client.post(reverse("workbench:next_case"), follow=True).content.decode()
    assert "没有要办的了" in page


def test_put_aside_on_the_page_taken_up_and_given_back() -> None:
    _who, one = world.doubtful()
    client, _grant = staff(Role.STREET_CLERK, world.STREET)
    assert act(client, one, "take").status_code == 302
    wrong = act(client, one, "park", until="", reason="等单位回电")
    assert wrong.status_code == 422
    assert "等单位回电" in wrong.content.decode()
    day = TODAY + timedelta(days=1)
    assert act(client, one, "park", until=day.isoformat(), reason="等单位回电").status_code == 302
    assert "等单位回电" in client.get(reverse("workbench:case", args=[one.pk])).content.decode()
    parked = client.get(reverse("workbench:queue") + "?filter=parked").content.decode()
    assert one.number in parked
    assert one.number not in client.get(reverse("workbench:queue") + "?filter=mine").content.decode()
    assert act(client, one, "unpark").status_code == 302
    assert act(client, one, "give_back").status_code == 302
    assert world.fresh(one).assigned_to_id is None


def test_the_lead_sees_who_has_how_much_and_arranges_cover(django_assert_max_num_queries: Count) -> None:
    clerk, colleague = world.clerk(name="周敏"), world.clerk(name="孙丽")
    late = street(-3)
    actions.take_case(clerk, case_id=late.pk)
    client, _grant = staff(Role.DISTRICT_APPROVER, world.DISTRICT)
    client.get(reverse("workbench:team"))
    for _ in range(5):
        actions.take_case(world.clerk(), case_id=street(4).pk)
    with django_assert_max_num_queries(16):
        page = client.get(reverse("workbench:team")).content.decode()
    assert "周敏" in page
    with scope.acting(scope.SYSTEM):
        grant = Grant.objects.get(user_id=clerk.user_id)
    days = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + timedelta(days=2)).isoformat()}
    data = {"absent": grant.pk, "colleague": colleague.user_id, **days, "reason": ""}
    assert client.post(reverse("workbench:team"), data).status_code == 422
    assert client.post(reverse("workbench:team"), {**data, "reason": "年假"}).status_code == 302
    assert "孙丽 替 周敏" in client.get(reverse("workbench:team")).content.decode()
    with scope.acting(scope.SYSTEM):
        cover = AbsenceCover.objects.get()
    assert client.post(reverse("workbench:cover_end", args=[cover.pk])).status_code == 302
    assert "孙丽 替 周敏" not in client.get(reverse("workbench:team")).content.decode()


def test_a_clerk_arranges_cover_for_themselves_alone() -> None:
    client, grant = staff(Role.STREET_CLERK, world.STREET)
    colleague, other = world.clerk(), world.clerk()
    with scope.acting(scope.SYSTEM):
        theirs = Grant.objects.get(user_id=other.user_id)
    days = {"starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat(), "reason": "体检"}
    own = {"absent": grant.pk, "colleague": colleague.user_id, **days}
    assert client.post(reverse("workbench:team"), own).status_code == 302
    client.post(reverse("workbench:team"), own | {"absent": theirs.pk})
    with scope.acting(scope.SYSTEM):
        assert list(AbsenceCover.objects.values_list("absent_id", flat=True)) == [grant.user_id]


def test_told_once_on_the_page_and_the_person_reads_the_whole_list() -> None:
    who, one = world.refusable()
    client, _grant = staff(Role.DISTRICT_CASEWORKER, world.DISTRICT)
    page = client.get(reverse("workbench:case", args=[one.pk])).content.decode()
    assert "一次告知缺什么" in page
    assert act(client, one, "correct", words="请带身份证").status_code == 302
    page = client.get(reverse("workbench:case", args=[one.pk])).content.decode()
    assert "请带身份证" in page
    assert "一次告知缺什么" not in page
    theirs = person(who)
    seen = theirs.get(reverse("resident:case", args=[one.pk])).content.decode()
    assert "还缺：" in seen
    assert "请带身份证" in seen
    assert theirs.post(reverse("resident:answer", args=[one.pk]), {"text": "带来了"}).status_code == 302
    again = act(client, one, "correct", words="还有")
    assert again.status_code == 422
    assert "已经告知过了" in again.content.decode()


def test_suspended_and_resumed_on_the_page_and_extended_by_the_approver() -> None:
    who, one = world.refusable()
    client, _grant = staff(Role.DISTRICT_CASEWORKER, world.DISTRICT)
    day = (TODAY + timedelta(days=7)).isoformat()
    assert act(client, one, "suspend", ground="", words="等", expected_on=day).status_code == 422
    assert act(client, one, "suspend", ground="expertise", words="等", expected_on=day).status_code == 302
    assert "中止" in client.get(reverse("workbench:case", args=[one.pk])).content.decode()
    theirs = person(who)
    assert "中止办理" in theirs.get(reverse("resident:case", args=[one.pk])).content.decode()
    assert act(client, one, "resume", words="评审完了").status_code == 302
    boss, _grant = staff(Role.DISTRICT_APPROVER, world.DISTRICT)
    assert act(boss, one, "extend", ground="complex", days="x", words="复杂").status_code == 422
    assert act(boss, one, "extend", ground="complex", days="3", words="复杂").status_code == 302
    assert "延长了 3 个工作日" in boss.get(reverse("workbench:case", args=[one.pk])).content.decode()


@pytest.mark.parametrize("by", ["unit", "item", "month"])
def test_lateness_on_the_page(by: str, django_assert_max_num_queries: Count) -> None:
    for days in (1, 3):
        closed = TODAY - timedelta(days=days)
        case(state="closed", unit="310101002001", closed_on=closed, promised_due=TODAY - timedelta(days=2))
    client, _grant = staff(Role.DISTRICT_APPROVER, world.DISTRICT)
    address = reverse("workbench:lateness") + f"?by={by}"
    client.get(address)
    with django_assert_max_num_queries(14):
        page = client.get(address).content.decode()
    assert "50.0%" in page
    assert client.get(reverse("workbench:lateness") + "?by=x").status_code == 404
