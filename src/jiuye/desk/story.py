"""A case moves only here: state, clock, a line in its story, an event for the rooms above, a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from jiuye.desk import catalogue, transitions
from jiuye.desk.models import Case, CaseEvent
from jiuye.desk.models.case import OPEN_STATES
from jiuye.desk.values import pick
from jiuye.foundation import clock, deadlines, outbox, scope
from jiuye.foundation.messages import notify
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

STANDS_STILL = {"asked": gettext_lazy("等本人补充"), "suspended": gettext_lazy("中止办理")}
STREET_DIGITS, DISTRICT_DIGITS = 9, 6  # length of a unit's code


def note(case: Case, actor: Actor, kind: str, text: str = "", before: str = "") -> CaseEvent:
    """A line of the story. `before`: the state it came from, where it moved."""
    return CaseEvent.objects.create(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        at=clock.now(),
        kind=kind,
        from_state=before,
        to_state=case.state if before else "",
        text=text,
        user_id=actor.user_id,
        user_name=actor.name if actor.is_staff else "",
        role=actor.role.value,
    )


def move(case: Case, actor: Actor, event: str, text: str = "", handled_by: str | None = None) -> None:
    """Take a locked case through an event and save it. IllegalTransition when it may not.

    `handled_by`: the unit whose queue it goes to; unchanged when not given.
    """
    before = case.state
    case.state = transitions.target(event, before)
    today = clock.today()
    case.parked_until, case.parked_reason = None, ""
    if handled_by is not None and handled_by != case.handled_by:
        case.handled_by, case.assigned_to_id = handled_by, None
    if case.state in STANDS_STILL:
        deadlines.pause(case, today, str(STANDS_STILL[case.state]))
    elif case.paused_on is not None:
        deadlines.resume(case, today)
    if case.state not in OPEN_STATES:
        deadlines.close(case, today)
        case.ended_at, case.handled_by = clock.now(), None
    case.save()
    note(case, actor, event, text, before)
    if case.ended_at is not None:
        outbox.emit("case_ended", f"case:{case.pk}", case=case.pk)


def street_of(unit_code: str) -> str:
    """The street that serves this unit; its district (or the city) where the street isn't known."""
    return unit_code[:STREET_DIGITS]


def district_of(unit_code: str) -> str:
    return unit_code[:DISTRICT_DIGITS]


MESSAGES = {
    "submitted": (
        gettext_lazy("我们收到了您的申请：%(item)s"),
        gettext_lazy("编号 %(number)s。最晚 %(due)s 告诉您结果。您不用再做什么，随时可以在这里看进度。"),
    ),
    "granted": (
        gettext_lazy("已同意：%(item)s"),
        gettext_lazy("您的%(item)s办好了。决定书已放在办件里，可以下载。"),
    ),
    "refused": (
        gettext_lazy("没有同意：%(item)s"),
        gettext_lazy("决定书写明了每一条没有满足的条件、依据，以及您可以怎么办。您不同意的，可以申请复核。"),
    ),
    "to_street": (
        gettext_lazy("您的%(item)s需要核实一下"),
        gettext_lazy("有情况要由街镇工作人员核实，最晚 %(due)s 告诉您结果。需要您补充的，我们会在这里问您。"),
    ),
    "to_district": (
        gettext_lazy("您的%(item)s由区里审核"),
        gettext_lazy("要由两名工作人员审核后决定，最晚 %(due)s 告诉您结果。"),
    ),
    "handled_at_street": (
        gettext_lazy("街镇在办：%(item)s"),
        gettext_lazy("由街镇工作人员办理，最晚 %(due)s 答复您。"),
    ),
    "handled_at_district": (
        gettext_lazy("区里在办：%(item)s"),
        gettext_lazy("由区里的工作人员办理，最晚 %(due)s 答复您。"),
    ),
    "asked": (
        gettext_lazy("请您补充一点情况：%(item)s"),
        gettext_lazy("%(text)s\n您回答以前，办理时限停下来不算，不会因此过期。"),
    ),
    "returned": (
        gettext_lazy("请您一次补齐：%(item)s"),
        gettext_lazy(
            "%(text)s\n缺的都在这里了，不会再要别的。您补齐以前，办理时限停下来不算，不会因此过期。"
        ),
    ),
    "suspended": (
        gettext_lazy("中止办理：%(item)s"),
        gettext_lazy("%(text)s\n时限停下来不算。恢复的时候我们会告诉您，您不用做什么。"),
    ),
    "resumed": (
        gettext_lazy("恢复办理：%(item)s"),
        gettext_lazy("时限接着算，最晚 %(due)s 告诉您结果。"),
    ),
    "extended": (
        gettext_lazy("要多几天才能办好：%(item)s"),
        gettext_lazy("%(text)s\n最晚 %(due)s 告诉您结果。"),
    ),
    "reminder": (
        gettext_lazy("请别忘了补充：%(item)s"),
        gettext_lazy("我们在等您的回答，请在 %(by)s 以前答复。编号 %(number)s。"),
    ),
    "answered": (
        gettext_lazy("收到您的回答：%(item)s"),
        gettext_lazy("时限接着算，最晚 %(due)s 告诉您结果。"),
    ),
    "withdrawn": (
        gettext_lazy("您撤回了申请：%(item)s"),
        gettext_lazy("编号 %(number)s 不再办理。您随时可以重新申请。"),
    ),
    "closed": (gettext_lazy("已办结：%(item)s"), gettext_lazy("%(text)s")),
    "late": (
        gettext_lazy("对不起，%(item)s没有按时办好"),
        gettext_lazy(
            "编号 %(number)s 已超过规定的时限。我们已报区里负责人督办，您不用做什么，也不会因此少拿钱。"
        ),
    ),
    "appeal_received": (
        gettext_lazy("我们收到了您的复核申请"),
        gettext_lazy("编号 %(number)s。由没有参与原决定的工作人员重新审核，最晚 %(due)s 告诉您结果。"),
    ),
    "rating_answered": (
        gettext_lazy("您的评价有了答复"),
        gettext_lazy("%(text)s"),
    ),
}


def tell(case: Case, kind: str, **values: object) -> None:
    """Tell the person, in their language, with a link to the case."""
    with in_language_of(case.person_id):
        title, body = MESSAGES[kind]
        known: Mapping[str, object] = {
            "item": pick(catalogue.title(case.item)),
            "number": case.number,
            "due": due_words(case),
            **values,
        }
        notify(
            person_id=case.person_id,
            unit_code=case.unit_code,
            kind=f"case_{kind}",
            title=str(title) % known,
            body=str(body) % known,
            link=link(case),
        )


@contextmanager
def in_language_of(person_id: UUID) -> Iterator[None]:
    """What is said here is said in the person's language."""
    with translation.override(language_of(person_id)):
        yield


def link(case: Case) -> str:
    """The case's page in the resident's portal."""
    return f"/resident/cases/{case.pk}/"


def due_words(case: Case) -> str:
    from jiuye.desk.values import day

    due = case.promised_due or case.statutory_due
    return day(due) if due else gettext("未定")


def language_of(person_id: UUID) -> str:
    """The language the person chose at login; Chinese for who never logged in."""
    with scope.elevated("language of the addressee"):
        found = (
            Grant.objects.filter(person_id=person_id, role=Role.RESIDENT.value)
            .values_list("user__language", flat=True)
            .first()
        )
    return found or "zh-hans"
