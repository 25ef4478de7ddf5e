"""Awards, payments and paying back, for the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.funds import plans
from jiuye.funds.city import expected_day, funds
from jiuye.funds.models import Award, AwardMonth, Instalment, Overpayment, Payment
from jiuye.web import words
from jiuye.web.present.law import code

Data = dict[str, Any]


def benefit(code: str) -> str:
    try:
        return words.pick(funds().benefit(code).title)
    except LookupError:
        return code


def lead(awards: list[Award], months: Mapping[UUID, list[AwardMonth]], today: date) -> str:
    """The next payment, in one sentence."""
    due = sorted(
        (month for award in awards for month in months[award.pk] if month.state == "due"),
        key=lambda month: month.month,
    )
    if not due:
        return ""
    first = due[0]
    day = expected_day(first.benefit, first.month)
    values = {
        "what": benefit(first.benefit),
        "month": words.month(first.month),
        "money": words.money(first.amount_cents),
        "date": words.short_day(day),
    }
    if day < today:
        return _("下一笔是 %(month)s 的%(what)s，%(money)s，随下一批发放。") % values
    return _("下一笔是 %(month)s 的%(what)s，%(money)s，预计 %(date)s 到账。") % values


def month_words() -> dict[str, str]:
    return {"due": _("待发"), "paid": _("已发"), "cancelled": _("不再发")}


def award(row: Award, months: list[AwardMonth]) -> Data:
    """For c-schedule-bars: what was paid, what is to come, what fell away."""
    shown: list[Data] = []
    before: int | None = None
    named = month_words()
    for month in months:
        note = ""
        if before is not None and month.amount_cents != before and month.state != "cancelled":
            note = _("从这个月起每月 %(amount)s") % {"amount": words.money(month.amount_cents)}
        shown.append(
            {
                "label": words.month(month.month),
                "amount": month.amount_cents,
                "text": words.money(month.amount_cents),
                "note": note,
                "state": month.state,
                "word": named.get(month.state, month.state),
            }
        )
        before = month.amount_cents
    note = ""
    if row.stopped_from:
        note = _("从 %(month)s 起停发。原因：%(reason)s。") % {
            "month": words.month(row.stopped_from),
            "reason": stop_words(row.stop_reason or ""),
        }
    counted = [month.amount_cents for month in months if month.state != "cancelled"]
    return {
        "title": benefit(row.benefit),
        "note": note,
        "months": shown,
        "caption": _("%(benefit)s，按月") % {"benefit": benefit(row.benefit)},
        "total": words.money(sum(counted)),
    }


def stop_words(reason: str) -> str:
    """Why a benefit stopped: the life event of the law's own table."""
    return code("life_event", reason) or reason


def payment_words() -> dict[str, tuple[str, str]]:
    return {
        "frozen": ("waiting", _("待发")),
        "sent": ("waiting", _("银行处理中")),
        "paid": ("good", _("已到账")),
        "failed": ("stop", _("银行退回")),
    }


def payment(row: Payment) -> Data:
    state, word = payment_words().get(row.state, ("neutral", row.state))
    note = ""
    if row.state == "failed":
        note = _("银行说：%(reason)s") % {"reason": words.pick(funds().reason(row.failure).words)}
    return {
        "title": _("%(month)s %(benefit)s")
        % {"month": words.month(row.award_month.month), "benefit": benefit(row.award_month.benefit)},
        "when": words.day(row.settled_on or row.run.value_date),
        "account": _("尾号 %(tail)s") % {"tail": row.account_tail},
        "amount": words.money(row.amount_cents),
        "state": state,
        "word": word,
        "note": note,
    }


def failures(rows: list[Payment]) -> list[Data]:
    """What came back and was not paid again yet."""
    shown = []
    for row in rows:
        reason = funds().reason(row.failure)
        text = _("银行说：%(reason)s。钱还在，") % {"reason": words.pick(reason.words)}
        shown.append(
            {
                "kind": "stop",
                "title": _("%(month)s 的 %(money)s 被银行退回了")
                % {"month": words.month(row.award_month.month), "money": words.money(row.amount_cents)},
                "text": text + (_("改好账号就补发。") if reason.account else _("下一批会补发。")),
                "url": reverse("resident:account") if reason.account else "",
                "action": _("改收款账号"),
            }
        )
    return shown


def overpayments(rows: list[Overpayment]) -> list[Data]:
    shown = []
    for row in rows:
        left = row.amount_cents - row.repaid_cents
        text = {
            "found": _("区里还在核定，现在不用做什么。"),
            "decided": _("请选分几次还。"),
            "agreed": _("已经约好怎么还，还差 %(money)s。") % {"money": words.money(left)},
            "repaid": _("已经还清。"),
        }.get(row.state, "")
        shown.append(
            {
                "kind": "good" if row.state == "repaid" else "attention",
                "title": _("有 %(money)s 是多发的") % {"money": words.money(row.amount_cents)},
                "text": text,
                "url": reverse("resident:repayment", args=[row.pk]),
                "action": _("看看是怎么回事"),
            }
        )
    return shown


def overpayment_rows(row: Overpayment) -> list[Data]:
    months = [words.month(date.fromisoformat(str(item)[:7] + "-01")) for item in row.months]
    rows = [
        {"label": _("哪几个月"), "value": _("、").join(months)},
        {
            "label": _("为什么多发"),
            "value": _("%(reason)s以后，钱已经发出去了") % {"reason": stop_words(row.cause)},
        },
        {"label": _("一共"), "value": words.money(row.amount_cents)},
    ]
    if row.repaid_cents:
        rows.append({"label": _("已经还了"), "value": words.money(row.repaid_cents)})
    return rows


def instalment_choices(row: Overpayment, today: date) -> list[Data]:
    """Every plan the city offers, with what each means."""
    shown = []
    for parts in plans.options(row.amount_cents - row.repaid_cents, today):
        first, last = parts[0], parts[-1]
        if len(parts) == 1:
            label = _("一次还清")
            hint = _("%(date)s 前还 %(money)s")
            values = {"date": words.day(first.due_on), "money": words.money(first.amount_cents)}
        else:
            label = _("分 %(n)s 次") % {"n": len(parts)}
            hint = _("每次 %(money)s，从 %(first)s 到 %(last)s")
            values = {
                "money": words.money(first.amount_cents),
                "first": words.month(first.due_on),
                "last": words.month(last.due_on),
            }
        shown.append({"value": str(len(parts)), "label": label, "hint": hint % values})
    return shown


def instalment(row: Instalment) -> Data:
    paid = row.paid_cents >= row.amount_cents
    return {
        "when": _("第 %(n)s 期，%(date)s 前") % {"n": row.number, "date": words.day(row.due_on)},
        "word": _("已还") if paid else _("还没还"),
        "amount": words.money(row.amount_cents),
    }
