"""My file: who I am, my life at work, contributions, registrations, account; numbers masked."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.foundation.sealed import mask
from jiuye.registry import documents, queries
from jiuye.registry.models import PayeeAccount, Person
from jiuye.web import words
from jiuye.web.present import law, life

Data = dict[str, Any]
MANY_STARS = re.compile(r"\*{5,}")


def page(person_id: UUID) -> Data:
    """Everything on "my file"."""
    mine = queries.my_file(person_id)
    working = [spell for spell in mine.spells if spell.end is None]
    items = [life.spell(row, row.employer.name) for row in mine.spells]
    items += [life.benefit(row) for row in mine.benefits]
    months = sum(life.months_of(row) for row in mine.contributions)
    return {
        "lead": (
            _("现在在 %(employers)s 上班。")
            % {"employers": _("、").join(row.employer.name for row in working)}
            if working
            else _("现在没有单位给您报在职。")
        ),
        "identity": identity(mine.person),
        "life": life.timeline(items),
        "contributions": [
            life.contribution(row, row.employer.name if row.employer else "") for row in mine.contributions
        ],
        "contributed": _("一共缴了 %(months)s 个月，最近缴到 %(last)s。")
        % {
            "months": months,
            "last": words.month(max((row.last_month for row in mine.contributions), default=None)),
        },
        "registrations": life.timeline([life.registration(row) for row in mine.registrations]),
    }


def identity(person: Person) -> list[Data]:
    """Who the register says one is. Numbers masked: the person knows them, a shoulder surfer should not."""
    source = _("人口登记")
    rows = [
        {"label": _("姓名"), "value": person.name, "source": source},
        {
            "label": law.code("id_type", person.document_type),
            "value": documents.masked(person),
            "source": "",
        },
        {"label": _("出生日期"), "value": words.day(person.birth_date), "source": ""},
    ]
    if person.phone:
        rows.append({"label": _("手机"), "value": mask("phone", person.phone), "source": ""})
    if person.address:
        rows.append(
            {
                "label": _("住址"),
                "value": MANY_STARS.sub("****", mask("address", person.address)),
                "source": "",
            }
        )
    return rows


def account_words(person_id: UUID) -> str:
    """The account payments go to, in one line."""
    row = PayeeAccount.objects.filter(person_id=person_id, replaced_at__isnull=True).first()
    if row is None:
        return _("还没有填")
    return _("%(bank)s，尾号 %(tail)s") % {"bank": row.bank_name, "tail": row.number[-4:]}


def account_rows(row: PayeeAccount) -> list[Data]:
    return [
        {"label": _("户名"), "value": row.holder_name},
        {"label": _("开户银行"), "value": row.bank_name},
        {"label": _("卡号"), "value": _("尾号 %(tail)s") % {"tail": row.number[-4:]}},
    ]


def what_was_read(what: str) -> str:
    """What was opened, in words; `unmask:field` is a number seen in full."""
    named = {
        "person": _("打开了您的档案"),
        "recovery": _("看了您要退还的款项"),
        "task": _("看了和您有关的待办"),
        "sample": _("抽查时看了您的办件"),
        "outreach": _("看了为什么主动找您"),
        "household": _("办理同住家人的事项时，用了您的登记情况"),
    }
    if what.startswith("case:"):
        return _("打开了您的办件 %(number)s") % {"number": what.partition(":")[2]}
    if what.startswith("unmask:"):
        field = what.partition(":")[2]
        whole = {
            "document_number": _("看了完整的证件号码"),
            "phone": _("看了完整的电话号码"),
            "address": _("看了完整的住址"),
            "account": _("看了完整的银行卡号"),
        }
        return whole.get(field, _("看了一项完整的信息"))
    return named.get(what, what)
