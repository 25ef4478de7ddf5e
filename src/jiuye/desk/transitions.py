"""The moves of a case as a table: event, where it may start, where it ends. Everything else is refused.

submitted ─► street ─► district ─► prepared ─► granted | refused
    │          ⇅          ⇅            │
    └─► granted └─ asked ─┘            └─► back to district
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_lazy

from jiuye.desk.models.case import CaseState
from jiuye.foundation.errors import Conflict

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

S = CaseState
OPEN = frozenset({S.SUBMITTED, S.STREET, S.ASKED, S.SUSPENDED, S.DISTRICT, S.PREPARED})


@dataclass(frozen=True)
class Transition:
    """`label`: the event in words for the person's own story."""

    event: str
    sources: frozenset[CaseState]
    target: CaseState
    label: StrOrPromise


class IllegalTransition(Conflict):
    """The case is not where this event may start. Names event and state."""

    def __init__(self, event: str, state: str) -> None:
        self.event, self.state = event, state
        words = gettext("“%(event)s”不能在“%(state)s”时进行。请刷新页面，看看这件申请现在到了哪一步。")
        super().__init__(words % {"event": label(event), "state": CaseState(state).label})


def _(event: str, sources: set[CaseState], target: CaseState, label: StrOrPromise) -> Transition:
    return Transition(event, frozenset(sources), target, label)


TABLE: tuple[Transition, ...] = (
    _("granted_at_once", {S.SUBMITTED, S.STREET}, S.GRANTED, gettext_lazy("系统核对一致，已同意")),
    _("sent_to_street", {S.SUBMITTED}, S.STREET, gettext_lazy("转街镇核实")),
    _("sent_to_district", {S.SUBMITTED, S.STREET}, S.DISTRICT, gettext_lazy("转区级审核")),
    _("asked", {S.STREET, S.DISTRICT}, S.ASKED, gettext_lazy("请您补充情况")),
    _("returned", {S.STREET, S.DISTRICT}, S.ASKED, gettext_lazy("一次性告知缺什么，请您补正")),
    _("suspended", {S.STREET, S.DISTRICT}, S.SUSPENDED, gettext_lazy("中止办理，时限停下来不算")),
    _("resumed_street", {S.SUSPENDED}, S.STREET, gettext_lazy("恢复办理")),
    _("resumed_district", {S.SUSPENDED}, S.DISTRICT, gettext_lazy("恢复办理")),
    _("answered_street", {S.ASKED}, S.STREET, gettext_lazy("您已补充情况")),
    _("answered_district", {S.ASKED}, S.DISTRICT, gettext_lazy("您已补充情况")),
    _("prepared", {S.DISTRICT}, S.PREPARED, gettext_lazy("已拟定决定，等待复核")),
    _("sent_back", {S.PREPARED}, S.DISTRICT, gettext_lazy("复核后退回重新审核")),
    _("granted", {S.PREPARED}, S.GRANTED, gettext_lazy("两名工作人员审核同意")),
    _("refused", {S.PREPARED}, S.REFUSED, gettext_lazy("两名工作人员审核，不予批准")),
    _("withdrawn", set(OPEN), S.WITHDRAWN, gettext_lazy("您撤回了申请")),
    _("closed", set(OPEN), S.CLOSED, gettext_lazy("已办结")),
)
BY_EVENT = {row.event: row for row in TABLE}

# What is written into the story without moving the case.
NOTES: dict[str, StrOrPromise] = {
    "submitted": gettext_lazy("已提交"),
    "answer_taken": gettext_lazy("收到您的回答"),
    "evidence": gettext_lazy("记录了核实情况"),
    "doubt_opened": gettext_lazy("有一处需要核实"),
    "doubt_closed": gettext_lazy("一处疑点已核实"),
    "handed_over": gettext_lazy("移交区级经办机构"),
    "taken": gettext_lazy("工作人员开始办理"),
    "extended": gettext_lazy("延长了办理时限"),
    "reminded": gettext_lazy("提醒了工作人员抓紧办"),
    "reminded_person": gettext_lazy("提醒了您补充"),
    "given_back": gettext_lazy("换一位工作人员办理"),
    "parked": gettext_lazy("暂放几天，到日子接着办"),
    "unparked": gettext_lazy("接着办理"),
    "part_signed": gettext_lazy("一名复核人已同意，等待下一名"),
    "letter": gettext_lazy("决定书已送达"),
    "result_letter": gettext_lazy("办理结果已送达"),
    "appealed": gettext_lazy("申请了复核"),
    "rated": gettext_lazy("您评价了这次服务"),
    "rating_answered": gettext_lazy("您的评价已有答复"),
}


def target(event: str, state: str) -> CaseState:
    """Where the event takes a case that is in `state`. IllegalTransition otherwise."""
    row = BY_EVENT[event]
    if CaseState(state) not in row.sources:
        raise IllegalTransition(event, state)
    return row.target


def label(event: str) -> str:
    """The event in words, in the reader's language."""
    row = BY_EVENT.get(event)
    return str(row.label if row else NOTES.get(event, event))
