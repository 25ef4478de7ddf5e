"""Upload a staff file; what was kept and what has to be put right, row by row."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.foundation.errors import Conflict, UserError
from jiuye.registry import actions, staff_file
from jiuye.registry.models import Upload, UploadProblem
from jiuye.web import words
from jiuye.web.employer.frame import employer_id, employer_page, show
from jiuye.web.errors import wrong
from jiuye.web.lists import pages, turn

MOST_BYTES = 10 * 1024 * 1024
PAGE = 100


@never_cache
@employer_page
def upload(request: HttpRequest) -> HttpResponse:
    found = wrong()
    if request.method == "POST":
        try:
            done = take(request)
        except (UserError, Conflict) as error:
            found = wrong(error, {"file"})
        else:
            return redirect("employer:upload_result", done.pk)
    context = {"wrong": found, "megabytes": MOST_BYTES // 1024 // 1024, "columns": staff_file.COLUMNS}
    return show(request, "upload.html", context, "upload", 422 if found else 200)


def take(request: HttpRequest) -> Upload:
    given = request.FILES.get("file")
    if given is None:
        raise UserError(_("请选一个文件"), field="file")
    if given.size is None or given.size > MOST_BYTES:
        raise UserError(_("文件太大，请分成几个再传"), field="file")
    return actions.upload_staff_file(
        request.actor,  # type: ignore[attr-defined]
        employer_id=employer_id(request),
        file_name=(given.name or _("名册.csv"))[:200],
        content=given.read(),
    )


def own(request: HttpRequest, upload_id: UUID) -> Upload:
    found = Upload.objects.filter(pk=upload_id, employer_id=employer_id(request)).first()
    if found is None:
        raise Http404
    return found


@never_cache
@require_safe
@employer_page
def result(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    row = own(request, upload_id)
    found = turn(request, Paginator(UploadProblem.objects.filter(upload=row), PAGE))
    context = {
        "upload": row,
        "when": words.moment(row.uploaded_at),
        "problems": list(found),
        "csv_url": reverse("employer:upload_problems", args=[row.pk]),
        **pages(found),
    }
    return show(request, "upload_result.html", context, "upload")


@never_cache
@require_safe
@employer_page
def problems(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The same list as a file that a spreadsheet opens (BOM for Chinese)."""
    row = own(request, upload_id)
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow([_("行"), _("列"), _("填的内容"), _("要怎么改")])
    for item in UploadProblem.objects.filter(upload=row):
        writer.writerow([item.row, item.column, plain(item.value), item.message])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return answer


def plain(value: str) -> str:
    """A cell that a spreadsheet doesn't take for a formula."""
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


@require_safe
@employer_page
def example(request: HttpRequest) -> HttpResponse:
    """An empty file with the right headings."""
    text = io.StringIO()
    text.write("\ufeff")
    csv.writer(text).writerow(staff_file.COLUMNS)
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="staff.csv"'
    return answer
