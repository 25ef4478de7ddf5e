"""An employer's staff file: what is good is kept, every bad cell is reported, a retry changes nothing."""

from __future__ import annotations

import time
from datetime import date

import pytest

from jiuye.foundation import scope
from jiuye.foundation.errors import NotFound, UserError
from jiuye.foundation.models import OutboxEvent
from jiuye.foundation.scope import Actor
from jiuye.registry import actions, staff_file
from jiuye.registry.demo import sample
from jiuye.registry.models import ContributionSpell, Employer, EmploymentSpell, Person, Upload, UploadProblem
from tests import factories
from tests.registry.world import agent, fact, known, together
from tests.support import make
from tests.support.database import queries

pytestmark = pytest.mark.django_db
HEADING = ",".join(staff_file.COLUMNS)


def send(employer: Employer, *lines: str, heading: str = HEADING, encoding: str = "utf-8") -> Upload:
    content = "\r\n".join([heading, *lines, ""]).encode(encoding)
    return actions.upload_staff_file(
        agent(employer), employer_id=employer.pk, file_name="名册.csv", content=content
    )


def line(
    number: str, name: str = "李新", end: str = "", reason: str = "", months: str = "2024-01,2026-10"
) -> str:
    return (
        f"{name},居民身份证,{number},10001234567,固定期限,2024-01-05,2027-01-04,,{end},{reason},{months},9000"
    )


def problems(upload: Upload) -> list[tuple[int, str]]:
    with scope.acting(scope.SYSTEM):
        return list(UploadProblem.objects.filter(upload=upload).values_list("row", "column"))


def test_a_thousand_rows_with_fifty_bad_ones() -> None:
    employer = factories.employer()
    content, by, steps = sample.staff_csv(), agent(employer), []
    began = time.monotonic()
    upload = actions.upload_staff_file(
        by,
        employer_id=employer.pk,
        file_name="staff.csv",
        content=content,
        progress=lambda what, done, total: steps.append((what, done, total)),
    )
    assert time.monotonic() - began < 20
    assert (upload.rows, upload.kept, upload.bad) == (1000, 950, 50)
    assert steps[-1][1] == steps[-1][2]
    with scope.acting(scope.SYSTEM):
        assert UploadProblem.objects.filter(upload=upload).values("row").distinct().count() == 50
        assert set(UploadProblem.objects.values_list("column", flat=True)) <= set(staff_file.COLUMNS)
        assert UploadProblem.objects.exclude(message="").count() == UploadProblem.objects.count()
        assert EmploymentSpell.objects.filter(employer=employer).count() == 950
        assert Person.objects.count() == 950
        assert OutboxEvent.objects.filter(kind="employment_started").count() == 950
        numbers = UploadProblem.objects.filter(column=staff_file.NUMBER).values_list("value", flat=True)
        assert numbers
        assert all("***" in value for value in numbers)


def test_the_number_of_statements_does_not_grow_with_the_rows() -> None:
    few = queries(lambda: upload_sample(factories.employer(), 20))
    many = queries(lambda: upload_sample(factories.employer(), 200))
    assert len(many) <= len(few) + 2


def upload_sample(employer: Employer, rows: int) -> Upload:
    content = sample.staff_csv(rows, 0)
    return actions.upload_staff_file(
        agent(employer), employer_id=employer.pk, file_name="staff.csv", content=content
    )


def test_the_same_file_again_is_the_same_upload() -> None:
    employer, number = factories.employer(), make.document_number()
    first = send(employer, line(number))
    assert send(employer, line(number)).pk == first.pk
    with scope.acting(scope.SYSTEM):
        assert EmploymentSpell.objects.count() == 1


def test_the_same_rows_in_another_file_change_nothing() -> None:
    employer, number = factories.employer(), make.document_number()
    send(employer, line(number))
    again = send(employer, line(number), "")
    assert (again.kept, again.bad) == (1, 0)
    with scope.acting(scope.SYSTEM):
        assert EmploymentSpell.objects.count() == ContributionSpell.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_and_rare_names(encoding: str) -> None:
    names = ["𠮷野家宝", "买买提•艾力", "José García", "䶮 𬭚"]
    employer = factories.employer()
    upload = send(employer, *(line(make.document_number(), name) for name in names), encoding=encoding)
    assert (upload.kept, upload.bad) == (4, 0)
    with scope.acting(scope.SYSTEM):
        kept = set(EmploymentSpell.objects.values_list("reported_name", flat=True))
    assert kept == {"𠮷野家宝", "买买提·艾力", "José García", "䶮𬭚"}


def test_the_next_file_ends_the_contract_and_extends_the_months() -> None:
    employer, number = factories.employer(), make.document_number()
    send(employer, line(number, months="2024-01,2026-08"))
    upload = send(employer, line(number, end="2026-10-31", reason="合同期满", months="2024-01,2026-10"))
    assert problems(upload) == [(2, staff_file.REASON)]
    upload = send(employer, line(number, end="2026-10-31", reason="01", months="2024-01,2026-10"))
    assert problems(upload) == []
    with scope.acting(scope.SYSTEM):
        paid = ContributionSpell.objects.get()
        person = Person.objects.get()
    assert (paid.first_month, paid.last_month) == (date(2024, 1, 1), date(2026, 10, 1))
    assert paid.closed_on == date(2026, 10, 31)
    found = known(person)
    assert found["ui_months_unused"] == 34
    assert (found["separated_on"], found["separation_reason"]) == (date(2026, 10, 31), "01")
    assert (found["employed"], found["exit_procedure_done"], found["social_insurance_stopped"]) == (
        False,
        True,
        True,
    )
    with scope.acting(scope.SYSTEM):
        assert OutboxEvent.objects.filter(kind="employment_ended").count() == 1


def test_a_changed_base_begins_a_new_run() -> None:
    employer, number = factories.employer(), make.document_number()
    send(employer, line(number, months="2024-01,2026-08"))
    send(employer, line(number, months="2024-01,2026-10").replace(",9000", ",9500"))
    with scope.acting(scope.SYSTEM):
        runs = list(
            ContributionSpell.objects.order_by("first_month").values_list(
                "last_month", "base_cents", "closed_on"
            )
        )
        person = Person.objects.get()
    assert runs == [
        (date(2026, 8, 1), 900_000, date(2026, 8, 31)),
        (date(2026, 10, 1), 950_000, None),
    ]
    assert fact(person, "ui_months_unused") == 34
    assert fact(person, "social_insurance_stopped") is False


def test_months_paid_elsewhere_and_overlaps_are_reported() -> None:
    person, employer, other = factories.person(name="李新"), factories.employer(), factories.employer()
    factories.contributions(person, date(2026, 1, 1), date(2026, 3, 1), other)
    upload = send(employer, line(person.document_number))
    assert problems(upload) == [(2, staff_file.FROM_MONTH)]
    with scope.acting(scope.SYSTEM):
        assert not EmploymentSpell.objects.exists()
    busy = factories.person(name="李新")
    factories.spell(busy, employer, date(2023, 1, 1), date(2024, 6, 30))
    assert problems(send(employer, line(busy.document_number))) == [(2, staff_file.START)]


def test_another_name_and_a_reported_end_are_not_overwritten() -> None:
    person, employer = factories.person(name="欧阳静"), factories.employer()
    assert problems(send(employer, line(person.document_number))) == [(2, staff_file.NAME)]
    factories.spell(person, employer, date(2024, 1, 5), date(2026, 9, 30))
    ended = line(person.document_number, "欧阳静", end="2026-10-31", reason="01")
    assert problems(send(employer, ended)) == [(2, staff_file.END)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "列名"),
        ("姓名,证件号码\n李新,1\n".encode(), "合同开始日期"),
        (HEADING.encode() + b"\n", "没有人员"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xff\xfe\x00\x00\xff", "编码"),
        ((HEADING + ",姓名\n").encode(), "重复"),
    ],
)
def test_what_is_no_staff_file_is_refused_in_words(content: bytes, words: str) -> None:
    employer = factories.employer()
    with pytest.raises(UserError, match=words) as caught:
        actions.upload_staff_file(
            agent(employer), employer_id=employer.pk, file_name="x.csv", content=content
        )
    assert caught.value.field == "file"
    with scope.acting(scope.SYSTEM):
        assert not Upload.objects.exists()


def test_headings_in_use_and_dates_as_people_write_them() -> None:
    employer = factories.employer()
    heading = "姓名*,证件类型,身份证号码（必填）,入职日期,离职日期,离职原因"
    upload = send(
        employer,
        f"李新,01,'{make.document_number()},2024年1月5日,2026/10/31,1",
        heading=heading,
    )
    assert problems(upload) == []
    with scope.acting(scope.SYSTEM):
        spell = EmploymentSpell.objects.get()
    assert (spell.start, spell.end, spell.separation_reason) == (date(2024, 1, 5), date(2026, 10, 31), "01")


def test_only_the_own_employer() -> None:
    mine, other = factories.employer(), factories.employer()
    with pytest.raises(NotFound):
        actions.upload_staff_file(agent(mine), employer_id=other.pk, file_name="x.csv", content=b"x")


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_upload_and_two_employers_do_not_block_each_other() -> None:
    one, other = factories.employer(), factories.employer()
    numbers = [make.document_number() for _row in range(5)]

    def upload(employer: Employer, by: Actor, order: list[str]) -> Upload:
        rows = [line(number, months=",").removesuffix("9000") for number in order]
        content = "\n".join([HEADING, *rows]).encode()
        return actions.upload_staff_file(by, employer_id=employer.pk, file_name="x.csv", content=content)

    first, second = agent(one), agent(other)
    results = together(
        lambda: upload(one, first, numbers),
        lambda: upload(one, first, numbers),
        lambda: upload(other, second, numbers[::-1]),
    )
    assert [(result.kept, result.bad) for result in results] == [(5, 0)] * 3
    assert results[0].pk == results[1].pk != results[2].pk
    with scope.acting(scope.SYSTEM):
        assert Person.objects.count() == 5
        assert EmploymentSpell.objects.count() == 10
