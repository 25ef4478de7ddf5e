"""What I and my household can have (点单式), and what would change if my situation were another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.desk import casefacts, menu_data
from jiuye.desk import menu as desk
from jiuye.desk.models import Case
from jiuye.foundation import clock
from jiuye.web import words
from jiuye.web.present import menu as present
from jiuye.web.present import what_if
from jiuye.web.resident.frame import person_id, resident_page, show


@never_cache
@require_safe
@resident_page
def entitlements(request: HttpRequest) -> HttpResponse:
    own, today = person_id(request), clock.today()
    cases = Case.objects.filter(person_id=own, ended_at__isnull=True, about_decision__isnull=True)
    known = casefacts.of_person(own, today)
    menu = desk.of_person(known, cases.order_by("-submitted_at"), today)
    context = {
        "lead": present.lead(menu),
        **present.page(menu, known),
        "basis": _("按 %(date)s 的档案和规定算的。档案变了，结果会跟着变。") % {"date": words.day(today)},
        "household": bool(menu_data.current().of(menu_data.HOUSEHOLD)),
    }
    return show(request, "entitlements.html", context, "entitlements")


@never_cache
@require_safe
@resident_page
def household(request: HttpRequest) -> HttpResponse:
    """Results for the household as a whole. What is known of its other members is used, never shown."""
    today = clock.today()
    known = casefacts.of_person(person_id(request), today)
    menu = desk.of_person(known, (), today, menu_data.HOUSEHOLD)
    context = {
        **present.page(menu, known),
        "lead": people(known),
        "basis": _("按 %(date)s 的登记和规定算的。") % {"date": words.day(today)},
    }
    return show(request, "household.html", context, "entitlements")


def people(known: casefacts.Known) -> str:
    """How many live together as far as the register has it, the reader included."""
    if known.members is None:
        return _("登记里没有您的家庭户，所以要看全家情况的项目还不能算。请到居委会登记。")
    return _("登记的家庭户里有 %(n)s 人，包括您。") % {"n": len(known.members) + 1}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@resident_page
def what_if_page(request: HttpRequest) -> HttpResponse:
    """POST only so that a situation doesn't end up in an address; nothing is written."""
    today = clock.today()
    known = casefacts.of_person(person_id(request), today)
    context = what_if.for_person(known, request.POST, today)
    return show(request, "what_if.html", context, "entitlements", status=what_if.status(request, context))
