"""A draft of an item: its text with mistakes at the line, what is missing, what publishing would change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jiuye.desk import actions
from jiuye.desk.actions.cataloguing import Overtaken, problems_of
from jiuye.desk.models import ItemVersion, VersionState
from jiuye.desk.models.catalogue import OPEN
from jiuye.desk.queries import catalogue as queries
from jiuye.drafting import texts
from jiuye.foundation.errors import Conflict, Forbidden, UserError
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.catalogue.frame import EDITOR, show, wrong
from jiuye.web.present import catalogue as present
from jiuye.web.present import law_listing

Data = dict[str, Any]


@never_cache
@EDITOR
def draft(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """GET: the text as it stands, checked. POST `do`: check (keeps nothing) or save."""
    row = queries.version(draft_id)
    if request.method != "POST":
        return _show(request, row)
    typed, opened = texts.plain(request.POST.get("text", "")), _number(request.POST.get("edition", ""))
    if request.POST.get("do") == "check":
        return _show(request, row, typed, opened, unsaved=typed != row.text)
    try:
        actions.save_item_draft(request.actor, draft_id=draft_id, text=typed, edition=opened)
    except Overtaken as stopped:
        return _show(request, stopped.row, typed, stopped.row.edition, theirs=stopped.row.text, status=409)
    except Conflict as stopped:  # no draft any more
        errors = [{"id": "", "text": str(stopped)}]
        return _show(request, row, typed, opened, errors=errors, unsaved=True, status=409)
    except UserError as error:
        return _show(request, row, typed, opened, errors=wrong(error)[1], unsaved=True, status=422)
    messages.success(request, _("已保存"))
    return redirect("catalogue:draft", draft_id)


@require_POST
@EDITOR
def check(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """The part of the page that says what is wrong, for the text as it is being typed; keeps nothing."""
    row = queries.version(draft_id)
    row.text = texts.plain(request.POST.get("text", ""))
    return render(request, "catalogue/_checked.html", present.checked(row.text, *problems_of(row)))


@require_POST
@EDITOR
def act(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Submit, sign, send back, withdraw."""
    what, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    row = queries.version(draft_id)
    try:
        if what == "submit":
            actions.submit_item_draft(request.actor, draft_id=draft_id)
            messages.success(request, _("已交给另一位同事复核"))
        elif what == "approve":
            actions.publish_item(request.actor, draft_id=draft_id)
            messages.success(
                request,
                _("已停用。在办的申请照原来的办完。") if row.ends else _("已发布，现在起用新的文字。"),
            )
            return redirect("catalogue:item", row.code)
        elif what == "send_back":
            actions.send_back_item_draft(request.actor, draft_id=draft_id, reason=reason)
            messages.success(request, _("已退回起草人"))
        elif what == "withdraw":
            actions.withdraw_item_draft(request.actor, draft_id=draft_id)
            messages.success(request, _("已撤回，内容都还可以看"))
            return redirect("catalogue:item", row.code)
    except UserError as error:
        return _show(request, queries.version(draft_id), errors=wrong(error)[1], status=422)
    except Forbidden as error:
        messages.error(request, str(error))
    return redirect("catalogue:draft", draft_id)


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0


def _show(
    request: ActingRequest,
    row: ItemVersion,
    typed: str | None = None,
    edition: int = 0,
    *,
    unsaved: bool = False,
    errors: list[dict[str, str]] | None = None,
    theirs: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """`theirs`: what somebody saved meanwhile; nothing was overwritten."""
    open_ = row.state == VersionState.DRAFT
    text = row.text if typed is None else typed
    old = queries.before(row)
    hunks = texts.hunks(old.text if old else "", row.text) if not row.ends else []
    stored = row.text
    row.text = text
    item, problems = problems_of(row)
    row.text = stored
    context = {
        "row": row,
        "title": words.pick(item.title) if item else row.code,
        "shown": present.state(row.state, row.ends),
        "open": open_,
        "closed": row.state not in OPEN,
        "text": text,
        "edition": edition or row.edition,
        "unsaved": unsaved,
        "author": row.author.display_name if row.author else present.origin("shipped"),
        "changed_at": words.moment(row.changed_at),
        "check_url": reverse("catalogue:check", args=[row.pk]),
        "act_url": reverse("catalogue:act", args=[row.pk]),
        "back": reverse("catalogue:item", args=[row.code]) if old else reverse("catalogue:items"),
        "hunks": law_listing.difference(hunks),
        "counted": law_listing.counted(hunks) if old else "",
        "conflict": _conflict(theirs, text) if theirs is not None else None,
        "impact": _impact(row),
        "approval": _approval(request, row, old),
        "errors": errors or [],
        **(present.checked(text, item, problems) if not row.ends else {"problems": [], "lacking": 0}),
    }
    return show(request, "draft.html", context, status=status)


def _conflict(theirs: str, mine: str) -> Data:
    hunks = texts.hunks(theirs, mine)
    return {"hunks": law_listing.difference(hunks), "counted": law_listing.counted(hunks)}


def _impact(row: ItemVersion) -> Data:
    """How many running cases go on under the text they were opened with."""
    by_version = queries.running(row.code).get(row.code, {})
    return {"running": sum(by_version.values()), "versions": len(by_version)}


def _approval(request: ActingRequest, row: ItemVersion, old: ItemVersion | None) -> Data | None:
    if row.state != VersionState.SUBMITTED or row.prepared_by is None:
        return None
    hunks = texts.hunks(old.text if old else "", row.text)
    impact = _impact(row)
    lines = [{"label": _("理由"), "value": row.reason}]
    if not row.ends:
        lines.append({"label": _("改动"), "value": law_listing.counted(hunks) if old else _("新事项")})
    lines.append({"label": _("在办的申请，照原来的办完"), "value": str(impact["running"])})
    return {
        "prepared_by": row.prepared_by.display_name,
        "prepared_at": words.moment(row.prepared_at),
        "own": not queries.may_publish(request.actor, row),
        "lines": lines,
        "action": _("同意停用") if row.ends else _("同意发布"),
    }
