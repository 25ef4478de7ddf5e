"""Payment runs: open, lock, sign, take in the bank's answer. The signer sees on one page what changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from jiuye.foundation import clock
from jiuye.foundation.errors import Conflict, Forbidden, UserError
from jiuye.foundation.roles import Role
from jiuye.funds import actions, demo_bank, queries
from jiuye.funds.city import funds
from jiuye.funds.models import PaymentRun
from jiuye.funds.models.run import PaymentState, RunState
from jiuye.registry.demo import personas
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.errors import Wrong, wrong
from jiuye.web.present.money import payment_word
from jiuye.web.workbench.frame import pay_page, show

ICONS = {
    RunState.OPEN: "neutral",
    RunState.LOCKED: "attention",
    RunState.APPROVED: "waiting",
    RunState.RELEASED: "waiting",
    RunState.SENT: "waiting",
    RunState.RECONCILED: "good",
    RunState.DISCARDED: "stop",
}


def state_word(state: str) -> str:
    return {
        RunState.OPEN: _("已建立，名单还没锁定"),
        RunState.LOCKED: _("等另一人批准"),
        RunState.APPROVED: _("已批准，正在记账"),
        RunState.RELEASED: _("已记账，正在做银行文件"),
        RunState.SENT: _("已送银行，等回盘"),
        RunState.RECONCILED: _("已对账"),
        RunState.DISCARDED: _("已退回"),
    }[RunState(state)]


def name_of(run: PaymentRun) -> str:
    benefit = words.pick(funds().benefit(run.benefit).title)
    text = _("%(benefit)s %(month)s") % {"benefit": benefit, "month": words.month(run.month)}
    return _("%(text)s（补发 %(n)s）") % {"text": text, "n": run.sequence} if run.sequence else text


@pay_page
def runs(request: ActingRequest) -> HttpResponse:
    found = Wrong()
    if request.method == "POST":
        try:
            run = _open(request)
        except (UserError, Conflict) as error:
            found = wrong(error, {"month"})
        else:
            return redirect("workbench:run", run.pk)
    rows = [
        {
            "url": reverse("workbench:run", args=[run.pk]),
            "cells": [
                {"text": name_of(run), "sub": run.number},
                {"text": state_word(run.state), "state": ICONS[RunState(run.state)]},
                {"text": f"{run.count:,}", "number": True},
                {"text": words.money(run.total_cents), "number": True},
                {"text": words.day(run.value_date)},
            ],
        }
        for run in queries.runs(request.actor)[:60]
    ]
    this = clock.today().replace(day=1)
    months = [_month_before(this, n) for n in range(3)]
    return show(
        request,
        "runs.html",
        {
            "rows": rows,
            "columns": [
                {"label": _("批次")},
                {"label": _("到哪一步")},
                {"label": _("人数"), "number": True},
                {"label": _("金额"), "number": True},
                {"label": _("银行发放日")},
            ],
            "may_open": request.actor.role is Role.PAYMENT_OFFICER,
            "benefits": [
                {"value": code, "label": words.pick(benefit.title)}
                for code, benefit in funds().benefits.items()
            ],
            "months": [{"value": month.isoformat(), "label": words.month(month)} for month in months],
            "month": request.POST.get("month", this.isoformat()),
            "benefit": request.POST.get("benefit", ""),
            "wrong": found,
        },
        "runs",
        422 if found else 200,
    )


def _open(request: ActingRequest) -> PaymentRun:
    month = request.POST.get("month", "")
    try:
        first = date.fromisoformat(month)
    except ValueError as error:
        raise UserError(_("请选月份"), field="month") from error
    benefit = request.POST.get("benefit", "")
    if request.POST.get("kind") == "supplementary":
        return actions.open_supplementary_run(request.actor, benefit=benefit, month=first)
    return actions.open_run(request.actor, benefit=benefit, month=first)


def _month_before(month: date, n: int) -> date:
    index = month.year * 12 + month.month - 1 - n
    return date(index // 12, index % 12 + 1, 1)


@pay_page
def run(request: ActingRequest, run_id: UUID) -> HttpResponse:
    return run_page(request, run_id)


def run_page(request: ActingRequest, run_id: UUID, found: Wrong | None = None) -> HttpResponse:
    detail = queries.run_detail(request.actor, run_id)
    row = detail.run
    officer = request.actor.role is Role.PAYMENT_OFFICER
    return show(
        request,
        "run.html",
        {
            "run": row,
            "title": name_of(row),
            "shown": {"state": ICONS[RunState(row.state)], "word": state_word(row.state)},
            "sheet": _sheet(request, detail),
            "changes": [
                {"label": _change_word(item.kind), "count": item.count, "money": _signed(item.cents)}
                for item in detail.difference.changes
            ],
            "before": name_of(detail.difference.before) if detail.difference.before else "",
            "states": [
                {
                    "state": PAYMENT_ICONS[PaymentState(state)],
                    "word": payment_word(state),
                    "count": f"{count:,}",
                    "money": words.money(cents),
                }
                for state, (count, cents) in sorted(detail.states.items())
            ],
            "left_out": [
                {
                    "person": item.person.name,
                    "month": words.month(item.award_month.month),
                    "why": _left(item.reason),
                }
                for item in detail.left_out_lines
            ],
            "left_out_total": sum(detail.left_out.values()),
            "lines": [
                {
                    "name": item.payee_name,
                    "account": _("%(bank)s 尾号 %(tail)s")
                    % {"bank": item.bank_name, "tail": item.account_tail},
                    "month": words.month(item.month),
                    "money": words.money(item.amount_cents),
                    "state": PAYMENT_ICONS[PaymentState(item.state)],
                    "word": payment_word(item.state),
                    "failure": failure(item.failure),
                    "change": _change_word(item.change) if item.change else "",
                }
                for item in detail.lines
            ],
            "returns": [
                {
                    "url": reverse("document", args=[item.file_id]),
                    "name": item.file.name,
                    "at": words.moment(item.received_at),
                    "paid": item.paid,
                    "failed": item.failed,
                    "unknown": item.unknown,
                    "problems": item.problems,
                }
                for item in detail.returns
            ],
            "bookings": [
                {"kind": booking_word(booking.kind), "at": words.moment(booking.booked_at)}
                for booking in detail.bookings
            ],
            "files": [
                {"url": reverse("document", args=[pk]), "label": label}
                for pk, label in (
                    (row.bank_file_id, _("银行文件（pain.001）")),
                    (row.list_file_id, _("名单（CSV）")),
                )
                if pk
            ],
            "may_lock": officer and row.state == RunState.OPEN,
            "may_return": officer and row.state == RunState.SENT,
            "may_practise": officer and row.state == RunState.SENT and settings.DEMONSTRATION,
            "working": row.state in (RunState.APPROVED, RunState.RELEASED),
            "done": row.count,
            "wrong": found or wrong(),
            "act_url": reverse("workbench:run_act", args=[row.pk]),
        },
        "runs",
        422 if found else 200,
    )


PAYMENT_ICONS = {
    PaymentState.FROZEN: "waiting",
    PaymentState.SENT: "waiting",
    PaymentState.PAID: "good",
    PaymentState.FAILED: "stop",
    PaymentState.VOID: "neutral",
}


def failure(code: str) -> str:
    """The bank's reason in words."""
    if not code:
        return ""
    reason = funds().reason(code)
    text = words.pick(reason.words)
    return f"{text}（{code}）" if words.chinese() else f"{text} ({code})"


def booking_word(kind: str) -> str:
    """What a booking of the ledger is about (funds/ledger.py)."""
    return {
        "release": _("应付入账"),
        "send": _("送银行"),
        "paid": _("银行已付"),
        "failed": _("银行退回"),
        "returned": _("到账后又退回"),
        "cancelled": _("不再应付"),
        "recovery": _("应收退回"),
        "repaid": _("收到还款"),
    }.get(kind, kind)


def _left(reason: str) -> str:
    return {
        "no_account": _("没有收款账户"),
        "account_failed": _("账户上次被银行退回，还没更正"),
        "no_standard": _("没有当月标准"),
        "deceased": _("本人已去世"),
    }.get(reason, reason)


def _change_word(kind: str) -> str:
    return {
        "joined": _("新领的"),
        "left": _("不再领的"),
        "more": _("金额变多的"),
        "less": _("金额变少的"),
        "arrears": _("补以前月份的"),
        "arrears_before": _("上次补过、这次没有的"),
    }.get(kind, kind)


def _signed(cents: int) -> str:
    return ("+" if cents > 0 else "−" if cents < 0 else "") + words.money(abs(cents))


def _sheet(request: ActingRequest, detail: queries.RunDetail) -> dict[str, Any] | None:
    """What the second person signs, once the list is locked."""
    row = detail.run
    if row.prepared_by is None or row.prepared_at is None:
        return None
    before = detail.difference.before
    lines = [
        {"label": _("批次"), "value": name_of(row)},
        {
            "label": _("人数"),
            "value": f"{row.count:,}",
            "before": f"{before.count:,}" if before else "",
            "changed": before is not None and before.count != row.count,
        },
        {
            "label": _("总额"),
            "value": words.money(row.total_cents),
            "before": words.money(before.total_cents) if before else "",
            "changed": before is not None and before.total_cents != row.total_cents,
        },
        {"label": _("银行发放日"), "value": words.day(row.value_date)},
    ]
    signers = [one for one in (row.approved_by, row.second_approved_by) if one is not None]
    waiting = row.state == RunState.LOCKED
    mine = request.user.pk in {row.prepared_by_id, row.approved_by_id, row.second_approved_by_id}
    return {
        "title": _("这一批的名单和总额"),
        "lines": lines,
        "prepared_by": row.prepared_by.display_name,
        "prepared_at": words.moment(row.prepared_at),
        "url": reverse("workbench:run_act", args=[row.pk])
        if waiting and request.actor.role is Role.PAYMENT_APPROVER
        else "",
        "own": "1" if waiting and mine else "",
        "approved_by": "、".join(one.display_name for one in signers) if not waiting and signers else "",
        "approved_at": words.moment(row.second_approved_at or row.approved_at)
        if not waiting and signers
        else "",
        "returned": row.discarded_reason if row.state == RunState.DISCARDED else "",
        "part": _("%s 已签，还要一人签字") % row.approved_by.display_name
        if waiting and row.approved_by
        else "",
    }


@require_POST
@pay_page
def act(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """One of the steps; what is wrong stands on the run's own page."""
    step = STEPS.get(request.POST.get("action", ""))
    if step is None:
        return redirect("workbench:run", run_id)
    try:
        messages.success(request, step(request, run_id))
    except (UserError, Conflict) as error:
        return run_page(request, run_id, wrong(error, {"reason", "file"}))
    except Forbidden as error:
        messages.error(request, str(error))
    return redirect("workbench:run", run_id)


def _lock(request: ActingRequest, run_id: UUID) -> str:
    row = actions.lock_run(request.actor, run_id=run_id)
    return _("名单锁定了：%(count)s 人，共 %(money)s。收款账户和金额从现在起不会再变，等另一人批准。") % {
        "count": f"{row.count:,}",
        "money": words.money(row.total_cents),
    }


def _approve(request: ActingRequest, run_id: UUID) -> str:
    row = actions.approve_run(request.actor, run_id=run_id)
    if row.state == RunState.LOCKED:
        return _("您的签字记下了。这个金额还要一人签字。")
    return _("批准了。正在记账和做银行文件，关掉页面也会继续。")


def _send_back(request: ActingRequest, run_id: UUID) -> str:
    actions.send_back_run(request.actor, run_id=run_id, reason=request.POST.get("reason", "").strip())
    return _("退回了。这些月份又回到待发，可以重新建批次。")


def _return(request: ActingRequest, run_id: UUID) -> str:
    file = request.FILES.get("file")
    if file is None:
        raise UserError(_("请选银行回盘文件"), field="file")
    return _take(request, run_id, file.name or "return", file.read())


def _practise(request: ActingRequest, run_id: UUID) -> str:
    """The demonstration's bank answers: everything paid but one."""
    if not settings.DEMONSTRATION:
        raise Forbidden
    name, content = demo_bank.make_return(request.actor, run_id, failures=1, people=(personas.WANG_XIUYING,))
    return _take(request, run_id, name, content)


def _take(request: ActingRequest, run_id: UUID, name: str, content: bytes) -> str:
    taken = actions.take_return(request.actor, run_id=run_id, file_name=name, content=content)
    text = _("回盘收下了：%(paid)s 笔到账，%(failed)s 笔退回。") % {
        "paid": taken.paid,
        "failed": taken.failed,
    }
    if taken.unknown:
        text += (
            ngettext("有 %d 行对不上，列在下面。", "有 %d 行对不上，列在下面。", taken.unknown)
            % taken.unknown
        )
    return text


STEPS: dict[str, Callable[[ActingRequest, UUID], str]] = {
    "lock": _lock,
    "approve": _approve,
    "send_back": _send_back,
    "return": _return,
    "practise": _practise,
}
