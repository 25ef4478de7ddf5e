"""The second signature, or sending the draft back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.desk import actions, queries
from jiuye.desk.models import Decision
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.web.access import ActingRequest
from jiuye.web.errors import typed
from jiuye.web.workbench import sheet
from jiuye.web.workbench.cases import file_page
from jiuye.web.workbench.frame import case_page


@require_POST
@case_page
def sign(request: ActingRequest, decision_id: UUID) -> HttpResponse:
    decision = Decision.objects.filter(pk=decision_id, case__isnull=False).first()
    if decision is None or decision.case_id is None:
        raise NotFound
    case_id = decision.case_id
    try:
        if request.POST.get("action") == "send_back":
            actions.send_back(request.actor, decision_id=decision_id, reason=request.POST.get("reason", ""))
            messages.success(request, _("退回给拟办人了。"))
        else:
            signed = actions.approve_decision(request.actor, decision_id=decision_id)
            messages.success(
                request,
                _("签好了，决定已经作出，决定书已送给本人。")
                if signed.decided_at
                else _("您的签字记下了。这个金额还要一人签字。"),
            )
    except (UserError, Conflict) as error:
        file = queries.case_file(request.actor, case_id)
        return file_page(request, file, sheet.placed(error, "sign"), typed(request))
    except Forbidden as error:
        messages.error(request, str(error))
    return redirect("workbench:case", case_id)
