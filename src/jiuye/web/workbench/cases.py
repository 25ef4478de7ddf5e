"""One case on one screen: the queue at the left, the file in the middle, what can be done at the right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.desk import actions, inputs, queries
from jiuye.desk.queries import CaseFile
from jiuye.desk.values import to_json
from jiuye.foundation import readlog
from jiuye.foundation.errors import Conflict, Forbidden, UserError, UserErrors
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.errors import Blank, Wrong, typed, wrong
from jiuye.web.present import law
from jiuye.web.workbench import sheet
from jiuye.web.workbench.frame import case_page, day_of, show
from jiuye.web.workbench.queue import beside, chosen


@case_page
def case(request: ActingRequest, case_id: UUID) -> HttpResponse:
    return file_page(request, queries.case_file(request.actor, case_id))


def file_page(
    request: ActingRequest,
    file: CaseFile,
    found: Wrong | None = None,
    kept: Blank | None = None,
    full: str = "",
) -> HttpResponse:
    name, _sort = chosen(request, request.actor)
    context = {
        **sheet.context(request, file, found or wrong(), kept or Blank()),
        "full": full,
        "queue_rows": beside(request.actor, name, file.case.pk),
        "queue_columns": [{"label": _("当事人")}, {"label": _("期限")}],
    }
    return show(request, "case.html", context, "queue", 422 if found else 200)


@require_POST
@case_page
def act(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """One step of the work; what is wrong stands at its field, and what was typed stays."""
    step = STEPS.get(request.POST.get("act", ""))
    if step is None:
        return redirect("workbench:case", case_id)
    try:
        said = step(request, case_id)
    except (UserError, Conflict) as error:
        form = request.POST.get("doubt") or request.POST["act"]
        return file_page(
            request, queries.case_file(request.actor, case_id), sheet.placed(error, form), typed(request)
        )
    except Forbidden as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("workbench:case", case_id)


@require_POST
@case_page
def unmask(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """Show the whole number once; that it was seen, and why, is recorded for the person."""
    file = queries.case_file(request.actor, case_id)
    reason = sheet.whys().get(request.POST.get("why", ""), "")
    try:
        readlog.unmask(request.actor, file.person.pk, "document_number", reason)
    except UserError as error:
        return file_page(request, file, wrong(error))
    return file_page(request, file, full=str(file.person.document_number))


def _take(request: ActingRequest, case_id: UUID) -> str:
    actions.take_case(request.actor, case_id=case_id)
    return _("现在由您办。")


def _ask(request: ActingRequest, case_id: UUID) -> str:
    actions.ask_person(request.actor, case_id=case_id, text=request.POST.get("text", ""))
    return _("问题发给本人了。本人答复以前，时限停下来不算。")


def _evidence(request: ActingRequest, case_id: UUID) -> str:
    upload = request.FILES.get("file")
    file = (upload.name or "file", upload.content_type or "", upload.read()) if upload else None
    known = law.law().facts
    facts, problems = {}, []
    for field, raw in request.POST.items():
        name = field.removeprefix("fact-")
        if field == name or name not in known or not raw:
            continue
        try:
            facts[name] = to_json(inputs.parse(known[name], request.POST.getlist(field), field))
        except UserError as error:
            problems.append(error)
    if problems:
        raise UserErrors(problems)
    actions.record_evidence(
        request.actor,
        case_id=case_id,
        kind=request.POST.get("kind", ""),
        note=request.POST.get("note", ""),
        facts=facts,
        file=file,
    )
    return _("证据记下了。")


def _close_doubt(request: ActingRequest, case_id: UUID) -> str:
    doubt = request.POST.get("doubt", "")
    actions.close_doubt(request.actor, doubt_id=UUID(doubt), resolution=request.POST.get("resolution", ""))
    return _("这处疑点查清了。")


def _hand_over(request: ActingRequest, case_id: UUID) -> str:
    actions.hand_to_district(request.actor, case_id=case_id, note=request.POST.get("note", ""))
    return _("交给区里了。")


def _prepare(request: ActingRequest, case_id: UUID) -> str:
    actions.prepare_decision(
        request.actor,
        case_id=case_id,
        kind="grant" if request.POST["act"] == "grant" else "refusal",
        reason=request.POST.get("reason", ""),
    )
    return _("拟好了，等另一位同事签字。")


def _close(request: ActingRequest, case_id: UUID) -> str:
    actions.close_case(request.actor, case_id=case_id, words=request.POST.get("words", ""))
    return _("办结了，结论已经告诉本人。")


def _give_back(request: ActingRequest, case_id: UUID) -> str:
    actions.give_back(request.actor, case_id=case_id)
    return _("退回了，谁要下一件就给谁。")


def _park(request: ActingRequest, case_id: UUID) -> str:
    until = day_of(request, "until")
    case = actions.park_case(
        request.actor, case_id=case_id, until=until, reason=request.POST.get("reason", "")
    )
    return _("放到%(day)s，那一天它自己回来。") % {"day": words.day(case.parked_until)}


def _unpark(request: ActingRequest, case_id: UUID) -> str:
    actions.unpark_case(request.actor, case_id=case_id)
    return _("接着办。")


def _correct(request: ActingRequest, case_id: UUID) -> str:
    actions.return_for_correction(
        request.actor,
        case_id=case_id,
        materials=request.POST.getlist("materials"),
        words=request.POST.get("words", ""),
    )
    return _("告知本人了。补齐以前，时限停下来不算。")


def _suspend(request: ActingRequest, case_id: UUID) -> str:
    actions.suspend_case(
        request.actor,
        case_id=case_id,
        ground=request.POST.get("ground", ""),
        words=request.POST.get("words", ""),
        expected_on=day_of(request, "expected_on"),
    )
    return _("中止了，已告诉本人。")


def _resume(request: ActingRequest, case_id: UUID) -> str:
    actions.resume_case(request.actor, case_id=case_id, words=request.POST.get("words", ""))
    return _("恢复了，时限接着算。")


def _extend(request: ActingRequest, case_id: UUID) -> str:
    days = request.POST.get("days", "").strip()
    extension = actions.extend_case(
        request.actor,
        case_id=case_id,
        ground=request.POST.get("ground", ""),
        days=int(days) if days.isdecimal() and len(days) < 4 else 0,
        words=request.POST.get("words", ""),
    )
    return _("延长了 %(days)d 个工作日，已告诉本人。") % {"days": extension.days}


STEPS = {
    "correct": _correct,
    "suspend": _suspend,
    "resume": _resume,
    "extend": _extend,
    "give_back": _give_back,
    "park": _park,
    "unpark": _unpark,
    "take": _take,
    "ask": _ask,
    "evidence": _evidence,
    "close_doubt": _close_doubt,
    "hand_over": _hand_over,
    "grant": _prepare,
    "refuse": _prepare,
    "close": _close,
}
