"""Two files of one person: seen side by side, merged by the district, taken back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk.models import Case
from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.registry.duplicates import propose_duplicates
from jiuye.registry.models import DuplicateProposal, Merge, Person
from tests.desk import world
from tests.support import make
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db


def pair() -> tuple[DuplicateProposal, Case]:
    """A file of long ago, and one with a case."""
    older = make.person(world.STREET, "李国强")
    _who, case = world.doubtful()
    assert propose_duplicates() == 1
    with scope.acting(scope.SYSTEM):
        return DuplicateProposal.objects.get(person_id=older.pk), case


def client(role: Role, unit: str = world.DISTRICT) -> Client:
    return signed_in(granted(role, unit))


def owner(case: Case) -> object:
    with scope.acting(scope.SYSTEM):
        return Case.objects.get(pk=case.pk).person_id


def test_a_merge_moves_the_case_and_is_taken_back() -> None:
    found, case = pair()
    address = reverse("workbench:duplicate", args=[found.pk])
    district = client(Role.DISTRICT_CASEWORKER)
    assert "李国强" in district.get(reverse("workbench:duplicates")).content.decode()
    assert district.post(address, {"action": "merge", "reason": ""}).status_code == 422
    merged = district.post(address, {"action": "merge", "reason": "本人出示了两种证件"}, follow=True)
    assert "撤销合并" in merged.content.decode()
    assert owner(case) == found.person_id
    with scope.acting(scope.SYSTEM):
        merge = Merge.objects.get()
    district.post(reverse("workbench:undo_merge", args=[merge.pk]), {"reason": "看错了"})
    assert owner(case) == found.other_id
    with scope.acting(scope.SYSTEM):
        assert Person.objects.get(pk=found.other_id).merged_into_id is None


def test_the_street_keeps_two_people_apart_but_does_not_merge() -> None:
    found, _case = pair()
    address = reverse("workbench:duplicate", args=[found.pk])
    street = client(Role.STREET_CLERK, world.STREET)
    assert "合并由区级经办人员办理" in street.get(address).content.decode()
    street.post(address, {"action": "merge", "reason": "像是一个人"})
    with scope.acting(scope.SYSTEM):
        assert not Merge.objects.exists()
    assert street.post(address, {"action": "different", "reason": "照片不是同一人"}).status_code == 302
    with scope.acting(scope.SYSTEM):
        assert DuplicateProposal.objects.get(pk=found.pk).state == "different"
    assert propose_duplicates() == 0
