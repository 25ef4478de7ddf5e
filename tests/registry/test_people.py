"""Names and numbers: stored whole, found in every way, read with a trace."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from jiuye.foundation import readlog, scope
from jiuye.foundation.errors import NotFound
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry import documents, queries
from jiuye.registry.models import Person
from tests import factories
from tests.factories import XUHUI
from tests.registry.world import resident
from tests.support.database import as_owner
from tests.support.database import queries as statements

pytestmark = pytest.mark.django_db

NAMES = ["章子怡", "张伟", "买买提·艾力", "𠮷村𬭚", "Zoë García", "单田芳", "欧阳静"]


def found(by: Actor, text: str) -> list[str]:
    with scope.acting(by):
        return [person.name for person in queries.search_people(by, text)]


@pytest.fixture
def clerk() -> Actor:
    return factories.actor(Role.STREET_CLERK)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张", ["张伟"]),
        ("张伟", ["张伟"]),
        ("zhang", ["张伟", "章子怡"]),
        ("zw", ["张伟"]),
        ("shantian", ["单田芳"]),
        ("买买提", ["买买提·艾力"]),
        ("艾力", ["买买提·艾力"]),
        ("买买提•艾力", ["买买提·艾力"]),
        ("maimaiti", ["买买提·艾力"]),
        ("𠮷", ["𠮷村𬭚"]),
        ("zoe", ["Zoë García"]),
        ("GARC", ["Zoë García"]),
        ("欧阳", ["欧阳静"]),
        ("静", ["欧阳静"]),
        ("%", []),
        ("_", []),
        ("", []),
        ("李", []),
    ],
)
def test_names_are_found_as_people_type_them(clerk: Actor, text: str, names: list[str]) -> None:
    for name in NAMES:
        factories.person(name=name)
    factories.person(XUHUI + "011001", name="张伟")  # another street's
    assert found(clerk, text) == names


def test_sorted_by_pinyin() -> None:
    for name in NAMES:
        factories.person(name=name)
    with scope.acting(scope.SYSTEM):
        order = list(Person.objects.order_by("name_key").values_list("name", flat=True))
    assert order == [
        "买买提·艾力",
        "欧阳静",
        "单田芳",
        "张伟",
        "章子怡",
        "Zoë García",
        "𠮷村𬭚",  # its reading is not known
    ]


def test_found_by_whole_numbers_only(clerk: Actor) -> None:
    person = factories.person(name="李新", phone="10001234567")
    assert found(clerk, person.document_number) == ["李新"]
    assert found(clerk, person.document_number.lower()) == ["李新"]
    assert found(clerk, "100 0123 4567") == ["李新"]
    assert found(clerk, person.document_number[:12]) == []
    assert found(factories.actor(Role.STREET_CLERK, XUHUI + "011"), person.document_number) == []


def test_the_database_holds_no_number_in_plain_text() -> None:
    person = factories.person(phone="10001234567", address="上海市演示路1弄1号")
    number = person.document_number
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT p::text, convert_to(p::text, 'UTF8') FROM registry_person p")
        ((text, raw),) = cursor.fetchall()
    for plain in (number, "10001234567", "演示路"):
        assert plain not in text
        assert plain.encode().hex() not in bytes(raw).decode()


def test_the_same_number_is_one_person() -> None:
    person = factories.person()
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.person(document_number=person.document_number)


def test_a_renamed_person_is_found_under_the_new_name(clerk: Actor) -> None:
    person = factories.person(name="张伟")
    with as_owner():
        person.name = "章卫"
        person.save(update_fields=["name", "name_key", "search_words"])
    assert found(clerk, "章卫") == ["章卫"]
    assert found(clerk, "张伟") == []


def test_opening_a_file_leaves_a_trace_the_person_sees(clerk: Actor) -> None:
    person = factories.person()
    with scope.acting(clerk):
        assert queries.person(clerk, person.pk, reason="来电咨询").pk == person.pk
        queries.person(clerk, person.pk, reason="来电咨询")
    with scope.acting(resident(person)):
        (entry,) = readlog.reads_of(person.pk)
    assert (entry.user_id, entry.what, entry.reason) == (clerk.user_id, "person", "来电咨询")
    stranger = factories.actor(Role.STREET_CLERK, XUHUI + "011")
    with scope.acting(stranger), pytest.raises(NotFound):
        queries.person(stranger, person.pk)


def test_my_file_in_a_handful_of_queries() -> None:
    person, employer = factories.person(), factories.employer()
    from datetime import date

    for year in range(2010, 2020):
        factories.spell(person, employer, date(year, 1, 1), date(year, 12, 31))
        factories.contributions(person, date(year, 1, 1), date(year, 12, 1), employer)
    with scope.acting(resident(person)):
        assert len(statements(lambda: [s.employer.name for s in queries.my_file(person.pk).spells])) == 6
        mine = queries.my_file(person.pk)
    assert [spell.start.year for spell in mine.spells] == list(range(2019, 2009, -1))
    assert [paid.first_month.year for paid in mine.contributions] == list(range(2019, 2009, -1))
    with scope.acting(resident(factories.person())), pytest.raises(NotFound):
        queries.my_file(person.pk)


def test_numbers_are_masked_by_their_kind() -> None:
    card = factories.person()
    assert documents.masked(card) == card.document_number[:3] + "*" * 11 + card.document_number[-4:]
    assert documents.masked(factories.person(document_type="04", document_number="H12345678")) == "H******78"
    assert documents.mask_typed("123") == "***"
