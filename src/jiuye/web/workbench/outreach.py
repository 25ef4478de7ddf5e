"""Policy finds people, for the street and the district: who was found in their unit, and why."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.desk import queries
from jiuye.desk.outreach import words as said
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.present import law, rules
from jiuye.web.present import nights as by_night
from jiuye.web.present import outreach as present
from jiuye.web.workbench.frame import case_page, show


@require_safe
@case_page
def outreach(request: ActingRequest) -> HttpResponse:
    numbers = queries.outreach_numbers(request.actor.prefix)
    known = {one.benefit for one in numbers}
    benefit = request.GET.get("benefit", "")
    benefit = benefit if benefit in known else ""
    found, after = queries.outreach_list(request.actor, benefit=benefit, after=request.GET.get("after", ""))
    kinds, ways = present.kind_words(), present.way_words()
    rows = []
    for row in found:
        state, word = present.state(row)
        rows.append(
            {
                "url": reverse("workbench:outreach_one", args=[row.pk]),
                "cells": [
                    {"text": present.about(row)},
                    {"text": present.title(row), "sub": kinds[row.kind]},
                    {"text": ways[row.way]},
                    {"text": words.short_day(row.found_on)},
                    {"text": word, "state": state},
                ],
            }
        )
    query = f"&benefit={benefit}" if benefit else ""
    filters = [{"label": _("全部"), "url": "?", "current": not benefit, "key": ""}]
    filters += [
        {
            "label": f"{words.pick(said.title(one.benefit))} {one.contacted}",
            "url": f"?benefit={one.benefit}",
            "current": one.benefit == benefit,
            "key": "",
        }
        for one in numbers
    ]
    context = {
        "heading": _("政策找人"),
        "lead": _("每天夜里按全部政策比对全体人员，符合的主动告诉本人；不想被找的人不在这里。"),
        "columns": [
            {"label": _("谁")},
            {"label": _("什么")},
            {"label": _("怎么告诉的")},
            {"label": _("哪天找到的")},
            {"label": _("结果")},
        ],
        "rows": rows,
        "filters": filters,
        "empty": _("还没有找到人"),
        "total": "",
        "next": f"?after={after}{query}" if after else "",
        "nights_url": reverse("workbench:outreach_nights"),
    }
    return show(request, "outreach_list.html", context, "outreach")


@require_safe
@case_page
def nights(request: ActingRequest) -> HttpResponse:
    found = queries.nights(request.actor.prefix)
    context = by_night.listed(found, lambda on: reverse("workbench:outreach_night", args=[on]))
    context["lead"] = _("本单位范围内每夜告诉了多少人和单位，后来有多少办了。")
    return show(request, "nights.html", context, "outreach")


@require_safe
@case_page
def night(request: ActingRequest, day: str) -> HttpResponse:
    run, lines = queries.night(by_night.day(day), request.actor.prefix)
    context = {**by_night.one(run, lines), "heading": words.day(run.on)}
    return show(request, "night.html", context, "outreach")


@require_safe
@case_page
def outreach_one(request: ActingRequest, outreach_id: UUID) -> HttpResponse:
    row = queries.outreach_of(request.actor, outreach_id)
    _state, word = present.state(row)
    rows = [
        {
            "label": _("当事人") if row.person_id else _("单位"),
            "value": present.about(row),
            "url": reverse("workbench:person", args=[row.person_id]) if row.person_id else "",
        },
        {"label": _("什么时候找到的"), "value": words.day(row.found_on)},
        {"label": _("怎么告诉的"), "value": present.way_words()[row.way]},
        {"label": _("结果"), "value": word},
        *([{"label": _("多少钱"), "value": said.amount(row)}] if row.amount_cents is not None else []),
        *(
            [{"label": _("要本人说一声的"), "value": _("、").join(law.label(name) for name in row.supposes)}]
            if row.supposes
            else []
        ),
        *(
            [{"label": _("只能享受其一"), "value": "".join(said.beside(row))}]
            if row.choice.get("others")
            else []
        ),
        {"label": _("规则版本"), "value": row.law_version[:12]},
    ]
    context = {
        "heading": present.title(row),
        "kind": present.kind_words()[row.kind],
        "rows": rows,
        "reasons": present.reasons(row),
        "rule": rules.of_outcome(row.outcome),
        "case_url": reverse("workbench:case", args=[row.case_id]) if row.case_id else "",
        "task_url": reverse("workbench:task", args=[row.task_id]) if row.task_id else "",
    }
    return show(request, "outreach.html", context, "outreach")
