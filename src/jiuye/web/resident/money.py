"""My payments, the account they go to, and paying back what was too much."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.foundation.errors import Conflict, UserError
from jiuye.funds import actions as funds
from jiuye.funds import queries
from jiuye.registry import actions as registry
from jiuye.registry.models import PayeeAccount
from jiuye.web import words
from jiuye.web.errors import Blank, typed, wrong
from jiuye.web.present import file as file_of
from jiuye.web.present import money as present
from jiuye.web.resident.frame import person_id, resident_page, show

Data = dict[str, Any]


@never_cache
@require_safe
@resident_page
def payments(request: HttpRequest) -> HttpResponse:
    own = person_id(request)
    months = queries.my_payments(own)
    awards = []
    for code in dict.fromkeys(month.benefit for month in months):
        mine = [month for month in months if month.benefit == code]
        awards.append(
            {
                "title": present.benefit(code),
                "months": present.schedule(mine),
                "caption": _("%(benefit)s，按月") % {"benefit": present.benefit(code)},
                "total": present.total(mine),
            }
        )
    context = {
        "lead": present.lead(months),
        "alerts": [*present.alerts(months), *present.claims(queries.my_claims(own))],
        "awards": awards,
        "account": file_of.account_words(own),
        "menu_url": reverse("resident:entitlements"),
    }
    return show(request, "payments.html", context, "payments")


@never_cache
@resident_page
def account(request: HttpRequest) -> HttpResponse:
    own = person_id(request)
    found, kept = wrong(), Blank()
    if request.method == "POST":
        kept = typed(request)
        try:
            registry.set_payee_account(
                request.actor,  # type: ignore[attr-defined]
                person_id=own,
                bank_name=kept["bank_name"].strip(),
                holder_name=kept["holder_name"].strip(),
                number=kept["number"].replace(" ", ""),
            )
        except (UserError, Conflict) as error:
            found = wrong(error, {"holder_name", "bank_name", "number"})
        else:
            messages.success(request, _("账号改好了，从下一批发放起用这张卡。"))
            return redirect("resident:account")
    now = PayeeAccount.objects.filter(person_id=own, replaced_at__isnull=True).first()
    context = {
        "now": file_of.account_rows(now) if now else [],
        "wrong": found,
        "typed": kept or Blank(holder_name=request.actor.name),  # type: ignore[attr-defined]
    }
    return show(request, "account.html", context, "payments", 422 if found else 200)


@never_cache
@resident_page
def repayment(request: HttpRequest, overpayment_id: UUID) -> HttpResponse:
    claims = queries.my_claims(person_id(request))
    claim = next((one for one in claims if one.overpayment.pk == overpayment_id), None)
    if claim is None:
        raise Http404
    row = claim.overpayment
    offered = present.instalment_choices(claim.options)
    plan = getattr(row, "plan", None)
    found, kept = wrong(), Blank()
    if request.method == "POST":
        kept = typed(request)
        try:
            if kept["instalments"] not in {choice["value"] for choice in offered}:
                raise UserError(_("请选分几次还"), field="instalments")
            funds.agree_plan(
                request.actor,  # type: ignore[attr-defined]
                overpayment_id=row.pk,
                instalments=int(kept["instalments"]),
            )
        except (UserError, Conflict) as error:
            found = wrong(error, {"instalments"})
        else:
            messages.success(request, _("约好了。每期到日子前会提醒您。"))
            return redirect("resident:repayment", row.pk)
    context = {
        "lead": _("一共 %(money)s。") % {"money": words.money(row.amount_cents)},
        "rows": present.overpayment_rows(row),
        "plan": [present.instalment(item) for item in claim.instalments],
        "letter": reverse("document", args=[plan.letter_id]) if plan and plan.letter_id else "",
        "can_agree": bool(offered),
        "choices": offered,
        "wrong": found,
        "typed": kept,
    }
    return show(request, "repayment.html", context, "payments", 422 if found else 200)
