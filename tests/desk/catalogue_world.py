"""Editors of the catalogue, and a text of an item that lacks nothing."""

from __future__ import annotations

from jiuye.desk import actions
from jiuye.desk.models import ItemVersion
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests.factories import actor

CODE = "contract_advice"
COMPLETE = """
item: contract_advice
codes: {basic: null, implementation: null}
title: {zh: 劳动合同咨询, en: Advice on a labour contract}
plain: {zh: 您问，我们书面答。, en: You ask; we answer in writing.}
basis: [就业促进法 35条]
applicant: person
handling: promised
accepts: street
decides: street
fee: none
promised_days: ui_review_working_days_promised
statutory_days: none
conditions: [{zh: 在本市就业或者找工作, en: Working or looking for work here}]
materials:
  - {name: {zh: 劳动合同, en: Labour contract}, source: own, copies: 1}
  - {name: {zh: 居民身份证, en: Identity card}, source: shared, proves: [birth]}
flow:
  - {step: accept, role: street_clerk, level: street}
  - {step: decide, role: street_clerk, level: street, days: ui_review_working_days_promised}
visits: 0
result: {kind: answer, zh: 书面答复, en: A written answer}
advice: {phone: "12333", place: {zh: 社区事务受理服务中心, en: Community service centre}}
supervision: {phone: "12345"}
faq: [{q: {zh: 要钱吗？, en: Does it cost anything?}, a: {zh: 不要。, en: No.}}]
checks: [{zh: 答复写明依据, en: The answer names its basis}]
tell: {zh: 您想问什么？, en: What would you like to know?}
events: [dispute]
owner: {zh: 市就业促进中心, en: City Employment Promotion Centre}
review_by: 2027-06-30
rating: true
"""


def editor(name: str = "罗安") -> Actor:
    return actor(Role.CATALOGUE_EDITOR, "31", name=name)


def draft(who: Actor, text: str = COMPLETE, code: str = CODE, reason: str = "新增事项") -> ItemVersion:
    """A draft with this text, saved."""
    row = actions.open_item_draft(who, code=code, reason=reason)
    return actions.save_item_draft(who, draft_id=row.pk, text=text, edition=row.edition)


def publish(text: str = COMPLETE, code: str = CODE, reason: str = "新增事项") -> ItemVersion:
    """Through both hands."""
    one, other = editor("罗安"), editor("石磊")
    row = draft(one, text, code, reason)
    actions.submit_item_draft(one, draft_id=row.pk)
    return actions.publish_item(other, draft_id=row.pk)
