"""One file of a proposal: the text, what is wrong with it at the word, nothing typed is lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jiuye.desk import city
from jiuye.drafting import actions, queries, sandbox, texts
from jiuye.drafting.actions import Overtaken
from jiuye.drafting.queries import Draft
from jiuye.drafting.sandbox import Checked
from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, NotFound, UserError
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.drafting import frame
from jiuye.web.drafting.frame import OFFICER, show
from jiuye.web.present import law_listing

Data = dict[str, Any]
MOST_LISTED = 20  # at the top of the page; beside the text stand all


@never_cache
@OFFICER
def edit(request: ActingRequest, proposal_id: UUID, file: str) -> HttpResponse:
    """GET: the text as it stands, checked. POST `do`: check (keeps nothing), save, drop."""
    found = queries.draft(proposal_id)
    text, edition = found.text(file), found.edition(file)
    if request.method != "POST":
        return _show(request, found, file, text, edition, asked="checked" in request.GET)
    typed, opened = texts.plain(request.POST.get("text", "")), _number(request.POST.get("edition", ""))
    if request.POST.get("do") == "check":
        return _show(request, found, file, typed, opened, asked=True, unsaved=typed != text)
    try:
        if request.POST.get("do") == "drop":
            actions.drop_text(request.actor, proposal_id=proposal_id, path=file, edition=opened)
            messages.success(request, _("这个文件已恢复成现行文字"))
            return redirect("drafting:proposal", proposal_id)
        actions.save_text(request.actor, proposal_id=proposal_id, path=file, text=typed, edition=opened)
    except Overtaken as stopped:
        theirs = {"theirs": stopped.theirs, "edition": stopped.edition, "who": stopped.who}
        return _show(request, found, file, typed, opened, conflict=theirs, status=409)
    except Conflict as stopped:  # no draft any more
        errors = [{"id": "", "text": str(stopped)}]
        return _show(request, found, file, typed, opened, errors=errors, unsaved=True, status=409)
    except UserError as error:
        errors = frame.wrong(error)[1]
        return _show(request, found, file, typed, opened, errors=errors, unsaved=True, status=422)
    messages.success(request, _("已保存"))
    return redirect(f"{reverse('drafting:edit', args=[proposal_id, file])}?checked=1")


@require_POST
@OFFICER
def check(request: ActingRequest, proposal_id: UUID, file: str) -> HttpResponse:
    """The part of the page that says what is wrong, for the text as it is being typed; keeps nothing."""
    found = queries.draft(proposal_id)
    found.text(file)  # NotFound for what is no file of the law
    typed = texts.plain(request.POST.get("text", ""))
    return render(request, "drafting/_checked.html", _result(found, file, typed))


@require_POST
@OFFICER
def add(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """A new file: its page, where nothing is kept before something is saved."""
    found = queries.draft(proposal_id)
    folder, name = request.POST.get("folder", ""), request.POST.get("name", "").strip()
    path = f"{folder}/{name.removesuffix('.yaml')}.yaml"
    if not found.open or not texts.editable(path, found.base):
        messages.error(request, _("文件名只用小写字母、数字和 _，以字母开头，例如 new_grant"))
        return redirect("drafting:proposal", proposal_id)
    return redirect("drafting:edit", proposal_id, path)


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0


def _check(found: Draft, file: str, text: str) -> Checked:
    changed = dict(found.changed)
    changed.pop(file, None)
    if text != found.base.get(file):
        changed[file] = text
    return sandbox.check(found.proposal.base_id, changed, clock.today().isoformat())


def _result(found: Draft, file: str, text: str) -> Data:
    """For _checked.html."""
    if texts.too_large(text):
        return {
            "problems": [], "warnings": [], "good": False, "more": 0, "lines": [],
            "stopped": _("一个文件最多 20 万字节，没有检查"),
        }  # fmt: skip
    checked = _check(found, file, text)
    stopped = {
        "": "",
        "time": _("检查用的时间太长，没有做完。请看看是不是写得太复杂。"),
        "memory": _("检查用的内存太多，没有做完。请看看是不是写得太复杂。"),
    }.get(checked.stopped, _("检查没有做完，请再试一次。"))
    here = [one for one in checked.problems if one.file == file]

    def page(path: str) -> str:
        try:
            found.text(path)
        except NotFound:
            return ""
        return reverse("drafting:edit", args=[found.proposal.pk, path])

    return {
        "problems": [law_listing.problem(one, file, page(one.file)) for one in checked.problems],
        "warnings": [law_listing.problem(one, file, page(one.file)) for one in checked.warnings],
        "good": checked.good,
        "version": checked.version[:12],
        "more": checked.more,
        "stopped": stopped,
        "lines": law_listing.lines(text, here),
    }


def _show(
    request: ActingRequest,
    found: Draft,
    file: str,
    text: str,
    edition: int,
    *,
    asked: bool = False,
    unsaved: bool = False,
    errors: list[dict[str, str]] | None = None,
    conflict: Data | None = None,
    status: int = 200,
) -> HttpResponse:
    """`asked`: somebody wants to know what is wrong, so that comes first. conflict: theirs, edition, who."""
    result = _result(found, file, text)
    summary = errors or []
    if asked and not summary:
        # a link within the page where the word is here, otherwise to the page of the other file
        summary = [{"id": one["id"], "text": one["text"]} for one in result["problems"][:MOST_LISTED]]
    context = {
        "proposal": found.proposal,
        "file": file,
        "title": frame.titles(found).get(file, ""),
        "back": reverse("drafting:proposal", args=[found.proposal.pk]),
        "check_url": reverse("drafting:check", args=[found.proposal.pk, file]),
        "text": text,
        "edition": conflict["edition"] if conflict else edition,
        "open": found.open,
        "unsaved": unsaved,
        "new": file not in found.base,
        "different": found.base.get(file) != text,
        "saved": file in found.files,
        "errors": summary,
        "errors_kept": _("文字都还在。") if not unsaved else _("您写的都还在这一页，还没有保存。"),
        "asked": asked,
        "conflict": _conflict(conflict, text) if conflict else None,
        "rules": _in_force(file),
        **result,
    }
    return show(request, "editor.html", context, status=status)


def _in_force(file: str) -> list[Data]:
    """The rules of this file as the rule book has them."""
    return [
        {"title": words.pick(versions[-1].title) or name, "url": reverse("rules:rule", args=[name])}
        for name, versions in city.law().rules.items()
        if versions[-1].where.rpartition(":")[0] == file and not versions[-1].stop_of
    ]


def _conflict(stopped: Data, mine: str) -> Data:
    """What stands there now beside what was typed."""
    hunks = texts.hunks(stopped["theirs"], mine)
    return {
        "who": stopped["who"],
        "hunks": law_listing.difference(hunks),
        "counted": law_listing.counted(hunks),
        "theirs": stopped["theirs"],
    }
