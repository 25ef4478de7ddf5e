"""A decision: what I get, why, who signed; and the appeal against it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.desk import actions, catalogue
from jiuye.desk import entitlements as menu_of
from jiuye.desk.models import Case, Decision
from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, UserError
from jiuye.web.errors import Blank, typed, wrong
from jiuye.web.present import cases as present
from jiuye.web.present import entitlements as cards
from jiuye.web.present import rules
from jiuye.web.resident.frame import person_id, resident_page, show


def own_decision(request: HttpRequest, decision_id: UUID) -> Decision:
    found = (
        Decision.objects.filter(pk=decision_id, person_id=person_id(request), decided_at__isnull=False)
        .select_related("case")
        .first()
    )
    if found is None:
        raise Http404
    return found


def appealable(decision: Decision) -> bool:
    """Against a decision the person may not like, once at a time, where the item allows it."""
    if decision.case is None or decision.kind == "grant":
        return False
    try:
        allowed = catalogue.of_case(decision.case).appeal
    except LookupError:
        return False
    return allowed and not Case.objects.filter(about_decision=decision).exists()


@never_cache
@require_safe
@resident_page
def decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    row = own_decision(request, decision_id)
    refused = row.kind != "grant"
    shown = cards.decided(row)
    appeals = list(Case.objects.filter(about_decision=row).order_by("-submitted_at"))
    latest = appeals[0] if appeals else None
    context = {
        "title": present.decision_title(row),
        "lead": present.decided(row),
        "number": row.number,
        "back": reverse("resident:case", args=[row.case_id]) if row.case_id else reverse("resident:cases"),
        "letter": reverse("document", args=[row.letter_id]) if row.letter_id else "",
        "still": cards.still(menu_of.menu(row.person_id, clock.today())) if refused else [],
        "schedule": shown["schedule"],
        "schedule_caption": shown["caption"],
        "total": shown["total"],
        "reasons": shown["reasons"],
        "rule": rules.of_outcome(row.outcome or {}),
        "words": row.reason if refused else "",
        "signed": present.signed(row),
        "appeal_url": reverse("resident:appeal", args=[row.pk]) if appealable(row) else "",
        "appealed": _("您已经申请复核，编号 %(number)s。") % {"number": latest.number} if latest else "",
    }
    return show(request, "decision.html", context, "cases")


@never_cache
@resident_page
def appeal(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """A repeated submission of the same page is the same appeal (request key)."""
    row = own_decision(request, decision_id)
    found, kept = wrong(), Blank()
    if request.method == "POST":
        kept = typed(request)
        try:
            if not kept["words"].strip():
                raise UserError(_("请写下您觉得哪里不对"), field="words")
            case = actions.appeal(
                request.actor,  # type: ignore[attr-defined]
                decision_id=row.pk,
                words=kept["words"].strip(),
                request_key=key(kept["request_key"]),
            )
        except (UserError, Conflict) as error:
            found = wrong(error, {"words"})
        else:
            messages.success(request, _("复核申请收到了，编号 %(number)s。") % {"number": case.number})
            return redirect("resident:case", case.pk)
    elif not appealable(row):
        return redirect("resident:decision", row.pk)
    context = {
        "lead": present.decision_title(row),
        "back": reverse("resident:decision", args=[row.pk]),
        "request_key": kept["request_key"] or str(uuid4()),
        "wrong": found,
        "typed": kept,
    }
    return show(request, "appeal.html", context, "cases", 422 if found else 200)


def key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UserError(_("这一页不完整，请刷新后再交；您写的内容还在。")) from error
