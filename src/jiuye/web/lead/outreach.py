"""Policy finds people, for the lead: numbers by benefit; nobody's name."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.desk import queries
from jiuye.desk.outreach import words as said
from jiuye.foundation.roles import Role
from jiuye.web import words
from jiuye.web.access import ActingRequest, page
from jiuye.web.present import nights as by_night


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
        "chart": [
            {
                "label": words.pick(said.title(one.benefit)),
                "value": one.found,
                "text": f"{one.found:,}",
                "note": _("其中 %(n)s 办了") % {"n": f"{one.claimed:,}"},
            }
            for one in numbers
        ],
        "nav": [],
    }  # fmt: skip
    return render(request, "lead/outreach.html", context)


@require_safe
@page(Role.CITY_LEAD)
def nights(request: ActingRequest) -> HttpResponse:
    found = queries.nights()
    context = by_night.listed(found, lambda on: reverse("lead:outreach_night", args=[on]))
    context |= {"lead": _("每夜告诉了多少人和单位，后来有多少办了；不显示姓名。"), "nav": []}
    return render(request, "lead/nights.html", context)


@require_safe
@page(Role.CITY_LEAD)
def night(request: ActingRequest, day: str) -> HttpResponse:
    run, lines = queries.night(by_night.day(day))
    context = {**by_night.one(run, lines), "heading": words.day(run.on), "nav": []}
    return render(request, "lead/night.html", context)
