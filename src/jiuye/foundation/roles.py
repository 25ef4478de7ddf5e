"""Roles: what a user is for the service. What each may do stands in the actions, what it sees in scope."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Role(StrEnum):
    RESIDENT = "resident"
    EMPLOYER_AGENT = "employer_agent"
    STREET_CLERK = "street_clerk"
    DISTRICT_CASEWORKER = "district_caseworker"
    DISTRICT_APPROVER = "district_approver"
    PAYMENT_OFFICER = "payment_officer"
    PAYMENT_APPROVER = "payment_approver"
    CITY_LEAD = "city_lead"
    LEGAL_OFFICER = "legal_officer"
    CATALOGUE_EDITOR = "catalogue_editor"
    AUDITOR = "auditor"
    SYSTEM = "system"


@dataclass(frozen=True)
class Description:
    """`portal`: where the role works; `purpose`: why it sees data; `level`: of its unit, '' without one."""

    role: Role
    name: StrOrPromise
    portal: str  # resident, employer, counter, workbench, lead, drafting, catalogue, audit; '' for the system
    purpose: str  # service, payment, control, statistics, operation
    level: str  # city, district, street
    sees: StrOrPromise


_TABLE: Final = (
    Description(Role.RESIDENT, _("居民"), "resident", "service", "", _("本人的档案、办件和发放记录")),
    Description(Role.EMPLOYER_AGENT, _("单位经办人"), "employer", "service", "", _("本单位及其用工备案")),
    Description(Role.STREET_CLERK, _("街镇窗口人员"), "counter", "service", "street", _("辖区居民和办件：")),
    Description(
        Role.DISTRICT_CASEWORKER, _("区级经办人员"), "workbench", "service", "district", _("全区居民和办件：")
    ),
    Description(
        Role.DISTRICT_APPROVER, _("区级复核人员"), "workbench", "service", "district", _("全区待复核事项：")
    ),
    Description(Role.PAYMENT_OFFICER, _("基金支付经办"), "workbench", "payment", "city", _("待遇发放批次：")),
    Description(
        Role.PAYMENT_APPROVER, _("基金支付复核"), "workbench", "payment", "city", _("待复核的发放批次：")
    ),
    Description(
        Role.CITY_LEAD, _("市级负责人"), "lead", "statistics", "city", _("各区办件、时效、资金和评价：")
    ),
    Description(
        Role.LEGAL_OFFICER, _("法制工作人员"), "drafting", "statistics", "city", _("规则全文和修订稿：")
    ),
    Description(
        Role.CATALOGUE_EDITOR, _("事项库维护人员"), "catalogue", "statistics", "city", _("事项库和办事指南：")
    ),
    Description(Role.AUDITOR, _("监督审计人员"), "audit", "control", "city", _("抽查样本、证据和查阅记录：")),
    Description(Role.SYSTEM, _("系统"), "", "operation", "", _("按规定自动办理的事项")),
)
DESCRIPTIONS: Final[dict[Role, Description]] = {row.role: row for row in _TABLE}

#: Staff who work on files, from the counter to the second signature.
CASE_STAFF: Final = (Role.STREET_CLERK, Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)
PAYMENT_STAFF: Final = (Role.PAYMENT_OFFICER, Role.PAYMENT_APPROVER)
#: Everybody who acts for a unit; each sees no more than what lies below that unit.
STAFF: Final = (
    *CASE_STAFF, *PAYMENT_STAFF, Role.CITY_LEAD, Role.LEGAL_OFFICER, Role.CATALOGUE_EDITOR, Role.AUDITOR,
)  # fmt: skip


def describe(role: str) -> Description:
    """The words and the place of a role; ValueError for an unknown one."""
    return DESCRIPTIONS[Role(role)]
