"""Pages of a list, and messages, as the portals show them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jiuye.foundation.models import Message
from jiuye.web import words


def turn(request: HttpRequest, paginator: Paginator[Any]) -> Page[Any]:
    """The page that the address asks for; a wrong number is the nearest page."""
    return paginator.get_page(request.GET.get("page"))


def pages(found: Page[Any]) -> dict[str, str]:
    """For c-pagination."""
    return {
        "previous": f"?page={found.previous_page_number()}" if found.has_previous() else "",
        "next": f"?page={found.next_page_number()}" if found.has_next() else "",
        "here": _("第 %(page)s 页，共 %(all)s 页") % {"page": found.number, "all": found.paginator.num_pages},
    }


def notice(item: Message) -> dict[str, Any]:
    """A message in words. A link goes only to our own pages."""
    return {
        "id": item.pk,
        "title": item.title,
        "body": item.body,
        "when": words.moment(item.created_at),
        "unread": item.read_at is None,
        "url": item.link if item.link.startswith("/") else "",
    }
