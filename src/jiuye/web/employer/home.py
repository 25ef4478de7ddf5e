"""An employer's start page and its messages."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.foundation import messages as post
from jiuye.registry.models import Employer, EmploymentSpell, Upload
from jiuye.web import words
from jiuye.web.employer.frame import employer_id, employer_page, show
from jiuye.web.lists import notice, pages, turn


@never_cache
@require_safe
@employer_page
def home(request: HttpRequest) -> HttpResponse:
    employer = Employer.objects.filter(pk=employer_id(request)).first()
    if employer is None:
        raise Http404
    working = EmploymentSpell.objects.filter(employer=employer, end__isnull=True).count()
    uploads = Upload.objects.filter(employer=employer).order_by("-uploaded_at")[:5]
    context = {
        "employer": employer,
        "working": working,
        "uploads": [
            {
                "url": reverse("employer:upload_result", args=[item.pk]),
                "title": item.file_name,
                "when": words.moment(item.uploaded_at),
                "word": _("%(n)s 行要改") % {"n": item.bad} if item.bad else _("全部收下"),
                "state": "attention" if item.bad else "good",
            }
            for item in uploads
        ],
        "news": [notice(item) for item in post.inbox(request.actor)[:3]],  # type: ignore[attr-defined]
    }
    return show(request, "home.html", context, "home")


@never_cache
@require_safe
@employer_page
def messages(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    found = turn(request, Paginator(post.inbox(actor), 20))
    news = [notice(item) for item in found]
    post.mark_read(actor, [item.pk for item in found if item.read_at is None])
    return show(request, "messages.html", {"news": news, **pages(found)}, "home")
