"""What needs me now, my file, what I am entitled to, messages, who read my file, settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings as django_settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.desk import entitlements as menu_of
from jiuye.desk import queries as queries_of
from jiuye.desk.actions import choose_push
from jiuye.desk.models import Case, Draft
from jiuye.desk.models.case import CaseState
from jiuye.desk.queries import my_cases
from jiuye.foundation import access, clock
from jiuye.foundation import messages as post
from jiuye.foundation.actions import set_preferences
from jiuye.foundation.models import ReadLogEntry
from jiuye.foundation.roles import describe
from jiuye.funds import queries
from jiuye.web import words
from jiuye.web.lists import notice, pages, turn
from jiuye.web.login.views import speak
from jiuye.web.present import cases as present
from jiuye.web.present import entitlements as cards
from jiuye.web.present import file as file_of
from jiuye.web.present import money
from jiuye.web.present import outreach as offered
from jiuye.web.resident.frame import person_id, resident_page, show

Data = dict[str, Any]
PAGE = 20


@never_cache
@require_safe
@resident_page
def home(request: HttpRequest) -> HttpResponse:
    own, today = person_id(request), clock.today()
    mine = my_cases(own)
    open_cases = [case for case in mine if case.ended_at is None]
    todo = [*asked(open_cases), *unfinished(own), *money_stuck(own)]
    if not open_cases and not Draft.objects.filter(person_id=own).exists():
        todo += cards.offers(menu_of.menu(own, today))
    todo += offered.todos(queries_of.my_offers(own))
    news = list(post.inbox(request.actor)[:3])  # type: ignore[attr-defined]
    context = {
        "name": request.actor.name,  # type: ignore[attr-defined]
        "lead": (
            ngettext("有 %(n)s 件事等您", "有 %(n)s 件事等您", len(todo)) % {"n": len(todo)}
            if todo
            else _("现在没有要您做的事。")
        ),
        "todo": [{"main": number == 0, **item} for number, item in enumerate(todo)],
        "quiet": unrated(mine),
        "cases": [present.card(case, today) for case in open_cases[:3]],
        "news": [notice(item) for item in news],
        "account": file_of.account_words(own),
    }
    return show(request, "home.html", context, "home")


def asked(cases: list[Case]) -> list[Data]:
    """Cases that wait for an answer."""
    return [
        {
            "kind": "attention",
            "title": _("请答一个问题"),
            "text": _("%(item)s：答了就继续办，计时已暂停。") % {"item": present.title(case.item)},
            "url": reverse("resident:case", args=[case.pk]),
            "action": _("去回答"),
        }
        for case in cases
        if case.state == CaseState.ASKED
    ]


def unfinished(own: UUID) -> list[Data]:
    """Forms begun and not sent."""
    return [
        {
            "kind": "attention",
            "title": _("有一份没交的申请"),
            "text": _("%(when)s 存下的，换一台手机也能接着填。") % {"when": words.moment(draft.updated_at)},
            "url": reverse("resident:form", args=[draft.bundle]),
            "action": _("接着填"),
        }
        for draft in Draft.objects.filter(person_id=own)
    ]


def money_stuck(own: UUID) -> list[Data]:
    """Payments that did not come, and money to be paid back."""
    found: list[Data] = [
        {
            "kind": item["kind"],
            "title": item["title"],
            "text": item["text"],
            "url": item["url"],
            "action": item["action"],
        }
        for item in money.alerts(queries.my_payments(own))
    ]
    for claim in queries.my_claims(own):
        if claim.options:
            found.append(
                {
                    "kind": "attention",
                    "title": _("有 %(money)s 要还") % {"money": words.money(claim.rest_cents)},
                    "text": _("这是多发的。可以分几次还。"),
                    "url": reverse("resident:repayment", args=[claim.overpayment.pk]),
                    "action": _("看看怎么还"),
                }
            )
    return found


def unrated(cases: list[Case]) -> list[Data]:
    """Finished cases without a rating, at most two: a request, not a duty."""
    ended = [c for c in cases if c.state in (CaseState.GRANTED, CaseState.REFUSED, CaseState.CLOSED)]
    return [
        {
            "title": _("%(item)s办得怎么样？") % {"item": present.title(case.item)},
            "url": reverse("resident:rate", args=[case.pk]),
            "action": _("评价"),
        }
        for case in ended
        if not hasattr(case, "rating")
    ][:2]


@never_cache
@require_safe
@resident_page
def file(request: HttpRequest) -> HttpResponse:
    return show(request, "file.html", file_of.page(person_id(request)), "file")


@never_cache
@require_safe
@resident_page
def messages(request: HttpRequest) -> HttpResponse:
    """Opening the page is reading; what was new is still marked new on this view."""
    actor = request.actor  # type: ignore[attr-defined]
    found = turn(request, Paginator(post.inbox(actor), PAGE))
    news = [notice(item) for item in found]
    post.mark_read(actor, [item.pk for item in found if item.read_at is None])
    return show(request, "messages.html", {"news": news, **pages(found)}, "home")


@never_cache
@require_safe
@resident_page
def reads(request: HttpRequest) -> HttpResponse:
    rows = ReadLogEntry.objects.filter(person_id=person_id(request))
    found = turn(request, Paginator(rows, PAGE))
    seen = [
        {
            "who": _("%(name)s（%(role)s）") % {"name": row.user_name, "role": describe(row.role).name},
            "what": file_of.what_was_read(row.what),
            "reason": _("原因：%(reason)s") % {"reason": row.reason} if row.reason else "",
            "when": words.moment(row.at),
        }
        for row in found
    ]
    return show(request, "reads.html", {"reads": seen, **pages(found)}, "file")


@never_cache
@resident_page
def settings(request: HttpRequest) -> HttpResponse:
    user = access.signed_in(request)
    if request.method == "POST":
        wanted = request.POST.get("language", "")
        language = wanted if wanted in dict(django_settings.LANGUAGES) else user.language
        elder = request.POST.get("elder") == "1"
        set_preferences(request.actor, language=language, elder_mode=elder)  # type: ignore[attr-defined]
        push = request.POST.get("push", "")
        if push in ("0", "1") and (push == "1") != queries_of.wants_push(person_id(request)):
            choose_push(request.actor, wanted=push == "1")  # type: ignore[attr-defined]
        return speak(redirect("resident:settings"), language)
    context = {
        "languages": [{"value": code, "label": name} for code, name in django_settings.LANGUAGES],
        "language_now": user.language,
        "sizes": [
            {"value": "0", "label": _("平常")},
            {"value": "1", "label": _("大字版"), "hint": _("字大、对比强，可以读给您听，电话一直在屏幕下方")},
        ],
        "size_now": "1" if user.elder_mode else "0",
        "pushes": [
            {"value": "1", "label": _("开"), "hint": _("您可能符合的政策、快到期的待遇，我们主动告诉您")},
            {"value": "0", "label": _("关"), "hint": _("只在您自己来看的时候告诉您；工作人员不能替您打开")},
        ],
        "push_now": "1" if queries_of.wants_push(person_id(request)) else "0",
    }
    return show(request, "settings.html", context, "home")
