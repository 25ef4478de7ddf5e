"""A request runs as the chosen grant of its user, in one transaction; failures leave nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import timezone

from jiuye.foundation import access, clock, scope
from jiuye.foundation.actions import end_grant, give_grant, set_preferences
from jiuye.foundation.errors import Forbidden, UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Grant, LoginAttempt, User
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM
from tests.factories import HUANGPU, NANJING_ROAD, XUHUI, actor, unit
from tests.foundation.probe import Probe, add
from tests.support.users import granted, signed_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("probes"),
    pytest.mark.urls("tests.foundation.urls"),
]


@pytest.fixture
def clerk() -> Client:
    return signed_in(granted(Role.STREET_CLERK, NANJING_ROAD))


def count() -> int:
    with scope.acting(SYSTEM):
        return Probe.objects.count()


def test_a_request_sees_what_its_actor_sees(clerk: Client) -> None:
    add("310101002001")
    add("310104003001")
    assert clerk.get("/who").json() == {
        "role": "street_clerk",
        "prefix": NANJING_ROAD,
        "language": "zh-hans",
        "seen": ["310101002001"],
    }


def test_without_a_login_only_public_pages() -> None:
    response = Client().get("/who")
    assert response.status_code == 302
    assert response["Location"].startswith("/login")
    assert Client().get("/door").json() == {"acting": False}


def test_without_a_grant_only_public_pages() -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", "无名"))
    assert client.get("/who").status_code == 403
    assert client.get("/door").json() == {"acting": False}


def test_ended_and_future_grants_open_nothing() -> None:
    grant = granted(Role.STREET_CLERK, NANJING_ROAD)
    client = signed_in(grant)
    assert client.get("/who").status_code == 200
    with scope.acting(SYSTEM):
        end_grant(SYSTEM, grant=grant, reason="调离")
    assert client.get("/who").status_code == 403
    give_grant(
        SYSTEM,
        user=grant.user,
        role=Role.STREET_CLERK,
        unit=unit(NANJING_ROAD),
        valid_from=clock.today() + timedelta(1),
    )
    assert client.get("/who").status_code == 403


def test_inactive_users_are_out(clerk: Client) -> None:
    User.objects.update(is_active=False)
    assert clerk.get("/who").status_code == 302


def test_switching_between_grants() -> None:
    first = granted(Role.DISTRICT_CASEWORKER, HUANGPU)
    other = granted(Role.DISTRICT_CASEWORKER, XUHUI)
    second = give_grant(SYSTEM, user=first.user, role=Role.DISTRICT_APPROVER, unit=unit(XUHUI))
    client = signed_in(second)
    assert client.get("/who").json()["role"] == "district_approver"
    request: Any = RequestFactory().get("/")
    request.user, request.session = first.user, client.session
    assert access.switch(request, first.pk) == first
    assert request.session[access.SESSION_KEY] == first.pk
    with pytest.raises(Forbidden):
        access.switch(request, other.pk)
    session = client.session
    session[access.SESSION_KEY] = other.pk  # somebody else's: one's own first counts
    session.save()
    assert client.get("/who").json()["prefix"] == HUANGPU


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_failed_requests_leave_nothing(clerk: Client, status: int) -> None:
    assert clerk.get(f"/write/{status}").status_code == status
    assert count() == 0
    assert clerk.get("/write/200").status_code == 200
    assert clerk.get("/write/302").status_code == 302
    assert count() == 2


def test_a_crash_leaves_nothing(clerk: Client) -> None:
    clerk.raise_request_exception = False
    assert clerk.get("/write/600").status_code == 500
    assert clerk.get("/failing/sql").status_code == 500
    assert count() == 0
    assert clerk.get("/who").status_code == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [("forbidden", 403), ("rls", 403), ("notfound", 404), ("missing", 404), ("404", 404), ("conflict", 409)],
)
def test_errors_become_answers(clerk: Client, error: str, status: int) -> None:
    assert clerk.get(f"/failing/{error}").status_code == status
    assert count() == 0


def test_the_page_of_an_error_may_ask_the_database(clerk: Client) -> None:
    """After a refusal PostgreSQL takes no more statements in that transaction."""
    add("310101002001")
    response = clerk.get("/failing/rls")
    assert response.status_code == 403
    assert response.content == b"1 rows, street_clerk"


def test_language_of_the_user() -> None:
    grant = granted(Role.RESIDENT, person=new_id())
    client = signed_in(grant)
    with scope.acting(scope.Actor.of(grant)):
        set_preferences(scope.Actor.of(grant), language="en", elder_mode=True)
    assert client.get("/who").json()["language"] == "en"
    request: Any = RequestFactory().get("/")
    request.user, request.session = User.objects.get(pk=grant.user_id), {}
    assert access.actor(request) == {"actor": None, "elder": True}
    with pytest.raises(UserError):
        set_preferences(scope.Actor.of(grant), language="xx")


def test_headers(clerk: Client) -> None:
    response = clerk.get("/who")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    cookie = Client().get("/door").cookies
    assert not cookie
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_AGE <= 12 * 3600


# -- passwords --------------------------------------------------------------------------------------------

PASSWORD = "correct horse battery"


@pytest.fixture
def user() -> User:
    return User.objects.create_user("chen", "陈静", PASSWORD)


def attempt(password: str, address: str = "192.0.2.1", name: str = "chen") -> Any:
    request = RequestFactory().post("/login", REMOTE_ADDR=address)
    return authenticate(request, username=name, password=password)


def test_password(user: User) -> None:
    assert attempt(PASSWORD) == user
    assert attempt("wrong") is None
    assert attempt(PASSWORD, name="chan") is None
    User.objects.update(is_active=False)
    assert attempt(PASSWORD) is None
    nobody = User.objects.create_user("card", "刷卡登录")
    assert not nobody.has_usable_password()
    assert attempt("", name="card") is None


def test_guessing_is_paused(user: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as now:
        for _attempt in range(settings.LOGIN_ATTEMPTS):
            assert attempt("wrong") is None
        with pytest.raises(UserError) as error:
            attempt(PASSWORD)
        assert error.value.code == "paused"
        assert attempt(PASSWORD, address="192.0.2.2") == user  # nobody can lock out another
        now.shift(timedelta(minutes=settings.LOGIN_PAUSE_MINUTES, seconds=1))
        assert attempt(PASSWORD) == user
    assert LoginAttempt.objects.count() == 0


def test_unknown_names_are_paused_alike() -> None:
    for _attempt in range(settings.LOGIN_ATTEMPTS):
        assert attempt("wrong", name="ghost") is None
    with pytest.raises(UserError):
        attempt("wrong", name="ghost")


def test_sign_in_needs_an_active_user(user: User) -> None:
    user.is_active = False
    request: Any = RequestFactory().get("/")
    with pytest.raises(Forbidden):
        access.sign_in(request, user)
    request.user = AnonymousUser()
    with pytest.raises(Forbidden):
        access.signed_in(request)


# -- grants -----------------------------------------------------------------------------------------------


def test_grants_have_what_their_role_needs() -> None:
    from django.db import IntegrityError, transaction

    user = User.objects.create_user("x", "x")
    for wrong in (
        {"role": Role.STREET_CLERK},
        {"role": Role.RESIDENT},
        {"role": Role.EMPLOYER_AGENT, "unit": unit("31"), "employer_id": new_id()},
        {"role": Role.SYSTEM, "unit": unit("31")},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            give_grant(SYSTEM, user=user, **wrong)  # type: ignore[arg-type]


def test_only_the_system_grants() -> None:
    for role in Role:
        if role is not Role.SYSTEM:
            with pytest.raises(Forbidden):
                give_grant(scope.Actor(1, role, "31"), user=User(), role=Role.AUDITOR)


def test_actor_of_a_grant() -> None:
    person, employer = new_id(), new_id()
    resident = actor(Role.RESIDENT, person=person)
    agent = actor(Role.EMPLOYER_AGENT, employer=employer)
    assert (resident.person_id, resident.prefix, resident.portal) == (person, "", "resident")
    assert (agent.employer_id, agent.purpose, agent.is_staff) == (employer, "service", False)
    lead = actor(Role.CITY_LEAD)
    assert (lead.prefix, lead.purpose, lead.is_staff) == ("31", "statistics", True)
    with scope.acting(resident):
        assert Grant.objects.count() == 1  # one's own
