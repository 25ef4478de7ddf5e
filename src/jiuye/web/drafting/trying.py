"""What comes of a proposal: its differences and its patch, the examples and the city run with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.desk import city
from jiuye.drafting import actions, queries, texts
from jiuye.drafting.models import Trial, TrialKind, TrialState
from jiuye.drafting.queries import Draft
from jiuye.foundation.errors import NotFound, UserError
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.drafting import frame
from jiuye.web.drafting.frame import OFFICER, show
from jiuye.web.present import law as of_law
from jiuye.web.present import law_change, law_listing

Data = dict[str, Any]
STRETCH = {"from_month", "to_month", "months", "yuan_per_month"}  # some months with the same amount


@require_safe
@OFFICER
def changes(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """Every changed line, with some around it."""
    found = queries.draft(proposal_id)
    titles = frame.titles(found)
    files = []
    for path, text in sorted(found.changed.items()):
        hunks = texts.hunks(found.base.get(path, ""), text)
        files.append(
            {
                "path": path,
                "title": titles.get(path, ""),
                "new": path not in found.base,
                "url": reverse("drafting:edit", args=[proposal_id, path]),
                "hunks": law_listing.difference(hunks),
                "counted": law_listing.counted(hunks),
            }
        )
    context = {"proposal": found.proposal, "files": files, "back": _home(found), "outdated": found.outdated}
    return show(request, "changes.html", context)


@require_safe
@OFFICER
def patch(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """The difference for `git apply`. NotFound while nothing is different."""
    found = queries.draft(proposal_id)
    text = texts.patch(city.folder().name, found.base, found.changed)
    if not text:
        raise NotFound
    name = slugify(found.proposal.title) or "proposal"
    answer = HttpResponse(text, content_type="text/x-patch; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{str(found.proposal.pk)[-8:]}.patch"'
    return answer


@never_cache
@OFFICER
def trial(request: ActingRequest, proposal_id: UUID, kind: str) -> HttpResponse:
    """POST: run it. GET: how far it is, then what came out."""
    if kind not in TrialKind.values:
        raise NotFound
    found = queries.draft(proposal_id)
    here = redirect("drafting:trial", proposal_id, kind)
    if request.method == "POST":
        try:
            actions.ask_trial(request.actor, proposal_id=proposal_id, kind=kind)
        except UserError as error:
            messages.error(request, str(error))
        return here
    now = queries.trials(found).get(kind)
    before = queries.earlier(found).get(kind)
    shown = now or before
    context: Data = {
        "proposal": found.proposal,
        "kind": kind,
        "title": _("算例") if kind == TrialKind.EXAMPLES else _("全市"),
        "back": _home(found),
        "url": here.url,
        "open": found.open,
        "trial": summary(now) if now else None,
        "stale": now is None and before is not None,
        "nothing": not found.changed,
        "examples": examples(shown.result) if shown and kind == TrialKind.EXAMPLES and shown.result else None,
        "change": law_change.present(shown.result)
        if shown and kind == TrialKind.CITY and shown.result
        else None,
    }
    return show(request, "trial.html", context)


def _home(found: Draft) -> str:
    return reverse("drafting:proposal", args=[found.proposal.pk])


def summary(row: Trial) -> Data:
    """Where a trial stands, in words."""
    states = {
        TrialState.WAITING: ("waiting", _("排队中")),
        TrialState.RUNNING: ("waiting", _("正在跑")),
        TrialState.DONE: ("good", _("跑完了")),
        TrialState.FAILED: ("stop", _("没跑成")),
    }
    state, word = states[TrialState(row.state)]
    return {
        "state": state,
        "word": word,
        "over": row.over,
        "again_now": row.over or row.lost,
        "done": row.done,
        "total": row.total,
        "step": _step(row.step),
        "asked_at": words.moment(row.asked_at),
        "finished_at": words.moment(row.finished_at),
        "again": row.attempts > 1,
        "problem": _problem(row.problem) if row.problem else "",
        "said": _said(row),
    }


def _step(step: str) -> str:
    """What it is doing; a for the law in force, b for the other text."""
    name, _space, side = step.partition(" ")
    named = {"examples": _("算例"), "columns": _("整批比对的规则"), "cases": _("逐人计算的个案")}
    sides = {"a": _("现行文字"), "b": _("改后文字")}
    return _("：").join(part for part in (sides.get(side, ""), named.get(name, "")) if part)


def _problem(kind: str) -> str:
    return {
        "time": _("用的时间太长，停下来了。请看看是不是写得太复杂。"),
        "memory": _("用的内存太多，停下来了。请看看是不是写得太复杂。"),
        "changed": _("开跑以前文字又改了，请再跑一次。"),
    }.get(kind, _("没有跑成，不是您的文字有错。请再跑一次；还不行请联系系统管理员。"))


def _said(row: Trial) -> str:
    """The result in one line."""
    if row.state != TrialState.DONE:
        return ""
    if row.kind == TrialKind.EXAMPLES:
        return _("%(total)s 个算例，%(changed)s 个结果变了；原来对 %(before)s 个，改后对 %(after)s 个") % {
            "total": row.result["total"], "changed": len(row.result["changed"]),
            "before": row.result["passed_before"], "after": row.result["passed_after"],
        }  # fmt: skip
    count = len(row.result["effects"])
    if not count:
        return _("没有人受影响")
    return _("%(n)s 条规则的结果有人不同") % {"n": count}


def examples(result: Data) -> Data:
    """Those that came out otherwise, the ones that were right before first."""
    rows = sorted(result["changed"], key=lambda one: (not one["passed_before"], one["id"]))
    return {
        "total": result["total"],
        "passed_before": result["passed_before"],
        "passed_after": result["passed_after"],
        "rows": [
            {
                "id": one["id"],
                "title": words.said(one["title"]),
                "before": _passed(one["passed_before"]),
                "after": _passed(one["passed_after"]),
                "problem": one["problem"],
                "open": not one["strict"],
                "answers": [
                    {
                        "key": of_law.label(answer["key"]),
                        "expected": _value(answer["expected"]),
                        "before": _value(answer["before"]),
                        "after": _value(answer["after"]),
                    }
                    for answer in one["answers"]
                ],
            }
            for one in rows
        ],
    }


def _passed(good: bool) -> Data:
    return {"state": "good", "word": _("对")} if good else {"state": "stop", "word": _("不对")}


def _value(value: Any) -> str:
    if value is None:
        return _("没有答案")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("；").join(_value(one) for one in value) or _("没有")
    if isinstance(value, dict) and value.keys() == STRETCH:
        return _("%(first)s 至 %(last)s：%(n)s 个月，每月 %(amount)s") % {
            "first": value["from_month"], "last": value["to_month"], "n": value["months"],
            "amount": words.yuan(str(value["yuan_per_month"])),
        }  # fmt: skip
    if isinstance(value, dict):
        return _("，").join(f"{key} {_value(one)}" for key, one in value.items())
    said = {"open": _("不能判断"), "none": _("没有"), "stop": _("没有在施行")}  # words of law_cases
    return said.get(str(value), str(value))
