"""Keys, the organisation tree, messages, files, rights."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from jiuye.foundation import actions, files, grants, history, messages, roles, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import HistoryEntry, Message, OrgUnit, StoredFile
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM
from tests.factories import BUND, HUANGPU, NANJING_ROAD, actor, raw
from tests.support.database import as_owner


def test_keys_are_version_7_unique_and_in_order() -> None:
    keys = [new_id() for _ in range(5000)]
    assert keys == sorted(keys)
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {"specified in RFC 4122"}
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: new_id(), range(4000)))
    assert len(set(made)) == 4000


@pytest.mark.django_db
def test_organisation_tree() -> None:
    assert OrgUnit.objects.filter(level="district").count() == 16
    assert OrgUnit.objects.filter(level="street").count() >= 216
    assert OrgUnit.objects.filter(level="community").count() > 6000
    assert OrgUnit.objects.get(parent=None).code == messages.city_code() == "31"
    lengths = {"city": 2, "district": 6, "street": 9, "community": 12}
    for row in OrgUnit.objects.all():
        assert len(row.code) == lengths[row.level]
        assert row.parent_id is None or row.code.startswith(row.parent_id)
    assert str(OrgUnit.objects.get(code=HUANGPU)) == "黄浦区"


@pytest.mark.django_db
def test_loading_the_tree_again_changes_nothing_but_names() -> None:
    with as_owner():
        before = OrgUnit.objects.count()
        OrgUnit.objects.filter(code=HUANGPU).update(name="旧名")
        assert actions.load_org_units() == before
        assert OrgUnit.objects.count() == before
        assert OrgUnit.objects.get(code=HUANGPU).name == "黄浦区"
    with pytest.raises(DatabaseError), transaction.atomic():
        OrgUnit.objects.update(name="x")


def test_every_role_is_described() -> None:
    for role in Role:
        found = roles.describe(role)
        assert found.role is role
        assert found.purpose in {"service", "payment", "control", "statistics", "operation"}
        assert str(found.name)
        assert str(found.sees)
        assert (role in roles.STAFF) == bool(found.level)
    with pytest.raises(ValueError):
        roles.describe("king")


@pytest.mark.django_db
def test_messages_reach_their_addressee_only() -> None:
    person, employer = new_id(), new_id()
    clerk = actor(Role.STREET_CLERK, NANJING_ROAD)
    resident, agent = actor(Role.RESIDENT, person=person), actor(Role.EMPLOYER_AGENT, employer=employer)
    with scope.acting(clerk):
        messages.notify(
            person_id=person, title="已受理", body="五个工作日", link="/cases/1", unit_code=NANJING_ROAD
        )
        messages.notify(employer_id=employer, title="请确认")
        messages.notify(user_id=clerk.user_id, title="有新的待办")

    def titles(who: scope.Actor) -> list[str]:
        with scope.acting(who):
            return [m.title for m in messages.inbox(who)]

    assert titles(resident) == ["已受理"]
    assert titles(agent) == ["请确认"]
    assert titles(clerk) == ["有新的待办"]
    assert titles(actor(Role.RESIDENT, person=new_id())) == []
    with scope.acting(actor(Role.STREET_CLERK, BUND)):
        assert not Message.objects.exists()
    with scope.acting(clerk):  # what the resident was told
        assert Message.objects.filter(person_id=person).exists()


@pytest.mark.django_db
def test_reading_a_message() -> None:
    person = new_id()
    resident, other = actor(Role.RESIDENT, person=person), actor(Role.RESIDENT, person=new_id())
    with scope.acting(SYSTEM):
        message = messages.notify(person_id=person, title="x", kind="case")
    with scope.acting(resident):
        assert messages.unread(resident) == 1
    assert messages.mark_read(other, [message.pk]) == 0
    assert messages.mark_read(resident, [message.pk]) == 1
    assert messages.mark_read(resident, [message.pk]) == 0
    with scope.acting(SYSTEM):
        found = HistoryEntry.objects.filter(table_name="foundation_message")
        assert set(found.values_list("action", flat=True)) == {"message.case", "message.read"}


@pytest.mark.django_db
def test_staff_may_mark_their_own_messages() -> None:
    clerk = actor(Role.DISTRICT_CASEWORKER, HUANGPU)
    with scope.acting(SYSTEM):
        message = messages.notify(user_id=clerk.user_id, title="x")
    assert messages.mark_read(clerk, [message.pk]) == 1


@pytest.mark.django_db
def test_a_message_has_one_addressee() -> None:
    for wrong in ({}, {"person_id": new_id(), "user_id": 1}):
        with scope.acting(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
            messages.notify(title="x", **wrong)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_files_are_kept_whole_and_never_change() -> None:
    person = new_id()
    resident = actor(Role.RESIDENT, person=person)
    content = b"%PDF" + bytes(range(256)) * 40
    with scope.acting(resident), history.context("case.submit"):
        made = files.store_file(
            content=content, name="回执.pdf", media_type="application/pdf", kind="receipt", person_id=person
        )
    with scope.acting(resident):
        kept = StoredFile.objects.get(pk=made.pk)
        assert bytes(kept.content) == content
        assert (kept.size, kept.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert (kept.created_by_id, kept.unit_code, str(kept)) == (resident.user_id, "31", "回执.pdf")
    with scope.acting(actor(Role.RESIDENT, person=new_id())):
        assert not StoredFile.objects.exists()
    with scope.acting(SYSTEM):
        entry = HistoryEntry.objects.get(table_name="foundation_storedfile")
    assert entry.action == "case.submit"
    assert "content" not in entry.after
    for change in ("UPDATE foundation_storedfile SET name = 'x'", "DELETE FROM foundation_storedfile"):
        with pytest.raises(DatabaseError), transaction.atomic(), raw(SYSTEM, "x") as cursor:
            cursor.execute(change)
        with pytest.raises(DatabaseError, match="frozen"), as_owner():
            connection.cursor().execute(change)


@pytest.mark.django_db
def test_rights_can_be_given_again() -> None:
    def rights() -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT grantee, table_name, string_agg(privilege_type, ',' ORDER BY privilege_type)"
                " FROM information_schema.role_table_grants WHERE grantee IN ('jiuye_app', 'jiuye_audit')"
                " GROUP BY 1, 2 ORDER BY 1, 2"
            )
            found: list[tuple[str, ...]] = cursor.fetchall()
        return found

    with as_owner():
        before = rights()
        grants.apply()
        assert rights() == before
    mine = {(who, table): given for who, table, given in before}
    assert mine["jiuye_app", "foundation_history"] == "SELECT"
    assert mine["jiuye_app", "foundation_readlogentry"] == "INSERT,SELECT"
    assert ("jiuye_audit", "django_session") not in mine
    assert ("jiuye_audit", "foundation_user") not in mine
    assert not [given for (who, _table), given in mine.items() if who == "jiuye_audit" and given != "SELECT"]


@pytest.mark.django_db
def test_the_auditors_database_role_only_reads() -> None:
    with scope.acting(SYSTEM):
        messages.notify(user_id=1, title="x")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET ROLE jiuye_audit")
        cursor.execute("SELECT count(*) FROM foundation_message")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT username FROM foundation_user")
        for refused in ("SELECT password FROM foundation_user", "DELETE FROM foundation_message"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(refused)
