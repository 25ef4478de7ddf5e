"""What an employer can have (点单式), and what would change if it hired or its situation were another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.desk import casefacts, employers
from jiuye.desk import menu as desk
from jiuye.desk.models import EmployerCase
from jiuye.foundation import clock
from jiuye.registry import facts as registers
from jiuye.web import words
from jiuye.web.employer.frame import employer_id, employer_page, show
from jiuye.web.present import menu as present
from jiuye.web.present import what_if


@never_cache
@require_safe
@employer_page
def entitlements(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    facts = registers.of_employer(employer_id(request), today)
    own = employer_id(request)
    open_cases = EmployerCase.objects.filter(employer_id=own, ended_at__isnull=True).order_by("-submitted_at")
    had = employers.granted(own, today)
    menu = desk.of_employer(casefacts.known(facts), {}, today, list(open_cases), had)
    context = {
        "lead": present.lead(menu),
        **present.page(menu, casefacts.of_facts(facts, today)),
        "basis": _("按 %(date)s 的登记和规定算的。登记变了，结果会跟着变。") % {"date": words.day(today)},
    }
    return show(request, "entitlements.html", context, "entitlements")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@employer_page
def what_if_page(request: HttpRequest) -> HttpResponse:
    """POST only so that a situation doesn't end up in an address; nothing is written."""
    today = clock.today()
    facts = casefacts.known(registers.of_employer(employer_id(request), today))
    context = what_if.for_employer(facts, request.POST, today)
    return show(request, "what_if.html", context, "entitlements", status=what_if.status(request, context))
