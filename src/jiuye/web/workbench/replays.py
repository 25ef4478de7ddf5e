"""Replaying a decision: as its law said, and as today's law would say of the same facts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from jiuye.desk.queries.replays import Replayed, employer_replayed, replayed
from jiuye.web.access import ActingRequest
from jiuye.web.present.replays import present
from jiuye.web.workbench.employers import district_page
from jiuye.web.workbench.frame import case_page, show


@require_safe
@case_page
def replay(request: ActingRequest, decision_id: UUID) -> HttpResponse:
    found = replayed(request.actor, decision_id)
    return _page(request, found, reverse("workbench:case", args=[found.decision.case_id]), "queue")


@require_safe
@district_page
def employer_replay(request: ActingRequest, decision_id: UUID) -> HttpResponse:
    found = employer_replayed(request.actor, decision_id)
    back = reverse("workbench:employer_case", args=[found.decision.case_id])
    return _page(request, found, back, "employer_cases")


def _page(request: ActingRequest, found: Replayed, back: str, current: str) -> HttpResponse:
    context = {**present(found), "decision": found.decision, "subject": found.subject, "back": back}
    return show(request, "replay.html", context, current)
