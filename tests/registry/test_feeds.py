"""Facts from registers: every one is fed, delivered by others, or listed with the reason why not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.registry import facts
from jiuye.registry.facts import definitions, employers, feeds
from jiuye.registry.facts.text import law
from jiuye.registry.models import Employer, Feed, FeedRecord, Person, StatedFact
from tests import factories
from tests.registry.world import TODAY, fact, known, resident, rows
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


def delivered(code: str, as_of: date = date(2026, 1, 1)) -> None:
    with as_owner():
        Feed.objects.create(code=code, as_of=as_of)


def record(subject: Person | Employer, name: str, value: Any, **fields: Any) -> FeedRecord:
    feed = feeds.current("shanghai").of(name)
    assert feed is not None
    whose = {"person": subject} if isinstance(subject, Person) else {"employer": subject}
    given = {"as_of": date(2026, 1, 1)} | fields
    with as_owner():
        return FeedRecord.objects.create(
            **whose, unit_code=subject.unit_code, feed=feed.code, fact=name, value=value, **given
        )


def of_employer(employer: Employer, on: date = TODAY) -> facts.Facts:
    with scope.acting(scope.SYSTEM):
        return facts.of_employer(employer.pk, on)


def test_every_fact_of_a_register_is_fed_or_says_why_not() -> None:
    own = {*definitions.REGISTER, *employers.REGISTER}
    found = feeds.current("shanghai")
    fed = {name for feed in found.feeds.values() for name in feed.silence}
    asked = {one.name for one in law().facts.values() if one.supplier == "register"}
    assert sorted(asked - own - fed - set(found.otherwise)) == []
    assert sorted(own & (fed | set(found.otherwise))) == [], "kept here and by others"
    assert all(found.otherwise.values())


def test_what_nobody_delivered_is_unknown_and_is_what_the_person_hears() -> None:
    found = known(factories.person())
    for feed in feeds.current("shanghai").feeds.values():
        for name in feed.silence:
            if law().facts[name].entity == "person":
                assert found[name] is None, name
    outcome = law().explain("certificate_grant", {}, TODAY)
    assert "certificate_in_register" in outcome.ask


def test_silence_is_an_answer_only_after_the_first_delivery_and_only_where_the_city_says_so() -> None:
    person = factories.person()
    delivered("certificates", date(2026, 6, 1))
    assert fact(person, "certificate_in_register", date(2026, 5, 31)) is None
    assert fact(person, "certificate_in_register") is False
    assert fact(person, "certificate_level") is None


def test_the_newest_record_in_force_counts_and_names_its_register() -> None:
    person = factories.person()
    delivered("disability", date(2020, 1, 1))
    record(person, "disability_degree", "mild", as_of=date(2021, 1, 1))
    record(person, "disability_degree", "severe", as_of=date(2026, 3, 1), until=date(2026, 9, 30))
    assert fact(person, "disability_degree", date(2020, 6, 1)) == "none"
    assert fact(person, "disability_degree", date(2026, 4, 1)) == "severe"
    found = known(person)
    assert found["disability_degree"] == "mild"
    source = found.sources["disability_degree"]
    assert (source.kind, source.table, source.label) == (
        "register",
        "registry_feedrecord",
        "残疾人人口基础库",
    )


def test_what_staff_recorded_stands_and_what_people_say_does_not() -> None:
    person = factories.person()
    record(person, "graduated_on", "2025-07-01")
    with as_owner():
        for source, value in (("person", "2024-07-01"), ("staff", "2026-01-10")):
            StatedFact.objects.create(
                person=person, unit_code="31", fact="graduated_on", value=value, source=source,
                as_of=date(2026, 2, 1) if source == "person" else date(2026, 3, 1),
            )  # fmt: skip
    assert fact(person, "graduated_on", date(2026, 2, 15)) == date(2025, 7, 1)
    assert fact(person, "graduated_on") == date(2026, 1, 10)


def test_of_an_employer_too() -> None:
    employer = factories.employer()
    assert of_employer(employer)["org_untrustworthy"] is None
    delivered("credit")
    record(employer, "loan_defaulter", True)
    record(employer, "org_registered_on", "2025-03-01")
    found = of_employer(employer)
    assert (found["org_untrustworthy"], found["loan_defaulter"]) == (False, True)
    assert found["org_registered_on"] == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("graduated_on", "2026-02-30"),
        ("graduated_on", "gone"),
        ("certificate_in_register", "perhaps"),
        ("subsidy_months_used", "many"),
        ("contributions_paid_in_full", 7),
    ],
)
def test_what_cannot_be_read_is_unknown_and_stops_nobody(name: str, value: Any) -> None:
    broken, other = factories.person(), factories.person()
    record(broken, name, value)
    assert fact(broken, name) is None
    with scope.acting(scope.SYSTEM):
        assert len(facts.batch(TODAY, names=[name, "birth"])) == 2
    assert fact(other, "birth") == other.birth_date


def test_leap_days_and_ends_of_months_are_dates() -> None:
    person = factories.person()
    for day in ("2024-02-29", "2000-02-29", "2026-01-31", "2026-04-30", "2025-12-31"):
        record(person, "graduated_on", day, as_of=date(2026, 1, 1))
        assert fact(person, "graduated_on") == date.fromisoformat(day)
        with as_owner():
            FeedRecord.objects.filter(person=person).delete()


def test_records_are_the_persons_own_and_nobody_here_writes_them() -> None:
    me, other = factories.person(), factories.person()
    record(me, "disability_degree", "mild")
    record(other, "disability_degree", "mild")
    assert rows(resident(me), "SELECT person_id FROM registry_feedrecord") == [(me.pk,)]
    clerk = factories.actor(Role.STREET_CLERK)
    assert len(rows(clerk, "SELECT person_id FROM registry_feedrecord")) == 2
    with pytest.raises(Exception, match="row-level security"):
        rows(clerk, "INSERT INTO registry_feed (code, as_of) VALUES ('credit', '2026-01-01') RETURNING code")


def test_a_start_ups_staff() -> None:
    employer = factories.employer()
    first = factories.person(hukou_code="310101")
    second = factories.person(hukou_code="340100")
    for person, start, months in ((first, date(2025, 11, 1), 12), (second, date(2026, 7, 1), 4)):
        factories.spell(person, employer, start)
        factories.contributions(person, start, date(2026, 10, 1), employer, closed_on=None)
        assert fact(person, "insured_paid_months") == months
        assert fact(person, "insured_from") == start
    found = of_employer(employer)
    assert (found["staff_local"], found["startup_local_workers"]) == (1, 1)
    assert (found["insured_longest_months"], found["insured_persons_long"]) == (12, 1)
    assert found["ui_paid_months_last_year"] == 2
    assert found["units_agree"] is True
    factories.spell(factories.person(), employer, date(2026, 9, 1))
    assert of_employer(employer)["units_agree"] is False


@pytest.mark.parametrize(
    ("industry", "size"),
    [("14", "industry"), ("53", None), ("5310", None), ("54", "transport"), ("6510", "software"),
     ("70", None), ("7010", "real_estate"), ("7020", "property_management"), ("66", None),
     ("83", None), ("80", "other")],
)  # fmt: skip
def test_the_size_class_goes_by_the_industry(industry: str, size: str | None) -> None:
    employer = factories.employer(industry=industry)
    assert of_employer(employer)["size_industry"] == size


def test_a_code_of_no_table_is_unknown_for_everybody_and_is_named() -> None:
    broken, other = factories.person(), factories.person()
    record(broken, "degree_kind", "sorcerer")
    record(other, "degree_kind", "bachelor")
    with as_owner():
        StatedFact.objects.create(
            person=broken, unit_code="31", fact="documents", value=["01", "ZZ"], source="staff", as_of=TODAY
        )
    with scope.acting(scope.SYSTEM):
        batch = facts.batch(TODAY, names=["degree_kind", "documents", "birth"])
    rows_of = {batch.id(row): row for row in range(len(batch))}
    mine, theirs = rows_of[broken.pk], rows_of[other.pk]
    assert {name: rows.tolist() for name, rows in batch.strange.items()} == {
        "degree_kind": [mine],
        "documents": [mine],
    }
    assert batch.columns["degree_kind"][mine] == -1
    assert batch.words["degree_kind"][batch.columns["degree_kind"][theirs]] == "bachelor"
    assert batch.columns["documents"].view("i8")[mine] == -(2**63)
    assert batch.columns["documents"].view("i8")[theirs] > 0
