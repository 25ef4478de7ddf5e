"""Awards: made from a granted decision, stopped when the law says so."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.desk.models import Decision
from jiuye.desk.story import in_language_of
from jiuye.desk.values import day as day_words
from jiuye.desk.values import month as month_words
from jiuye.desk.values import pick
from jiuye.foundation import clock, outbox
from jiuye.foundation.action import action
from jiuye.foundation.errors import NotFound, UserError
from jiuye.foundation.messages import notify
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.funds import ledger, overpayments
from jiuye.funds.city import expected_day, funds, month_after
from jiuye.funds.models import Award, AwardMonth, Payment, PaymentRun
from jiuye.funds.models.award import MonthState
from jiuye.funds.models.run import PaymentState, RunState
from jiuye.funds.money import cents, words
from jiuye.registry.actions import record_benefit, stop_benefit_period

VOIDABLE = (RunState.LOCKED, RunState.APPROVED)  # nothing is booked or sent yet


@action("funds.make_award", roles={Role.SYSTEM})
def make_award(actor: Actor, *, decision_id: UUID) -> Award | None:
    """Award, months and the register's benefit period of a granted decision; None when it pays nothing.

    The same decision again returns the award that is there. UserError when its months are already awarded, or
    another benefit that the law doesn't give beside it.
    """
    decision = Decision.objects.select_for_update(of=("self",)).select_related("person").get(pk=decision_id)
    effects = decision.effects
    if decision.kind != "grant" or decision.decided_at is None or not effects.get("schedule"):
        return None
    known = Award.objects.filter(decision=decision).first()
    if known is not None:
        return known
    schedule = [(_month(line["month"]), int(line["index"]), _cents(line)) for line in effects["schedule"]]
    award = Award.objects.create(
        person_id=decision.person_id,
        unit_code=decision.unit_code,
        benefit=effects["benefit"],
        stage=effects.get("stage", "ordinary"),
        case_id=decision.case_id,
        decision=decision,
        first_month=schedule[0][0],
        months=len(schedule),
        created_at=clock.now(),
    )
    excludes = list(effects.get("excludes") or ())
    _refuse_taken(award, excludes, [line[0] for line in schedule])
    AwardMonth.objects.bulk_create(
        [
            AwardMonth(
                award=award,
                person_id=award.person_id,
                unit_code=award.unit_code,
                benefit=award.benefit,
                month=month,
                index=index,
                amount_cents=amount,
                excludes=excludes,
            )
            for month, index, amount in schedule
        ]
    )
    record_benefit(
        actor,
        person_id=award.person_id,
        benefit=award.benefit,
        award_id=award.pk,
        assessed_on=decision.on,
        first_month=award.first_month,
        last_month=schedule[-1][0],
        months_used=int(effects.get("months_used") or 0),
        stage=award.stage,
    )
    outbox.emit("award_made", f"award:{award.pk}", award=award.pk)
    _tell(award, schedule)
    return award


def _refuse_taken(award: Award, excludes: list[str], months: list[date]) -> None:
    """In words, what the database would refuse."""
    due = AwardMonth.objects.filter(person_id=award.person_id, month__in=months).exclude(
        state=MonthState.CANCELLED
    )
    if due.filter(benefit=award.benefit).exists():
        raise UserError(_("这些月份已有核定，不能重复发放"), code="months_taken")
    beside = due.filter(Q(benefit__in=excludes) | Q(excludes__contains=[award.benefit])).first()
    if beside is not None:
        words_ = {"benefit": pick(funds().benefit(beside.benefit).title), "month": month_words(beside.month)}
        raise UserError(_("%(month)s已核定%(benefit)s，两项同一个月只能享受一项") % words_, code="excluded")


def _tell(award: Award, schedule: list[tuple[date, int, int]]) -> None:
    first = schedule[0]
    with in_language_of(award.person_id):
        notify(
            person_id=award.person_id,
            unit_code=award.unit_code,
            kind="award_made",
            title=_("%(benefit)s已核定，共 %(months)d 个月")
            % {"benefit": pick(funds().benefit(award.benefit).title), "months": award.months},
            body=_("首月 %(month)s，%(amount)s 元，预计 %(day)s 到账。")
            % {
                "month": month_words(first[0]),
                "amount": words(first[2]),
                "day": day_words(expected_day(award.benefit, first[0])),
            },
            link="/resident/payments/",
        )


def _cents(line: dict[str, Any]) -> int:
    return int(line["amount_cents"]) if "amount_cents" in line else cents(line["value"])


def _month(text: str) -> date:
    return date.fromisoformat(f"{text[:7]}-01")


@action("funds.stop_award", roles={Role.SYSTEM})
def stop_award(actor: Actor, *, award_id: UUID, from_month: date, reason: str) -> Award:
    """Nothing is due any more from `from_month` on. Called again with an earlier month it stops earlier; else
    no change.

    Months not yet paid are cancelled, taken out of a list that is not booked yet; what was paid or is at the
    bank
    becomes an overpayment. `reason`: code of life_event.
    """
    award = Award.objects.select_for_update(of=("self",)).filter(pk=award_id).first()
    if award is None:
        raise NotFound
    start = max(from_month.replace(day=1), award.first_month)
    if start > month_after(award.first_month, award.months - 1):
        return award
    if award.stopped_from is not None and award.stopped_from <= start:
        return award
    months = list(award.schedule.select_for_update().filter(month__gte=start).order_by("month"))
    award.stopped_from, award.stop_reason = start, reason
    award.save(update_fields=["stopped_from", "stop_reason"])
    overpaid = _cancel(award, months)
    stop_benefit_period(actor, award_id=award.pk, stopped_from=start, stop_reason=reason)
    outbox.emit("benefit_stopped", f"award:{award.pk}:{start:%Y-%m}", award=award.pk, from_month=start)
    if overpaid:
        overpayments.found(award, overpaid, reason)
    return award


def _cancel(award: Award, months: list[AwardMonth]) -> list[Payment]:
    """Cancel what can still be cancelled; the payments that went out are returned."""
    runs = PaymentRun.objects.filter(payments__award_month__in=months, state__in=VOIDABLE)
    locked = list(runs.order_by("id").distinct().values_list("pk", flat=True))
    for run in PaymentRun.objects.select_for_update(of=("self",)).filter(pk__in=locked).order_by("id"):
        _take_out(run, months)
    ids = [month.pk for month in months]
    out = Payment.objects.filter(
        award_month_id__in=ids, state__in=(PaymentState.FROZEN, PaymentState.SENT, PaymentState.PAID)
    )
    gone = {payment.award_month_id: payment for payment in out.select_related("award_month").defer("account")}
    cancelled = [month for month in months if month.pk not in gone and month.state == MonthState.DUE]
    AwardMonth.objects.filter(pk__in=[month.pk for month in cancelled]).update(state=MonthState.CANCELLED)
    for month in cancelled:
        no_longer_owed(month)
    return [gone[month.pk] for month in months if month.pk in gone]


def _take_out(run: PaymentRun, months: list[AwardMonth]) -> None:
    """Void the payments of these months in a list that isn't booked yet; its sum shrinks with them."""
    if run.state not in VOIDABLE:
        return
    run.payments.filter(award_month__in=months, state=PaymentState.FROZEN).update(state=PaymentState.VOID)
    left = run.payments.filter(state=PaymentState.FROZEN).values_list("amount_cents", flat=True)
    run.count, run.total_cents = len(left), sum(left)
    run.save(update_fields=["count", "total_cents"])


def no_longer_owed(month: AwardMonth) -> None:
    """A month that was booked, came back from the bank and is cancelled: take it off what is owed."""
    failed = (
        Payment.objects.filter(award_month=month, state=PaymentState.FAILED)
        .order_by("-id")
        .defer("account")
        .first()
    )
    if failed is not None:
        ledger.book(
            "cancelled",
            f"payment:{failed.pk}:cancelled",
            [ledger.Amount(failed.amount_cents, failed.person_id, failed.unit_code, failed.pk)],
            benefit=month.benefit,
            text=f"{month.month:%Y-%m}",
            on=clock.today(),
        )
