"""Logging in as somebody of the demonstration; language and large text go along; errors in plain words."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from jiuye.foundation.models import User
from jiuye.foundation.roles import Role
from jiuye.web import demo
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db


def load() -> None:
    with as_owner():
        demo.load_users()


def test_the_login_page_lists_everybody_by_portal(client: Client) -> None:
    load()
    page = client.get(reverse("login")).content.decode()
    for login in demo.LOGINS:
        assert login.name in page
    assert page.index("个人") < page.index("街镇窗口") < page.index("审计监督")


@pytest.mark.parametrize(
    ("username", "start"),
    [
        ("wang", "resident:home"),
        ("agent", "employer:home"),
        ("clerk", "workbench:queue"),
        ("payer", "workbench:runs"),
        ("lead", "lead:map"),
        ("auditor", "audit:samples"),
    ],
)
def test_everybody_starts_in_their_own_portal(client: Client, username: str, start: str) -> None:
    load()
    answer = client.post(reverse("login"), {"provider": "demo", "person": username}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse(start)


def test_without_a_demonstration_nobody_gets_in_by_a_click(client: Client) -> None:
    load()
    with override_settings(DEMONSTRATION=False):
        answer = client.post(reverse("login"), {"provider": "demo", "person": "wang"})
        assert answer.status_code == 403
        assert "王秀英" not in client.get(reverse("login")).content.decode()
    assert "_auth_user_id" not in client.session


def test_only_people_of_the_demonstration_can_be_chosen(client: Client) -> None:
    real = granted(Role.STREET_CLERK).user
    answer = client.post(reverse("login"), {"provider": "demo", "person": real.username})
    assert answer.status_code == 403
    assert "没有登录成功" in answer.content.decode()


def test_after_the_login_one_goes_where_one_wanted_to_but_never_elsewhere(client: Client) -> None:
    load()
    wanted = reverse("resident:payments")
    asked = client.get(wanted)
    assert asked["Location"] == f"{reverse('login')}?next={wanted}"
    person = {"provider": "demo", "person": "wang"}
    assert client.post(reverse("login"), person | {"next": wanted})["Location"] == wanted
    client.post(reverse("logout"))
    evil = client.post(reverse("login"), person | {"next": "https://example.org/"})
    assert evil["Location"] == reverse("start")


def test_several_capacities_are_chosen_from_and_switched() -> None:
    first = granted(Role.STREET_CLERK)
    with as_owner():
        second = first.user.grants.create(role=Role.AUDITOR, unit_id="31", valid_from=first.valid_from)
        first.user.grants.create(
            role=Role.CITY_LEAD, unit_id="31", valid_from=first.valid_from, valid_until=first.valid_from
        )
    client = signed_in(first)
    page = client.get(reverse("switch_grant")).content.decode()
    assert "街镇窗口人员" in page
    assert "监督审计人员" in page
    assert "市级负责人" not in page  # no longer valid
    assert client.get(reverse("audit:samples")).status_code == 403
    client.post(reverse("switch_grant"), {"grant": second.pk})
    assert client.get(reverse("audit:samples")).status_code == 200
    assert client.post(reverse("switch_grant"), {"grant": "999999999"}).status_code == 200  # not theirs


def test_language_and_large_text_are_kept_with_the_person(client: Client) -> None:
    load()
    client.post(reverse("set_language"), {"language": "en"})
    client.post(reverse("elder_mode"), {"elder": "1"})
    page = client.get(reverse("login")).content.decode()
    assert '<html lang="en"' in page
    client.post(reverse("login"), {"provider": "demo", "person": "wang"})
    wang = User.objects.get(username="wang")
    assert (wang.language, wang.elder_mode) == ("en", True)
    other_device = Client()
    other_device.post(reverse("login"), {"provider": "demo", "person": "wang"})
    page = other_device.get(reverse("resident:settings")).content.decode()
    assert '<html lang="en"' in page
    assert "tel:12333" in page
    assert "data-read-aloud" in page
    other_device.post(reverse("elder_mode"), {"elder": "0"})
    assert "data-read-aloud" not in client.get(reverse("resident:settings")).content.decode()


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "xx"})
    assert '<html lang="zh-hans"' in client.get(reverse("login")).content.decode()


def test_wrong_addresses_and_wrong_roles_are_told_plainly() -> None:
    client = signed_in(granted(Role.STREET_CLERK))
    missing = client.get("/nothing/here/")
    assert missing.status_code == 404
    assert "没有找到这一页" in missing.content.decode()
    forbidden = client.get(reverse("resident:home"))
    assert forbidden.status_code == 403
    assert "这一页不归您看" in forbidden.content.decode()


def test_a_page_that_was_open_too_long_is_told_plainly() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("set_language"), {"language": "en"})
    assert answer.status_code == 403
    assert "请再交一次" in answer.content.decode()


def test_our_own_fault_is_told_without_database_or_session() -> None:
    from django.test import RequestFactory

    from jiuye.web.errors import server_error

    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "不是您的错" in answer.content.decode()
