"""A demonstration can be moved on to a later day, so that a payment run can be lived at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiuye.foundation import clock
from jiuye.foundation.access import public
from jiuye.web import words


def offer() -> dict[str, Any]:
    """For the login page: the day it is, and the days worth going to."""
    today = clock.today()
    after = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return {
        "today": words.day(today, weekday=True),
        "iso": today.isoformat(),
        "pretended": clock.pretended() is not None,
        "choices": [
            {"value": day.isoformat(), "label": words.day(day)}
            for day in (after.replace(day=9), after.replace(day=16))
        ],
    }


@public
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    if not settings.DEMONSTRATION:
        raise Http404
    try:
        clock.pretend(date.fromisoformat(request.POST.get("day", "")))
    except ValueError:
        messages.error(request, _("日子只能往后走，请选一个今天以后的日期。"))
    else:
        messages.success(request, _("现在是 %(day)s。") % {"day": words.day(clock.today(), weekday=True)})
    return redirect("login")
