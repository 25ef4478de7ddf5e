"""My cases: the list, one case with its story, answer a question, withdraw, rate."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.desk import actions, city
from jiuye.desk.models import Case, Draft
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.rating import Score
from jiuye.desk.queries import my_case, my_cases
from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, UserError
from jiuye.web import words
from jiuye.web.errors import Blank, Wrong, typed, wrong
from jiuye.web.present import cases as present
from jiuye.web.resident.frame import person_id, resident_page, show

RATEABLE = (CaseState.GRANTED, CaseState.REFUSED, CaseState.CLOSED)


def own_case(request: HttpRequest, case_id: UUID) -> Case:
    """The person's own case; NotFound otherwise."""
    return my_case(person_id(request), case_id)


@never_cache
@require_safe
@resident_page
def cases(request: HttpRequest) -> HttpResponse:
    own, today = person_id(request), clock.today()
    mine = my_cases(own)
    draft = Draft.objects.filter(person_id=own).first()
    context = {
        "open": [present.card(case, today) for case in mine if case.ended_at is None],
        "ended": [present.card(case, today) for case in mine if case.ended_at is not None],
        "draft": draft
        and {
            "text": _("%(when)s 存下的。") % {"when": words.moment(draft.updated_at)},
            "url": reverse("resident:form", args=[draft.bundle]),
        },
        "menu_url": reverse("resident:entitlements"),
    }
    return show(request, "cases.html", context, "cases")


@never_cache
@require_safe
@resident_page
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return case_page(request, own_case(request, case_id))


def case_page(
    request: HttpRequest, row: Case, found: Wrong | None = None, kept: Blank | None = None, status: int = 200
) -> HttpResponse:
    events = list(row.events.all())
    question = next((event for event in reversed(events) if event.kind in ("asked", "returned")), None)
    decision = next(reversed(list(row.decisions.all())), None)
    rating = getattr(row, "rating", None)
    context = {
        "case": present.card(row, clock.today()),
        "events": present.story(events),
        "question": question
        and row.state == CaseState.ASKED
        and {
            "text": question.text,
            "who": present.roles().get(question.role, ""),
            "when": words.moment(question.at),
            "url": reverse("resident:answer", args=[row.pk]),
        },
        "decision": decision
        and {
            "kind": "good" if decision.kind == "grant" else "attention",
            "words": present.decided(decision),
            "url": reverse("resident:decision", args=[decision.pk]),
        },
        "receipt": reverse("document", args=[row.receipt_id]) if row.receipt_id else "",
        "letter": reverse("document", args=[row.letter_id]) if row.letter_id else "",
        "rate_url": reverse("resident:rate", args=[row.pk])
        if row.state in RATEABLE and rating is None
        else "",
        "rating": _("您的评价：%(score)s。谢谢。") % {"score": _(Score(rating.score).label)}
        if rating
        else "",
        "withdraw_url": reverse("resident:withdraw", args=[row.pk]) if row.ended_at is None else "",
        "wrong": found or wrong(),
        "typed": kept or Blank(),
    }
    return show(request, "case.html", context, "cases", status)


@require_POST
@resident_page
def answer(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = own_case(request, case_id)
    text = request.POST.get("text", "").strip()
    try:
        if not text:
            raise UserError(_("请写下您的回答"), field="text")
        actions.answer(request.actor, case_id=row.pk, text=text)  # type: ignore[attr-defined]
    except (UserError, Conflict) as error:
        return case_page(request, own_case(request, case_id), wrong(error, {"text"}), typed(request), 422)
    messages.success(request, _("收到了。计时继续，我们接着办。"))
    return redirect("resident:case", case_id)


@require_POST
@resident_page
def withdraw(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = own_case(request, case_id)
    actions.withdraw_case(request.actor, case_id=row.pk)  # type: ignore[attr-defined]
    messages.success(request, _("已经撤回。以后需要，随时可以再申请。"))
    return redirect("resident:case", case_id)


@never_cache
@resident_page
def rate(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = own_case(request, case_id)
    if row.state not in RATEABLE:
        raise Http404
    found, kept = wrong(), Blank()
    if request.method == "POST":
        kept = typed(request)
        try:
            score = kept["score"]
            if score not in {str(value) for value in Score.values}:
                raise UserError(_("请选一个"), field="score")
            actions.rate_case(
                request.actor,  # type: ignore[attr-defined]
                case_id=row.pk,
                score=int(score),
                comment=kept["comment"].strip(),
            )
        except (UserError, Conflict) as error:
            found = wrong(error, {"score", "comment"})
        else:
            messages.success(request, _("收到您的评价，谢谢。"))
            return redirect("resident:case", case_id)
    elif getattr(row, "rating", None) is not None:
        return redirect("resident:case", case_id)
    context = {
        "lead": _("%(item)s，编号 %(number)s") % {"item": present.title(row.item), "number": row.number},
        "back": reverse("resident:case", args=[row.pk]),
        "promise": _("不满意的，%(days)s 个工作日内有人来处理并答复您。")
        % {"days": city.whole("rating_answer_working_days", clock.today())},
        "wrong": found,
        "typed": kept,
    }
    return show(request, "rate.html", context, "cases", 422 if found else 200)
