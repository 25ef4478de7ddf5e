"""Who works here (no more than the employer itself reported), a hire, an end."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, UserError, UserErrors
from jiuye.registry import actions
from jiuye.registry.models import EmploymentSpell
from jiuye.web import demo, words
from jiuye.web.employer.frame import employer_id, employer_page, show
from jiuye.web.errors import Blank, typed, wrong
from jiuye.web.lists import pages, turn
from jiuye.web.present import law

Data = dict[str, Any]
PAGE = 50
HIRE = ("name", "document_type", "document_number", "start", "contract_type", "contract_until", "occupation")


@never_cache
@require_safe
@employer_page
def staff(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    rows = EmploymentSpell.objects.filter(employer_id=employer_id(request), end__isnull=True)
    if text:
        rows = rows.filter(reported_name__startswith=text)
    found = turn(request, Paginator(rows.order_by("reported_name", "start"), PAGE))
    people = [
        {
            "name": row.reported_name,
            "tail": row.document_tail,
            "start": words.day(row.start),
            "contract": law.code("contract_type", row.contract_type),
            "until": words.day(row.contract_until),
            "end_url": reverse("employer:end", args=[row.pk]),
        }
        for row in found
    ]
    context = {"people": people, "q": text, "total": found.paginator.count, **pages(found)}
    return show(request, "staff.html", context, "staff")


@never_cache
@employer_page
def hire(request: HttpRequest) -> HttpResponse:
    found, kept = wrong(), Blank(start=clock.today().isoformat(), document_type="01")
    if request.method == "POST":
        kept = typed(request)
        try:
            register(request, kept)
        except (UserError, Conflict) as error:
            found = wrong(error, set(HIRE))
        else:
            messages.success(request, _("%(name)s的录用登记办好了。") % {"name": kept["name"]})
            return redirect("employer:staff")
    context = {
        "wrong": found,
        "typed": kept,
        "document_types": options("id_type"),
        "contract_types": [{"value": "", "label": _("请选择")}, *options("contract_type")],
        "people": demo.numbers() if settings.DEMONSTRATION else {},
    }
    return show(request, "hire.html", context, "hire", 422 if found else 200)


def register(request: HttpRequest, kept: Blank) -> None:
    """Everything that can be said about the form at once, before the register is asked."""
    errors: list[UserError] = []
    if not kept["name"].strip():
        errors.append(UserError(_("请填姓名"), field="name"))
    if not kept["document_number"].strip():
        errors.append(UserError(_("请填证件号码"), field="document_number"))
    start = day(kept, "start", errors, required=True)
    until = day(kept, "contract_until", errors)
    if errors or start is None:
        raise UserErrors(errors)
    actions.register_hire(
        request.actor,  # type: ignore[attr-defined]
        employer_id=employer_id(request),
        document_type=kept["document_type"],
        document_number=kept["document_number"].strip(),
        name=kept["name"].strip(),
        start=start,
        contract_type=kept["contract_type"] or None,
        contract_until=until,
        occupation=kept["occupation"].strip() or None,
    )


@never_cache
@employer_page
def end(request: HttpRequest, spell_id: UUID) -> HttpResponse:
    row = EmploymentSpell.objects.filter(pk=spell_id, employer_id=employer_id(request)).first()
    if row is None:
        raise Http404
    found, kept = wrong(), Blank(end=(row.contract_until or clock.today()).isoformat())
    if request.method == "POST":
        kept = typed(request)
        try:
            errors: list[UserError] = []
            last = day(kept, "end", errors, required=True)
            if kept["separation_reason"] not in law.law().codes["separation_reason"]:
                errors.append(UserError(_("请选离职原因"), field="separation_reason"))
            if errors or last is None:
                raise UserErrors(errors)
            actions.register_end(
                request.actor,  # type: ignore[attr-defined]
                spell_id=row.pk,
                end=last,
                separation_reason=kept["separation_reason"],
            )
        except (UserError, Conflict) as error:
            found = wrong(error, {"end", "separation_reason"})
        else:
            messages.success(
                request, _("%(name)s的离职登记办好了，已经通知本人。") % {"name": row.reported_name}
            )
            return redirect("employer:staff")
    context = {
        "wrong": found,
        "typed": kept,
        "name": row.reported_name,
        "since": words.day(row.start),
        "reasons": [{"value": "", "label": _("请选择")}, *options("separation_reason")],
    }
    return show(request, "end.html", context, "staff", 422 if found else 200)


def options(table: str) -> list[Data]:
    return [
        {"value": code, "label": words.pick(label)} for code, label in law.law().codes.get(table, {}).items()
    ]


def day(kept: Blank, name: str, errors: list[UserError], required: bool = False) -> date | None:
    text = kept[name].strip()
    if not text:
        if required:
            errors.append(UserError(_("请填日期"), field=name))
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors.append(UserError(_("这不是一个日期，请按 2026-11-30 的样子填"), field=name))
        return None
