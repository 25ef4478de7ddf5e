"""Another law over the whole city: choose two versions or other values, wait, see whom it affects how."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.desk import city
from jiuye.desk.models import LawVersion
from jiuye.foundation import clock
from jiuye.foundation.errors import NotFound, UserError
from jiuye.foundation.roles import Role
from jiuye.insight import actions, queries
from jiuye.insight.models import LawComparison
from jiuye.web import words
from jiuye.web.access import ActingRequest, page
from jiuye.web.errors import Wrong, typed, wrong
from jiuye.web.present import law as of_law
from jiuye.web.present import law_change

ROWS = range(3)  # parameters that the form has room for
SCALAR = ("number", "bool", "date", "month", "text")
ICONS = {"waiting": "waiting", "working": "waiting", "done": "good", "failed": "stop"}


@page(Role.CITY_LEAD)
def changes(request: ActingRequest) -> HttpResponse:
    """The form and what was asked before."""
    found = Wrong()
    if request.method == "POST":
        try:
            row = _start(request)
        except UserError as error:
            found = wrong(error, {"a", "b", "on", *(f"name{n}" for n in ROWS)})
        else:
            return redirect("lead:law_change", row.pk)
    asked = typed(request)
    versions = [{"value": "", "label": _("现行规则")}, *_versions(queries.law_versions(request.actor))]
    parameters = [{"value": "", "label": _("不改参数")}, *_parameters()]
    context = {
        "wrong": found,
        "typed": asked,
        "versions": versions,
        "lines": [
            {
                "number": n + 1,
                **{key: asked[f"{key}{n}"] for key in ("name", "value", "from")},
                "keys": {key: f"{key}{n}" for key in ("name", "value", "from")},
                "error": found.fields[f"name{n}"],
            }
            for n in ROWS
        ],
        "parameters": parameters,
        "columns": [{"label": _("比什么")}, {"label": _("到哪一步")}, {"label": _("谁问的")}],
        "rows": [_row(one) for one in queries.comparisons(request.actor)],
        "nav": [],
    }
    return render(request, "lead/law_changes.html", context, status=422 if found else 200)


@require_safe
@page(Role.CITY_LEAD)
def change(request: ActingRequest, comparison_id: UUID) -> HttpResponse:
    row = queries.comparison(request.actor, comparison_id)
    context: dict[str, Any] = {
        "title": _title(row),
        "asked": _("%(who)s，%(at)s") % {"who": row.created_by_name, "at": words.moment(row.created_at)},
        "row": row,
        "word": state_word(row.state),
        "step": _step(row),
        "csv_url": reverse("lead:law_change_csv", args=[row.pk]),
        "change": law_change.present(row.result) if row.result is not None else None,
        "nav": [],
    }
    return render(request, "lead/law_change.html", context)


@require_safe
@page(Role.CITY_LEAD)
def change_csv(request: ActingRequest, comparison_id: UUID) -> HttpResponse:
    row = queries.comparison(request.actor, comparison_id)
    if row.result is None:
        raise NotFound
    answer = HttpResponse(law_change.csv_text(row.result), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="law-change-{str(row.pk)[-6:]}.csv"'
    return answer


def state_word(state: str) -> str:
    return {
        "waiting": _("排队"),
        "working": _("正在比对"),
        "done": _("比对完了"),
        "failed": _("没有比对成"),
    }[state]


def _start(request: ActingRequest) -> LawComparison:
    given = request.POST
    settings = []
    for n in ROWS:
        name, value, since = (given.get(f"{key}{n}", "").strip() for key in ("name", "value", "from"))
        if name and not value:
            raise UserError(_("请填改成多少"), f"name{n}", "required")
        if name:
            settings.append(f"{name}={value}" + (f"@{since}" if since else ""))
    return actions.compare_laws(
        request.actor, a=given.get("a", ""), b=given.get("b", ""), settings=settings, on=_day(request)
    )


def _day(request: HttpRequest) -> date | None:
    text = request.POST.get("on", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UserError(_("日期写成 2026-11-25 这样"), "on", "invalid") from error


def _versions(rows: Sequence[LawVersion]) -> list[dict[str, str]]:
    now = city.law().version
    return [
        {
            "value": row.pk,
            "label": _("%(day)s 起用过的 %(hash)s")
            % {"day": words.day(row.first_used_at), "hash": row.pk[:12]}
            + (_("（就是现行的）") if row.pk == now else ""),
        }
        for row in rows
    ]


def _parameters() -> list[dict[str, str]]:
    """Those a form can change, with what they are today."""
    today = clock.today()
    found = []
    for name, parameter in of_law.law().parameters.items():
        if parameter.type.kind in SCALAR:
            now = parameter.at(today)
            value = of_law.text(name, now.value) if now is not None else _("现在没有")
            label = _("%(label)s（现在 %(value)s）") % {"label": of_law.label(name), "value": value}
            found.append({"value": name, "label": label})
    return sorted(found, key=lambda one: one["label"])


def _title(row: LawComparison) -> str:
    """What is compared, in words."""
    supposed = [_supposed(text) for text in row.settings]
    if row.a_id == row.b_id:
        return _("；").join(supposed)
    versions = _("%(a)s 改成 %(b)s") % {"a": row.a_id[:12], "b": row.b_id[:12]}
    return _("；").join([versions, *supposed])


def _supposed(text: str) -> str:
    name, _equals, rest = text.partition("=")
    value, _at, day = rest.partition("@")
    said = _("%(label)s 改为 %(value)s") % {"label": of_law.label(name), "value": value}
    return (
        _("%(day)s 起%(said)s") % {"day": words.day(date.fromisoformat(day)), "said": said} if day else said
    )


def _row(row: LawComparison) -> dict[str, Any]:
    return {
        "url": reverse("lead:law_change", args=[row.pk]),
        "cells": [
            {"text": _title(row), "sub": words.moment(row.created_at)},
            {"text": state_word(row.state), "state": ICONS[row.state]},
            {"text": row.created_by_name},
        ],
    }


def _step(row: LawComparison) -> str:
    """`columns a`, `cases b` in words."""
    kind, _space, side = row.step.partition(" ")
    kinds = {"columns": _("成批比对"), "cases": _("逐人比对")}
    if kind not in kinds:
        return _("读登记数据")
    return _("%(what)s：%(side)s") % {"what": kinds[kind], "side": _("原来") if side == "a" else _("改后")}
