"""The lead's question about another law, and the clerk's about a decision: pages from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from jiuye import cities
from jiuye.desk import replay
from jiuye.desk.models import Decision, EmployerDecision
from jiuye.foundation import scope
from jiuye.foundation.errors import Forbidden
from jiuye.foundation.models import ReadLogEntry
from jiuye.foundation.roles import Role
from jiuye.insight import actions, comparing, queries
from jiuye.insight.models import LawComparison
from tests import factories
from tests.desk import world
from tests.desk.test_employer_cases import Firm
from tests.desk.test_employer_cases import granted as granted_to
from tests.desk.test_replay import change_the_law
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db
EVERYBODY = 6  # enough people of one kind to be counted aloud


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JIUYE_TODAY", world.TODAY.isoformat())
    replay.archived.cache_clear()
    yield
    cities.law.cache_clear()  # a test may have changed it


def lead() -> Client:
    return signed_in(granted(Role.CITY_LEAD))


def asked(client: Client, **given: str) -> UUID:
    """Ask with the form and let the job do its work."""
    answer = client.post(reverse("lead:law_changes"), given)
    assert answer.status_code == 302, answer.content.decode()
    with scope.acting(scope.SYSTEM):
        key = LawComparison.objects.latest("created_at").pk
    assert answer["Location"] == reverse("lead:law_change", args=[key])
    return key


def page(client: Client, key: UUID) -> str:
    return client.get(reverse("lead:law_change", args=[key])).content.decode()


MORE_MONTHS = {"name0": "ui_months_per_contribution_year", "value0": "3", "from0": "2026-12-01"}


def test_a_parameter_is_changed_and_the_city_counted() -> None:
    for number in range(EVERYBODY):
        world.resident(name=f"人{number}")  # 28 months: 4 become 6
    client = lead()
    key = asked(client, **MORE_MONTHS)
    waiting = page(client, key)
    assert "排队" in waiting
    assert f'hx-get="{reverse("lead:law_change", args=[key])}"' in waiting
    assert comparing.work(key) == "done"
    shown = page(client, key)
    assert "hx-get" not in shown
    assert "2026年12月1日 起" in shown
    assert f"比对了 {EVERYBODY} 人" in shown
    assert f"{EVERYBODY} 人" in shown
    assert "变多" in shown
    assert "+12 个月" in shown
    assert "黄浦区" in shown
    assert "人0" not in shown
    listed = client.get(reverse("lead:law_changes")).content.decode()
    assert "比对完了" in listed
    table = client.get(reverse("lead:law_change_csv", args=[key]))
    assert table["Content-Type"].startswith("text/csv")
    lines = table.content.decode("utf-8-sig").splitlines()
    assert any(line.startswith("ui_months,") and f",变多,{EVERYBODY},12," in line for line in lines)
    assert any("district,310101,黄浦区" in line for line in lines)


def test_a_few_people_are_not_counted_aloud() -> None:
    world.resident()
    client = lead()
    key = asked(client, **MORE_MONTHS)
    comparing.work(key)
    shown = page(client, key)
    assert "少于 5" in shown
    assert ",变多,<5," in client.get(reverse("lead:law_change_csv", args=[key])).content.decode()
    with scope.acting(scope.SYSTEM):
        result = LawComparison.objects.get(pk=key).result
    assert result is not None
    (effect,) = [one for one in result["effects"] if one["rule"] == "ui_months"]
    assert effect["counts"]["more"] is None
    assert (effect["before"], effect["after"]) == (None, None)


def test_two_archived_versions_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.submit(world.resident())  # archives the law in force
    with scope.acting(scope.SYSTEM):
        old = Decision.objects.latest("created_at").law_version
    change_the_law(
        tmp_path,
        monkeypatch,
        "rules/unemployment_benefit.yaml",
        "ui_months_unused >=",
        "100 + ui_months_unused <=",
    )
    client = lead()
    form = client.get(reverse("lead:law_changes")).content.decode()
    assert old[:12] in form
    key = asked(client, a=old)
    assert comparing.work(key) == "done"
    assert old[:12] in page(client, key)
    assert "ui_months_unused" in page(client, key)  # what the text says


def test_the_same_question_again_is_the_one_that_is_being_answered() -> None:
    client = lead()
    assert asked(client, **MORE_MONTHS) == asked(client, **MORE_MONTHS)


def test_killed_in_the_middle_it_is_done_again() -> None:
    key = asked(lead(), **MORE_MONTHS)
    comparing.begin(scope.SYSTEM, comparison=key)
    assert comparing.work(key) == "done"
    assert comparing.work(key) == "done"  # and not twice


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "两边是同一个版本"),
        ({"name0": "ui_min_contribution_months"}, "请填改成多少"),
        ({"name0": "ui_min_contribution_months", "value0": "many"}, "is a number"),
        ({"name0": "nothing", "value0": "1"}, "no parameter"),
        ({"a": "0" * 64}, "没有存档这个版本"),
        ({**MORE_MONTHS, "on": "tomorrow"}, "日期写成"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(given: dict[str, str], said: str) -> None:
    answer = lead().post(reverse("lead:law_changes"), given)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert said in shown
    assert not given.get("value0") or f'value="{given["value0"]}"' in shown


def test_only_a_lead_may_ask() -> None:
    clerk = factories.actor(Role.STREET_CLERK, world.STREET)
    with pytest.raises(Forbidden):
        actions.compare_laws(clerk, a="", b="", settings=["ui_min_contribution_months=30"])
    with scope.acting(clerk), pytest.raises(Forbidden):
        queries.comparisons(clerk)
    key = asked(lead(), **MORE_MONTHS)
    with scope.acting(clerk):
        assert not LawComparison.objects.filter(pk=key).exists()  # the database says so, too


# -- one decision ----------------------------------------------------------------------------------------


def decided() -> tuple[world.Resident, Decision]:
    who = world.resident()
    case = world.submit(who)[world.BENEFIT]
    with scope.acting(scope.SYSTEM):
        return who, Decision.objects.get(case=case)


def test_a_decision_side_by_side_with_todays_law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who, made = decided()
    clerk = signed_in(granted(Role.STREET_CLERK, world.STREET))
    address = reverse("workbench:replay", args=[made.pk])
    assert address in clerk.get(reverse("workbench:case", args=[made.case_id])).content.decode()
    shown = clerk.get(address).content.decode()
    assert "完全一样" in shown
    assert "规定没有变过" in shown
    assert "不一致" not in shown
    version = change_the_law(
        tmp_path,
        monkeypatch,
        "rules/unemployment_benefit.yaml",
        "ui_months_unused >=",
        "100 + ui_months_unused <=",
    )
    shown = clerk.get(address).content.decode()
    assert "完全一样" in shown  # under the law that made it
    assert made.law_version[:12] in shown
    assert version[:12] in shown
    assert shown.count('class="differs"') >= 2  # the result and the condition that changed
    with scope.acting(scope.SYSTEM):
        read = ReadLogEntry.objects.filter(person_id=who.id, what=f"replay:{made.number}")
        assert read.count() == 1


def test_a_decision_of_another_street_is_not_found() -> None:
    _who, made = decided()
    elsewhere = signed_in(granted(Role.STREET_CLERK, "310104003"))
    assert elsewhere.get(reverse("workbench:replay", args=[made.pk])).status_code == 404


def test_of_the_system_before_it_says_why_not() -> None:
    _who, made = decided()
    row = Decision(
        pk=made.pk, number="x", case_id=made.case_id, person_id=made.person_id, rule="ui_eligible",
        former=True, law_version="", on=made.on, outcome={"rule": "ui_eligible"}, facts={},
    )  # fmt: skip
    with scope.acting(scope.SYSTEM):
        assert replay.replay(row).verdict == "impossible"


def test_a_decision_on_an_employers_application() -> None:
    case = granted_to(Firm())
    officer = signed_in(granted(Role.DISTRICT_CASEWORKER, world.DISTRICT))
    with scope.acting(scope.SYSTEM):
        made = EmployerDecision.objects.get(case=case)
    address = reverse("workbench:employer_replay", args=[made.pk])
    assert address in officer.get(reverse("workbench:employer_case", args=[case.pk])).content.decode()
    shown = officer.get(address).content.decode()
    assert "完全一样" in shown
    assert "金额" in shown
    assert case.worker_id is not None
    with scope.acting(scope.SYSTEM):
        assert ReadLogEntry.objects.filter(person_id=case.worker_id, what=f"replay:{case.number}").exists()
