"""Who can log in to the demonstration: the people of the story and the staff who serve them.

Residents and employers are made by registry.demo; here they get a login, with the staff of the same street,
district and city.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jiuye.foundation import history, scope
from jiuye.foundation.models import Grant, User
from jiuye.foundation.roles import Role
from jiuye.registry.demo import personas
from jiuye.registry.models import Person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SINCE: Final = date(2000, 1, 1)
CITY: Final = "31"


@dataclass(frozen=True)
class Login:
    """`story`: what happens to this person, for the login page; of staff their role says enough."""

    username: str
    name: str
    role: Role
    unit: str | None = None
    person: UUID | None = None
    employer: UUID | None = None
    story: StrOrPromise = ""


LOGINS: Final = (
    Login(
        "wang",
        "王秀英",
        Role.RESIDENT,
        person=personas.WANG_XIUYING,
        story=_("合同到期没有续签，缴费多年"),
    ),
    Login(
        "li",
        "李国强",
        Role.RESIDENT,
        person=personas.LI_GUOQIANG,
        story=_("单位报他辞职，他说是单位让他走的"),
    ),
    Login(
        "chen",
        "陈晓东",
        Role.RESIDENT,
        person=personas.CHEN_XIAODONG,
        story=_("刚缴了几个月，自己辞的职"),
    ),
    Login(
        "agent",
        "张敏",
        Role.EMPLOYER_AGENT,
        employer=personas.EMPLOYER_ID,
        story=personas.EMPLOYER_NAME,
    ),
    Login(
        "agent2",
        "刘洋",
        Role.EMPLOYER_AGENT,
        employer=personas.OTHER_EMPLOYER_ID,
        story=personas.OTHER_EMPLOYER_NAME,
    ),
    Login("clerk", "周丽", Role.STREET_CLERK, personas.STREET),
    Login("caseworker", "赵静", Role.DISTRICT_CASEWORKER, personas.DISTRICT),
    Login("approver", "孙伟", Role.DISTRICT_APPROVER, personas.DISTRICT),
    # who decided doesn't review: an appeal needs two more
    Login(
        "caseworker2",
        "钱海",
        Role.DISTRICT_CASEWORKER,
        personas.DISTRICT,
        story=_("办理申诉，没有参与原决定"),
    ),
    Login(
        "approver2", "许岚", Role.DISTRICT_APPROVER, personas.DISTRICT, story=_("复核申诉，没有参与原决定")
    ),
    Login("payer", "何琳", Role.PAYMENT_OFFICER, CITY),
    Login("payapprover", "马涛", Role.PAYMENT_APPROVER, CITY),
    Login("lead", "沈建国", Role.CITY_LEAD, CITY),
    Login("legal", "顾文", Role.LEGAL_OFFICER, CITY),
    # who wrote a proposal doesn't approve it
    Login("legal2", "俞明", Role.LEGAL_OFFICER, CITY, story=_("复核修订稿，没有参与起草")),
    Login("editor", "罗安", Role.CATALOGUE_EDITOR, CITY),
    Login("editor2", "石磊", Role.CATALOGUE_EDITOR, CITY, story=_("复核事项，没有参与起草")),
    Login("auditor", "吴敏", Role.AUDITOR, CITY),
)
STORIES: Final = {login.username: login.story for login in LOGINS}


def load(people: int = 0, progress: Callable[[str, int, int], None] = lambda *_: None) -> None:
    """A step of the demonstration: the size of the city makes no difference."""
    load_users()
    progress("登录用户", len(LOGINS), len(LOGINS))


def load_users() -> None:
    """Make the logins that are missing; as the tables' owner."""
    with transaction.atomic(), history.maintenance():
        for login in LOGINS:
            if User.objects.filter(username=login.username).exists():
                continue
            user = User.objects.create_user(login.username, login.name, is_demo=True)
            Grant.objects.create(
                user=user,
                role=login.role.value,
                unit_id=login.unit,
                person_id=login.person,
                employer_id=login.employer,
                valid_from=SINCE,
            )


def numbers() -> dict[str, str]:
    """Name and document number of the story's residents, for whoever plays their next employer."""
    ids = [login.person for login in LOGINS if login.person is not None]
    with scope.elevated("made-up people of the demonstration"):
        return {person.name: str(person.document_number) for person in Person.objects.filter(pk__in=ids)}
