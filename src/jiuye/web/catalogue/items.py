"""The list of items, one item with its versions, a version beside the one before."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.desk import actions
from jiuye.desk.models import VersionState
from jiuye.desk.queries import catalogue as queries
from jiuye.desk.queries.catalogue import Entry
from jiuye.drafting import texts
from jiuye.foundation.errors import NotFound, UserError
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.catalogue.frame import EDITOR, show, wrong
from jiuye.web.present import catalogue as present
from jiuye.web.present import guides, law_listing

Data = dict[str, Any]


def filters() -> dict[str, str]:
    return {
        "all": _("全部"),
        "overdue": _("过了复核日期"),
        "drafts": _("正在改"),
        "waiting": _("等复核"),
        "incomplete": _("要素不全"),
    }


@require_safe
@EDITOR
def listed(request: ActingRequest) -> HttpResponse:
    every = queries.entries()
    only = request.GET.get("only", "all")
    only = only if only in filters() else "all"
    rows = [_row(entry) for entry in every if _fits(entry, only)]
    context = {
        "rows": rows,
        "columns": [
            {"label": _("事项")}, {"label": _("状态")}, {"label": _("要素")}, {"label": _("责任部门")},
            {"label": _("复核日期")}, {"label": _("在办"), "number": True},
        ],
        "filters": [
            {
                "label": label,
                "url": f"?only={name}" if name != "all" else reverse("catalogue:items"),
                "current": name == only,
                "count": sum(_fits(entry, name) for entry in every),
            }
            for name, label in filters().items()
        ],
        "total": _("共 %(n)s 个") % {"n": len(rows)},
    }  # fmt: skip
    return show(request, "items.html", context)


def _fits(entry: Entry, only: str) -> bool:
    match only:
        case "overdue":
            return entry.overdue
        case "drafts":
            return entry.draft is not None
        case "waiting":
            return entry.draft is not None and entry.draft.state == VersionState.SUBMITTED
        case "incomplete":
            return _lacking(entry) > 0
    return True


def _lacking(entry: Entry) -> int:
    return sum(element["missing"] for element in present.elements(entry.item))


def _row(entry: Entry) -> Data:
    row = entry.published or entry.draft
    assert row is not None, "an entry is published or being written"
    shown = present.state(row.state, row.ends)
    writing = present.state(entry.draft.state, entry.draft.ends)["word"] if entry.draft else ""
    lacking = _lacking(entry)
    late = {"state": "attention", "text": _("过期：%(day)s") % {"day": words.day(entry.review_by)}}
    if entry.overdue and entry.review_by is None:
        late = {"state": "attention", "text": _("没有写")}
    return {
        "url": reverse("catalogue:item", args=[entry.code]),
        "cells": [
            {"text": words.pick(entry.item.title) if entry.item else entry.code, "sub": entry.code},
            {
                "text": shown["word"],
                "state": shown["state"],
                "sub": _("草稿：%(state)s") % {"state": writing} if writing and entry.published else "",
            },
            {"text": _("缺 %(n)s 项") % {"n": lacking}, "state": "attention"}
            if lacking
            else {"text": _("齐全"), "state": "good"},
            {"text": words.pick(entry.item.owner) if entry.item else ""},
            late if entry.overdue else {"text": words.day(entry.review_by)},
            {"text": str(entry.running), "number": True},
        ],
    }


@EDITOR
def new(request: ActingRequest) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in ("code", "reason")}
    fields: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            made = actions.open_item_draft(request.actor, code=typed["code"], reason=typed["reason"])
        except UserError as error:
            fields, errors = wrong(error)
        else:
            return redirect("catalogue:draft", made.pk)
    context = {"typed": typed, "wrong": {"code": "", "reason": ""} | fields, "errors": errors}
    return show(request, "new.html", context, "new", 422 if errors else 200)


@require_safe
@EDITOR
def item(request: ActingRequest, code: str) -> HttpResponse:
    return _item(request, code)


def _item(
    request: ActingRequest, code: str, error: UserError | None = None, typed: Data | None = None
) -> HttpResponse:
    entry = queries.entry(code)
    fields, errors = wrong(error) if error else ({}, [])
    running = queries.running(code).get(code, {})
    past = queries.history(code)
    context = {
        "code": code,
        "title": words.pick(entry.item.title) if entry.item else code,
        "plain": words.pick(entry.item.plain) if entry.item else "",
        "entry": entry,
        "shown": present.state(entry.published.state) if entry.published else None,
        "draft": entry.draft,
        "draft_state": present.state(entry.draft.state, entry.draft.ends) if entry.draft else None,
        "elements": present.elements(entry.item),
        "unassigned": present.unassigned(entry.item),
        "owner": words.pick(entry.item.owner) if entry.item else "",
        "review_by": words.day(entry.review_by),
        "confirmed": words.moment(entry.published.confirmed_at) if entry.published else "",
        "running": entry.running,
        "guide": reverse("guides:guide", args=[code]) if entry.published else "",
        "levels": _levels(entry),
        "versions": [
            {
                "url": reverse("catalogue:version", args=[row.pk]),
                "version": row.version,
                **present.state(row.state),
                "ends": row.ends,
                "origin": present.origin(row.origin),
                "when": words.moment(row.published_at or row.closed_at),
                "until": words.moment(row.retired_at),
                "who": _("、").join(
                    one.display_name for one in (row.prepared_by, row.approved_by) if one is not None
                ),
                "reason": row.reason,
                "running": running.get(row.version, 0) if row.version else 0,
            }
            for row in past
        ],
        "wrong": {"reason": "", "review_by": ""} | fields,
        "typed": {"reason": "", "review_by": ""} | (typed or {}),
        "errors": errors,
    }
    return show(request, "item.html", context, status=422 if errors else 200)


def _levels(entry: Entry) -> list[Data]:
    """Who may do what, as the actions take it from the entry."""
    if entry.item is None:
        return []
    from jiuye.desk import catalogue
    from jiuye.foundation.roles import describe

    named = {
        catalogue.ACCEPT: guides.steps()["accept"],
        catalogue.CHECK: guides.steps()["check"],
        catalogue.DECIDE: guides.steps()["decide"],
    }
    return [
        {
            "label": label,
            "roles": _("、").join(
                sorted(str(describe(role).name) for role in catalogue.roles_for(entry.item, act))
            ),
        }
        for act, label in named.items()
    ]


@require_POST
@EDITOR
def begin(request: ActingRequest, code: str) -> HttpResponse:
    """Another text of it: from the one in force, or from `version`; `ends`: to take it out."""
    queries.entry(code)
    try:
        old = UUID(request.POST["version"]) if request.POST.get("version") else None
    except ValueError as error:
        raise NotFound from error
    reason = request.POST.get("reason", "")
    try:
        made = actions.open_item_draft(
            request.actor, code=code, reason=reason, version_id=old, ends=request.POST.get("ends") == "1"
        )
    except UserError as error:
        return _item(request, code, error, {"reason": reason})
    return redirect("catalogue:draft", made.pk)


@require_POST
@EDITOR
def confirm(request: ActingRequest, code: str) -> HttpResponse:
    typed = request.POST.get("review_by", "")
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    try:
        actions.confirm_item(request.actor, code=code, review_by=day)
    except UserError as error:
        return _item(request, code, error, {"review_by": typed})
    messages.success(request, _("记下了：内容核对过，下次 %(day)s 前再核对。") % {"day": words.day(day)})
    return redirect("catalogue:item", code)


@require_safe
@EDITOR
def version(request: ActingRequest, version_id: UUID) -> HttpResponse:
    """One text, and what it changed."""
    row = queries.version(version_id)
    old = queries.before(row)
    hunks = texts.hunks(old.text if old else "", row.text)
    context = {
        "row": row,
        "shown": present.state(row.state, row.ends),
        "origin": present.origin(row.origin),
        "published": words.moment(row.published_at),
        "retired": words.moment(row.retired_at),
        "before": old,
        "before_url": reverse("catalogue:version", args=[old.pk]) if old else "",
        "hunks": law_listing.difference(hunks) if old else [],
        "counted": law_listing.counted(hunks),
        "lines": row.text.split("\n"),
        "running": queries.running(row.code).get(row.code, {}).get(row.version, 0) if row.version else 0,
        "restorable": row.state == VersionState.RETIRED,
        "back": reverse("catalogue:item", args=[row.code]),
    }
    return show(request, "version.html", context)
