"""Doubts (疑点): why a case can't be decided by itself. Each has an owner, a due date, who may close it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from jiuye.desk import city
from jiuye.desk.assess import Finding
from jiuye.desk.models import Case, Doubt
from jiuye.desk.values import from_json, pick, words
from jiuye.foundation import clock
from jiuye.foundation.roles import Role

STREET, CASEWORKER, APPROVER = Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER


@dataclass(frozen=True)
class Kind:
    """`owner`: whose work it is. `closes_itself`: gone once the data are there. `todo`: what clears it."""

    name: str
    owner: Role
    may_close: tuple[Role, ...]
    closes_itself: bool
    label: Any
    todo: Any


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "unknown_fact",
            STREET,
            (STREET, CASEWORKER),
            True,
            gettext_lazy("有一项情况没有人知道"),
            gettext_lazy("问本人或查档案，把核实到的情况记为证据"),
        ),
        Kind(
            "contradiction",
            STREET,
            (STREET, CASEWORKER),
            False,
            gettext_lazy("登记的和本人说的不一样"),
            gettext_lazy("向单位和本人核实，记录证据，写明以哪一个为准"),
        ),
        Kind(
            "recalled_parameter",
            CASEWORKER,
            (CASEWORKER, APPROVER),
            True,
            gettext_lazy("用到了尚未核对原文的标准"),
            gettext_lazy("核对文件原文，确认数值"),
        ),
        Kind(
            "law_gap",
            CASEWORKER,
            (CASEWORKER, APPROVER),
            True,
            gettext_lazy("规定没有写明，需要人来判断"),
            gettext_lazy("按文件精神认定，写明理由"),
        ),
        Kind(
            "own_staff",
            CASEWORKER,
            (APPROVER,),
            False,
            gettext_lazy("申请人是本系统工作人员"),
            gettext_lazy("由与本人无关的人员办理"),
        ),
        Kind(
            "likely_duplicate",
            STREET,
            (STREET, CASEWORKER),
            True,
            gettext_lazy("可能有两份档案是同一个人"),
            gettext_lazy("核对证件，合并或排除"),
        ),
        Kind(
            "already_held",
            CASEWORKER,
            (),
            True,
            gettext_lazy("本人已经有这一项"),
            gettext_lazy("不用再办的，写明情况后办结"),
        ),
        Kind(
            "not_together",
            CASEWORKER,
            (),
            True,
            gettext_lazy("正在享受不能同时享受的另一项"),
            gettext_lazy("请本人选定一项；放弃原来那一项的先停发，不选这一项的写明情况后办结"),
        ),
        Kind(
            "waiting_for",
            STREET,
            (),
            True,
            gettext_lazy("要等另一件申请先办好"),
            gettext_lazy("先办好那一件，这一件会自动继续"),
        ),
    )
}


END_WITH_WORDS = ("already_held", "not_together")  # the case may end without a decision
ABOUT_ITEMS = ("already_held", "not_together", "waiting_for")  # an item may have a rule of the same name


@dataclass(frozen=True)
class Found:
    """A doubt as the facts show it now."""

    kind: str
    about: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def of_finding(finding: Finding) -> list[Found]:
    """Doubts that the law's own answer shows: missing facts, unverified parameters, open clauses."""
    found = [Found("unknown_fact", name) for name in finding.ask] if finding.state.name == "UNKNOWN" else []
    found += [Found("recalled_parameter", name) for name in finding.recalled]
    found += [Found("law_gap", name) for name in finding.gaps]
    if finding.state.name == "UNKNOWN" and not found:
        found.append(Found("law_gap", finding.outcome.rule))
    return found


def sync(case: Case, found: Iterable[Found]) -> list[Doubt]:
    """Open what is new, close what is gone; returns what is open. What a person closed stays closed."""
    wanted = {(item.kind, item.about): item for item in found}
    known = list(Doubt.objects.filter(case=case))
    now = clock.now()
    for doubt in known:
        gone = (doubt.kind, doubt.about) not in wanted
        if doubt.closed_at is None and gone and doubt.closes_itself:
            doubt.closed_at, doubt.resolution = now, gettext("数据到齐，自动关闭")
            doubt.save(update_fields=["closed_at", "resolution"])
    settled = {(d.kind, d.about) for d in known if d.closed_at is None or d.closed_by_id is not None}
    fresh = [new(case, item) for key, item in wanted.items() if key not in settled]
    Doubt.objects.bulk_create(fresh, ignore_conflicts=True)
    return list(Doubt.objects.filter(case=case, closed_at__isnull=True))


def new(case: Case, item: Found) -> Doubt:
    """The doubt as it is opened now, not saved."""
    kind = KINDS[item.kind]
    return Doubt(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        kind=item.kind,
        about=item.about,
        detail=dict(item.detail),
        owner_role=kind.owner.value,
        due_on=case.promised_due or case.statutory_due or clock.today(),
        closes_itself=kind.closes_itself,
        opened_at=clock.now(),
    )


def subject(doubt: Doubt) -> str:
    """What it is about, in words: the label of a fact or parameter, the title of a rule or item."""
    from jiuye.desk import catalogue

    law = city.law()
    if doubt.about in catalogue.current().items and doubt.kind in ABOUT_ITEMS:
        return pick(catalogue.item(doubt.about).title)
    if doubt.about in law.facts:
        return pick(law.facts[doubt.about].label)
    if doubt.about in law.parameters:
        return pick(law.parameters[doubt.about].label)
    if doubt.about in law.rules:
        return pick(law.rules[doubt.about][-1].title)
    return pick(catalogue.title(doubt.about))


def sides(doubt: Doubt) -> dict[str, str]:
    """Of a contradiction: what the register says and what the person says, in words."""
    fact = city.law().facts.get(doubt.about)
    if fact is None:
        return {}
    return {
        side: words(fact, from_json(fact, doubt.detail[side]))
        for side in ("register", "person")
        if side in doubt.detail
    }
