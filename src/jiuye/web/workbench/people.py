"""Find a person of one's unit, and see the whole file. Both are recorded for the person to see."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk.models import Case
from jiuye.foundation import clock
from jiuye.foundation.errors import NotFound
from jiuye.foundation.readlog import record_read
from jiuye.registry import documents, queries
from jiuye.registry.models import Person
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.present import cases as present
from jiuye.web.present import file, law, may_have
from jiuye.web.workbench.frame import case_page, show
from jiuye.web.workbench.sheet import place, places

LEAST = 2  # characters of a search


@case_page
def search(request: ActingRequest) -> HttpResponse:
    """By name, its pinyin, a whole document or telephone number; posted, so that no address holds them."""
    text = request.POST.get("q", "").strip()
    short = bool(text) and len(text) < LEAST
    found = queries.search_people(request.actor, text) if text and not short else []
    where = places(person.unit_code for person in found)
    rows = [
        {
            "url": reverse("workbench:person", args=[person.pk]),
            "cells": [
                {"text": person.name},
                {"text": documents.masked(person)},
                {"text": words.day(person.birth_date)},
                {"text": law.code("sex", person.sex)},
                {"text": where[person.unit_code]},
            ],
        }
        for person in found
    ]
    context = {
        "q": text,
        "error": _("至少写两个字") if short else "",
        "rows": rows,
        "columns": [
            {"label": _("姓名")},
            {"label": _("证件号码")},
            {"label": _("出生日期")},
            {"label": _("性别")},
            {"label": _("住在")},
        ],
        "empty": _("辖区里没有找到。可以换全名、拼音、完整的证件号码或者手机号试试。"),
        "asked": bool(text) and not short,
    }
    return show(request, "people.html", context, "people")


@case_page
def person(request: ActingRequest, person_id: UUID) -> HttpResponse:
    row = Person.objects.filter(pk=person_id).first()
    if row is None:
        raise NotFound
    record_read(request.actor, row.pk, "person", unit_code=row.unit_code)
    cases = Case.objects.filter(person=row).order_by("-submitted_at")[:50]
    context = {
        "person": row,
        "facts": [
            _("%(sex)s，%(year)s 年生") % {"sex": law.code("sex", row.sex), "year": row.birth_date.year},
            place(row.unit_code),
        ],
        "masked": documents.masked(row),
        **file.page(row.pk),
        **may_have.page(row.pk, clock.today()),
        "cases": [
            {
                "url": reverse("workbench:case", args=[case.pk]),
                "title": present.title(case.item),
                "number": case.number,
                "word": present.staff_word(case.state),
                "state": present.ICONS.get(case.state, "waiting"),  # type: ignore[call-overload]
                "when": words.day(case.submitted_at),
            }
            for case in cases
        ],
    }
    return show(request, "person.html", context, "people")
