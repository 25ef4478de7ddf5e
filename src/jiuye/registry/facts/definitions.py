"""How each fact follows from the registers: SQL text, the same for one person and for a whole population.

`TABLES` names what is read about a person as of the day; `REGISTER` has one expression a fact over those.
Placeholders: `%(on)s` the day, `%(month)s` its month's first day, `{of:COLUMN}` the people in question.
Facts that no register here knows are left out: they are unknown until somebody states them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language, gettext

#: First two digits of GB/T 2260 and how the place is called.
PROVINCES: Final[dict[str, str]] = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "21": "辽宁省",
    "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省",
    "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省", "42": "湖北省", "43": "湖南省",
    "44": "广东省", "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省", "52": "贵州省",
    "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省",
    "64": "宁夏回族自治区", "65": "新疆维吾尔自治区", "71": "台湾地区", "81": "香港特别行政区",
    "82": "澳门特别行政区",
}  # fmt: skip

_MONTHS: Final = """
    (extract(year FROM {last}) * 12 + extract(month FROM {last})
     - extract(year FROM {first}) * 12 - extract(month FROM {first}) + 1)::bigint"""


def months(first: str, last: str) -> str:
    """Whole months from `first` to `last`, both counted."""
    return _MONTHS.format(first=first, last=last)


#: Which registers of others have delivered by the day, and the newest of each fact that they say is so.
DELIVERED: Final = (
    "SELECT jsonb_object_agg(f.code, f.as_of) FILTER (WHERE f.as_of <= %(on)s) AS days FROM registry_feed f"
)
FED: Final = """
    SELECT n.{key}, jsonb_object_agg(n.fact, n.value) AS facts
      FROM (SELECT DISTINCT ON (r.{key}, r.fact) r.{key}, r.fact, r.value
              FROM registry_feedrecord r
             WHERE r.as_of <= %(on)s AND (r.until IS NULL OR r.until >= %(on)s) AND {of:r.{key}}
             ORDER BY r.{key}, r.fact, r.as_of DESC, r.id DESC) n
     GROUP BY n.{key}"""

#: name -> (what is read, whether it is joined by person_id)
TABLES: Final[dict[str, str]] = {
    "city": "SELECT code FROM foundation_orgunit WHERE level = 'city'",
    "spell": """
        SELECT s.person_id,
               bool_or(s.start <= %(on)s AND (s."end" IS NULL OR s."end" >= %(on)s)) AS working,
               min(s.start) FILTER (WHERE s.start <= %(on)s AND (s."end" IS NULL OR s."end" >= %(on)s))
                   AS working_since,
               bool_or(s."end" <= %(on)s AND (s.end_registered_on IS NULL OR s.end_registered_on > %(on)s))
                   AS exit_open,
               max(s."end") FILTER (WHERE s."end" < %(on)s) AS last_day
          FROM registry_employmentspell s WHERE {of:s.person_id} GROUP BY s.person_id""",
    "ended": """
        SELECT DISTINCT ON (s.person_id) s.person_id, s."end" AS day, s.separation_reason AS reason
          FROM registry_employmentspell s WHERE s."end" <= %(on)s AND {of:s.person_id}
         ORDER BY s.person_id, s."end" DESC, s.start DESC, s.id DESC""",
    "hired": """
        SELECT DISTINCT ON (s.person_id) s.person_id, s.start AS day, s.hire_registered_on AS registered,
               e.unit_code AS unit, s.employer_id AS employer, s.contract_until AS until,
               e.credit_code, e.industry
          FROM registry_employmentspell s JOIN registry_employer e ON e.id = s.employer_id
         WHERE s.start <= %(on)s AND {of:s.person_id}
         ORDER BY s.person_id, s.start DESC, s.id DESC""",
    # The employer of the moment; of several the latest, as it is with `hired`.
    "works": """
        SELECT DISTINCT ON (s.person_id) s.person_id, s.employer_id AS employer
          FROM registry_employmentspell s
         WHERE s.start <= %(on)s AND (s."end" IS NULL OR s."end" >= %(on)s) AND {of:s.person_id}
         ORDER BY s.person_id, s.start DESC, s.id DESC""",
    "drawn": """
        SELECT b.person_id, sum(b.months_used)::bigint AS used,
               max(b.assessed_on) FILTER (WHERE b.stage = 'ordinary') AS assessed_on,
               max(b.first_month) FILTER (WHERE b.first_month <= %(month)s AND b.last_month >= %(month)s
                   AND (b.stopped_from IS NULL OR b.stopped_from > %(month)s)) AS since,
               bool_or(b.stage = 'extension') FILTER (WHERE b.first_month <= %(month)s
                   AND b.last_month >= %(month)s
                   AND (b.stopped_from IS NULL OR b.stopped_from > %(month)s)) AS extending,
               bool_or(b.stage = 'extension' AND b.first_month < %(month)s) AS extended_before,
               max(b.last_month) FILTER (WHERE b.stage = 'ordinary'
                   AND (b.stopped_from IS NULL OR b.stopped_from > b.last_month)) AS last_month
          FROM registry_benefitperiod b
         WHERE b.benefit = 'unemployment_benefit' AND b.assessed_on <= %(on)s AND {of:b.person_id}
         GROUP BY b.person_id""",
    "paid": f"""
        SELECT c.person_id,
               sum({months("c.first_month", "least(c.last_month, %(month)s)")})::bigint AS months,
               sum(CASE WHEN c.first_month >= date_trunc('month', d.assessed_on)
                        THEN {months("c.first_month", "least(c.last_month, %(month)s)")}
                        ELSE greatest({months("d.assessed_on", "least(c.last_month, %(month)s)")} - 1, 0)
                    END)::bigint AS since,
               sum({months("c.first_month", "least(c.last_month, %(month)s)")})
                   FILTER (WHERE NOT starts_with(c.place_code, (SELECT code FROM city)))::bigint AS elsewhere,
               bool_or(NOT c.flexible AND (c.closed_on IS NULL OR c.closed_on > %(on)s)) AS by_employer,
               bool_or(c.flexible AND (c.closed_on IS NULL OR c.closed_on > %(on)s)) AS flexible
          FROM registry_contributionspell c
          LEFT JOIN (SELECT b.person_id, max(b.assessed_on) AS assessed_on FROM registry_benefitperiod b
                      WHERE b.benefit = 'unemployment_benefit' AND b.stage = 'ordinary'
                        AND b.assessed_on <= %(on)s AND {{of:b.person_id}} GROUP BY b.person_id) d
            ON d.person_id = c.person_id
         WHERE c.first_month <= %(month)s AND {{of:c.person_id}} GROUP BY c.person_id""",  # noqa: S608
    "since_hire": f"""
        SELECT c.person_id,
               sum({
        months("greatest(c.first_month, date_trunc('month', h.day)::date)", "least(c.last_month, %(month)s)")
    })::bigint AS months,
               min(greatest(c.first_month, date_trunc('month', h.day)::date)) AS first
          FROM registry_contributionspell c
          JOIN hired h ON h.person_id = c.person_id AND h.employer = c.employer_id
         WHERE c.first_month <= %(month)s AND c.last_month >= date_trunc('month', h.day)
           AND {{of:c.person_id}}
         GROUP BY c.person_id""",  # noqa: S608
    "insured": """
        SELECT DISTINCT ON (c.person_id) c.person_id, c.place_code AS place
          FROM registry_contributionspell c WHERE c.first_month <= %(month)s AND {of:c.person_id}
         ORDER BY c.person_id, c.first_month DESC""",
    "registered": """
        SELECT r.person_id,
               max(r.opened_on) FILTER (WHERE r.kind = 'unemployment') AS unemployed,
               bool_or(r.kind = 'flexible') AS flexible,
               max(r.opened_on) FILTER (WHERE r.kind = 'flexible') AS flexible_on,
               max(r.opened_on) FILTER (WHERE r.kind = 'hardship') AS hard_to_place,
               max(r.opened_on) FILTER (WHERE r.kind = 'zero_household') AS zero_household
          FROM registry_registration r
         WHERE r.opened_on <= %(on)s AND (r.closed_on IS NULL OR r.closed_on > %(on)s) AND {of:r.person_id}
         GROUP BY r.person_id""",
    # The registration as unemployed in which the latest hire fell.
    "before_hire": """
        SELECT r.person_id, max(r.opened_on) AS opened
          FROM registry_registration r JOIN hired h ON h.person_id = r.person_id
         WHERE r.kind = 'unemployment' AND r.opened_on <= h.day
           AND (r.closed_on IS NULL OR r.closed_on >= h.day) AND {of:r.person_id}
         GROUP BY r.person_id""",
    "happened": """
        SELECT v.person_id, array_agg(DISTINCT v.kind::text) AS kinds, min(v.start) AS since
          FROM registry_personevent v
         WHERE v.start <= %(on)s AND (v."end" IS NULL OR v."end" >= %(on)s) AND {of:v.person_id}
         GROUP BY v.person_id""",
    "delivered": DELIVERED,
    "fed": FED.replace("{key}", "person_id"),
    # The newest statement of each kind that is in force; `at` says where it came from.
    "stated": """
        SELECT n.person_id,
               jsonb_object_agg(n.fact, n.value) FILTER (WHERE n.by_staff) AS staff,
               jsonb_object_agg(n.fact, n.value) FILTER (WHERE NOT n.by_staff) AS others,
               jsonb_object_agg(n.fact || CASE WHEN n.by_staff THEN '/staff' ELSE '' END,
                   jsonb_build_object('source', n.source, 'as_of', n.as_of)) AS origin
          FROM (SELECT DISTINCT ON (f.person_id, f.fact, f.source = 'staff')
                       f.person_id, f.fact, f.value, f.source, f.as_of, f.source = 'staff' AS by_staff
                  FROM registry_statedfact f
                 WHERE f.as_of <= %(on)s AND (f.until IS NULL OR f.until >= %(on)s) AND {of:f.person_id}
                 ORDER BY f.person_id, f.fact, f.source = 'staff',
                          f.as_of DESC, f.stated_at DESC, f.id DESC) n
         WHERE n.value IS NOT NULL AND n.value <> 'null'::jsonb
         GROUP BY n.person_id""",
}

_PENSION: Final = "(p.pension_kind <> 'none' AND (p.pension_since IS NULL OR p.pension_since <= %(on)s))"


@dataclass(frozen=True)
class Definition:
    """`sql`: the value; `table`: where it comes from; `label`: how people call that register.

    english: of a label that the city's data has, not the catalogue.
    """

    sql: str
    table: str
    label: str
    uses: tuple[str, ...] = ()
    english: str = ""

    def said(self) -> str:
        """The label in the reader's language."""
        if self.english and (get_language() or "").startswith("en"):
            return self.english
        return gettext(self.label)


def _place(column: str) -> str:
    names = " ".join(f"WHEN '{code}' THEN '{name}'" for code, name in PROVINCES.items())
    return f"CASE left({column}, 2) {names} END"


#: Tables whose text reads other ones.
DEPENDS: Final[dict[str, tuple[str, ...]]] = {
    "paid": ("city",),
    "since_hire": ("hired",),
    "before_hire": ("hired",),
    "insured": ("began",),
}

#: Unemployed without a break, as far as the registers know: registered, and no work since.
_UNEMPLOYED_SINCE: Final = (
    "CASE WHEN registered.unemployed IS NOT NULL AND NOT coalesce(spell.working, false)"
    " THEN greatest(registered.unemployed, spell.last_day + 1) END"
)


def elapsed_between(first: str, after: str) -> str:
    """Whole months from one day to another that isn't counted."""
    past = f"age({after}, {first})"
    return f"(extract(year FROM {past}) * 12 + extract(month FROM {past}))"


def elapsed(since: str) -> str:
    """Whole months since a day."""
    return elapsed_between(since, "%(on)s::date")


_PERSON = ("registry_person", "人员登记")
_SPELL = ("registry_employmentspell", "就业登记（单位申报）")
_PAID = ("registry_contributionspell", "失业保险缴费记录")
_DRAWN = ("registry_benefitperiod", "失业保险待遇记录")
_LISTED = ("registry_registration", "就业失业登记")
_EVENT = ("registry_personevent", "人员状态登记")


REGISTER: Final[dict[str, Definition]] = {
    "birth": Definition("p.birth_date", *_PERSON),
    "sex": Definition("p.sex", *_PERSON),
    "retirement_category": Definition("p.retirement_category", *_PERSON),
    "hukou_local": Definition("starts_with(p.hukou_code, city.code)", *_PERSON, ("city",)),
    "hukou_region": Definition(
        "CASE WHEN p.nationality <> '156' THEN 'foreign' WHEN starts_with(p.hukou_code, city.code)"
        " THEN 'shanghai' WHEN left(p.hukou_code, 2) = '81' THEN 'hong_kong'"
        " WHEN left(p.hukou_code, 2) = '82' THEN 'macau'"
        " WHEN left(p.hukou_code, 2) IN ('71', '83') THEN 'taiwan'"
        " WHEN p.hukou_code IS NOT NULL THEN 'other_province' END",
        *_PERSON,
        ("city",),
    ),
    "hukou_place": Definition(_place("p.hukou_code"), *_PERSON),
    "documents": Definition("ARRAY[p.document_type::text]", *_PERSON),
    "usual_residence_local": Definition("starts_with(p.residence_code, city.code)", *_PERSON, ("city",)),
    "able_to_work": Definition("CASE WHEN p.incapacitated_on <= %(on)s THEN false END", *_PERSON),
    "self_employed_licence": Definition("coalesce(p.self_employed_since <= %(on)s, false)", *_PERSON),
    "pension_kind": Definition(
        "CASE WHEN p.pension_since > %(on)s THEN 'none' ELSE p.pension_kind END", *_PERSON
    ),
    "employed": Definition("coalesce(spell.working, false)", *_SPELL, ("spell",)),
    "exit_procedure_done": Definition("NOT coalesce(spell.exit_open, false)", *_SPELL, ("spell",)),
    "separated_on": Definition("ended.day", *_SPELL, ("ended",)),
    "separation_reason": Definition("ended.reason", *_SPELL, ("ended",)),
    "hired_on": Definition("hired.day", *_SPELL, ("hired",)),
    "employment_registered_on": Definition("hired.registered", *_SPELL, ("hired",)),
    "last_employed_local": Definition("starts_with(hired.unit, city.code)", *_SPELL, ("hired", "city")),
    "last_insured_local": Definition("starts_with(insured.place, city.code)", *_PAID, ("insured", "city")),
    "last_insured_place": Definition(_place("insured.place"), *_PAID, ("insured",)),
    "contribution_years": Definition("coalesce(paid.months, 0) / 12", *_PAID, ("paid",)),
    "social_insurance_stopped": Definition("NOT coalesce(paid.by_employer, false)", *_PAID, ("paid",)),
    "paying_flexible_insurance": Definition("coalesce(paid.flexible, false)", *_PAID, ("paid",)),
    "flexible_registered": Definition("coalesce(registered.flexible, false)", *_LISTED, ("registered",)),
    "registered_unemployed": Definition("registered.unemployed IS NOT NULL", *_LISTED, ("registered",)),
    "unemployment_registered_on": Definition("registered.unemployed", *_LISTED, ("registered",)),
    "events": Definition(
        "array_remove(array_cat(coalesce(happened.kinds, '{}'), ARRAY["
        " CASE WHEN spell.working THEN 'reemployed' END,"
        f" CASE WHEN {_PENSION} THEN 'pension' END,"
        " CASE WHEN p.incapacitated_on <= %(on)s THEN 'incapacitated' END,"
        " CASE WHEN p.died_on <= %(on)s THEN 'deceased' END]), NULL)",
        *_EVENT,
        ("happened", "spell"),
    ),
    "stop_event_on": Definition(
        "least(happened.since, spell.working_since,"
        f" CASE WHEN {_PENSION} THEN p.pension_since END,"
        " CASE WHEN p.incapacitated_on <= %(on)s THEN p.incapacitated_on END,"
        " CASE WHEN p.died_on <= %(on)s THEN p.died_on END)",
        *_EVENT,
        ("happened", "spell"),
    ),
    "ui_months_unused": Definition(
        "greatest(coalesce(paid.months, 0) - coalesce(drawn.used, 0), 0)", *_PAID, ("paid", "drawn")
    ),
    "ui_previously_assessed": Definition("drawn.assessed_on IS NOT NULL", *_DRAWN, ("drawn",)),
    "ui_new_months": Definition(
        "CASE WHEN drawn.assessed_on IS NOT NULL THEN coalesce(paid.since, 0) END", *_PAID, ("paid", "drawn")
    ),
    "ui_residual_before": Definition(
        "CASE WHEN drawn.assessed_on IS NOT NULL THEN"
        " greatest(coalesce(paid.months, 0) - coalesce(paid.since, 0) - drawn.used, 0) END",
        *_PAID,
        ("paid", "drawn"),
    ),
    "ui_receiving": Definition("drawn.since IS NOT NULL", *_DRAWN, ("drawn",)),
    "ui_extending": Definition("coalesce(drawn.extending, false)", *_DRAWN, ("drawn",)),
    "ui_stage": Definition(
        "CASE WHEN drawn.extending THEN 'extension' WHEN drawn.since IS NOT NULL THEN 'ordinary' END",
        *_DRAWN,
        ("drawn",),
    ),
    "ui_month_index": Definition(months("drawn.since", "%(month)s::date"), *_DRAWN, ("drawn",)),
    "ui_extended_before": Definition("coalesce(drawn.extended_before, false)", *_DRAWN, ("drawn",)),
    "ui_award_last_month": Definition(
        "(extract(year FROM drawn.last_month) * 12 + extract(month FROM drawn.last_month) - 1)::integer",
        *_DRAWN,
        ("drawn",),
    ),
    "unemployed_months": Definition(elapsed(f"({_UNEMPLOYED_SINCE})"), *_LISTED, ("registered", "spell")),
    "hardship_recognised": Definition("registered.hard_to_place IS NOT NULL", *_LISTED, ("registered",)),
    "hardship_recognised_on": Definition("registered.hard_to_place", *_LISTED, ("registered",)),
    "zero_household_confirmed_on": Definition("registered.zero_household", *_LISTED, ("registered",)),
    "contract_months": Definition(
        f"CASE WHEN hired.until >= hired.day THEN {elapsed_between('hired.day', 'hired.until + 1')} END",
        *_SPELL,
        ("hired",),
    ),
    "insured_months_since_hire": Definition(
        "CASE WHEN hired.day IS NOT NULL THEN coalesce(since_hire.months, 0) END",
        *_PAID,
        ("hired", "since_hire"),
    ),
    # GB 32100 says as what it is registered, GB/T 4754 class 7263 that it dispatches labour.
    "employer_kind": Definition(
        "CASE WHEN starts_with(hired.industry, '7263') THEN 'dispatch'"
        " WHEN hired.industry IS NULL OR (left(hired.industry, 2) = '72' AND length(hired.industry) < 4)"
        " THEN NULL"
        " ELSE CASE left(hired.credit_code, 2) WHEN '91' THEN 'enterprise' WHEN '92' THEN 'sole_trader'"
        " WHEN '12' THEN 'public_body' WHEN '51' THEN 'association'"
        " WHEN '52' THEN 'private_nonprofit' END END",
        "registry_employer",
        "单位登记",
        ("hired",),
    ),
    "insured_from": Definition("since_hire.first", *_PAID, ("since_hire",)),
    "insured_paid_months": Definition(
        "CASE WHEN hired.day IS NOT NULL THEN coalesce(since_hire.months, 0) END",
        *_PAID,
        ("hired", "since_hire"),
    ),
    "trainee_status": Definition(
        "CASE WHEN spell.working THEN 'employed'"
        " WHEN registered.unemployed IS NOT NULL THEN 'unemployed' END",
        *_SPELL,
        ("spell", "registered"),
    ),
    "insured_at_hire": Definition(
        "CASE WHEN hired.day IS NOT NULL THEN coalesce(since_hire.months, 0) > 0 END",
        *_PAID,
        ("hired", "since_hire"),
    ),
    "registered_at_hire": Definition(
        "CASE WHEN hired.day IS NOT NULL THEN before_hire.opened IS NOT NULL END",
        *_LISTED,
        ("hired", "before_hire"),
    ),
    "registered_months_at_hire": Definition(
        elapsed_between("before_hire.opened", "hired.day"), *_LISTED, ("hired", "before_hire")
    ),
    # Only who entered a school is known, not who left it otherwise: silence is no answer.
    "at_school": Definition("CASE WHEN 'school' = ANY(happened.kinds) THEN true END", *_EVENT, ("happened",)),
    "ui_contribution_months": Definition("coalesce(paid.months, 0)", *_PAID, ("paid",)),
    "months_at_origin": Definition("coalesce(paid.elsewhere, 0)", *_PAID, ("paid", "city")),
    "insured_years_for_grant": Definition(
        "CASE WHEN p.died_on <= %(on)s THEN coalesce(paid.months, 0) / 12 END", *_PAID, ("paid",)
    ),
    "ui_paid_local": Definition("CASE WHEN drawn.since IS NOT NULL THEN true END", *_DRAWN, ("drawn",)),
}
