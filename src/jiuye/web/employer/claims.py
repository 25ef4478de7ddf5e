"""An employer applies, for itself or for one of its people, and sees what becomes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.desk import actions, employers
from jiuye.desk.catalogue import Item
from jiuye.desk.models import EmployerCase, EmployerMonth
from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, UserError
from jiuye.foundation.ids import new_id
from jiuye.registry.models import EmploymentSpell
from jiuye.web import words
from jiuye.web.employer.frame import employer_id, employer_page, show
from jiuye.web.errors import typed, wrong
from jiuye.web.present import employer_cases as present
from jiuye.web.present import law, rules

Data = dict[str, Any]
MOST = 500  # people in the list to choose from; with more one is found by name
FEW = 8  # so many people are shown one below the other, more as a list to choose from
LISTED = 50


@never_cache
@require_safe
@employer_page
def claims(request: HttpRequest) -> HttpResponse:
    rows = EmployerCase.objects.filter(employer_id=employer_id(request)).order_by("-submitted_at")[:LISTED]
    return show(request, "claims.html", {"cases": [present.line(row) for row in rows]}, "claims")


@never_cache
@employer_page
def claim_new(request: HttpRequest, item: str) -> HttpResponse:
    try:
        entry = employers.item(item)
    except LookupError as error:
        raise Http404 from error
    found, kept = wrong(), typed(request)
    worker = employers.about_worker(entry)
    asked = employers.ask(entry, employer_id(request), None, clock.today()) if not worker else None
    questions = employers.questions(asked) if asked else []
    if request.method == "POST":
        try:
            case = actions.submit_employer_case(
                request.actor,  # type: ignore[attr-defined]
                item=entry.code,
                answers={fact.name: request.POST.getlist(fact.name) or "" for fact in questions},
                request_key=key_of(kept["request_key"]),
                spell_id=as_uuid(kept["spell"]),
            )
        except (UserError, Conflict) as error:
            found = wrong(error, {"spell", *(fact.name for fact in questions)})
        else:
            return redirect("employer:claim", case.pk)
    listed = people(employer_id(request), request.GET.get("q", "")) if worker else []
    context = {
        "title": words.pick(entry.title),
        "lead": words.pick(entry.plain),
        "about_worker": worker,
        "people": listed,
        "choose": "radio" if len(listed) <= FEW else "select",
        "find": len(listed) > FEW or bool(request.GET.get("q")),
        "q": request.GET.get("q", "").strip(),
        "spell": kept["spell"],
        "questions": present.fields(questions, kept, found),
        "known": present.known(asked) if asked else [],
        "reasons": law.reasons(asked.finding.outcome.to_json(), {}) if asked else [],
        "rule": rules.of_rule(entry.rule, clock.today()) if entry.rule else None,
        "effect": effect(entry),
        "request_key": kept["request_key"] or new_id(),
        "wrong": found,
    }
    return show(request, "claim_new.html", context, "entitlements", 422 if found else 200)


def people(own: UUID, text: str) -> list[Data]:
    rows = EmploymentSpell.objects.filter(employer_id=own, end__isnull=True)
    if text.strip():
        rows = rows.filter(reported_name__startswith=text.strip())
    listed = list(rows.order_by("-start", "reported_name")[:MOST])
    told = _("%(name)s（证件尾号 %(tail)s，%(day)s起在职）")
    found = [
        {
            "value": str(row.pk),
            "label": told
            % {"name": row.reported_name, "tail": row.document_tail, "day": words.day(row.start)},
        }
        for row in listed
    ]
    return found if len(found) <= FEW else [{"value": "", "label": _("请选择")}, *found]


def effect(entry: Item) -> str:
    """What happens on the one click, in one sentence."""
    return _("点“提交”以后：区里在 %(day)s 以前核实、由两名工作人员决定，结果在这里和消息里告诉您。") % {
        "day": words.day(present.due(entry))
    }


@never_cache
@require_safe
@employer_page
def claim(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = EmployerCase.objects.filter(pk=case_id, employer_id=employer_id(request)).first()
    if row is None:
        raise Http404
    months = list(EmployerMonth.objects.filter(case=row).order_by("month"))
    context = {
        **present.line(row),
        "rows": present.told(row),
        "months": present.months(months),
        "total": words.money(sum(month.amount_cents for month in months)) if months else "",
        "letter": reverse("document", args=[row.letter_id]) if row.letter_id else "",
        "words": row.words,
        "can_withdraw": row.ended_at is None,
        "withdraw_url": reverse("employer:claim_withdraw", args=[row.pk]),
    }
    return show(request, "claim.html", context, "claims")


@require_POST
@employer_page
def withdraw(request: HttpRequest, case_id: UUID) -> HttpResponse:
    try:
        actions.withdraw_employer_case(request.actor, case_id=case_id)  # type: ignore[attr-defined]
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("撤回了，这件申请不再办理。"))
    return redirect("employer:claim", case_id)


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def key_of(text: str) -> UUID:
    """The key the form was made with; a form without one is a request of its own."""
    return as_uuid(text) or new_id()
