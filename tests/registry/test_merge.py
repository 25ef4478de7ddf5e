"""Two files of one person become one, with everything that hangs on them, and can be parted again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection

from jiuye.desk.models import Decision
from jiuye.foundation import messages, scope
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.models import HistoryEntry
from jiuye.foundation.roles import Role
from jiuye.funds.models import Payment
from jiuye.registry import actions, queries
from jiuye.registry.actions.duplicates import references
from jiuye.registry.duplicates import propose_duplicates
from jiuye.registry.models import ContributionSpell, DuplicateProposal, EmploymentSpell, PayeeAccount, Person
from tests import factories
from tests.factories import HUANGPU, XUHUI
from tests.registry.world import fact
from tests.support import money
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[Any]]:
    """All rows of all tables that refer to a person, but for trails, which only grow."""
    found = {}
    tables = {model._meta.db_table for model, _column in references()} | {"registry_person"}
    with as_owner(), connection.cursor() as cursor:
        for table in sorted(tables - {"foundation_history", "foundation_readlogentry"}):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def two_files() -> tuple[Person, Person]:
    """One person under two documents, each with a past."""
    kept = factories.person(name="陈大文", hukou_code=None)
    other = factories.person(
        name="陈大文", document_type="08", document_number="K1234567", hukou_code="310101"
    )
    employer, second = factories.employer(), factories.employer()
    factories.spell(kept, employer, date(2024, 1, 1))
    factories.contributions(kept, date(2024, 1, 1), date(2026, 10, 1), employer)
    factories.spell(other, second, date(2019, 1, 1), date(2022, 12, 31))
    factories.contributions(other, date(2019, 1, 1), date(2022, 12, 1), second)
    factories.case(person=other)
    with scope.acting(scope.SYSTEM):
        messages.notify(person_id=other.pk, title="您好")
    return kept, other


def merge(by: Any, kept: Person, other: Person) -> Any:
    return actions.merge_people(by, kept_id=kept.pk, absorbed_id=other.pk, reason="同一人，护照与身份证")


def test_everything_moves_in_every_room_and_comes_back() -> None:
    kept, other = two_files()
    by = factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU)
    before = everything()
    merged = merge(by, kept, other)
    with as_owner():
        other.refresh_from_db()
        kept.refresh_from_db()
        assert other.merged_into_id == kept.pk
        assert kept.hukou_code == "310101"
        assert EmploymentSpell.objects.filter(person=kept).count() == 2
        labels = {row[0] for row in merged.moved["rows"]}
        assert {"registry.EmploymentSpell", "desk.Case", "foundation.Message"} <= labels
        for model, column in references():
            left = model._default_manager.extra(where=[f"{column} = %s"], params=[other.pk])
            if model._meta.db_table not in ("foundation_history", "foundation_readlogentry"):
                assert not left.exists(), model
    assert fact(kept, "ui_months_unused") == 34 + 48
    assert merge(by, kept, other).pk == merged.pk

    undone = actions.undo_merge(by, merge_id=merged.pk, reason="其实是两个人")
    assert undone.undone_by_id == by.user_id
    assert everything() == before
    assert actions.undo_merge(by, merge_id=merged.pk, reason="再点一次").pk == merged.pk
    with scope.acting(scope.SYSTEM):
        reasons = HistoryEntry.objects.filter(table_name="registry_employmentspell").values_list(
            "reason", flat=True
        )
        assert "同一人，护照与身份证" in set(reasons)


def test_what_the_kept_file_has_already_stays_behind() -> None:
    kept, other = two_files()
    with scope.acting(scope.SYSTEM):
        employer = EmploymentSpell.objects.get(person=kept).employer
    factories.contributions(other, date(2025, 1, 1), date(2025, 6, 1), employer)  # reported under both
    by = factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU)
    before = everything()
    merged = merge(by, kept, other)
    with scope.acting(scope.SYSTEM):
        assert ContributionSpell.objects.filter(person=kept).count() == 2
        assert ContributionSpell.objects.filter(person=other).count() == 1
    actions.undo_merge(by, merge_id=merged.pk, reason="撤销")
    assert everything() == before


def test_money_moves_with_its_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", "2026-12-10")
    payers = money.Payers.make()
    other, award = money.beneficiary("陈大文", months=3)
    run = money.sent(payers)
    kept = factories.person(name="陈大文")
    before = everything()
    by = factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU)
    merged = merge(by, kept, other)
    with scope.acting(scope.SYSTEM):
        award.refresh_from_db()
        assert award.person_id == kept.pk
        assert {month.person_id for month in award.schedule.all()} == {kept.pk}
        assert Payment.objects.get(run=run).person_id == kept.pk
        assert PayeeAccount.objects.get().person_id == kept.pk
        assert Decision.objects.get().person_id == kept.pk
    actions.undo_merge(by, merge_id=merged.pk, reason="撤销")
    after = everything()
    assert {table: rows for table, rows in after.items() if rows != before[table]}.keys() <= {
        "foundation_grant"
    }


def test_the_number_of_an_absorbed_file_leads_to_the_kept_one() -> None:
    kept, other = two_files()
    merge(factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU), kept, other)
    employer = factories.employer()
    agent = factories.actor(Role.EMPLOYER_AGENT, employer=employer.pk)
    spell = actions.register_hire(
        agent,
        employer_id=employer.pk,
        document_type="08",
        document_number="K1234567",
        name="陈大文",
        start=date(2026, 11, 2),
    )
    assert spell.person_id == kept.pk


def test_who_may_merge() -> None:
    kept, other = two_files()
    with pytest.raises(Forbidden):
        merge(factories.actor(Role.STREET_CLERK), kept, other)
    with pytest.raises(NotFound):
        merge(factories.actor(Role.DISTRICT_CASEWORKER, XUHUI), kept, other)
    by = factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU)
    with pytest.raises(UserError):
        actions.merge_people(by, kept_id=kept.pk, absorbed_id=other.pk, reason=" ")
    with pytest.raises(UserError):
        merge(by, kept, kept)
    merge(by, kept, other)
    with pytest.raises(Conflict):
        merge(by, factories.person(), other)


def test_likely_duplicates_are_proposed_once_and_settled() -> None:
    kept, other = two_files()
    factories.person(name="陈大文", birth_date=date(1999, 9, 9))
    assert propose_duplicates() == 1
    assert propose_duplicates() == 0
    clerk = factories.actor(Role.STREET_CLERK)
    with scope.acting(clerk):
        proposal = queries.open_duplicates(clerk)[0]
        assert {proposal.person_id, proposal.other_id} == {kept.pk, other.pk}
        assert queries.duplicates_of(kept.pk) == [proposal]
    actions.dismiss_duplicate(clerk, proposal_id=proposal.pk, reason="照片不同")
    assert propose_duplicates() == 0
    merge(factories.actor(Role.DISTRICT_CASEWORKER, HUANGPU), kept, other)
    with scope.acting(scope.SYSTEM):
        assert DuplicateProposal.objects.get().state == "merged"
