"""The one form of a bundle, derived: what registers supply is shown, only what nobody knows is asked.

Answers are a flat mapping as a page posts it:
    FACT                 the answer to a question
    not:FACT             what the person says instead of what the register has
    account.bank_name, account.holder_name, account.number      where the money goes
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import assess, casefacts, catalogue, city, entitlements, inputs
from jiuye.desk.assess import Finding
from jiuye.desk.casefacts import Known, Origin
from jiuye.desk.catalogue import Bundle, Item
from jiuye.desk.entitlements import Entitlement
from jiuye.desk.inputs import Option, Raw
from jiuye.desk.models import Case, Draft
from jiuye.desk.values import pick, words
from jiuye.foundation.errors import UserError
from jiuye.foundation.ids import new_id
from jiuye.foundation.sealed import mask
from jiuye.policy import Fact
from jiuye.policy.values import Value
from jiuye.registry.models import PayeeAccount

DISPUTE = "not:"
ACCOUNT = ("account.bank_name", "account.holder_name", "account.number")
ASKED_OF_PEOPLE = ("person", "document")
TELL = "tell"  # field of the applicant's own words, where an item asks for them
LONGEST = 4000  # characters of those words
Answers = Mapping[str, Raw]


@dataclass(frozen=True)
class Supplied:
    """A fact that somebody supplied. `disputable`: "not right? say so", with the same kinds of input."""

    name: str
    label: str
    value: str
    raw: Value
    origin: Origin
    field: str
    widget: str
    options: list[Option]
    disputable: bool
    said: str | list[str]  # what the person says instead, as typed so far


@dataclass(frozen=True)
class Question:
    name: str
    label: str
    question: str
    hint: str
    evidence: str
    widget: str
    options: list[Option]
    answer: str | list[str]  # as typed so far
    why: tuple[str, ...]  # titles of the items it decides


@dataclass(frozen=True)
class Account:
    """Where the money goes. `tail`: of the account that is known; without one it is asked."""

    needed: bool
    bank_name: str
    holder_name: str
    tail: str
    typed: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    person_id: UUID
    bundle: Bundle
    on: date
    request_key: UUID
    supplied: list[Supplied]
    questions: list[Question]
    account: Account | None
    entitlements: list[Entitlement]
    answers: Mapping[str, Any]
    step: str
    items: tuple[str, ...]  # items that will be applied for
    open_cases: tuple[Case, ...]
    known: Known = field(repr=False, default_factory=lambda: Known({}))

    @property
    def nothing_to_do(self) -> bool:
        """Everything is held or already applied for."""
        return not self.items


@dataclass
class Checked:
    """Answers as values. `errors`: field -> what is wrong; nothing may be submitted while there is one."""

    facts: dict[str, Value] = field(default_factory=dict)
    disputed: dict[str, Value] = field(default_factory=dict)
    account: dict[str, str] = field(default_factory=dict)
    words: str = ""
    errors: dict[str, UserError] = field(default_factory=dict)


def form(person_id: UUID, bundle: str, on: date, answers: Answers | None = None) -> Form:
    """The form as it stands: the draft, or `answers` in its place. LookupError for an unknown bundle."""
    entry = catalogue.bundle(bundle)
    draft = Draft.objects.filter(person_id=person_id, bundle=bundle).first()
    kept = json.loads(draft.answers) if draft else {}
    typed: dict[str, Any] = kept if answers is None else dict(answers)
    known = casefacts.of_person(person_id, on)
    open_cases = list(
        Case.objects.filter(
            person_id=person_id,
            item__in=[item.code for item in entry.items],
            ended_at__isnull=True,
            about_decision__isnull=True,
        ).order_by("submitted_at")
    )
    said = _readable(typed, known)
    supposed = replace(known, values={**known.values, **said})
    menu = entitlements.reckon(supposed, open_cases, on, entry.items)
    wanted = [e for e in menu if e.item in entry.items]
    busy = {case.item for case in open_cases}
    held = {e.item.code for e in wanted if e.held}
    applied = tuple(item.code for item in entry.items if item.code not in busy | held)
    questions = _questions(entry, applied, known, typed, on)
    asked = {question.name for question in questions}
    return Form(
        person_id=person_id,
        bundle=entry,
        on=on,
        request_key=draft.request_key if draft else new_id(),
        supplied=_supplied(applied, known, typed, asked, on),
        questions=questions,
        account=_account(person_id, typed) if any(catalogue.item(code).pays for code in applied) else None,
        entitlements=wanted,
        answers=typed,
        step=draft.step if draft else "",
        items=applied,
        open_cases=tuple(open_cases),
        known=known,
    )


def check(form: Form, answers: Answers) -> Checked:
    """Every answer as a value, or its error. Facts that nobody asked are ignored, so nothing slips in."""
    found = Checked()
    facts = city.law().facts
    fresh = _questions(form.bundle, form.items, form.known, dict(answers), form.on)
    for name in dict.fromkeys(q.name for q in [*form.questions, *fresh]):
        if name == TELL:
            _try_words(found, answers.get(name))
            continue
        _try(found, facts[name], answers.get(name), name, found.facts)
    for line in form.supplied:
        raw = answers.get(line.field)
        if line.disputable and raw:
            _try(found, facts[line.name], raw, line.field, found.disputed)
            if found.disputed.get(line.name) == line.raw:
                del found.disputed[line.name]
    if form.account is not None:
        _check_account(form.account, answers, found)
    return found


def errors(form: Form, answers: Answers) -> dict[str, str]:
    """Field -> words, for a page."""
    return {name: str(error) for name, error in check(form, answers).errors.items()}


def _try(found: Checked, fact: Fact, raw: Raw, name: str, into: dict[str, Value]) -> None:
    try:
        into[fact.name] = inputs.parse(fact, raw, name)
    except UserError as error:
        found.errors[name] = error


def _try_words(found: Checked, raw: Raw) -> None:
    found.words = (raw if isinstance(raw, str) else raw[0] if raw else "").strip()
    if not found.words:
        found.errors[TELL] = UserError(_("请写一写"), TELL, "required")
    elif len(found.words) > LONGEST:
        found.errors[TELL] = UserError(_("太长了，最多写 %(most)s 个字") % {"most": LONGEST}, TELL)


def _readable(typed: Mapping[str, Any], known: Known) -> dict[str, Value]:
    """Typed answers that can be read already, for facts that are unknown."""
    facts = city.law().facts
    found: dict[str, Value] = {}
    for name, raw in typed.items():
        if name in facts and known.values.get(name) is None and facts[name].supplier in ASKED_OF_PEOPLE:
            try:
                found[name] = inputs.parse(facts[name], raw)
            except UserError:
                continue
    return found


def _questions(
    bundle: Bundle, applied: tuple[str, ...], known: Known, typed: Mapping[str, Any], on: date
) -> list[Question]:
    """What the rules need and nobody supplied; an answered question stays in the form."""
    law = city.law()
    answered = _readable(typed, known)
    why: dict[str, list[str]] = {}
    values = dict(known.values)
    for code in applied:
        item = catalogue.item(code)
        for facts in (values, {**values, **answered}):
            open_facts = _open(assess.find(item, facts, on, others=known.others)) if item.rule else []
            for name in [*open_facts, *(asked for asked in item.asks if known.values.get(asked) is None)]:
                titles = why.setdefault(name, [])
                if pick(item.title) not in titles:
                    titles.append(pick(item.title))
        values |= item.made(on)
    askable = [law.facts[name] for name in law.facts if name in why and _askable(law.facts[name])]
    own_words = [_own_words(catalogue.item(code), typed) for code in applied if catalogue.item(code).tell]
    return own_words[:1] + [
        Question(
            fact.name,
            pick(fact.label),
            pick(fact.question),
            pick(fact.hint),
            pick(fact.evidence),
            inputs.widget(fact),
            inputs.options(fact),
            typed.get(fact.name, ""),
            tuple(why[fact.name]),
        )
        for fact in askable
    ]


def _own_words(item: Item, typed: Mapping[str, Any]) -> Question:
    """What the item asks the applicant to write in their own words."""
    asked = pick(item.tell)
    return Question(TELL, asked, asked, "", "", "textarea", [], typed.get(TELL, ""), (pick(item.title),))


def _open(finding: Finding) -> list[str]:
    """Facts that are missing: those that decide, and those of every condition still open.

    So a person who is refused learns all the reasons at once, and nobody is asked again later.
    """
    return list(dict.fromkeys([*finding.ask, *(name for one in finding.unknown for name in one.ask)]))


def _askable(fact: Fact) -> bool:
    """A register's fact is asked only where the law has words for the question; staff findings never."""
    return fact.supplier in ASKED_OF_PEOPLE or (
        fact.supplier == "register" and fact.question["zh"] != fact.label["zh"]
    )


def _supplied(
    applied: tuple[str, ...], known: Known, typed: Mapping[str, Any], asked: set[str], on: date
) -> list[Supplied]:
    law = city.law()
    rules = [rule for code in applied for rule in catalogue.item(code).rules]
    made = {name for code in applied for name in catalogue.item(code).makes}
    names = [
        name
        for name in assess.facts_behind(rules, on)
        if known.values.get(name) is not None
        and name not in asked
        and name not in made
        and name not in casefacts.OF_THE_CASE
    ]
    return [
        Supplied(
            name,
            pick(law.facts[name].label),
            words(law.facts[name], known.values[name]),
            known.values[name],
            known.origins.get(name, Origin("register", _("登记信息"))),
            DISPUTE + name,
            inputs.widget(law.facts[name]),
            inputs.options(law.facts[name]),
            law.facts[name].type.kind != "list",
            typed.get(DISPUTE + name, ""),
        )
        for name in names
    ]


def _account(person_id: UUID, typed: Mapping[str, Any]) -> Account:
    now = PayeeAccount.objects.filter(person_id=person_id, replaced_at__isnull=True).first()
    kept = {name: str(typed.get(name, "")) for name in ACCOUNT}
    if now is None:
        return Account(True, "", "", "", kept)
    return Account(False, now.bank_name, now.holder_name, mask("account", now.number)[-4:], kept)


def _check_account(account: Account, answers: Answers, found: Checked) -> None:
    given = {name: str(answers.get(name) or "").strip() for name in ACCOUNT}
    if not account.needed and not any(given.values()):
        return
    labels = {
        "account.bank_name": _("请写开户银行"),
        "account.holder_name": _("请写户名（您本人）"),
        "account.number": _("请写银行卡号或账号"),
    }
    for name, text in given.items():
        if not text:
            found.errors[name] = UserError(labels[name], name, "required")
    number = "".join(ch for ch in given["account.number"] if not ch.isspace() and ch != "-")
    if number and not (number.isdecimal() and 8 <= len(number) <= 32):
        found.errors["account.number"] = UserError(_("账号只有数字，请对照银行卡再写一遍"), "account.number")
    found.account = {
        "bank_name": given["account.bank_name"],
        "holder_name": given["account.holder_name"],
        "number": number,
    }
