"""Every URL, who may ask for it, and what others get. `test_permissions.py` walks them all.

A visitor is a role; "street_clerk elsewhere" is that role in another place (see `world.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

CASES = ("street_clerk", "district_caseworker", "district_approver")
PAYMENTS = ("payment_officer", "payment_approver")
STAFF = (*CASES, *PAYMENTS, "city_lead", "legal_officer", "catalogue_editor", "auditor")
NOT_CASES = (
    "resident",
    "employer_agent",
    *PAYMENTS,
    "city_lead",
    "legal_officer",
    "catalogue_editor",
    "auditor",
)
NOT_PAYMENTS = (
    "resident",
    "employer_agent",
    *CASES,
    "city_lead",
    "legal_officer",
    "catalogue_editor",
    "auditor",
)
CITY = {
    *PAYMENTS,
    "city_lead",
    "legal_officer",
    "catalogue_editor",
    "auditor",
}  # roles without a place of their own


@dataclass(frozen=True)
class Row:
    """`may` get `answer`; `may_not` get 403; those `elsewhere` get 404; logged out: the login page."""

    url: str  # name with namespace
    may: tuple[str, ...]
    may_not: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    thing: str = ""  # what the URL is about: a method `make_…` of World
    arguments: dict[str, str] = field(default_factory=dict)  # of the URL, besides the thing's
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)  # of a POST
    answer: int = 200


def resident(name: str, thing: str = "", **fields: object) -> Row:
    """A page of the resident portal: only the person's own."""
    others = ("resident elsewhere",) if thing and thing != "draft" else ()
    return Row(f"resident:{name}", ("resident",), ("employer_agent", *STAFF), others, thing, **fields)  # type: ignore[arg-type]


def employer(name: str, thing: str = "", **fields: object) -> Row:
    """A page of the employer portal: only the agent's own employer."""
    others = ("employer_agent elsewhere",) if thing else ()
    return Row(f"employer:{name}", ("employer_agent",), ("resident", *STAFF), others, thing, **fields)  # type: ignore[arg-type]


def case(name: str, thing: str = "", **fields: object) -> Row:
    """A page of the counter and the district: those of the unit that the person belongs to."""
    others = tuple(f"{role} elsewhere" for role in CASES) if thing else ()
    return Row(f"workbench:{name}", CASES, NOT_CASES, others, thing, **fields)  # type: ignore[arg-type]


def drafting(name: str, thing: str = "", **fields: object) -> Row:
    """A page of the sandbox of the law: for the officers of the city alone."""
    others = tuple(role for role in STAFF if role != "legal_officer")
    may_not = ("resident", "employer_agent", *others)
    return Row(f"drafting:{name}", ("legal_officer",), may_not, (), thing, **fields)  # type: ignore[arg-type]


def catalogue(name: str, thing: str = "", **fields: object) -> Row:
    """A page of the catalogue of items: for its editors alone."""
    others = tuple(role for role in STAFF if role != "catalogue_editor")
    may_not = ("resident", "employer_agent", *others)
    return Row(f"catalogue:{name}", ("catalogue_editor",), may_not, (), thing, **fields)  # type: ignore[arg-type]


# Needs no login: (URL name, method) → the answer to somebody unknown. Those with arguments: PUBLIC_ARGUMENTS.
PUBLIC = {
    ("healthz", "get"): 200,
    ("start", "get"): 302,
    ("login", "get"): 200,
    ("logout", "post"): 302,
    ("switch_grant", "get"): 302,
    ("set_language", "post"): 302,
    ("elder_mode", "post"): 302,
    ("demonstration_day", "post"): 302,
    ("gallery", "get"): 200,
    ("guides:index", "get"): 200,
    ("guides:guide", "get"): 200,
    ("rules:index", "get"): 200,
    ("rules:sources", "get"): 200,
    ("rules:rule", "get"): 200,
    ("rules:parameter", "get"): 200,
}
PUBLIC_ARGUMENTS = {
    "guides:guide": {"code": "unemployment_benefit"},
    "rules:rule": {"name": "ui_eligible"},
    "rules:parameter": {"name": "ui_rate_m01_12"},
}

DISTRICT = ("district_caseworker", "district_approver")
NOT_DISTRICT = ("street_clerk", *(role for role in NOT_CASES))
ELSEWHERE = ("district_caseworker elsewhere", "district_approver elsewhere")
BUNDLE = {"bundle": "unemployed"}
LABOUR_AGE = {"file": "rules/labour_age.yaml"}
CLAIMS = ("district_caseworker", "district_approver", *PAYMENTS)

ROWS: tuple[Row, ...] = (
    Row(
        "document",
        ("resident", *CASES),
        (),
        ("resident elsewhere", "employer_agent", "street_clerk elsewhere", "district_approver elsewhere"),
        "receipt",
    ),
    resident("home"),
    resident("offer", "outreach"),
    resident("offer_answer", "outreach", method="post", data={"answer": "no"}, answer=302),
    resident("file"),
    resident("entitlements"),
    resident("household"),
    resident("what_if"),
    resident("what_if", method="post", data={"ui_months_unused": "60"}),
    resident("what_if", method="post", data={"ui_months_unused": "-1"}, answer=422),
    resident("messages"),
    resident("reads"),
    resident("settings"),
    resident("form", arguments=BUNDLE),
    resident("draft", arguments=BUNDLE, method="post", answer=204),
    resident("check", "draft", arguments=BUNDLE),
    resident("check", "draft", arguments=BUNDLE, method="post", data={"confirm": "1"}, answer=302),
    resident("submitted", "submission", arguments=BUNDLE),
    resident("cases"),
    resident("case", "case"),
    resident("answer", "case", method="post", answer=422),
    resident("withdraw", "case", method="post", answer=302),
    resident("rate", "ended_case"),
    resident("rate", "ended_case", method="post", data={"score": "5"}, answer=302),
    resident("decision", "decision"),
    resident("appeal", "refusal"),
    resident("payments"),
    resident("account"),
    resident("account", method="post", answer=422),
    resident("repayment", "overpayment"),
    employer("home"),
    employer("messages"),
    employer("entitlements"),
    employer("what_if"),
    employer("what_if", method="post", data={"contract_months": "24"}),
    employer("claims"),
    employer("claim_new", arguments={"item": "employer_hiring_subsidy"}),
    employer("claim_new", arguments={"item": "first_grant"}, method="post", answer=422),
    employer("claim", "employer_case"),
    employer("claim_withdraw", "employer_case", method="post", answer=302),
    employer("offers"),
    employer("offers", method="post", data={"push": "0"}, answer=302),
    employer("offer", "employer_outreach"),
    employer("offer_answer", "employer_outreach", method="post", data={"answer": "no"}, answer=302),
    employer("upload"),
    employer("upload", method="post", answer=422),
    employer("upload_example"),
    employer("upload_result", "upload"),
    employer("upload_problems", "upload"),
    employer("staff"),
    employer("end", "spell"),
    employer("hire"),
    employer("hire", method="post", answer=422),
    case("queue"),
    Row(
        "workbench:next_case",
        ("street_clerk", "district_caseworker"),
        (*NOT_CASES, "district_approver"),
        method="post",
        answer=302,
    ),
    Row("workbench:lateness", DISTRICT, NOT_DISTRICT),
    case("team"),
    case("team", method="post", answer=422),
    case("cover_end", "cover", method="post", answer=302),
    case("case", "case"),
    Row(
        "workbench:case_act",
        ("street_clerk",),
        NOT_CASES,
        ("street_clerk elsewhere", "district_caseworker elsewhere", "district_approver elsewhere"),
        "case",
        method="post",
        data={"act": "take"},
        answer=302,
    ),
    case("unmask", "case", method="post", data={"why": ""}, answer=422),
    case("replay", "decision"),
    Row(
        "workbench:sign",
        ("district_approver",),
        NOT_CASES,
        ("street_clerk elsewhere", "district_caseworker elsewhere", "district_approver elsewhere"),
        "unsigned",
        method="post",
        answer=302,
    ),
    Row(
        "workbench:tasks",
        (*CASES, *PAYMENTS),
        ("resident", "employer_agent", "city_lead", "legal_officer", "catalogue_editor", "auditor"),
    ),
    Row(
        "workbench:task",
        ("district_caseworker", "district_approver"),
        ("resident", "employer_agent", "city_lead", "legal_officer", "catalogue_editor", "auditor"),
        ("district_caseworker elsewhere", "district_approver elsewhere", "street_clerk elsewhere"),
        "task",
    ),
    Row("workbench:employer_cases", DISTRICT, NOT_DISTRICT),
    Row("workbench:employer_replay", DISTRICT, NOT_DISTRICT, ELSEWHERE, "employer_decision"),
    Row("workbench:employer_case", DISTRICT, NOT_DISTRICT, ELSEWHERE, "employer_case"),
    Row(
        "workbench:employer_sign",
        ("district_approver",),
        NOT_DISTRICT,
        ELSEWHERE,
        "employer_decision",
        method="post",
        answer=302,
    ),
    case("people"),
    case("person", "person"),
    case("outreach"),
    case("outreach_one", "outreach"),
    case("outreach_nights"),
    Row("workbench:outreach_night", CASES, NOT_CASES, (), "night"),
    case("duplicates"),
    case("duplicate", "duplicate"),
    case("undo_merge", "merge", method="post", data={"reason": ""}, answer=302),
    Row("workbench:runs", PAYMENTS, NOT_PAYMENTS),
    Row("workbench:run", PAYMENTS, NOT_PAYMENTS, (), "run"),
    Row("workbench:run_act", PAYMENTS, NOT_PAYMENTS, (), "run", method="post", answer=302),
    Row(
        "workbench:recoveries",
        CLAIMS,
        (
            "resident",
            "employer_agent",
            "street_clerk",
            "city_lead",
            "legal_officer",
            "catalogue_editor",
            "auditor",
        ),
    ),
    Row(
        "workbench:recovery",
        CLAIMS,
        (
            "resident",
            "employer_agent",
            "street_clerk",
            "city_lead",
            "legal_officer",
            "catalogue_editor",
            "auditor",
        ),
        ("district_caseworker elsewhere", "district_approver elsewhere"),
        "overpayment",
    ),
    Row(
        "lead:map",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
    ),
    Row(
        "lead:outreach",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
    ),
    Row(
        "lead:outreach_nights",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
    ),
    Row(
        "lead:law_changes",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
    ),
    Row(
        "lead:law_changes",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
        method="post",
        data={"name0": "ui_min_contribution_months", "value0": "24"},
        answer=302,
    ),
    *(
        Row(
            f"lead:{name}",
            ("city_lead",),
            ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
            (),
            "comparison",
        )
        for name in ("law_change", "law_change_csv")
    ),
    Row(
        "lead:outreach_night",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
        (),
        "night",
    ),
    Row(
        "lead:unit",
        ("city_lead",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "legal_officer", "catalogue_editor", "auditor"),
        (),
        "district",
    ),
    Row(
        "audit:samples",
        ("auditor",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "city_lead", "legal_officer", "catalogue_editor"),
    ),
    Row(
        "audit:sample",
        ("auditor",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "city_lead", "legal_officer", "catalogue_editor"),
        (),
        "sample",
    ),
    Row(
        "audit:reads",
        ("auditor",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "city_lead", "legal_officer", "catalogue_editor"),
    ),
    Row(
        "audit:history",
        ("auditor",),
        ("resident", "employer_agent", *CASES, *PAYMENTS, "city_lead", "legal_officer", "catalogue_editor"),
    ),
    drafting("proposals"),
    drafting("new"),
    drafting("new", method="post", answer=422),
    drafting("new", method="post", data={"title": "改", "reason": "因为"}, answer=302),
    drafting("proposal", "proposal"),
    drafting("act", "proposal", method="post", data={"action": "submit"}, answer=422),
    drafting("act", "proposal", method="post", data={"action": "withdraw"}, answer=302),
    drafting("add", "proposal", method="post", data={"folder": "rules", "name": "new_one"}, answer=302),
    drafting("edit", "proposal", arguments=LABOUR_AGE),
    drafting("edit", "proposal", arguments=LABOUR_AGE, method="post", data={"do": "check", "text": "a: 1"}),
    drafting("check", "proposal", arguments=LABOUR_AGE, method="post", data={"text": "a: 1"}),
    drafting("changes", "proposal"),
    drafting("patch", "proposal"),
    drafting("trial", "proposal", arguments={"kind": "examples"}),
    drafting("trial", "proposal", arguments={"kind": "city"}, method="post", answer=302),
    drafting("onto", "proposal", answer=302),
    catalogue("items"),
    catalogue("new"),
    catalogue("new", method="post", answer=422),
    catalogue("item", "installed_item"),
    catalogue("begin", "installed_item", method="post", data={"reason": "改错字"}, answer=302),
    catalogue("confirm", "installed_item", method="post", data={"review_by": "2027-06-30"}, answer=302),
    catalogue("version", "item_version"),
    catalogue("draft", "item_draft"),
    catalogue("draft", "item_draft", method="post", data={"do": "check", "text": "item: x"}),
    catalogue("check", "item_draft", method="post", data={"text": "item: x"}),
    catalogue("act", "item_draft", method="post", data={"action": "withdraw"}, answer=302),
)
