"""How each fact about an employer follows from the registers; see `definitions`, whose form this has.

Headcounts are people enrolled in unemployment insurance through the employer. "Last year" is the calendar
year before the day of the question: the year that the refund for stable jobs looks at.
"""

from __future__ import annotations

from typing import Final

from jiuye.registry.facts.definitions import DELIVERED, FED, Definition, months

_YEAR: Final = "date_trunc('year', %(on)s::date)::date"
_LAST_YEAR: Final = f"({_YEAR} - interval '1 year')::date"
_DECEMBER: Final = f"({_YEAR} - interval '1 month')::date"
_DECEMBER_BEFORE: Final = f"({_LAST_YEAR} - interval '1 month')::date"
#: Parameter of the law: how long somebody must have been insured to count as employed for long.
LONG: Final = "startup_insurance_employed_months"
_OPEN: Final = "c.first_month <= %(month)s AND (c.closed_on IS NULL OR c.closed_on > %(on)s)"


def _in(month: str) -> str:
    paid = f"c.first_month <= {month} AND c.last_month >= {month}"
    return f"count(DISTINCT c.person_id) FILTER (WHERE {paid})::bigint"


TABLES: Final[dict[str, str]] = {
    "city": "SELECT code FROM foundation_orgunit WHERE level = 'city'",
    "began": """
        SELECT c.employer_id, min(c.first_month) AS month FROM registry_contributionspell c
         WHERE NOT c.flexible AND {of:c.employer_id} GROUP BY c.employer_id""",
    "insured": f"""
        SELECT c.employer_id,
               count(DISTINCT c.person_id) FILTER (WHERE {_OPEN})::bigint AS now,
               {_in("b.month")} AS first,
               {_in(_DECEMBER_BEFORE)} AS before,
               {_in(_DECEMBER)} AS december
          FROM registry_contributionspell c JOIN began b ON b.employer_id = c.employer_id
         WHERE c.first_month <= %(month)s AND NOT c.flexible AND {{of:c.employer_id}}
         GROUP BY c.employer_id""",  # noqa: S608
    # Of those who work there now: whose household is registered in the city, and who is insured through it
    # (contributions of a month begin in the next at the latest).
    "staff": """
        SELECT s.employer_id,
               count(DISTINCT s.person_id) FILTER (
                   WHERE starts_with(p.hukou_code, (SELECT code FROM city)))::bigint AS local,
               bool_and(s.start >= %(month)s OR EXISTS (
                   SELECT FROM registry_contributionspell c
                    WHERE c.person_id = s.person_id AND c.employer_id = s.employer_id AND NOT c.flexible
                      AND c.first_month <= %(month)s
                      AND (c.closed_on IS NULL OR c.closed_on > %(on)s))) AS agree
          FROM registry_employmentspell s JOIN registry_person p ON p.id = s.person_id
         WHERE s.start <= %(on)s AND (s."end" IS NULL OR s."end" >= %(on)s) AND {of:s.employer_id}
         GROUP BY s.employer_id""",
    "paid_year": f"""
        SELECT c.employer_id, count(DISTINCT m.month)::bigint AS months
          FROM registry_contributionspell c
         CROSS JOIN LATERAL generate_series(greatest(c.first_month, {_LAST_YEAR}),
                                            least(c.last_month, {_DECEMBER}), interval '1 month') m(month)
         WHERE NOT c.flexible AND c.first_month <= {_DECEMBER} AND c.last_month >= {_LAST_YEAR}
           AND {{of:c.employer_id}}
         GROUP BY c.employer_id""",  # noqa: S608
    "each": f"""
        SELECT n.employer_id, max(n.months)::bigint AS longest,
               CASE WHEN %(law_{LONG})s::integer IS NOT NULL
                    THEN count(*) FILTER (WHERE n.months >= %(law_{LONG})s::integer)::bigint END AS long
          FROM (SELECT c.employer_id, c.person_id,
                       sum({months("c.first_month", "least(c.last_month, %(month)s)")}) AS months
                  FROM registry_contributionspell c
                 WHERE NOT c.flexible AND c.first_month <= %(month)s AND {{of:c.employer_id}}
                 GROUP BY c.employer_id, c.person_id
                HAVING bool_or(c.closed_on IS NULL OR c.closed_on > %(on)s)) n
         GROUP BY n.employer_id""",  # noqa: S608
    "delivered": DELIVERED,
    "fed": FED.replace("{key}", "employer_id"),
    "worked": f"""
        SELECT s.employer_id,
               count(DISTINCT s.person_id) FILTER (WHERE s."end" IS NULL OR s."end" >= %(on)s)::bigint AS now,
               count(DISTINCT s.person_id) FILTER (WHERE s."end" >= {_LAST_YEAR} AND s."end" < {_YEAR}
                   AND s.separation_reason IN ('11', '12'))::bigint AS gone
          FROM registry_employmentspell s
         WHERE s.start <= %(on)s AND {{of:s.employer_id}} GROUP BY s.employer_id""",  # noqa: S608
}

#: First two digits of the unified social credit code (GB 32100): who registered it, as what.
KINDS: Final[dict[str, str]] = {
    "91": "enterprise", "92": "sole_trader", "93": "cooperative", "51": "association",
    "52": "private_nonprofit", "53": "foundation", "11": "government", "12": "public_body",
    "13": "mass_organisation",
}  # fmt: skip
_KIND: Final = "CASE left(e.credit_code, 2) {} END".format(
    " ".join(f"WHEN '{digits}' THEN '{kind}'" for digits, kind in KINDS.items())
)

#: Divisions of GB/T 4754-2017 (from, to) by the industries of the size classes, 国统字〔2017〕213号. Finance,
#: education, health and railways have no class; real estate is told apart only by the third digit.
SIZE_INDUSTRIES: Final[tuple[tuple[str, str, str], ...]] = (
    ("01", "05", "farming"), ("06", "46", "industry"), ("47", "50", "construction"),
    ("51", "51", "wholesale"), ("52", "52", "retail"), ("54", "58", "transport"),
    ("59", "59", "storage"), ("60", "60", "post"),
    ("61", "61", "lodging"), ("62", "62", "catering"), ("63", "64", "information"), ("65", "65", "software"),
    ("71", "72", "leasing"), ("73", "75", "other"), ("76", "79", "other"), ("80", "82", "other"),
    ("85", "90", "other"),
)  # fmt: skip
_SIZE_INDUSTRY: Final = "CASE {} WHEN starts_with(e.industry, '701') THEN 'real_estate' {} END".format(
    " ".join(
        f"WHEN left(e.industry, 2) BETWEEN '{first}' AND '{last}' THEN '{code}'"
        for first, last, code in SIZE_INDUSTRIES
    ),
    "WHEN starts_with(e.industry, '702') THEN 'property_management'",
)

_EMPLOYER = ("registry_employer", "单位登记")
_STAFF = ("registry_employmentspell", "就业登记（单位申报）")
_PAID = ("registry_contributionspell", "失业保险缴费记录")

#: Facts that the city's law may declare about an employer, by name.
REGISTER: Final[dict[str, Definition]] = {
    "registered_local": Definition("starts_with(e.unit_code, city.code)", *_EMPLOYER, ("city",)),
    "insured_local": Definition("insured.employer_id IS NOT NULL", *_PAID, ("insured",)),
    "org_kind": Definition(_KIND, *_EMPLOYER),
    # GB/T 4754-2017 class 7263; a shorter code doesn't tell
    "labour_dispatch": Definition(
        "CASE WHEN length(e.industry) >= 4 OR left(e.industry, 2) <> '72'"
        " THEN starts_with(e.industry, '7263') END",
        *_EMPLOYER,
    ),
    "org_district": Definition(
        "CASE WHEN length(e.unit_code) >= 6 THEN left(e.unit_code, 6) END", *_EMPLOYER
    ),
    "staff_count": Definition("coalesce(worked.now, 0)", *_STAFF, ("worked",)),
    "size_staff": Definition("coalesce(worked.now, 0)", *_STAFF, ("worked",)),
    "startup_insured": Definition("coalesce(insured.now, 0) > 0", *_PAID, ("insured",)),
    # 上年稳岗返还裁员率：前年12月参保人数，当年新参保的为首月 (stable-job refund, Shanghai 2024)
    "insured_year_start": Definition(
        f"CASE WHEN began.month <= {_DECEMBER_BEFORE} THEN insured.before"
        f" WHEN began.month <= {_DECEMBER} THEN insured.first END",
        *_PAID,
        ("insured", "began"),
    ),
    "insured_year_end": Definition(
        f"CASE WHEN began.month <= {_DECEMBER} THEN insured.december END", *_PAID, ("insured", "began")
    ),
    "staff_local": Definition("coalesce(staff.local, 0)", *_STAFF, ("staff", "city")),
    "startup_local_workers": Definition("coalesce(staff.local, 0)", *_STAFF, ("staff", "city")),
    "units_agree": Definition("staff.agree", *_PAID, ("staff", "city")),
    "ui_paid_months_last_year": Definition("coalesce(paid_year.months, 0)", *_PAID, ("paid_year",)),
    "insured_longest_months": Definition("coalesce(each.longest, 0)", *_PAID, ("each",)),
    "insured_persons_long": Definition("coalesce(each.long, 0)", *_PAID, ("each",)),
    "size_industry": Definition(_SIZE_INDUSTRY, *_EMPLOYER),
    "natural_reductions": Definition("coalesce(worked.gone, 0)", *_STAFF, ("worked",)),
}
