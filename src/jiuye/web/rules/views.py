"""The rule book: find a rule, read it as it stands on a day, see its examples run, and its text of then."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.cities.archive import ArchiveError
from jiuye.cities.book import book
from jiuye.desk import city, replay
from jiuye.desk.models import LawVersion
from jiuye.foundation import clock, scope
from jiuye.foundation.access import public
from jiuye.foundation.roles import Role
from jiuye.policy import Law, LawError
from jiuye.web import words
from jiuye.web.present import rule_page, rule_search
from jiuye.web.present import rules as present
from jiuye.web.present.rules import Reading

Data = dict[str, Any]
LONGEST = 100  # signs of a search
TEXTS = 20  # texts of former days listed with a rule, the newest


@public
@require_safe
def index(request: HttpRequest, version: str = "") -> HttpResponse:
    reading = opened(request, version)
    if reading is None:
        return unknown(request, version=version)
    query = rule_search.Query(request.GET.get("q", "")[:LONGEST].strip(), chosen(request))
    context = rule_search.index(reading, query)
    return show(request, reading, "index.html", {**context, "query": query}, "index")


@public
@require_safe
def rule(request: HttpRequest, name: str, version: str = "") -> HttpResponse:
    reading = opened(request, version)
    if reading is None:
        return unknown(request, version=version)
    if name not in reading.book.law.rules:
        return unknown(request, name, reading)
    context = rule_page.page(reading, name)
    archived = kept(name)
    context |= {
        "examples": rule_page.examples(reading, name),
        "try_url": "" if version else rule_page.try_url(context["entry"], portal(request)),
        "draft_url": f"{reverse('drafting:proposals')}?rule={name}"
        if drafts(request) and not version
        else "",
        "archived": archived,
        "permanent": any(row["current"] for row in archived),
        "changed": rule_page.changed(reading, name) if version else "",
        "law_version": reading.book.law.version,
    }
    return show(request, reading, "rule.html", context)


@public
@require_safe
def parameter(request: HttpRequest, name: str, version: str = "") -> HttpResponse:
    reading = opened(request, version)
    if reading is None:
        return unknown(request, version=version)
    if name not in reading.book.law.parameters:
        return unknown(request, name, reading)
    context = {
        "parameter": present.parameter(reading, name),
        "readers": [reading.link(other) for other in reading.book.readers.get(name, ())],
        "title": reading.title(name),
    }
    return show(request, reading, "parameter.html", context)


@public
@require_safe
def sources(request: HttpRequest, version: str = "") -> HttpResponse:
    """What the law was read from, and how much of it was seen."""
    reading = opened(request, version)
    if reading is None:
        return unknown(request, version=version)
    return show(request, reading, "sources.html", {"rows": present.all_sources(reading)}, "sources")


# -- what all pages share ----------------------------------------------------------------------------------


def opened(request: HttpRequest, version: str) -> Reading | None:
    """The book and the day that an address asks for; None for a text that isn't kept here."""
    today = clock.today()
    law = city.law() if version in ("", city.law().version) else archived(version)
    if law is None:
        return None
    on = rule_search.days(request.GET.get("on", "")) or today
    return Reading(book(law, city.folder()), on, today, version)


def archived(version: str) -> Law | None:
    """The law of that hash as it was; its text is public like the one in force."""
    try:
        with scope.elevated("the text of the law is public"):
            return replay.archived(version).law
    except (LookupError, ArchiveError, LawError):
        return None


def kept(name: str) -> list[Data]:
    """The texts that decided something, newest first: each opens this rule as it stood in it."""
    now = city.law().version
    with scope.elevated("the text of the law is public"):
        rows = LawVersion.objects.filter(city=city.folder().name).order_by("-first_used_at")
        found = list(rows.values_list("hash", "first_used_at")[:TEXTS])
    return [
        {
            "hash": version,
            "since": words.day(first),
            "current": version == now,
            "url": present.address("rule", None, version, name=name),
        }
        for version, first in found
    ]


def chosen(request: HttpRequest) -> str:
    only = request.GET.get("only", "all")
    return only if only in present.stands_words() else "all"


def drafts(request: HttpRequest) -> bool:
    """Whether the reader may propose another text."""
    actor = getattr(request, "actor", None)
    return actor is not None and actor.role is Role.LEGAL_OFFICER


def portal(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    return actor.portal if actor is not None else ""


def show(
    request: HttpRequest, reading: Reading, template: str, context: Data, current: str = "", status: int = 200
) -> HttpResponse:
    entries = (("index", _("全部规定")), ("sources", _("来源")))
    given = request.GET.get("on", "")
    frame = {
        "nav": [
            {"label": label, "url": reading.url(view), "current": view == current} for view, label in entries
        ],
        "reading": reading,
        "on": reading.on,
        "on_text": words.day(reading.on, weekday=True),
        "on_day": words.day(reading.on),
        "another_day": reading.on != reading.today,
        "wrong_day": given if given and rule_search.days(given) is None else "",
        "index_url": reading.url("index"),
        "plain_url": request.path,
        "days": suggested(reading),
        "version": reading.version,
        "old_text": reading.version not in ("", city.law().version),
        "note_language": present.note_language(),
    }
    return render(request, f"rules/{template}", {**frame, **context}, status=status)


def suggested(reading: Reading) -> list[Data]:
    """Days worth a look: today, and the next first of January, when most rules end."""
    coming = date(reading.today.year + 1, 1, 1)
    return [
        {"value": day.isoformat(), "label": label, "current": day == reading.on}
        for day, label in ((reading.today, _("今天")), (coming, words.day(coming)))
    ]


def unknown(
    request: HttpRequest, name: str = "", reading: Reading | None = None, version: str = ""
) -> HttpResponse:
    """No such rule, or a text that isn't kept: what is near, and where to look."""
    reading = reading or Reading(book(city.law(), city.folder()), clock.today(), clock.today())
    near = rule_search.near(reading, name) if name else []
    context = {"name": name, "near": near, "lost": version}
    return show(request, reading, "unknown.html", context, status=404)
