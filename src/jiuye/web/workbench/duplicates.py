"""Two files that may be one person: side by side, merged or kept apart by a person; a merge can be undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.desk.models import Case
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.readlog import record_read
from jiuye.foundation.roles import Role
from jiuye.foundation.sealed import mask
from jiuye.registry import actions, documents, queries
from jiuye.registry.models import DuplicateProposal, EmploymentSpell, Merge, Person
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.errors import Wrong, typed, wrong
from jiuye.web.present import law
from jiuye.web.workbench.frame import case_page, show
from jiuye.web.workbench.sheet import place, places

MERGERS = (Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)


@case_page
def duplicates(request: ActingRequest) -> HttpResponse:
    pairs = queries.open_duplicates(request.actor)
    where = places(one.unit_code for pair in pairs for one in (pair.person, pair.other))
    rows = [
        {
            "url": reverse("workbench:duplicate", args=[pair.pk]),
            "cells": [
                {"text": pair.person.name},
                {"text": words.day(pair.person.birth_date)},
                {"text": where[pair.person.unit_code]},
                {"text": where[pair.other.unit_code]},
                {"text": words.day(pair.created_at)},
            ],
        }
        for pair in pairs
    ]
    context = {
        "heading": _("可能重复的档案"),
        "lead": _("姓名和出生日期一样的两份档案。是不是同一个人，由您来定；合并可以撤销。"),
        "rows": rows,
        "columns": [
            {"label": _("姓名")},
            {"label": _("出生日期")},
            {"label": _("一份在")},
            {"label": _("另一份在")},
            {"label": _("发现")},
        ],
        "empty": _("没有可能重复的档案"),
    }
    return show(request, "list.html", context, "duplicates")


@case_page
def duplicate(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    pair = DuplicateProposal.objects.select_related("person", "other").filter(pk=proposal_id).first()
    if pair is None:
        raise NotFound
    found = Wrong()
    if request.method == "POST":
        try:
            return _decide(request, pair)
        except (UserError, Conflict) as error:
            found = wrong(error, {"reason"})
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("workbench:duplicate", proposal_id)
    for one in (pair.person, pair.other):
        record_read(request.actor, one.pk, "person", unit_code=one.unit_code)
    context = {
        "pair": pair,
        "rows": _compare(pair.person, pair.other),
        "open": pair.state == "open",
        "may_merge": request.actor.role in MERGERS,
        "merges": _merges(pair.person.pk) + _merges(pair.other.pk),
        "wrong": found,
        "typed": typed(request),
    }
    return show(request, "duplicate.html", context, "duplicates", 422 if found else 200)


def _decide(request: ActingRequest, pair: DuplicateProposal) -> HttpResponse:
    reason = request.POST.get("reason", "")
    if request.POST.get("action") == "merge":
        actions.merge_people(request.actor, kept_id=pair.person_id, absorbed_id=pair.other_id, reason=reason)
        messages.success(request, _("合并好了。办件、就业、缴费和待遇都归到一份档案；弄错了可以撤销。"))
        return redirect("workbench:duplicate", pair.pk)
    actions.dismiss_duplicate(request.actor, proposal_id=pair.pk, reason=reason)
    messages.success(request, _("记下了：这是两个人，以后不再提示。"))
    return redirect("workbench:duplicates")


@require_POST
@case_page
def undo(request: ActingRequest, merge_id: UUID) -> HttpResponse:
    merge = Merge.objects.filter(pk=merge_id).first()
    if merge is None:
        raise NotFound
    pair = DuplicateProposal.objects.filter(person_id=merge.kept_id, other_id=merge.absorbed_id).first()
    back = redirect("workbench:duplicate", pair.pk) if pair else redirect("workbench:person", merge.kept_id)
    try:
        actions.undo_merge(request.actor, merge_id=merge_id, reason=request.POST.get("reason", ""))
        messages.success(request, _("合并撤销了，两份档案恢复原样。"))
    except (UserError, Conflict, Forbidden) as error:
        messages.error(request, str(error))
    return back


def _compare(one: Person, other: Person) -> list[dict[str, Any]]:
    """What both files say, differences marked."""
    pairs = [
        (_("姓名"), one.name, other.name),
        (_("证件类型"), *(law.code("id_type", person.document_type) for person in (one, other))),
        (_("证件号码"), *(documents.masked(person) for person in (one, other))),
        (_("出生日期"), *(words.day(person.birth_date) for person in (one, other))),
        (_("住在"), *(place(person.unit_code) for person in (one, other))),
        (_("手机"), *(mask("phone", person.phone) or "–" for person in (one, other))),
        (_("就业"), *(_employers(person) for person in (one, other))),
        (_("办件"), *(str(Case.objects.filter(person=person).count()) for person in (one, other))),
    ]
    return [
        {"label": label, "left": left, "right": right, "differs": left != right}
        for label, left, right in pairs
    ]


def _employers(person: Person) -> str:
    spells = EmploymentSpell.objects.filter(person=person).select_related("employer").order_by("-start")[:3]
    return _("；").join(f"{words.day(spell.start)} {spell.employer.name}" for spell in spells) or "–"


def _merges(person_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("workbench:undo_merge", args=[merge.pk]),
            "when": words.moment(merge.merged_at),
            "reason": merge.reason,
        }
        for merge in queries.merges_of(person_id)
    ]
