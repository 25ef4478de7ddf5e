"""Work that is not a case: answer a bad rating, put an account right, agree a repayment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import actions, queries
from jiuye.desk.actions import replaying
from jiuye.desk.models import Task
from jiuye.desk.models.rating import Score
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.readlog import record_read
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.dues import due
from jiuye.web.errors import Wrong, typed, wrong
from jiuye.web.workbench.frame import any_page, show


@any_page
def tasks(request: ActingRequest) -> HttpResponse:
    done = request.GET.get("done") == "1"
    rows = []
    for task in queries.tasks(request.actor, done=done):
        limit = due(task.due_on)
        rows.append(
            {
                "url": reverse("workbench:task", args=[task.pk]),
                "cells": [
                    {"text": task.title},
                    {"text": about(task)},
                    {"text": words.day(task.done_at)}
                    if task.done_at
                    else {"text": limit["text"], "state": limit["state"], "sub": limit["word"]},
                ],
            }
        )
    context = {
        "heading": _("任务"),
        "lead": _("不是办件、但要有人在期限前做完的事。"),
        "columns": [
            {"label": _("做什么")},
            {"label": _("当事人")},
            {"label": _("完成") if done else _("期限")},
        ],
        "rows": rows,
        "filters": [
            {"label": _("要做的"), "url": "?", "current": not done, "key": ""},
            {"label": _("做完的"), "url": "?done=1", "current": done, "key": ""},
        ],
        "empty": _("没有任务"),
        "total": _("共 %d 件") % len(rows),
        "next": "",
    }
    return show(request, "queue.html", context, "tasks")


@any_page
def task(request: ActingRequest, task_id: UUID) -> HttpResponse:
    found = Wrong()
    if request.method == "POST":
        try:
            actions.finish_task(request.actor, task_id=task_id, answer=request.POST.get("answer", ""))
        except (UserError, Conflict) as error:
            found = wrong(error, {"answer"})
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("workbench:task", task_id)
        else:
            messages.success(request, _("记下了，这件任务做完了。"))
            return redirect("workbench:tasks")
    row = Task.objects.select_related("person", "employer", "case").filter(pk=task_id).first()
    if row is None or not row.handled_by.startswith(request.actor.prefix):
        raise NotFound
    if row.person_id is not None:
        record_read(request.actor, row.person_id, "task", unit_code=row.unit_code)
    rows = [
        {"label": _("当事人") if row.person_id else _("单位"), "value": about(row)},
        {"label": _("期限"), "value": due(row.due_on)["text"]},
        *(
            [{"label": _("本人的评价"), "value": _stars(row.detail["score"])}]
            if "score" in row.detail
            else []
        ),
        *([{"label": _("写的话"), "value": row.detail["comment"]}] if row.detail.get("comment") else []),
    ]
    return show(
        request,
        "task.html",
        {
            "task": row,
            "rows": rows,
            "case_url": reverse("workbench:case", args=[row.case_id]) if row.case_id else "",
            "replay_url": _replay_url(row) if row.kind == replaying.KIND else "",
            "wrong": found,
            "typed": typed(request),
            "done": words.moment(row.done_at) if row.done_at else "",
            "public": row.kind == "answer_rating",
        },
        "tasks",
        422 if found else 200,
    )


def _replay_url(task: Task) -> str:
    """Of a decision that no longer comes out as it was; none of one that hangs on no case."""
    page = "workbench:employer_replay" if task.employer_id else "workbench:replay" if task.case_id else ""
    return reverse(page, args=[task.detail["decision"]]) if page else ""


def about(task: Task) -> str:
    """The person or the employer a task is about."""
    subject = task.person or task.employer
    return subject.name if subject else ""


def _stars(score: int) -> str:
    return words.said(str(Score(score).label))
