"""The menu of benefits and the page to try out another situation: reasons, order, privacy, nothing kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from jiuye.desk import casefacts, menu, menu_data, what_if
from jiuye.desk.menu import Group
from jiuye.desk.models import EmployerCase
from jiuye.foundation import scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.policy import Month
from jiuye.registry import actions as registry
from jiuye.registry.actions import record_benefit
from jiuye.registry.models import Employer, EmploymentSpell, Household, Person, Registration
from tests.desk import world
from tests.support import make
from tests.support.database import as_owner
from tests.support.users import granted, signed_in
from tests.web.resident_pages import of, text

pytestmark = pytest.mark.django_db
Count = Callable[..., Any]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())


@pytest.fixture
def resident() -> world.Resident:
    return world.resident(months=84)


@pytest.fixture
def client(resident: world.Resident) -> Client:
    return of(resident)


def agent() -> Client:
    return signed_in(granted(Role.EMPLOYER_AGENT, employer=make.employer().pk, name="张敏"))


def tried(client: Client, name: str = "resident:what_if", **answers: str) -> str:
    answer = client.post(reverse(name), answers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def known(who: world.Resident) -> casefacts.Known:
    with scope.acting(who.actor):
        return casefacts.of_person(who.id, world.TODAY)


def rows() -> dict[str, int]:
    """How many rows each table has."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in tables:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = cursor.fetchone()[0]
        return found


# -- the menu


def test_every_benefit_of_the_city_is_on_the_menu_once(resident: world.Resident, client: Client) -> None:
    page = text(client, "resident:entitlements")
    for entry in menu_data.current().of(menu_data.PERSON):
        assert entry.title["zh"] in page
    found = menu.of_person(known(resident), (), world.TODAY)
    codes = [line.entry.code for group in Group for line in found.of(group)]
    assert sorted(codes) == sorted(entry.code for entry in menu_data.current().of(menu_data.PERSON))


def test_what_can_be_had_and_is_near_its_last_day_comes_first_then_what_brings_most(
    resident: world.Resident,
) -> None:
    found = menu.of_person(known(resident), (), world.TODAY)

    def presses(line: menu.Line) -> date | None:
        return line.urgent_by if line.group is Group.ENTITLED or line.supposes else None

    order = [(presses(line) or date.max, -line.worth) for line in found.lines]
    assert order == sorted(order)
    assert found.lines[0].entry.code == "unemployment_benefit"
    subsidised = menu.of_person(casefacts.Known(SUBSIDISED), (), world.TODAY)
    assert subsidised.lines[0].entry.code == "flexible_subsidy"
    assert subsidised.lines[0].urgent_by == date(2026, 12, 31)


def test_what_another_item_gives_is_one_click_away(client: Client) -> None:
    """Flexible workers' subsidy needs the recognition as hard to place: the way there stands beside it."""
    page = text(client, "entitlements")
    form = reverse("resident:form", args=["hard_to_place"])
    assert re.search(rf'已认定为就业困难人员。[^<]*<a href="{form}">先办就业困难人员认定</a>', page)


def test_the_page_says_how_it_is_ordered_and_what_takes_how_long(client: Client) -> None:
    page = text(client, "resident:entitlements")
    assert "快到最后期限的在最前" in page
    assert "大约 5 分钟，不用交材料" in page
    assert "这项政策到 2026年12月31日 星期四 为止" in page


def test_a_benefit_with_a_form_opens_it_in_one_click(client: Client) -> None:
    page = text(client, "resident:entitlements")
    assert reverse("resident:form", args=["unemployed"]) in page


def test_whoever_has_it_already_is_not_sent_to_apply() -> None:
    who = world.resident(months=84)
    world.submit(who)
    page = text(of(who), "resident:entitlements")
    assert "已经有了" in page
    assert reverse("resident:form", args=["unemployed"]) not in page


def test_a_rule_that_has_ended_says_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    who = world.resident(months=84)
    with scope.acting(who.actor):
        facts = casefacts.of_person(who.id, date(2027, 2, 1))
    found = {line.entry.code: line for line in menu.of_person(facts, (), date(2027, 2, 1)).lines}
    line = found["flexible_subsidy"]
    assert line.group is Group.NOT
    assert menu.ended_on(line) == date(2026, 12, 31)
    monkeypatch.setenv("JIUYE_TODAY", "2027-02-01")
    assert "这项政策已在 2026年12月31日 到期，还没有新的规定" in text(of(who), "resident:entitlements")


SUBSIDISED: dict[str, Any] = {
    "birth": date(1976, 9, 5), "sex": "2", "retirement_category": "F50", "hukou_local": True,
    "employed": False, "hardship_recognised": True, "flexible_registered": True,
    "contributions_paid_in_full": True, "subsidy_months_used": 0,
}  # fmt: skip
REFUNDED: dict[str, Any] = {
    "ui_paid_local": True, "pension_insured_local": True, "pension_paid_from": Month.parse("2026-09"),
    "pension_paid_to": Month.parse("2026-12"),
}  # fmt: skip


def test_of_two_that_exclude_each_other_the_menu_says_which_is_better_and_why() -> None:
    """Hard to place, in flexible work, about to retire: the subsidy, or the refunded pension premium."""
    who = world.resident(months=84, birth_date=date(1976, 9, 5))
    both = {name: value for name, value in (SUBSIDISED | REFUNDED).items() if name not in ("birth", "sex")}
    found = menu.of_person(casefacts.Known(SUBSIDISED | REFUNDED), (), world.TODAY)
    (choice,) = found.choices
    assert {line.entry.code for line in choice.lines} == {"flexible_subsidy", "older_recipients_pension"}
    assert choice.lines[0].worth >= choice.lines[1].worth
    assert choice.better is choice.lines[0]
    assert "大龄领金养老费" in choice.prefer["zh"]
    registry.state_facts(scope.SYSTEM, person_id=who.id, facts=both, source="staff", as_of=world.TODAY)
    page = text(of(who), "entitlements")
    card = page[page.index("menu-choice") : page.index("menu-group")]
    assert "这两项同一个月只能选一项" in card
    assert "对您更合算" in card
    assert re.search(r"按您的情况，一年里[^。]+多 [\d,]+\.\d\d 元。", card)
    assert choice.prefer["zh"][:20] in card


def test_who_takes_one_reads_at_the_other_that_they_are_not_had_together() -> None:
    who = world.resident(months=84, birth_date=date(1976, 9, 5))
    record_benefit(
        scope.SYSTEM, person_id=who.id, benefit="flexible_subsidy", award_id=new_id(), months_used=0,
        assessed_on=world.TODAY, first_month=date(2026, 11, 1), last_month=date(2026, 12, 1),
    )  # fmt: skip
    page = text(of(who), "entitlements")
    card = page[page.index('id="b-older_recipients_pension"') :]
    card = card[: card.index("</details>\n  </details>") if "</details>\n  </details>" in card else 4000]
    assert "不能和灵活就业社会保险补贴同时享受" in card
    assert "先请街镇受理中心把灵活就业社会保险补贴停下来" in card
    assert reverse("resident:form", args=["older_pension"]) not in page


def test_whatever_has_no_form_says_what_to_do_and_where(client: Client) -> None:
    page = text(client, "entitlements")
    for entry in menu_data.current().of(menu_data.PERSON):
        card = page[page.index(f'id="b-{entry.code}"') :] if f'id="b-{entry.code}"' in page else page
        if entry.item is None:
            assert entry.instead["zh"] in card or entry.code == "skill_subsidy"
    assert "还不能在网上办" not in page


@pytest.mark.parametrize(
    ("name", "most"), [("resident:entitlements", 24), ("resident:household", 22), ("resident:what_if", 22)]
)
def test_a_page_costs_the_same_however_large_the_household(
    name: str, most: int, resident: world.Resident, client: Client, django_assert_max_num_queries: Count
) -> None:
    housemates(resident, 6)
    with django_assert_max_num_queries(most):
        assert text(client, name)


# -- the household


def housemates(who: world.Resident, count: int) -> list[Person]:
    found = [make.person(name=f"同住人{number}") for number in range(count)]
    with as_owner():
        home = Household.objects.create(unit_code=world.STREET)
        Person.objects.filter(pk__in=[who.id, *(person.pk for person in found)]).update(household=home)
    return found


def test_the_household_page_shows_no_fact_of_another_member(resident: world.Resident, client: Client) -> None:
    mate = housemates(resident, 1)[0]
    with as_owner():
        Registration.objects.create(
            person=mate,
            unit_code=mate.unit_code,
            kind="hardship",
            opened_on=date(2026, 3, 5),
            open_reason="01",
        )
    page = text(client, "resident:household")
    assert "登记的家庭户里有 2 人，包括您" in page
    for private in (mate.name, "members[", mate.document_number, "2026年3月5日"):
        assert private not in page


def test_without_a_household_on_file_the_page_says_so(client: Client) -> None:
    assert "登记里没有您的家庭户" in text(client, "resident:household")


# -- what if


def test_another_situation_changes_months_and_money(client: Client) -> None:
    page = tried(
        client, ui_months_unused="300", registered_unemployed="yes", wants_work="yes", able_to_work="yes"
    )
    assert "每月 2,340.00 元，14 个月" in page  # as it is
    assert "每月 2,340.00 元，24 个月" in page  # as it would be
    assert "看成表格" in page
    result = page[page.index('id="try-result"') :]
    assert re.search(r"24 个月里，现在一共 31,824\.00 元", result)


def test_trying_out_writes_nothing(resident: world.Resident, client: Client) -> None:
    text(client, "resident:what_if")
    before = rows()
    tried(client, ui_months_unused="120", employed="yes", birth="58")
    assert rows() == before


def test_a_value_out_of_range_is_named_and_the_rest_still_counts(client: Client) -> None:
    answer = client.post(reverse("resident:what_if"), {"ui_months_unused": "9999", "wants_work": "yes"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填 0 到 360 之间的值" in page
    assert 'value="9999"' in page


def test_names_that_are_not_offered_are_ignored(resident: world.Resident, client: Client) -> None:
    assert "还没有改动" in tried(client, ui_extending="yes", nonsense="1")


def test_an_age_moves_the_year_of_birth_and_keeps_the_birthday() -> None:
    knob = next(
        knob
        for panel in what_if.panels("person", world.TODAY)
        for knob in panel.knobs
        if knob.name == "birth"
    )
    assert knob.parse("50", date(1980, 12, 31), world.TODAY) == date(1975, 12, 31)
    assert knob.parse("50", date(1980, 1, 31), world.TODAY) == date(1976, 1, 31)
    assert knob.parse("21", date(2004, 2, 29), date(2026, 2, 28)) == date(2004, 2, 29)
    assert knob.parse("17", date(2004, 2, 29), date(2026, 3, 1)) == date(2009, 3, 1)


def test_nobody_finds_out_about_the_household_by_trying(resident: world.Resident) -> None:
    """The same answers whatever is true of the others."""
    housemates(resident, 2)
    facts = known(resident)
    assert len(facts.members or {}) == 2
    alone = casefacts.Known(facts.values, facts.origins, None, facts.employer)
    for changed in ({}, {"employed": True}, {"unemployed_months": 24}):
        one, other = (what_if.of_person(each, changed, world.TODAY) for each in (facts, alone))
        assert [line.state for line in one.after.lines] == [line.state for line in other.after.lines]


# -- employers


@pytest.mark.parametrize(("name", "most"), [("employer:entitlements", 20), ("employer:what_if", 18)])
def test_an_employers_page_costs_the_same_however_many_work_there(
    name: str, most: int, django_assert_max_num_queries: Count
) -> None:
    employer = make.employer()
    client = signed_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk))
    for number in range(6):
        hired(employer, f"员工{number}")
    with django_assert_max_num_queries(most):
        assert text(client, name)


def hired(employer: Employer, name: str) -> EmploymentSpell:
    return registry.register_hire(
        scope.SYSTEM, employer_id=employer.pk, document_type="01", document_number=make.document_number(),
        name=name, start=date(2026, 9, 1), contract_type="1", contract_until=date(2028, 8, 31),
    )  # fmt: skip


def test_an_employer_applies_for_somebody_in_one_click_and_twice_is_once() -> None:
    employer = make.employer()
    client = signed_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk, name="张敏"))
    spell = hired(employer, "李国强")
    new = reverse("employer:claim_new", args=["employer_hiring_subsidy"])
    assert new in text(client, "employer:entitlements")
    form = client.get(new).content.decode()
    assert "李国强" in form
    key = re.search(r'name="request_key" value="([^"]+)"', form)
    assert key
    posted = {"request_key": key.group(1), "spell": str(spell.pk)}
    one, other = client.post(new, posted), client.post(new, posted)
    assert one.status_code == 302
    assert one["Location"] == other["Location"]
    page = client.get(one["Location"]).content.decode()
    assert "吸纳就业困难人员补贴申请：李国强" in page
    assert "区级审核中" in page
    with scope.acting(scope.SYSTEM):
        assert EmployerCase.objects.count() == 1


def test_without_a_person_chosen_the_form_says_so_and_keeps_its_key() -> None:
    employer = make.employer()
    client = signed_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk))
    hired(employer, "李国强")
    key = str(new_id())
    answer = client.post(
        reverse("employer:claim_new", args=["employer_hiring_subsidy"]), {"request_key": key}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请从在职人员里选一位" in page
    assert key in page


def test_an_employer_sees_what_it_can_have_and_what_must_be_known() -> None:
    page = text(agent(), "employer:entitlements")
    assert "吸纳就业困难人员补贴" in page
    assert "录用的人：" in page


def test_an_employer_tries_out_a_hire() -> None:
    page = tried(
        agent(), "employer:what_if", contract_months="24", contributions_paid_in_full="yes",
        subsidy_months_used="0", agreement_retained="no", employer_kind="enterprise", birth="48", sex="1",
        hardship_recognised="yes",
    )  # fmt: skip
    changed = page[page.index('class="try-changes"') : page.index("try-chart")]
    assert "吸纳就业困难人员补贴" in changed
    assert re.search(r"每月 [\d,]+\.\d\d 元", changed)
