"""What people are told when the service comes to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiuye.desk import menu_data
from jiuye.desk.models import Outreach
from jiuye.desk.models.outreach import OutreachKind, OutreachWay
from jiuye.desk.values import day, pick
from jiuye.foundation import clock
from jiuye.foundation.models import Grant, Message
from jiuye.foundation.roles import Role

CHINESE = "zh-hans"


def title(benefit: str) -> Mapping[str, str]:
    """Words of a benefit; its code where the menu no longer has it."""
    entry = next((one for one in menu_data.current().entries if one.code == benefit), None)
    return entry.title if entry else {"zh": benefit, "en": benefit}


def plain(benefit: str) -> Mapping[str, str]:
    entry = next((one for one in menu_data.current().entries if one.code == benefit), None)
    return entry.plain if entry else {"zh": "", "en": ""}


def send(rows: list[Outreach]) -> None:
    """A message for each row that is told by one, in the reader's language. As the system, two statements.

    An employer's goes to all who may act for it.
    """
    mine = [row for row in rows if row.way in (OutreachWay.MESSAGE, OutreachWay.PREPARED)]
    if not mine:
        return
    languages = _languages(mine)
    now = clock.now()
    messages = []
    for row in mine:
        with translation.override(languages.get(row.person_id or row.employer_id, CHINESE)):
            heading, body = _words(row)
        messages.append(
            Message(
                person_id=row.person_id,
                employer_id=row.employer_id,
                unit_code=row.unit_code,
                kind=f"outreach_{row.kind}",
                title=heading[:200],
                body=body,
                link=link(row),
                created_at=now,
            )
        )
    Message.objects.bulk_create(messages)


def link(row: Outreach) -> str:
    """Its page in the portal of whom it is about."""
    return f"/employer/offers/{row.pk}/" if row.employer_id else f"/resident/offers/{row.pk}/"


def _languages(rows: Iterable[Outreach]) -> dict[UUID | None, str]:
    """Person or employer -> language. Where several act for an employer and differ: Chinese."""
    people = [row.person_id for row in rows if row.person_id]
    employers = [row.employer_id for row in rows if row.employer_id]
    found: dict[UUID | None, str] = {}
    if people:
        mine = Grant.objects.filter(person_id__in=people, role=Role.RESIDENT.value)
        found.update(mine.values_list("person_id", "user__language"))
    if employers:
        theirs = Grant.objects.filter(employer_id__in=employers, role=Role.EMPLOYER_AGENT.value)
        for employer, language in theirs.active(clock.today()).values_list("employer_id", "user__language"):
            found[employer] = CHINESE if found.get(employer, language) != language else language
    return found


def _words(row: Outreach) -> tuple[str, str]:
    name = {"benefit": pick(title(row.benefit))}
    if row.kind == OutreachKind.ENDING:
        return _ending(row, name)
    parts = [pick(plain(row.benefit))]
    if row.outcome.get("workers"):
        n = int(row.outcome["workers"])
        parts.append(
            ngettext("在职的有 %(n)s 人可能符合，按每人算。", "在职的有 %(n)s 人可能符合，按每人算。", n)
            % {"n": n}
        )
    if row.amount_cents is not None:
        parts.append(amount(row))
    parts += beside(row)
    if row.way == OutreachWay.PREPARED:
        heading = (
            _("已为贵单位备好：%(benefit)s") if row.employer_id else _("已为您备好：%(benefit)s")
        ) % name
        parts.append(_("要用的情况登记里都有，不用填表：看过以后点一下“同意”就办。"))
    else:
        heading = (
            _("贵单位可能可以享受：%(benefit)s") if row.employer_id else _("您可能可以享受：%(benefit)s")
        ) % name
        if row.supposes:
            n = len(row.supposes)
            parts.append(
                ngettext(
                    "还有 %(n)s 个情况只有您自己知道，要您说一声。",
                    "还有 %(n)s 个情况只有您自己知道，要您说一声。",
                    n,
                )
                % {"n": n}
            )
    parts.append(
        _("不想收到这类提醒，可以在“提醒”页里关掉。")
        if row.employer_id
        else _("不想收到这类提醒，可以在“设置”里关掉。")
    )
    return heading, "".join(parts)


def beside(row: Outreach) -> list[str]:
    """What can't be had together with it, and why this one comes first."""
    others = row.choice.get("others") or []
    if not others:
        return []
    names = _("、").join(pick(title(one["benefit"])) for one in others)
    said = [_("和%(others)s只能享受一项。") % {"others": names}]
    worth = [one["cents"] for one in others]
    if row.choice["cents"] is None or None in worth:
        said.append(_("钱多钱少现在还不能都算出来，办以前比一比。"))
    elif (more := row.choice["cents"] - max(worth)) > 0:
        money = f"{more / 100:,.2f}"
        said.append(_("一年里这一项多 %(money)s 元，所以先告诉您这一项。") % {"money": money})
    if words := pick(row.choice.get("prefer") or {"zh": "", "en": ""}):
        said.append(_("怎么选：%(words)s。") % {"words": words})
    return said


def _ending(row: Outreach, name: Mapping[str, str]) -> tuple[str, str]:
    when = day(row.period if isinstance(row.period, date) else date.fromisoformat(str(row.period)))
    if row.outcome.get("ends") == "law":
        heading = _("这项政策快到期了：%(benefit)s") % name
        return heading, _("现行规定执行到 %(day)s，目前没有后续规定。符合的请在这以前办。") % {"day": when}
    return _("快到期了：%(benefit)s") % name, _("到 %(day)s 为止。到期以后怎么办，点开看一看。") % {
        "day": when
    }


def amount(row: Outreach) -> str:
    """What it brings, in one sentence."""
    if row.amount_cents is None:
        return ""
    money = {"money": f"{row.amount_cents / 100:,.2f}"}
    pattern = {
        "month": _("每月 %(money)s 元。"),
        "year": _("每年 %(money)s 元。"),
        "once": _("一次 %(money)s 元。"),
    }.get(row.per, _("合计 %(money)s 元。"))
    return pattern % money
