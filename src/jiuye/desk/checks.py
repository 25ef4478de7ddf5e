"""Nightly integrity of cases, one small class each: what is stuck, orphaned or contradictory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.db.models import Exists, OuterRef, Q

from jiuye.desk import catalogue, city, replaying
from jiuye.desk.models import Case, CaseEvent, Decision, Doubt, ItemVersion, OutreachRun, Task, VersionState
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.decision import DecisionKind
from jiuye.foundation import clock
from jiuye.foundation.checks import MOST, Check, Finding
from jiuye.foundation.models import OrgUnit

log = structlog.get_logger(__name__)


class CaseCheck(Check):
    """A check whose findings are cases."""

    def of_cases(self, cases: Iterable[Case], text: str) -> Iterable[Finding]:
        return (Finding(self.name, str(case.pk), f"{case.number} {text}") for case in cases)


class Stuck(CaseCheck):
    """Submitted, and nobody decided or handed it on: its job was lost."""

    name = "stuck"
    patience = timedelta(hours=1)

    def find(self) -> Iterable[Finding]:
        since = clock.now() - self.patience
        cases = Case.objects.filter(state=CaseState.SUBMITTED, submitted_at__lt=since)
        return self.of_cases(cases[:MOST], "提交以后一直没有自动核对")


class NoOwner(CaseCheck):
    """An open case in nobody's queue, or in that of a unit which doesn't exist."""

    name = "no_owner"

    def find(self) -> Iterable[Finding]:
        unit = OrgUnit.objects.filter(pk=OuterRef("handled_by"), level__in=["street", "district"])
        cases = Case.objects.filter(ended_at__isnull=True).filter(Q(handled_by__isnull=True) | ~Exists(unit))
        return self.of_cases(cases[:MOST], "不在任何单位的待办里")


class NoDue(CaseCheck):
    """An open case without a time limit."""

    name = "no_due"

    def find(self) -> Iterable[Finding]:
        cases = Case.objects.filter(ended_at__isnull=True, promised_due__isnull=True)
        return self.of_cases(cases[:MOST], "没有办理时限")


class Overdue(CaseCheck):
    """The statutory limit has passed while nobody waits for the person."""

    name = "overdue"

    def find(self) -> Iterable[Finding]:
        cases = Case.objects.filter(
            ended_at__isnull=True, paused_on__isnull=True, statutory_due__lt=clock.today()
        )
        return self.of_cases(cases.order_by("statutory_due")[:MOST], "已超过法定时限")


class SilentPerson(CaseCheck):
    """Asked, and no answer for a month: somebody should call."""

    name = "silent_person"
    patience = timedelta(days=30)

    def find(self) -> Iterable[Finding]:
        since = clock.today() - self.patience
        cases = Case.objects.filter(state=CaseState.ASKED, paused_on__lt=since)
        return self.of_cases(cases[:MOST], "问了本人一个月没有答复，请电话联系")


class NoLetter(CaseCheck):
    """Decided, but the person got nothing in writing."""

    name = "no_letter"

    def find(self) -> Iterable[Finding]:
        decisions = Decision.objects.filter(
            decided_at__isnull=False, letter__isnull=True, case__isnull=False, former=False
        )
        return (Finding(self.name, str(d.pk), f"{d.number} 已决定但没有决定书") for d in decisions[:MOST])


class EndedUndecided(CaseCheck):
    """Granted or refused without a decision that says so."""

    name = "ended_undecided"

    def find(self) -> Iterable[Finding]:
        for state, kind in (
            (CaseState.GRANTED, DecisionKind.GRANT),
            (CaseState.REFUSED, DecisionKind.REFUSAL),
        ):
            made = Decision.objects.filter(case=OuterRef("pk"), decided_at__isnull=False, kind=kind)
            cases = Case.objects.filter(~Exists(made), state=state)
            yield from self.of_cases(cases[:MOST], "已办结但没有相应的决定")


class PreparedNowhere(CaseCheck):
    """Waiting for a signature, but there is nothing to sign."""

    name = "prepared_nowhere"

    def find(self) -> Iterable[Finding]:
        waiting = Decision.objects.filter(
            case=OuterRef("pk"), decided_at__isnull=True, withdrawn_at__isnull=True
        )
        cases = Case.objects.filter(~Exists(waiting), state=CaseState.PREPARED)
        return self.of_cases(cases[:MOST], "待复核却没有拟定的决定")


class OpenDoubtOfEnded(CaseCheck):
    """A doubt that outlived its case."""

    name = "open_doubt_of_ended"

    def find(self) -> Iterable[Finding]:
        found = Doubt.objects.filter(closed_at__isnull=True, case__ended_at__isnull=False).exclude(
            case__state=CaseState.WITHDRAWN
        )
        return (Finding(self.name, str(d.pk), f"疑点 {d.kind} 在办结后仍未关闭") for d in found[:MOST])


class LateTask(CaseCheck):
    """Work that is past its day."""

    name = "late_task"

    def find(self) -> Iterable[Finding]:
        found = Task.objects.filter(done_at__isnull=True, due_on__lt=clock.today()).order_by("due_on")
        return (Finding(self.name, str(t.pk), f"{t.title} 已过期（{t.due_on}）") for t in found[:MOST])


class NoStory(CaseCheck):
    """A case without the line that opened it."""

    name = "no_story"

    def find(self) -> Iterable[Finding]:
        told = CaseEvent.objects.filter(case=OuterRef("pk"))
        cases = Case.objects.filter(~Exists(told), ended_at__isnull=True)
        return self.of_cases(cases[:MOST], "没有任何办理记录")


class LawNotArchived(Check):
    """A decision that can't be replayed, since the text of its law wasn't kept."""

    name = "law_not_archived"

    def find(self) -> Iterable[Finding]:
        for pk, number, _version in itertools.islice(replaying.unarchived(), MOST):
            yield Finding(self.name, str(pk), f"{number} 的规则版本没有存档")


class UnfinishedNight(Check):
    """A night of policy finding people that did not come to its end."""

    name = "unfinished_night"
    patience = timedelta(hours=6)

    def find(self) -> Iterable[Finding]:
        since = clock.now() - self.patience
        nights = OutreachRun.objects.filter(finished_at__isnull=True, started_at__lt=since)
        return (Finding(self.name, str(one.pk), f"{one.on} 的政策找人没有做完") for one in nights[:MOST])


class UnreadByNight(Check):
    """Somebody of whom the last night could not ask the law: what is on file about them can't be read."""

    name = "unread_by_night"

    def find(self) -> Iterable[Finding]:
        night = OutreachRun.objects.filter(finished_at__isnull=False).order_by("-on").first()
        failures = night.failures if night else []
        return (
            Finding(
                self.name,
                str(one["id"]),
                f"登记的情况读不懂：{one.get('fact') or one.get('benefit')}（{one['error']}）",
            )
            for one in failures[:MOST]
        )


class UnfitItem(Check):
    """A published item that can't be read, names what the law doesn't know, or lacks an element."""

    name = "unfit_item"

    def find(self) -> Iterable[Finding]:
        rows = ItemVersion.objects.filter(state=VersionState.PUBLISHED).order_by("code")
        for code, text in rows.values_list("code", "text"):
            item, problems = catalogue.item_of(text, code)
            said = [one.message for one in problems]
            if item is not None:
                said += catalogue.current().problems_of(item, city.law())
                said += [element.zh for element in catalogue.missing(item)]
            if said:
                yield Finding(self.name, code, f"事项 {code}：{'；'.join(said[:3])}")


CHECKS: tuple[type[Check], ...] = (
    Stuck, NoOwner, NoDue, Overdue, SilentPerson, NoLetter, EndedUndecided, PreparedNowhere, OpenDoubtOfEnded,
    LateTask, NoStory, UnfinishedNight, UnreadByNight, LawNotArchived, UnfitItem,
)  # fmt: skip


def run() -> dict[str, list[Finding]]:
    """Every check, within a scope that sees everything. Findings are logged, nothing is changed."""
    found = {check.name: list(check().find()) for check in CHECKS}
    for name, findings in found.items():
        if findings:
            log.warning("check_found", check=f"desk.{name}", count=len(findings), first=findings[0].text)
    return found
