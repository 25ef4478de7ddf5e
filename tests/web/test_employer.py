"""An employer's pages: only its own people and only what it reported; hires, ends, files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.registry import staff_file
from jiuye.registry.models import Employer, EmploymentSpell, Upload
from tests.support import make
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)
Count = Callable[..., Any]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


@pytest.fixture
def employer() -> Employer:
    return make.employer(name="上海晨光食品有限公司")


@pytest.fixture
def client(employer: Employer) -> Client:
    return signed_in(granted(Role.EMPLOYER_AGENT, employer=employer.pk, name="张敏"))


def spell(employer: Employer, name: str = "王秀英", **fields: Any) -> EmploymentSpell:
    person = make.person(name=name)
    given = {"start": date(2024, 1, 1), "contract_type": "1", "contract_until": date(2026, 12, 31)}
    with as_owner():
        return EmploymentSpell.objects.create(
            person=person,
            employer=employer,
            unit_code=person.unit_code,
            reported_name=name,
            document_tail=person.document_number[-4:],
            source="employer",
            **(given | fields),
        )


def text(client: Client, name: str, **query: str) -> str:
    answer = client.get(reverse(f"employer:{name}"), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def upload(client: Client, *rows: dict[str, str]) -> Any:
    content = io.StringIO()
    writer = csv.DictWriter(content, staff_file.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    file = SimpleUploadedFile("名册.csv", content.getvalue().encode(), content_type="text/csv")
    return client.post(reverse("employer:upload"), {"file": file})


def row(**cells: str) -> dict[str, str]:
    given = {
        staff_file.NAME: "李国强",
        staff_file.TYPE: "居民身份证",
        staff_file.NUMBER: make.document_number(),
        staff_file.CONTRACT: "固定期限",
        staff_file.START: "2026-11-01",
        staff_file.UNTIL: "2028-10-31",
    }
    return given | cells


def test_the_list_shows_ones_own_people_and_no_more_than_was_reported(
    employer: Employer, client: Client
) -> None:
    mine = spell(employer)
    spell(make.employer(name="别家有限公司"), name="别家的人")
    page = text(client, "staff")
    assert "王秀英" in page
    assert f"证件尾号 {mine.document_tail}" in page
    assert "别家的人" not in page
    with scope.acting(scope.SYSTEM):
        assert mine.person.document_number not in page
    assert "王秀英" in text(client, "staff", q="王")
    assert "没有找到“赵”" in text(client, "staff", q="赵")


def test_a_longer_list_costs_no_more(
    employer: Employer, client: Client, django_assert_max_num_queries: Count
) -> None:
    for number in range(12):
        spell(employer, name=f"员工{number}")
    with django_assert_max_num_queries(14):
        assert "员工11" in text(client, "staff")


def test_a_hire_is_registered_and_mistakes_stand_at_their_fields(employer: Employer, client: Client) -> None:
    person = make.person(name="陈晓东")
    with scope.acting(scope.SYSTEM):
        number = person.document_number
    fields = {
        "name": "陈晓东",
        "document_type": "01",
        "document_number": "12",
        "start": "2026-11-31",
        "contract_type": "1",
        "contract_until": "2027-11-24",
    }
    wrong = client.post(reverse("employer:hire"), fields)
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'href="#f-start"' in page
    assert 'value="陈晓东"' in page
    wrong = client.post(reverse("employer:hire"), fields | {"start": "2026-11-24"})
    assert 'href="#f-document_number"' in wrong.content.decode()
    right = client.post(
        reverse("employer:hire"), fields | {"start": "2026-11-24", "document_number": number}, follow=True
    )
    assert "陈晓东的录用登记办好了。" in right.content.decode()
    assert "陈晓东" in text(client, "staff")


def test_an_end_needs_a_day_and_a_reason(employer: Employer, client: Client) -> None:
    mine = spell(employer)
    address = reverse("employer:end", args=[mine.pk])
    wrong = client.post(address, {"end": "", "separation_reason": ""})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert 'href="#f-end"' in page
    assert 'href="#f-separation_reason"' in page
    right = client.post(address, {"end": "2026-11-20", "separation_reason": "01"}, follow=True)
    assert "已经通知本人" in right.content.decode()
    assert "还没有在职人员" in text(client, "staff")


def test_a_file_is_taken_in_once_and_its_problems_come_as_a_file(employer: Employer, client: Client) -> None:
    good, bad = row(), row(**{staff_file.NAME: "=HYPERLINK()", staff_file.START: "去年"})
    first = upload(client, good, bad)
    again = upload(client, good, bad)
    assert first["Location"] == again["Location"]
    page = client.get(first["Location"]).content.decode()
    assert "收下 1 行，1 行要改" in page
    assert staff_file.START in page
    with scope.acting(scope.SYSTEM):
        only = Upload.objects.get()
    answer = client.get(reverse("employer:upload_problems", args=[only.pk]))
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["行", "列", "填的内容", "要怎么改"]
    assert any(line[:3] == ["3", staff_file.START, "去年"] for line in lines[1:])
    assert not any(cell.startswith("=") for line in lines for cell in line)


def test_a_file_that_is_none_is_refused_at_its_field(client: Client) -> None:
    nothing = client.post(reverse("employer:upload"), {})
    assert "请选一个文件" in nothing.content.decode()
    file = SimpleUploadedFile("a.xlsx", b"PK\x03\x04...")
    excel = client.post(reverse("employer:upload"), {"file": file})
    assert excel.status_code == 422
    assert 'href="#f-file"' in excel.content.decode()


def test_the_example_has_the_headings_that_are_read(client: Client) -> None:
    answer = client.get(reverse("employer:upload_example"))
    (line,) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert tuple(line) == staff_file.COLUMNS


def test_another_employers_things_do_not_exist(employer: Employer, client: Client) -> None:
    theirs = spell(make.employer(name="别家有限公司"), name="别家的人")
    assert client.get(reverse("employer:end", args=[theirs.pk])).status_code == 404
