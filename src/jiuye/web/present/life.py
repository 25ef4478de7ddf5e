"""A life at work as the register knows it: spells, contributions, registrations, benefits as one timeline."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jiuye.desk import catalogue
from jiuye.funds.city import funds
from jiuye.registry.models import BenefitPeriod, ContributionSpell, EmploymentSpell, Registration
from jiuye.registry.models.registration import RegistrationKind
from jiuye.web import words
from jiuye.web.present.law import code

Data = dict[str, Any]


def benefit_name(code: str, stage: str) -> str:
    """As the city's catalogue or its paying office calls it."""
    known = funds().benefits.get(code)
    item = catalogue.paying(code, stage) or catalogue.paying(code)
    title = known.title if known else item.title if item else None
    return words.pick(title) if title else code


def registration_names() -> dict[str, str]:
    return {
        "employment": _("就业登记"),
        "unemployment": _("失业登记"),
        "flexible": _("灵活就业登记"),
        "hardship": _("就业困难人员认定"),
        "zero_household": _("零就业家庭确认"),
    }


def sources() -> dict[str, str]:
    return {
        "employer": _("单位申报"),
        "exchange": _("其他部门的登记"),
        "counter": _("窗口登记"),
        "demo": _("登记系统"),
    }


def spell(row: EmploymentSpell, employer: str) -> Data:
    details = [code("contract_type", row.contract_type)] if row.contract_type else []
    if row.end and row.separation_reason:
        details.append(
            _("单位报的离职原因：%(reason)s") % {"reason": code("separation_reason", row.separation_reason)}
        )
    return {
        "kind": "spell",
        "state": "work",
        "title": employer,
        "when": words.period(row.start, row.end),
        "now": row.end is None,
        "detail": _("；").join(details),
        "source": sources().get(row.source, ""),
        "order": row.end or date.max,
    }


def registration(row: Registration) -> Data:
    name = registration_names().get(row.kind, row.kind)
    detail = ""
    if row.closed_on and row.close_reason:
        table = "separation_reason" if row.kind == RegistrationKind.EMPLOYMENT else "registration_exit"
        detail = _("注销原因：%(reason)s") % {"reason": code(table, row.close_reason)}
    elif row.expires_on:
        detail = _("有效期到 %(date)s") % {"date": words.day(row.expires_on)}
    return {
        "kind": "event",
        "title": _("%(name)s已注销") % {"name": name} if row.closed_on else name,
        "when": words.day(row.closed_on or row.opened_on),
        "detail": detail,
        "order": row.closed_on or row.opened_on,
    }


def benefit(row: BenefitPeriod) -> Data:
    name = benefit_name(row.benefit, row.stage)
    last = row.last_month
    if row.stopped_from is not None:
        detail = _("从 %(month)s 起停发") % {"month": words.month(row.stopped_from)}
    else:
        detail = _("核定到 %(month)s") % {"month": words.month(last)}
    return {
        "kind": "spell",
        "state": "benefit",
        "title": _("领取%(name)s") % {"name": name},
        "when": words.months(row.first_month, last),
        "detail": detail,
        "order": row.first_month,
    }


def timeline(items: list[Data]) -> list[Data]:
    """Newest first; what still runs stands on top."""
    return sorted(items, key=lambda item: item["order"], reverse=True)


def months_of(row: ContributionSpell) -> int:
    """How many months a run of contributions has."""
    return (
        (row.last_month.year - row.first_month.year) * 12 + row.last_month.month - row.first_month.month + 1
    )


def contribution(row: ContributionSpell, employer: str) -> Data:
    return {
        "when": words.months(row.first_month, row.last_month),
        "months": months_of(row),
        "who": employer or (_("本人（灵活就业）") if row.flexible else _("没有单位")),
        "base": words.money(row.base_cents) if row.base_cents is not None else "",
        "now": row.closed_on is None,
    }
