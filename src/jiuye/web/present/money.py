"""Awards, payments and paying back, for the person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.funds.city import funds
from jiuye.funds.models import Instalment, Overpayment
from jiuye.funds.models.run import PaymentState
from jiuye.funds.plans import Part
from jiuye.funds.queries import Claim, MyMonth
from jiuye.web import words
from jiuye.web.present.law import code

Data = dict[str, Any]


def benefit(code: str) -> str:
    try:
        return words.pick(funds().benefit(code).title)
    except LookupError:
        return code


def payment_word(state: str) -> str:
    """Where one transfer is, for staff."""
    return {
        PaymentState.FROZEN: _("待发"),
        PaymentState.SENT: _("银行处理中"),
        PaymentState.PAID: _("已到账"),
        PaymentState.FAILED: _("银行退回"),
        PaymentState.VOID: _("未发出"),
    }[PaymentState(state)]


# how a month of `my_payments` looks: state of c-schedule-bars, sign
LOOKS = {
    "planned": ("due", "waiting"),
    "due": ("due", "waiting"),
    "under_way": ("due", "waiting"),
    "paid": ("paid", "good"),
    "returned": ("due", "stop"),
    "left_out": ("due", "attention"),
    "stopped": ("cancelled", "neutral"),
    "to_repay": ("paid", "attention"),
}


def lead(months: list[MyMonth]) -> str:
    """The next payment, in one sentence."""
    coming = [month for month in months if month.state in ("planned", "due", "under_way")]
    if not coming:
        return ""
    first = min(coming, key=lambda month: month.month)
    values = {
        "what": benefit(first.benefit),
        "month": words.month(first.month),
        "money": words.money(first.amount_cents),
        "date": words.short_day(first.expected),
    }
    if first.expected is None:
        return _("下一笔是 %(month)s的%(what)s，%(money)s，随下一批发放。") % values
    return _("下一笔是 %(month)s的%(what)s，%(money)s，预计 %(date)s 到账。") % values


def schedule(months: list[MyMonth]) -> list[Data]:
    """For c-schedule-bars, oldest first: what came, what is to come, what fell away."""
    shown: list[Data] = []
    before: int | None = None
    for month in sorted(months, key=lambda one: one.month):
        state, sign = LOOKS.get(month.state, ("due", "neutral"))
        note = ""
        if before is not None and month.amount_cents != before and state != "cancelled":
            note = _("从这个月起每月 %(amount)s") % {"amount": words.money(month.amount_cents)}
        shown.append(
            {
                "label": words.month(month.month),
                "amount": month.amount_cents,
                "text": words.money(month.amount_cents),
                "note": note,
                "state": state,
                "sign": sign,
                "word": month_word(month),
            }
        )
        before = month.amount_cents
    return shown


def month_word(month: MyMonth) -> str:
    """Only what is worth a word: months that are still far off have none."""
    if month.state == "planned":
        return ""
    if month.state == "paid" and month.paid_on is not None:
        return _("%(date)s到账") % {"date": words.brief_day(month.paid_on)}
    return month.words


def total(months: list[MyMonth]) -> str:
    """What came and will come; not what fell away."""
    return words.money(sum(month.amount_cents for month in months if month.state != "stopped"))


def alerts(months: list[MyMonth]) -> list[Data]:
    """What keeps money back, and what to do about it: one line for each reason."""
    shown: dict[str, Data] = {}
    for month in sorted(months, key=lambda one: one.month):
        if month.state not in ("returned", "left_out") or not month.why:
            continue
        entry = shown.setdefault(
            month.why,
            {
                "kind": "stop" if month.state == "returned" else "attention",
                "months": [],
                "text": month.why + _("。"),
                "url": reverse("resident:account"),
                "action": _("改收款账号"),
            },
        )
        entry["months"].append(words.month(month.month))
    for entry in shown.values():
        entry["title"] = _("%(months)s的钱还没有到") % {"months": _("、").join(entry.pop("months"))}
    return list(shown.values())


def stop_words(reason: str) -> str:
    """Why a benefit stopped: the life event of the law's own table."""
    return code("life_event", reason) or reason


def claims(rows: list[Claim]) -> list[Data]:
    shown = []
    for claim in rows:
        row = claim.overpayment
        text = {
            "found": _("区里还在核定，现在不用做什么。"),
            "prepared": _("区里还在核定，现在不用做什么。"),
            "decided": _("请选分几次还。"),
            "agreed": _("已经约好怎么还，还差 %(money)s。") % {"money": words.money(claim.rest_cents)},
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


def instalment_choices(options: tuple[tuple[Part, ...], ...]) -> list[Data]:
    """Every plan the city offers, with what each means."""
    shown = []
    for parts in options:
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
