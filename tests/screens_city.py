"""Staff pages over the whole demonstration city, and the README's pictures. Run by `make screens`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from jiuye.desk import actions as desk
from jiuye.desk.models import Case, Decision
from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Grant
from jiuye.foundation.scope import Actor
from jiuye.funds.actions import control
from jiuye.funds.models import ControlSample, PaymentRun
from jiuye.insight import definitions
from jiuye.registry import actions as registry
from jiuye.registry.demo import personas, sample
from jiuye.runtime import demonstration
from tests.desk.world import ACCOUNT, BENEFIT, YES
from tests.support.browser import DESKTOP, PHONE, Visitor
from tests.support.camera import Camera, named
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db(transaction=True)

Visit = Callable[..., Visitor]
TODAY = date(2026, 11, 25)
PEOPLE = 20_000
IMAGES = Path("docs/images")
LARGEST = 250_000  # bytes of a picture in the README


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())
    with as_owner():
        demonstration.load(PEOPLE, lambda *_: None)


def login(username: str) -> Grant:
    with scope.acting(scope.SYSTEM):
        return Grant.objects.select_related("user").get(user__username=username)


def claimed(username: str, person: Any, **answers: str) -> dict[str, Case]:
    """The persona sends the form; by item."""
    cases = desk.submit_bundle(
        Actor.of(login(username)),
        bundle="unemployed",
        answers={**YES, **ACCOUNT, **answers},
        request_key=new_id(),
        channel="web",
        person_id=person,
    )
    outbox.drain()
    return {case.item: case for case in cases}


def drawn(case: Case) -> ControlSample:
    """The case's grant among the samples, whatever the year's seed says."""
    with scope.acting(scope.SYSTEM):
        decision = Decision.objects.get(case=case)
    with as_owner():
        return ControlSample.objects.get_or_create(
            decision=decision,
            defaults={
                "person_id": decision.person_id,
                "unit_code": decision.unit_code,
                "seed": control.seed_of(TODAY.year),
                "drawn_at": clock.now(),
            },
        )[0]


def test_full(visit: Visit, city: None) -> None:
    for user, menu in (("clerk", ("queue", "tasks")), ("caseworker", ("queue", "duplicates", "recoveries"))):
        Camera(visit, login(user)).shoot(named("workbench", menu), "workbench", f"full-{user}")
    payer = Camera(visit, login("payer"))
    with scope.acting(scope.SYSTEM):
        run = PaymentRun.objects.order_by("-month").first()
    assert run is not None
    page = [("run-reconciled", reverse("workbench:run", args=[run.pk]))]
    payer.shoot([*named("workbench", ("runs", "tasks")), *page], "payments", "full")
    places = (("district", personas.DISTRICT), ("street", personas.STREET))
    lead = [
        (f"city-{item.code}", f"{reverse('lead:map')}?days=365&figure={item.code}")
        for item in definitions.figures()
    ]
    lead += [(name, reverse("lead:unit", args=[code]) + "?days=365") for name, code in places]
    Camera(visit, login("lead")).shoot(lead, "lead", "full")
    Camera(visit, login("auditor")).shoot(named("audit", ("samples", "reads", "history")), "audit", "full")


def test_readme(visit: Visit, city: None) -> None:
    """One picture of each portal, as the story of the demonstration shows them."""
    agent = Actor.of(login("agent"))
    upload = registry.upload_staff_file(
        agent, employer_id=personas.EMPLOYER_ID, file_name="员工名册.csv", content=sample.staff_csv()
    )
    phone = {**PHONE, "viewport": {"width": 390, "height": 900}, "device_scale_factor": 1.5}
    keep(visit(phone), "wang", reverse("resident:entitlements"), "resident")
    keep(visit(phone), "agent", reverse("employer:upload_result", args=[upload.pk]), "employer")
    granted = claimed("wang", personas.WANG_XIUYING)[BENEFIT]
    doubt = claimed("li", personas.LI_GUOQIANG, **{"not:separation_reason": "06"})[BENEFIT]
    keep(visit(DESKTOP), "clerk", reverse("workbench:case", args=[doubt.pk]), "workbench")
    tall = {"viewport": {"width": 1440, "height": 1400}}
    keep(visit(tall), "lead", reverse("lead:map") + "?days=365", "lead")
    looked = reverse("audit:sample", args=[drawn(granted).pk])
    keep(visit(DESKTOP), "auditor", looked, "audit")


def keep(visitor: Visitor, username: str, address: str, name: str) -> None:
    """What the window shows, small enough for a README."""
    page = visitor.sign_in(login(username))
    page.goto(address)
    IMAGES.mkdir(parents=True, exist_ok=True)
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    assert file.stat().st_size < LARGEST, f"{file} has {file.stat().st_size} bytes"
