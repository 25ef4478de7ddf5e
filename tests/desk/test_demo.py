"""The demonstration's cases: in every district, consistent with the registers, without touching the story."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from jiuye.desk import checks, demo
from jiuye.desk.models import Case, Decision, Doubt, Rating, Task
from jiuye.desk.models.case import OPEN_STATES
from jiuye.registry import demo as registry
from jiuye.registry.demo import personas
from jiuye.registry.models import BenefitPeriod, Registration
from tests.desk import world
from tests.factories import raw

PEOPLE = 3_000


@pytest.mark.owner
@pytest.mark.django_db
def test_the_city_has_cases_in_every_district() -> None:
    registry.load(PEOPLE)
    demo.load(PEOPLE)
    before = Case.objects.count()
    assert before > PEOPLE / 60
    districts = {code[:6] for code in Case.objects.values_list("unit_code", flat=True)}
    assert len(districts) >= 14
    told = [one.id for one in personas.residents()]
    assert not Case.objects.filter(person__in=told).exists()
    waiting = Case.objects.filter(state__in=OPEN_STATES)
    assert {"street", "district"} <= set(waiting.values_list("state", flat=True))
    assert Doubt.objects.filter(closed_at__isnull=True).count() > 0
    assert Rating.objects.count() > before / 10
    found = {name: them for name, them in checks.run().items() if them}
    assert set(found) <= {"late_task", "overdue"}
    assert Task.objects.filter(kind="answer_rating").count() == Rating.objects.filter(score__lte=2).count()
    linked = Registration.objects.filter(case_id__isnull=False)
    assert linked.exists()
    awards = {str(key) for key in BenefitPeriod.objects.values_list("award_id", flat=True)}
    for decision in Decision.objects.filter(kind="grant", rule="ui_eligible"):
        assert decision.former
        assert decision.effects["award_id"] in awards
        assert decision.amount_cents == sum(line["amount_cents"] for line in decision.effects["schedule"])
    demo.load(PEOPLE)
    assert Case.objects.count() == before


@pytest.mark.django_db
def test_the_application_can_not_call_a_decision_taken_over() -> None:
    _who, case = world.refusable()
    worker = world.caseworker()
    from jiuye.desk import actions

    decision = actions.prepare_decision(worker, case_id=case.pk, kind="refusal", reason="x")
    with pytest.raises(DatabaseError), transaction.atomic(), raw(worker, "test.cheat") as cursor:
        cursor.execute(  # type: ignore[attr-defined]
            "UPDATE desk_decision SET former = true, decided_at = now() WHERE id = %s", [decision.pk]
        )
