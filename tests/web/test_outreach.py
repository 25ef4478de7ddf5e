"""Policy finds people, on the pages: of the person, the street, the lead; and the command."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jiuye.desk import actions
from jiuye.desk.models import Case, EmployerCase, Outreach, PushChoice
from jiuye.desk.outreach import nightly
from jiuye.foundation import clock, scope
from jiuye.foundation.models import ReadLogEntry
from jiuye.foundation.roles import Role
from tests.desk import test_outreach as world_of
from tests.desk import test_outreach_employers as employers
from tests.desk import world
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


def client_of(who: world.Resident):  # type: ignore[no-untyped-def]
    return signed_in(granted(Role.RESIDENT, person=who.id))


def test_a_person_reads_why_and_says_no() -> None:
    who = world.resident()
    nightly.run(clock.today())
    client = client_of(who)
    with scope.acting(scope.SYSTEM):
        row = Outreach.objects.get(person_id=who.id, benefit=world.BENEFIT)
    page = client.get(reverse("resident:offer", args=[row.pk])).content.decode()
    assert "失业保险金" in page
    assert "为什么找到您" in page
    assert reverse("resident:form", args=["unemployed"]) in page
    messages = client.get(reverse("resident:messages")).content.decode()
    assert reverse("resident:offer", args=[row.pk]) in messages
    client.post(reverse("resident:offer_answer", args=[row.pk]), {"answer": "no"})
    with scope.acting(scope.SYSTEM):
        assert Outreach.objects.get(pk=row.pk).end == "declined"


def test_one_tap_opens_the_cases() -> None:
    who, row = world_of.prepared()
    client = client_of(who)
    home = client.get(reverse("resident:home")).content.decode()
    assert reverse("resident:offer", args=[row.pk]) in home
    assert "同意，替我办" in client.get(reverse("resident:offer", args=[row.pk])).content.decode()
    answer = client.post(reverse("resident:offer_answer", args=[row.pk]), {"answer": "yes"})
    with scope.acting(scope.SYSTEM):
        cases = Case.objects.filter(person_id=who.id)
        assert {case.item for case in cases} == {world.BENEFIT, world.REGISTRATION}
    assert answer.status_code == 302


def test_the_setting_is_the_persons_own() -> None:
    who = world.resident()
    client = client_of(who)
    client.post(reverse("resident:settings"), {"language": "zh-hans", "elder": "0", "push": "0"})
    with scope.acting(scope.SYSTEM):
        assert PushChoice.objects.get(person_id=who.id).wanted is False
    nightly.run(clock.today())
    with scope.acting(scope.SYSTEM):
        assert not Outreach.objects.filter(person_id=who.id).exists()


def test_the_street_sees_its_own_people_and_who_looked_is_kept() -> None:
    who = world.resident()
    world.resident(unit="310104003", name="李国强")
    nightly.run(clock.today())
    clerk = signed_in(granted(Role.STREET_CLERK, world.STREET))
    page = clerk.get(reverse("workbench:outreach")).content.decode()
    assert "王秀英" in page
    assert "李国强" not in page
    with scope.acting(scope.SYSTEM):
        row = Outreach.objects.get(person_id=who.id, benefit=world.BENEFIT)
    detail = clerk.get(reverse("workbench:outreach_one", args=[row.pk])).content.decode()
    assert row.law_version[:12] in detail
    with scope.acting(scope.SYSTEM):
        assert ReadLogEntry.objects.filter(person_id=who.id, what="outreach").count() == 1


def test_the_list_costs_the_same_however_long(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _one in range(4):
        world.resident()
    nightly.run(clock.today())
    clerk = signed_in(granted(Role.STREET_CLERK, world.STREET))
    with django_assert_max_num_queries(14):
        clerk.get(reverse("workbench:outreach"))


def test_the_lead_sees_numbers_and_no_names() -> None:
    who = world.resident()
    other = world.resident()
    actions.choose_push(other.actor, wanted=False)
    nightly.run(clock.today())
    world.submit(who)
    lead = signed_in(granted(Role.CITY_LEAD, "31"))
    page = lead.get(reverse("lead:outreach")).content.decode()
    assert "失业保险金" in page
    assert "王秀英" not in page
    response = lead.get(reverse("lead:outreach"))
    row = next(row for row in response.context["rows"] if row["title"] == "失业保险金")
    assert row["cells"][0] == "1"  # found
    assert row["cells"][3] == "1"  # claimed
    assert row["cells"][7] == "1"  # opted out


def test_an_employer_reads_why_says_yes_and_the_district_gets_it() -> None:
    employers.deliver()
    employer = employers.start_up()
    row = employers.prepared(employer)
    client = signed_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk))
    page = client.get(reverse("employer:offers")).content.decode()
    assert reverse("employer:offer", args=[row.pk]) in page
    detail = client.get(reverse("employer:offer", args=[row.pk])).content.decode()
    assert "同意，报到区里" in detail
    answer = client.post(reverse("employer:offer_answer", args=[row.pk]), {"answer": "yes"}, follow=True)
    assert "已经报到区里" in answer.content.decode()
    desk = signed_in(granted(Role.DISTRICT_CASEWORKER, world.DISTRICT))
    assert employer.name in desk.get(reverse("workbench:employer_cases")).content.decode()
    with scope.acting(scope.SYSTEM):
        case = EmployerCase.objects.get(employer=employer)
    page = desk.get(reverse("workbench:employer_case", args=[case.pk])).content.decode()
    assert case.number in page


def test_an_employers_no_is_kept_on_the_page() -> None:
    employers.deliver()
    employer = employers.start_up()
    client = signed_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk))
    assert "不要再主动提醒" in client.get(reverse("employer:offers")).content.decode()
    client.post(reverse("employer:offers"), {"push": "0"})
    assert "现在：不主动提醒" in client.get(reverse("employer:offers")).content.decode()
    nightly.run(clock.today())
    with scope.acting(scope.SYSTEM):
        assert not Outreach.objects.filter(employer=employer).exists()


def test_what_a_night_did_is_counted_for_each_unit_and_for_the_city() -> None:
    here, there = world.resident(), world.resident(unit="310104003", name="李国强")
    actions.choose_push(world.resident().actor, wanted=False)
    nightly.run(clock.today())
    world.submit(here)
    assert there.id != here.id
    lead = signed_in(granted(Role.CITY_LEAD, "31"))
    clerk = signed_in(granted(Role.STREET_CLERK, world.STREET))
    found = {}
    for name, client, room in (("city", lead, "lead"), ("street", clerk, "workbench")):
        page = client.get(reverse(f"{room}:outreach_night", args=[world.TODAY]))
        row = next(row for row in page.context["rows"] if row["title"] == "失业保险金")
        found[name] = dict(zip(page.context["heads"], row["cells"], strict=True))
        assert "王秀英" not in page.content.decode()
        nights = client.get(reverse(f"{room}:outreach_nights")).content.decode()
        assert reverse(f"{room}:outreach_night", args=[world.TODAY]) in nights
    assert (found["city"]["告诉了"], found["city"]["后来办了"], found["city"]["不想被找"]) == ("2", "1", "1")
    assert (found["street"]["告诉了"], found["street"]["后来办了"]) == ("1", "1")
    assert "不想被找" not in found["street"]
    assert lead.get(reverse("lead:outreach_night", args=["2026-02-30"])).status_code == 404
    assert lead.get(reverse("lead:outreach_night", args=["2020-01-01"])).status_code == 404
