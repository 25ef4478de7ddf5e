"""Policy finds people, in words: an offer, its reasons, how it ended."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, menu_data
from jiuye.desk.models import Outreach
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.desk.outreach import words as said
from jiuye.web import words
from jiuye.web.present import law
from jiuye.web.present.entitlements import sources

Data = dict[str, Any]
MOST = 3  # offers on the home page


def title(row: Outreach) -> str:
    return words.pick(said.title(row.benefit))


def about(row: Outreach) -> str:
    """The person or the employer."""
    subject = row.person or row.employer
    return subject.name if subject else ""


def prepared(row: Outreach) -> list[Data]:
    """The facts an application would be made with, each with its source."""
    said_by = sources(row.facts)
    return [
        {"label": law.label(name), "value": law.text(name, entry["value"]), "source": said_by.get(name, "")}
        for name, entry in row.facts.items()
    ]


def kind_words() -> dict[str, str]:
    return {
        OutreachKind.NEW: _("新符合"),
        OutreachKind.ENDING: _("快到期"),
        OutreachKind.UNCLAIMED: _("一直没有办"),
    }


def way_words() -> dict[str, str]:
    return {
        OutreachWay.MESSAGE: _("发了消息"),
        OutreachWay.TASK: _("请街镇联系"),
        OutreachWay.PREPARED: _("备好了，等本人同意"),
        OutreachWay.DIRECT: _("直接办理"),
    }


def end_words() -> dict[str, str]:
    return {
        OutreachEnd.CLAIMED: _("办了"),
        OutreachEnd.LAPSED: _("情况变了，不再符合"),
        OutreachEnd.INSTEAD: _("选了只能享受其一的另一项"),
        OutreachEnd.DECLINED: _("本人不要"),
        OutreachEnd.FOLLOWED: _("已请街镇联系"),
        OutreachEnd.PASSED: _("已过期"),
        "": _("还没有办"),
    }


def state(row: Outreach) -> tuple[str, str]:
    """(kind of c-status, words)."""
    kind = {OutreachEnd.CLAIMED: "good", "": "waiting"}.get(row.end, "neutral")
    return kind, end_words()[row.end]


def reasons(row: Outreach) -> list[Data]:
    """Why, as it was when it was found."""
    return (
        law.reasons(law.without_others(row.outcome), sources(row.facts))
        if row.outcome.get("conditions")
        else []
    )


def form_url(row: Outreach) -> str:
    """Where the person applies; the menu for what can't be applied for here."""
    entry = next((one for one in menu_data.current().entries if one.code == row.benefit), None)
    bundle = catalogue.bundle_of(entry.item) if entry and entry.item else None
    return reverse("resident:form", args=[bundle.code]) if bundle else reverse("resident:entitlements")


def claim_url(row: Outreach) -> str:
    """Where an employer applies for it; "" for what can't be applied for here."""
    entry = next((one for one in menu_data.current().entries if one.code == row.benefit), None)
    item = catalogue.find(entry.item) if entry else None
    return reverse("employer:claim_new", args=[item.code]) if item else ""


def todos(rows: list[Outreach]) -> list[Data]:
    """Of one's open offers what the home page doesn't show otherwise: prepared, or without a form here."""
    items = {entry.code for entry in menu_data.current().entries if entry.item}
    shown = [row for row in rows if row.way == OutreachWay.PREPARED or row.benefit not in items]
    return [todo(row) for row in shown[:MOST]]


def todo(row: Outreach) -> Data:
    """A card of the home page."""
    prepared = row.way == OutreachWay.PREPARED
    return {
        "kind": "good" if prepared else "attention",
        "title": _("已为您备好：%(benefit)s") % {"benefit": title(row)}
        if prepared
        else _("您可能可以享受：%(benefit)s") % {"benefit": title(row)},
        "text": said.amount(row) or words.pick(said.plain(row.benefit)),
        "url": reverse("resident:offer", args=[row.pk]),
        "action": _("看一看，点一下就办") if prepared else _("看看为什么"),
    }
