"""What the service offers by itself: why, and one tap to take it or to leave it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.desk import actions, queries
from jiuye.desk.models.outreach import OutreachKind, OutreachWay
from jiuye.desk.outreach import words as said
from jiuye.foundation.errors import Conflict, UserError, UserErrors
from jiuye.web import words
from jiuye.web.present import law, rules
from jiuye.web.present import outreach as present
from jiuye.web.resident.frame import person_id, resident_page, show


@never_cache
@require_safe
@resident_page
def offer(request: HttpRequest, outreach_id: UUID) -> HttpResponse:
    row = queries.my_offer(person_id(request), outreach_id)
    state, word = present.state(row)
    open_ = row.ended_on is None and row.kind != OutreachKind.ENDING
    context = {
        "title": present.title(row),
        "lead": words.pick(said.plain(row.benefit)),
        "amount": said.amount(row),
        "beside": said.beside(row),
        "found": _("按 %(date)s 的登记情况算的。") % {"date": words.day(row.found_on)},
        "ends": words.day(row.period) if row.kind == OutreachKind.ENDING else "",
        "state": state,
        "word": word,
        "reasons": present.reasons(row),
        "rule": rules.of_outcome(row.outcome),
        "supposes": [law.label(name) for name in row.supposes],
        "one_tap": open_ and row.way == OutreachWay.PREPARED,
        "can_decline": open_,
        "form_url": present.form_url(row),
        "case_url": reverse("resident:case", args=[row.case_id]) if row.case_id else "",
        "offer_id": row.pk,
    }
    return show(request, "offer.html", context, "home")


@require_POST
@resident_page
def answer(request: HttpRequest, outreach_id: UUID) -> HttpResponse:
    """Yes: the application is made from the registers. No: nobody asks again."""
    actor = request.actor  # type: ignore[attr-defined]
    if request.POST.get("answer") != "yes":
        actions.decline_offer(actor, outreach_id=outreach_id)
        messages.success(request, _("知道了，这件事不再提醒您。"))
        return redirect("resident:home")
    try:
        cases = actions.accept_offer(actor, outreach_id=outreach_id)
    except (UserError, UserErrors, Conflict) as error:
        messages.error(request, str(error))
        return redirect("resident:offer", outreach_id)
    messages.success(request, _("好，已经替您申请了。"))
    return redirect("resident:case", cases[-1].pk)
