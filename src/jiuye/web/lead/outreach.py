"""Policy finds people, for the lead: numbers by benefit; nobody's name."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.desk import queries
from jiuye.desk.outreach import words as said
from jiuye.foundation.roles import Role
from jiuye.web import words
from jiuye.web.access import ActingRequest, page


@require_safe
@page(Role.CITY_LEAD)
def outreach(request: ActingRequest) -> HttpResponse:
    night = queries.last_night()
    numbers = queries.outreach_numbers()
    names = ("found", "contacted", "prepared", "claimed", "waiting", "lapsed", "declined", "opted_out")
    context = {
        "lead": _("%(day)s 夜里比对了 %(n)s 人，规则版本 %(version)s。")
        % {"day": words.day(night.on), "n": f"{night.looked_at:,}", "version": night.law_version[:12]}
        if night
        else _("还没有比对过。"),
        "heads": [
            _("找到"), _("告诉了"), _("备好了"), _("办了"), _("还没有办"), _("情况变了"), _("本人不要"),
            _("不想被找"),
        ],
        "rows": [
            {
                "title": words.pick(said.title(one.benefit)),
                "cells": [f"{getattr(one, name):,}" for name in names],
            }
            for one in numbers
        ],
        "left_out": [words.pick(said.title(code)) for code in (night.left_out if night else {})],
        "nav": [],
    }  # fmt: skip
    return render(request, "lead/outreach.html", context)
