"""What changed, what is late: the city on a map, a district by its streets, a street by its open cases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from jiuye.desk import catalogue
from jiuye.foundation import clock
from jiuye.foundation.models import OrgUnit
from jiuye.foundation.roles import Role
from jiuye.insight import definitions, queries
from jiuye.insight.definitions import Figure
from jiuye.insight.queries import Period, UnitFigures
from jiuye.web import words
from jiuye.web.access import ActingRequest, page
from jiuye.web.dues import due
from jiuye.web.lead import maps
from jiuye.web.present import cases as present

PERIODS = {"30": 30, "90": 90, "365": 365}


@page(Role.CITY_LEAD)
def city_map(request: ActingRequest) -> HttpResponse:
    return _show(request, request.actor.prefix)


@page(Role.CITY_LEAD)
def unit(request: ActingRequest, code: str) -> HttpResponse:
    return _show(request, code)


def _show(request: ActingRequest, code: str) -> HttpResponse:
    actor, today = request.actor, clock.today()
    days = request.GET.get("days", "30")
    days = days if days in PERIODS else "30"
    period = Period(today - timedelta(days=PERIODS[days] - 1), today)
    chosen = request.GET.get("figure", "submitted")
    known = {item.code: item for item in definitions.figures()}
    figure = known.get(chosen) or definitions.figure("submitted")
    whole = queries.total(actor, code, period, today)
    before = queries.total(actor, code, period.before(), today)
    below = queries.by_unit(actor, code, period, today) if len(code) < 12 else []
    query = f"?figure={figure.code}&days={days}"
    trail = OrgUnit.objects.filter(code__in=[code[:n] for n in (2, 6, 9) if n < len(code)]).order_by("code")
    late = queries.late_cases(actor, code, today)
    return render(
        request,
        "lead/unit.html",
        {
            "here": whole,
            "level": len(code),
            "trail": [{"name": item.name, "url": _link(item.code, query)} for item in trail],
            "numbers": [_number(item, whole, before, days, code) for item in definitions.figures()],
            "figure": {
                "code": figure.code,
                "title": words.pick(figure.title),
                "definition": words.pick(figure.definition),
            },
            "choices": [
                {
                    "label": words.pick(item.title),
                    "url": f"?figure={item.code}&days={days}",
                    "current": item.code == figure.code,
                }
                for item in definitions.figures()
            ],
            "periods": [
                {
                    "label": gettext("近 %d 天") % n,
                    "url": f"?figure={figure.code}&days={key}",
                    "current": key == days,
                }
                for key, n in PERIODS.items()
            ],
            "period": {"first": words.day(period.first), "last": words.day(period.last)},
            **(_map(below, figure, query) if len(code) == 2 else {"areas": [], "viewbox": "", "legend": []}),
            "ranking": _ranking(below, figure, query),
            "table": [_table_row(row, query) for row in below],
            "heads": [words.pick(item.title) for item in definitions.figures()],
            "late": [
                {
                    "number": row["number"],
                    "item": words.pick(catalogue.title(row["item"])),
                    "state": present.staff_word(row["state"]),
                    "due": due(row["promised_due"]),
                }
                for row in late
            ],
            "nav": [],
        },
    )


def _link(code: str, query: str) -> str:
    return (reverse("lead:map") if len(code) == 2 else reverse("lead:unit", args=[code])) + query


def text(value: Decimal | int | None, figure: str) -> str:
    """The value as people read it; a protected or missing one says so."""
    if value is None:
        return gettext("太少，不显示") if figure in ("days", "rating") else "–"
    if figure == "paid":
        return f"{Decimal(value) / 100:,.2f}"
    return f"{value:,}"


def _number(figure: Figure, now: UnitFigures, before: UnitFigures, days: str, code: str) -> dict[str, Any]:
    value, last = now.value(figure.code), before.value(figure.code)
    change, state = "", "neutral"
    if figure.code != "late" and value is not None and last is not None:
        difference = value - last
        if difference == 0:
            change = gettext("和前一段一样")
        else:
            amount = text(abs(Decimal(difference)), figure.code)
            change = (gettext("比前一段多 %s") if difference > 0 else gettext("比前一段少 %s")) % amount
            if figure.better != "none":
                state = "good" if (difference > 0) == (figure.better == "high") else "attention"
    return {
        "code": figure.code,
        "label": words.pick(figure.title),
        "value": text(value, figure.code),
        "unit": words.pick(figure.unit) if value is not None else "",
        "none": "1" if value is None else "",
        "change": change,
        "change_state": state,
        "definition": words.pick(figure.definition),
        "url": "#late" if figure.code == "late" else f"?figure={figure.code}&days={days}#places",
    }


def _map(rows: list[UnitFigures], figure: Figure, query: str) -> dict[str, Any]:
    areas, viewbox = maps.districts()
    by_code = {row.code: row for row in rows}
    bounds = maps.cuts([row.value(figure.code) for row in rows])
    drawn = []
    for area in areas:
        row = by_code.get(area.code)
        if row is None:
            continue
        value = row.value(figure.code)
        drawn.append(
            {
                "code": area.code,
                "name": row.name,
                "short": row.name.removesuffix("新区").removesuffix("区"),
                "path": area.path,
                "x": area.x,
                "y": area.y,
                "url": _link(area.code, query),
                "text": text(value, figure.code),
                "level_class": maps.level(value, bounds),
            }
        )
    legend = [
        {
            "level_class": maps.level(bound, bounds),
            "text": gettext("%s 起") % text(bound, figure.code),
        }
        for bound in bounds
    ]
    if any(row.value(figure.code) is None for row in rows):
        legend.insert(0, {"level_class": "level-0", "text": gettext("不显示")})
    return {"areas": drawn, "viewbox": viewbox, "legend": legend}


def _ranking(rows: list[UnitFigures], figure: Figure, query: str) -> list[dict[str, Any]]:
    bounds = maps.cuts([row.value(figure.code) for row in rows])
    ordered = sorted(rows, key=lambda row: (row.value(figure.code) is None, -(row.value(figure.code) or 0)))
    return [
        {
            "code": row.code,
            "label": row.name,
            "value": float(row.value(figure.code) or 0),
            "text": text(row.value(figure.code), figure.code),
            "level_class": maps.level(row.value(figure.code), bounds),
            "url": _link(row.code, query),
        }
        for row in ordered
    ]


def _table_row(row: UnitFigures, query: str) -> dict[str, Any]:
    return {
        "name": row.name,
        "url": _link(row.code, query),
        "cells": [text(row.value(item.code), item.code) for item in definitions.figures()],
    }
