"""Replaying a decision: as its law said, and as today's law would say of the same facts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from jiuye.desk.queries.replays import replayed
from jiuye.web.access import ActingRequest
from jiuye.web.present.replays import present
from jiuye.web.workbench.frame import case_page, show


@require_safe
@case_page
def replay(request: ActingRequest, decision_id: UUID) -> HttpResponse:
    found = replayed(request.actor, decision_id)
    context = {
        **present(found),
        "decision": found.decision,
        "back": reverse("workbench:case", args=[found.decision.case_id]),
    }
    return show(request, "replay.html", context, "queue")
