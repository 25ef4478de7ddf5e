"""The lead's pages and the figures behind them: counted by hand here."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from jiuye.foundation import clock, scope
from jiuye.foundation.errors import Forbidden, NotFound
from jiuye.foundation.roles import Role
from jiuye.insight import definitions, queries
from jiuye.insight.queries import Period
from tests import factories
from tests.desk import world
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db


def period() -> Period:
    return Period(clock.today() - timedelta(days=29), clock.today())


def lead() -> scope.Actor:
    return factories.actor(Role.CITY_LEAD)


def test_cases_are_counted_where_the_person_lives() -> None:
    world.submit(world.resident())
    world.doubtful()
    with scope.acting(lead()) as actor:
        rows = {row.code: row for row in queries.by_unit(actor, "31", period(), clock.today())}
        streets = {row.code: row for row in queries.by_unit(actor, "310101", period(), clock.today())}
        whole = queries.total(actor, "31", period(), clock.today())
    assert len(rows) == 16
    assert (rows["310101"].submitted, rows["310101"].ended, rows["310101"].open) == (4, 3, 1)
    assert rows["310104"].submitted == 0
    assert streets[world.STREET].submitted == 4
    assert whole.submitted == 4


def test_a_median_of_few_is_not_shown() -> None:
    for _ in range(2):
        world.submit(world.resident())
    with scope.acting(lead()) as actor:
        row = queries.total(actor, "31", period(), clock.today())
    assert row.ended < definitions.small_cell()
    assert row.days is None


def test_time_taken_is_counted_in_working_days() -> None:
    for _ in range(3):
        world.submit(world.resident())
    with as_owner():
        from jiuye.desk.models import Case

        Case.objects.update(
            started_on=date(2026, 11, 19), closed_on=date(2026, 11, 24)
        )  # Thursday to Tuesday
    with scope.acting(lead()) as actor:
        assert queries.total(actor, "31", period(), clock.today()).days == 3


def test_only_late_cases_are_listed_without_their_people() -> None:
    _who, case = world.doubtful()
    with scope.acting(lead()) as actor:
        assert queries.late_cases(actor, "31", clock.today()) == []
        later = queries.late_cases(actor, "310101", case.promised_due + timedelta(days=1))
    assert [row["number"] for row in later] == [case.number]
    assert not {"person", "person_id"} & set(later[0])


def test_figures_end_at_the_unit_and_the_role() -> None:
    clerk = factories.actor(Role.STREET_CLERK)
    district = factories.actor(Role.CITY_LEAD, "31")
    with scope.acting(clerk), pytest.raises(Forbidden):
        queries.total(clerk, world.STREET, period(), clock.today())
    with scope.acting(district), pytest.raises(NotFound):
        queries.by_unit(district, "44", period(), clock.today())


@pytest.mark.parametrize("figure", ["submitted", "ended", "days", "late", "paid", "rating", "nonsense"])
def test_the_map_and_its_drill_down(figure: str) -> None:
    world.doubtful()
    client = signed_in(granted(Role.CITY_LEAD))
    page = client.get(reverse("lead:map"), {"figure": figure, "days": "365"}).content.decode()
    assert page.count('class="map-area"') == 16
    assert "李国强" not in page
    district = client.get(reverse("lead:unit", args=["310101"]), {"figure": figure}).content.decode()
    assert "外滩街道" in district
    assert client.get(reverse("lead:unit", args=[world.STREET])).status_code == 200
    assert client.get(reverse("lead:unit", args=["440100"])).status_code == 404


def test_the_page_costs_the_same_for_a_busy_city(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client = signed_in(granted(Role.CITY_LEAD))
    client.get(reverse("lead:map"))
    for _ in range(3):
        world.doubtful()
    with django_assert_max_num_queries(45):
        client.get(reverse("lead:map"))
