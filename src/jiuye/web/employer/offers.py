"""What the service offers an employer by itself: the list, why, one tap to take it, a no to all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.desk import actions, queries
from jiuye.desk.models import Outreach
from jiuye.desk.models.outreach import OutreachEnd, OutreachKind, OutreachWay
from jiuye.desk.outreach import words as said
from jiuye.foundation.errors import Conflict, UserError, UserErrors
from jiuye.web import words
from jiuye.web.employer.frame import employer_id, employer_page, show
from jiuye.web.present import law, rules
from jiuye.web.present import outreach as present


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@employer_page
def offers(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        wanted = request.POST.get("push") != "0"
        actions.choose_push(request.actor, wanted=wanted)  # type: ignore[attr-defined]
        messages.success(request, _("以后会主动提醒。") if wanted else _("以后不再主动提醒。"))
        return redirect("employer:offers")
    found = queries.employer_offers(employer_id(request))
    context = {
        "rows": [_row(row) for row in found],
        "wanted": queries.employer_wants_push(employer_id(request)),
    }
    return show(request, "offers.html", context, "offers")


def _row(row: Outreach) -> dict[str, Any]:
    state, word = _state(row)
    return {
        "url": reverse("employer:offer", args=[row.pk]),
        "title": present.title(row),
        "sub": said.amount(row) or words.pick(said.plain(row.benefit)),
        "when": words.day(row.found_on),
        "state": state,
        "word": word,
    }


def _state(row: Outreach) -> tuple[str, str]:
    """An employer that said yes waits for the district: its answer goes another way."""
    if row.end == OutreachEnd.CLAIMED:
        return "good", _("已经报到区里")
    return present.state(row)


@never_cache
@require_safe
@employer_page
def offer(request: HttpRequest, outreach_id: UUID) -> HttpResponse:
    row = queries.employer_offer(employer_id(request), outreach_id)
    state, word = _state(row)
    open_ = row.ended_on is None and row.kind != OutreachKind.ENDING
    case = queries.employer_case_of(row)
    context = {
        "title": present.title(row),
        "lead": words.pick(said.plain(row.benefit)),
        "amount": said.amount(row),
        "workers": row.outcome.get("workers") or 0,
        "beside": said.beside(row),
        "found": _("按 %(date)s 的登记情况算的。") % {"date": words.day(row.found_on)},
        "ends": words.day(row.period) if row.kind == OutreachKind.ENDING else "",
        "state": state,
        "word": word,
        "reasons": present.reasons(row),
        "rule": rules.of_outcome(row.outcome),
        "prepared": present.prepared(row),
        "supposes": [law.label(name) for name in row.supposes],
        "one_tap": open_ and row.way == OutreachWay.PREPARED,
        "can_decline": open_,
        "offer_id": row.pk,
        "case_url": reverse("employer:claim", args=[case.pk]) if case else "",
        "form_url": present.claim_url(row) if open_ else "",
    }
    return show(request, "offer.html", context, "offers")


@require_POST
@employer_page
def answer(request: HttpRequest, outreach_id: UUID) -> HttpResponse:
    """Yes: what was prepared goes to the district. No: nobody asks again."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.POST.get("answer") != "yes":
        actions.decline_offer(actor, outreach_id=outreach_id)
        messages.success(request, _("知道了，这件事不再提醒。"))
        return redirect("employer:offers")
    try:
        actions.accept_employer_offer(actor, outreach_id=outreach_id)
    except (UserError, UserErrors, Conflict) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("好，已经报到区里，结果会发到“消息”里。"))
    return redirect("employer:offer", outreach_id)
