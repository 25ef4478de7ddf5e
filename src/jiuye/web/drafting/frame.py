"""What the pages of the sandbox share: who may enter, the menu, words of states."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiuye.desk.replay import archived
from jiuye.drafting.models import ProposalState
from jiuye.drafting.queries import Draft
from jiuye.foundation import scope
from jiuye.foundation.errors import UserError, UserErrors
from jiuye.foundation.roles import Role
from jiuye.web import words
from jiuye.web.access import page
from jiuye.web.menu import menu

OFFICER = page(Role.LEGAL_OFFICER)


def show(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    current: str = "proposals",
    status: int = 200,
) -> HttpResponse:
    entries = (("proposals", _("修订稿")), ("new", _("新的修订稿")))
    nav = menu("drafting", ((name, label, 0) for name, label in entries), current)
    return render(request, f"drafting/{template}", {"nav": nav, **context}, status=status)


def state_words(state: str) -> dict[str, str]:
    named = {
        ProposalState.DRAFT: ("neutral", _("起草中")),
        ProposalState.SUBMITTED: ("waiting", _("等复核")),
        ProposalState.APPROVED: ("good", _("可以发布")),
        ProposalState.WITHDRAWN: ("stop", _("已撤回")),
    }
    return dict(zip(("state", "word"), named[ProposalState(state)], strict=True))


def wrong(error: UserError) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Errors by field, and as c-error-summary takes them."""
    every = error.errors if isinstance(error, UserErrors) else [error]
    fields = {one.field: str(one) for one in every if one.field}
    return fields, [{"id": f"f-{one.field}" if one.field else "", "text": str(one)} for one in every]


def titles(found: Draft) -> dict[str, str]:
    """What each file of the base is about: its first rule, or its first line."""
    out: dict[str, str] = {}
    with scope.elevated("the base of a proposal is read"):
        law = archived(found.proposal.base_id).law
    for name, versions in law.rules.items():
        file = versions[-1].where.rpartition(":")[0]
        if not versions[-1].stop_of:
            out.setdefault(file, words.pick(versions[-1].title) or name)
    for path, text in found.base.items():
        if path not in out and text.startswith("#"):
            both = text[1 : text.index("\n")].strip().rstrip(".").partition(" / ")
            out[path] = words.said(both[0]) if words.chinese() or not both[2] else both[2]
    return out


def folder_words(folder: str) -> str:
    named = {
        "rules": _("规则"),
        "parameters": _("参数"),
        "facts": _("信息项"),
        "codes": _("代码表"),
        "": _("其他"),
    }
    return named.get(folder, folder)
