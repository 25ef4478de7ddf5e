"""Letters, receipts, files: downloaded by whoever may see them. The database decides, by scope."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.foundation.models import StoredFile
from jiuye.foundation.roles import Role
from jiuye.web.access import page

INLINE = {"application/pdf", "image/png", "image/jpeg"}  # shown by the browser; anything else is only saved


@never_cache
@require_safe
@page(*(role for role in Role if role != Role.SYSTEM))
def document(request: HttpRequest, file_id: UUID) -> HttpResponse:
    try:
        stored = StoredFile.objects.get(pk=file_id)
    except StoredFile.DoesNotExist as error:
        raise Http404 from error
    answer = HttpResponse(bytes(stored.content), content_type=stored.media_type)
    place = "inline" if stored.media_type in INLINE else "attachment"
    answer["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(stored.name)}"
    return answer
