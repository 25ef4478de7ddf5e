"""What the letters of the money room say; documents.render_pdf prints them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from jiuye.desk import catalogue
from jiuye.desk.letters import appeal_words
from jiuye.desk.models import Decision
from jiuye.foundation import clock
from jiuye.foundation.models import OrgUnit, User
from jiuye.funds.city import funds, law
from jiuye.funds.models import Award, Overpayment, Payment
from jiuye.funds.models.run import PaymentState
from jiuye.funds.plans import Part
from jiuye.funds.work import DISTRICT


def office(unit_code: str) -> dict[str, str]:
    """The district that signs, or the city."""
    unit = OrgUnit.objects.filter(code=unit_code[:DISTRICT]).first()
    return {"zh": unit.name, "en": unit.name_en or unit.name} if unit else {"zh": unit_code, "en": unit_code}


def language(person_id: Any) -> str:
    """The language the person chose for the portal."""
    chosen = User.objects.filter(grants__person_id=person_id).values_list("language", flat=True).first()
    return chosen or "zh-hans"


def cause_words(cause: str, benefit: str) -> dict[str, str]:
    """Why a benefit stopped, in words: an event of the code table, or a condition of its rule on stops."""
    if event := law().codes["life_event"].get(cause):
        return dict(event)
    item = catalogue.paying(benefit)
    rule = item.benefit.stop if item and item.benefit else None
    for version in law().rules.get(rule or "", ()):
        for part in version.condition.parts if version.condition else ():
            if part.name == cause:
                return dict(part.label)
    return {"zh": cause, "en": cause}


def conditions(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions of a stored outcome that hold, as the letter lists them."""
    return [
        {"zh": item["label"].get("zh", ""), "en": item["label"].get("en", ""), "state": item["state"],
         "basis": item["basis"] or outcome["basis"]}
        for item in outcome.get("conditions", [])
        if item["state"] == "met"
    ]  # fmt: skip


def recovery_data(claim: Overpayment, decision: Decision) -> dict[str, Any]:
    """For decision_letter: what has to be repaid and why."""
    cause = cause_words(claim.cause, claim.award.benefit)
    paid = Payment.objects.filter(award_month__overpayment=claim, state=PaymentState.PAID)
    rows = paid.order_by("award_month__month").values_list("award_month__month", "amount_cents")
    terms = funds().recovery
    return {
        "number": decision.number,
        "date": clock.today(),
        "name": claim.person.name,
        "office": office(claim.unit_code),
        "item": dict(funds().benefit(claim.award.benefit).title),
        "outcome": "recover",
        "reason": {
            "zh": f"您自{claim.award.stopped_from:%Y年%m月}起不再符合领取条件（{cause['zh']}），"
            "此后发放的待遇应当退回。",
            "en": f"From {claim.award.stopped_from:%Y-%m} you were no longer entitled ({cause['en']}); "
            "what was paid afterwards has to be repaid.",
        },
        "basis": terms.basis,
        "conditions": conditions(decision.outcome),
        "amount_cents": claim.amount_cents,
        "schedule": [{"month": f"{month:%Y-%m}", "amount_cents": amount} for month, amount in rows],
        "appeal": appeal_words(claim.unit_code),
        "language": language(claim.person_id),
    }


def stop_data(award: Award, decision: Decision, from_month: date) -> dict[str, Any]:
    """For decision_letter: from when nothing is paid any more, and why."""
    cause = cause_words(str(award.stop_reason), award.benefit)
    terms = funds().stop
    return {
        "number": decision.number,
        "date": clock.today(),
        "name": decision.person.name,
        "office": office(award.unit_code),
        "item": dict(funds().benefit(award.benefit).title),
        "outcome": "stop",
        "reason": {
            "zh": f"{decision.on:%Y年%m月%d日}{cause['zh']}，自{from_month:%Y年%m月}起停止发放。",
            "en": f"{cause['en']} on {decision.on:%Y-%m-%d}; from {from_month:%Y-%m} nothing is paid.",
        },
        "basis": decision.outcome.get("basis") or terms.basis["zh"],
        "conditions": conditions(decision.outcome),
        "appeal": appeal_words(award.unit_code),
        "language": language(award.person_id),
    }


def plan_data(claim: Overpayment, decision: Decision, parts: Sequence[Part]) -> dict[str, Any]:
    """For repayment_plan."""
    cause = cause_words(claim.cause, claim.award.benefit)
    terms = funds().recovery
    return {
        "number": decision.number,
        "date": clock.today(),
        "name": claim.person.name,
        "office": office(claim.unit_code),
        "total_cents": claim.amount_cents,
        "reason": {
            "zh": f"因{cause['zh']}，您有 {len(claim.months)} 个月的待遇应当退还。经商定，按以下计划退还。",
            "en": f"{len(claim.months)} months of benefit have to be repaid ({cause['en']}), "
            "as agreed below.",
        },
        "basis": terms.basis,
        "decision": decision.number,
        "instalments": [{"due": part.due_on, "amount_cents": part.amount_cents} for part in parts],
        "how": dict(terms.how),
        "appeal": appeal_words(claim.unit_code),
        "language": language(claim.person_id),
    }
