"""Proposals: the list, a new one, one with its files, trials and signatures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.desk import city
from jiuye.drafting import actions, queries
from jiuye.drafting.models import Proposal, ProposalState, Trial, TrialKind
from jiuye.drafting.queries import Draft
from jiuye.foundation.errors import Forbidden, UserError
from jiuye.web import lists, words
from jiuye.web.access import ActingRequest
from jiuye.web.drafting import frame
from jiuye.web.drafting.frame import OFFICER, show, state_words
from jiuye.web.drafting.trying import summary


@require_safe
@OFFICER
def listed(request: ActingRequest) -> HttpResponse:
    """?rule=NAME, from the rule book: the drafts lead to the file in which it stands."""
    found = lists.turn(request, queries.proposals(request.actor))
    rule, file = _wanted(request)
    rows = [
        {
            "url": reverse("drafting:edit", args=[row.pk, file])
            if file and row.state == ProposalState.DRAFT
            else reverse("drafting:proposal", args=[row.pk]),
            "cells": [
                {"text": row.title},
                {"text": state_words(row.state)["word"], "state": state_words(row.state)["state"]},
                {"text": row.author.display_name},
                {"text": str(row.file_count), "number": True},
                {"text": words.moment(row.changed_at)},
            ],
        }
        for row in found
    ]
    columns = [
        {"label": _("标题")},
        {"label": _("状态")},
        {"label": _("起草人")},
        {"label": _("改动的文件"), "number": True},
        {"label": _("最近改动")},
    ]
    context = {
        "rows": rows,
        "columns": columns,
        "pages": lists.pages(found) if found.paginator.num_pages > 1 else None,
        "rule": words.pick(city.law().rules[rule][-1].title) if rule else "",
        "new_url": reverse("drafting:new") + (f"?{urlencode({'rule': rule})}" if rule else ""),
    }
    return show(request, "proposals.html", context)


def _wanted(request: ActingRequest) -> tuple[str, str]:
    """The rule in force that somebody came to change, and its file; "" for none."""
    rule = request.GET.get("rule", "")
    versions = city.law().rules.get(rule)
    return (rule, versions[-1].where.rpartition(":")[0]) if versions else ("", "")


@OFFICER
def new(request: ActingRequest) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in ("title", "reason")}
    fields: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            made = actions.open_proposal(request.actor, **typed)
        except UserError as error:
            fields, errors = frame.wrong(error)
        else:
            _rule, file = _wanted(request)
            return (
                redirect("drafting:edit", made.pk, file) if file else redirect("drafting:proposal", made.pk)
            )
    context = {"typed": typed, "wrong": {"title": "", "reason": ""} | fields, "errors": errors}
    return show(request, "new.html", context, "new", 422 if errors else 200)


@require_safe
@OFFICER
def proposal(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    return _show(request, queries.draft(proposal_id))


def _show(
    request: ActingRequest, found: Draft, errors: list[dict[str, str]] | None = None, reason: str = ""
) -> HttpResponse:
    row = found.proposal
    titles = frame.titles(found)
    trials, before = queries.trials(found), queries.earlier(found)
    context: dict[str, Any] = {
        "proposal": row,
        "shown": state_words(row.state),
        "author": row.author.display_name,
        "changed_at": words.moment(row.changed_at),
        "base": row.base_id[:12],
        "outdated": found.outdated and row.state != ProposalState.WITHDRAWN,
        "open": found.open,
        "changed": [
            {
                "path": path,
                "title": titles.get(path, ""),
                "url": reverse("drafting:edit", args=[row.pk, path]),
                "who": found.files[path].changed_by.display_name,
                "when": words.moment(found.files[path].changed_at),
            }
            for path in sorted(found.changed)
        ],
        "folders": _tree(found, titles),
        "trials": [_trial(row, kind, trials.get(kind), before.get(kind)) for kind in TrialKind.values],
        "tried": queries.tried(found),
        "approval": _approval(request, found),
        "errors": errors or [],
        "reason": reason,
    }
    return show(request, "proposal.html", context, status=422 if errors else 200)


def _tree(found: Draft, titles: dict[str, str]) -> list[dict[str, Any]]:
    """The files by folder."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for path in found.paths():
        folder, _slash, name = path.rpartition("/")
        folders.setdefault(folder, []).append(
            {
                "name": name,
                "title": titles.get(path, ""),
                "url": reverse("drafting:edit", args=[found.proposal.pk, path]),
                "changed": path in found.changed,
            }
        )
    order = ["rules", "parameters", "facts", "codes", ""]
    return [
        {"title": frame.folder_words(folder), "code": folder or "other", "files": folders[folder]}
        for folder in sorted(folders, key=lambda one: order.index(one) if one in order else len(order))
    ]


def _trial(row: Proposal, kind: str, now: Trial | None, before: Trial | None) -> dict[str, Any]:
    names = {TrialKind.EXAMPLES: _("跑算例"), TrialKind.CITY: _("跑全市")}
    leads = {
        TrialKind.EXAMPLES: _("用改后的文字重算全部公开算例，看哪些结果变了。"),
        TrialKind.CITY: _("用改后的文字比对全市每一个人和单位，看谁受影响。"),
    }
    return {
        "kind": kind,
        "title": names[TrialKind(kind)],
        "lead": leads[TrialKind(kind)],
        "url": reverse("drafting:trial", args=[row.pk, kind]),
        "now": summary(now) if now else None,
        "before": before is not None,
    }


def _approval(request: ActingRequest, found: Draft) -> dict[str, Any] | None:
    row = found.proposal
    if row.state not in (ProposalState.SUBMITTED, ProposalState.APPROVED) or row.prepared_by is None:
        return None
    hands = {row.author_id, row.prepared_by_id, *(one.changed_by_id for one in found.files.values())}
    return {
        "prepared_by": row.prepared_by.display_name,
        "prepared_at": words.moment(row.prepared_at),
        "approved_by": row.approved_by.display_name if row.approved_by else "",
        "approved_at": words.moment(row.approved_at),
        "own": request.actor.user_id in hands,
        "lines": [
            {"label": _("改动的文件"), "value": str(len(found.changed))},
            {"label": _("依据的规则版本"), "value": row.base_id[:12]},
        ],
    }


@require_POST
@OFFICER
def act(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """Describe, submit, sign, send back, withdraw."""
    what, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    try:
        if what == "describe":
            actions.describe_proposal(
                request.actor,
                proposal_id=proposal_id,
                title=request.POST.get("title", ""),
                reason=reason,
                edition=_number(request.POST.get("edition", "")),
            )
            messages.success(request, _("标题和理由已保存"))
        elif what == "submit":
            actions.submit_proposal(request.actor, proposal_id=proposal_id)
            messages.success(request, _("已交给另一位同事复核"))
        elif what == "approve":
            actions.approve_proposal(request.actor, proposal_id=proposal_id)
            messages.success(request, _("已同意发布。现行规则没有变，请下载补丁交给发布人员。"))
        elif what == "send_back":
            actions.send_back(request.actor, proposal_id=proposal_id, reason=reason)
            messages.success(request, _("已退回起草人"))
        elif what == "withdraw":
            actions.withdraw_proposal(request.actor, proposal_id=proposal_id)
            messages.success(request, _("已撤回，内容都还可以看"))
    except UserError as error:
        _fields, errors = frame.wrong(error)
        found = queries.draft(proposal_id)
        if what == "describe":
            found.proposal.title, found.proposal.reason = request.POST.get("title", ""), reason
        return _show(request, found, errors, reason)
    except Forbidden as error:
        messages.error(request, str(error))
    return redirect("drafting:proposal", proposal_id)


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0
