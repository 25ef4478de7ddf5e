"""A proposal from the first word to the patch: who may, what is kept, what is refused, two persons."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import copytree

import pytest
from django.db import DatabaseError, transaction

from jiuye.cities.city import load
from jiuye.desk.models import LawVersion
from jiuye.drafting import actions, queries, sandbox, texts
from jiuye.drafting.actions import Overtaken
from jiuye.drafting.models import Proposal, ProposalFile, Trial
from jiuye.foundation import scope
from jiuye.foundation.errors import Conflict, Forbidden, IncompatibleDuty, NotFound, UserError, UserErrors
from jiuye.foundation.models import HistoryEntry
from jiuye.foundation.roles import Role
from tests import factories
from tests.drafting import world

pytestmark = pytest.mark.django_db


def test_only_what_is_written_differently_is_kept() -> None:
    officer = world.officer()
    made = world.generous(officer)
    found = world.draft(officer, made)
    assert list(found.changed) == [world.where(world.MONTHS)]
    with scope.acting(scope.SYSTEM):
        assert LawVersion.objects.filter(pk=made.base_id).exists()
        assert ProposalFile.objects.count() == 1
    path = "rules/labour_age.yaml"
    assert actions.save_text(officer, proposal_id=made.pk, path=path, text=world.read(path), edition=0) == 0
    with scope.acting(officer):
        assert ProposalFile.objects.count() == 1


def test_lines_of_a_browser_become_lines_of_a_file() -> None:
    officer = world.officer()
    made = world.proposal(officer)
    text = world.read(world.BENEFIT).replace("\n", "\r\n").rstrip()
    assert actions.save_text(officer, proposal_id=made.pk, path=world.BENEFIT, text=text, edition=0) == 0


@pytest.mark.parametrize(
    "path",
    [
        "rules/../../secret.yaml",
        "calendar/workdays.csv",
        "rules/Neu.yaml",
        "/etc/passwd",
        "rules/x.py",
        "x.yaml",
    ],
)
def test_nothing_but_files_of_the_law(path: str) -> None:
    officer = world.officer()
    made = world.proposal(officer)
    with pytest.raises(NotFound):
        actions.save_text(officer, proposal_id=made.pk, path=path, text="a: 1", edition=0)


def test_title_and_reason_are_needed() -> None:
    with pytest.raises(UserErrors) as wrong:
        actions.open_proposal(world.officer(), title=" ", reason="")
    assert [error.field for error in wrong.value.errors] == ["title", "reason"]


def test_the_second_save_of_the_same_edition_overwrites_nothing() -> None:
    one, other = world.officer("顾文"), world.officer("俞明")
    made = world.generous(one)
    path = world.where(world.MONTHS)
    mine = world.read(path) + "# 俞明的说明\n"
    with pytest.raises(Overtaken) as stopped:
        actions.save_text(other, proposal_id=made.pk, path=path, text=mine, edition=0)
    assert (stopped.value.edition, stopped.value.who) == (1, "顾文")
    assert world.GENEROUS in stopped.value.theirs
    assert world.GENEROUS in world.draft(one, made).text(path)
    assert actions.save_text(other, proposal_id=made.pk, path=path, text=mine, edition=1) == 2
    with pytest.raises(Overtaken):
        actions.drop_text(one, proposal_id=made.pk, path=path, edition=1)
    with pytest.raises(Conflict):
        actions.describe_proposal(one, proposal_id=made.pk, title="改", reason="改", edition=7)


def test_saving_twice_is_saving_once() -> None:
    officer = world.officer()
    made = world.proposal(officer)
    for edition in (0, 0):
        got = actions.save_text(
            officer, proposal_id=made.pk, path="rules/new_grant.yaml", text="# 新\n", edition=edition
        )
        assert got == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.LEGAL_OFFICER, Role.SYSTEM)])
def test_nobody_else_writes_or_sees_anything(role: Role) -> None:
    officer = world.officer()
    made = world.generous(officer)
    own = role in (Role.RESIDENT, Role.EMPLOYER_AGENT)
    other = scope.Actor(1, role, "") if own else factories.actor(role)
    with pytest.raises(Forbidden):
        actions.save_text(other, proposal_id=made.pk, path=world.BENEFIT, text="x", edition=0)
    with scope.acting(other):
        if role is Role.AUDITOR:  # reads, writes nothing
            assert queries.draft(made.pk).proposal.pk == made.pk
            return
        with pytest.raises(NotFound):
            queries.draft(made.pk)
        assert Proposal.objects.count() == ProposalFile.objects.count() == Trial.objects.count() == 0


def test_an_officer_of_another_place_finds_nothing() -> None:
    made = world.generous(world.officer())
    elsewhere = factories.actor(Role.LEGAL_OFFICER, "310104")
    with scope.acting(elsewhere):
        assert queries.proposals(elsewhere).count == 0
        with pytest.raises(NotFound):
            queries.draft(made.pk)
    with pytest.raises(NotFound):
        actions.withdraw_proposal(elsewhere, proposal_id=made.pk)


def test_the_patch_applies_and_makes_the_same_law(tmp_path: Path, in_force: Path) -> None:
    """`git apply` in a copy of the repository: the law there has the hash that the check promised."""
    officer = world.officer()
    made = world.generous(officer)
    actions.save_text(
        officer, proposal_id=made.pk, path="rules/new_grant.yaml", edition=0,
        text="- rule: new_grant_age\n  title: {zh: 新补贴, en: New grant}\n  basis: 测试\n  value: 3",
    )  # fmt: skip
    found = world.draft(officer, made)
    promised = sandbox.check(found.proposal.base_id, found.changed, "2026-11-25")
    assert promised.good, promised.problems
    patch = texts.patch("shanghai", found.base, found.changed)
    root = tmp_path / "repository"
    copytree(in_force, root / texts.REPOSITORY / "shanghai")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    done = subprocess.run(
        ["git", "apply", "--verbose"], cwd=root, input=patch.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert load(root / texts.REPOSITORY / "shanghai").law.version == promised.version
    assert promised.version != made.base_id


def test_two_persons() -> None:
    writer, helper, second = world.officer("顾文"), world.officer("俞明"), world.officer("第三人")
    made = world.generous(writer)
    actions.save_text(
        helper, proposal_id=made.pk, path="rules/labour_age.yaml", edition=0,
        text=world.read("rules/labour_age.yaml") + "# 说明\n",
    )  # fmt: skip
    with pytest.raises(UserError) as untried:
        actions.submit_proposal(writer, proposal_id=made.pk)
    assert untried.value.code == "untried"
    world.tried(writer, made)
    actions.submit_proposal(writer, proposal_id=made.pk)
    with pytest.raises(Conflict):
        actions.save_text(writer, proposal_id=made.pk, path=world.BENEFIT, text="x", edition=0)
    with pytest.raises(Forbidden):
        actions.approve_proposal(writer, proposal_id=made.pk)
    with pytest.raises(IncompatibleDuty):  # wrote one file of it
        actions.approve_proposal(helper, proposal_id=made.pk)
    with pytest.raises(UserError):
        actions.send_back(second, proposal_id=made.pk, reason=" ")
    actions.send_back(second, proposal_id=made.pk, reason="理由写清楚些")
    actions.describe_proposal(writer, proposal_id=made.pk, title="改三个月", reason="更清楚", edition=1)
    actions.submit_proposal(writer, proposal_id=made.pk)
    done = actions.approve_proposal(second, proposal_id=made.pk)
    assert (done.state, done.approved_by_id) == ("approved", second.user_id)
    with pytest.raises(Conflict):
        actions.withdraw_proposal(writer, proposal_id=made.pk)
    with scope.acting(writer), pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(title="后来")
    with scope.acting(scope.SYSTEM):
        names = HistoryEntry.objects.filter(row_id=str(made.pk)).values_list("action", flat=True)
        assert {"drafting.open_proposal", "drafting.submit_proposal", "drafting.approve_proposal"} <= set(
            names
        )


def test_what_has_mistakes_is_kept_but_neither_run_nor_submitted() -> None:
    officer = world.officer()
    made = world.proposal(
        officer, world.BENEFIT, world.changed(world.BENEFIT, "when: wants_work", "when: want")
    )
    for act in (
        lambda: actions.ask_trial(officer, proposal_id=made.pk, kind="examples"),
        lambda: actions.submit_proposal(officer, proposal_id=made.pk),
    ):
        with pytest.raises(UserError) as wrong:
            act()
        assert wrong.value.code == "wrong"
    assert "when: want," in world.draft(officer, made).text(world.BENEFIT)


def test_onto_the_law_that_came_into_force_meanwhile(in_force: Path) -> None:
    officer = world.officer()
    made = world.generous(officer)
    mine = world.changed(world.RETIREMENT, "value: {M60: 4,", "value: {M60: 3,")
    actions.save_text(officer, proposal_id=made.pk, path=world.RETIREMENT, text=mine, edition=0)
    taken = world.read("rules/labour_age.yaml") + "# 已采纳\n"
    actions.save_text(officer, proposal_id=made.pk, path="rules/labour_age.yaml", text=taken, edition=0)
    assert not world.draft(officer, made).outdated
    world.enact(in_force, world.RETIREMENT, "value: {M60: 4,", "value: {M60: 5,")
    (in_force / "rules" / "labour_age.yaml").write_text(taken, encoding="utf-8")
    from jiuye import cities

    cities.law.cache_clear()
    found = world.draft(officer, made)
    assert found.outdated
    with pytest.raises(UserError) as old:
        actions.submit_proposal(officer, proposal_id=made.pk)
    assert old.value.code == "outdated"
    onto = cities.law("shanghai").version
    with pytest.raises(UserErrors) as open_ones:
        actions.rebase_proposal(officer, proposal_id=made.pk, onto=onto, resolved={})
    assert [error.field for error in open_ones.value.errors] == [world.RETIREMENT]
    assert world.draft(officer, made).proposal.base_id == made.base_id
    with pytest.raises(Conflict):
        actions.rebase_proposal(officer, proposal_id=made.pk, onto="0" * 64, resolved={})
    decided = world.read(world.RETIREMENT).replace("value: {M60: 5,", "value: {M60: 3,")
    actions.rebase_proposal(officer, proposal_id=made.pk, onto=onto, resolved={world.RETIREMENT: decided})
    found = world.draft(officer, made)
    assert (found.proposal.base_id, found.outdated) == (onto, False)
    assert sorted(found.changed) == sorted([world.RETIREMENT, world.where(world.MONTHS)])
    assert "value: {M60: 3," in found.text(world.RETIREMENT)
