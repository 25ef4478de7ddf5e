"""One form for a bundle: already filled, only unknown facts asked; check; submit; what follows.

The draft is kept on every device and after every error. Error pages answer 200 here, because a failed answer
(>= 400) would take the draft back with the rest of the request.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.desk import actions, catalogue, forms
from jiuye.desk.models import Case, Draft
from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, UserError
from jiuye.web import words
from jiuye.web.errors import Wrong, wrong
from jiuye.web.present import cases as present
from jiuye.web.present import forms as show_form
from jiuye.web.resident.frame import person_id, resident_page, show

NOT_ANSWERS = {"csrfmiddlewaretoken", "request_key", "confirm"}


def answers_of(request: HttpRequest) -> dict[str, Any]:
    """What was posted, as `forms.check` takes it: one text, or several for a list of boxes."""
    found: dict[str, Any] = {}
    for name in request.POST:
        values = [value for value in request.POST.getlist(name) if isinstance(value, str)]
        if name not in NOT_ANSWERS and values:
            found[name] = values if len(values) > 1 else values[0]
    return found


def known_bundle(code: str) -> None:
    try:
        catalogue.bundle(code)
    except LookupError as error:
        raise Http404 from error


@never_cache
@resident_page
def form(request: HttpRequest, bundle: str) -> HttpResponse:
    known_bundle(bundle)
    own, today = person_id(request), clock.today()
    if request.method != "POST":
        found = forms.form(own, bundle, today)
        return nothing_to_do(request, found) if found.nothing_to_do else form_page(request, found)
    answers = answers_of(request)
    found = forms.form(own, bundle, today, answers)
    if found.nothing_to_do:
        return nothing_to_do(request, found)
    checked = forms.check(found, answers)
    keep(request, bundle, answers, "form" if checked.errors else "check")
    if not checked.errors:
        return redirect("resident:check", bundle)
    return form_page(request, found, problems_of(found, checked))


def problems_of(found: forms.Form, checked: forms.Checked) -> Wrong:
    """In the order of the page; in the summary with the question, so that it can be told apart."""
    asked = {one.name: one.question for one in found.questions}
    asked |= {one.field: one.label for one in found.supplied}
    problems = Wrong()
    for name, error in checked.errors.items():
        problems.add(str(error), name, about=asked.get(name, ""))
    return problems


def form_page(request: HttpRequest, found: forms.Form, problems: Wrong | None = None) -> HttpResponse:
    draft = Draft.objects.filter(person_id=found.person_id, bundle=found.bundle.code).first()
    context = {
        "title": words.pick(found.bundle.title),
        "steps": show_form.steps("form", found.bundle.code),
        "supplied": show_form.supplied(found, problems),
        "questions": show_form.questions(found, problems),
        "account": show_form.account(found, problems),
        "effects": show_form.effects(found),
        "draft_url": reverse("resident:draft", args=[found.bundle.code]),
        "kept": _("%(when)s 存下的，接着填就行。") % {"when": words.moment(draft.updated_at)}
        if draft
        else "",
        "wrong": problems or wrong(),
    }
    return show(request, "form.html", context, "entitlements")


def nothing_to_do(request: HttpRequest, found: forms.Form) -> HttpResponse:
    """Everything is held or applied for: say so where it can be seen."""
    if found.open_cases:
        messages.info(request, _("您已经交过了，正在办，不用再交一次。"))
        return redirect("resident:case", found.open_cases[0].pk)
    messages.info(request, _("这些您已经有了，不用再申请。"))
    return redirect("resident:entitlements")


@require_POST
@resident_page
def draft(request: HttpRequest, bundle: str) -> HttpResponse:
    """Kept while one types."""
    known_bundle(bundle)
    keep(request, bundle, answers_of(request), "form")
    return HttpResponse(status=204)


def keep(request: HttpRequest, bundle: str, answers: dict[str, Any], step: str) -> None:
    actions.save_draft(
        request.actor,  # type: ignore[attr-defined]
        person_id=person_id(request),
        bundle=bundle,
        answers=answers,
        step=step,
    )


@never_cache
@resident_page
def check(request: HttpRequest, bundle: str) -> HttpResponse:
    known_bundle(bundle)
    own, problems = person_id(request), wrong()
    if request.method == "POST":
        key = as_key(request.POST.get("request_key", ""))
        if key is not None and Case.objects.filter(person_id=own, request_key=key).exists():
            return redirect("resident:submitted", bundle, key)  # a second click, or a lost answer
    found = forms.form(own, bundle, clock.today())
    if found.nothing_to_do:
        return nothing_to_do(request, found)
    if forms.check(found, found.answers).errors:
        return redirect("resident:form", bundle)
    if request.method == "POST":
        if request.POST.get("confirm") != "1":
            problems.add(_("请确认以上是真的"), "confirm")
        else:
            try:
                actions.submit_bundle(
                    request.actor,  # type: ignore[attr-defined]
                    person_id=own,
                    bundle=bundle,
                    answers=dict(found.answers),
                    request_key=found.request_key,
                    channel="web",
                )
            except (UserError, Conflict) as error:
                problems = wrong(error, set())
            else:
                return redirect("resident:submitted", bundle, found.request_key)
    context = {
        "title": words.pick(found.bundle.title),
        "steps": show_form.steps("check", bundle),
        "said": show_form.said_rows(found),
        "known": show_form.known_rows(found),
        "effects": show_form.effects(found),
        "request_key": found.request_key,
        "back": reverse("resident:form", args=[bundle]),
        "wrong": problems,
    }
    return show(request, "check.html", context, "entitlements")


def as_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@never_cache
@require_safe
@resident_page
def submitted(request: HttpRequest, bundle: str, request_key: UUID) -> HttpResponse:
    """Number, promised date, receipt, what follows."""
    own = person_id(request)
    made = list(Case.objects.filter(person_id=own, request_key=request_key).order_by("number"))
    if not made:
        raise Http404
    today = clock.today()
    due = max((case.promised_due for case in made if case.promised_due), default=None)
    receipt = next((case.receipt_id for case in made if case.receipt_id), None)
    context = {
        "steps": show_form.steps("done", bundle),
        "numbers": [{"number": case.number, "title": present.title(case.item)} for case in made],
        "due": words.short_day(due),
        "ended": all(case.ended_at is not None for case in made),
        "receipt": reverse("document", args=[receipt]) if receipt else "",
        "cases": [present.card(case, today) for case in made],
    }
    return show(request, "submitted.html", context, "cases")
