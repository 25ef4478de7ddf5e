"""Of benefits that exclude each other people hear of the better one, and why; what is had ends the other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from jiuye.desk import menu_data
from jiuye.desk.models import Outreach
from jiuye.desk.outreach import nightly, practice, rivals, words
from jiuye.foundation import scope
from jiuye.foundation.models import Message
from jiuye.policy import Law
from jiuye.registry.models import FeedRecord, StatedFact
from tests.desk import world
from tests.desk.world import TODAY
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db
COURSE, CERTIFICATE = "training_subsidy", "certificate_grant"


def entry(code: str) -> menu_data.Entry:
    return next(one for one in menu_data.current().entries if one.code == code)


def skilled(fee: int | None = None, **facts: Any) -> world.Resident:
    """She passed a course and holds its certificate: 2,000 yuan for that, or a part of the fee."""
    who = world.resident(ended=None, name="赵敏")
    fed = {
        "certificate_in_register": True, "certificate_level": "3", "certificate_without_level": False,
        "certificate_urgent": False, "certificate_grant_had": False, "training_benefit_had": False,
        "certificate_grants_this_year": 0, "course_in_catalogue": True, "course_in_shortage": False,
        "course_intermediate": True,
    } | facts  # fmt: skip
    with as_owner():
        for name, value in fed.items():
            FeedRecord.objects.create(
                person_id=who.id,
                unit_code=world.STREET,
                feed="x",
                fact=name,
                value=value,
                as_of=date(2026, 1, 1),
            )
        for name, value in {"course_passed": True, "course_fee": fee}.items():
            if value is not None:
                StatedFact.objects.create(
                    person_id=who.id, unit_code=world.STREET, fact=name, value=value, source="document",
                    as_of=date(2026, 1, 1),
                )  # fmt: skip
    return who


def told(who: world.Resident) -> dict[str, Outreach]:
    with scope.acting(scope.SYSTEM):
        found = Outreach.objects.filter(person_id=who.id, kind="new", benefit__in=[COURSE, CERTIFICATE])
        return {row.benefit: row for row in found}


def message(who: world.Resident, row: Outreach) -> str:
    with scope.acting(scope.SYSTEM):
        return Message.objects.get(person_id=who.id, link=words.link(row)).body


def test_the_city_says_which_exclude_each_other() -> None:
    group = {one.code for one in rivals.of(entry(CERTIFICATE))}
    assert {COURSE, CERTIFICATE} <= group
    assert "unemployment_benefit" not in group
    assert [one.code for one in rivals.of(entry("unemployment_benefit"))] == ["unemployment_benefit"]
    assert COURSE in {one.code for one in rivals.direct(entry(CERTIFICATE))}
    for one in menu_data.current().entries:
        assert not rivals.exclude(one, one)
        for other in rivals.direct(one):
            assert rivals.exclude(other, one), "mutual"


def test_it_is_what_the_law_says() -> None:
    from jiuye.desk import city

    law: Law = city.law()
    for one in menu_data.current().entries:
        said = {name for rule in one.rules for name in law.excluded(rule)}
        same = [
            other
            for other in menu_data.current().entries
            if (other.audience == "employer") == (one.audience == "employer")
        ]
        wanted = {other.code for other in same if other.code != one.code and said.intersection(other.rules)}
        assert {other.code for other in rivals.direct(one)} == wanted


@pytest.mark.parametrize(
    ("fee", "better", "other"), [(1000, CERTIFICATE, COURSE), (20_000, COURSE, CERTIFICATE)]
)
def test_only_the_better_one_is_told_and_the_other_stands_beside_it(
    fee: int, better: str, other: str
) -> None:
    who = skilled(fee)
    done = nightly.run(TODAY)
    found = told(who)
    assert set(found) == {better}
    row = found[better]
    assert [one["benefit"] for one in row.choice["others"]] == [other]
    assert row.choice["cents"] > row.choice["others"][0]["cents"] > 0
    assert row.choice["prefer"]["zh"]
    body = message(who, row)
    assert words.title(other)["zh"] in body
    assert "只能享受一项" in body
    assert done.numbers[other]["instead"] == 1


def test_where_an_amount_is_not_known_nobody_says_that_it_is_more() -> None:
    who = skilled(None)
    nightly.run(TODAY)
    row = told(who)[CERTIFICATE]
    assert row.choice["others"] == [{"benefit": COURSE, "cents": None}]
    assert "多 " not in message(who, row)
    assert "比一比" in message(who, row)


def test_when_one_is_had_the_other_is_neither_told_nor_left_open() -> None:
    who = skilled(20_000)
    nightly.run(TODAY)
    assert set(told(who)) == {COURSE}
    with as_owner():
        FeedRecord.objects.filter(person_id=who.id, fact="certificate_grant_had").update(value=True)
    nightly.run(TODAY + timedelta(days=1))
    found = told(who)
    assert set(found) == {COURSE}
    assert found[COURSE].end in ("instead", "lapsed")
    how = practice.current()
    assert how is not None
    nightly.run(TODAY + timedelta(days=how.unclaimed_days + 2))
    with scope.acting(scope.SYSTEM):
        assert (
            not Outreach.objects.filter(person_id=who.id, kind="unclaimed")
            .exclude(benefit__startswith="unemp")
            .exists()
        )


def test_a_new_better_one_is_told_though_the_lesser_was() -> None:
    who = skilled(1000)
    nightly.run(TODAY)
    assert set(told(who)) == {CERTIFICATE}
    with as_owner():
        StatedFact.objects.filter(person_id=who.id, fact="course_fee").update(value=20_000)
    nightly.run(TODAY + timedelta(days=1))
    assert set(told(who)) == {CERTIFICATE, COURSE}
