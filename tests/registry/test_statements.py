"""What people state, the account they are paid to, registrations and benefits on the record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jiuye.foundation import scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.roles import Role
from jiuye.registry import actions, checks
from jiuye.registry.actions.statements import luhn
from jiuye.registry.models import PayeeAccount, Registration, StatedFact
from tests import factories
from tests.factories import XUHUI
from tests.registry.world import TODAY, fact, resident

pytestmark = pytest.mark.django_db
CARD = "6222000011112223"


def test_facts_are_kept_in_their_form() -> None:
    person = factories.person()
    actions.state_facts(
        resident(person),
        person_id=person.pk,
        facts={
            "wants_work": True,
            "monthly_income": Decimal("1200.50"),
            "flexible_start_on": date(2026, 2, 1),
            "separation_reason": "15",
            "documents": ("01",),
            "able_to_work": None,
        },
        source="person",
        as_of=TODAY,
    )
    assert fact(person, "wants_work") is True
    assert fact(person, "monthly_income") == Decimal("1200.50")
    assert fact(person, "flexible_start_on") == date(2026, 2, 1)
    assert fact(person, "able_to_work") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such_fact", True),
        ("wants_work", "yes"),
        ("monthly_income", "viel"),
        ("monthly_income", True),
        ("claim_months_requested", "1.5"),
        ("flexible_start_on", "morgen"),
        ("separation_reason", "99"),
        ("documents", ["01", "99x"]),
        ("documents", "01"),
    ],
)
def test_what_is_no_value_is_refused_and_nothing_kept(name: str, value: Any) -> None:
    person = factories.person()
    stated = {"applied_on": TODAY, name: value}
    with pytest.raises(UserErrors) as caught:
        actions.state_facts(resident(person), person_id=person.pk, facts=stated, source="person", as_of=TODAY)
    assert [error.field for error in caught.value.errors] == [name]
    with scope.acting(scope.SYSTEM):
        assert not StatedFact.objects.exists()


def test_nobody_states_for_another_and_a_resident_only_as_person() -> None:
    person, other = factories.person(), factories.person()
    stranger = factories.actor(Role.STREET_CLERK, XUHUI + "011")
    for by, source, refusal in (
        (resident(other), "person", NotFound),
        (resident(person), "staff", NotFound),
        (stranger, "staff", NotFound),
        (factories.actor(Role.AUDITOR), "staff", Forbidden),
    ):
        with pytest.raises(refusal):
            actions.state_facts(
                by, person_id=person.pk, facts={"wants_work": True}, source=source, as_of=TODAY
            )


def test_an_account_is_replaced_not_changed() -> None:
    person = factories.person()
    by = resident(person)

    def set_account(number: str) -> PayeeAccount:
        return actions.set_payee_account(
            by, person_id=person.pk, bank_name="上海银行", holder_name="测试人", number=number
        )

    first = set_account("6222 0000 1111 2223")
    assert set_account(CARD).pk == first.pk
    second = set_account("31001234567890")
    with scope.acting(by):
        kept = list(PayeeAccount.objects.order_by("created_at", "id"))
    assert [account.pk for account in kept] == [first.pk, second.pk]
    assert [account.replaced_at is None for account in kept] == [False, True]
    assert [account.number for account in kept] == [CARD, "31001234567890"]


@pytest.mark.parametrize(
    "number", ["", "6222 0000 1111 2224", "1234567", "12345678x", "1" * 31, "６２２２０００011112223"]
)
def test_a_wrong_account_is_refused_at_its_field(number: str) -> None:
    person = factories.person()
    with pytest.raises(UserErrors) as caught:
        actions.set_payee_account(
            resident(person), person_id=person.pk, bank_name=" ", holder_name="测试人", number=number
        )
    assert [error.field for error in caught.value.errors] == ["bank_name", "number"]


def test_luhn() -> None:
    assert luhn("4111111111111111")
    assert luhn(CARD)
    assert not luhn("4111111111111112")


def register(by: Any, person: Any, **fields: Any) -> Registration:
    given = {"kind": "unemployment", "opened_on": date(2026, 11, 2), "open_reason": "21"}
    return actions.open_registration(by, person_id=person.pk, **(given | fields))


def test_a_registration_is_opened_once_and_closed_with_a_reason() -> None:
    person, clerk, case = factories.person(), factories.actor(Role.STREET_CLERK), new_id()
    opened = register(clerk, person, case_id=case)
    assert register(clerk, person, case_id=case).pk == opened.pk
    with pytest.raises(UserError) as caught:
        register(clerk, person)
    assert caught.value.code == "already_open"
    with pytest.raises(UserError):
        actions.close_registration(
            clerk, registration_id=opened.pk, closed_on=date(2026, 11, 1), close_reason="02"
        )
    closed = actions.close_registration(
        clerk, registration_id=opened.pk, closed_on=date(2026, 11, 20), close_reason="02"
    )
    assert (closed.closed_on, closed.close_reason) == (date(2026, 11, 20), "02")
    assert fact(person, "registered_unemployed", date(2026, 11, 19)) is True
    assert fact(person, "registered_unemployed", date(2026, 11, 20)) is False
    assert register(clerk, person, opened_on=date(2026, 11, 20)).pk != opened.pk
    with pytest.raises(Forbidden):
        register(resident(person), person)
    with pytest.raises(NotFound):
        register(factories.actor(Role.STREET_CLERK, XUHUI + "011"), person)


def test_a_benefit_is_recorded_once_and_an_earlier_stop_counts() -> None:
    person, award = factories.person(), new_id()
    given: dict[str, Any] = {
        "person_id": person.pk, "benefit": "unemployment_benefit", "assessed_on": TODAY,
        "first_month": date(2026, 11, 1), "last_month": date(2027, 4, 1), "months_used": 36,
    }  # fmt: skip
    period = actions.record_benefit(scope.SYSTEM, award_id=award, **given)
    assert actions.record_benefit(scope.SYSTEM, award_id=award, **given).pk == period.pk
    with pytest.raises(Conflict):
        actions.record_benefit(scope.SYSTEM, award_id=new_id(), **given)
    stop = {"award_id": award, "stop_reason": "reemployed"}
    actions.stop_benefit_period(scope.SYSTEM, stopped_from=date(2027, 1, 1), **stop)
    actions.stop_benefit_period(scope.SYSTEM, stopped_from=date(2027, 3, 1), **stop)
    again = actions.stop_benefit_period(scope.SYSTEM, stopped_from=date(2026, 12, 1), **stop)
    assert again.stopped_from == date(2026, 12, 1)
    with pytest.raises(Forbidden):
        actions.record_benefit(factories.actor(Role.PAYMENT_OFFICER), award_id=new_id(), **given)


def test_checks_find_what_no_constraint_forbids() -> None:
    person, employer = factories.person(died_on=date(2026, 11, 10)), factories.employer()
    register(factories.actor(Role.STREET_CLERK), person)
    factories.spell(person, employer, date(2026, 11, 5))
    factories.contributions(person, date(2026, 1, 1), date(2026, 3, 1), factories.employer(), closed_on=None)
    actions.record_benefit(
        scope.SYSTEM,
        person_id=person.pk,
        benefit="unemployment_benefit",
        award_id=new_id(),
        assessed_on=TODAY,
        first_month=date(2026, 11, 1),
        last_month=date(2027, 4, 1),
        months_used=36,
    )
    found = checks.run()
    for name in (
        "registered_but_employed",
        "working_after_death",
        "paid_without_employment",
        "more_used_than_paid",
    ):
        assert [finding.person_id for finding in found[name]] == [person.pk], name
    assert found["points_to_merged_file"] == []
